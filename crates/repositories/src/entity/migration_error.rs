//! The row of a row error.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "migration_errors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub migration_job_id: Uuid,
    pub row_number: i32,
    pub error_type: String,
    pub field_name: Option<String>,
    pub error_message: String,
    pub expected_format: Option<String>,
    pub received_value: Option<String>,
    pub created_at: Stamp,
    pub code: String,
    pub column_index: Option<i32>,
    #[sea_orm(select_as = "text")]
    pub params: Option<String>,
    pub severity: String,
}

impl ActiveModelBehavior for ActiveModel {}
