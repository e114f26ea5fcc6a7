//! `GET /ws`: events as text frames. The token comes in the query or as a subprotocol, and is checked before the upgrade.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, Session};
use futures_util::StreamExt;
use services::Subscription;
use tokio::time::{Instant, timeout};

use super::{Ending, Listener, Live, frame};
use crate::error_body::ErrorBody;

/// Listeners have nothing to say: a pong and a close frame are all that is expected.
const LONGEST_MESSAGE: usize = 4 * 1024;

/// How long a client that does not read may keep its last frame, the close frame, waiting.
const CLOSE_GRACE: Duration = Duration::from_secs(2);

/// Close code of an expired token: the application range of RFC 6455 section 7.4.2, and 401 in it.
const EXPIRED: u16 = 4401;

/// What the subprotocol that carries a token begins with.
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
        (status = 401, description = "No good token.", body = ErrorBody),
        (status = 426, description = "Not a version of WebSocket that is spoken here.", body = ErrorBody),
        (status = 429, description = "More sockets than a user may have.", body = ErrorBody),
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
    let listener = live.admit(token.as_deref()).await?;
    let events = live.subscribe(&listener).await?;
    // A client that offers protocols fails unless one is chosen; the one with the token only if there is no other.
    let chosen = offered
        .iter()
        .find(|protocol| !protocol.starts_with(BEARER))
        .or(offered.first());
    let chosen = chosen.map(String::as_str);
    let (response, session, incoming) =
        actix_ws::handle_with_protocols(&request, body, chosen.as_slice())?;
    let incoming = incoming.max_frame_size(LONGEST_MESSAGE);
    actix_web::rt::spawn(converse(
        live.get_ref().clone(),
        listener,
        events,
        session,
        incoming,
    ));
    Ok(response)
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
    offered
        .iter()
        .find_map(|protocol| protocol.strip_prefix(BEARER))
        .map(str::to_owned)
        .or_else(|| token_in(request.query_string()))
}

/// The parameter `token` of a query string.
pub(super) fn token_in(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned())
}

async fn converse(
    live: Live,
    listener: Listener,
    events: Subscription,
    session: Session,
    incoming: MessageStream,
) {
    let heard = std::cell::Cell::new(Instant::now());
    let ending = tokio::select! {
        biased;
        ending = live.ending(&listener) => ending,
        ending = listen(incoming, session.clone(), &heard) => ending,
        ending = silence(live.ping_interval, &heard) => ending,
        result = tell(events, session.clone(), live.ping_interval, &heard) => {
            result.unwrap_or(Ending::Gone)
        }
    };
    let reason = match ending {
        Ending::Expired => Some(CloseReason::from((
            CloseCode::Other(EXPIRED),
            "token expired",
        ))),
        Ending::Stopping => Some(CloseReason::from((CloseCode::Away, "server stopping"))),
        Ending::Gone => None,
    };
    // Whoever does not read the close frame finds the connection gone.
    drop(timeout(CLOSE_GRACE, session.close(reason)).await);
}

/// Answers pings and waits for the client's leaving.
async fn listen(
    mut incoming: MessageStream,
    mut session: Session,
    heard: &std::cell::Cell<Instant>,
) -> Ending {
    while let Some(Ok(message)) = incoming.recv().await {
        heard.set(Instant::now());
        match message {
            Message::Ping(bytes) if session.pong(&bytes).await.is_err() => break,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ending::Gone
}

/// Returns when there was no sign of life for two pings: the other end is gone though TCP does not know, or it reads nothing
/// at all and holds on to what waits for it.
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

/// Sends what happens, and a ping now and then. Waits for a slow reader; the subscription meanwhile drops what is stale.
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
                        // Room for another frame: the other end reads, however slowly.
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
