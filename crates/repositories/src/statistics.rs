//! What PostgreSQL's planner believes about the size of tables. A table that was emptied, vacuumed and filled again counts as
//! empty until the next automatic analysis, and in that minute the checks of foreign keys may walk a tenant's whole index for
//! every single row: a rollback of 80 000 rows then takes a quarter of an hour instead of two seconds.

use domain::ImportType;
use sea_orm::ConnectionTrait;

use crate::{Backend, Database, RepositoryError, table};

/// The tables that an import reads for each of its rows: those that its foreign keys refer to.
fn referred_to(kind: ImportType) -> Vec<&'static str> {
    let reference = table::imported(kind).reference.as_ref();
    let parent = reference.map(|reference| reference.table);
    ["migration_jobs"].into_iter().chain(parent).collect()
}

/// The tables that a rollback reads for each of its rows: its own, and those that refer to it.
fn touched(kind: ImportType) -> impl Iterator<Item = &'static str> {
    let own = table::imported(kind);
    let referring = own.referring().map(|(name, _)| name);
    [own.name].into_iter().chain(referring)
}

/// Before an import: analyses the tables that are far larger than the planner believes. There are seldom any, so it costs one
/// small query.
pub(crate) async fn correct_for_import(db: &Database, kind: ImportType) {
    if db.backend() == Backend::Postgres
        && let Err(error) = correct(db, &referred_to(kind)).await
    {
        warn(&error);
    }
}

async fn correct(db: &Database, tables: &[&str]) -> Result<(), RepositoryError> {
    let sql = format!(
        "SELECT c.relname::text AS name FROM pg_class c WHERE c.oid IN ({}) AND c.reltuples >= 0 \
         AND pg_stat_get_live_tuples(c.oid) > 1000 \
         AND pg_stat_get_live_tuples(c.oid) > 4 * c.reltuples",
        tables
            .iter()
            .map(|table| format!("'{table}'::regclass"))
            .collect::<Vec<_>>()
            .join(", ")
    );
    for row in db.owner().query_all_raw(db.statement(sql, [])).await? {
        let table: String = row.try_get("", "name")?;
        analyze(db, &table).await?;
    }
    Ok(())
}

/// Before a rollback: analyses the tables it touches. It is rare, and reads them once for every row.
pub(crate) async fn renew_for_rollback(db: &Database, kind: ImportType) {
    if db.backend() == Backend::Postgres {
        for table in touched(kind) {
            if let Err(error) = analyze(db, table).await {
                warn(&error);
            }
        }
    }
}

/// Samples the columns of the key, as the tables' owner: no other role may.
async fn analyze(db: &Database, table: &str) -> Result<(), RepositoryError> {
    let sql = format!("ANALYZE {table} (tenant_id, id)");
    db.owner().execute_unprepared(&sql).await?;
    Ok(())
}

/// A failure costs speed alone.
fn warn(error: &RepositoryError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "could not renew the planner's statistics"
    );
}
