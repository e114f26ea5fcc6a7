//! Claiming jobs, keeping them, giving them back. All times are the database's.

use std::time::Duration;

use domain::{ImportJob, JobId, JobStatus, TenantId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{
    actions::save,
    queue::{ImportQueue, Lease, fail},
    row,
};
use crate::{Backend, RepositoryError, TenantScope, statistics};

/// What a claim brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A job to work on: its `status` says whether to validate or to import.
    Job(Box<ImportJob>, Lease),
    /// A job that was claimed [`ImportQueue::MAX_ATTEMPTS`] times without getting anywhere; it is `failed` now.
    GaveUp(Box<ImportJob>),
}

/// What is said of a job that a claim ends.
#[derive(Debug, Clone, Copy)]
pub struct LastWords<'a> {
    /// When its processing got nowhere in [`ImportQueue::MAX_ATTEMPTS`] claims.
    pub gave_up: &'a str,
    /// When its row cannot be read.
    pub unreadable: &'a str,
}

impl ImportQueue {
    /// Claims that got nowhere before a job is given up.
    pub const MAX_ATTEMPTS: u32 = 5;

    /// Claims the next job whose lease is free or has expired: of the tenant with the fewest jobs at work, the one that waits
    /// longest. `owner` is a word of at most 64 bytes that is new for every claim; `last_words` are said of
    /// a job that ends instead of being claimed. With `largest_file` only jobs whose file has at most so many bytes are taken: a
    /// place in which small imports never wait behind large ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(
        &self,
        owner: &str,
        ttl: Duration,
        last_words: LastWords<'_>,
        largest_file: Option<u64>,
    ) -> Result<Option<Claim>, RepositoryError> {
        let db = &self.db;
        loop {
            // An empty queue costs one read, and on SQLite no turn as the writer.
            db.fault_point()?;
            let Some(waiting) = self.next(db.owner(), largest_file, "").await? else {
                return Ok(None);
            };
            let tx = db.begin_owner().await?;
            let lock = match db.backend() {
                Backend::Postgres => "FOR UPDATE SKIP LOCKED",
                Backend::Sqlite => "",
            };
            let next = self.next(&tx, largest_file, lock).await?;
            if next != Some(waiting) {
                // Somebody holds the row: another claim, or a worker that sleeps.
                self.evict_sleepers(&tx).await?;
            }
            let Some((scope, id)) = next else {
                return Ok(None);
            };
            let (mut job, progress) = match row::lock(&tx, scope, id).await {
                Ok(Some(found)) => found,
                Ok(None) => return Ok(None),
                Err(error @ (RepositoryError::Corrupt { .. } | RepositoryError::Unreadable(_))) => {
                    self.fail_unreadable(&tx, scope, id, last_words.unreadable)
                        .await?;
                    db.commit(tx).await?;
                    tracing::error!(
                        job.id = %id,
                        error = &error as &dyn std::error::Error,
                        "failed an import job whose row cannot be read"
                    );
                    continue;
                }
                Err(error) => return Err(error),
            };
            let now = row::now(db, &tx).await?;
            if job.attempt.saturating_sub(progress) >= Self::MAX_ATTEMPTS {
                fail(&mut job, last_words.gave_up, now);
                save(&tx, &job, progress).await?;
                db.commit(tx).await?;
                return Ok(Some(Claim::GaveUp(Box::new(job))));
            }
            job.attempt += 1;
            job.lease_owner = Some(owner.to_owned());
            job.lease_expires_at = Some(now + time::Duration::try_from(ttl).unwrap_or_default());
            job.updated_at = now;
            save(&tx, &job, progress).await?;
            db.commit(tx).await?;
            if job.status == JobStatus::Importing {
                statistics::correct_for_import(db, job.import_type).await;
            }
            let lease = Lease {
                scope,
                job_id: id,
                owner: owner.to_owned(),
                attempt: job.attempt,
                tries: job.attempt.saturating_sub(progress),
            };
            return Ok(Some(Claim::Job(Box::new(job), lease)));
        }
    }

    /// Ends a job whose row cannot be read, for it would be the next one for ever and keep all others waiting.
    async fn fail_unreadable(
        &self,
        tx: &DatabaseTransaction,
        scope: TenantScope,
        id: JobId,
        message: &str,
    ) -> Result<(), RepositoryError> {
        let now = self.db.now();
        let sql = format!(
            "UPDATE migration_jobs SET status = 'failed', error_message = $3, completed_at = {now}, \
             updated_at = {now}, lease_owner = NULL, lease_expires_at = NULL \
             WHERE tenant_id = $1 AND id = $2"
        );
        let values = [
            scope.uuid().into(),
            id.as_uuid().into(),
            message.to_owned().into(),
        ];
        tx.execute_raw(self.db.statement(sql, values)).await?;
        Ok(())
    }

    async fn next(
        &self,
        conn: &impl ConnectionTrait,
        largest_file: Option<u64>,
        lock: &str,
    ) -> Result<Option<(TenantScope, JobId)>, RepositoryError> {
        let now = self.db.now();
        let size =
            largest_file.map_or_else(String::new, |bytes| format!("AND file_size <= {bytes} "));
        let sql = format!(
            "SELECT tenant_id, id FROM migration_jobs AS j \
             WHERE status IN ('validating', 'importing') {size}\
             AND (lease_expires_at IS NULL OR lease_expires_at <= {now}) \
             ORDER BY (SELECT count(*) FROM migration_jobs AS o WHERE o.tenant_id = j.tenant_id \
             AND o.status IN ('validating', 'importing') AND o.lease_expires_at > {now}), \
             updated_at, id LIMIT 1 {lock}"
        );
        let Some(row) = conn.query_one_raw(self.db.statement(sql, [])).await? else {
            return Ok(None);
        };
        let tenant: Uuid = row.try_get("", "tenant_id")?;
        let id: Uuid = row.try_get("", "id")?;
        let scope = TenantScope::new(TenantId::from_uuid(tenant));
        Ok(Some((scope, JobId::from_uuid(id))))
    }

    /// Prolongs the lease.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn heartbeat(&self, lease: &Lease, ttl: Duration) -> Result<(), RepositoryError> {
        let set = format!("lease_expires_at = {}", self.db.now_plus(ttl));
        self.update_fenced(lease, &set).await
    }

    /// Gives the job back before its end, for whoever claims next; it goes to the end of the queue, and the claim does not
    /// count as one that got nowhere.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn release(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let checkpoint = match self.db.backend() {
            Backend::Postgres => {
                "coalesce(checkpoint, '{}') || jsonb_build_object('attempt', attempt)"
            }
            Backend::Sqlite => "json_set(coalesce(checkpoint, '{}'), '$.attempt', attempt)",
        };
        let set = format!(
            "lease_owner = NULL, lease_expires_at = NULL, checkpoint = {checkpoint}, updated_at = {}",
            self.db.now()
        );
        self.update_fenced(lease, &set).await
    }

    /// Gives the job back after its processing failed: whoever claims next tries again, and the claim counts as one that got
    /// nowhere.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn abandon(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let set = format!(
            "lease_owner = NULL, lease_expires_at = NULL, updated_at = {}",
            self.db.now()
        );
        self.update_fenced(lease, &set).await
    }

    async fn update_fenced(&self, lease: &Lease, set: &str) -> Result<(), RepositoryError> {
        self.db.fault_point()?;
        let sql = format!("UPDATE migration_jobs SET {set} WHERE {}", Lease::FENCE);
        let done = self
            .db
            .owner()
            .execute_raw(self.db.statement(sql, lease.values()))
            .await?;
        if done.rows_affected() == 0 {
            return Err(RepositoryError::LeaseLost);
        }
        Ok(())
    }

    /// Which of these stored files a job refers to, in the order of the question: what housekeeping may not delete.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_files(&self, file_urls: &[String]) -> Result<Vec<bool>, RepositoryError> {
        let mut known = Vec::with_capacity(file_urls.len());
        for some in file_urls.chunks(1_000) {
            let places: Vec<String> = (1..=some.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT file_url FROM migration_jobs WHERE file_url IN ({})",
                places.join(", ")
            );
            let values = some.iter().map(|url| url.clone().into());
            let rows = self
                .db
                .owner()
                .query_all_raw(self.db.statement(sql, values))
                .await?;
            let found = rows
                .into_iter()
                .map(|row| row.try_get("", "file_url"))
                .collect::<Result<std::collections::HashSet<String>, _>>()?;
            known.extend(some.iter().map(|url| found.contains(url)));
        }
        Ok(known)
    }
}
