//! Import jobs as their users see them: make, find, list, and the actions that change their state.

mod queue;

pub use queue::{Claim, ImportQueue, Lease, ValidationBatch, ValidationResult};

use domain::{ImportJob, ImportType, JobId, JobStatus, Transition, UserId};

use crate::{Database, ImportedRow, Page, RepositoryError, TenantScope};

/// The jobs of tenants.
#[derive(Clone)]
pub struct ImportJobs {
    db: Database,
}

/// Which jobs, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQuery {
    /// Only this type.
    pub import_type: Option<ImportType>,
    /// Only this status.
    pub status: Option<JobStatus>,
    /// Only of this user.
    pub user_id: Option<UserId>,
    /// One of [`JobQuery::SORT_FIELDS`]; `None` is `created_at`.
    pub sort_by: Option<String>,
    /// Whether the smallest comes first.
    pub ascending: bool,
    /// Most jobs to return.
    pub limit: u64,
    /// Jobs to skip.
    pub offset: u64,
}

impl JobQuery {
    /// The fields a list of jobs can be sorted by.
    pub const SORT_FIELDS: &'static [&'static str] = &[
        "created_at",
        "updated_at",
        "started_at",
        "completed_at",
        "file_name",
        "file_size",
        "import_type",
        "status",
        "total_rows",
        "processed_rows",
        "valid_rows",
        "invalid_rows",
    ];
}

/// What a request for validation or import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// The job as it is now.
    pub job: ImportJob,
    /// What was done.
    pub transition: Transition,
}

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// The job as it is now.
    pub job: ImportJob,
    /// Rows taken back.
    pub removed: u64,
    /// Rows that stay because they were changed or are referred to.
    pub kept: Vec<ImportedRow>,
}

impl ImportJobs {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a new job.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn insert(&self, _job: &ImportJob) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// One job; with `user_id` only when it is that user's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        _scope: TenantScope,
        _id: JobId,
        _user_id: Option<UserId>,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        unimplemented!()
    }

    /// A page of jobs.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for an unknown sort field.
    pub async fn list(
        &self,
        _scope: TenantScope,
        _query: &JobQuery,
    ) -> Result<Page<ImportJob>, RepositoryError> {
        unimplemented!()
    }

    /// The jobs that are at work, oldest first; with `user_id` only that user's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn running(
        &self,
        _scope: TenantScope,
        _user_id: Option<UserId>,
    ) -> Result<Vec<ImportJob>, RepositoryError> {
        unimplemented!()
    }

    /// Asks for validation. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job's state refuses it.
    pub async fn request_validation(
        &self,
        _scope: TenantScope,
        _id: JobId,
    ) -> Result<Option<Requested>, RepositoryError> {
        unimplemented!()
    }

    /// Asks for the import, taking one of the tenant's `slots`. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job's state refuses it, [`RepositoryError::TooManyImports`] when the
    /// tenant's slots are taken.
    pub async fn request_start(
        &self,
        _scope: TenantScope,
        _id: JobId,
        _slots: u32,
    ) -> Result<Option<Requested>, RepositoryError> {
        unimplemented!()
    }

    /// Takes back what the job stored, in one transaction. With `keep_changed`, rows that were changed or are referred to
    /// stay. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job's state or the 24 hours refuse it,
    /// [`RepositoryError::RollbackConflict`] when rows are in the way and `keep_changed` is false.
    pub async fn rollback(
        &self,
        _scope: TenantScope,
        _id: JobId,
        _keep_changed: bool,
    ) -> Result<Option<RolledBack>, RepositoryError> {
        unimplemented!()
    }

    /// Forgets the job and its errors; its rows stay and lose their link. Returns the job as it was, so that its file can go
    /// too. `None`: no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] when the job has not ended.
    pub async fn delete(
        &self,
        _scope: TenantScope,
        _id: JobId,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
