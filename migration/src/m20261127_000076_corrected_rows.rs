//! Which failed rows of an import another import has corrected: their number in the file that failed, for a person may correct them in
//! any order, some of them, or one of them twice.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index, isolate, of_job, own};

/// Creates `migration_corrected_rows`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("migration_corrected_rows")
                    .col(schema::uuid("tenant_id"))
                    // The job that the row failed in, and its number there.
                    .col(schema::uuid("migration_job_id"))
                    .col(schema::integer("row_number"))
                    // The job that imported it, and its number there. Without a foreign key: what it imported outlives that job.
                    .col(schema::uuid("corrected_by"))
                    .col(schema::integer("corrected_row"))
                    .primary_key(
                        Index::create()
                            .name("pk_migration_corrected_rows")
                            .col("tenant_id")
                            .col("migration_job_id")
                            .col("row_number")
                            .col("corrected_by")
                            .col("corrected_row")
                            .primary(),
                    )
                    .foreign_key(&mut of_job("migration_corrected_rows"))
                    .to_owned(),
            )
            .await?;
        // A rollback asks for what its job has corrected.
        index(
            manager,
            "ix_migration_corrected_rows_by",
            "migration_corrected_rows",
            &["tenant_id", "corrected_by"],
        )
        .await?;
        isolate(manager, "migration_corrected_rows", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "migration_corrected_rows").await
    }
}
