//! Claims jobs and keeps their leases. All times are those of the database's clock.

use std::time::Duration;

#[cfg(doc)]
use domain::MAX_ATTEMPTS;
use domain::{ImportJob, JobId, JobStatus, TenantId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    actions::{note_end, save},
    lease::Lease,
    queue::ImportQueue,
    row,
};
use crate::{
    Backend, RepositoryError, TenantScope,
    entity::migration_job::{Column, Entity},
    statistics,
};

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A job to work on: its `status` says whether to validate or to import.
    Job(Box<ImportJob>, Lease),
    /// A job that is `failed` now: [`MAX_ATTEMPTS`] claims in a row made no progress, or faults of the system have lasted
    /// too long.
    GaveUp(Box<ImportJob>),
}

/// The messages of jobs that a claim ends.
#[derive(Debug, Clone, Copy)]
pub struct FailureMessages<'a> {
    /// If [`MAX_ATTEMPTS`] claims in a row made no progress.
    pub gave_up: &'a str,
    /// If it was deferred [`domain::MAX_DEFERRALS`] times because of faults of the system.
    pub disturbed: &'a str,
    /// If its row cannot be read.
    pub unreadable: &'a str,
}

/// A job that is free to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    scope: TenantScope,
    id: JobId,
    /// Its lease ends later than that of any new claim could; it is shortened instead of claimed.
    is_too_far: bool,
}

