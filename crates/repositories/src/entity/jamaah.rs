//! The row of a jamaah.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

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
