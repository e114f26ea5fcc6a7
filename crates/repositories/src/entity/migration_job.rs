//! The row of an import job.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "migration_jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub import_type: String,
    pub file_name: String,
    pub file_url: String,
    pub file_size: i64,
    pub file_sha256: String,
    pub status: String,
    pub total_rows: i64,
    pub processed_rows: i64,
    pub valid_rows: i64,
    pub invalid_rows: i64,
    pub imported_rows: i64,
    pub failed_rows: i64,
    pub warning_rows: i64,
    pub on_duplicate: String,
    pub update_rows: i64,
    pub skip_rows: i64,
    pub updated_rows: i64,
    pub skipped_rows: i64,
    pub error_message: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    pub validated_at: Option<Stamp>,
    pub start_requested_at: Option<Stamp>,
    pub started_at: Option<Stamp>,
    pub completed_at: Option<Stamp>,
    pub rollback_at: Option<Stamp>,
    pub cancelled_at: Option<Stamp>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub cancelled_by: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub doers: Option<Json>,
    pub corrects: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub checkpoint: Option<Json>,
    pub attempt: i32,
    pub lease_owner: Option<String>,
    pub lease_expires_at: Option<Stamp>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}
