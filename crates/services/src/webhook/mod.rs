//! Webhooks, which report the ends of imports to an agency's own systems. Managed here, sent by [`Sender`].

mod address;
mod secret;
mod sender;

use std::{sync::Arc, time::Duration};

use auth::{Actor, ManageWebhooks};
use domain::{
    Action, Change, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookEvent, WebhookId,
    WebhookMessage,
};
use repositories::{Database, WebhookPatch, WebhookQueue};
use secrecy::SecretString;
use serde::Deserialize;

use self::address::{AddressError, AddressRule};
pub(crate) use self::sender::Sender;
use crate::{
    Context, ServiceError, Sessions,
    activity::note_with,
    resource::user_check::{Check, text},
    storage::StorageKeys,
};

/// What users call a webhook, and what was sent to it.
const LABEL: &str = "Webhook";
const DELIVERY: &str = "Pengiriman webhook";
/// Webhooks of a tenant: more than it has systems, and each event is sent to each of them.
const MOST: u64 = 10;
/// How long the previous secret also signs: a working day to change it everywhere, and the night after.
const OVERLAP: time::Duration = time::Duration::hours(24);
/// How long the log of deliveries is kept: it names imports, whose errors are kept for as long.
const LOG_AGE: Duration = Duration::from_hours(30 * 24);
/// What is wrong with the events of a webhook.
const EVENTS: &str = "satu atau lebih dari import.completed, import.failed, import.rolled_back";

/// What a client sends of a webhook.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookDraft {
    /// Where events are sent.
    pub url: Change<String>,
    /// What it is for.
    pub description: Change<String>,
    /// Which events; all of them if not given for a new one.
    pub events: Change<Vec<String>>,
    /// Whether events are sent.
    pub is_active: Change<bool>,
}

/// A page of what was sent to a webhook, newest first.
#[derive(Debug, Clone)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<WebhookDelivery>,
    /// After which one the next page begins; `None` if this is the last one.
    pub next: Option<WebhookDeliveryId>,
}

/// The use cases of webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    context: Arc<Context>,
    sessions: Sessions,
    rows: repositories::Webhooks,
}

