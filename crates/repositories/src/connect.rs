//! Opens connection pools with the settings that each engine needs.
//!
//! A connection can break without either end noticing: a firewall forgets it, a server loses its power. The driver
//! sets neither keepalives nor a user timeout on its sockets, and a proxy in between would answer those for the server, so the
//! database itself is asked: a connection that was idle, or comes back from use, has to answer in time, and every
//! statement has a deadline ([`crate::pool`]). The server is configured to check its own end.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database as SeaDatabase, DatabaseConnection};
use sqlx::{
    Connection, PgConnection, Postgres, Sqlite,
    pool::PoolOptions,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::RepositoryError;

/// How long opening a connection may take. The wait for a free connection comes before that, in [`crate::pool`].
pub(crate) const ACQUIRE: Duration = Duration::from_secs(5);
/// How long a connection is trusted after its last use; one that was idle for longer is tested before it is used. On
/// a busy machine every query has to wait for its turn, also that of a test.
const PROVEN: Duration = Duration::from_secs(1);
/// How long that test may take before a new connection replaces the old one; this leaves time to open it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// How long a statement may run. Rollback and deletion of an import set their own.
pub(crate) const STATEMENT: Duration = Duration::from_secs(30);
/// How long a statement waits for the lock of another one.
const LOCK: Duration = Duration::from_secs(10);
/// Pages that a connection keeps, in kibibytes below zero: each of the pool has its own, and the system keeps the file's pages too. With
/// 16 MB each, ten readers of reports came to 160 MB.
const SQLITE_CACHE: &str = "-4000";
/// How long a SQLite writer waits for the other one: less than a request waits for the answer, so that the reason is SQLite's own.
const BUSY: Duration = Duration::from_secs(12);

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
        if is_in_memory(url) {
            // The database is its one connection.
            options
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        options.map_sqlx_sqlite_pool_opts(at_rest);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // A committed change survives a loss of power; with `NORMAL` it would survive only the end of the process.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY)
                .foreign_keys(true)
                .pragma("cache_size", SQLITE_CACHE)
                .pragma("temp_store", "MEMORY")
        });
    } else {
        let idle = lease / 2;
        options.map_sqlx_postgres_pool_opts(lively);
        options.map_sqlx_postgres_opts(move |options| {
            options.application_name("hijrah").options([
                ("TimeZone", "UTC".to_owned()),
                ("statement_timeout", milliseconds(STATEMENT)),
                ("lock_timeout", milliseconds(LOCK)),
                ("idle_in_transaction_session_timeout", milliseconds(idle)),
                // A client that is cut off keeps its locks until the server notices: within half a minute while it waits for the
                // client, within five seconds while it works. On a Unix socket the first four are ignored.
                ("tcp_keepalives_idle", "10".to_owned()),
                ("tcp_keepalives_interval", "5".to_owned()),
                ("tcp_keepalives_count", "3".to_owned()),
                ("tcp_user_timeout", "20000".to_owned()),
                ("client_connection_check_interval", "5000".to_owned()),
            ])
        });
    }
    Ok(SeaDatabase::connect(options).await?)
}

/// Connections leave and enter the pool only after they have answered; the driver's own tests have no deadline.
fn lively(options: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
    options
        .test_before_acquire(false)
        .before_acquire(|connection, rest| {
            Box::pin(async move {
                if rest.idle_for > PROVEN {
                    sign_of_life(connection).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                sign_of_life(connection).await?;
                Ok(true)
            })
        })
}

/// Connections enter the pool only if their transaction has ended. SQLite by itself undoes one in which a page cannot be written;
/// the driver then fails to undo it, counts it forever, and takes the next transaction for a part of it: what that one commits
/// is the end of a savepoint, of which the file learns nothing.
fn at_rest(options: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    options.after_release(|connection, _| {
        Box::pin(async move {
            // Whatever is queued comes before the answer, also the undoing of a transaction that was dropped.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

async fn sign_of_life(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match tokio::time::timeout(SIGN_OF_LIFE, connection.ping()).await {
        Ok(alive) => alive,
        Err(late) => Err(sqlx::Error::Io(late.into())),
    }
}

fn milliseconds(span: Duration) -> String {
    span.as_millis().to_string()
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}
