//! Who did what with which import and which account. An entry outlives its job, so it names the job without a foreign key.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{isolate, own, tenant_key};

/// Creates `activities`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("activities")
                    .col(schema::uuid("tenant_id"))
                    // A UUID v7: the entries are read in its order, newest first.
                    .col(schema::uuid("id"))
                    .col(schema::timestamp("created_at"))
                    .col(schema::string_len("action", 32))
                    .col(schema::uuid_null("user_id"))
                    .col(schema::uuid_null("migration_job_id"))
                    .col(schema::text_null("file_name"))
                    .col(schema::text("details"))
                    .primary_key(&mut tenant_key("activities"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_activities_tenant")
                            .from("activities", "tenant_id")
                            .to("tenants", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_activities_user")
                            .from("activities", ("tenant_id", "user_id"))
                            .to("user", ("tenant_id", "id")),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_activities_migration_job")
                    .table("activities")
                    .col("tenant_id")
                    .col("migration_job_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_activities_user")
                    .table("activities")
                    .col("tenant_id")
                    .col("user_id")
                    .to_owned(),
            )
            .await?;
        isolate(manager, "activities", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("activities").to_owned())
            .await
    }
}
