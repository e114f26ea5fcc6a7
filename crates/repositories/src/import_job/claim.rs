//! Claiming jobs, keeping them, giving them back. All times are the database's.

use std::time::Duration;

#[cfg(doc)]
use domain::MAX_ATTEMPTS;
use domain::{ImportEnd, ImportJob, JobId, JobStatus, LONGEST_DEFERRAL, TenantId, WebhookEvent};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    actions::save,
    queue::{ImportQueue, Lease},
    row,
};
use crate::{
    Backend, RepositoryError, TenantScope, pool::Transaction, statistics, webhook::outbox,
};

/// What a claim brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A job to work on: its `status` says whether to validate or to import.
    Job(Box<ImportJob>, Lease),
    /// A job that is `failed` now: it was claimed [`MAX_ATTEMPTS`] times without getting anywhere, or the system has had faults
    /// for too long.
    GaveUp(Box<ImportJob>),
}

/// The messages of jobs that a claim ends.
#[derive(Debug, Clone, Copy)]
pub struct FailureMessages<'a> {
    /// When its processing got nowhere in [`MAX_ATTEMPTS`] claims.
    pub gave_up: &'a str,
    /// When it was put off [`domain::MAX_DEFERRALS`] times because of faults of the system.
    pub disturbed: &'a str,
    /// When its row cannot be read.
    pub unreadable: &'a str,
}

/// A job that is free to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    scope: TenantScope,
    id: JobId,
    /// Its lease ends later than any that is given, and is shortened instead.
    is_too_far: bool,
}

/// A lease never ends later than this many lease times from now, whatever the database's clock did meanwhile.
const LEASES_AHEAD: u32 = 2;

impl ImportQueue {
    /// Claims the next job whose lease is free or has expired, and whose pause is over: of the tenant with the fewest jobs at work, the one that waits
    /// longest. `owner` is a word of at most 64 bytes that is new for every claim; `messages` are those
    /// of jobs that fail instead of being claimed. With `largest_file` only jobs whose file has at most that many bytes are claimed, so
    /// that small imports never wait for large ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(
        &self,
        owner: &str,
        ttl: Duration,
        messages: FailureMessages<'_>,
        largest_file: Option<u64>,
    ) -> Result<Option<Claim>, RepositoryError> {
        let db = &self.db;
        loop {
            // An empty queue costs one read, and on SQLite no turn as the writer.
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
                // Somebody holds the row: another claim, or a worker that sleeps.
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
            let job = match row::lock(&tx, scope, id).await {
                Ok(Some(found)) => found,
                Ok(None) => return Ok(None),
                Err(error @ (RepositoryError::Corrupt { .. } | RepositoryError::Unreadable(_))) => {
                    self.fail_unreadable(&tx, scope, id, messages.unreadable)
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
            let is_takeover = job.lease.owner().is_some();
            let job = job.claimed(owner, ttl, now);
            save(&tx, &job).await?;
            db.commit(tx).await?;
            if job.status == JobStatus::Importing {
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

    /// Ends a job whose row cannot be read, for it would be the next one for ever and keep all others waiting.
    async fn fail_unreadable(
        &self,
        tx: &Transaction,
        scope: TenantScope,
        id: JobId,
        message: &str,
    ) -> Result<(), RepositoryError> {
        self.note_unreadable(tx, scope, id, message).await?;
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

    /// Puts the end of a job whose row cannot be read on its way to the tenant's webhooks, with what is legible of it.
    async fn note_unreadable(
        &self,
        tx: &Transaction,
        scope: TenantScope,
        id: JobId,
        message: &str,
    ) -> Result<(), RepositoryError> {
        let sql =
            "SELECT import_type, file_name FROM migration_jobs WHERE tenant_id = $1 AND id = $2";
        let values = [scope.uuid().into(), id.as_uuid().into()];
        let row = tx.query_one_raw(self.db.statement(sql, values)).await?;
        let text = |column: &str| {
            let text = row.as_ref().map(|row| row.try_get::<String>("", column));
            text.and_then(Result::ok).unwrap_or_default()
        };
        let now = row::now(&self.db, tx).await?;
        let end = ImportEnd {
            tenant_id: scope.tenant_id(),
            job_id: id,
            import_type: &text("import_type"),
            file_name: &text("file_name"),
            status: JobStatus::Failed,
            total_rows: 0,
            imported_rows: 0,
            created_rows: 0,
            updated_rows: 0,
            skipped_rows: 0,
            failed_rows: 0,
            error_message: Some(message),
            completed_at: Some(now),
            rolled_back_at: None,
        };
        outbox::insert(tx, WebhookEvent::ImportFailed, now, end).await
    }

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

    /// Holds for a lease or a pause that ends later than any that is given: the database's clock was set back since. Processes
    /// whose leases differ in length by more than this factor would disturb each other.
    fn too_far(&self, ttl: Duration) -> String {
        format!(
            "lease_expires_at > CASE WHEN lease_owner IS NULL THEN {} ELSE {} END",
            self.db.now_plus(LONGEST_DEFERRAL * LEASES_AHEAD),
            self.db.now_plus(ttl * LEASES_AHEAD)
        )
    }

    /// Lets a lease that ends too late end in time: if its owner is alive it prolongs the lease before that, as always.
    async fn shorten(&self, waiting: &Waiting, ttl: Duration) -> Result<(), RepositoryError> {
        let sql = format!(
            "UPDATE migration_jobs SET lease_expires_at = CASE WHEN lease_owner IS NULL THEN {} ELSE {} END \
             WHERE tenant_id = $1 AND id = $2 AND {}",
            self.db.now(),
            self.db.now_plus(ttl * LEASES_AHEAD),
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

    /// Prolongs the lease.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
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

    /// Which of these stored files a job refers to, in the order of the question: what housekeeping may not delete.
    ///
    /// # Errors
    /// When the database does not answer.
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
