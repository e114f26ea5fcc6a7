//! The rows that an import did not take are kept once, however many errors they have, and an error says what it is about in
//! words that do not change.
//!
//! An error used to carry its row as a JSON object, so a row of a wide sheet was stored with all its headers for each of its
//! errors. `migration_rows` has the cells alone, as one text (`domain::RowCells`); the headers are in the job's metadata.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

use crate::columns::{job_key, of_job, run};

/// Creates `migration_rows`, moves the rows there, and adds the columns of errors, warnings and cancelled jobs.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The rows of the errors that are there: cells in the order of the file, parted by tabs, as `domain::RowCells` packs them.
const MOVE_ROWS_POSTGRES: &str = r#"
INSERT INTO "migration_rows" ("tenant_id", "migration_job_id", "row_number", "bytes", "cells")
SELECT r.tenant_id, r.migration_job_id, r.row_number, octet_length(r.cells), r.cells FROM (
    SELECT e.tenant_id, e.migration_job_id, e.row_number, (
        SELECT coalesce(string_agg(replace(replace(c.value, E'\\', E'\\b'), E'\t', E'\\t'), E'\t' ORDER BY c.ordinality), '')
        FROM json_each_text(e.row_data) WITH ORDINALITY AS c (key, value, ordinality)
    ) AS cells
    FROM (
        SELECT DISTINCT ON (tenant_id, migration_job_id, row_number) tenant_id, migration_job_id, row_number, row_data
        FROM "migration_errors" ORDER BY tenant_id, migration_job_id, row_number, id
    ) AS e
) AS r"#;
const MOVE_ROWS_SQLITE: &str = r#"
INSERT INTO "migration_rows" ("tenant_id", "migration_job_id", "row_number", "bytes", "cells")
SELECT r.tenant_id, r.migration_job_id, r.row_number, length(CAST(r.cells AS BLOB)), r.cells FROM (
    SELECT e.tenant_id, e.migration_job_id, e.row_number, coalesce((
        SELECT group_concat(replace(replace(c.value, '\', '\b'), char(9), '\t'), char(9) ORDER BY c.id)
        FROM json_each(e.row_data) AS c
    ), '') AS cells
    FROM "migration_errors" AS e
    WHERE e.id = (
        SELECT min(o.id) FROM "migration_errors" AS o WHERE o.tenant_id = e.tenant_id
        AND o.migration_job_id = e.migration_job_id AND o.row_number = e.row_number
    )
) AS r"#;

/// The code of an error of an earlier version, derived from its kind and its message.
const NAME_CODES: &str = r#"
UPDATE "migration_errors" SET "code" = CASE
    WHEN "error_type" = 'missing_required' THEN 'required'
    WHEN "error_type" = 'duplicate' AND "error_message" LIKE '%sudah ada di sistem' THEN 'duplicate_in_system'
    WHEN "error_type" = 'duplicate' THEN 'duplicate_in_file'
    ELSE "error_type" END"#;

/// The rows go back to their errors, under the headers of their jobs; a cell without a header is named by its place.
const RESTORE_ROWS_POSTGRES: &str = r#"
UPDATE "migration_errors" AS e SET "row_data" = (
    SELECT coalesce(json_object_agg(
        coalesce(nullif(j.metadata -> 'columns' ->> (c.ordinality - 1)::int, ''), '_kolom_' || c.ordinality),
        replace(replace(c.value, E'\\t', E'\t'), E'\\b', E'\\') ORDER BY c.ordinality), '{}')
    FROM "migration_rows" AS r
    JOIN "migration_jobs" AS j ON j.tenant_id = r.tenant_id AND j.id = r.migration_job_id
    CROSS JOIN LATERAL unnest(string_to_array(r.cells, E'\t')) WITH ORDINALITY AS c (value, ordinality)
    WHERE r.tenant_id = e.tenant_id AND r.migration_job_id = e.migration_job_id AND r.row_number = e.row_number
)"#;
const RESTORE_ROWS_SQLITE: &str = r#"
UPDATE "migration_errors" SET "row_data" = coalesce((
    WITH RECURSIVE part (place, cell, rest) AS (
        SELECT -1, '', r.cells || char(9) FROM "migration_rows" AS r
        WHERE r.tenant_id = migration_errors.tenant_id AND r.migration_job_id = migration_errors.migration_job_id
        AND r.row_number = migration_errors.row_number
        UNION ALL
        SELECT place + 1, substr(rest, 1, instr(rest, char(9)) - 1), substr(rest, instr(rest, char(9)) + 1)
        FROM part WHERE rest <> ''
    )
    SELECT json_group_object(
        coalesce(nullif(json_extract(j.metadata, '$.columns[' || place || ']'), ''), '_kolom_' || (place + 1)),
        replace(replace(cell, '\t', char(9)), '\b', '\') ORDER BY place)
    FROM part JOIN "migration_jobs" AS j
    ON j.tenant_id = migration_errors.tenant_id AND j.id = migration_errors.migration_job_id
    WHERE place >= 0
), '{}')"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        manager
            .create_table(
                Table::create()
                    .table("migration_rows")
                    .col(schema::uuid("tenant_id"))
                    .col(schema::uuid("migration_job_id"))
                    .col(schema::integer("row_number"))
                    // Of `cells`: what is read at once is bounded by bytes, and they need not be read to know it.
                    .col(schema::integer("bytes"))
                    .col(schema::text("cells"))
                    // The report in the order of the file, and the replacement of one batch's rows.
                    .primary_key(&mut job_key("migration_rows", "row_number"))
                    .foreign_key(&mut of_job("migration_rows"))
                    .to_owned(),
            )
            .await?;
        run(
            manager,
            if postgres {
                MOVE_ROWS_POSTGRES
            } else {
                MOVE_ROWS_SQLITE
            },
        )
        .await?;
        let (json, jsonb, moment) = if postgres {
            ("json", "jsonb", "timestamp")
        } else {
            ("json_text", "jsonb_text", "timestamp_text")
        };
        for sql in [
            r#"ALTER TABLE "migration_errors" DROP COLUMN "row_data""#,
            r#"ALTER TABLE "migration_errors" ADD COLUMN "code" varchar(64) NOT NULL DEFAULT 'unknown'"#,
            r#"ALTER TABLE "migration_errors" ADD COLUMN "column_index" integer"#,
            &format!(r#"ALTER TABLE "migration_errors" ADD COLUMN "params" {json}"#),
            r#"ALTER TABLE "migration_errors" ADD COLUMN "severity" varchar(16) NOT NULL DEFAULT 'error' CHECK ("severity" IN ('error', 'warning'))"#,
            NAME_CODES,
            r#"ALTER TABLE "migration_jobs" ADD COLUMN "warning_rows" bigint NOT NULL DEFAULT 0"#,
            &format!(r#"ALTER TABLE "migration_jobs" ADD COLUMN "cancelled_at" {moment}"#),
            // Who it was, under the name of that day: a deleted user keeps it.
            &format!(r#"ALTER TABLE "migration_jobs" ADD COLUMN "cancelled_by" {jsonb}"#),
        ] {
            run(manager, sql).await?;
        }
        if postgres {
            // Row-level security, as on every table of tenants.
            let own = "tenant_id = nullif(current_setting('hijrah.tenant_id', true), '')::uuid";
            run(
                manager,
                r#"ALTER TABLE "migration_rows" ENABLE ROW LEVEL SECURITY"#,
            )
            .await?;
            run(
                manager,
                &format!(
                    r#"CREATE POLICY tenant_isolation ON "migration_rows" USING ({own}) WITH CHECK ({own})"#
                ),
            )
            .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let (json, restore) = if postgres {
            ("json", RESTORE_ROWS_POSTGRES)
        } else {
            ("json_text", RESTORE_ROWS_SQLITE)
        };
        for sql in [
            // An earlier version takes every row of the table for an error.
            r#"DELETE FROM "migration_errors" WHERE "severity" <> 'error'"#,
            &format!(
                r#"ALTER TABLE "migration_errors" ADD COLUMN "row_data" {json} NOT NULL DEFAULT '{{}}'"#
            ),
            restore,
            r#"DROP TABLE "migration_rows""#,
            r#"ALTER TABLE "migration_errors" DROP COLUMN "severity""#,
            r#"ALTER TABLE "migration_errors" DROP COLUMN "params""#,
            r#"ALTER TABLE "migration_errors" DROP COLUMN "column_index""#,
            r#"ALTER TABLE "migration_errors" DROP COLUMN "code""#,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "cancelled_by""#,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "cancelled_at""#,
            r#"ALTER TABLE "migration_jobs" DROP COLUMN "warning_rows""#,
        ] {
            run(manager, sql).await?;
        }
        Ok(())
    }
}
