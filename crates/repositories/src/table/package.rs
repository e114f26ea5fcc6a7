//! The table of packages.

use domain::{Capacity, Description, DurationDays, NewPackage, PackageName, Rupiah};
use sea_orm::entity::prelude::*;

use super::{Cells, Key, Reference, Table, stored, stored_option};
use crate::{RepositoryError, list::Field, stamp::Stamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub nama: String,
    pub nama_key: String,
    pub deskripsi: Option<String>,
    pub durasi_hari: i32,
    pub harga_retail: i64,
    pub harga_wholesale: Option<i64>,
    pub tanggal_keberangkatan: TimeDate,
    pub kapasitas: i32,
    pub status: String,
    pub version: i32,
    pub migration_job_id: Option<Uuid>,
    pub import_row_number: Option<i32>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Table for NewPackage {
    type Entity = Entity;
    type Row = Model;

    const NAME: &'static str = "packages";
    const KEYS: &'static [Key] = &[Key {
        index: "uq_packages_nama_tanggal",
        field: "nama",
        columns: &["nama_key", "tanggal_keberangkatan"],
        ignores_case: false,
    }];
    const REFERENCE: Option<Reference> = None;
    const LIST: &'static [Field] = &[
        Field::uuid(Self::NAME, "id"),
        Field::searched(Self::NAME, "nama"),
        Field::searched(Self::NAME, "deskripsi"),
        Field::number(Self::NAME, "durasi_hari"),
        Field::number(Self::NAME, "harga_retail"),
        Field::number(Self::NAME, "harga_wholesale"),
        Field::date(Self::NAME, "tanggal_keberangkatan"),
        Field::number(Self::NAME, "kapasitas"),
        Field::text(Self::NAME, "status"),
        Field::moment(Self::NAME, "created_at"),
        Field::moment(Self::NAME, "updated_at"),
        Field::uuid(Self::NAME, "migration_job_id"),
    ];

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

    fn read(row: Model) -> Result<Self, RepositoryError> {
        Ok(Self {
            nama: stored("nama", PackageName::parse(&row.nama))?,
            deskripsi: stored_option("deskripsi", row.deskripsi, Description::parse)?,
            durasi_hari: stored("durasi_hari", DurationDays::new(row.durasi_hari.into()))?,
            harga_retail: stored("harga_retail", Rupiah::new(row.harga_retail))?,
            harga_wholesale: stored(
                "harga_wholesale",
                row.harga_wholesale.map(Rupiah::new).transpose(),
            )?,
            tanggal_keberangkatan: row.tanggal_keberangkatan,
            kapasitas: stored("kapasitas", Capacity::new(row.kapasitas.into()))?,
            status: stored("status", row.status.parse())?,
        })
    }
}
