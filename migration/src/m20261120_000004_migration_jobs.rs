//! Import jobs. A job row is also the queue: a worker claims rows that are validating or importing and whose lease is free.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, of_tenant, one_of, run_all, stamped, tenant_key};

/// Creates `migration_jobs`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut jobs = Table::create();
        jobs.table("migration_jobs")
            .col(schema::uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::uuid("user_id"))
            .col(schema::string_len("import_type", 16))
            .col(schema::text("file_name"))
            .col(schema::text("file_url"))
            .col(schema::big_integer("file_size"))
            .col(schema::string_len("file_sha256", 64))
            .col(schema::string_len("status", 16))
            .col(schema::big_integer("total_rows").default(0))
            .col(schema::big_integer("processed_rows").default(0))
            .col(schema::big_integer("valid_rows").default(0))
            .col(schema::big_integer("invalid_rows").default(0))
            .col(schema::big_integer("imported_rows").default(0))
            .col(schema::big_integer("failed_rows").default(0))
            .col(schema::text_null("error_message"))
            .col(schema::json_binary("metadata"))
            .col(schema::timestamp_null("validated_at"))
            .col(schema::timestamp_null("start_requested_at"))
            .col(schema::timestamp_null("started_at"))
            .col(schema::timestamp_null("completed_at"))
            .col(schema::timestamp_null("rollback_at"))
            .col(schema::json_binary_null("checkpoint"))
            .col(schema::integer("attempt").default(0))
            .col(schema::string_len_null("lease_owner", 64))
            .col(schema::timestamp_null("lease_expires_at"));
        stamped(&mut jobs)
            .primary_key(&mut tenant_key("migration_jobs"))
            .check(one_of("import_type", &["jamaah", "payment", "package"]))
            .check(one_of(
                "status",
                &[
                    "pending",
                    "validating",
                    "importing",
                    "completed",
                    "failed",
                    "rolled_back",
                ],
            ))
            .foreign_key(&mut of_tenant("migration_jobs"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_migration_jobs_user")
                    .from("migration_jobs", ("tenant_id", "user_id"))
                    .to("user", ("tenant_id", "id")),
            );
        manager.create_table(jobs).await?;
        run_all(manager, &[
            // The list endpoint: newest first, of a tenant, or of one user in it.
            r#"CREATE INDEX "ix_migration_jobs_created" ON "migration_jobs" ("tenant_id", "created_at")"#,
            r#"CREATE INDEX "ix_migration_jobs_user" ON "migration_jobs" ("tenant_id", "user_id", "created_at")"#,
            // The worker's claim and the count of a tenant's slots: only jobs at work are in this index.
            r#"CREATE INDEX "ix_migration_jobs_active" ON "migration_jobs" ("updated_at", "tenant_id") WHERE "status" IN ('validating', 'importing')"#,
            // Housekeeping of stored files asks which of them a job still refers to.
            r#"CREATE INDEX "ix_migration_jobs_file" ON "migration_jobs" ("file_url")"#,
        ])
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "migration_jobs").await
    }
}
