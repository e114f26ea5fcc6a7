//! Webhooks as their tenants manage them: create, find, change, delete, and look at what was sent.

pub(crate) mod outbox;
mod queue;

use domain::{
    DeliveryError, DeliveryStatus, DeliveryTry, TenantId, Timestamp, Webhook, WebhookDelivery,
    WebhookDeliveryId, WebhookEvent, WebhookId,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::LockType,
};

use crate::{
    Database, RepositoryError, TenantScope,
    entity::{
        webhook::{ActiveModel, Column, Entity, Model},
        webhook_delivery as delivery,
    },
    pool::Transaction,
    stamp::moment,
    table::stored,
};

pub use queue::{ClaimedDelivery, FinishedTry, WebhookQueue};

/// The webhooks.
#[derive(Debug, Clone)]
pub struct Webhooks {
    db: Database,
}

/// A change of a webhook: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookPatch {
    /// Where events are sent.
    pub url: Option<String>,
    /// What it is for; `Some(None)` clears it.
    pub description: Option<Option<String>>,
    /// Which events.
    pub events: Option<Vec<WebhookEvent>>,
    /// Whether events are sent.
    pub is_active: Option<bool>,
}

impl Webhooks {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a webhook, unless the tenant has `most` already; whether there was room.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn insert(
        &self,
        scope: TenantScope,
        webhook: &Webhook,
        secret: &str,
        most: u64,
    ) -> Result<bool, RepositoryError> {
        let row = ActiveModel {
            tenant_id: Set(scope.uuid()),
            id: Set(webhook.id.as_uuid()),
            url: Set(webhook.url.clone()),
            description: Set(webhook.description.clone()),
            events: Set(words(&webhook.events)),
            secret: Set(secret.to_owned()),
            previous_secret: Set(None),
            previous_secret_until: Set(None),
            is_active: Set(webhook.is_active),
            disabled_reason: Set(None),
            failing_since: Set(None),
            created_at: Set(webhook.created_at.into()),
            updated_at: Set(webhook.updated_at.into()),
        };
        scope
            .insert_up_to(&self.db, Column::TenantId, &row, most)
            .await
    }

    /// The webhooks of a tenant, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, scope: TenantScope) -> Result<Vec<Webhook>, RepositoryError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .order_by_desc(Column::Id)
            .all(&self.db.read(scope).await?)
            .await?;
        rows.into_iter().map(record).collect()
    }

    /// One webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: WebhookId,
    ) -> Result<Option<Webhook>, RepositoryError> {
        let row = Entity::find_by_id((scope.uuid(), id.as_uuid()))
            .one(&self.db.read(scope).await?)
            .await?;
        row.map(record).transpose()
    }

    /// Changes a webhook. Switching it on forgets its failures; switching it off cancels its waiting deliveries.
    /// `None` if there is no such webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change(
        &self,
        scope: TenantScope,
        id: WebhookId,
        patch: &WebhookPatch,
        now: Timestamp,
    ) -> Result<Option<Webhook>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(row) = lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let mut row = row.into_active_model();
                if let Some(url) = &patch.url {
                    row.url = Set(url.clone());
                }
                if let Some(description) = &patch.description {
                    row.description = Set(description.clone());
                }
                if let Some(events) = &patch.events {
                    row.events = Set(words(events));
                }
                if let Some(is_active) = patch.is_active {
                    row.is_active = Set(is_active);
                    row.disabled_reason = Set(None);
                    row.failing_since = Set(None);
                    if !is_active {
                        give_up_waiting(&tx, scope, id, now).await?;
                    }
                }
                row.updated_at = Set(now.into());
                let row = row.update(&tx).await?;
                self.db.commit(tx).await?;
                record(row).map(Some)
            })
            .await
    }

    /// Gives a webhook another secret; the one before signs too until `until`. `None` if there is no such webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate_secret(
        &self,
        scope: TenantScope,
        id: WebhookId,
        secret: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Webhook>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(row) = lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let previous = row.secret.clone();
                let mut row = row.into_active_model();
                row.secret = Set(secret.to_owned());
                row.previous_secret = Set(Some(previous));
                row.previous_secret_until = Set(Some(until.into()));
                row.updated_at = Set(now.into());
                let row = row.update(&tx).await?;
                self.db.commit(tx).await?;
                record(row).map(Some)
            })
            .await
    }

    /// Deletes a webhook with all that was or is to be sent to it; returns it as it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete(
        &self,
        scope: TenantScope,
        id: WebhookId,
    ) -> Result<Option<Webhook>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(row) = lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                Entity::delete_by_id((scope.uuid(), id.as_uuid()))
                    .exec(&tx)
                    .await?;
                self.db.commit(tx).await?;
                record(row).map(Some)
            })
            .await
    }

    /// What was sent to a webhook, newest first, from the entry before `after`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliveries(
        &self,
        scope: TenantScope,
        id: WebhookId,
        after: Option<WebhookDeliveryId>,
        limit: u64,
    ) -> Result<Vec<WebhookDelivery>, RepositoryError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::TenantId.eq(scope.uuid()))
            .filter(delivery::Column::WebhookId.eq(id.as_uuid()))
            .apply_if(after, |entries, after| {
                entries.filter(delivery::Column::Id.lt(after.as_uuid()))
            })
            .order_by_desc(delivery::Column::Id)
            .limit(limit)
            .all(&self.db.read(scope).await?)
            .await?;
        rows.iter().map(delivery_record).collect()
    }

    /// Queues a test of a webhook with `body`, unless one is waiting already. `None` if there is no such webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_test(
        &self,
        scope: TenantScope,
        id: WebhookId,
        trial: WebhookDeliveryId,
        body: &str,
        now: Timestamp,
    ) -> Result<Option<WebhookDelivery>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                if lock(&tx, scope, id).await?.is_none() {
                    return Ok(None);
                }
                let waiting = waiting(scope, id)
                    .filter(delivery::Column::Event.eq(WebhookEvent::Test.as_str()))
                    .one(&tx)
                    .await?;
                let row = if let Some(row) = waiting {
                    row
                } else {
                    let row = outbox::row(scope, id, trial, WebhookEvent::Test, body, now);
                    row.insert(&tx).await?
                };
                self.db.commit(tx).await?;
                delivery_record(&row).map(Some)
            })
            .await
    }

    /// Sends a delivery again from the beginning of its schedule; one that is waiting is sent now. `None` if there is no such
    /// delivery.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retry(
        &self,
        scope: TenantScope,
        id: WebhookId,
        sent: WebhookDeliveryId,
        now: Timestamp,
    ) -> Result<Option<WebhookDelivery>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let found = delivery::Entity::find_by_id((scope.uuid(), sent.as_uuid()))
                    .filter(delivery::Column::WebhookId.eq(id.as_uuid()))
                    .lock(LockType::NoKeyUpdate)
                    .one(&tx)
                    .await?;
                let Some(row) = found else {
                    return Ok(None);
                };
                // A delivery that is being sent at this moment needs no retry.
                if row.lease_owner.is_some() {
                    return delivery_record(&row).map(Some);
                }
                let mut row = row.into_active_model();
                row.status = Set(DeliveryStatus::Pending.to_string());
                row.attempts = Set(0);
                row.tries = Set("[]".to_owned());
                row.due_at = Set(now.into());
                row.finished_at = Set(None);
                let row = row.update(&tx).await?;
                self.db.commit(tx).await?;
                delivery_record(&row).map(Some)
            })
            .await
    }
}

