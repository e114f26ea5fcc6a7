//! How much work the queue holds, for metrics.

use std::time::Duration;

use sea_orm::ConnectionTrait;

use super::queue::ImportQueue;
use crate::{Backend, RepositoryError};

/// What the queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepth {
    /// Jobs that no worker holds.
    pub waiting: u64,
    /// Jobs that a worker holds.
    pub working: u64,
    /// How long the oldest waiting job has waited; zero if none waits.
    pub oldest: Duration,
}

impl ImportQueue {
    /// Counts the jobs of all tenants.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn depth(&self) -> Result<QueueDepth, RepositoryError> {
        let now = self.db.now();
        let waits = format!("(lease_expires_at IS NULL OR lease_expires_at <= {now})");
        let since = format!("min(updated_at) FILTER (WHERE {waits})");
        let age = match self.db.backend() {
            Backend::Postgres => format!("EXTRACT(EPOCH FROM ({now} - {since}))"),
            Backend::Sqlite => format!("(julianday({now}) - julianday({since})) * 86400"),
        };
        let sql = format!(
            "SELECT count(*) FILTER (WHERE {waits}) AS waiting, count(*) FILTER (WHERE NOT {waits}) AS working, \
             CAST(coalesce({age}, 0) AS DOUBLE PRECISION) AS oldest \
             FROM migration_jobs WHERE status IN ('validating', 'importing')"
        );
        let row = self
            .db
            .owner()
            .query_one_raw(self.db.statement(sql, []))
            .await?
            .ok_or(RepositoryError::Corrupt {
                column: "migration_jobs",
            })?;
        let count = |name| -> Result<u64, RepositoryError> {
            Ok(row.try_get::<i64>("", name)?.unsigned_abs())
        };
        let oldest: f64 = row.try_get("", "oldest")?;
        Ok(QueueDepth {
            waiting: count("waiting")?,
            working: count("working")?,
            oldest: Duration::try_from_secs_f64(oldest.max(0.0)).unwrap_or_default(),
        })
    }
}
