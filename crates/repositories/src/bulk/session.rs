//! A transaction on a separate connection outside of SeaORM, for `COPY`, which only the driver supports.

use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use tokio::sync::OwnedSemaphorePermit;

use super::batch::BulkError;
use crate::{Database, RepositoryError};

/// A transaction of the owner of the tables. Unless it is committed, its connection is closed, and the server rolls it
/// back: a `COPY` that was cut off leaves a response on the connection that its next user would take for its own.
#[derive(Debug)]
pub(super) struct BatchTransaction {
    connection: PoolConnection<Postgres>,
    is_committed: bool,
    _permit: OwnedSemaphorePermit,
}

impl BatchTransaction {
    pub(super) async fn begin(db: &Database) -> Result<Self, BulkError> {
        let permit = db.owner().permit().await.map_err(RepositoryError::from)?;
        let mut tx = Self {
            connection: db.postgres_pool().acquire().await?,
            is_committed: false,
            _permit: permit,
        };
        sqlx::raw_sql("BEGIN").execute(&mut *tx).await?;
        Ok(tx)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("COMMIT").execute(&mut *self).await?;
        self.is_committed = true;
        Ok(())
    }
}

impl Deref for BatchTransaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for BatchTransaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for BatchTransaction {
    fn drop(&mut self) {
        if !self.is_committed {
            self.connection.close_on_drop();
        }
    }
}
