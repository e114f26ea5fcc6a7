//! The table of payments.

use domain::{JamaahId, NewPayment, Notes, ReferenceNumber, Rupiah};
use sea_orm::entity::prelude::*;

use super::{Cells, Key, Reference, Table, stored, stored_option};
use crate::{RepositoryError, list::Field, stamp::Stamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub jamaah_id: Uuid,
    pub jumlah: i64,
    pub tanggal_bayar: TimeDate,
    pub metode_pembayaran: String,
    pub nomor_referensi: Option<String>,
    pub catatan: Option<String>,
    pub version: i32,
    pub migration_job_id: Option<Uuid>,
    pub import_row_number: Option<i32>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Table for NewPayment {
    type Entity = Entity;
    type Row = Model;

    const NAME: &'static str = "payments";
    const KEYS: &'static [Key] = &[Key {
        index: "uq_payments_referensi",
        field: "nomor_referensi",
        columns: &["jamaah_id", "nomor_referensi"],
        ignores_case: false,
    }];
    const REFERENCE: Option<Reference> = Some(Reference {
        field: "jamaah_id",
        table: "jamaah",
        constraint: "fk_payments_jamaah",
        index: "ix_payments_jamaah",
    });
    const LIST: &'static [Field] = &[
        Field::uuid(Self::NAME, "id"),
        Field::uuid(Self::NAME, "jamaah_id"),
        Field::number(Self::NAME, "jumlah"),
        Field::date(Self::NAME, "tanggal_bayar"),
        Field::text(Self::NAME, "metode_pembayaran"),
        Field::searched(Self::NAME, "nomor_referensi"),
        Field::searched(Self::NAME, "catatan"),
        Field::moment(Self::NAME, "created_at"),
        Field::moment(Self::NAME, "updated_at"),
        Field::uuid(Self::NAME, "migration_job_id"),
    ];

    fn fill(&self, cells: &mut impl Cells) {
        cells.uuid(self.jamaah_id.as_uuid());
        cells.number(Some(self.jumlah.get()));
        cells.date(Some(self.tanggal_bayar));
        cells.word(Some(self.metode_pembayaran.as_str()));
        cells.text(self.nomor_referensi.as_ref().map(ReferenceNumber::as_str));
        cells.text(self.catatan.as_ref().map(Notes::as_str));
    }

    fn read(row: Model) -> Result<Self, RepositoryError> {
        Ok(Self {
            jamaah_id: JamaahId::from_uuid(row.jamaah_id),
            jumlah: stored("jumlah", Rupiah::new(row.jumlah))?,
            tanggal_bayar: row.tanggal_bayar,
            metode_pembayaran: stored("metode_pembayaran", row.metode_pembayaran.parse())?,
            nomor_referensi: stored_option(
                "nomor_referensi",
                row.nomor_referensi,
                ReferenceNumber::parse,
            )?,
            catatan: stored_option("catatan", row.catatan, Notes::parse)?,
        })
    }
}
