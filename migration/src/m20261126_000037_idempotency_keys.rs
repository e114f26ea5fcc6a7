//! Requests that their callers named, so that the same request sent twice is carried out once: what the first was answered.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index, isolate, of_user, own};

/// Creates `idempotency_keys`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("idempotency_keys")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("user_id"))
                    .col(schema::string_len("key", 255))
                    // SHA-256 of the request.
                    .col(schema::string_len("fingerprint", 64))
                    // Absent while the request is being carried out.
                    .col(schema::text_null("answer"))
                    .col(schema::timestamp("created_at"))
                    // When a request whose process has died may be sent again.
                    .col(schema::timestamp("locked_until"))
                    .primary_key(
                        Index::create()
                            .name("pk_idempotency_keys")
                            .col("tenant_id")
                            .col("user_id")
                            .col("key")
                            .primary(),
                    )
                    .foreign_key(&mut of_user("idempotency_keys"))
                    .to_owned(),
            )
            .await?;
        // Housekeeping deletes what is a day old.
        index(
            manager,
            "ix_idempotency_keys_created_at",
            "idempotency_keys",
            &["created_at"],
        )
        .await?;
        isolate(manager, "idempotency_keys", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "idempotency_keys").await
    }
}
