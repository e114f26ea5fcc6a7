//! How the fields of a request become the fields of a record. Creating and changing are one check with one rule a field: a
//! new record has no fields to keep, a changed one has.

use std::{borrow::Borrow, fmt::Display};

use serde::de::DeserializeOwned;
use time::Date;

use crate::{
    Change,
    value::{FieldError, FieldErrors, ValueError},
};

/// The fields of a record as a request gives them, unchecked.
pub trait Input: Clone + Default + DeserializeOwned + Send + Sync + 'static {
    /// The checked fields.
    type New;

    /// Checks every field. `current` holds what absent fields keep; `None` if the record is new, and then an absent field
    /// is an empty one. `today` is the day in Jakarta.
    ///
    /// # Errors
    /// All errors at once.
    fn check(self, current: Option<&Self::New>, today: Date) -> Result<Self::New, FieldErrors>;
}

/// A field: its name, what the request says of it, and where it stands in the current record.
pub(crate) type Asked<New, Raw, T> = (&'static str, Change<Raw>, fn(&New) -> &T);

/// The [`Asked`] field of an input, which has the same name in the record: `field!(self.nama)`.
macro_rules! field {
    ($input:ident.$name:ident) => {
        (stringify!($name), $input.$name, |current| &current.$name)
    };
}
pub(crate) use field;

/// Checks one field after the other and collects the errors.
pub(crate) struct Check<'c, New> {
    current: Option<&'c New>,
    errors: FieldErrors,
}

impl<'c, New> Check<'c, New> {
    pub(crate) fn new(current: Option<&'c New>) -> Self {
        Self {
            current,
            errors: FieldErrors::default(),
        }
    }

    /// A field that cannot be empty.
    pub(crate) fn required<Raw, Seen, T>(
        &mut self,
        (field, wish, of): Asked<New, Raw, T>,
        parse: impl FnOnce(&Seen) -> Result<T, ValueError>,
    ) -> Option<T>
    where
        Raw: Borrow<Seen> + Display,
        Seen: ?Sized,
        T: Clone,
    {
        match (wish, self.current) {
            (Change::Keep, Some(current)) => Some(of(current).clone()),
            (Change::Set(raw), _) => {
                let read = parse(raw.borrow());
                self.take(field, &raw, read)
            }
            (Change::Keep | Change::Clear, _) => self.take(field, &"", Err(ValueError::Empty)),
        }
    }

    /// An id that cannot be empty; parsing the request checked it.
    pub(crate) fn id<T: Copy + Display>(&mut self, asked: Asked<New, T, T>) -> Option<T> {
        self.required(asked, |id: &T| Ok(*id))
    }

    /// A field that may be empty; a blank text empties it.
    pub(crate) fn optional<Raw, Seen, T>(
        &mut self,
        (field, wish, of): Asked<New, Raw, Option<T>>,
        parse: impl FnOnce(&Seen) -> Result<T, ValueError>,
    ) -> Option<T>
    where
        Raw: Borrow<Seen> + Display,
        Seen: ?Sized,
        T: Clone,
    {
        match wish {
            Change::Keep => self.current.and_then(|current| of(current).clone()),
            Change::Clear => None,
            Change::Set(raw) => match parse(raw.borrow()) {
                Err(ValueError::Empty) => None,
                read => self.take(field, &raw, read),
            },
        }
    }

    /// A field that a new record may leave to its default, and that cannot be emptied afterwards.
    pub(crate) fn defaulted<T: Clone>(
        &mut self,
        (field, wish, of): Asked<New, String, T>,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        if self.current.is_some() {
            return self.required((field, wish, of), parse);
        }
        let given = self.optional((field, wish, |_| &None), parse);
        Some(given.unwrap_or(default))
    }

    /// The record, if there was no error. `build` returns `None` only if a required field had one.
    pub(crate) fn finish(self, build: impl FnOnce() -> Option<New>) -> Result<New, FieldErrors> {
        match build() {
            Some(new) if self.errors.0.is_empty() => Ok(new),
            _ => Err(self.errors),
        }
    }

