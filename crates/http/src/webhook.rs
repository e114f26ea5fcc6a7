//! `/api/v1/webhooks`: receivers of the ends of imports, and what was sent to them. A secret is returned once, when it is created.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageWebhooks;
use domain::{
    DeliveryError, DeliveryStatus, DeliveryTry, DisabledReason, Timestamp, Webhook,
    WebhookDelivery, WebhookDeliveryId, WebhookEvent, WebhookId,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use services::{Services, WebhookDraft};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::{DeliveryPathId, PathId};
use crate::query::Query;
use crate::resource::created;
use crate::session::{Message, message};
use crate::words;

/// A receiver of events, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "url": "https://erp.example.com/hijrah", "description": "ERP kantor pusat",
    "events": ["import.completed", "import.failed", "import.rolled_back"], "is_active": true, "disabled_reason": null,
    "failing_since": null, "previous_secret_until": null, "created_at": "2026-11-27T03:10:00Z", "updated_at": "2026-11-27T03:10:00Z",
}))]
pub(crate) struct WebhookBody {
    id: Uuid,
    #[schema(example = "https://erp.example.com/hijrah")]
    url: String,
    #[schema(example = "ERP kantor pusat")]
    description: Option<String>,
    #[schema(value_type = Vec<words::WebhookEvent>)]
    events: Vec<WebhookEvent>,
    is_active: bool,
    /// Why deliveries stopped, unless an admin switched them off: none was accepted for three days, or the receiver answered 410.
    #[schema(value_type = Option<words::DisabledReason>)]
    disabled_reason: Option<DisabledReason>,
    /// Since when nothing was accepted.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// Until then messages are signed with the secret before the present one too.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_secret_until: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A receiver with its secret, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookWithSecretBody {
    #[serde(flatten)]
    webhook: WebhookBody,
    /// Checks `webhook-signature`, as the Standard Webhooks specification says; it is shown here and never again.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2Wf5uGgqVUA=")]
    secret: String,
}

/// The receivers of the agency.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhooksBody {
    data: Vec<WebhookBody>,
}

/// A new receiver.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct NewWebhookBody {
    /// An https address that leads to public addresses.
    #[schema(example = "https://erp.example.com/hijrah", max_length = 2048)]
    url: String,
    #[schema(example = "ERP kantor pusat", min_length = 1, max_length = 255)]
    description: Option<String>,
    /// Of `import.completed`, `import.failed`, `import.rolled_back`; all of them if not given.
    #[schema(nullable = false, example = json!(["import.completed", "import.failed"]))]
    events: Option<Vec<String>>,
    /// Default true.
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

/// Changes of a receiver: what is not given stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct WebhookChangesBody {
    #[schema(
        nullable = false,
        example = "https://erp.example.com/hijrah",
        max_length = 2048
    )]
    url: Option<String>,
    /// `null` clears it.
    #[schema(example = "ERP kantor pusat", min_length = 1, max_length = 255)]
    description: Option<String>,
    #[schema(nullable = false, example = json!(["import.completed", "import.failed"]))]
    events: Option<Vec<String>>,
    /// `true` also switches on what was switched off for its failures; `false` cancels what is still to be sent.
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

/// A message to a receiver.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "event": "import.completed", "status": "delivered", "attempts": 2,
    "response_status": 200, "duration_ms": 41, "error": null, "created_at": "2026-11-27T03:10:00Z",
    "last_attempt_at": "2026-11-27T03:10:06Z", "delivered_at": "2026-11-27T03:10:06Z", "next_attempt_at": null,
    "tries": [
        {"attempt": 1, "at": "2026-11-27T03:10:01Z", "response_status": 503, "duration_ms": 12, "error": "http_status"},
        {"attempt": 2, "at": "2026-11-27T03:10:06Z", "response_status": 200, "duration_ms": 41, "error": null},
    ],
}))]
pub(crate) struct DeliveryBody {
    /// Also in `webhook-id`, as `msg_…` without hyphens: the same for every try.
    id: Uuid,
    #[schema(value_type = words::WebhookEvent)]
    event: WebhookEvent,
    #[schema(value_type = words::DeliveryStatus)]
    status: DeliveryStatus,
    /// How often it was tried.
    attempts: u32,
    /// Of the last try, like `duration_ms` and `error`.
    #[schema(example = 200)]
    response_status: Option<u16>,
    duration_ms: Option<u64>,
    #[schema(value_type = Option<words::DeliveryError>)]
    error: Option<DeliveryError>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_attempt_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// Every try, oldest first.
    tries: Vec<TryBody>,
}

