//! Open sockets: who may open one, how long it lives, and which events it gets. The two protocols are `websocket` and `socket_io`.

mod bridge;
mod frame;
mod handshake;
mod incoming;
mod slots;
mod socket_io;
mod websocket;

use std::sync::Arc;
use std::time::Duration;

use actix_http::ws::CloseReason;
use actix_web::HttpRequest;
use auth::VerifiedToken;
use domain::Clock;
use services::{ServiceError, Services, Subscription, SystemClock};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::rate_limit::RateLimit;

pub(crate) use bridge::answer_socket_io;
pub(crate) use socket_io::SocketIoServer;
pub(crate) use websocket::open_websocket;

use slots::{Slot, Slots};

/// How often the session of an open socket is checked. Together with the age of cached sessions this stays below the five seconds
/// after which an ended session gets no more events.
const SESSION_CHECK: Duration = Duration::from_secs(1);

/// State that all open sockets share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live {
    services: Services,
    config: Arc<HttpConfig>,
    handshakes: Arc<RateLimit>,
    slots: Slots,
    stopping: Arc<watch::Sender<bool>>,
}

/// A caller that may listen until their token expires. Counted as open until this is dropped.
pub(crate) struct Listener {
    token: VerifiedToken,
    expires: Instant,
    stopping: watch::Receiver<bool>,
    _slot: Slot,
}

/// Why the server closes a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The token expired, or the session is over.
    Expired,
    /// The server stops.
    Stopping,
    /// The client disconnected or does not answer.
    Gone,
    /// The client violated the protocol; the close code says how.
    Refused(CloseReason),
}

impl Live {
    pub(crate) fn new(services: Services, config: &HttpConfig) -> Self {
        Self {
            services,
            config: Arc::new(config.clone()),
            // A separate budget: sockets that reconnect after a restart do not use up the requests of their user.
            handshakes: Arc::new(RateLimit::per_minute(config.rate_limit_per_minute)),
            slots: Slots::new(config.sockets_per_user),
            stopping: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Closes every socket and opens no new one.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Checks a handshake and takes a slot. All checks come before anything is opened.
    pub(crate) async fn admit(
        &self,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<Listener, ApiError> {
        let token = self.recognise_newcomer(request, token)?;
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

    /// Returns when the listener's session is over by logout, disabling or a change of role.
    async fn session_end(&self, listener: &Listener) {
        let mut ticks = tokio::time::interval(SESSION_CHECK);
        loop {
            ticks.tick().await;
            let alive = self
                .services
                .sessions
                .ensure_lately_alive(&listener.token.identity)
                .await;
            // A database that is down gives no information about the session.
            if matches!(
                alive,
                Err(ServiceError::SessionEnded | ServiceError::PasswordChangeRequired)
            ) {
                return;
            }
        }
    }

    /// Returns when the listener must be disconnected.
    pub(crate) async fn ending(&self, listener: &Listener) -> Ending {
        let mut stopping = listener.stopping.clone();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => Ending::Stopping,
            () = tokio::time::sleep_until(listener.expires) => Ending::Expired,
            () = self.session_end(listener) => Ending::Expired,
        }
    }
}
