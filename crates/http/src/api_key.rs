//! `/api/v1/api-keys`: API keys. A key is returned once, when it is created.

use actix_web::{HttpResponse, delete, get, post, web};
use auth::ManageTenant;
use domain::{ApiKey, ApiKeyId, Timestamp};
use secrecy::ExposeSecret;
use serde::Serialize;
use services::{ApiKeyDraft, Services};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::resource::created;
use crate::session::{Message, message};

/// A key without itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyBody {
    id: Uuid,
    #[schema(example = "Sinkronisasi harian")]
    name: String,
    /// The beginning of the key.
    #[schema(example = "hjr_3f9a1c")]
    hint: String,
    #[schema(example = json!(["manage_imports", "view_imports"]))]
    scopes: Vec<String>,
    /// For whom it acts: it may never more than this account, and ends with it.
    user_id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// To the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

/// A key with itself, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewApiKeyAnswer {
    #[serde(flatten)]
    api_key: ApiKeyBody,
    /// For `Authorization: Bearer`; it is shown here and never again.
    #[schema(example = "hjr_3f9a1c0000000000000000000000000000000000000000000000000000000000")]
    key: String,
}

/// The keys of the agency.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeysBody {
    data: Vec<ApiKeyBody>,
}

/// A new key.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct NewApiKeyBody {
    #[schema(example = "Sinkronisasi harian", min_length = 1, max_length = 255)]
    name: String,
    /// Of `manage_imports`, `view_imports`, `download_templates`, `manage_resources`; none that the caller lacks.
    #[schema(example = json!(["manage_imports", "view_imports"]))]
    scopes: Vec<String>,
    /// 90 if not given.
    #[schema(nullable = false, minimum = 1, maximum = 365, example = 90)]
    expires_in_days: Option<u32>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.as_uuid(),
            name: key.name,
            hint: key.hint,
            scopes: key.scopes,
            user_id: key.user_id.as_uuid(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The routes of the keys.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_api_keys)
        .service(create_api_key)
        .service(delete_api_key);
}

/// Lists the keys of the agency, newest first.
#[utoipa::path(
    tag = "API keys",
    responses((status = 200, description = "The keys, without themselves.", body = ApiKeysBody)),
)]
#[get("/api/v1/api-keys")]
pub(crate) async fn list_api_keys(
    caller: Caller<ManageTenant>,
    services: web::Data<Services>,
) -> Result<web::Json<ApiKeysBody>, ApiError> {
    let keys = services.api_keys.list(&caller).await?;
    Ok(web::Json(ApiKeysBody {
        data: keys.into_iter().map(Into::into).collect(),
    }))
}

/// Creates a key that acts for the caller within its scopes.
#[utoipa::path(
    tag = "API keys",
    request_body = NewApiKeyBody,
    responses(
        (status = 201, description = "Created; `key` is shown this once.", body = NewApiKeyAnswer),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`too_many_keys`: delete one first.", body = ErrorBody),
    ),
)]
#[post("/api/v1/api-keys")]
pub(crate) async fn create_api_key(
    caller: Caller<ManageTenant>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let draft: ApiKeyDraft = body.read().await?;
    let (api_key, key) = services.api_keys.create(&caller, draft).await?;
    let id = api_key.id.as_uuid();
    let answer = NewApiKeyAnswer {
        api_key: api_key.into(),
        key: key.expose_secret().to_owned(),
    };
    Ok(created("/api/v1/api-keys", id, &answer))
}

/// Deletes a key: it is good for nothing from now on.
#[utoipa::path(
    tag = "API keys",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Deleted.", body = Message, example = json!({"message": "API key berhasil dihapus"}))),
)]
#[delete("/api/v1/api-keys/{id}")]
pub(crate) async fn delete_api_key(
    caller: Caller<ManageTenant>,
    id: PathId<ApiKeyId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.api_keys.delete(&caller, id.get()).await?;
    Ok(message("API key berhasil dihapus"))
}
