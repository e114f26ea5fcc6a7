//! Columns and statements that several migrations share.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

/// Runs one statement that both engines understand as written; for the partial and functional indexes that the builder
/// cannot express.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}

/// Creates an index that is neither unique nor partial.
pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

/// Drops a table.
pub(crate) async fn drop_table(
    manager: &SchemaManager<'_>,
    table: &'static str,
) -> Result<(), DbErr> {
    manager
        .drop_table(Table::drop().table(table).to_owned())
        .await
}

/// Hides a table that belongs to no tenant from every role but the owner, on PostgreSQL: row-level security without a policy
/// that lets anything pass.
pub(crate) async fn hide_from_application(
    manager: &SchemaManager<'_>,
    table: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    run(
        manager,
        &format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
    )
    .await?;
    run(
        manager,
        &format!("CREATE POLICY owner_alone ON {table} USING (false) WITH CHECK (false)"),
    )
    .await
}

/// Runs statements that both engines understand as written, one after the other.
pub(crate) async fn run_all(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for sql in statements {
        run(manager, sql).await?;
    }
    Ok(())
}

/// The tenant of the transaction, or null. On a used connection the setting is an empty string, not null, once the
/// transaction that set it has ended.
pub(crate) const TENANT: &str = "nullif(current_setting('hijrah.tenant_id', true), '')::uuid";

/// The condition under which a row belongs to the tenant whose id is in `column`.
pub(crate) fn own(column: &str) -> String {
    format!("{column} = {TENANT}")
}

/// On PostgreSQL, shows a role that does not own the table only the rows for which `condition` holds.
pub(crate) async fn isolate(
    manager: &SchemaManager<'_>,
    table: &str,
    condition: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    run_all(
        manager,
        &[
            &format!(r#"ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY"#),
            &format!(
                r#"CREATE POLICY tenant_isolation ON "{table}" USING ({condition}) WITH CHECK ({condition})"#
            ),
        ],
    )
    .await
}

/// Adds `created_at` and `updated_at`. They have no default: the application's clock writes them, cut to microseconds.
pub(crate) fn stamped(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(schema::timestamp("created_at"))
        .col(schema::timestamp("updated_at"))
}

/// Adds what every imported resource carries: the row's version (optimistic locking, and "changed since the import") and
/// where it came from. `UNIQUE (migration_job_id, import_row_number)` makes a repeated batch harmless.
pub(crate) fn imported<'t>(
    table: &'t mut TableCreateStatement,
    name: &'static str,
) -> &'t mut TableCreateStatement {
    stamped(table.col(schema::integer("version").default(1)))
        .col(schema::uuid_null("migration_job_id"))
        .col(schema::integer_null("import_row_number"))
        .foreign_key(
            ForeignKey::create()
                .name(format!("fk_{name}_migration_job"))
                .from(name, ("tenant_id", "migration_job_id"))
                .to("migration_jobs", ("tenant_id", "id")),
        )
        .index(
            Index::create()
                .unique()
                .name(format!("uq_{name}_import_row"))
                .col("migration_job_id")
                .col("import_row_number"),
        )
}

/// The primary key of tenant data: `(tenant_id, id)`, so that composite foreign keys need no second unique index.
pub(crate) fn tenant_key(name: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("pk_{name}"))
        .col("tenant_id")
        .col("id")
        .primary()
        .take()
}

/// The primary key of what belongs to a job: `(tenant_id, migration_job_id, column)`.
pub(crate) fn job_key(name: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("pk_{name}"))
        .col("tenant_id")
        .col("migration_job_id")
        .col(column)
        .primary()
        .take()
}

/// The foreign key of tenant data to its tenant.
pub(crate) fn of_tenant(name: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{name}_tenant"))
        .from(name, "tenant_id")
        .to("tenants", "id")
        .take()
}

/// The foreign key of what is deleted with its job.
pub(crate) fn of_job(name: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{name}_migration_job"))
        .from(name, ("tenant_id", "migration_job_id"))
        .to("migration_jobs", ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// The foreign key of what is deleted with its user.
pub(crate) fn of_user(name: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{name}_user"))
        .from(name, ("tenant_id", "user_id"))
        .to("user", ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// A check that a column holds one of the listed words.
pub(crate) fn one_of(column: &'static str, words: &[&'static str]) -> SimpleExpr {
    Expr::col(column).is_in(words.iter().copied())
}
