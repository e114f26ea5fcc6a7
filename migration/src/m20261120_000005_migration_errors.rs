//! Row errors of import jobs.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, of_job, one_of, run};

/// Creates `migration_errors`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("migration_errors")
                    .col(schema::pk_uuid("id"))
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("migration_job_id"))
                    .col(schema::integer("row_number"))
                    .col(schema::string_len("error_type", 32))
                    .col(schema::text_null("field_name"))
                    .col(schema::text("error_message"))
                    .col(schema::text_null("expected_format"))
                    .col(schema::text_null("received_value"))
                    // `json`, not `jsonb`: the cells keep the order of the file's columns.
                    .col(schema::json("row_data"))
                    .col(schema::timestamp("created_at"))
                    .check(one_of(
                        "error_type",
                        &[
                            "missing_required",
                            "invalid_format",
                            "duplicate",
                            "constraint_violation",
                        ],
                    ))
                    .foreign_key(&mut of_job("migration_errors"))
                    .to_owned(),
            )
            .await?;
        // The report in the order of the file, and the replacement of one batch's errors.
        run(
            manager,
            r#"CREATE INDEX "ix_migration_errors_row" ON "migration_errors" ("tenant_id", "migration_job_id", "row_number", "id")"#,
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "migration_errors").await
    }
}
