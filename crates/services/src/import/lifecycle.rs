//! Use cases that change a job's state: validate, start, roll back, delete. They put work into the queue for the worker.

use auth::{Actor, ManageImports};
use domain::{Action, Doer, ImportJob, JobId, JobStatus, Transition};
use repositories::{Requested, RollbackPreview};

use super::{Imports, RolledBack, reading::missing_columns};
use crate::{Event, ServiceError, activity::note_job};

impl Imports {
    /// Puts the job into the queue for validation. Asking twice is one run.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`] or a failure.
    pub async fn validate(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        self.ensure_ready(actor, id).await?;
        let requested = self
            .jobs
            .request_validation(actor.tenant_id().into(), id)
            .await?;
        self.enqueued(actor, Action::Validated, requested).await
    }

    /// Puts the job into the queue for import, with the validation first where there was none.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`], [`ServiceError::NothingToImport`],
    /// [`ServiceError::TooManyImports`] or a failure.
    pub async fn start(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        self.ensure_ready(actor, id).await?;
        let slots = self.context.config.max_concurrent_imports;
        let doer = self.doer(actor).await?;
        let requested = self
            .jobs
            .request_start(actor.tenant_id().into(), id, slots, Some(&doer))
            .await?;
        let job = self.enqueued(actor, Action::Started, requested).await?;
        self.remember(&job).await;
        Ok(job)
    }

    /// Refuses a draft that lacks columns: no run of it could succeed.
    async fn ensure_ready(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<(), ServiceError> {
        let job = self.job(actor, id).await?;
        if !matches!(job.status(), JobStatus::Pending | JobStatus::Failed) {
            return Ok(());
        }
        let missing = missing_columns(&job);
        if missing.is_empty() || job.metadata.columns.is_empty() {
            return Ok(());
        }
        Err(ServiceError::MissingColumns {
            suggestions: missing
                .iter()
                .map(|field| (field.clone(), Vec::new()))
                .collect(),
            columns: job.metadata.columns.clone(),
            missing,
            look: None,
            notices: job.metadata.notices.clone(),
            looks_like: None,
        })
    }

    /// The caller under their present name.
    pub(super) async fn doer(&self, actor: &Actor<ManageImports>) -> Result<Doer, ServiceError> {
        let user = self
            .users
            .find(actor.tenant_id().into(), actor.user_id())
            .await?
            .ok_or(ServiceError::SessionEnded)?;
        Ok(Doer {
            id: user.id,
            username: user.username,
            nama_lengkap: user.profile.nama_lengkap,
        })
    }

    async fn enqueued(
        &self,
        actor: &Actor<ManageImports>,
        action: Action,
        requested: Option<Requested>,
    ) -> Result<ImportJob, ServiceError> {
        let Requested { job, transition } = requested.ok_or(ServiceError::NO_JOB)?;
        tracing::info!(job.id = %job.id, job.status = %job.status(), ?transition, "queued a job");
        if transition != Transition::AlreadyUnderWay {
            self.context.events.publish(Event::status(&job));
            self.context.queue_bell.notify_waiters();
            note_job(&self.context, actor, action, &job, &[]).await;
        }
        Ok(job)
    }

    /// Stops a job that is running, or discards one that is not; a discarded job can be deleted. Asking twice has the same effect as once.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`] or a failure.
    pub async fn cancel(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let doer = self.doer(actor).await?;
        let discarded = format!("Dibuang oleh {}", doer.nama_lengkap);
        let Requested { job, transition } = self
            .jobs
            .request_cancel(actor.tenant_id().into(), id, &doer, &discarded)
            .await?
            .ok_or(ServiceError::NO_JOB)?;
        tracing::info!(job.id = %id, user.id = %actor.user_id(), ?transition, "cancelled a job");
        if transition != Transition::AlreadyUnderWay {
            self.context.events.publish(Event::status(&job));
            note_job(&self.context, actor, Action::Cancelled, &job, &[]).await;
        }
        Ok(job)
    }

    /// Rolls back what the job stored, in one transaction. With `keep_changed`, rows that were changed or are referenced stay.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::CannotRollBack`], [`ServiceError::RollbackExpired`],
    /// [`ServiceError::RollbackConflict`] or a failure.
    pub async fn roll_back(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        keep_changed: bool,
    ) -> Result<RolledBack, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let doer = self.doer(actor).await?;
        let done = self
            .jobs
            .rollback(actor.tenant_id().into(), id, keep_changed, Some(&doer))
            .await?
            .ok_or(ServiceError::NO_JOB)?;
        tracing::info!(
            job.id = %id, user.id = %actor.user_id(),
            removed = done.removed, restored = done.restored, kept = done.kept_total,
            "rolled an import back"
        );
        crate::observe::ended(&done.job);
        self.context.events.publish(Event::status(&done.job));
        let counts = [
            ("removed_rows", done.removed),
            ("restored_rows", done.restored),
            ("kept_rows", done.kept_total),
        ];
        note_job(&self.context, actor, Action::RolledBack, &done.job, &counts).await;
        Ok(RolledBack {
            job: done.job,
            removed_rows: done.removed,
            restored_rows: done.restored,
            kept_rows_total: done.kept_total,
            kept_rows: done.kept.into_iter().map(Into::into).collect(),
        })
    }

    /// What a rollback would do now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn rollback_preview(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<RollbackPreview, ServiceError> {
        let scope = actor.tenant_id().into();
        let preview = self.jobs.rollback_preview(scope, id).await?;
        preview.ok_or(ServiceError::NO_JOB)
    }

    /// Deletes a finished job, its errors and its file. Imported rows stay.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::JobNotFinished`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<(), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let job = self
            .jobs
            .delete(actor.tenant_id().into(), id)
            .await?
            .ok_or(ServiceError::NO_JOB)?;
        // The row is deleted first: the sweep finds a file without a job, but a job without its file would be a fault.
        if let Err(error) = self.context.storage.delete(&job.file_url).await {
            tracing::warn!(
                job.id = %id, error = &error as &dyn std::error::Error,
                "could not delete the file of a deleted job, the sweep will"
            );
        }
        tracing::info!(job.id = %id, user.id = %actor.user_id(), "deleted a job");
        note_job(&self.context, actor, Action::Deleted, &job, &[]).await;
        Ok(())
    }
}
