//! What an import does with rows whose record is there already, and how many such rows there are: as the validation found them, and
//! as the import left them.

use sea_orm_migration::prelude::*;

use crate::columns::run;

/// Adds `on_duplicate` and four counters to jobs.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COUNTERS: [&str; 4] = ["update_rows", "skip_rows", "updated_rows", "skipped_rows"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            r#"ALTER TABLE "migration_jobs" ADD COLUMN "on_duplicate" varchar(16) NOT NULL DEFAULT 'reject' CHECK ("on_duplicate" IN ('reject', 'skip', 'update'))"#,
        )
        .await?;
        for counter in COUNTERS {
            let add = format!(
                r#"ALTER TABLE "migration_jobs" ADD COLUMN "{counter}" bigint NOT NULL DEFAULT 0"#
            );
            run(manager, &add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COUNTERS.iter().rev().chain(&["on_duplicate"]) {
            let drop = format!(r#"ALTER TABLE "migration_jobs" DROP COLUMN "{column}""#);
            run(manager, &drop).await?;
        }
        Ok(())
    }
}
