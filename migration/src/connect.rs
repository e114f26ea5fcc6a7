//! The connection on which migrations run.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::error::is_lock;

/// How long a SQLite statement waits for the other writer before this crate's own patience takes over.
const BUSY: Duration = Duration::from_secs(1);
/// How long the first connection to a SQLite file may be refused because another process is creating it.
const CREATION: Duration = Duration::from_secs(30);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// A connection of one, since SQLite's `PRAGMA`s hold per connection. No statement has a time limit: building an index may take
/// an hour, and what others wait for is limited by `lock_timeout`.
///
/// # Errors
/// When the database does not answer.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .min_connections(0)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    if url.starts_with("sqlite") {
        options.map_sqlx_sqlite_opts(|options| {
            options
                .busy_timeout(BUSY)
                .foreign_keys(true)
                // The mode that the server works in; it belongs to the file.
                .pragma("journal_mode", "WAL")
        });
    } else {
        options.map_sqlx_postgres_opts(|options| {
            options.application_name("hijrah-migration").options([
                ("TimeZone", "UTC"),
                ("statement_timeout", "0"),
                ("idle_in_transaction_session_timeout", "0"),
            ])
        });
    }
    let begun = Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            // Only one process at a time can turn a new file into WAL mode.
            Err(error) if is_lock(&error) && begun.elapsed() < CREATION => {
                tokio::time::sleep(PAUSE).await;
            }
            connected => return connected,
        }
    }
}