impl Webhooks {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            rows: repositories::Webhooks::new(&context.database),
        }
    }

    /// Creates a webhook. Its secret is returned here and never again.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::TooManyWebhooks`] or a failure.
    pub async fn create(
        &self,
        actor: &Actor<ManageWebhooks>,
        draft: WebhookDraft,
    ) -> Result<(Webhook, SecretString), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        if draft.url.is_keep() {
            let missing = crate::FieldError::required("url");
            return Err(ServiceError::InvalidFields(vec![missing]));
        }
        let patch = self.check(draft).await?;
        let now = self.context.clock.now();
        let webhook = Webhook {
            id: WebhookId::mint(&*self.context.clock),
            tenant_id: actor.tenant_id(),
            url: patch.url.unwrap_or_default(),
            description: patch.description.flatten(),
            events: patch
                .events
                .unwrap_or_else(|| WebhookEvent::SUBSCRIBABLE.to_vec()),
            is_active: patch.is_active.unwrap_or(true),
            disabled_reason: None,
            failing_since: None,
            previous_secret_until: None,
            created_at: now,
            updated_at: now,
        };
        let secret = secret::generate();
        let sealed = secret::seal(self.context.storage.keys(), webhook.id, &secret)?;
        let scope = actor.tenant_id().into();
        if !self.rows.insert(scope, &webhook, &sealed, MOST).await? {
            return Err(ServiceError::TooManyWebhooks { limit: MOST });
        }
        self.note(actor, Action::WebhookCreated, &webhook).await;
        Ok((webhook, secret))
    }

    /// The webhooks of the tenant, newest first.
    ///
    /// # Errors
    /// Only failures.
    pub async fn list(&self, actor: &Actor<ManageWebhooks>) -> Result<Vec<Webhook>, ServiceError> {
        Ok(self.rows.list(actor.tenant_id().into()).await?)
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn find(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
    ) -> Result<Webhook, ServiceError> {
        let found = self.rows.find(actor.tenant_id().into(), id).await?;
        found.ok_or(ServiceError::NotFound(LABEL))
    }

    /// Changes the fields that the draft has. To switch a webhook on ends that it was switched off for its failures.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidFields`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
        draft: WebhookDraft,
    ) -> Result<Webhook, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        // A missing webhook is 404 whatever else is wrong.
        self.find(actor, id).await?;
        let patch = self.check(draft).await?;
        let now = self.context.clock.now();
        let changed = self
            .rows
            .change(actor.tenant_id().into(), id, &patch, now)
            .await?;
        let webhook = changed.ok_or(ServiceError::NotFound(LABEL))?;
        self.note(actor, Action::WebhookChanged, &webhook).await;
        Ok(webhook)
    }

    /// Gives a webhook another secret, which is returned here and never again. The previous one also signs for a day.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn rotate_secret(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
    ) -> Result<(Webhook, SecretString), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let secret = secret::generate();
        let sealed = secret::seal(self.context.storage.keys(), id, &secret)?;
        let now = self.context.clock.now();
        let rotated = self
            .rows
            .rotate_secret(actor.tenant_id().into(), id, &sealed, now + OVERLAP, now)
            .await?;
        let webhook = rotated.ok_or(ServiceError::NotFound(LABEL))?;
        self.note(actor, Action::WebhookSecretRotated, &webhook)
            .await;
        Ok((webhook, secret))
    }

    /// Deletes a webhook with its log and what is still to be sent to it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
    ) -> Result<(), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let deleted = self.rows.delete(actor.tenant_id().into(), id).await?;
        let webhook = deleted.ok_or(ServiceError::NotFound(LABEL))?;
        self.note(actor, Action::WebhookDeleted, &webhook).await;
        Ok(())
    }

    /// Sends a test message once, even to a webhook that is switched off.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn send_test(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
    ) -> Result<WebhookDelivery, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let now = self.context.clock.now();
        let message = WebhookMessage {
            r#type: WebhookEvent::Test,
            timestamp: now,
            data: serde_json::json!({ "tenant_id": actor.tenant_id(), "webhook_id": id }),
        };
        let body = serde_json::to_string(&message)
            .map_err(|_| ServiceError::Broken("a message that is not JSON"))?;
        let trial = WebhookDeliveryId::mint(&*self.context.clock);
        let sent = self
            .rows
            .send_test(actor.tenant_id().into(), id, trial, &body, now)
            .await?;
        sent.ok_or(ServiceError::NotFound(LABEL))
    }

    /// What was sent to a webhook and what is still to be sent, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn deliveries(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
        after: Option<WebhookDeliveryId>,
        limit: u64,
    ) -> Result<DeliveryPage, ServiceError> {
        self.find(actor, id).await?;
        let scope = actor.tenant_id().into();
        let mut deliveries = self.rows.deliveries(scope, id, after, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = deliveries.len() > limit;
        deliveries.truncate(limit);
        let next = deliveries.last().map(|sent| sent.id).filter(|_| has_more);
        Ok(DeliveryPage { deliveries, next })
    }

    /// Sends something again, from the beginning of its schedule.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn retry(
        &self,
        actor: &Actor<ManageWebhooks>,
        id: WebhookId,
        sent: WebhookDeliveryId,
    ) -> Result<WebhookDelivery, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        self.find(actor, id).await?;
        let now = self.context.clock.now();
        let scope = actor.tenant_id().into();
        let again = self.rows.retry(scope, id, sent, now).await?;
        again.ok_or(ServiceError::NotFound(DELIVERY))
    }

    async fn check(&self, draft: WebhookDraft) -> Result<WebhookPatch, ServiceError> {
        let rule = rule(&self.context);
        let expected = rule.to_string();
        let mut check = Check::default();
        let mut patch = WebhookPatch {
            events: check.change("events", draft.events, |words| {
                let events: Option<Vec<_>> = WebhookEvent::SUBSCRIBABLE
                    .into_iter()
                    .filter(|event| words.iter().any(|word| word == event.as_str()))
                    .map(Some)
                    .collect();
                let are_known = words.iter().all(|word| {
                    WebhookEvent::SUBSCRIBABLE
                        .iter()
                        .any(|event| event.as_str() == word)
                });
                events
                    .filter(|events| are_known && !events.is_empty())
                    .ok_or(EVENTS)
            }),
            is_active: check.change("is_active", draft.is_active, Ok),
            ..WebhookPatch::default()
        };
        patch.description = match draft.description {
            Change::Clear => Some(None),
            change => check
                .change("description", change, |raw| text(&raw))
                .map(Some),
        };
        match draft.url {
            Change::Keep => {}
            Change::Clear => check.refuse("url", &expected),
            Change::Set(raw) => match checked(rule, raw.trim()).await {
                Ok(url) => patch.url = Some(url),
                Err(_) => check.refuse("url", &expected),
            },
        }
        if check.is_fine() {
            Ok(patch)
        } else {
            Err(check.into_error())
        }
    }

    async fn note(&self, actor: &Actor<ManageWebhooks>, action: Action, webhook: &Webhook) {
        tracing::info!(webhook.id = %webhook.id, user.id = %actor.user_id(), %action, "changed webhooks");
        let host = AddressRule::host(&webhook.url);
        let details = [("webhook_id", webhook.id.to_string()), ("host", host)];
        note_with(&self.context, actor, action, details).await;
    }
}

/// An address that may be saved. A name that does not resolve now may resolve tomorrow: it is checked again at each
/// connection.
async fn checked(rule: AddressRule, text: &str) -> Result<String, AddressError> {
    let url = rule.parse(text)?;
    if let Some(url::Host::Domain(name)) = url.host() {
        match rule.resolve(name).await {
            Ok(_) | Err(AddressError::Unknown) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(url.into())
}

/// Which addresses this installation calls.
fn rule(context: &Context) -> AddressRule {
    AddressRule {
        allows_loopback: context.config.webhooks_may_call_loopback,
    }
}

/// Encrypts the secrets of all webhooks with the first of `keys`, so that an older key can be retired. Returns how many.
///
/// # Errors
/// Only failures.
pub async fn rekey_webhooks(database: &Database, keys: &StorageKeys) -> Result<u64, ServiceError> {
    let queue = WebhookQueue::new(database);
    let reseal = |webhook: WebhookId, stored: &str| secret::reseal(keys, webhook, stored);
    Ok(queue.reseal(reseal).await?)
}

/// Deletes log entries that are too old.
pub(crate) async fn sweep(context: &Context) -> Result<u64, ServiceError> {
    Ok(WebhookQueue::new(&context.database).sweep(LOG_AGE).await?)
}
