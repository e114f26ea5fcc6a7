//! What each imported table is to the loader: its columns, its natural keys, its reference, and how a record fills its cells.

use domain::{
    Address, Description, EmailAddress, ErrorType, Gender, JobId, NewJamaah, NewPackage,
    NewPayment, Nik, Notes, PhoneNumber, ReferenceNumber, RowError, Rupiah,
};
use time::PrimitiveDateTime;

use super::{ImportRow, cells::Cells};
use crate::{TenantScope, stamp::Stamp};

/// A natural key as the loader asks for it: the field to name, and when a stored row `t` has the key of a staged row `s`.
pub(super) struct Key {
    pub(super) field: &'static str,
    pub(super) matches: &'static str,
}

/// The reference of a table: the field, and the table it refers to.
pub(super) struct Reference {
    pub(super) field: &'static str,
    pub(super) table: &'static str,
}

/// A record that can be loaded.
pub(super) trait Loaded: Sync {
    const TABLE: &'static str;
    /// Its own columns, before those that every imported table has.
    const OWN: &'static [&'static str];
    const KEYS: &'static [Key];
    const REFERENCE: Option<Reference>;

    fn fill(&self, cells: &mut impl Cells);
}

/// The columns that every imported table has, in the order in which [`fill_row`] fills them: first these two, then the table's
/// own, then the rest.
const FIRST: [&str; 2] = ["tenant_id", "id"];
const LAST: [&str; 5] = [
    "version",
    "migration_job_id",
    "import_row_number",
    "created_at",
    "updated_at",
];

/// All columns of a table in the order of [`fill_row`].
pub(super) fn columns<T: Loaded>() -> String {
    let all: Vec<&str> = [&FIRST, T::OWN, &LAST].concat();
    all.join(", ")
}

/// How many columns [`columns`] names.
pub(super) const fn width<T: Loaded>() -> usize {
    FIRST.len() + T::OWN.len() + LAST.len()
}

/// Where the rows of a batch come from and when they are made.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) scope: TenantScope,
    pub(super) job: JobId,
    pub(super) now: PrimitiveDateTime,
}

/// Fills the cells of one row.
pub(super) fn fill_row<T: Loaded>(row: &ImportRow<T>, origin: &Origin, cells: &mut impl Cells) {
    cells.uuid(origin.scope.tenant_id().as_uuid());
    cells.uuid(row.id);
    row.record.fill(cells);
    cells.number(Some(1));
    cells.uuid(origin.job.as_uuid());
    cells.number(i64::try_from(row.row_number).ok());
    cells.moment(origin.now);
    cells.moment(origin.now);
}

impl Loaded for NewJamaah {
    const TABLE: &'static str = "jamaah";
    const OWN: &'static [&'static str] = &[
        "nama",
        "nama_key",
        "email",
        "telepon",
        "alamat",
        "ktp",
        "tanggal_lahir",
        "jenis_kelamin",
        "paket_id",
        "status",
        "catatan",
    ];
    const KEYS: &'static [Key] = &[
        Key {
            field: "ktp",
            matches: "t.tenant_id = s.tenant_id AND t.ktp = s.ktp",
        },
        Key {
            field: "email",
            matches: "t.tenant_id = s.tenant_id AND lower(t.email) = lower(s.email)",
        },
    ];
    const REFERENCE: Option<Reference> = Some(Reference {
        field: "paket_id",
        table: "packages",
    });

    fn fill(&self, cells: &mut impl Cells) {
        cells.text(Some(self.nama.as_str()));
        cells.text(Some(&self.nama.match_key()));
        cells.text(self.email.as_ref().map(EmailAddress::as_str));
        cells.text(self.telepon.as_ref().map(PhoneNumber::as_str));
        cells.text(self.alamat.as_ref().map(Address::as_str));
        cells.text(self.ktp.as_ref().map(Nik::as_str));
        cells.date(self.tanggal_lahir);
        cells.word(self.jenis_kelamin.map(Gender::as_str));
        cells.uuid(self.paket_id.as_uuid());
        cells.word(Some(self.status.as_str()));
        cells.text(self.catatan.as_ref().map(Notes::as_str));
    }
}

impl Loaded for NewPayment {
    const TABLE: &'static str = "payments";
    const OWN: &'static [&'static str] = &[
        "jamaah_id",
        "jumlah",
        "tanggal_bayar",
        "metode_pembayaran",
        "nomor_referensi",
        "catatan",
    ];
    const KEYS: &'static [Key] = &[Key {
        field: "nomor_referensi",
        matches: "t.tenant_id = s.tenant_id AND t.jamaah_id = s.jamaah_id \
            AND t.nomor_referensi = s.nomor_referensi",
    }];
    const REFERENCE: Option<Reference> = Some(Reference {
        field: "jamaah_id",
        table: "jamaah",
    });

    fn fill(&self, cells: &mut impl Cells) {
        cells.uuid(self.jamaah_id.as_uuid());
        cells.number(Some(self.jumlah.get()));
        cells.date(Some(self.tanggal_bayar));
        cells.word(Some(self.metode_pembayaran.as_str()));
        cells.text(self.nomor_referensi.as_ref().map(ReferenceNumber::as_str));
        cells.text(self.catatan.as_ref().map(Notes::as_str));
    }
}

impl Loaded for NewPackage {
    const TABLE: &'static str = "packages";
    const OWN: &'static [&'static str] = &[
        "nama",
        "nama_key",
        "deskripsi",
        "durasi_hari",
        "harga_retail",
        "harga_wholesale",
        "tanggal_keberangkatan",
        "kapasitas",
        "status",
    ];
    const KEYS: &'static [Key] = &[Key {
        field: "nama",
        matches: "t.tenant_id = s.tenant_id AND t.nama_key = s.nama_key \
            AND t.tanggal_keberangkatan = s.tanggal_keberangkatan",
    }];
    const REFERENCE: Option<Reference> = None;

    fn fill(&self, cells: &mut impl Cells) {
        cells.text(Some(self.nama.as_str()));
        cells.text(Some(&self.nama.match_key()));
        cells.text(self.deskripsi.as_ref().map(Description::as_str));
        cells.number(Some(self.durasi_hari.get().into()));
        cells.number(Some(self.harga_retail.get()));
        cells.number(self.harga_wholesale.map(Rupiah::get));
        cells.date(Some(self.tanggal_keberangkatan));
        cells.number(Some(self.kapasitas.get().into()));
        cells.word(Some(self.status.as_str()));
    }
}

/// The columns of row errors, in the order of [`fill_error`].
pub(super) const ERROR_COLUMNS: &str = "id, tenant_id, migration_job_id, row_number, error_type, \
    field_name, error_message, expected_format, received_value, row_data, created_at";
/// How many those are.
pub(super) const ERROR_WIDTH: usize = 11;

/// Fills the cells of one row error.
pub(super) fn fill_error(
    error: &RowError,
    scope: TenantScope,
    cells: &mut impl Cells,
) -> Result<(), serde_json::Error> {
    let kind: ErrorType = error.error_type;
    cells.uuid(error.id.as_uuid());
    cells.uuid(scope.tenant_id().as_uuid());
    cells.uuid(error.job_id.as_uuid());
    cells.number(i64::try_from(error.row_number).ok());
    cells.word(Some(kind.as_str()));
    cells.text(error.field_name.as_deref());
    cells.text(Some(&error.error_message));
    cells.text(error.expected_format.as_deref());
    cells.text(error.received_value.as_deref());
    cells.json(&serde_json::to_string(&error.row_data)?);
    cells.moment(Stamp::from(error.created_at).naive());
    Ok(())
}
