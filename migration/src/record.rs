//! The statements of a migration without a database: for `migration sql`, and for the checksums by which a changed migration
//! is noticed. Comments and formatting of a source file do not count, helpers that it shares with others do.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use futures_util::FutureExt;
use sea_orm::{DatabaseConnection, DbBackend, MockDatabase, MockExecResult, Value};
use sea_orm_migration::prelude::*;
use sha2::{Digest, Sha256};

use crate::{Migrator, state};

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

/// What a person can run instead of the migration: its statements in one transaction, with the note that it is applied.
///
/// # Errors
/// As [`statements`].
pub async fn transcript(
    backend: DbBackend,
    name: &str,
    direction: Direction,
) -> Result<Vec<String>, DbErr> {
    let migrations = Migrator::migrations();
    let migration = migrations.iter().find(|migration| migration.name() == name);
    let migration =
        migration.ok_or_else(|| DbErr::Custom(format!("there is no migration {name}")))?;
    let heading = match direction {
        Direction::Up => format!("-- {name}"),
        Direction::Down => format!("-- {name}, rolled back"),
    };
    let begin = match backend {
        DbBackend::Sqlite => "BEGIN IMMEDIATE",
        _ => "BEGIN",
    };
    let mut lines = vec![begin.to_owned()];
    lines.extend(state::lock(backend));
    if direction == Direction::Up && Migrator::names().first().is_some_and(|first| first == name) {
        lines.push(state::create());
    }
    lines.extend(statements(backend, migration.as_ref(), direction).await?);
    if direction == Direction::Up {
        lines.extend(state::grants(backend).map(str::to_owned));
    }
    lines.push(match direction {
        Direction::Up => state::note(backend, name),
        Direction::Down => state::forget(name),
    });
    lines.push("COMMIT".to_owned());
    let lines = lines.iter().map(|line| format!("{line};"));
    Ok(std::iter::once(heading).chain(lines).collect())
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
