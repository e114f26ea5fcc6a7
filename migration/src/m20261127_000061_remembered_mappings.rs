//! What users decided about the columns and values of files, kept for the next file with the same headers.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, isolate, of_tenant, own, tenant_key};

/// Creates `remembered_mappings`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("remembered_mappings")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("id"))
                    .col(schema::string_len("import_type", 16))
                    // SHA-256 of the normalised headers in the order of the alphabet, in hexadecimal.
                    .col(schema::string_len("headers_sha256", 64))
                    // What was decided, as `domain::RememberedMapping` in JSON.
                    .col(schema::text("decided"))
                    .col(schema::timestamp("used_at"))
                    .primary_key(&mut tenant_key("remembered_mappings"))
                    .foreign_key(&mut of_tenant("remembered_mappings"))
                    .index(
                        Index::create()
                            .unique()
                            .name("uq_remembered_mappings_headers")
                            .col("tenant_id")
                            .col("import_type")
                            .col("headers_sha256"),
                    )
                    .to_owned(),
            )
            .await?;
        isolate(manager, "remembered_mappings", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "remembered_mappings").await
    }
}
