//! Import jobs as their users see them: create, find, list, and the actions that change their state.

mod actions;
mod amendments;
mod cancel;
mod claim;
mod corrected;
mod depth;
mod draft;
mod evict;
mod housekeeping;
mod kept;
mod lease;
mod queue;
mod rollback;
mod rollback_preview;
mod row;

pub use amendments::{AmendError, Edits};
pub use claim::{Claim, FailureMessages};
pub use depth::QueueDepth;
pub use draft::{Redraft, Redrafted, Replaced};
pub use housekeeping::JobFile;
pub use kept::KeptFindings;
pub use lease::Lease;
pub use queue::{ImportQueue, ValidationBatch};
pub use rollback_preview::{Blocker, RollbackPreview, RollbackRow};
pub(crate) use row::{StoredCheckpoint, columns, contradiction, count as row_count, now, rows};

use domain::{ImportJob, ImportType, JobId, JobStatus, Timestamp, Transition, UserId};

use std::str::FromStr;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, NullOrdering},
};

use crate::{
    Database, ImportedRow, ListError, Page, RepositoryError, TenantScope,
    entity::migration_job::{Column, Entity},
    list,
    stamp::Stamp,
};

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
    /// Only these statuses; all if it is empty.
    pub status: Vec<JobStatus>,
    /// Only corrections of this job.
    pub corrects: Option<JobId>,
    /// Only jobs of all these users, who may be the same: the one whose jobs the caller may see, and the requested one.
    pub users: Vec<UserId>,
    /// Only files whose name contains this text.
    pub search: Option<String>,
    /// Only jobs that were uploaded at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only jobs that were uploaded before this time.
    pub created_before: Option<Timestamp>,
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

/// The result of a request for validation or import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// The job as it is now.
    pub job: ImportJob,
    /// What was done.
    pub transition: Transition,
}

/// The result of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// The job as it is now.
    pub job: ImportJob,
    /// Rows that were deleted.
    pub removed: u64,
    /// Records that the job had changed, and that were restored.
    pub restored: u64,
    /// How many rows were kept, or left as they are, because they were changed since or are referred to.
    pub kept_total: u64,
    /// The first of them, at most [`RolledBack::MOST_LISTED`].
    pub kept: Vec<ImportedRow>,
}

impl RolledBack {
    /// The list is for a person to read; in full it would be megabytes.
    pub const MOST_LISTED: u64 = 500;
}

impl ImportJobs {
    /// Uses these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// One job; with `user_id` only if it is that user's. A job whose row is damaged is shown as failed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: JobId,
        user_id: Option<UserId>,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        let wanted = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .filter(Column::Id.eq(id.as_uuid()))
            .apply_if(user_id, |jobs, user| {
                jobs.filter(Column::UserId.eq(user.as_uuid()))
            });
        let found = row::shown(&self.db.read(scope).await?, wanted).await?;
        Ok(found.into_iter().next())
    }

    /// The job of the tenant whose file has this digest and that was neither rolled back nor discarded: preferably one
    /// that stored rows, then the latest.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_same_file(
        &self,
        scope: TenantScope,
        sha256: &str,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        let row = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .filter(Column::FileSha256.eq(sha256))
            .filter(Column::Status.ne(JobStatus::RolledBack.as_str()))
            .filter(
                Condition::any()
                    .add(Column::ImportedRows.gt(0))
                    .add(Column::Status.ne(JobStatus::Failed.as_str())),
            )
            .order_by(Column::ImportedRows.gt(0), Order::Desc)
            .order_by(Column::CreatedAt, Order::Desc)
            .one(&self.db.read(scope).await?)
            .await?;
        row.map(row::record).transpose()
    }

    /// A page of jobs.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for an unknown sort field.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &JobQuery,
    ) -> Result<Page<ImportJob>, RepositoryError> {
        let sort = query.sort_by.as_deref().unwrap_or("created_at");
        let column = Some(sort)
            .filter(|field| JobQuery::SORT_FIELDS.contains(field))
            .and_then(|field| Column::from_str(field).ok())
            .ok_or_else(|| ListError::UnknownField {
                parameter: "sort",
                field: sort.to_owned(),
            })?;
        let order = if query.ascending {
            Order::Asc
        } else {
            Order::Desc
        };
        let wanted = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .apply_if(query.import_type, |jobs, kind| {
                jobs.filter(Column::ImportType.eq(kind.as_str()))
            })
            .apply_if(
                (!query.status.is_empty()).then_some(&query.status),
                |jobs, words| {
                    jobs.filter(Column::Status.is_in(words.iter().map(|status| status.as_str())))
                },
            )
            .apply_if(query.search.as_deref(), |jobs, text| {
                let name = Expr::col((Entity, Column::FileName));
                jobs.filter(list::contains(std::iter::once(name), text))
            })
            .apply_if(query.corrects, |jobs, parent| {
                jobs.filter(Column::Corrects.eq(parent.as_uuid()))
            })
            .apply_if(query.created_from, |jobs, from| {
                jobs.filter(Column::CreatedAt.gte(Stamp::from(from)))
            })
            .apply_if(query.created_before, |jobs, end| {
                jobs.filter(Column::CreatedAt.lt(Stamp::from(end)))
            });
        let wanted = query.users.iter().fold(wanted, |jobs, user| {
            jobs.filter(Column::UserId.eq(user.as_uuid()))
        });
        let reader = self.db.read(scope).await?;
        let page = wanted
            .clone()
            .order_by_with_nulls(column, order.clone(), NullOrdering::Last)
            .order_by(Column::Id, order)
            .limit(query.limit)
            .offset(query.offset);
        let items = row::shown(&reader, page).await?;
        let total = wanted.count(&reader).await?;
        Ok(Page { items, total })
    }

    /// The running jobs, oldest first; with `user_id` only those of that user.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn running(
        &self,
        scope: TenantScope,
        user_id: Option<UserId>,
    ) -> Result<Vec<ImportJob>, RepositoryError> {
        let running = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .filter(Column::Status.is_in(["validating", "importing"]))
            .apply_if(user_id, |jobs, user| {
                jobs.filter(Column::UserId.eq(user.as_uuid()))
            })
            .order_by_asc(Column::Id);
        let mut found = row::shown(&self.db.read(scope).await?, running).await?;
        // The progress of a damaged job is unknown.
        found.retain(|job| job.status().is_running());
        Ok(found)
    }
}
