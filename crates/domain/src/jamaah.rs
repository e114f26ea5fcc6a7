//! A pilgrim, who travels with a package. The rules of its fields, for import and API alike.

use serde::Deserialize;
use time::Date;
use uuid::Uuid;

use crate::{
    Change, Fields, Input, JamaahId, PackageId, Stored,
    input::{Check, field},
    value::{
        Address, EmailAddress, FieldErrors, Gender, JamaahStatus, Nik, Notes, PersonName,
        PhoneNumber, ValueError, birth_date, iso_date, match_key,
    },
};

/// A pilgrim as stored (table `jamaah`).
pub type Jamaah = Stored<JamaahId, NewJamaah>;

/// The fields of a pilgrim, checked. `ktp` and `email` are each unique in a tenant where present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJamaah {
    /// The name.
    pub nama: PersonName,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Telephone number; families share one.
    pub telepon: Option<PhoneNumber>,
    /// Postal address.
    pub alamat: Option<Address>,
    /// Number of the identity card.
    pub ktp: Option<Nik>,
    /// Date of birth.
    pub tanggal_lahir: Option<Date>,
    /// Gender.
    pub jenis_kelamin: Option<Gender>,
    /// The package.
    pub paket_id: PackageId,
    /// Status with the agency.
    pub status: JamaahStatus,
    /// Remarks.
    pub catatan: Option<Notes>,
}

impl Fields for NewJamaah {
    type Id = JamaahId;
    type Input = JamaahInput;
    const LABEL: &'static str = "Jamaah";
}

/// A pilgrim's fields as a request gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JamaahInput {
    /// Required.
    pub nama: Change<String>,
    /// May be empty.
    pub email: Change<String>,
    /// May be empty.
    pub telepon: Change<String>,
    /// May be empty.
    pub alamat: Change<String>,
    /// May be empty.
    pub ktp: Change<String>,
    /// May be empty; ISO.
    pub tanggal_lahir: Change<String>,
    /// May be empty.
    pub jenis_kelamin: Change<String>,
    /// Required.
    pub paket_id: Change<PackageId>,
    /// Default of a new record: `lead`.
    pub status: Change<String>,
    /// May be empty.
    pub catatan: Change<String>,
}

impl Input for JamaahInput {
    type New = NewJamaah;

    fn check(self, current: Option<&NewJamaah>, today: Date) -> Result<NewJamaah, FieldErrors> {
        let birth = |raw: &str| iso_date(raw).and_then(|date| birth_date(date, today));
        let mut check = Check::new(current);
        let nama = check.required(field!(self.nama), PersonName::parse);
        let email = check.optional(field!(self.email), EmailAddress::parse);
        let telepon = check.optional(field!(self.telepon), PhoneNumber::parse);
        let alamat = check.optional(field!(self.alamat), Address::parse);
        let ktp = check.optional(field!(self.ktp), Nik::parse);
        let tanggal_lahir = check.optional(field!(self.tanggal_lahir), birth);
        let jenis_kelamin = check.optional(field!(self.jenis_kelamin), Gender::parse);
        let paket_id = check.id(field!(self.paket_id));
        let status = check.defaulted(
            field!(self.status),
            JamaahStatus::DEFAULT,
            JamaahStatus::parse,
        );
        let catatan = check.optional(field!(self.catatan), Notes::parse);
        check.finish(|| {
            Some(NewJamaah {
                nama: nama?,
                email,
                telepon,
                alamat,
                ktp,
                tanggal_lahir,
                jenis_kelamin,
                paket_id: paket_id?,
                status: status?,
                catatan,
            })
        })
    }
}

/// A reference to a pilgrim in a spreadsheet, recognised in this order: id, identity card, e-mail address, telephone number, name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JamaahRef {
    /// By id.
    Id(JamaahId),
    /// By identity card.
    Ktp(Nik),
    /// By e-mail address.
    Email(EmailAddress),
    /// By telephone number.
    Phone(PhoneNumber),
    /// By name, in the form of [`match_key`].
    Name(String),
}