    fn take<T>(
        &mut self,
        field: &'static str,
        value: &dyn Display,
        read: Result<T, ValueError>,
    ) -> Option<T> {
        read.map_err(|error| {
            self.errors.0.push(FieldError {
                field,
                value: value.to_string(),
                error,
            });
        })
        .ok()
    }
}

/// Reads a JSON number.
pub(crate) fn number<T>(
    check: impl FnOnce(i64) -> Result<T, ValueError>,
) -> impl FnOnce(&i64) -> Result<T, ValueError> {
    |number| check(*number)
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use uuid::Uuid;

    use super::*;
    use crate::{
        JamaahId, JamaahInput, NewJamaah, NewPackage, NewPayment, PackageId, PackageInput,
        PaymentInput,
    };

    const TODAY: Date = date!(2026 - 11 - 20);

    fn record<I: Input>(input: I) -> I::New {
        input.check(None, TODAY).expect("the fields are right")
    }

    /// An import that updates records checks the cells of a row and merges them in the database, field by field. That stores
    /// what this module would only as long as no rule is about several fields: a new one has to be checked there as well.
    macro_rules! a_change_of_any_fields_is_the_change_of_each {
        ($($name:ident: $input:ident, $new:ident { $($field:ident: $old:expr => $wish:expr),* $(,)? })*) => {$(
            #[test]
            fn $name() {
                let old = record($input { $($field: Change::Set($old.into()),)* });
                let wished = record($input { $($field: Change::Set($wish.into()),)* });
                let fields = [$(stringify!($field)),*];
                for chosen in 0_u32..1 << fields.len() {
                    let is_chosen = |field| {
                        let index = fields.iter().position(|name| *name == field);
                        index.is_some_and(|index| chosen & (1 << index) != 0)
                    };
                    let input = $input {
                        $($field: match is_chosen(stringify!($field)) {
                            true => Change::Set($wish.into()),
                            false => Change::Keep,
                        },)*
                    };
                    let merged = $new {
                        $($field: match is_chosen(stringify!($field)) {
                            true => wished.$field.clone(),
                            false => old.$field.clone(),
                        },)*
                    };
                    assert_eq!(input.check(Some(&old), TODAY), Ok(merged), "{chosen:b}");
                }
            }
        )*};
    }

    a_change_of_any_fields_is_the_change_of_each! {
        of_a_pilgrim: JamaahInput, NewJamaah {
            nama: "Siti" => "Siti Aminah",
            email: "siti@contoh.id" => "aminah@contoh.id",
            telepon: "081234567890" => "081298765432",
            alamat: "Bandung" => "Jakarta",
            ktp: "3175014509900001" => "3175010505909111",
            tanggal_lahir: "1990-09-05" => "2020-01-31",
            jenis_kelamin: "P" => "L",
            paket_id: PackageId::from_uuid(Uuid::from_u128(1)) => PackageId::from_uuid(Uuid::from_u128(2)),
            status: "lead" => "cancelled",
            catatan: "lama" => "baru",
        }
        of_a_package: PackageInput, NewPackage {
            nama: "Reguler" => "Plus",
            deskripsi: "lama" => "baru",
            durasi_hari: 40 => 9,
            harga_retail: 90_000_000 => 1_000_000,
            harga_wholesale: 80_000_000 => 95_000_000,
            tanggal_keberangkatan: "2033-03-15" => "2027-01-02",
            kapasitas: 450 => 1,
            status: "draft" => "archived",
        }
        of_a_payment: PaymentInput, NewPayment {
            jamaah_id: JamaahId::from_uuid(Uuid::from_u128(1)) => JamaahId::from_uuid(Uuid::from_u128(2)),
            jumlah: 90_000_000 => 1,
            tanggal_bayar: "2020-01-31" => "2026-11-19",
            metode_pembayaran: "cash" => "transfer_bank",
            nomor_referensi: "A-1" => "B-2",
            catatan: "lama" => "baru",
        }
    }
}
