//! The row of a package.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

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
