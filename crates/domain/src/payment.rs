//! A payment of a pilgrim. The rules of its fields, for import and API alike.

use serde::Deserialize;
use time::Date;

use crate::{
    Change, Fields, Input, JamaahId, PaymentId, Stored,
    input::{Check, field, number},
    value::{FieldErrors, Notes, PaymentMethod, ReferenceNumber, Rupiah, iso_date, payment_date},
};

/// A payment as stored (table `payments`).
pub type Payment = Stored<PaymentId, NewPayment>;

/// The fields of a payment, checked. Pilgrim and reference number together are unique in a tenant where there is a number:
/// one transfer may pay for a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// The pilgrim.
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
        let jamaah_id = check.id(field!(self.jamaah_id));
        let jumlah = check.required(field!(self.jumlah), number(paid));
        let tanggal_bayar = check.required(field!(self.tanggal_bayar), day);
        let metode_pembayaran =
            check.required(field!(self.metode_pembayaran), PaymentMethod::parse);
        let nomor_referensi = check.optional(field!(self.nomor_referensi), ReferenceNumber::parse);
        let catatan = check.optional(field!(self.catatan), Notes::parse);
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
