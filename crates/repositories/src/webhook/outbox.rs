//! Queues the end of an import for the tenant's webhooks, in the transaction that ends it: what was committed is sent,
//! what was rolled back is not, whatever happens to the process.

use domain::{
    DeliveryStatus, ImportEnd, ImportJob, JobId, JobStatus, Timestamp, WebhookDeliveryId,
    WebhookEvent, WebhookId, WebhookMessage,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{LockType, OnConflict},
};
use uuid::Uuid;

use super::events;
use crate::{
    RepositoryError, TenantScope, activity,
    entity::{
        webhook::{Column, Entity},
        webhook_delivery::{self as delivery, ActiveModel},
    },
    pool::Transaction,
    table::stored,
};

/// Queues the end of a job for each webhook that subscribes to it.
pub(crate) async fn insert_end(tx: &Transaction, job: &ImportJob) -> Result<(), RepositoryError> {
    let (event, at) = match job.status() {
        JobStatus::RolledBack => (WebhookEvent::ImportRolledBack, job.rollback_at()),
        _ => match activity::end_of(job) {
            Some(domain::Action::Completed) => (WebhookEvent::ImportCompleted, job.completed_at()),
            Some(_) => (WebhookEvent::ImportFailed, job.completed_at()),
            None => return Ok(()),
        },
    };
    let at = at.unwrap_or(job.updated_at);
    let scope = TenantScope::new(job.tenant_id);
    // Locked, so that a webhook that is deleted meanwhile is deleted with this delivery.
    let webhooks = Entity::find()
        .filter(Column::TenantId.eq(scope.uuid()))
        .filter(Column::IsActive.eq(true))
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    let mut rows = Vec::new();
    let message = WebhookMessage {
        r#type: event,
        timestamp: at,
        data: ImportEnd::of(job),
    };
    for webhook in webhooks {
        if events(&webhook.events)?.contains(&event) {
            let webhook = WebhookId::from_uuid(webhook.id);
            let body = stored("body", serde_json::to_string(&message))?;
            let id = delivery_id(job.id, webhook, at);
            rows.push(row(scope, webhook, id, event, &body, at));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let once = OnConflict::columns([delivery::Column::TenantId, delivery::Column::Id])
        .do_nothing()
        .to_owned();
    delivery::Entity::insert_many(rows)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A delivery that has not been tried.
pub(super) fn row(
    scope: TenantScope,
    webhook: WebhookId,
    id: WebhookDeliveryId,
    event: WebhookEvent,
    body: &str,
    at: Timestamp,
) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(scope.uuid()),
        id: Set(id.as_uuid()),
        webhook_id: Set(webhook.as_uuid()),
        event: Set(event.to_string()),
        body: Set(body.to_owned()),
        status: Set(DeliveryStatus::Pending.to_string()),
        attempts: Set(0),
        due_at: Set(at.into()),
        lease_owner: Set(None),
        tries: Set("[]".to_owned()),
        created_at: Set(at.into()),
        finished_at: Set(None),
    }
}

/// Follows from the job, the webhook and the moment, so that one end is one delivery to each webhook: the time of the id of the
/// job's end, and the random parts of both.
fn delivery_id(job: JobId, webhook: WebhookId, at: Timestamp) -> WebhookDeliveryId {
    let mut bytes = activity::end_id(job, at).as_uuid().into_bytes();
    let other = webhook.as_uuid().into_bytes();
    for (byte, other) in bytes.iter_mut().zip(other).skip(6) {
        *byte ^= other;
    }
    // The version and the variant of a UUID v7.
    bytes[6] = 0x70 | (bytes[6] & 0x0F);
    bytes[8] = 0x80 | (bytes[8] & 0x3F);
    WebhookDeliveryId::from_uuid(Uuid::from_bytes(bytes))
}
