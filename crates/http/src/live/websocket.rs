//! `GET /ws`: events as text frames. The token is in the query or in a subprotocol, and is checked before the upgrade.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, Message};
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, web};
use actix_ws::{Closed, Session};
use futures_util::StreamExt;
use services::Subscription;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::handshake::{sole_token, tokens_in};
use super::incoming::Incoming;
use super::{Ending, Listener, Live, frame};
use crate::error_body::ErrorBody;

/// A listener sends only pongs and a close frame.
const LONGEST_MESSAGE: usize = 4 * 1024;

/// How long a client that does not read may keep its last frame, the close frame, waiting.
const CLOSE_GRACE: Duration = Duration::from_secs(2);

/// Close code of an expired token: the application range of RFC 6455 section 7.4.2, and 401 in it.
const EXPIRED: u16 = 4401;

/// The prefix of the subprotocol that carries a token.
const BEARER: &str = "bearer.";

/// Opens a socket for the events of the caller's import jobs.
#[utoipa::path(
    tag = "Events",
    params(
        ("token" = Option<String>, Query, description = "The access token; or send it as `Sec-WebSocket-Protocol: bearer.<JWT>`."),
    ),
    responses(
        (status = 101, description = "Switched to WebSocket. Frames are `{\"event\": \"migration:progress\", \"data\": {…}}`."),
        (status = 400, description = "Not a WebSocket handshake.", body = ErrorBody),
        (status = 401, description = "No good token, or two different ones.", body = ErrorBody),
        (status = 403, description = "A page of an origin that may not call this API.", body = ErrorBody),
        (status = 414, description = "A query longer than 4 KiB.", body = ErrorBody),
        (status = 426, description = "Not a version of WebSocket that is spoken here.", body = ErrorBody),
        (status = 429, description = "More sockets than a user may have, or more handshakes a minute.", body = ErrorBody),
        (status = 503, description = "The server is stopping or its database is away.", body = ErrorBody),
    ),
)]
#[get("/ws")]
pub(crate) async fn open_websocket(
    request: HttpRequest,
    body: web::Payload,
    live: web::Data<Live>,
) -> Result<HttpResponse, actix_web::Error> {
    let offered = offered_protocols(&request);
    let token = token_of(&request, &offered);
    let listener = live.admit(&request, token.as_deref()).await?;
    let events = live.subscribe(&listener).await?;
    // A client that offers protocols fails unless one is chosen. The one with the token is chosen only if it is the only one.
    let chosen = offered
        .iter()
        .find(|protocol| !protocol.starts_with(BEARER))
        .or(offered.first());
    let chosen = chosen.map(String::as_str);
    // What the client sends is read here, under limits of our own; the library gets nothing to read.
    let nothing = web::Payload::from_request(&request, &mut Payload::None).await?;
    let (response, session, _) =
        actix_ws::handle_with_protocols(&request, nothing, chosen.as_slice())?;
    let incoming = Incoming::new(body.into_inner(), LONGEST_MESSAGE);
    let (farewell, gone) = oneshot::channel();
    actix_web::rt::spawn(converse(
        live.get_ref().clone(),
        listener,
        events,
        session,
        incoming,
        farewell,
    ));
    Ok(response.map_body(|_, frames| BoxBody::new(Lingering { frames, gone })))
}

fn offered_protocols(request: &HttpRequest) -> Vec<String> {
    request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|protocol| protocol.trim().to_owned())
        .filter(|protocol| !protocol.is_empty())
        .collect()
}

fn token_of(request: &HttpRequest, offered: &[String]) -> Option<String> {
    let protocols = offered
        .iter()
        .filter_map(|protocol| protocol.strip_prefix(BEARER))
        .map(str::to_owned);
    sole_token(protocols.chain(tokens_in(request.query_string())))
}

/// The frames to a client. They end only after the closing handshake, because the connection is closed with them.
struct Lingering {
    frames: BoxBody,
    gone: oneshot::Receiver<()>,
}

impl MessageBody for Lingering {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.frames.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match Pin::new(&mut self.frames).poll_next(context) {
            Poll::Ready(None) => Pin::new(&mut self.gone).poll(context).map(|_| None),
            frame_or_wait => frame_or_wait,
        }
    }
}

async fn converse(
    live: Live,
    listener: Listener,
    events: Subscription,
    session: Session,
    mut incoming: Incoming,
    farewell: oneshot::Sender<()>,
) {
    let heard = std::cell::Cell::new(Instant::now());
    let ending = tokio::select! {
        biased;
        ending = live.ending(&listener) => ending,
        ending = listen(&mut incoming, session.clone(), &heard) => ending,
        ending = silence(live.config.ping_interval, &heard) => ending,
        result = tell(events, session.clone(), live.config.ping_interval, &heard) => {
            result.unwrap_or(Ending::Gone)
        }
    };
    let reason = match ending {
        Ending::Expired => Some(CloseReason::from((
            CloseCode::Other(EXPIRED),
            "token expired",
        ))),
        Ending::Stopping => Some(CloseReason::from((CloseCode::Away, "server stopping"))),
        Ending::Refused(reason) => Some(reason),
        Ending::Gone => None,
    };
    // The slot is free for the next socket while this one closes.
    drop(listener);
    // A client that does not read the close frame finds the connection closed.
    drop(timeout(CLOSE_GRACE, session.close(reason)).await);
    incoming.see_off().await;
    drop(farewell);
}

/// Answers pings, and returns when the client disconnects.
async fn listen(
    incoming: &mut Incoming,
    mut session: Session,
    heard: &std::cell::Cell<Instant>,
) -> Ending {
    while let Some(message) = incoming.next().await {
        heard.set(Instant::now());
        match message {
            Err(reason) => return Ending::Refused(reason),
            Ok(Message::Ping(bytes)) if session.pong(&bytes).await.is_err() => break,
            Ok(Message::Close(_)) => break,
            Ok(_) => {}
        }
    }
    Ending::Gone
}

/// Returns after two unanswered pings: the client has disappeared without TCP noticing, or it reads nothing and its events pile up.
async fn silence(ping_interval: Duration, heard: &std::cell::Cell<Instant>) -> Ending {
    let patience = ping_interval * 2 + ping_interval / 2;
    loop {
        let until = heard.get() + patience;
        if Instant::now() >= until {
            return Ending::Gone;
        }
        tokio::time::sleep_until(until).await;
    }
}

/// Sends events, and pings at intervals. Waits for a slow reader; the subscription drops outdated events in that time.
async fn tell(
    mut events: Subscription,
    mut session: Session,
    ping_interval: Duration,
    heard: &std::cell::Cell<Instant>,
) -> Result<Ending, Closed> {
    let mut pings = tokio::time::interval_at(Instant::now() + ping_interval, ping_interval);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(event) => match frame::text(&event) {
                    Ok(text) => {
                        session.text(text).await?;
                        // There is room for another frame, so the client reads, however slowly.
                        heard.set(Instant::now());
                    }
                    Err(error) => tracing::error!(%error, event = event.name(), "could not encode an event"),
                },
                None => return Ok(Ending::Stopping),
            },
            _ = pings.tick() => session.ping(b"").await?,
        }
    }
}
