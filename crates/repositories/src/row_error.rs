//! Row errors of a job, in the order of the file.

use domain::{ErrorType, JobId, RowError};

use crate::{Database, Page, RepositoryError, TenantScope};

/// The row errors of tenants' jobs.
#[derive(Clone)]
pub struct RowErrors {
    db: Database,
}

/// Which errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowErrorQuery {
    /// Only this type.
    pub error_type: Option<ErrorType>,
    /// Only of this field.
    pub field_name: Option<String>,
    /// Most errors to return.
    pub limit: u64,
    /// Errors to skip.
    pub offset: u64,
}

/// Where a page of a report ended: pass it to get the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowErrorCursor {
    pub(crate) row_number: u64,
    pub(crate) id: domain::RowErrorId,
}

impl RowErrors {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// A page of a job's errors.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(
        &self,
        _scope: TenantScope,
        _job: JobId,
        _query: &RowErrorQuery,
    ) -> Result<Page<RowError>, RepositoryError> {
        unimplemented!()
    }

    /// The next `limit` errors behind `after`, for reports that are streamed: call until it returns fewer. All errors of one
    /// row may be torn apart by the limit; they are next to each other over the calls.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(
        &self,
        _scope: TenantScope,
        _job: JobId,
        _after: Option<RowErrorCursor>,
        _limit: u64,
    ) -> Result<(Vec<RowError>, Option<RowErrorCursor>), RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
