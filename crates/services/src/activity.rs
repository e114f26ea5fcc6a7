//! The activity log: who did what with which import and which account. It contains no cell of any file.
//!
//! The action of a person is recorded after it was carried out, so that a failure to write the log undoes nothing; the end of an
//! import is recorded in the transaction that ends it.

use std::sync::Arc;

use auth::{Actor, ManageImports, Permission};
use domain::{Action, Activity, ActivityId, ImportJob, JobId, TenantId, UserId};
use repositories::{Activities, ActivityQuery, ImportJobs, NewActivity};

use crate::{Context, ServiceError};

/// A page of the log, newest first.
#[derive(Debug, Clone)]
pub struct ActivityPage {
    /// The entries.
    pub entries: Vec<Activity>,
    /// After which entry the next page begins; `None` if this is the last one.
    pub next: Option<ActivityId>,
}

/// The use cases of the activity log. Cheap to clone.
#[derive(Clone)]
pub struct ActivityLog {
    context: Arc<Context>,
}

impl ActivityLog {
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        Self {
            context: Arc::clone(context),
        }
    }

    /// A page of the tenant's log; with a job only of that. The log of a job outlives it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a job that neither is nor was one of the tenant, or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageImports>,
        query: &ActivityQuery,
    ) -> Result<ActivityPage, ServiceError> {
        let scope = actor.tenant_id().into();
        let one_more = ActivityQuery {
            limit: query.limit + 1,
            ..query.clone()
        };
        let rows = Activities::new(&self.context.database);
        let mut entries = rows.list(scope, &one_more).await?;
        if let (true, Some(job)) = (entries.is_empty(), query.job_id) {
            let jobs = ImportJobs::new(&self.context.database);
            let any = ActivityQuery {
                job_id: Some(job),
                limit: 1,
                ..ActivityQuery::default()
            };
            let is_known = jobs.find(scope, job, None).await?.is_some()
                || !rows.list(scope, &any).await?.is_empty();
            if !is_known {
                return Err(ServiceError::NO_JOB);
            }
        }
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().map(|entry| entry.id).filter(|_| has_more);
        Ok(ActivityPage { entries, next })
    }
}

/// Records what a user did with an account or with the tenant.
pub(crate) async fn note(context: &Context, tenant: TenantId, user: UserId, action: Action) {
    store(context, tenant, user, action, None, Vec::new()).await;
}

/// Records what the caller did with an account.
pub(crate) async fn note_account<P: Permission>(
    context: &Context,
    actor: &Actor<P>,
    action: Action,
    username: &str,
) {
    note_with(context, actor, action, [("username", username.to_owned())]).await;
}

/// Records what the caller did with something that is neither a job nor an account.
pub(crate) async fn note_with<P: Permission>(
    context: &Context,
    actor: &Actor<P>,
    action: Action,
    details: impl IntoIterator<Item = (&'static str, String)>,
) {
    let details = details.into_iter();
    let details = details.map(|(name, value)| (name.to_owned(), value));
    let (tenant, user) = (actor.tenant_id(), actor.user_id());
    store(context, tenant, user, action, None, details.collect()).await;
}

/// Records what the caller did with a job.
pub(crate) async fn note_job(
    context: &Context,
    actor: &Actor<ManageImports>,
    action: Action,
    job: &ImportJob,
    details: &[(&str, u64)],
) {
    let details = details
        .iter()
        .map(|(name, count)| ((*name).to_owned(), count.to_string()))
        .collect();
    let job = Some((job.id, job.file_name.clone()));
    let (tenant, user) = (actor.tenant_id(), actor.user_id());
    store(context, tenant, user, action, job, details).await;
}

async fn store(
    context: &Context,
    tenant: TenantId,
    user: UserId,
    action: Action,
    job: Option<(JobId, String)>,
    details: Vec<(String, String)>,
) {
    let entry = NewActivity {
        id: ActivityId::mint(&*context.clock),
        at: context.clock.now(),
        action,
        user_id: Some(user),
        job,
        details,
    };
    let rows = Activities::new(&context.database);
    if let Err(error) = rows.insert(tenant.into(), &entry).await {
        tracing::error!(
            %action, user.id = %user, error = &error as &dyn std::error::Error,
            "could not write an entry of the activity log"
        );
    }
}
