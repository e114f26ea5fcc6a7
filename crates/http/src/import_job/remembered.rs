//! What is remembered of columns and values for the next file with the same headers.

use std::collections::BTreeMap;

use actix_web::{delete, get, web};
use auth::ManageImports;
use domain::Timestamp;
use serde::Serialize;
use services::{Remembered, Services};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::DoerBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::PathId;
use crate::session::{Message, message};
use crate::words;

/// What is remembered for files with the same headers, what was used last first.
#[utoipa::path(
    tag = "Imports",
    responses((status = 200, description = "At most 200.", body = RememberedListBody)),
)]
#[get("/api/v1/onboarding/migration/mappings")]
pub(crate) async fn list_remembered_mappings(
    caller: Caller<ManageImports>,
    services: web::Data<Services>,
) -> Result<web::Json<RememberedListBody>, ApiError> {
    let found = services.imports.remembered_mappings(&caller).await?;
    Ok(web::Json(RememberedListBody {
        data: found.into_iter().map(Into::into).collect(),
    }))
}

/// Forgets what is remembered; jobs that used it keep it.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Forgotten.", body = Message)),
)]
#[delete("/api/v1/onboarding/migration/mappings/{id}")]
pub(crate) async fn forget_remembered_mapping(
    caller: Caller<ManageImports>,
    id: PathId<Uuid>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.imports.forget_mapping(&caller, id.get()).await?;
    Ok(message("Pemetaan kolom berhasil dihapus"))
}

/// What is remembered.
#[derive(Serialize, ToSchema)]
pub(crate) struct RememberedListBody {
    data: Vec<RememberedBody>,
}

/// Decisions about files with the same headers, in whatever order they stand.
#[derive(Serialize, ToSchema)]
struct RememberedBody {
    id: Uuid,
    #[schema(value_type = words::ImportType)]
    import_type: domain::ImportType,
    #[schema(example = json!(["Siapa", "Pkt"]))]
    headers: Vec<String>,
    /// Column to field; `""` leaves the column out.
    #[schema(example = json!({"Siapa": "nama", "Pkt": "paket_id"}))]
    columns: BTreeMap<String, String>,
    #[schema(example = json!({"jenis_kelamin": {"Ikhwan": "L"}}))]
    value_mapping: domain::ValueChoices,
    /// Who started the import that confirmed it last.
    decided_by: Option<DoerBody>,
    #[schema(value_type = String, format = DateTime)]
    used_at: Timestamp,
}

impl From<Remembered> for RememberedBody {
    fn from(remembered: Remembered) -> Self {
        let decided = remembered.decided;
        Self {
            id: remembered.id,
            import_type: remembered.import_type,
            headers: decided.headers,
            columns: decided.columns,
            value_mapping: decided.values,
            decided_by: decided.decided_by.map(Into::into),
            used_at: remembered.used_at,
        }
    }
}
