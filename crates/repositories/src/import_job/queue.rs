//! Import jobs as workers see them: claim, lease, batches, end. Runs as the tables' owner, over all tenants.

use std::time::Duration;

use domain::{ErrorSummary, ImportJob, JobCounts, JobId, RowError};

use crate::{BatchOutcome, Database, ImportBatch, RepositoryError, TenantScope};

/// The queue that the job rows are.
#[derive(Clone)]
pub struct ImportQueue {
    db: Database,
}

/// The right to write for a job. Every write is fenced by it: whoever lost the lease writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job's tenant.
    pub scope: TenantScope,
    /// The job.
    pub job_id: JobId,
    /// Who holds it: a word that is new for every claim.
    pub owner: String,
    /// The fencing number.
    pub attempt: u32,
}

/// What a claim brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A job to work on: its `status` says whether to validate or to import.
    Job(Box<ImportJob>, Lease),
    /// A job that was claimed [`ImportQueue::MAX_ATTEMPTS`] times without getting anywhere; it is `failed` now.
    GaveUp(Box<ImportJob>),
}

/// A piece of a validation: what was found in a range of rows.
#[derive(Debug, Clone, Copy)]
pub struct ValidationBatch<'a> {
    /// First and last spreadsheet row of the range, whose stored errors are replaced.
    pub rows: (u64, u64),
    /// The errors found in it.
    pub errors: &'a [RowError],
    /// The job's counts with this batch.
    pub counts: JobCounts,
}

/// How a validation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationResult {
    /// The final counts.
    pub counts: JobCounts,
    /// Errors by type; `None` counts the stored ones.
    pub error_summary: Option<ErrorSummary>,
    /// Said of the job, when the import was asked for and there is nothing to import.
    pub nothing_to_import: String,
}

impl ImportQueue {
    /// Claims that got nowhere before a job is given up.
    pub const MAX_ATTEMPTS: u32 = 5;

    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Claims the next job whose lease is free or has expired by the database's clock. `owner` is a word that is new for
    /// every claim; `gave_up` is said of a job whose processing never got anywhere in five claims. With `largest_file` only
    /// jobs whose file has at most so many bytes are taken: a place for small imports that never wait behind large ones.
    /// Among the jobs that are free, those of the tenant with the fewest claimed jobs come first, then the oldest request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(
        &self,
        _owner: &str,
        _ttl: Duration,
        _gave_up: &str,
        _largest_file: Option<u64>,
    ) -> Result<Option<Claim>, RepositoryError> {
        unimplemented!()
    }

    /// Prolongs the lease.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn heartbeat(&self, _lease: &Lease, _ttl: Duration) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Gives the job back before its end, for whoever claims next; does not count as a failed attempt.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn release(&self, _lease: &Lease) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Gives the job back after its processing failed: whoever claims next tries again, and the attempt counts.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when it is another's.
    pub async fn abandon(&self, _lease: &Lease) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Clears what an earlier, interrupted validation stored.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn begin_validation(
        &self,
        _lease: &Lease,
        _total_rows: u64,
    ) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Stores the errors and counts of a piece of the validation.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn store_validation_batch(
        &self,
        _lease: &Lease,
        _batch: ValidationBatch<'_>,
    ) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Ends the validation: back to `pending` with `validated_at`; on to `importing`, with the lease kept, when the import was
    /// asked for; `failed` when it was asked for and nothing is valid. Returns the job as it is now.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn finish_validation(
        &self,
        _lease: &Lease,
        _result: &ValidationResult,
    ) -> Result<ImportJob, RepositoryError> {
        unimplemented!()
    }

    /// Writes a batch of the import in one transaction: its rows, the errors of its range, counters and checkpoint. Rows that
    /// a constraint refuses become errors through `batch.refused`; the others are stored.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn commit_batch(
        &self,
        _lease: &Lease,
        _batch: ImportBatch<'_>,
    ) -> Result<BatchOutcome, RepositoryError> {
        unimplemented!()
    }

    /// Ends the import: `completed`. Returns the job as it is now.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn finish_import(
        &self,
        _lease: &Lease,
        _error_summary: Option<ErrorSummary>,
    ) -> Result<ImportJob, RepositoryError> {
        unimplemented!()
    }

    /// Ends the job as `failed`, for the reason `message` tells its user. Returns the job as it is now.
    ///
    /// # Errors
    /// [`RepositoryError::LeaseLost`] when the lease is another's.
    pub async fn fail(&self, _lease: &Lease, _message: &str) -> Result<ImportJob, RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
