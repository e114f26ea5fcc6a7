//! Copies of the whole database at one moment, for backups, and whether a database is still empty.

use std::path::Path;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, FromQueryResult, IsolationLevel, Statement,
    TransactionTrait,
};
use sqlx::Row;

use crate::{Backend, Database, RepositoryError};

/// The stored files that jobs refer to.
const FILES: &str = "SELECT file_url FROM migration_jobs WHERE file_url <> ''";

/// A moment of a PostgreSQL database that stays visible while this lives. `pg_dump --snapshot` sees the same.
#[derive(Debug)]
pub struct Snapshot {
    transaction: DatabaseTransaction,
    /// Its name, for `pg_dump`.
    pub id: String,
}

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

impl Snapshot {
    /// The stored files that the jobs of this moment refer to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn files(&self) -> Result<Vec<String>, RepositoryError> {
        let files = FILES.replace("file_url FROM", "file_url AS text FROM");
        texts(&self.transaction, &files).await
    }
}

async fn texts(
    transaction: &DatabaseTransaction,
    query: &str,
) -> Result<Vec<String>, RepositoryError> {
    let query = Statement::from_string(transaction.get_database_backend(), query);
    let found = Text::find_by_statement(query).all(transaction).await?;
    Ok(found.into_iter().map(|found| found.text).collect())
}

impl Database {
    /// Opens a snapshot of a PostgreSQL database as the tables' owner, to whom row-level security does not apply.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot, RepositoryError> {
        let transaction = self
            .owner()
            .connections()
            .begin_with_config(
                Some(IsolationLevel::RepeatableRead),
                Some(AccessMode::ReadOnly),
            )
            .await?;
        // The transaction only waits while the dump is written, which may take long.
        transaction
            .execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0")
            .await?;
        let mut ids = texts(&transaction, "SELECT pg_export_snapshot() AS text").await?;
        let id = ids.pop().ok_or(RepositoryError::Corrupt {
            column: "pg_export_snapshot",
        })?;
        Ok(Snapshot { transaction, id })
    }

    /// Writes a copy of a SQLite database to a file that is not there yet, and returns the stored files that its jobs refer to.
    /// Servers may write during the copy: it shows one moment, and holds what the write-ahead log holds.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub async fn copy_to(&self, path: &Path) -> Result<Vec<String>, RepositoryError> {
        let path = path.to_string_lossy().into_owned();
        let mut connection = self
            .owner()
            .connections()
            .get_sqlite_connection_pool()
            .acquire()
            .await
            .map_err(|error| RepositoryError::Unavailable(error.into()))?;
        let failed = |error: sqlx::Error| RepositoryError::Unavailable(error.into());
        sqlx::query("VACUUM INTO ?")
            .bind(&path)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        sqlx::query("ATTACH DATABASE ? AS copy")
            .bind(&path)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        let files = sqlx::query("SELECT file_url FROM copy.migration_jobs WHERE file_url <> ''")
            .fetch_all(&mut *connection)
            .await;
        sqlx::query("DETACH DATABASE copy")
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        let files = files.map_err(failed)?;
        files
            .iter()
            .map(|row| row.try_get(0).map_err(failed))
            .collect()
    }

    /// Whether the database has no tables yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_empty(&self) -> Result<bool, RepositoryError> {
        let tables = match self.backend() {
            Backend::Postgres => {
                "SELECT table_name::text AS text FROM information_schema.tables \
                 WHERE table_schema = current_schema() LIMIT 1"
            }
            Backend::Sqlite => "SELECT name AS text FROM sqlite_master LIMIT 1",
        };
        let tables = Statement::from_string(self.owner().get_database_backend(), tables);
        let found = Text::find_by_statement(tables).one(self.owner()).await?;
        Ok(found.is_none())
    }
}

impl Database {
    /// Replaces this SQLite database by a copy that [`Database::copy_to`] wrote, and closes it. No other process may have it
    /// open.
    ///
    /// # Errors
    /// When the file cannot be written, or a write-ahead log of another file is next to it.
    pub async fn fill_from(self, source: &Path) -> Result<(), RepositoryError> {
        let query = "SELECT file AS text FROM pragma_database_list WHERE name = 'main'";
        let query = Statement::from_string(self.owner().get_database_backend(), query);
        let main = Text::find_by_statement(query).one(self.owner()).await?;
        let main = main.map(|main| main.text).unwrap_or_default();
        self.close().await;
        replace(&main, source)
            .await
            .map_err(|error| RepositoryError::Unavailable(error.into()))
    }
}

/// By a rename: an interrupted copy leaves the empty database.
async fn replace(main: &str, source: &Path) -> std::io::Result<()> {
    for log in ["-wal", "-journal"] {
        if tokio::fs::try_exists(format!("{main}{log}")).await? {
            return Err(std::io::Error::other("the database is in use"));
        }
    }
    let copy = format!("{main}.restoring");
    tokio::fs::copy(source, &copy).await?;
    tokio::fs::File::open(&copy).await?.sync_all().await?;
    tokio::fs::rename(&copy, main).await
}
