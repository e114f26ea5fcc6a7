//! Opens pools with what each engine needs set. Runs no query of its own.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database as SeaDatabase, DatabaseConnection};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::RepositoryError;

/// How long a request waits for a connection before it is told that the database is unavailable.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long a connection is trusted after its last use; one that rested longer is asked for a sign of life before it is used. On
/// a busy machine every question to the database waits for its turn.
const PROVEN: Duration = Duration::from_secs(1);
/// How long a statement may run. Rollback and deletion of an import set their own.
const STATEMENT: Duration = Duration::from_secs(30);
/// How long a statement waits for another's lock.
const LOCK: Duration = Duration::from_secs(10);
/// How long a SQLite writer waits for the other one.
const BUSY: Duration = Duration::from_secs(15);

/// Opens a pool.
pub(crate) async fn pool(
    url: &str,
    max_connections: u32,
    lease: Duration,
) -> Result<DatabaseConnection, RepositoryError> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(PROVEN)
        .max_connections(max_connections.max(1));
    if url.starts_with("sqlite") {
        make_folder(url)?;
        if is_in_memory(url) {
            // The database is its one connection.
            options
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(BUSY)
                .foreign_keys(true)
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "MEMORY")
        });
    } else {
        let idle = lease / 2;
        options.map_sqlx_postgres_opts(move |options| {
            options.application_name("hijrah").options([
                ("TimeZone", "UTC".to_owned()),
                ("statement_timeout", milliseconds(STATEMENT)),
                ("lock_timeout", milliseconds(LOCK)),
                ("idle_in_transaction_session_timeout", milliseconds(idle)),
            ])
        });
    }
    Ok(SeaDatabase::connect(options).await?)
}

fn milliseconds(span: Duration) -> String {
    span.as_millis().to_string()
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// Makes the folder of a SQLite file, where the address has one.
fn make_folder(url: &str) -> Result<(), RepositoryError> {
    let path = url
        .trim_start_matches("sqlite:")
        .trim_start_matches("//")
        .split('?')
        .next()
        .unwrap_or_default();
    if is_in_memory(url) {
        return Ok(());
    }
    match Path::new(path).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| RepositoryError::Unavailable(error.into())),
        _ => Ok(()),
    }
}
