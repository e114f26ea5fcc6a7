//! The row of a machine's key; `key_hash` is all that is kept of the key itself.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub key_hash: String,
    pub hint: String,
    pub scopes: String,
    pub created_at: Stamp,
    pub expires_at: Stamp,
    pub last_used_at: Option<Stamp>,
}

impl ActiveModelBehavior for ActiveModel {}
