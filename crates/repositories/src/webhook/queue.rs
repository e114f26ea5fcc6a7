//! Deliveries as senders see them: claimed by one process at a time, tried, and recorded. Runs as the tables' owner, over all
//! tenants, by the database's clock.

use std::time::Duration;

use domain::{
    Action, ActivityId, AfterTry, DeliveryError, DeliveryStatus, DeliveryTry, DisabledReason,
    TenantId, Timestamp, WEBHOOK_PATIENCE, WebhookDeliveryId, WebhookEvent, WebhookId, after_try,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect,
    sea_query::LockType,
};
use uuid::Uuid;

use super::{give_up, give_up_waiting, tries, tries_text};
use crate::{
    Backend, Database, NewActivity, RepositoryError, TenantScope, activity,
    entity::{webhook, webhook_delivery as delivery},
    import_job,
    pool::Transaction,
    stamp::moment,
    table::stored,
};

/// Deliveries of one tenant that are tried at once: its slow receivers do not keep those of others waiting.
const AT_ONCE_PER_TENANT: u32 = 2;
/// Finished deliveries of a webhook that the log keeps.
const KEPT: u32 = 200;

/// The deliveries that are to be sent.
#[derive(Debug, Clone)]
pub struct WebhookQueue {
    db: Database,
}

/// A delivery that this process may try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// Its tenant.
    pub scope: TenantScope,
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// What is sent.
    pub event: WebhookEvent,
    /// The number of this try, from 1.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// The secrets that sign it, as they are stored; the present one first.
    pub secrets: Vec<String>,
    /// What is sent.
    pub body: String,
    owner: String,
}

/// How a try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishedTry {
    /// The status of the answer, if there was one.
    pub response_status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// Why it did not succeed; `None` if it did.
    pub error: Option<DeliveryError>,
    /// The pause that the receiver asks for.
    pub asked_pause: Option<Duration>,
    /// When it ended, by the clock of this process.
    pub at: Timestamp,
}

