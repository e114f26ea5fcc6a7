//! A travel package. The rules of its fields, for import and API alike.

use serde::Deserialize;
use time::Date;
use uuid::Uuid;

use crate::{
    Change, Fields, Input, PackageId, Stored,
    input::{Check, field, number},
    value::{
        Capacity, Description, DurationDays, FieldErrors, PackageName, PackageStatus, Rupiah,
        ValueError, departure_date, iso_date, match_key,
    },
};

/// A package as stored (table `packages`).
pub type Package = Stored<PackageId, NewPackage>;

/// The fields of a package, checked. Name and departure together are unique in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackage {
    /// Its name.
    pub nama: PackageName,
    /// What it contains.
    pub deskripsi: Option<Description>,
    /// Days of the journey.
    pub durasi_hari: DurationDays,
    /// Price for pilgrims.
    pub harga_retail: Rupiah,
    /// Price for agents.
    pub harga_wholesale: Option<Rupiah>,
    /// Day of departure.
    pub tanggal_keberangkatan: Date,
    /// Seats.
    pub kapasitas: Capacity,
    /// Whether it is on offer.
    pub status: PackageStatus,
}

impl Fields for NewPackage {
    type Id = PackageId;
    type Input = PackageInput;
    const LABEL: &'static str = "Paket";
}

/// A package's fields as a request gives them; amounts are JSON numbers, dates ISO.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackageInput {
    /// Required.
    pub nama: Change<String>,
    /// May be empty.
    pub deskripsi: Change<String>,
    /// Required.
    pub durasi_hari: Change<i64>,
    /// Required.
    pub harga_retail: Change<i64>,
    /// May be empty.
    pub harga_wholesale: Change<i64>,
    /// Required.
    pub tanggal_keberangkatan: Change<String>,
    /// Required.
    pub kapasitas: Change<i64>,
    /// Default of a new record: `draft`.
    pub status: Change<String>,
}

impl Input for PackageInput {
    type New = NewPackage;

    fn check(self, current: Option<&NewPackage>, _today: Date) -> Result<NewPackage, FieldErrors> {
        let departure = |raw: &str| iso_date(raw).and_then(departure_date);
        let mut check = Check::new(current);
        let nama = check.required(field!(self.nama), PackageName::parse);
        let deskripsi = check.optional(field!(self.deskripsi), Description::parse);
        let durasi_hari = check.required(field!(self.durasi_hari), number(DurationDays::new));
        let harga_retail = check.required(field!(self.harga_retail), number(Rupiah::new));
        let harga_wholesale = check.optional(field!(self.harga_wholesale), number(Rupiah::new));
        let tanggal_keberangkatan = check.required(field!(self.tanggal_keberangkatan), departure);
        let kapasitas = check.required(field!(self.kapasitas), number(Capacity::new));
        let status = check.defaulted(
            field!(self.status),
            PackageStatus::DEFAULT,
            PackageStatus::parse,
        );
        check.finish(|| {
            Some(NewPackage {
                nama: nama?,
                deskripsi,
                durasi_hari: durasi_hari?,
                harga_retail: harga_retail?,
                harga_wholesale,
                tanggal_keberangkatan: tanggal_keberangkatan?,
                kapasitas: kapasitas?,
                status: status?,
            })
        })
    }
}

/// A reference to a package in a spreadsheet: an id or a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PackageRef {
    /// By id.
    Id(PackageId),
    /// By name, in the form of [`match_key`].
    Name(String),
}

impl PackageRef {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`ValueError::Empty`] when there is nothing to look up, [`ValueError::Nul`].
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        if raw.contains('\0') {
            return Err(ValueError::Nul);
        }
        if let Ok(id) = Uuid::try_parse(raw.trim()) {
            return Ok(Self::Id(PackageId::from_uuid(id)));
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

    fn set(text: &str) -> Change<String> {
        Change::Set(text.to_owned())
    }

    fn draft() -> PackageInput {
        PackageInput {
            nama: set("Umroh Reguler 9 Hari"),
            durasi_hari: Change::Set(9),
            harga_retail: Change::Set(25_000_000),
            tanggal_keberangkatan: set("2027-03-15"),
            kapasitas: Change::Set(45),
            ..PackageInput::default()
        }
    }

    #[test]
    fn a_package_needs_five_fields_and_is_a_draft_by_default() {
        assert_eq!(
            draft().check(None, TODAY).unwrap().status,
            PackageStatus::Draft
        );
        let errors = PackageInput::default().check(None, TODAY).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            [
                "nama",
                "durasi_hari",
                "harga_retail",
                "tanggal_keberangkatan",
                "kapasitas"
            ]
        );
        assert_eq!(errors.0[0].message(), "Field 'nama' wajib diisi");
    }

    #[test]
    fn names_everything_that_is_wrong_at_once() {
        let errors = PackageInput {
            harga_retail: Change::Set(-1),
            status: set("full"),
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
                "Harga retail tidak boleh negatif: -1",
                "Status tidak valid: full (pilihan: draft, published, archived)"
            ]
        );
    }

    #[test]
    fn a_change_keeps_clears_and_sets() {
        let current = PackageInput {
            harga_wholesale: Change::Set(1),
            ..draft()
        }
        .check(None, TODAY)
        .unwrap();
        let changes = PackageInput {
            harga_wholesale: Change::Clear,
            kapasitas: Change::Set(40),
            ..PackageInput::default()
        };
        let fields = changes.check(Some(&current), TODAY).unwrap();
        assert_eq!((fields.harga_wholesale, fields.kapasitas.get()), (None, 40));
        assert_eq!(fields.nama, current.nama);
        let refused = PackageInput {
            nama: Change::Clear,
            ..PackageInput::default()
        }
        .check(Some(&current), TODAY)
        .unwrap_err();
        assert_eq!(refused.0[0].error, ValueError::Empty);
    }

    #[test]
    fn reads_references_by_id_or_name() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(
            PackageRef::parse(id),
            Ok(PackageRef::Id(id.parse().unwrap()))
        );
        assert_eq!(
            PackageRef::parse(" Umroh  RAMADHAN 2027"),
            Ok(PackageRef::Name("umroh ramadhan 2027".to_owned()))
        );
        assert_eq!(PackageRef::parse(" "), Err(ValueError::Empty));
    }
}
