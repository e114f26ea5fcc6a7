//! Open sockets: who may have one, for how long, and what they hear. The two wires are `websocket` and `socket_io`.

mod bridge;
mod frame;
mod slots;
mod socket_io;
mod websocket;

use std::sync::Arc;
use std::time::Duration;

use auth::VerifiedToken;
use domain::Clock;
use services::{ServiceError, Services, Subscription, SystemClock};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::HttpConfig;
use crate::error::ApiError;

pub(crate) use bridge::answer_socket_io;
pub(crate) use socket_io::SocketIoServer;
pub(crate) use websocket::open_websocket;

use slots::{Slot, Slots};

/// What all open sockets share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live {
    services: Services,
    slots: Slots,
    stopping: Arc<watch::Sender<bool>>,
    ping_interval: Duration,
}

/// A caller that may listen: until their token ends, and counted until this is dropped.
pub(crate) struct Listener {
    token: VerifiedToken,
    expires: Instant,
    stopping: watch::Receiver<bool>,
    _slot: Slot,
}

/// Why the server ends a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The token expired, or the session is over.
    Expired,
    /// The server stops.
    Stopping,
    /// The client left, is silent, or sent what it may not.
    Gone,
}

impl Live {
    pub(crate) fn new(services: Services, config: &HttpConfig) -> Self {
        Self {
            services,
            slots: Slots::new(config.sockets_per_user),
            stopping: Arc::new(watch::Sender::new(false)),
            ping_interval: config.ping_interval,
        }
    }

    /// Ends every conversation and admits no new one.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Checks a token and takes a slot. 401 and 429 come before anything is opened.
    pub(crate) async fn admit(&self, token: Option<&str>) -> Result<Listener, ApiError> {
        let token = token.ok_or(ApiError::Unauthorized)?;
        let token = self
            .services
            .sessions
            .authenticate(token)
            .map_err(|_| ApiError::Unauthorized)?;
        self.services.sessions.ensure_alive(&token.identity).await?;
        let stopping = self.stopping.subscribe();
        if *stopping.borrow() {
            return Err(ApiError::NotReady {
                checks: serde_json::json!({ "draining": true }),
            });
        }
        let slot = self
            .slots
            .take(token.identity.user_id)
            .ok_or(ApiError::TooManySockets)?;
        let left = token.expires_at - SystemClock.now();
        Ok(Listener {
            token,
            expires: Instant::now() + left.try_into().unwrap_or(Duration::ZERO),
            stopping,
            _slot: slot,
        })
    }

    /// The listener's events, those about running jobs first.
    pub(crate) async fn subscribe(&self, listener: &Listener) -> Result<Subscription, ApiError> {
        Ok(self.services.imports.watch(listener.token.identity).await?)
    }

    /// Returns when the listener's session is over by logout, disabling or a change of role; asked at every ping.
    async fn session_end(&self, listener: &Listener) {
        let mut ticks = tokio::time::interval(self.ping_interval);
        loop {
            ticks.tick().await;
            let alive = self
                .services
                .sessions
                .ensure_alive(&listener.token.identity)
                .await;
            // A database that is down says nothing of the session.
            if matches!(alive, Err(ServiceError::SessionEnded)) {
                return;
            }
        }
    }

    /// Returns when the listener has to go.
    pub(crate) async fn ending(&self, listener: &Listener) -> Ending {
        let mut stopping = listener.stopping.clone();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => Ending::Stopping,
            () = tokio::time::sleep_until(listener.expires) => Ending::Expired,
            () = self.session_end(listener) => Ending::Expired,
        }
    }
}