/// One try of a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct TryBody {
    attempt: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    response_status: Option<u16>,
    duration_ms: u64,
    #[schema(value_type = Option<words::DeliveryError>)]
    error: Option<DeliveryError>,
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveriesBody {
    data: Vec<DeliveryBody>,
    /// What `after` has to be for the next page; `null` on the last one.
    next: Option<Uuid>,
}

impl From<Webhook> for WebhookBody {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.as_uuid(),
            url: webhook.url,
            description: webhook.description,
            events: webhook.events,
            is_active: webhook.is_active,
            disabled_reason: webhook.disabled_reason,
            failing_since: webhook.failing_since,
            previous_secret_until: webhook.previous_secret_until,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl From<(Webhook, SecretString)> for WebhookWithSecretBody {
    fn from((webhook, secret): (Webhook, SecretString)) -> Self {
        Self {
            webhook: webhook.into(),
            secret: secret.expose_secret().to_owned(),
        }
    }
}

impl From<DeliveryTry> for TryBody {
    fn from(done: DeliveryTry) -> Self {
        Self {
            attempt: done.attempt,
            at: done.at,
            response_status: done.response_status,
            duration_ms: done.duration_ms,
            error: done.error,
        }
    }
}

impl From<WebhookDelivery> for DeliveryBody {
    fn from(sent: WebhookDelivery) -> Self {
        let last = sent.tries.last();
        let is_delivered = sent.status == DeliveryStatus::Delivered;
        let is_pending = sent.status == DeliveryStatus::Pending;
        Self {
            id: sent.id.as_uuid(),
            event: sent.event,
            status: sent.status,
            attempts: last.map_or(0, |last| last.attempt),
            response_status: last.and_then(|last| last.response_status),
            duration_ms: last.map(|last| last.duration_ms),
            error: last.and_then(|last| last.error),
            created_at: sent.created_at,
            last_attempt_at: last.map(|last| last.at),
            delivered_at: sent.finished_at.filter(|_| is_delivered),
            next_attempt_at: is_pending.then_some(sent.due_at),
            tries: sent.tries.into_iter().map(Into::into).collect(),
        }
    }
}

/// The routes of webhooks.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_webhooks)
        .service(create_webhook)
        .service(get_webhook)
        .service(change_webhook)
        .service(delete_webhook)
        .service(rotate_webhook_secret)
        .service(test_webhook)
        .service(list_webhook_deliveries)
        .service(retry_webhook_delivery);
}

/// Lists the webhooks of the agency, newest first.
#[utoipa::path(
    tag = "Webhooks",
    responses((status = 200, description = "The webhooks, without their secrets.", body = WebhooksBody)),
)]
#[get("/api/v1/webhooks")]
pub(crate) async fn list_webhooks(
    caller: Caller<ManageWebhooks>,
    services: web::Data<Services>,
) -> Result<web::Json<WebhooksBody>, ApiError> {
    let webhooks = services.webhooks.list(&caller).await?;
    Ok(web::Json(WebhooksBody {
        data: webhooks.into_iter().map(Into::into).collect(),
    }))
}

/// Creates a webhook. Its address has to be of https and public.
#[utoipa::path(
    tag = "Webhooks",
    request_body = NewWebhookBody,
    responses(
        (status = 201, description = "Created; `secret` is shown this once.", body = WebhookWithSecretBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`too_many_webhooks`: delete one first.", body = ErrorBody),
    ),
)]
#[post("/api/v1/webhooks")]
pub(crate) async fn create_webhook(
    caller: Caller<ManageWebhooks>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let draft: WebhookDraft = body.read().await?;
    let (webhook, secret) = services.webhooks.create(&caller, draft).await?;
    let id = webhook.id.as_uuid();
    let answer = WebhookWithSecretBody::from((webhook, secret));
    Ok(created("/api/v1/webhooks", id, &answer))
}

