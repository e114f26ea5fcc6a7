//! A payment of a pilgrim. The rules of its fields, for import and API alike.

use time::Date;

use crate::{
    Change, JamaahId, JobId, PaymentId, TenantId, Timestamp,
    package::set,
    value::{
        FieldErrors, Notes, PaymentMethod, ReferenceNumber, Rupiah, ValueError, iso_date,
        payment_date,
    },
};

/// A payment as it is stored (table `payments`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The tenant that received it.
    pub tenant_id: TenantId,
    /// What was paid.
    pub fields: NewPayment,
    /// Counts changes: 1 when new.
    pub version: i64,
    /// The job that imported it; none for one made by hand or whose job was deleted.
    pub migration_job_id: Option<JobId>,
    /// The spreadsheet row it was imported from.
    pub import_row_number: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The fields of a payment, checked. Pilgrim and reference number together are unique in a tenant where there is a number:
/// one transfer may pay for a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// For whom.
    pub jamaah_id: JamaahId,
    /// How much; more than nothing.
    pub jumlah: Rupiah,
    /// When.
    pub tanggal_bayar: Date,
    /// How.
    pub metode_pembayaran: PaymentMethod,
    /// Number of the receipt or transfer.
    pub nomor_referensi: Option<ReferenceNumber>,
    /// Remarks.
    pub catatan: Option<Notes>,
}

/// A payment as a request gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentDraft {
    /// Required.
    pub jamaah_id: Option<JamaahId>,
    /// Required.
    pub jumlah: Option<i64>,
    /// Required; ISO.
    pub tanggal_bayar: Option<String>,
    /// Required.
    pub metode_pembayaran: Option<String>,
    /// May be empty.
    pub nomor_referensi: Option<String>,
    /// May be empty.
    pub catatan: Option<String>,
}

impl PaymentDraft {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn check(self) -> Result<NewPayment, FieldErrors> {
        let mut errors = FieldErrors::default();
        let jamaah_id = errors.present("jamaah_id", self.jamaah_id);
        let jumlah = errors.required_number("jumlah", self.jumlah, paid);
        let tanggal_bayar = errors.required("tanggal_bayar", self.tanggal_bayar, payment_day);
        let metode_pembayaran = errors.required(
            "metode_pembayaran",
            self.metode_pembayaran,
            PaymentMethod::parse,
        );
        let nomor_referensi = errors.optional(
            "nomor_referensi",
            self.nomor_referensi,
            ReferenceNumber::parse,
        );
        let catatan = errors.optional("catatan", self.catatan, Notes::parse);
        match (jamaah_id, jumlah, tanggal_bayar, metode_pembayaran) {
            (Some(jamaah_id), Some(jumlah), Some(tanggal_bayar), Some(metode_pembayaran))
                if errors.0.is_empty() =>
            {
                Ok(NewPayment {
                    jamaah_id,
                    jumlah,
                    tanggal_bayar,
                    metode_pembayaran,
                    nomor_referensi,
                    catatan,
                })
            }
            _ => Err(errors),
        }
    }
}

/// What a request changes in a payment, unchecked. Absent keys keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentChanges {
    /// Cannot be cleared.
    pub jamaah_id: Change<JamaahId>,
    /// Cannot be cleared.
    pub jumlah: Change<i64>,
    /// Cannot be cleared.
    pub tanggal_bayar: Change<String>,
    /// Cannot be cleared.
    pub metode_pembayaran: Change<String>,
    /// Can be cleared.
    pub nomor_referensi: Change<String>,
    /// Can be cleared.
    pub catatan: Change<String>,
}

/// Checked changes of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentPatch {
    /// For another pilgrim.
    pub jamaah_id: Option<JamaahId>,
    /// A new amount.
    pub jumlah: Option<Rupiah>,
    /// A new day.
    pub tanggal_bayar: Option<Date>,
    /// A new method.
    pub metode_pembayaran: Option<PaymentMethod>,
    /// A new reference number, or none.
    pub nomor_referensi: Change<ReferenceNumber>,
    /// New remarks, or none.
    pub catatan: Change<Notes>,
}

impl PaymentChanges {
    /// Checks every field that is given.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn check(self) -> Result<PaymentPatch, FieldErrors> {
        let mut errors = FieldErrors::default();
        let patch = PaymentPatch {
            jamaah_id: errors.change_id("jamaah_id", self.jamaah_id),
            jumlah: errors.change_number("jumlah", self.jumlah, paid),
            tanggal_bayar: errors.change("tanggal_bayar", self.tanggal_bayar, payment_day),
            metode_pembayaran: errors.change(
                "metode_pembayaran",
                self.metode_pembayaran,
                PaymentMethod::parse,
            ),
            nomor_referensi: errors.change_optional(
                "nomor_referensi",
                self.nomor_referensi,
                ReferenceNumber::parse,
            ),
            catatan: errors.change_optional("catatan", self.catatan, Notes::parse),
        };
        errors.into_result().map(|()| patch)
    }
}

impl PaymentPatch {
    /// Carries out the changes.
    pub fn apply(self, fields: &mut NewPayment) {
        set(&mut fields.jamaah_id, self.jamaah_id);
        set(&mut fields.jumlah, self.jumlah);
        set(&mut fields.tanggal_bayar, self.tanggal_bayar);
        set(&mut fields.metode_pembayaran, self.metode_pembayaran);
        self.nomor_referensi.apply(&mut fields.nomor_referensi);
        self.catatan.apply(&mut fields.catatan);
    }
}

fn paid(amount: i64) -> Result<Rupiah, ValueError> {
    Rupiah::new(amount).and_then(Rupiah::paid)
}

fn payment_day(raw: &str) -> Result<Date, ValueError> {
    iso_date(raw).and_then(payment_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_needs_four_fields() {
        let errors = PaymentDraft::default().check().unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            ["jamaah_id", "jumlah", "tanggal_bayar", "metode_pembayaran"]
        );
        let draft = PaymentDraft {
            jamaah_id: Some("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()),
            jumlah: Some(5_000_000),
            tanggal_bayar: Some("2027-01-05".to_owned()),
            metode_pembayaran: Some("Tunai".to_owned()),
            ..PaymentDraft::default()
        };
        assert_eq!(
            draft.clone().check().unwrap().metode_pembayaran,
            PaymentMethod::Cash
        );
        let errors = PaymentDraft {
            jumlah: Some(0),
            ..draft
        }
        .check()
        .unwrap_err();
        assert_eq!(
            errors.0[0].message(),
            "Jumlah harus antara 1 dan 999999999999999: 0"
        );
    }
}
