//! Keys of machines: each acts for the user who created it, within its scopes. The key itself is not stored, only its SHA-256.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index, isolate, of_user, own, tenant_key};

/// Creates `api_keys`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("api_keys")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("id"))
                    .col(schema::uuid("user_id"))
                    .col(schema::text("name"))
                    .col(schema::string_len_uniq("key_hash", 64))
                    // The beginning of the key, by which people distinguish keys.
                    .col(schema::string_len("hint", 16))
                    // Words of permissions, separated by blanks.
                    .col(schema::text("scopes"))
                    .col(schema::timestamp("created_at"))
                    .col(schema::timestamp("expires_at"))
                    .col(schema::timestamp_null("last_used_at"))
                    .primary_key(&mut tenant_key("api_keys"))
                    .foreign_key(&mut of_user("api_keys"))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "ix_api_keys_user",
            "api_keys",
            &["tenant_id", "user_id"],
        )
        .await?;
        isolate(manager, "api_keys", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "api_keys").await
    }
}
