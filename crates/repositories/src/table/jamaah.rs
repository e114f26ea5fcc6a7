//! The table of pilgrims.

use domain::{
    Address, EmailAddress, Gender, NewJamaah, Nik, Notes, PackageId, PersonName, PhoneNumber,
};
use sea_orm::entity::prelude::*;

use super::{Cells, Key, Reference, Table, stored, stored_option};
use crate::{RepositoryError, list::Field, stamp::Stamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jamaah")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub nama: String,
    pub nama_key: String,
    pub email: Option<String>,
    pub telepon: Option<String>,
    pub alamat: Option<String>,
    pub ktp: Option<String>,
    pub tanggal_lahir: Option<TimeDate>,
    pub jenis_kelamin: Option<String>,
    pub paket_id: Uuid,
    pub status: String,
    pub catatan: Option<String>,
    pub version: i32,
    pub migration_job_id: Option<Uuid>,
    pub import_row_number: Option<i32>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Table for NewJamaah {
    type Entity = Entity;
    type Row = Model;

    const NAME: &'static str = "jamaah";
    const KEYS: &'static [Key] = &[
        Key {
            index: "uq_jamaah_ktp",
            field: "ktp",
            columns: &["ktp"],
            ignores_case: false,
        },
        Key {
            index: "uq_jamaah_email",
            field: "email",
            columns: &["email"],
            ignores_case: true,
        },
    ];
    const REFERENCE: Option<Reference> = Some(Reference {
        field: "paket_id",
        table: "packages",
        constraint: "fk_jamaah_paket",
        index: "ix_jamaah_paket",
    });
    const LIST: &'static [Field] = &[
        Field::uuid(Self::NAME, "id"),
        Field::searched(Self::NAME, "nama"),
        Field::searched(Self::NAME, "email"),
        Field::searched(Self::NAME, "telepon"),
        Field::searched(Self::NAME, "alamat"),
        Field::searched(Self::NAME, "ktp"),
        Field::date(Self::NAME, "tanggal_lahir"),
        Field::text(Self::NAME, "jenis_kelamin"),
        Field::uuid(Self::NAME, "paket_id"),
        Field::text(Self::NAME, "status"),
        Field::moment(Self::NAME, "created_at"),
        Field::moment(Self::NAME, "updated_at"),
        Field::uuid(Self::NAME, "migration_job_id"),
    ];

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

    fn read(row: Model) -> Result<Self, RepositoryError> {
        Ok(Self {
            nama: stored("nama", PersonName::parse(&row.nama))?,
            email: stored_option("email", row.email, EmailAddress::parse)?,
            telepon: stored_option("telepon", row.telepon, PhoneNumber::parse)?,
            alamat: stored_option("alamat", row.alamat, Address::parse)?,
            ktp: stored_option("ktp", row.ktp, Nik::parse)?,
            tanggal_lahir: row.tanggal_lahir,
            jenis_kelamin: stored_option("jenis_kelamin", row.jenis_kelamin, str::parse)?,
            paket_id: PackageId::from_uuid(row.paket_id),
            status: stored("status", row.status.parse())?,
            catatan: stored_option("catatan", row.catatan, Notes::parse)?,
        })
    }
}
