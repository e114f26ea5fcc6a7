//! `/api/v1/tenant`: the caller's own agency.

use actix_web::{get, patch, web};
use auth::ManageTenant;
use domain::TimeZone;
use serde::Serialize;
use services::{Services, TenantDraft, TenantSettings};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::words;

const HOUR: u64 = 60 * 60;

/// An agency with what holds for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantBody {
    id: Uuid,
    #[schema(example = "Amanah Travel")]
    name: String,
    #[schema(example = "amanah-travel")]
    slug: String,
    #[schema(value_type = words::TimeZone)]
    time_zone: TimeZone,
    limits: TenantLimits,
}

/// The limits of the installation.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantLimits {
    /// Bytes of a file.
    #[schema(example = 10_485_760)]
    max_upload_bytes: u64,
    /// Imports at once.
    #[schema(example = 10)]
    concurrent_imports: u32,
    /// How long an import can be rolled back.
    #[schema(example = 24)]
    rollback_hours: u64,
    /// How long an uploaded file is kept after the end of its job.
    #[schema(example = 7)]
    file_days: u64,
    /// How long row errors are kept after the end of their job.
    #[schema(example = 30)]
    error_days: u64,
}

/// Changes of the agency: an absent field keeps its value.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct TenantChangesBody {
    #[schema(
        nullable = false,
        example = "Amanah Travel",
        min_length = 1,
        max_length = 255
    )]
    name: Option<String>,
    #[schema(nullable = false)]
    time_zone: Option<words::TimeZone>,
}

impl From<TenantSettings> for TenantBody {
    fn from(settings: TenantSettings) -> Self {
        let days = |span: std::time::Duration| span.as_secs() / (24 * HOUR);
        Self {
            id: settings.tenant.id.as_uuid(),
            name: settings.tenant.name,
            slug: settings.tenant.slug,
            time_zone: settings.tenant.time_zone,
            limits: TenantLimits {
                max_upload_bytes: settings.max_upload_bytes,
                concurrent_imports: settings.concurrent_imports,
                rollback_hours: settings.rollback.as_secs() / HOUR,
                file_days: days(settings.file_retention),
                error_days: days(settings.error_retention),
            },
        }
    }
}

/// Returns the caller's agency.
#[utoipa::path(
    tag = "Tenant",
    responses((status = 200, description = "The agency.", body = TenantBody)),
)]
#[get("/api/v1/tenant")]
pub(crate) async fn get_tenant(
    caller: Caller<ManageTenant>,
    services: web::Data<Services>,
) -> Result<web::Json<TenantBody>, ApiError> {
    Ok(web::Json(services.tenant.find(&caller).await?.into()))
}

/// Changes the fields that the body has.
#[utoipa::path(
    tag = "Tenant",
    request_body = TenantChangesBody,
    responses(
        (status = 200, description = "The agency as it is now.", body = TenantBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/tenant")]
pub(crate) async fn change_tenant(
    caller: Caller<ManageTenant>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<TenantBody>, ApiError> {
    let draft: TenantDraft = body.read().await?;
    Ok(web::Json(
        services.tenant.change(&caller, draft).await?.into(),
    ))
}
