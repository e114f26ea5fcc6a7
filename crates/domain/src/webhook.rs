//! Webhooks: which events an agency's systems are sent, how often a delivery is tried, and when a webhook is switched off.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    ImportJob, JobId, JobStatus, TenantId, Timestamp, WebhookDeliveryId, WebhookId, word::words,
};

words! {
    /// What is sent.
    pub enum WebhookEvent {
        /// An import completed.
        ImportCompleted => "import.completed",
        /// A job failed.
        ImportFailed => "import.failed",
        /// An import was rolled back.
        ImportRolledBack => "import.rolled_back",
        /// A user tests the webhook.
        Test => "webhook.test",
    }
}

words! {
    /// How far a delivery is.
    pub enum DeliveryStatus {
        /// It is still to be sent, for the first time or again.
        Pending => "pending",
        /// The receiver accepted it.
        Delivered => "delivered",
        /// It failed permanently.
        Failed => "failed",
    }
}

words! {
    /// Why an attempt failed.
    pub enum DeliveryError {
        /// The answer was not a success.
        HttpStatus => "http_status",
        /// The answer was a redirect, which is not followed.
        Redirect => "redirect",
        /// There was no answer in time.
        Timeout => "timeout",
        /// No connection, or no secure one.
        Connect => "connect",
        /// The name of the receiver has no address.
        Dns => "dns",
        /// The receiver's address is not a public one.
        AddressRefused => "address_refused",
        /// The process ended in the middle, so what the receiver did is not known.
        Interrupted => "interrupted",
        /// The webhook was switched off before that.
        Disabled => "disabled",
        /// The webhook's secret cannot be read with the keys of this installation.
        Secret => "secret",
    }
}

words! {
    /// Why a webhook was switched off automatically.
    pub enum DisabledReason {
        /// Nothing was accepted for a long time.
        Failures => "failures",
        /// The receiver answered 410.
        Gone => "gone",
    }
}

impl WebhookEvent {
    /// The events to which a webhook can subscribe.
    pub const SUBSCRIBABLE: [Self; 3] = [
        Self::ImportCompleted,
        Self::ImportFailed,
        Self::ImportRolledBack,
    ];

    /// How long after the first try the others follow; a test is tried once, because a user waits for the result.
    #[must_use]
    pub const fn pauses(self) -> &'static [Duration] {
        match self {
            Self::Test => &[],
            _ => &PAUSES,
        }
    }
}

/// The pauses that the Standard Webhooks specification suggests: ten tries within about three days.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// A webhook that has not accepted anything for this long is switched off when a delivery fails for good: by then each of the
/// tries of a whole schedule has failed.
pub const WEBHOOK_PATIENCE: Duration = Duration::from_hours(3 * 24);

/// A receiver may ask for a pause, up to this long.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_hours(24);

/// A receiver of events (table `webhooks`), without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// Where events are sent.
    pub url: String,
    /// What it is for, as its creator says.
    pub description: Option<String>,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Whether events are sent.
    pub is_active: bool,
    /// Why deliveries stopped, unless an admin switched them off.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when every delivery has failed.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before the present one signs too.
    pub previous_secret_until: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An event on its way to a webhook (table `webhook_deliveries`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id, and that of the message: the same for every try.
    pub id: WebhookDeliveryId,
    /// What is sent.
    pub event: WebhookEvent,
    /// How far it is.
    pub status: DeliveryStatus,
    /// The tries so far, oldest first.
    pub tries: Vec<DeliveryTry>,
    /// When it is tried next, if it is.
    pub due_at: Timestamp,
    /// When the event happened.
    pub created_at: Timestamp,
    /// When it was delivered, or failed for good.
    pub finished_at: Option<Timestamp>,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryTry {
    /// Its number, from 1.
    pub attempt: u32,
    /// When it ended.
    pub at: Timestamp,
    /// The status of the answer, if there was one.
    pub response_status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it did not succeed; `None` if it did.
    pub error: Option<DeliveryError>,
}

/// What happens to a delivery after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterTry {
    /// It is delivered.
    Delivered,
    /// It is tried again after this pause.
    Again(Duration),
    /// It fails for good.
    GivenUp,
}

