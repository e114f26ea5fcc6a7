//! Who did what with which import and which account. An entry outlives its job, so it names the job without a foreign key.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index, isolate, of_tenant, own, tenant_key};

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
                    .foreign_key(&mut of_tenant("activities"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_activities_user")
                            .from("activities", ("tenant_id", "user_id"))
                            .to("user", ("tenant_id", "id")),
                    )
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "ix_activities_migration_job",
            "activities",
            &["tenant_id", "migration_job_id", "id"],
        )
        .await?;
        index(
            manager,
            "ix_activities_user",
            "activities",
            &["tenant_id", "user_id"],
        )
        .await?;
        isolate(manager, "activities", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "activities").await
    }
}
