//! The row of a tenant.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub slug: String,
    pub time_zone: String,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}