impl WebhookQueue {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.patient() }
    }

    /// Claims the delivery that has been due longest, for at most `lease`. `owner` is a word of at most 64 bytes that is new for
    /// every claim. Each claim counts as a try, also if its process is killed: what the receiver did is not known then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(
        &self,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<ClaimedDelivery>, RepositoryError> {
        loop {
            // For an empty queue one read suffices, and on SQLite the write lock is not taken.
            if self.next(self.db.owner(), "").await?.is_none() {
                return Ok(None);
            }
            let tx = self.db.begin_owner().await?;
            let lock = match self.db.backend() {
                Backend::Postgres => "FOR UPDATE SKIP LOCKED",
                Backend::Sqlite => "",
            };
            let Some(key) = self.next(&tx, lock).await? else {
                return Ok(None);
            };
            let claimed = self.take(&tx, key, owner, lease).await?;
            self.db.commit(tx).await?;
            if claimed.is_some() {
                return Ok(claimed);
            }
        }
    }

    async fn next(
        &self,
        conn: &impl ConnectionTrait,
        lock: &str,
    ) -> Result<Option<(Uuid, Uuid)>, RepositoryError> {
        let now = self.db.now();
        let sql = format!(
            "SELECT tenant_id, id FROM webhook_deliveries AS d \
             WHERE status = 'pending' AND due_at <= {now} \
             AND (SELECT count(*) FROM webhook_deliveries AS o WHERE o.tenant_id = d.tenant_id \
             AND o.status = 'pending' AND o.lease_owner IS NOT NULL AND o.due_at > {now}) < {AT_ONCE_PER_TENANT} \
             ORDER BY due_at, id LIMIT 1 {lock}"
        );
        let Some(row) = conn.query_one_raw(self.db.statement(sql, [])).await? else {
            return Ok(None);
        };
        Ok(Some((
            row.try_get("", "tenant_id")?,
            row.try_get("", "id")?,
        )))
    }

    /// Claims a delivery that is held, or gives it up where it may not be tried.
    async fn take(
        &self,
        tx: &Transaction,
        key: (Uuid, Uuid),
        owner: &str,
        lease: Duration,
    ) -> Result<Option<ClaimedDelivery>, RepositoryError> {
        let Some(row) = delivery::Entity::find_by_id(key).one(tx).await? else {
            return Ok(None);
        };
        let target = webhook::Entity::find_by_id((row.tenant_id, row.webhook_id));
        let Some(target) = target.one(tx).await? else {
            return Ok(None);
        };
        let event: WebhookEvent = stored("event", row.event.parse())?;
        let now = import_job::now(&self.db, tx).await?;
        if !target.is_active && event != WebhookEvent::Test {
            give_up(tx, row, DeliveryError::Disabled, now).await?;
            return Ok(None);
        }
        let earlier = u32::try_from(row.attempts).unwrap_or_default();
        if row.lease_owner.is_some() {
            // The process of the last try did not record its result.
            if after_try(event, earlier, Some(DeliveryError::Interrupted), None)
                == AfterTry::GivenUp
            {
                give_up(tx, row, DeliveryError::Interrupted, now).await?;
                return Ok(None);
            }
        }
        let mut past = tries(&row.tries)?;
        if row.lease_owner.is_some() {
            past.push(DeliveryTry {
                attempt: earlier,
                at: now,
                response_status: None,
                duration_ms: 0,
                error: Some(DeliveryError::Interrupted),
            });
        }
        let previous = target
            .previous_secret
            .filter(|_| moment(target.previous_secret_until).is_some_and(|until| until > now));
        let claimed = ClaimedDelivery {
            scope: TenantScope::new(TenantId::from_uuid(row.tenant_id)),
            id: WebhookDeliveryId::from_uuid(row.id),
            webhook_id: WebhookId::from_uuid(row.webhook_id),
            event,
            attempt: earlier + 1,
            url: target.url,
            secrets: std::iter::once(target.secret).chain(previous).collect(),
            body: row.body.clone(),
            owner: owner.to_owned(),
        };
        let attempts = row.attempts + 1;
        let mut row = row.into_active_model();
        row.attempts = Set(attempts);
        row.tries = Set(tries_text(&past)?);
        row.lease_owner = Set(Some(owner.to_owned()));
        row.due_at = Set((now + time::Duration::try_from(lease).unwrap_or_default()).into());
        row.update(tx).await?;
        Ok(Some(claimed))
    }

    /// Records how a try went. Returns why the webhook was switched off by it, if it was. What a process that no longer has the
    /// delivery found out is not recorded.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(
        &self,
        claimed: &ClaimedDelivery,
        done: &FinishedTry,
        entry: ActivityId,
    ) -> Result<Option<DisabledReason>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_owner().await?;
                let key = (claimed.scope.uuid(), claimed.id.as_uuid());
                let found = delivery::Entity::find_by_id(key)
                    .lock(LockType::NoKeyUpdate)
                    .one(&tx)
                    .await?;
                let Some(row) = found.filter(|row| {
                    row.lease_owner.as_deref() == Some(claimed.owner.as_str())
                        && row.status == DeliveryStatus::Pending.as_str()
                }) else {
                    return Ok(None);
                };
                let now = import_job::now(&self.db, &tx).await?;
                let after = after_try(claimed.event, claimed.attempt, done.error, done.asked_pause);
                let mut past = tries(&row.tries)?;
                past.push(DeliveryTry {
                    attempt: claimed.attempt,
                    at: done.at,
                    response_status: done.response_status,
                    duration_ms: u64::try_from(done.duration.as_millis()).unwrap_or(u64::MAX),
                    error: done.error,
                });
                let mut row = row.into_active_model();
                row.tries = Set(tries_text(&past)?);
                row.lease_owner = Set(None);
                match after {
                    AfterTry::Again(pause) => {
                        let pause = time::Duration::try_from(pause).unwrap_or_default();
                        row.due_at = Set((now + pause).into());
                    }
                    AfterTry::Delivered => row.status = Set(DeliveryStatus::Delivered.to_string()),
                    AfterTry::GivenUp => row.status = Set(DeliveryStatus::Failed.to_string()),
                }
                if !matches!(after, AfterTry::Again(_)) {
                    row.finished_at = Set(Some(now.into()));
                }
                row.update(&tx).await?;
                let disabled = judge(&tx, claimed, done, after, now).await?;
                if let Some(reason) = disabled {
                    let noted = NewActivity {
                        id: entry,
                        at: now,
                        action: Action::WebhookDisabled,
                        user_id: None,
                        job: None,
                        details: vec![
                            ("webhook_id".to_owned(), claimed.webhook_id.to_string()),
                            ("reason".to_owned(), reason.to_string()),
                        ],
                    };
                    activity::insert(&tx, claimed.scope, &noted).await?;
                }
                self.db.commit(tx).await?;
                Ok(disabled)
            })
            .await
    }

    /// Stores every secret in the form that `reseal` gives it, in one transaction; what it gives `None` for stays. Returns how many
    /// have another form now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reseal(
        &self,
        reseal: impl Fn(WebhookId, &str) -> Option<String> + Sync,
    ) -> Result<u64, RepositoryError> {
        let tx = self.db.begin_owner().await?;
        let rows = webhook::Entity::find()
            .lock(LockType::NoKeyUpdate)
            .all(&tx)
            .await?;
        let mut changed = 0;
        for row in rows {
            let id = WebhookId::from_uuid(row.id);
            let Some(secret) = reseal(id, &row.secret) else {
                continue;
            };
            let previous = row.previous_secret.as_deref();
            let previous = previous.and_then(|previous| reseal(id, previous));
            let mut row = row.into_active_model();
            row.secret = Set(secret);
            row.previous_secret = Set(previous);
            row.update(&tx).await?;
            changed += 1;
        }
        self.db.commit(tx).await?;
        Ok(changed)
    }

    /// Deletes finished deliveries that ended at least `age` ago, and all but the newest of each webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, age: Duration) -> Result<u64, RepositoryError> {
        let mut deleted = 0;
        for sql in [
            format!(
                "DELETE FROM webhook_deliveries WHERE status <> 'pending' AND finished_at <= {}",
                self.db.now_minus(age)
            ),
            format!(
                "DELETE FROM webhook_deliveries WHERE status <> 'pending' AND (tenant_id, id) IN \
                 (SELECT tenant_id, id FROM (SELECT tenant_id, id, row_number() OVER \
                 (PARTITION BY tenant_id, webhook_id ORDER BY id DESC) AS place FROM webhook_deliveries) AS d \
                 WHERE place > {KEPT})"
            ),
        ] {
            deleted += self.db.execute_as_owner(sql, []).await?;
        }
        Ok(deleted)
    }
}

