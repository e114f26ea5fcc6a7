//! The actions of users on a job: validation, import, deletion. Each is one transaction that locks the job, lets `domain`
//! decide, and saves the result.

use domain::{
    Doer, ImportJob, ImportType, InvalidTransition, JobAction, JobId, Transition, decide,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};

use super::{ImportJobs, Requested, row};
use crate::{
    Database, RepositoryError, TenantScope, activity, pool::Transaction, table, webhook::outbox,
};

impl ImportJobs {
    /// Requests the validation. `None` if there is no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job's state does not allow it.
    pub async fn request_validation(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.request(scope, id, JobAction::Validate, u32::MAX, None)
            .await
    }

    /// Requests the import for `doer`, which takes one of the tenant's `slots`. `None` if there is no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job's state does not allow it, [`RepositoryError::TooManyImports`]
    /// if all slots of the tenant are taken.
    pub async fn request_start(
        &self,
        scope: TenantScope,
        id: JobId,
        slots: u32,
        doer: Option<&Doer>,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.request(scope, id, JobAction::Start, slots, doer).await
    }

    async fn request(
        &self,
        scope: TenantScope,
        id: JobId,
        action: JobAction,
        slots: u32,
        doer: Option<&Doer>,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                if action == JobAction::Start {
                    scope.lock(&self.db, &tx, "slots").await?;
                }
                let Some(row::Locked { job, is_damaged }) =
                    row::lock_damaged(&tx, scope, id).await?
                else {
                    return Ok(None);
                };
                if is_damaged {
                    // Its metadata is lost, and with it how the file is to be read.
                    let status = job.status();
                    return Err(InvalidTransition::InvalidState { status, action }.into());
                }
                let now = row::now(&self.db, &tx).await?;
                let (job, transition) = job.requested(action, doer, now)?;
                if transition == Transition::AlreadyUnderWay {
                    return Ok(Some(Requested { job, transition }));
                }
                if job.takes_slot() {
                    refuse_beyond(&self.db, &tx, scope, id, slots).await?;
                }
                if matches!(
                    transition,
                    Transition::BeginValidation | Transition::BeginValidationThenImport
                ) {
                    delete_report(&self.db, &tx, scope, id).await?;
                }
                save(&tx, &job).await?;
                self.db.commit(tx).await?;
                Ok(Some(Requested { job, transition }))
            })
            .await
    }

    /// Deletes the job and its errors; its rows stay, without their reference to it. Returns the job as it was, so that
    /// its file can be deleted too. `None` if there is no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job has not ended.
    pub async fn delete(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        self.db.transact(move || async move {
        let tx = self.db.begin_write(scope).await?;
        let Some(row::Locked { job, is_damaged, .. }) =
            row::lock_damaged(&tx, scope, id).await?
        else {
            return Ok(None);
        };
        let now = row::now(&self.db, &tx).await?;
        decide(&job, JobAction::Delete, now)?;
        tx.take_time().await?;
        // The type that a damaged job states may be wrong.
        let own = [job.import_type];
        let types = if is_damaged { ImportType::ALL } else { &own };
        for table in types.iter().map(|kind| table::imported(*kind).name) {
            let sql = format!(
                "UPDATE {table} SET migration_job_id = NULL WHERE tenant_id = $1 AND migration_job_id = $2"
            );
            let key = [scope.uuid().into(), id.as_uuid().into()];
            tx.execute_raw(self.db.statement(sql, key)).await?;
        }
        delete_report(&self.db, &tx, scope, id).await?;
        let sql = "UPDATE migration_jobs SET corrects = NULL WHERE tenant_id = $1 AND corrects = $2";
        let key = [scope.uuid().into(), id.as_uuid().into()];
        tx.execute_raw(self.db.statement(sql, key)).await?;
        let sql = "DELETE FROM migration_jobs WHERE tenant_id = $1 AND id = $2";
        let key = [scope.uuid().into(), id.as_uuid().into()];
        tx.execute_raw(self.db.statement(sql, key)).await?;
        self.db.commit(tx).await?;
        Ok(Some(job))
        }).await
    }
}

/// Records the end of a job, if it has ended, in the activity log and the outbox of the tenant's webhooks.
pub(super) async fn note_end(tx: &Transaction, job: &ImportJob) -> Result<(), RepositoryError> {
    activity::insert_end(tx, job).await?;
    outbox::insert_end(tx, job).await
}

/// Writes the whole job, and records its end.
pub(super) async fn save(tx: &Transaction, job: &ImportJob) -> Result<(), RepositoryError> {
    note_end(tx, job).await?;
    row::active(job)?
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    Ok(())
}

async fn refuse_beyond(
    db: &Database,
    tx: &Transaction,
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

/// Deletes all row errors and failed rows of a job.
pub(super) async fn delete_report(
    db: &Database,
    tx: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<(), RepositoryError> {
    for sql in [
        "DELETE FROM migration_errors WHERE tenant_id = $1 AND migration_job_id = $2",
        "DELETE FROM migration_rows WHERE tenant_id = $1 AND migration_job_id = $2",
    ] {
        let values = [scope.uuid().into(), id.as_uuid().into()];
        tx.execute_raw(db.statement(sql, values)).await?;
    }
    Ok(())
}
