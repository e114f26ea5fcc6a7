//! What records were before an import changed them, for as long as the import can be rolled back.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, isolate, job_key, of_job, own, run};

/// Creates `migration_updates`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("migration_updates")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("migration_job_id"))
                    // Of the table of the job's type; without a foreign key, because a record may be deleted.
                    .col(schema::uuid("record_id"))
                    .col(schema::integer("row_number"))
                    // As the import left the record. If it has another version now, it was changed since.
                    .col(schema::integer("version"))
                    .col(schema::timestamp("changed_at"))
                    // The import gave it another natural key. The old one stays taken for the rest of the file.
                    .col(schema::boolean("vacates"))
                    // An object of the columns, as they were.
                    .col(schema::text("before"))
                    .primary_key(&mut job_key("migration_updates", "record_id"))
                    .foreign_key(&mut of_job("migration_updates"))
                    .to_owned(),
            )
            .await?;
        run(
            manager,
            r#"CREATE INDEX "ix_migration_updates_vacating" ON "migration_updates" ("tenant_id", "migration_job_id") WHERE "vacates""#,
        )
        .await?;
        isolate(manager, "migration_updates", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "migration_updates").await
    }
}