/// Returns one webhook.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The webhook, without its secret.", body = WebhookBody)),
)]
#[get("/api/v1/webhooks/{id}")]
pub(crate) async fn get_webhook(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    services: web::Data<Services>,
) -> Result<web::Json<WebhookBody>, ApiError> {
    let webhook = services.webhooks.find(&caller, id.get()).await?;
    Ok(web::Json(webhook.into()))
}

/// Changes the fields of a webhook that are given.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path)),
    request_body = WebhookChangesBody,
    responses(
        (status = 200, description = "The webhook as it is now.", body = WebhookBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/webhooks/{id}")]
pub(crate) async fn change_webhook(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<WebhookBody>, ApiError> {
    // Another tenant's webhook is answered with 404, whatever the body contains.
    services.webhooks.find(&caller, id.get()).await?;
    let draft: WebhookDraft = body.read().await?;
    let webhook = services.webhooks.change(&caller, id.get(), draft).await?;
    Ok(web::Json(webhook.into()))
}

/// Deletes a webhook with its log; what is still to be sent to it is not sent.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Deleted.", body = Message, example = json!({"message": "Webhook berhasil dihapus"}))),
)]
#[delete("/api/v1/webhooks/{id}")]
pub(crate) async fn delete_webhook(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.webhooks.delete(&caller, id.get()).await?;
    Ok(message("Webhook berhasil dihapus"))
}

/// Gives a webhook another secret. For a day, messages are signed with the one before too.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "`secret` is shown this once.", body = WebhookWithSecretBody)),
)]
#[post("/api/v1/webhooks/{id}/rotate-secret")]
pub(crate) async fn rotate_webhook_secret(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    services: web::Data<Services>,
) -> Result<web::Json<WebhookWithSecretBody>, ApiError> {
    let rotated = services.webhooks.rotate_secret(&caller, id.get()).await?;
    Ok(web::Json(rotated.into()))
}

/// Sends a message of type `webhook.test`, once, also to a webhook that is off. The log says how it went.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 202, description = "It will be sent in a moment; one that is waiting already is answered again.", body = DeliveryBody)),
)]
#[post("/api/v1/webhooks/{id}/test")]
pub(crate) async fn test_webhook(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let sent = services.webhooks.send_test(&caller, id.get()).await?;
    Ok(HttpResponse::Accepted().json(DeliveryBody::from(sent)))
}

/// Returns what was sent to a webhook and what is still to be sent, newest first: the last 200 of 30 days.
#[utoipa::path(
    tag = "Webhooks",
    params(
        ("id" = Uuid, Path),
        ("after" = Option<Uuid>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
    ),
    responses((status = 200, description = "A page of the log.", body = DeliveriesBody)),
)]
#[get("/api/v1/webhooks/{id}/deliveries")]
pub(crate) async fn list_webhook_deliveries(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    mut query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<DeliveriesBody>, ApiError> {
    services.webhooks.find(&caller, id.get()).await?;
    let after = query.word::<WebhookDeliveryId>("after", "harus berupa UUID")?;
    let limit = query.limit()?;
    query.finish()?;
    let page = services
        .webhooks
        .deliveries(&caller, id.get(), after, limit)
        .await?;
    Ok(web::Json(DeliveriesBody {
        data: page.deliveries.into_iter().map(Into::into).collect(),
        next: page.next.map(WebhookDeliveryId::as_uuid),
    }))
}

/// Sends a message again under its id, from the beginning of the schedule.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path)),
    responses((status = 202, description = "It will be sent in a moment.", body = DeliveryBody)),
)]
#[post("/api/v1/webhooks/{id}/deliveries/{delivery_id}/retry")]
pub(crate) async fn retry_webhook_delivery(
    caller: Caller<ManageWebhooks>,
    id: PathId<WebhookId>,
    delivery: DeliveryPathId,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let again = services
        .webhooks
        .retry(&caller, id.get(), delivery.get())
        .await?;
    Ok(HttpResponse::Accepted().json(DeliveryBody::from(again)))
}
