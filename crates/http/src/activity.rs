//! `/api/v1/activity` and the activity of one job: who did what, newest first.

use actix_web::{get, web};
use auth::ManageImports;
use domain::{Action, Activity, ActivityId, Doer, JobId, Timestamp, UserId};
use serde::Serialize;
use services::{ActivityPage, ActivityQuery, Services};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::PathId;
use crate::query::Query;
use crate::words;

/// A page of the activity log.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityPageBody {
    data: Vec<ActivityBody>,
    /// What `after` has to be for the next page; `null` on the last one.
    next: Option<Uuid>,
}

/// What a user did. It contains no cell of any file.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityBody {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = words::Action)]
    action: Action,
    /// `null` where no person was needed, as at the end of an import.
    user: Option<PersonBody>,
    /// The job, also after it was deleted.
    job_id: Option<Uuid>,
    #[schema(example = "jamaah.csv")]
    file_name: Option<String>,
    /// Further numbers and words, by name.
    #[schema(value_type = Object, example = json!({"total_rows": "150"}))]
    details: serde_json::Map<String, serde_json::Value>,
}

/// A person; a deleted account keeps its name.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonBody {
    id: Uuid,
    #[schema(example = "siti")]
    username: String,
    #[schema(example = "Siti Aminah")]
    nama_lengkap: String,
}

impl From<Doer> for PersonBody {
    fn from(doer: Doer) -> Self {
        Self {
            id: doer.id.as_uuid(),
            username: doer.username,
            nama_lengkap: doer.nama_lengkap,
        }
    }
}

impl From<Activity> for ActivityBody {
    fn from(entry: Activity) -> Self {
        Self {
            id: entry.id.as_uuid(),
            at: entry.at,
            action: entry.action,
            user: entry.user.map(Into::into),
            job_id: entry.job_id.map(JobId::as_uuid),
            file_name: entry.file_name,
            details: entry
                .details
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
        }
    }
}

impl From<ActivityPage> for ActivityPageBody {
    fn from(page: ActivityPage) -> Self {
        Self {
            data: page.entries.into_iter().map(Into::into).collect(),
            next: page.next.map(ActivityId::as_uuid),
        }
    }
}

/// Returns what was done in the agency, newest first. It outlives imports and accounts.
#[utoipa::path(
    tag = "Activity",
    params(
        ("after" = Option<Uuid>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("user_id" = Option<Uuid>, Query),
        ("action" = Option<words::Action>, Query),
    ),
    responses((status = 200, description = "A page of the log.", body = ActivityPageBody)),
)]
#[get("/api/v1/activity")]
pub(crate) async fn list_activity(
    caller: Caller<ManageImports>,
    mut query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ActivityPageBody>, ApiError> {
    let user_id = query.word::<UserId>("user_id", "harus berupa UUID")?;
    let action = query.word::<Action>("action", "bukan tindakan yang dikenal")?;
    let wanted = ActivityQuery {
        user_id,
        action,
        ..page(query)?
    };
    Ok(web::Json(
        services.activities.list(&caller, &wanted).await?.into(),
    ))
}

/// Returns what was done with a job, newest first, also after it was deleted.
#[utoipa::path(
    tag = "Activity",
    params(
        ("id" = Uuid, Path),
        ("after" = Option<Uuid>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
    ),
    responses((status = 200, description = "A page of the log.", body = ActivityPageBody)),
)]
#[get("/api/v1/onboarding/migration/{id}/activity")]
pub(crate) async fn list_import_activity(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ActivityPageBody>, ApiError> {
    let wanted = ActivityQuery {
        job_id: Some(id.get()),
        ..page(query)?
    };
    Ok(web::Json(
        services.activities.list(&caller, &wanted).await?.into(),
    ))
}

fn page(mut query: Query) -> Result<ActivityQuery, ApiError> {
    let after = query.word::<ActivityId>("after", "harus berupa UUID")?;
    let limit = query.limit()?;
    query.finish()?;
    Ok(ActivityQuery {
        after,
        limit,
        ..ActivityQuery::default()
    })
}
