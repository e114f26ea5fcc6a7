//! Travel packages.

use domain::Change;

/// What a client sends of a package.
#[derive(Debug, Clone, Default)]
pub struct PackageDraft {
    /// Name; with the departure date unique in the tenant.
    pub nama: Change<String>,
    /// Description.
    pub deskripsi: Change<String>,
    /// Days.
    pub durasi_hari: Change<i64>,
    /// Whole rupiah.
    pub harga_retail: Change<i64>,
    /// Whole rupiah.
    pub harga_wholesale: Change<i64>,
    /// `YYYY-MM-DD`.
    pub tanggal_keberangkatan: Change<String>,
    /// Seats.
    pub kapasitas: Change<i64>,
    /// `draft`, `published` or `archived`.
    pub status: Change<String>,
}

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum PackageResource {}
