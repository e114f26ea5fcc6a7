//! Ends the sessions of workers that stopped responding in the middle of a batch. PostgreSQL only.

use sea_orm::ConnectionTrait;

use super::{lease::Lease, queue::ImportQueue};
use crate::{Backend, RepositoryError};

impl ImportQueue {
    /// Ends sessions that wait for their client in a batch of a claim that no longer holds the lease: the client is a
    /// process that was stopped or is cut off, or one that returned the job because this connection had gone silent. No
    /// timeout of PostgreSQL ends a `COPY` that waits for its client, and until the session ends the job's row is locked.
    /// A worker that is only slow does not make its session wait.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(super) async fn evict_sleepers(
        &self,
        conn: &impl ConnectionTrait,
    ) -> Result<(), RepositoryError> {
        if self.db.backend() != Backend::Postgres {
            return Ok(());
        }
        let sql = format!(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity AS a \
             WHERE starts_with(a.application_name, '{at_work}') \
             AND NOT EXISTS (SELECT 1 FROM migration_jobs AS j \
             WHERE a.application_name = '{at_work}' || j.lease_owner \
             AND j.status IN ('validating', 'importing') AND j.lease_expires_at > {now}) \
             AND a.datname = current_database() AND a.wait_event = 'ClientRead'",
            at_work = Lease::AT_WORK,
            now = self.db.now()
        );
        let ended = conn.query_all_raw(self.db.statement(sql, [])).await?;
        if !ended.is_empty() {
            tracing::warn!(
                sessions = ended.len(),
                "ended the sessions of workers that sleep in a batch"
            );
        }
        Ok(())
    }
}
