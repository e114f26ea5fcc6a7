//! Payments of pilgrims.

use domain::Change;

/// What a client sends of a payment.
#[derive(Debug, Clone, Default)]
pub struct PaymentDraft {
    /// The pilgrim.
    pub jamaah_id: Change<uuid::Uuid>,
    /// Whole rupiah.
    pub jumlah: Change<i64>,
    /// `YYYY-MM-DD`.
    pub tanggal_bayar: Change<String>,
    /// `transfer_bank`, `cash`, `credit_card`, `debit_card`, `qris` or `other`.
    pub metode_pembayaran: Change<String>,
    /// Unique per pilgrim.
    pub nomor_referensi: Change<String>,
    /// Notes.
    pub catatan: Change<String>,
}

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum PaymentResource {}
