//! The row of a payment.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

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
