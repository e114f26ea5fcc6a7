//! Events for `socket.io-client`: the same as on `/ws`, under the same names, in the namespaces that the published example
//! connects to. socketioxide implements the protocol, and `bridge` connects it to actix.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::StreamExt;
use http_body_util::Empty;
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use services::{Event, Subscription};
use socketioxide::extract::SocketRef;
use socketioxide::service::SocketIoService;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio::sync::Notify;

use super::{Ending, Listener, Live};

/// The namespace that the published client connects to, `io('https://…/api/v1/onboarding')`, and the one without a path.
const NAMESPACES: [&str; 2] = ["/api/v1/onboarding", "/"];

/// Frames that may be queued for a client before it counts as slow.
const BUFFERED_FRAMES: usize = 32;

/// How soon a full buffer is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// How long a client may take to name its namespace.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Clients send very little.
pub(super) const LARGEST_PAYLOAD: usize = 16 * 1024;

/// The Socket.IO server: its engine for the bridge, and the handle that closes it.
#[derive(Clone)]
pub(crate) struct SocketIoServer {
    pub(super) service: SocketIoService<NothingElse>,
    io: SocketIo,
}

impl SocketIoServer {
    pub(crate) fn new(live: &Live) -> Self {
        let (service, io) = SocketIo::builder()
            .ping_interval(live.config.ping_interval)
            .ping_timeout(live.config.ping_interval)
            .max_buffer_size(BUFFERED_FRAMES)
            .max_payload(LARGEST_PAYLOAD as u64)
            .ws_max_message_size(LARGEST_PAYLOAD)
            .ws_max_frame_size(LARGEST_PAYLOAD)
            .connect_timeout(CONNECT_TIMEOUT)
            .build_with_inner_svc(NothingElse);
        for namespace in NAMESPACES {
            let live = live.clone();
            io.ns(namespace, move |socket: SocketRef| {
                converse(live.clone(), socket)
            });
        }
        Self { service, io }
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        self.io.close().await;
    }
}

/// The listener of a session, as the bridge admitted it at the handshake. All namespaces of a session share it.
pub(super) type Admitted = Arc<Listener>;

async fn converse(live: Live, socket: SocketRef) {
    let admitted = socket.req_parts().extensions.get::<Admitted>().cloned();
    let Some(listener) = admitted else {
        // The bridge lets no other session in.
        drop(socket.disconnect());
        return;
    };
    let gone = Arc::new(Notify::new());
    socket.on_disconnect({
        let gone = Arc::clone(&gone);
        move || {
            let gone = Arc::clone(&gone);
            async move { gone.notify_one() }
        }
    });
    let ending = match live.subscribe(&listener).await {
        Ok(events) => tokio::select! {
            biased;
            () = gone.notified() => Ending::Gone,
            ending = live.ending(&listener) => ending,
            ending = tell(events, &socket) => ending,
        },
        Err(error) => {
            tracing::error!(%error, "could not subscribe a socket.io client");
            Ending::Gone
        }
    };
    // At a stop the engine closes the connection itself, so that the client connects to another server. An expired
    // client is disconnected by the protocol and does not reconnect with the same token.
    if ending != Ending::Stopping {
        drop(socket.disconnect());
    }
}

async fn tell(mut events: Subscription, socket: &SocketRef) -> Ending {
    while let Some(event) = events.next().await {
        if emit(socket, &event).await.is_err() {
            return Ending::Gone;
        }
    }
    Ending::Stopping
}

/// Waits while a slow client's buffer is full; the subscription drops outdated events in that time.
async fn emit(socket: &SocketRef, event: &Event) -> Result<(), SendError> {
    loop {
        match socket.emit(event.name(), &event.payload) {
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                tokio::time::sleep(RETRY).await;
            }
            result => return result,
        }
    }
}

/// The service for paths that are not Socket.IO's. It is never called, because actix does the routing.
#[derive(Clone)]
pub(super) struct NothingElse;

impl<B> Service<Request<B>> for NothingElse {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, _: Request<B>) -> Self::Future {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}