/// Decides what happens to a delivery after its try number `attempt`, whose receiver may have asked for a pause.
#[must_use]
pub fn after_try(
    event: WebhookEvent,
    attempt: u32,
    error: Option<DeliveryError>,
    asked_pause: Option<Duration>,
) -> AfterTry {
    if error.is_none() {
        return AfterTry::Delivered;
    }
    let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    match event.pauses().get(place) {
        Some(pause) => AfterTry::Again(
            asked_pause
                .unwrap_or_default()
                .min(LONGEST_ASKED_PAUSE)
                .max(*pause),
        ),
        None => AfterTry::GivenUp,
    }
}

/// The body of an event: what is sent and signed.
#[derive(Debug, Serialize)]
pub struct WebhookMessage<D> {
    /// Which event.
    pub r#type: WebhookEvent,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub data: D,
}

/// The `data` of the end of an import. It holds no cell of any file.
#[derive(Debug, Serialize)]
pub struct ImportEnd<'a> {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The job.
    pub job_id: JobId,
    /// What the file holds.
    pub import_type: &'a str,
    /// The file's name.
    pub file_name: &'a str,
    /// The job's status.
    pub status: JobStatus,
    /// Records of the file.
    pub total_rows: u64,
    /// Records that were stored.
    pub imported_rows: u64,
    /// Of these, new ones.
    pub created_rows: u64,
    /// Of these, records of the tenant that the file changed.
    pub updated_rows: u64,
    /// Records that were passed over, since the tenant has them already.
    pub skipped_rows: u64,
    /// Records that were not stored.
    pub failed_rows: u64,
    /// Why it failed, if it did.
    pub error_message: Option<&'a str>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When it was rolled back, if it was.
    pub rolled_back_at: Option<Timestamp>,
}

impl<'a> ImportEnd<'a> {
    /// Of a job that has ended.
    #[must_use]
    pub fn of(job: &'a ImportJob) -> Self {
        Self {
            tenant_id: job.tenant_id,
            job_id: job.id,
            import_type: job.import_type.as_str(),
            file_name: &job.file_name,
            status: job.status(),
            total_rows: job.counts.total_rows,
            imported_rows: job.counts.imported_rows,
            created_rows: job.counts.created_rows(),
            updated_rows: job.counts.updated_rows,
            skipped_rows: job.counts.skipped_rows,
            failed_rows: job.counts.failed_rows,
            error_message: job.error_message(),
            completed_at: job.completed_at(),
            rolled_back_at: job.rollback_at(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_ten_times_in_three_days_and_a_test_once() {
        let failed = Some(DeliveryError::HttpStatus);
        let after = |event, attempt| after_try(event, attempt, failed, None);
        let event = WebhookEvent::ImportCompleted;
        let mut whole = Duration::ZERO;
        for attempt in 1..=9 {
            let AfterTry::Again(pause) = after(event, attempt) else {
                panic!("try {attempt} is the last one");
            };
            whole += pause;
        }
        assert!(whole >= WEBHOOK_PATIENCE, "{whole:?}");
        assert_eq!(after(event, 10), AfterTry::GivenUp);
        assert_eq!(after(WebhookEvent::Test, 1), AfterTry::GivenUp);
        assert_eq!(after_try(event, 3, None, None), AfterTry::Delivered);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_but_not_for_ever() {
        let asked = |pause| {
            let error = Some(DeliveryError::HttpStatus);
            after_try(WebhookEvent::ImportFailed, 1, error, Some(pause))
        };
        let second = Duration::from_secs(1);
        assert_eq!(asked(second), AfterTry::Again(5 * second));
        assert_eq!(asked(60 * second), AfterTry::Again(60 * second));
        assert_eq!(asked(Duration::MAX), AfterTry::Again(LONGEST_ASKED_PAUSE));
    }
}
