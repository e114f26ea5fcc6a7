//! The row of an entry of the activity log.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub created_at: Stamp,
    pub action: String,
    pub user_id: Option<Uuid>,
    pub migration_job_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub details: String,
}

impl ActiveModelBehavior for ActiveModel {}