/// The row of a webhook, locked until the transaction ends.
async fn lock(
    tx: &Transaction,
    scope: TenantScope,
    id: WebhookId,
) -> Result<Option<Model>, RepositoryError> {
    let found = Entity::find_by_id((scope.uuid(), id.as_uuid()))
        .lock(LockType::Update)
        .one(tx)
        .await?;
    Ok(found)
}

/// What is still to be sent to a webhook.
fn waiting(scope: TenantScope, id: WebhookId) -> sea_orm::Select<delivery::Entity> {
    delivery::Entity::find()
        .filter(delivery::Column::TenantId.eq(scope.uuid()))
        .filter(delivery::Column::WebhookId.eq(id.as_uuid()))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Pending.as_str()))
}

/// Cancels what is still to be sent to a webhook that is switched off.
async fn give_up_waiting(
    tx: &Transaction,
    scope: TenantScope,
    id: WebhookId,
    now: Timestamp,
) -> Result<(), RepositoryError> {
    let rows = waiting(scope, id)
        .filter(delivery::Column::Event.ne(WebhookEvent::Test.as_str()))
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    for row in rows {
        give_up(tx, row, DeliveryError::Disabled, now).await?;
    }
    Ok(())
}

/// Marks a delivery as failed without trying it.
async fn give_up(
    tx: &Transaction,
    row: delivery::Model,
    why: DeliveryError,
    now: Timestamp,
) -> Result<(), RepositoryError> {
    let mut tries = tries(&row.tries)?;
    tries.push(DeliveryTry {
        attempt: u32::try_from(row.attempts).unwrap_or_default(),
        at: now,
        response_status: None,
        duration_ms: 0,
        error: Some(why),
    });
    let mut row = row.into_active_model();
    row.status = Set(DeliveryStatus::Failed.to_string());
    row.tries = Set(tries_text(&tries)?);
    row.lease_owner = Set(None);
    row.finished_at = Set(Some(now.into()));
    row.update(tx).await?;
    Ok(())
}

/// The words of events as the column has them.
fn words(events: &[WebhookEvent]) -> String {
    let words: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    words.join(" ")
}

fn events(text: &str) -> Result<Vec<WebhookEvent>, RepositoryError> {
    text.split_whitespace()
        .map(|word| stored("events", word.parse()))
        .collect()
}

fn tries(text: &str) -> Result<Vec<DeliveryTry>, RepositoryError> {
    stored("tries", serde_json::from_str(text))
}

fn tries_text(tries: &[DeliveryTry]) -> Result<String, RepositoryError> {
    stored("tries", serde_json::to_string(tries))
}

fn record(row: Model) -> Result<Webhook, RepositoryError> {
    let reason = row.disabled_reason.map(|word| word.parse()).transpose();
    Ok(Webhook {
        id: WebhookId::from_uuid(row.id),
        tenant_id: TenantId::from_uuid(row.tenant_id),
        url: row.url,
        description: row.description,
        events: events(&row.events)?,
        is_active: row.is_active,
        disabled_reason: stored("disabled_reason", reason)?,
        failing_since: moment(row.failing_since),
        previous_secret_until: moment(row.previous_secret_until),
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}

fn delivery_record(row: &delivery::Model) -> Result<WebhookDelivery, RepositoryError> {
    Ok(WebhookDelivery {
        id: WebhookDeliveryId::from_uuid(row.id),
        event: stored("event", row.event.parse())?,
        status: stored("status", row.status.parse())?,
        tries: tries(&row.tries)?,
        due_at: row.due_at.into(),
        created_at: row.created_at.into(),
        finished_at: moment(row.finished_at),
    })
}