impl JamaahRef {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`ValueError::Empty`], [`ValueError::Nul`], and [`ValueError::ScientificNotation`] if Excel destroyed the digits of a NIK.
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        if raw.contains('\0') {
            return Err(ValueError::Nul);
        }
        if let Ok(id) = Uuid::try_parse(raw.trim()) {
            return Ok(Self::Id(JamaahId::from_uuid(id)));
        }
        match Nik::parse(raw) {
            Ok(nik) => return Ok(Self::Ktp(nik)),
            Err(damage @ (ValueError::ScientificNotation | ValueError::NarrowColumn)) => {
                return Err(damage);
            }
            Err(_) => {}
        }
        if let Ok(email) = EmailAddress::parse(raw) {
            return Ok(Self::Email(email));
        }
        if let Ok(phone) = PhoneNumber::parse(raw) {
            return Ok(Self::Phone(phone));
        }
        match match_key(raw) {
            key if key.is_empty() => Err(ValueError::Empty),
            key => Ok(Self::Name(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 20);
    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn set(text: &str) -> Change<String> {
        Change::Set(text.to_owned())
    }

    fn draft() -> JamaahInput {
        JamaahInput {
            nama: set("Slamet"),
            paket_id: Change::Set(ID.parse().unwrap()),
            ..JamaahInput::default()
        }
    }

    #[test]
    fn a_pilgrim_needs_a_name_and_a_package() {
        assert_eq!(
            draft().check(None, TODAY).unwrap().status,
            JamaahStatus::Lead
        );
        let errors = JamaahInput::default().check(None, TODAY).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["nama", "paket_id"]);
    }

    #[test]
    fn keeps_normalised_values_and_names_all_errors() {
        let fields = JamaahInput {
            email: set("SLAMET@Example.com"),
            telepon: set("0812-3456-7890"),
            jenis_kelamin: set("Laki-laki"),
            catatan: set("  "),
            ..draft()
        }
        .check(None, TODAY)
        .unwrap();
        assert_eq!(fields.email.unwrap().as_str(), "slamet@example.com");
        assert_eq!(fields.telepon.unwrap().as_str(), "+6281234567890");
        assert_eq!(
            (fields.jenis_kelamin, fields.catatan),
            (Some(Gender::Male), None)
        );
        let errors = JamaahInput {
            email: set("ahmad@email"),
            ktp: set("3,17501E+15"),
            tanggal_lahir: set("2030-01-01"),
            ..draft()
        }
        .check(None, TODAY)
        .unwrap_err();
        let messages: Vec<_> = errors
            .0
            .iter()
            .map(crate::value::FieldError::message)
            .collect();
        assert_eq!(
            messages,
            [
                "Email tidak valid: ahmad@email",
                "NIK rusak oleh format Excel (3,17501E+15). Ubah kolom menjadi Teks lalu ekspor ulang",
                "Tanggal lahir tidak boleh di masa depan: 2030-01-01",
            ]
        );
    }

    #[test]
    fn reads_references_in_the_documented_order() {
        for (raw, expected) in [
            (ID, JamaahRef::Id(ID.parse().unwrap())),
            (
                "'3175010505909001",
                JamaahRef::Ktp(Nik::parse("3175010505909001").unwrap()),
            ),
            (
                "A@B.com",
                JamaahRef::Email(EmailAddress::parse("a@b.com").unwrap()),
            ),
            (
                "081234567890",
                JamaahRef::Phone(PhoneNumber::parse("+6281234567890").unwrap()),
            ),
            ("Siti  NU’MAN", JamaahRef::Name("siti nu'man".to_owned())),
        ] {
            assert_eq!(JamaahRef::parse(raw), Ok(expected), "{raw}");
        }
        assert_eq!(
            JamaahRef::parse("3,17501E+15"),
            Err(ValueError::ScientificNotation)
        );
    }
}
