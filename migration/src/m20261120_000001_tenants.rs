//! Tenants: the agencies. Everything else belongs to one of them.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, stamped};

/// Creates `tenants`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tenants = Table::create();
        tenants
            .table("tenants")
            .col(schema::pk_uuid("id"))
            .col(schema::text("name"))
            .col(schema::string_len_uniq("slug", 63));
        manager.create_table(stamped(&mut tenants).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "tenants").await
    }
}
