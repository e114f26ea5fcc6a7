//! The row that counts the logins of a user, an address or both; `key` is a digest.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub failures: i64,
    pub touched_at: i64,
    pub succeeded_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
