//! Words between processes that share a PostgreSQL: LISTEN and NOTIFY. Carries ids, never data; on SQLite there is one process
//! and nothing to carry.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::{Backend, Database, RepositoryError, connect};

/// How long the connection may be silent before it is tested: together with [`NO_ANSWER`] this is how late an event of another
/// process arrives when the connection has broken.
const SILENCE: Duration = Duration::from_secs(1);
/// How long a sign of life, a notification or a new connection may take: on a busy machine everything waits for its turn.
const NO_ANSWER: Duration = Duration::from_secs(2);

impl Database {
    /// Notifies every process that listens on `channel`, this one included; does nothing on SQLite. At most 8 000 bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notify(&self, channel: &str, payload: &str) -> Result<(), RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok(());
        }
        let notify = self.statement("SELECT pg_notify($1, $2)", [channel.into(), payload.into()]);
        let notified = self.owner().execute_raw(notify);
        in_time(notified).await??;
        Ok(())
    }

    /// Listens on `channel` with its own connection; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let options = self.postgres_pool().connect_options();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(connect::ACQUIRE)
            .connect_with((*options).clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        in_time(listener.listen(channel)).await??;
        Ok(Some(Listener(listener)))
    }
}

/// A connection that receives notifications.
#[derive(Debug)]
pub struct Listener(PgListener);

/// What a listener receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The payload of a notification.
    Notification(String),
    /// There was no notification, and the connection is alive.
    SignOfLife,
    /// The connection was lost and is open again: something may have been missed.
    Gap,
}

impl Listener {
    /// The next notification, sign of life or gap. A connection can break without either end noticing, so a silent one is tested
    /// every second.
    ///
    /// # Errors
    /// When the connection is lost and cannot be reopened: listen with a new one, and read what was missed.
    pub async fn next(&mut self) -> Result<Heard, RepositoryError> {
        if let Ok(received) = tokio::time::timeout(SILENCE, self.0.try_recv()).await {
            return Ok(match received? {
                Some(notification) => Heard::Notification(notification.payload().to_owned()),
                None => Heard::Gap,
            });
        }
        // The listener keeps what is notified in between.
        in_time(sqlx::query("SELECT 1").execute(&mut self.0)).await??;
        Ok(Heard::SignOfLife)
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, RepositoryError> {
    let done = tokio::time::timeout(NO_ANSWER, work).await;
    done.map_err(|late| RepositoryError::Unavailable(late.into()))
}
