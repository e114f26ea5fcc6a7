//! Stops running jobs and discards drafts. A running import is only asked to stop: its worker ends it after the current batch, so
//! that no row is stored in part.

use domain::{Doer, ImportJob, JobId, Transition};

use super::{
    ImportJobs, Requested,
    actions::{delete_report, save},
    lease::Lease,
    queue::ImportQueue,
    row,
};
use crate::{RepositoryError, TenantScope};

impl ImportJobs {
    /// Requests the end of a job for `doer`; `discarded` is the message of one that had not started. `None` if there is
    /// no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job has already ended.
    pub async fn request_cancel(
        &self,
        scope: TenantScope,
        id: JobId,
        doer: &Doer,
        discarded: &str,
    ) -> Result<Option<Requested>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(row::Locked { job, .. }) = row::lock_damaged(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let now = row::now(&self.db, &tx).await?;
                let (job, transition) = job.cancelled(doer.clone(), discarded, now)?;
                if transition == Transition::AlreadyUnderWay {
                    return Ok(Some(Requested { job, transition }));
                }
                if transition == Transition::StopValidation {
                    delete_report(&self.db, &tx, scope, id).await?;
                }
                save(&tx, &job).await?;
                self.db.commit(tx).await?;
                Ok(Some(Requested { job, transition }))
            })
            .await
    }
}

impl ImportQueue {
    /// Ends a cancelled import as `failed`; the name of the user who cancelled it is put into `message`. Returns the job
    /// as stored.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn end_cancelled(
        &self,
        lease: &Lease,
        message: impl FnOnce(Option<&Doer>) -> String + Send,
    ) -> Result<ImportJob, RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        let message = message(job.cancelled.as_ref().and_then(|end| end.by.as_ref()));
        self.save(tx, job.failed(&message, now)).await
    }
}
