//! Previews a rollback: what it would delete, restore and keep.

use actix_web::{get, web};
use auth::ManageImports;
use domain::{InvalidTransition, JobId, Timestamp};
use serde::Serialize;
use services::{RollbackPreview, Services};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::PathId;
use crate::words;

/// What a rollback would do now, whatever the status; nothing is changed.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "What a rollback would do.", body = RollbackPreviewBody)),
)]
#[get("/api/v1/onboarding/migration/{id}/rollback")]
pub(crate) async fn preview_rollback(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<RollbackPreviewBody>, ApiError> {
    let preview = services.imports.rollback_preview(&caller, id.get()).await?;
    Ok(web::Json(preview.into()))
}

/// What a rollback would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct RollbackPreviewBody {
    can_rollback: bool,
    /// Why not: `status`, `expired`, or `conflict`, which `keep_changed` overcomes.
    #[schema(value_type = Option<String>, example = "conflict")]
    reason: Option<&'static str>,
    /// Until when it can be done.
    #[schema(value_type = Option<String>, format = DateTime)]
    deadline: Option<Timestamp>,
    #[schema(example = 5)]
    imported_rows: u64,
    /// Rows that would go.
    #[schema(example = 3)]
    removable_rows: u64,
    /// Records that the import changed, and that would be what they were.
    #[schema(example = 0)]
    restorable_rows: u64,
    /// Rows that someone changed since, whether the import created their record or changed it.
    changed: u64,
    /// Rows that others refer to.
    #[schema(example = 2)]
    referenced: u64,
    /// Rows that someone deleted since.
    already_gone: u64,
    /// Where the rows come from that refer to the job's.
    blocked_by: Vec<BlockerBody>,
    /// The first rows that would be in the way.
    examples: Vec<RollbackRowBody>,
}

/// Rows of one origin that refer to rows of a job.
#[derive(Serialize, ToSchema)]
struct BlockerBody {
    /// The job that imported them; null if they were entered by hand.
    job_id: Option<Uuid>,
    #[schema(example = "jamaah.csv")]
    file_name: Option<String>,
    #[schema(value_type = words::ImportType)]
    import_type: domain::ImportType,
    #[schema(example = 32)]
    rows: u64,
    can_rollback: bool,
}

/// A row that would be in the way.
#[derive(Serialize, ToSchema)]
struct RollbackRowBody {
    id: Uuid,
    #[schema(example = 3)]
    row_number: u64,
    #[schema(example = "Umroh Plus Turki 12 Hari")]
    label: String,
    /// `changed` or `referenced`.
    #[schema(value_type = String, example = "referenced")]
    reason: &'static str,
}

impl From<RollbackPreview> for RollbackPreviewBody {
    fn from(preview: RollbackPreview) -> Self {
        let is_in_the_way = preview.changed > 0 || preview.referenced > 0;
        let reason = match preview.refusal {
            Some(InvalidTransition::RollbackExpired) => Some("expired"),
            Some(_) => Some("status"),
            None => is_in_the_way.then_some("conflict"),
        };
        Self {
            can_rollback: reason.is_none(),
            reason,
            deadline: preview.deadline,
            imported_rows: preview.imported,
            removable_rows: preview.removable,
            restorable_rows: preview.restorable,
            changed: preview.changed,
            referenced: preview.referenced,
            already_gone: preview.already_gone,
            blocked_by: preview
                .blocked_by
                .into_iter()
                .map(|blocker| BlockerBody {
                    job_id: blocker.job_id.map(JobId::as_uuid),
                    file_name: blocker.file_name,
                    import_type: blocker.import_type,
                    rows: blocker.rows,
                    can_rollback: blocker.can_rollback,
                })
                .collect(),
            examples: preview
                .examples
                .into_iter()
                .map(|example| RollbackRowBody {
                    id: example.row.id,
                    row_number: example.row.row_number,
                    label: example.label,
                    reason: if example.row.changed {
                        "changed"
                    } else {
                        "referenced"
                    },
                })
                .collect(),
        }
    }
}
