//! The row of an account.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub username: String,
    pub password: String,
    pub is_active: bool,
    pub must_change_password: bool,
    pub deleted: bool,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
    pub created_date: Stamp,
    pub updated_date: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}
