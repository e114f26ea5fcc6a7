//! Sends what is due to webhooks: claims one delivery at a time from the outbox, signs and posts it, and records the result.
//!
//! A delivery is sent at least once: a process that is killed between the answer and its record leaves it to the next one, which
//! sends it again under the same id.

use std::{sync::Arc, time::Duration};

use domain::{ActivityId, DeliveryError};
use repositories::{ClaimedDelivery, FinishedTry, WebhookQueue};
use reqwest::{Client, Response, StatusCode, header, redirect};
use secrecy::SecretString;
use tokio::{
    sync::OnceCell,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    address::{AddressError, AddressRule},
    secret::{message_id, open, sign},
};
use crate::Context;

/// Deliveries that a process tries at once.
const AT_ONCE: usize = 8;
/// How often an idle process looks for due deliveries.
const POLL: Duration = Duration::from_secs(1);
/// How long a receiver may take to answer, from the look-up of its name to the head of the answer.
const TRY: Duration = Duration::from_secs(15);
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a claim holds: twice what a try takes, so that a process which is merely slow is not overtaken.
const LEASE: Duration = Duration::from_secs(30);

/// Sends the due deliveries of all tenants.
#[derive(Clone)]
pub(crate) struct Sender {
    context: Arc<Context>,
    queue: WebhookQueue,
    rule: AddressRule,
    client: Arc<OnceCell<Client>>,
}

impl Sender {
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        Self {
            context: Arc::clone(context),
            queue: WebhookQueue::new(&context.database),
            rule: super::rule(context),
            client: Arc::default(),
        }
    }

    /// Sends until it is no longer polled. What is being sent then is sent again by another process.
    pub(crate) async fn run(self) {
        let mut working = JoinSet::new();
        loop {
            let mut is_idle = false;
            while !is_idle && working.len() < AT_ONCE {
                let owner = self.context.clock.mint_uuid().simple().to_string();
                match self.queue.claim(&owner, LEASE).await {
                    Ok(Some(claimed)) => {
                        let sender = self.clone();
                        working.spawn(async move { sender.deliver(claimed).await });
                    }
                    Ok(None) => is_idle = true,
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "could not look for deliveries to webhooks"
                        );
                        is_idle = true;
                    }
                }
            }
            tokio::select! {
                // A delivery whose attempt panicked is claimed again when its lease has expired.
                Some(_) = working.join_next(), if !working.is_empty() => {}
                () = sleep(POLL), if is_idle => {}
            }
        }
    }

    async fn deliver(&self, claimed: ClaimedDelivery) {
        let begun = Instant::now();
        let sent = timeout(TRY, self.post(&claimed)).await;
        let sent = sent.unwrap_or(Err(DeliveryError::Timeout));
        let (response_status, asked_pause, error) = match &sent {
            Ok(answer) => (
                Some(answer.status().as_u16()),
                asked_pause(answer),
                refusal(answer.status()),
            ),
            Err(error) => (None, None, Some(*error)),
        };
        // The body of the answer is not read: it is of no use here, and may be endless.
        drop(sent);
        let done = FinishedTry {
            response_status,
            duration: begun.elapsed(),
            error,
            asked_pause,
            at: self.context.clock.now(),
        };
        let outcome = if error.is_none() {
            "accepted"
        } else {
            "refused"
        };
        crate::observe::webhook_tries(outcome).increment(1);
        let entry = ActivityId::mint(&*self.context.clock);
        match self.queue.finish(&claimed, &done, entry).await {
            Ok(disabled) => {
                tracing::info!(
                    webhook.id = %claimed.webhook_id, delivery.id = %claimed.id, event = %claimed.event,
                    attempt = claimed.attempt, status = done.response_status,
                    error = done.error.map(domain::DeliveryError::as_str),
                    duration_ms = done.duration.as_millis(), "tried a delivery to a webhook"
                );
                if let Some(reason) = disabled {
                    tracing::warn!(webhook.id = %claimed.webhook_id, %reason, "switched a webhook off");
                }
            }
            Err(error) => tracing::error!(
                delivery.id = %claimed.id, error = &error as &dyn std::error::Error,
                "could not record a delivery to a webhook; it will be sent again"
            ),
        }
    }

    async fn post(&self, claimed: &ClaimedDelivery) -> Result<Response, DeliveryError> {
        let url = self
            .rule
            .parse(&claimed.url)
            .map_err(|_| DeliveryError::AddressRefused)?;
        let keys = self.context.storage.keys();
        let secrets: Option<Vec<SecretString>> = claimed
            .secrets
            .iter()
            .map(|secret| open(keys, claimed.webhook_id, secret))
            .collect();
        let at = self.context.clock.now();
        let message = message_id(claimed.id);
        let signature = secrets
            .and_then(|secrets| sign(&secrets, &message, at, &claimed.body))
            .ok_or(DeliveryError::Secret)?;
        let rule = self.rule;
        let client = self.client.get_or_try_init(|| async { client(rule) }).await;
        let client = client.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "could not set up TLS for webhooks"
            );
            DeliveryError::Connect
        })?;
        client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", message)
            .header("webhook-timestamp", at.unix_seconds())
            .header("webhook-signature", signature)
            .body(claimed.body.clone())
            .send()
            .await
            .map_err(|error| cause(&error))
    }
}

/// Follows no redirect, and uses no proxy: a proxy would look up the name itself.
fn client(rule: AddressRule) -> reqwest::Result<Client> {
    // Another library of this process may have installed its provider first; that one works as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .user_agent(concat!("Hijrah/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(rule))
        .connect_timeout(CONNECT)
        .timeout(TRY)
        // A pooled connection would lead to the address that the name had before.
        .pool_max_idle_per_host(0)
        .build()
}

/// Why an answer is not an acceptance.
fn refusal(status: StatusCode) -> Option<DeliveryError> {
    if status.is_success() {
        None
    } else if status.is_redirection() {
        Some(DeliveryError::Redirect)
    } else {
        Some(DeliveryError::HttpStatus)
    }
}

/// The seconds of `Retry-After`.
fn asked_pause(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(seconds.trim().parse().ok()?))
}

/// Why there is no answer.
fn cause(error: &reqwest::Error) -> DeliveryError {
    if error.is_timeout() {
        return DeliveryError::Timeout;
    }
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        match inner.downcast_ref::<AddressError>() {
            Some(AddressError::Unknown) => return DeliveryError::Dns,
            Some(_) => return DeliveryError::AddressRefused,
            None => source = inner.source(),
        }
    }
    DeliveryError::Connect
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The look at saving is not enough: a name can lead elsewhere later. This one leads to this machine, where nothing is to be
    /// reached.
    #[tokio::test]
    async fn a_connection_to_a_name_that_leads_inside_is_refused() {
        let rule = AddressRule {
            allows_loopback: false,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = client(rule).unwrap();
        for (name, expected) in [
            ("localhost", DeliveryError::AddressRefused),
            ("no-such-name.invalid", DeliveryError::Dns),
        ] {
            let url = format!("https://{name}:{port}/");
            let error = client.post(url).send().await.unwrap_err();
            assert_eq!(cause(&error), expected, "{name}: {error:?}");
        }
        let accepted = timeout(Duration::from_millis(1), listener.accept()).await;
        assert!(accepted.is_err(), "nothing was connected");
    }
}
