//! A payment of a pilgrim. The rules of its fields, for import and API alike.

use serde::Deserialize;
use time::Date;

use crate::{
    Change, Fields, Input, JamaahId, PaymentId, Stored,
    input::{Check, number, parsed},
    package::set,
    value::{
        FieldErrors, Notes, PaymentMethod, ReferenceNumber, Rupiah, ValueError, iso_date,
        payment_date,
    },
};

/// A payment as stored (table `payments`).
pub type Payment = Stored<PaymentId, NewPayment>;

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

impl Fields for NewPayment {
    type Id = PaymentId;
    type Input = PaymentInput;
    const LABEL: &'static str = "Pembayaran";
}

/// A payment's fields as a request gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentInput {
    /// Required.
    pub jamaah_id: Change<JamaahId>,
    /// Required.
    pub jumlah: Change<i64>,
    /// Required; ISO.
    pub tanggal_bayar: Change<String>,
    /// Required.
    pub metode_pembayaran: Change<String>,
    /// May be empty.
    pub nomor_referensi: Change<String>,
    /// May be empty.
    pub catatan: Change<String>,
}

impl Input for PaymentInput {
    type New = NewPayment;

    fn check(self, current: Option<&NewPayment>, _today: Date) -> Result<NewPayment, FieldErrors> {
        let paid = |amount| Rupiah::new(amount).and_then(Rupiah::paid);
        let day = |raw: &str| iso_date(raw).and_then(payment_date);
        let mut check = Check::new(current);
        let jamaah_id = check.required("jamaah_id", self.jamaah_id, |old| &old.jamaah_id, parsed);
        let jumlah = check.required("jumlah", self.jumlah, |old| &old.jumlah, number(paid));
        let tanggal_bayar = check.required(
            "tanggal_bayar",
            self.tanggal_bayar,
            |old| &old.tanggal_bayar,
            day,
        );
        let metode_pembayaran = check.required(
            "metode_pembayaran",
            self.metode_pembayaran,
            |old| &old.metode_pembayaran,
            PaymentMethod::parse,
        );
        let nomor_referensi = check.optional(
            "nomor_referensi",
            self.nomor_referensi,
            |old| &old.nomor_referensi,
            ReferenceNumber::parse,
        );
        let catatan = check.optional("catatan", self.catatan, |old| &old.catatan, Notes::parse);
        check.finish(|| {
            Some(NewPayment {
                jamaah_id: jamaah_id?,
                jumlah: jumlah?,
                tanggal_bayar: tanggal_bayar?,
                metode_pembayaran: metode_pembayaran?,
                nomor_referensi,
                catatan,
            })
        })
    }
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
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 20);

    #[test]
    fn a_payment_needs_four_fields() {
        let errors = PaymentInput::default().check(None, TODAY).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            ["jamaah_id", "jumlah", "tanggal_bayar", "metode_pembayaran"]
        );
        let draft = PaymentInput {
            jamaah_id: Change::Set("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()),
            jumlah: Change::Set(5_000_000),
            tanggal_bayar: Change::Set("2027-01-05".to_owned()),
            metode_pembayaran: Change::Set("Tunai".to_owned()),
            ..PaymentInput::default()
        };
        assert_eq!(
            draft.clone().check(None, TODAY).unwrap().metode_pembayaran,
            PaymentMethod::Cash
        );
        let errors = PaymentInput {
            jumlah: Change::Set(0),
            ..draft
        }
        .check(None, TODAY)
        .unwrap_err();
        assert_eq!(
            errors.0[0].message(),
            "Jumlah harus antara 1 dan 999999999999999: 0"
        );
    }
}
