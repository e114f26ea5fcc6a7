//! The statements of a migration without a database: for `migration sql`, and for the checksums by which a changed migration
//! is noticed. Comments and formatting of a source file do not count, helpers that it shares with others do.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use futures_util::FutureExt;
use sea_orm::{DatabaseConnection, DbBackend, MockDatabase, MockExecResult, Value};
use sea_orm_migration::prelude::*;
use sha2::{Digest, Sha256};

use crate::Migrator;

/// More than any migration has; the recording connection needs an answer for each, prepared.
const MOST: usize = 1_000;

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Apply.
    Up,
    /// Roll back.
    Down,
}

/// A connection that writes down what it is asked, and answers that nothing was found.
fn recorder(backend: DbBackend) -> DatabaseConnection {
    let nothing: Vec<Vec<BTreeMap<&str, Value>>> = vec![Vec::new(); MOST];
    MockDatabase::new(backend)
        .append_exec_results(vec![MockExecResult::default(); MOST])
        .append_query_results(nothing)
        .into_connection()
}

/// The statements of one migration on an engine. What a migration reads from the database is empty here.
///
/// # Errors
/// When the migration cannot do without what it reads.
pub async fn statements(
    backend: DbBackend,
    migration: &dyn MigrationTrait,
    direction: Direction,
) -> Result<Vec<String>, DbErr> {
    let db = recorder(backend);
    let manager = SchemaManager::new(&db);
    match direction {
        Direction::Up => migration.up(&manager).await?,
        Direction::Down => migration.down(&manager).await?,
    }
    let log = db.into_transaction_log();
    let statements = log.iter().flat_map(sea_orm::Transaction::statements);
    Ok(statements.map(ToString::to_string).collect())
}

/// The checksum of each migration on an engine.
pub(crate) fn checksums(backend: DbBackend) -> &'static BTreeMap<String, String> {
    static POSTGRES: LazyLock<BTreeMap<String, String>> =
        LazyLock::new(|| all(DbBackend::Postgres));
    static SQLITE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| all(DbBackend::Sqlite));
    match backend {
        DbBackend::Sqlite => &SQLITE,
        _ => &POSTGRES,
    }
}

fn all(backend: DbBackend) -> BTreeMap<String, String> {
    let of = |migration: &dyn MigrationTrait| {
        // The recorder never waits, so the first poll is the last.
        let statements = statements(backend, migration, Direction::Up)
            .now_or_never()?
            .ok()?;
        let mut hash = Sha256::new();
        for statement in &statements {
            hash.update(statement.as_bytes());
            hash.update([0]);
        }
        Some(hex::encode(hash.finalize()))
    };
    Migrator::migrations()
        .iter()
        .filter_map(|migration| Some((migration.name().to_owned(), of(migration.as_ref())?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_has_a_checksum_on_each_engine() {
        for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
            let sums = checksums(backend);
            assert_eq!(sums.len(), Migrator::names().len());
        }
        assert_ne!(checksums(DbBackend::Postgres), checksums(DbBackend::Sqlite));
    }
}
