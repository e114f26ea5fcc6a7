//! How many rows of an import users have deleted since. Without it, a row that a user deleted looks like one that was lost.

use sea_orm_migration::prelude::*;

use crate::columns::{run, run_all};

/// Adds `deleted_rows` to jobs.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What is missing of earlier imports was deleted: at least nothing says otherwise.
        let deleted = |table: &str| {
            format!(
                r#"UPDATE "migration_jobs" SET "deleted_rows" = "imported_rows" - "updated_rows" - (SELECT count(*) FROM "{table}" AS "r" WHERE "r"."tenant_id" = "migration_jobs"."tenant_id" AND "r"."migration_job_id" = "migration_jobs"."id") WHERE "status" = 'completed' AND "import_type" = '{}'"#,
                table.trim_end_matches('s')
            )
        };
        run_all(
            manager,
            &[
                r#"ALTER TABLE "migration_jobs" ADD COLUMN "deleted_rows" bigint NOT NULL DEFAULT 0"#,
                &deleted("packages"),
                &deleted("jamaah"),
                &deleted("payments"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "deleted_rows""#,
        )
        .await
    }
}
