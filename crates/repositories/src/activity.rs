//! The activity log of tenants: written once, read newest first, and kept when the job or the account is deleted.

use std::collections::HashMap;

use domain::{Action, Activity, ActivityId, Doer, ImportJob, JobId, JobStatus, Timestamp, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    Database, RepositoryError, TenantScope,
    entity::{
        activity::{ActiveModel, Column, Entity, Model},
        user,
    },
    pool::Transaction,
    table::stored,
    user::row::with_profile,
};

/// The activity logs.
#[derive(Debug, Clone)]
pub struct Activities {
    db: Database,
}

/// A new entry.
#[derive(Debug, Clone)]
pub struct NewActivity {
    /// Its id.
    pub id: ActivityId,
    /// When it happened.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub user_id: Option<UserId>,
    /// The job with the name of its file.
    pub job: Option<(JobId, String)>,
    /// Further numbers and words, by name.
    pub details: Vec<(String, String)>,
}

/// Which entries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Only of this job.
    pub job_id: Option<JobId>,
    /// Only of this user.
    pub user_id: Option<UserId>,
    /// Only these.
    pub action: Option<Action>,
    /// Only entries before this one.
    pub after: Option<ActivityId>,
    /// Most entries to return.
    pub limit: u64,
}

impl Activities {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores an entry.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(
        &self,
        scope: TenantScope,
        activity: &NewActivity,
    ) -> Result<(), RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                insert(&tx, scope, activity).await?;
                self.db.commit(tx).await
            })
            .await
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ActivityQuery,
    ) -> Result<Vec<Activity>, RepositoryError> {
        let reader = self.db.read(scope).await?;
        let rows = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .apply_if(query.job_id, |entries, job| {
                entries.filter(Column::MigrationJobId.eq(job.as_uuid()))
            })
            .apply_if(query.user_id, |entries, user| {
                entries.filter(Column::UserId.eq(user.as_uuid()))
            })
            .apply_if(query.action, |entries, action| {
                entries.filter(Column::Action.eq(action.as_str()))
            })
            .apply_if(query.after, |entries, after| {
                entries.filter(Column::Id.lt(after.as_uuid()))
            })
            .order_by_desc(Column::Id)
            .limit(query.limit)
            .all(&reader)
            .await?;
        // Deleted accounts are still shown by name here.
        let wanted = rows.iter().filter_map(|row| row.user_id);
        let people = with_profile()
            .filter(user::Column::TenantId.eq(scope.uuid()))
            .filter(user::Column::Id.is_in(wanted));
        let people: HashMap<Uuid, Doer> = crate::user::row::all(&reader, people)
            .await?
            .into_iter()
            .map(|user| {
                let doer = Doer {
                    id: user.id,
                    username: user.username,
                    nama_lengkap: user.profile.nama_lengkap,
                };
                (user.id.as_uuid(), doer)
            })
            .collect();
        rows.into_iter()
            .map(|row| {
                let user = row.user_id.and_then(|id| people.get(&id).cloned());
                record(row, user)
            })
            .collect()
    }
}

/// Stores the end of a job, in the transaction that ends it. The id follows from the job and the moment, so that one end is one
/// entry.
pub(crate) async fn insert_end(tx: &Transaction, job: &ImportJob) -> Result<(), RepositoryError> {
    let Some(action) = end_of(job) else {
        return Ok(());
    };
    let at = job.completed_at().unwrap_or(job.updated_at);
    let counts = [
        ("total_rows", job.counts.total_rows),
        ("imported_rows", job.counts.imported_rows),
        ("failed_rows", job.counts.failed_rows),
    ];
    let activity = NewActivity {
        id: end_id(job.id, at),
        at,
        action,
        user_id: None,
        job: Some((job.id, job.file_name.clone())),
        details: counts
            .map(|(name, count)| (name.to_owned(), count.to_string()))
            .to_vec(),
    };
    insert(tx, job.tenant_id.into(), &activity).await
}

/// How a job has ended, if it has.
pub(crate) fn end_of(job: &ImportJob) -> Option<Action> {
    match job.status() {
        JobStatus::Completed => Some(Action::Completed),
        // The entry of the cancellation says who discarded a draft.
        JobStatus::Failed if job.cancelled.is_none() || job.started_at.is_some() => {
            Some(Action::Failed)
        }
        _ => None,
    }
}

/// The milliseconds of a UUID v7 and the random part of the job's id.
pub(crate) fn end_id(job: JobId, at: Timestamp) -> ActivityId {
    let millis = at.as_offset_date_time().unix_timestamp_nanos() / 1_000_000;
    let mut bytes = job.as_uuid().into_bytes();
    bytes[..6].copy_from_slice(&u64::try_from(millis).unwrap_or(0).to_be_bytes()[2..]);
    ActivityId::from_uuid(Uuid::from_bytes(bytes))
}

pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    scope: TenantScope,
    activity: &NewActivity,
) -> Result<(), RepositoryError> {
    let (job, file_name) = activity.job.clone().unzip();
    let details: serde_json::Map<String, serde_json::Value> = activity
        .details
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let row = ActiveModel {
        tenant_id: Set(scope.uuid()),
        id: Set(activity.id.as_uuid()),
        created_at: Set(activity.at.into()),
        action: Set(activity.action.to_string()),
        user_id: Set(activity.user_id.map(UserId::as_uuid)),
        migration_job_id: Set(job.map(JobId::as_uuid)),
        file_name: Set(file_name),
        details: Set(serde_json::Value::from(details).to_string()),
    };
    let once = OnConflict::columns([Column::TenantId, Column::Id])
        .do_nothing()
        .to_owned();
    Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

fn record(row: Model, user: Option<Doer>) -> Result<Activity, RepositoryError> {
    let details: std::collections::BTreeMap<String, String> = serde_json::from_str(&row.details)
        .map_err(|_| RepositoryError::Corrupt { column: "details" })?;
    Ok(Activity {
        id: ActivityId::from_uuid(row.id),
        at: row.created_at.into(),
        action: stored("action", row.action.parse())?,
        user,
        job_id: row.migration_job_id.map(JobId::from_uuid),
        file_name: row.file_name,
        details: details.into_iter().collect(),
    })
}
