//! The row of an event on its way to a webhook.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub webhook_id: Uuid,
    pub event: String,
    pub body: String,
    pub status: String,
    pub attempts: i32,
    pub due_at: Stamp,
    pub lease_owner: Option<String>,
    pub tries: String,
    pub created_at: Stamp,
    pub finished_at: Option<Stamp>,
}

impl ActiveModelBehavior for ActiveModel {}
