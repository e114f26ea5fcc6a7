//! Import jobs as workers see them: the lease, and how a validation or an import ends. Runs as the owner of the tables,
//! for all tenants.

use domain::{
    FailedRow, Findings, ImportJob, JobCounts, JobStatus, OnDuplicate, RowError, Timestamp,
    ValidationEnd,
};

use super::{
    actions::{delete_report, save},
    lease::Lease,
    row,
};
use crate::{
    BatchOutcome, Database, ImportBatch, ImportRows, LoadedBatch, RepositoryError,
    bulk::{self, Work},
    pool::Transaction,
    statistics,
};

/// The queue, which consists of the rows of the jobs.
#[derive(Debug, Clone)]
pub struct ImportQueue {
    pub(super) db: Database,
}

/// A part of a validation: the findings in a range of rows.
#[derive(Debug, Clone, Copy)]
pub struct ValidationBatch<'a> {
    /// First and last spreadsheet row of the range, whose stored errors and rows are replaced.
    pub rows: (u64, u64),
    /// The errors and warnings found in it, as far as they are kept.
    pub errors: &'a [RowError],
    /// Its failed rows, as far as they are kept.
    pub failed: &'a [FailedRow],
    /// The job's counts with this batch.
    pub counts: JobCounts,
}

impl ImportQueue {
    /// Uses these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.patient() }
    }

    /// Clears what an earlier, interrupted validation stored. Its progress stays, because progress never decreases.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn begin_validation(
        &self,
        lease: &Lease,
        total_rows: u64,
    ) -> Result<(), RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        delete_report(&self.db, &tx, lease.scope, lease.job_id).await?;
        self.save(tx, job.validating(total_rows, now)).await?;
        Ok(())
    }

    /// Stores the errors and counts of a part of the validation.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn store_validation_batch(
        &self,
        lease: &Lease,
        batch: ValidationBatch<'_>,
    ) -> Result<(), RepositoryError> {
        let work = Work {
            rows: batch.rows,
            valid: None,
            errors: batch.errors,
            failed: batch.failed,
            counts: batch.counts,
            checkpoint: None,
        };
        bulk::write(&self.db, lease, &work, LoadedBatch::default()).await?;
        Ok(())
    }

    /// Ends the validation: back to `pending` with `validated_at`; on to `importing`, with the lease kept, if the import
    /// was requested; `failed` if it was requested and no row is valid. Returns the job as it is now.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn finish_validation(
        &self,
        lease: &Lease,
        end: ValidationEnd,
    ) -> Result<ImportJob, RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        let job = self.save(tx, job.validated(end, now)).await?;
        if job.status() == JobStatus::Importing {
            statistics::correct_for_import(&self.db, job.import_type).await;
        }
        Ok(job)
    }

    /// Loads the rows of a batch ahead of its turn, while the batch before it is still being written. They are invisible
    /// until they are passed to [`Self::commit_batch`], in the order of the file. On SQLite, which has one writer,
    /// nothing is loaded yet.
    ///
    /// Two batches of one job would wait for each other forever unless the caller drops the later one when the earlier
    /// one does not proceed.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn load_batch(
        &self,
        lease: &Lease,
        rows: &ImportRows,
        on_duplicate: OnDuplicate,
        now: Timestamp,
    ) -> Result<LoadedBatch, RepositoryError> {
        bulk::load(&self.db, lease, rows, on_duplicate, now).await
    }

    /// Writes a batch of the import in one transaction: its rows, the errors of its range, counters and checkpoint. Rows
    /// that a constraint refuses become errors through `batch.refused`; the others are stored. `loaded` is what
    /// [`Self::load_batch`] returned for it.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn commit_batch(
        &self,
        lease: &Lease,
        batch: ImportBatch<'_>,
        loaded: LoadedBatch,
    ) -> Result<BatchOutcome, RepositoryError> {
        let work = Work {
            rows: batch.rows,
            valid: Some(bulk::Valid {
                rows: batch.valid,
                corrected: batch.corrected,
                on_duplicate: batch.on_duplicate,
                now: batch.now,
                refused: batch.refused,
                refused_room: batch.refused_room,
                committing: batch.committing,
            }),
            errors: batch.errors,
            failed: batch.failed,
            counts: batch.counts,
            checkpoint: Some(batch.checkpoint),
        };
        bulk::write(&self.db, lease, &work, loaded).await
    }

    /// Ends the import: `completed`. Returns the job as it is now.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn finish_import(
        &self,
        lease: &Lease,
        found: Findings,
    ) -> Result<ImportJob, RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        self.save(tx, job.completed(found, now)).await
    }

    /// Ends the job as `failed` with the message for its user. Returns the job as stored.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds the lease.
    pub async fn fail(&self, lease: &Lease, message: &str) -> Result<ImportJob, RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        self.save(tx, job.failed(message, now)).await
    }

    /// Returns the job to the queue before its end, for the next claim; it goes to the end of the queue, and the claim
    /// does not count as one without progress.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds it.
    pub async fn release(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        self.save(tx, job.released(now)).await?;
        Ok(())
    }

    /// Returns the job to the queue because of a fault of the system. The claim does not count as one without progress;
    /// the next one comes after a pause that grows with every fault in a row.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds it.
    pub async fn defer(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        self.save(tx, job.deferred(now)).await?;
        Ok(())
    }

    /// Returns the job to the queue after its processing failed. The claim counts as one without progress; the next one
    /// comes after a pause that grows with every such claim in a row.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] if another worker holds it.
    pub async fn abandon(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let (tx, job, now) = self.fenced(lease).await?;
        self.save(tx, job.abandoned(now)).await?;
        Ok(())
    }

    /// Begins a transaction that holds the job's row, if the lease still holds.
    pub(super) async fn fenced(
        &self,
        lease: &Lease,
    ) -> Result<(Transaction, ImportJob, Timestamp), RepositoryError> {
        let tx = self.db.begin_owner().await?;
        match row::lock(&tx, lease.scope, lease.job_id).await? {
            Some(job) if job.is_held_by(&lease.owner, lease.attempt) => {
                let now = row::now(&self.db, &tx).await?;
                Ok((tx, job, now))
            }
            _ => Err(RepositoryError::LeaseLost),
        }
    }

    /// Saves the job as it is now and ends the transaction.
    pub(super) async fn save(
        &self,
        tx: Transaction,
        job: ImportJob,
    ) -> Result<ImportJob, RepositoryError> {
        save(&tx, &job).await?;
        self.db.commit(tx).await?;
        Ok(job)
    }
}
