//! The row of a request that its caller named.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub fingerprint: String,
    pub answer: Option<String>,
    pub created_at: Stamp,
    pub locked_until: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}
