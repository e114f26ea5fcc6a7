//! The row of a refresh token; `token` holds a hash.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub token: String,
    pub user_id: Uuid,
    pub family_id: Uuid,
    pub parent_id: Option<Uuid>,
    pub expires_at: Stamp,
    pub absolute_expires_at: Stamp,
    pub used_at: Option<Stamp>,
    pub is_revoked: bool,
    pub created_date: Stamp,
    pub updated_date: Stamp,
    pub user_agent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
