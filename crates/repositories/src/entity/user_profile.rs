//! The row of a user's profile.

use sea_orm::entity::prelude::*;

use crate::stamp::Stamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_profile")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub id_user: Uuid,
    pub nama_lengkap: String,
    pub email: Option<String>,
    pub tipe_akun: String,
    pub role: String,
    pub deleted: bool,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
    pub created_date: Stamp,
    pub updated_date: Stamp,
}

impl ActiveModelBehavior for ActiveModel {}
