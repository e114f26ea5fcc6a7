//! Connections: the application's pool, the owner's pool behind it, and what both engines need set.

use std::time::Duration;

use sea_orm::DatabaseConnection;

use crate::RepositoryError;

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite://…` or `postgres://…`: the role the application works as.
    pub url: String,
    /// The tables' owner on PostgreSQL: it loads imports, claims jobs and finds users who log in. `None`: the role of `url`
    /// owns the tables, and row-level security does not stand behind the repositories.
    pub owner_url: Option<String>,
    /// Most connections of each pool.
    pub max_connections: u32,
    /// The workers' lease. A session that idles in a transaction is ended in half that time, so that a stalled worker cannot
    /// block its successor.
    pub lease: Duration,
}

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL 15 or newer.
    Postgres,
    /// SQLite, embedded.
    Sqlite,
}

/// The pools. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    app: DatabaseConnection,
    owner: DatabaseConnection,
    backend: Backend,
}

impl Database {
    /// Opens the pools; a missing SQLite folder is made.
    ///
    /// # Errors
    /// When the address is wrong or the database does not answer.
    pub async fn connect(_config: &DatabaseConfig) -> Result<Self, RepositoryError> {
        unimplemented!()
    }

    /// Which engine it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Whether the newest migration that this code knows has been applied.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema_is_at_head(&self) -> Result<bool, RepositoryError> {
        unimplemented!()
    }

    /// A connection of its own for migrations: exactly one, because SQLite's `PRAGMA`s hold per connection.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn migration_connection(
        _config: &DatabaseConfig,
    ) -> Result<DatabaseConnection, RepositoryError> {
        unimplemented!()
    }

    /// Tells every process that listens on `channel`, through PostgreSQL; does nothing on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notify(&self, _channel: &str, _payload: &str) -> Result<(), RepositoryError> {
        let _ = (&self.app, &self.owner);
        unimplemented!()
    }

    /// Listens on `channel`; `None` on SQLite, which has one process.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn listen(&self, _channel: &str) -> Result<Option<Listener>, RepositoryError> {
        unimplemented!()
    }

    /// Closes the pools.
    pub async fn close(&self) {
        unimplemented!()
    }
}

/// A connection that hears notifications.
#[derive(Debug)]
pub struct Listener(pub(crate) ());

impl Listener {
    /// The payload of the next notification; `None` says that the connection was lost and is open again, so that something
    /// may have been missed.
    ///
    /// # Errors
    /// When the connection cannot be opened again: wait, and call again.
    pub async fn next(&mut self) -> Result<Option<String>, RepositoryError> {
        unimplemented!()
    }
}
