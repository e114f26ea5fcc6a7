//! Who did what to a job, which job it corrects, and the cells that were edited in place.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

use crate::columns::{drop_table, isolate, job_key, of_job, own, run, run_all};

/// Adds `doers` and `corrects` to jobs, and creates `migration_amendments`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let (jsonb, uuid) = if postgres {
            ("jsonb", "uuid")
        } else {
            ("jsonb_text", "uuid_text")
        };
        run_all(
            manager,
            &[
                // Each under the name of that day: a deleted user keeps it.
                &format!(r#"ALTER TABLE "migration_jobs" ADD COLUMN "doers" {jsonb}"#),
                // Without a foreign key: a job may be deleted before those that correct it.
                &format!(r#"ALTER TABLE "migration_jobs" ADD COLUMN "corrects" {uuid}"#),
                r#"CREATE INDEX "ix_migration_jobs_corrects" ON "migration_jobs" ("tenant_id", "corrects") WHERE "corrects" IS NOT NULL"#,
            ],
        )
        .await?;
        manager
            .create_table(
                Table::create()
                    .table("migration_amendments")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("migration_job_id"))
                    .col(schema::integer("row_number"))
                    // An object of column index and cell.
                    .col(schema::text("cells"))
                    .primary_key(&mut job_key("migration_amendments", "row_number"))
                    .foreign_key(&mut of_job("migration_amendments"))
                    .to_owned(),
            )
            .await?;
        isolate(manager, "migration_amendments", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "migration_amendments").await?;
        for sql in [
            r#"DROP INDEX "ix_migration_jobs_corrects""#,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "corrects""#,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "doers""#,
        ] {
            run(manager, sql).await?;
        }
        Ok(())
    }
}
