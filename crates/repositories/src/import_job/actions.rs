//! What users ask of a job: validation, import, deletion. Each is one transaction that locks the job, asks `domain`'s table of
//! transitions, and writes what it says.

use domain::{ImportJob, JobAction, JobCounts, JobId, JobStatus, Timestamp, Transition, decide};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel};

use super::{ImportJobs, Requested, row};
use crate::{Backend, Database, RepositoryError, TenantScope, table};

impl ImportJobs {
    /// Asks for validation. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job's state refuses it.
    pub async fn request_validation(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.request(scope, id, JobAction::Validate, u32::MAX).await
    }

    /// Asks for the import, taking one of the tenant's `slots`. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job's state refuses it, [`RepositoryError::TooManyImports`] when the
    /// tenant's slots are taken.
    pub async fn request_start(
        &self,
        scope: TenantScope,
        id: JobId,
        slots: u32,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.request(scope, id, JobAction::Start, slots).await
    }

    async fn request(
        &self,
        scope: TenantScope,
        id: JobId,
        action: JobAction,
        slots: u32,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                if action == JobAction::Start {
                    scope.lock(&self.db, &tx, "slots").await?;
                }
                let Some((mut job, progress)) = row::lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let now = row::now(&self.db, &tx).await?;
                let transition = decide(&job, action, now)?;
                match transition {
                    Transition::BeginValidation => begin_validation(&mut job),
                    Transition::BeginValidationThenImport => {
                        begin_validation(&mut job);
                        job.start_requested_at = Some(now);
                    }
                    Transition::ImportAfterValidation => job.start_requested_at = Some(now),
                    Transition::BeginImport => begin_import(&mut job, now),
                    Transition::AlreadyUnderWay | Transition::Rollback | Transition::Delete => {
                        return Ok(Some(Requested { job, transition }));
                    }
                }
                if job.start_requested_at.is_some() {
                    refuse_beyond(&self.db, &tx, scope, id, slots).await?;
                }
                if job.validated_at.is_none() && transition != Transition::ImportAfterValidation {
                    delete_errors(&self.db, &tx, scope, id).await?;
                }
                job.updated_at = now;
                // A run that goes on keeps what it reached, or its claims so far would count as claims that got nowhere.
                let progress = progress.min(job.attempt);
                save(&tx, &job, progress).await?;
                self.db.commit(tx).await?;
                Ok(Some(Requested { job, transition }))
            })
            .await
    }

    /// Forgets the job and its errors; its rows stay and lose their link. Returns the job as it was, so that its file can go
    /// too. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job has not ended.
    pub async fn delete(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        self.db.transact(move || async move {
        let tx = self.db.begin_write(scope).await?;
        let Some((job, _)) = row::lock(&tx, scope, id).await? else {
            return Ok(None);
        };
        let now = row::now(&self.db, &tx).await?;
        decide(&job, JobAction::Delete, now)?;
        take_time(&self.db, &tx).await?;
        let table = table::imported(job.import_type).name;
        let key = [scope.uuid().into(), id.as_uuid().into()];
        for sql in [
            format!(
                "UPDATE {table} SET migration_job_id = NULL WHERE tenant_id = $1 AND migration_job_id = $2"
            ),
            "DELETE FROM migration_errors WHERE tenant_id = $1 AND migration_job_id = $2"
                .to_owned(),
            "DELETE FROM migration_jobs WHERE tenant_id = $1 AND id = $2".to_owned(),
        ] {
            tx.execute_raw(self.db.statement(sql, key.clone())).await?;
        }
        self.db.commit(tx).await?;
        Ok(Some(job))
        }).await
    }
}

/// Writes the whole job; `progress` is the claim that last got somewhere.
pub(super) async fn save(
    tx: &DatabaseTransaction,
    job: &ImportJob,
    progress: u32,
) -> Result<(), RepositoryError> {
    row::active(job, progress)?
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    Ok(())
}

/// A million rows take longer than a statement usually may.
pub(super) async fn take_time(
    db: &Database,
    tx: &DatabaseTransaction,
) -> Result<(), RepositoryError> {
    if db.backend() == Backend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = '10min'")
            .await?;
    }
    Ok(())
}

fn begin_validation(job: &mut ImportJob) {
    job.status = JobStatus::Validating;
    job.counts = JobCounts {
        total_rows: job.counts.total_rows,
        ..JobCounts::default()
    };
    job.metadata.error_summary = None;
    job.validated_at = None;
    job.start_requested_at = None;
    job.started_at = None;
    free(job);
}

fn begin_import(job: &mut ImportJob, now: Timestamp) {
    job.status = JobStatus::Importing;
    job.counts.processed_rows = 0;
    job.counts.imported_rows = 0;
    job.counts.failed_rows = 0;
    job.start_requested_at = Some(now);
    job.started_at = Some(now);
    free(job);
}

/// Forgets an earlier run.
fn free(job: &mut ImportJob) {
    job.error_message = None;
    job.completed_at = None;
    job.checkpoint = None;
    job.attempt = 0;
    job.lease_owner = None;
    job.lease_expires_at = None;
}

async fn refuse_beyond(
    db: &Database,
    tx: &DatabaseTransaction,
    scope: TenantScope,
    id: JobId,
    slots: u32,
) -> Result<(), RepositoryError> {
    let sql = "SELECT count(*) AS taken FROM migration_jobs WHERE tenant_id = $1 AND id <> $2 \
        AND (status = 'importing' OR (status = 'validating' AND start_requested_at IS NOT NULL))";
    let values = [scope.uuid().into(), id.as_uuid().into()];
    let row = tx.query_one_raw(db.statement(sql, values)).await?;
    let taken: i64 = match row {
        Some(row) => row.try_get("", "taken")?,
        None => 0,
    };
    if taken >= i64::from(slots) {
        return Err(RepositoryError::TooManyImports { limit: slots });
    }
    Ok(())
}

/// Deletes all row errors of a job.
pub(super) async fn delete_errors(
    db: &Database,
    tx: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<(), RepositoryError> {
    let sql = "DELETE FROM migration_errors WHERE tenant_id = $1 AND migration_job_id = $2";
    let values = [scope.uuid().into(), id.as_uuid().into()];
    tx.execute_raw(db.statement(sql, values)).await?;
    Ok(())
}
