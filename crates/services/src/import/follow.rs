//! Use cases that only read jobs: status, list, errors as data, live events.

use std::time::Duration;

use auth::{Actor, Identity, ManageImports, ViewImports};
use domain::{ImportJob, JobId, JobStatus, TimeZone, Timestamp};
use repositories::Tenants;

use super::{
    Corrections, ErrorQuery, Expires, Imports, JobQuery, JobView, Moment, Page, SortOrder,
};
use crate::{ServiceError, Subscription, resource::check_limit};

/// The most corrections of a job that are listed: users would not read more.
const MOST_CORRECTIONS: u64 = 100;

/// The most errors of a page without their rows.
pub const LARGEST_PAGE_OF_ERRORS: u64 = 1_000;

impl Imports {
    /// The job as it is now. An agent sees only its own.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn status(
        &self,
        actor: &Actor<ViewImports>,
        id: JobId,
    ) -> Result<JobView, ServiceError> {
        let (tenant, user) = (actor.tenant_id(), actor.own_jobs_of());
        if let Some(job) = self.context.held.find(tenant, id, user) {
            return Ok(self.view(job));
        }
        let job = self.jobs.find(tenant.into(), id, user).await?;
        let job = job.ok_or(ServiceError::NO_JOB)?;
        // A running job has no corrections yet, so the process that holds it and all others give the same answer.
        let corrections = match job.status() {
            JobStatus::Completed | JobStatus::Failed => Some(self.corrections(&job).await?),
            _ => None,
        };
        Ok(JobView {
            corrections,
            ..self.view(job)
        })
    }

    /// A page of jobs. An agent sees only its own.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ViewImports>,
        query: &JobQuery,
    ) -> Result<Page<JobView>, ServiceError> {
        let offset = window(query.page, query.limit)?;
        let (created_from, created_before) = self.span(actor, query).await?;
        let found = self
            .jobs
            .list(
                actor.tenant_id().into(),
                &repositories::JobQuery {
                    import_type: query.import_type,
                    status: query.status.clone(),
                    corrects: query.corrects,
                    users: actor
                        .own_jobs_of()
                        .into_iter()
                        .chain(query.user_id)
                        .collect(),
                    search: query.search.clone(),
                    created_from,
                    created_before,
                    sort_by: query.sort_by.clone(),
                    ascending: query.sort_order == SortOrder::Ascending,
                    limit: query.limit,
                    offset,
                },
            )
            .await?;
        Ok(Page {
            data: found.items.into_iter().map(|job| self.view(job)).collect(),
            total: found.total,
            page: query.page,
            limit: query.limit,
        })
    }

    /// The span of time in which the jobs of a query were uploaded.
    async fn span(
        &self,
        actor: &Actor<ViewImports>,
        query: &JobQuery,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), ServiceError> {
        let has_day = |bound: Option<Moment>| matches!(bound, Some(Moment::Day(_)));
        let zone = if has_day(query.created_from) || has_day(query.created_to) {
            let tenants = Tenants::new(&self.context.database);
            let tenant = tenants.find(actor.tenant_id()).await?;
            tenant.ok_or(ServiceError::SessionEnded)?.time_zone
        } else {
            TimeZone::Jakarta
        };
        let from = query.created_from.map(|bound| match bound {
            Moment::At(moment) => moment,
            Moment::Day(day) => zone.midnight(day),
        });
        let before = query.created_to.map(|bound| match bound {
            // Moments are stored in microseconds.
            Moment::At(moment) => moment + time::Duration::microseconds(1),
            Moment::Day(day) => zone.midnight(day) + time::Duration::days(1),
        });
        Ok((from, before))
    }

    /// Subscribes to the caller's events; first comes one `migration:status` per job of theirs that is running.
    ///
    /// # Errors
    /// Only failures.
    pub async fn watch(&self, identity: Identity) -> Result<Subscription, ServiceError> {
        // Subscribes before asking: what changes in between is reported twice rather than never.
        let subscription = self.context.events.subscribe(identity);
        let view = identity.authorize::<ViewImports>()?;
        let running = self
            .jobs
            .running(identity.tenant_id.into(), view.own_jobs_of())
            .await?;
        subscription.begin_with(&running);
        Ok(subscription)
    }

    /// The jobs that correct a job.
    async fn corrections(&self, job: &ImportJob) -> Result<Corrections, ServiceError> {
        let query = repositories::JobQuery {
            corrects: Some(job.id),
            limit: MOST_CORRECTIONS,
            ..repositories::JobQuery::default()
        };
        let jobs = self.jobs.list(job.tenant_id.into(), &query).await?.items;
        let corrected = self.jobs.corrected_rows(job.tenant_id.into(), job.id);
        let failed = job.counts.failed_rows.max(job.counts.invalid_rows);
        Ok(Corrections {
            still_failed_rows: failed.saturating_sub(corrected.await?),
            jobs,
        })
    }

    /// A job with what the installation knows of it.
    fn view(&self, job: ImportJob) -> JobView {
        let config = &self.context.config;
        let after = |kept: Duration| {
            let kept = time::Duration::try_from(kept).unwrap_or(time::Duration::MAX);
            job.completed_at().map(|end| end + kept)
        };
        let expires = Expires {
            file_at: after(config.file_retention).filter(|_| !job.file_url.is_empty()),
            errors_at: after(config.error_retention).filter(|_| job.has_row_errors()),
        };
        JobView {
            job,
            expires,
            corrections: None,
        }
    }

    /// A job of the actor's tenant.
    pub(super) async fn job(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        self.jobs
            .find(actor.tenant_id().into(), id, None)
            .await?
            .ok_or(ServiceError::NO_JOB)
    }
}

impl ErrorQuery {
    /// Errors before the page.
    pub(super) fn offset(&self) -> Result<u64, ServiceError> {
        if self.with_row_data {
            return window(self.page, self.limit);
        }
        if !(1..=LARGEST_PAGE_OF_ERRORS).contains(&self.limit) {
            return Err(ServiceError::InvalidQuery {
                message: format!("Parameter 'limit' harus antara 1 dan {LARGEST_PAGE_OF_ERRORS}"),
            });
        }
        offset(self.page, self.limit)
    }
}

/// The offset of a page.
fn window(page: u64, limit: u64) -> Result<u64, ServiceError> {
    check_limit(limit)?;
    offset(page, limit)
}

fn offset(page: u64, limit: u64) -> Result<u64, ServiceError> {
    // An offset beyond what databases count in has no rows either.
    page.checked_sub(1)
        .and_then(|before| before.checked_mul(limit))
        .filter(|offset| i64::try_from(*offset).is_ok())
        .ok_or_else(|| ServiceError::InvalidQuery {
            message: "Parameter 'page' harus 1 atau lebih".to_owned(),
        })
}
