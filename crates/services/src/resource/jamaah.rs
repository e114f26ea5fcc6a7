//! Pilgrims.

use domain::Change;

/// What a client sends of a pilgrim.
#[derive(Debug, Clone, Default)]
pub struct JamaahDraft {
    /// Full name.
    pub nama: Change<String>,
    /// E-mail address, unique in the tenant without regard to case.
    pub email: Change<String>,
    /// Telephone number in any unambiguous form; stored as E.164.
    pub telepon: Change<String>,
    /// Postal address.
    pub alamat: Change<String>,
    /// NIK, 16 digits, unique in the tenant.
    pub ktp: Change<String>,
    /// `YYYY-MM-DD`.
    pub tanggal_lahir: Change<String>,
    /// `L` or `P`.
    pub jenis_kelamin: Change<String>,
    /// The package.
    pub paket_id: Change<uuid::Uuid>,
    /// `lead` … `cancelled`.
    pub status: Change<String>,
    /// Notes.
    pub catatan: Change<String>,
}

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum JamaahResource {}