impl ImportQueue {
    /// Claims the next job whose lease is free or has expired, and whose pause is over: of the tenant with the fewest
    /// held jobs, the one that has waited longest. `owner` is a text of at most 64 bytes that is new for every claim;
    /// `messages` are the messages of jobs that fail instead of being claimed. With `largest_file` only jobs whose file
    /// has at most that many bytes are claimed, so that small imports never wait for large ones.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn claim(
        &self,
        owner: &str,
        ttl: Duration,
        messages: FailureMessages<'_>,
        largest_file: Option<u64>,
    ) -> Result<Option<Claim>, RepositoryError> {
        let db = &self.db;
        loop {
            // An empty queue costs one read, and does not take the write lock on SQLite.
            db.fault_point()?;
            let Some(waiting) = self.next(db.owner(), ttl, largest_file, "").await? else {
                return Ok(None);
            };
            if waiting.is_too_far {
                self.shorten(&waiting, ttl).await?;
                continue;
            }
            let tx = db.begin_owner().await?;
            let lock = match db.backend() {
                Backend::Postgres => "FOR UPDATE SKIP LOCKED",
                Backend::Sqlite => "",
            };
            let next = self.next(&tx, ttl, largest_file, lock).await?;
            if next != Some(waiting) {
                // Another transaction holds the row: another claim, or a worker that does not respond.
                self.evict_sleepers(&tx).await?;
            }
            let Some(Waiting {
                scope,
                id,
                is_too_far: false,
            }) = next
            else {
                return Ok(None);
            };
            let Some(row::Locked { job, is_damaged }) = row::lock_damaged(&tx, scope, id).await?
            else {
                return Ok(None);
            };
            let now = row::now(db, &tx).await?;
            if is_damaged {
                // Otherwise it would be claimed again and again before all others. The parts of it that cannot be read
                // stay as they are.
                let job = job.failed(messages.unreadable, now);
                note_end(&tx, &job).await?;
                Entity::update_many()
                    .set(row::active_state(&job))
                    .filter(Column::TenantId.eq(scope.uuid()))
                    .filter(Column::Id.eq(id.as_uuid()))
                    .exec(&tx)
                    .await?;
                db.commit(tx).await?;
                tracing::error!(job.id = %id, "failed an import job whose row cannot be read");
                continue;
            }
            if !job.is_claimable(now) {
                return Ok(None);
            }
            let given_up = if job.is_hopeless() {
                Some(messages.gave_up)
            } else if job.is_put_off_too_often() {
                Some(messages.disturbed)
            } else {
                None
            };
            if let Some(message) = given_up {
                let job = job.failed(message, now);
                save(&tx, &job).await?;
                db.commit(tx).await?;
                return Ok(Some(Claim::GaveUp(Box::new(job))));
            }
            let is_takeover = job.lease().owner().is_some();
            let job = job.claimed(owner, ttl, now);
            save(&tx, &job).await?;
            db.commit(tx).await?;
            if job.status() == JobStatus::Importing {
                statistics::correct_for_import(db, job.import_type).await;
            }
            let lease = Lease {
                scope,
                job_id: id,
                owner: owner.to_owned(),
                attempt: job.attempt,
                deferrals: job.progress.deferrals,
                is_takeover,
                tries: job.tries(),
            };
            return Ok(Some(Claim::Job(Box::new(job), lease)));
        }
    }

    /// The next job that is claimable ([`ImportJob::is_claimable`]) or whose lease ends too late.
    async fn next(
        &self,
        conn: &impl ConnectionTrait,
        ttl: Duration,
        largest_file: Option<u64>,
        lock: &str,
    ) -> Result<Option<Waiting>, RepositoryError> {
        let now = self.db.now();
        let size =
            largest_file.map_or_else(String::new, |bytes| format!("AND file_size <= {bytes} "));
        let too_far = self.too_far(ttl);
        let sql = format!(
            "SELECT tenant_id, id, (lease_expires_at IS NOT NULL AND {too_far}) AS is_too_far \
             FROM migration_jobs AS j \
             WHERE status IN ('validating', 'importing') {size}\
             AND (lease_expires_at IS NULL OR lease_expires_at <= {now} OR {too_far}) \
             ORDER BY (SELECT count(*) FROM migration_jobs AS o WHERE o.tenant_id = j.tenant_id \
             AND o.status IN ('validating', 'importing') AND o.lease_owner IS NOT NULL \
             AND o.lease_expires_at > {now}), updated_at, id LIMIT 1 {lock}"
        );
        let Some(row) = conn.query_one_raw(self.db.statement(sql, [])).await? else {
            return Ok(None);
        };
        let tenant: Uuid = row.try_get("", "tenant_id")?;
        let id: Uuid = row.try_get("", "id")?;
        Ok(Some(Waiting {
            scope: TenantScope::new(TenantId::from_uuid(tenant)),
            id: JobId::from_uuid(id),
            is_too_far: row.try_get("", "is_too_far")?,
        }))
    }

    /// The condition for rows of jobs that [`ImportJob::shortened`] changes.
    fn too_far(&self, ttl: Duration) -> String {
        let (pause, lease) = ImportJob::longest_ends(ttl);
        format!(
            "lease_expires_at > CASE WHEN lease_owner IS NULL THEN {} ELSE {} END",
            self.db.now_plus(pause),
            self.db.now_plus(lease)
        )
    }

    /// [`ImportJob::shortened`] in one statement, which does not wait for a batch that holds the row, and works for a
    /// damaged job too.
    async fn shorten(&self, waiting: &Waiting, ttl: Duration) -> Result<(), RepositoryError> {
        let sql = format!(
            "UPDATE migration_jobs SET lease_expires_at = CASE WHEN lease_owner IS NULL THEN {} ELSE {} END \
             WHERE tenant_id = $1 AND id = $2 AND {}",
            self.db.now(),
            self.db.now_plus(ImportJob::longest_ends(ttl).1),
            self.too_far(ttl)
        );
        let values = [waiting.scope.uuid().into(), waiting.id.as_uuid().into()];
        let done = self
            .db
            .owner()
            .execute_raw(self.db.statement(sql, values))
            .await?;
        if done.rows_affected() > 0 {
            tracing::warn!(
                job.id = %waiting.id,
                "shortened a lease that ended too late: the clock of the database was set back"
            );
        }
        Ok(())
    }

    /// Extends the lease: [`ImportJob::prolonged`] in one statement, because it must be quick on a busy machine.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds it.
    pub async fn heartbeat(&self, lease: &Lease, ttl: Duration) -> Result<(), RepositoryError> {
        self.db.fault_point()?;
        let sql = format!(
            "UPDATE migration_jobs SET lease_expires_at = {} WHERE {}",
            self.db.now_plus(ttl),
            Lease::FENCE
        );
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

    /// Which of these stored files a job refers to, in the given order: housekeeping may not delete them.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn known_files(&self, file_urls: &[String]) -> Result<Vec<bool>, RepositoryError> {
        let mut known = Vec::with_capacity(file_urls.len());
        for some in file_urls.chunks(1_000) {
            let parameters: Vec<String> = (1..=some.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT file_url FROM migration_jobs WHERE file_url IN ({})",
                parameters.join(", ")
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