/// Records on the webhook how an attempt went, and switches it off if its receiver answered 410 or has accepted nothing for too long. A
/// test does not count, because it says nothing about how the receiver treats events.
async fn judge(
    tx: &Transaction,
    claimed: &ClaimedDelivery,
    done: &FinishedTry,
    after: AfterTry,
    now: Timestamp,
) -> Result<Option<DisabledReason>, RepositoryError> {
    const GONE: u16 = 410;
    if claimed.event == WebhookEvent::Test {
        return Ok(None);
    }
    let key = (claimed.scope.uuid(), claimed.webhook_id.as_uuid());
    let found = webhook::Entity::find_by_id(key)
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    if after == AfterTry::Delivered {
        if row.failing_since.is_some() {
            let mut row = row.into_active_model();
            row.failing_since = Set(None);
            row.update(tx).await?;
        }
        return Ok(None);
    }
    let since = moment(row.failing_since).unwrap_or(now);
    let is_hopeless = after == AfterTry::GivenUp && now - since >= WEBHOOK_PATIENCE;
    let reason = if !row.is_active {
        None
    } else if done.response_status == Some(GONE) {
        Some(DisabledReason::Gone)
    } else {
        is_hopeless.then_some(DisabledReason::Failures)
    };
    if row.failing_since.is_some() && reason.is_none() {
        return Ok(None);
    }
    let mut row = row.into_active_model();
    row.failing_since = Set(Some(since.into()));
    if let Some(reason) = reason {
        row.is_active = Set(false);
        row.disabled_reason = Set(Some(reason.to_string()));
        row.updated_at = Set(now.into());
    }
    row.update(tx).await?;
    if reason.is_some() {
        give_up_waiting(tx, claimed.scope, claimed.webhook_id, now).await?;
    }
    Ok(reason)
}
