//! Words between processes that share a PostgreSQL: LISTEN and NOTIFY. Carries ids, never data; on SQLite there is one process
//! and nothing to carry.

use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::{Backend, Database, RepositoryError};

impl Database {
    /// Tells every process that listens on `channel`, this one included; does nothing on SQLite. At most 8 000 bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notify(&self, channel: &str, payload: &str) -> Result<(), RepositoryError> {
        if self.backend() == Backend::Postgres {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(channel)
                .bind(payload)
                .execute(self.owner().get_postgres_connection_pool())
                .await?;
        }
        Ok(())
    }

    /// Listens on `channel` with a connection of its own; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let options = self
            .owner()
            .get_postgres_connection_pool()
            .connect_options();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with((*options).clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }
}

/// A connection that hears notifications.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The payload of the next notification; `None` says that the connection was lost and is open again, so that something
    /// may have been missed.
    ///
    /// # Errors
    /// When the connection cannot be opened again: wait, and call again.
    pub async fn next(&mut self) -> Result<Option<String>, RepositoryError> {
        let notification = self.0.try_recv().await?;
        Ok(notification.map(|notification| notification.payload().to_owned()))
    }
}
