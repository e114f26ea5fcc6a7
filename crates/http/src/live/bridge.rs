//! Connects actix to socketioxide, which expects hyper requests: polling requests are passed on, sockets are piped frame by frame.
//! The engine gets a request only after its token has been checked, and only the parts that it needs, without the token.

use std::sync::Arc;

use actix_http::ws::{self, CloseReason, Codec, Message};
use actix_web::body::BodyStream;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::service::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::oneshot;
use tokio_util::codec::Encoder;

use super::Live;
use super::handshake::{sole_token, tokens_in};
use super::incoming::Incoming;
use super::socket_io::{Admitted, LARGEST_PAYLOAD, SocketIoServer};
use crate::body::{BoundedBody, read_error};
use crate::config::HttpConfig;
use crate::error::ApiError;

/// The size of the pipe between the two halves: several frames.
const PIPE_BYTES: usize = 64 * 1024;

/// The query parameters that Engine.IO uses. The token is not among them.
const ENGINE_PARAMETERS: [&str; 3] = ["EIO", "transport", "sid"];

/// Every request under `/socket.io`. Each brings its token, as the client repeats its query with every request.
pub(crate) async fn answer_socket_io(
    request: HttpRequest,
    payload: web::Payload,
    live: web::Data<Live>,
    server: web::Data<SocketIoServer>,
    config: web::Data<HttpConfig>,
) -> Result<HttpResponse, actix_web::Error> {
    let token = sole_token(tokens_in(request.query_string()));
    let engine_query = engine_query(request.query_string());
    if !engine_query.contains("EIO=") || !engine_query.contains("transport=") {
        return Err(no_handshake().into());
    }
    let admitted: Option<Admitted> = if engine_query.contains("sid=") {
        live.recognise(&request, token.as_deref())?;
        None
    } else {
        let listener = live.admit(&request, token.as_deref()).await?;
        Some(Arc::new(listener))
    };
    let translated = translate(&request, &engine_query, admitted)?;
    if is_upgrade(&request) {
        upgrade(&request, payload, &server, translated)
    } else {
        Ok(call_through(translated, payload, &server, &config).await?)
    }
}

fn no_handshake() -> ApiError {
    ApiError::InvalidQuery {
        parameter: "transport".to_owned(),
        reason: "bukan handshake Socket.IO versi 4",
    }
}

/// The part of a query that the engine gets.
fn engine_query(query: &str) -> String {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for parameter in ENGINE_PARAMETERS {
        let mut values = form_urlencoded::parse(query.as_bytes());
        if let Some((name, value)) = values.find(|(name, _)| name == parameter) {
            kept.append_pair(&name, &value);
        }
    }
    kept.finish()
}

fn is_upgrade(request: &HttpRequest) -> bool {
    request.method() == Method::GET
        && request
            .headers()
            .get(header::UPGRADE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// The request in the engine's type. It uses none of the headers, because actix has checked the handshake. The listener stays with
/// the session that the engine creates, and holds its user's slot until the session ends.
fn translate(
    request: &HttpRequest,
    engine_query: &str,
    admitted: Option<Admitted>,
) -> Result<Request<()>, ApiError> {
    let mut translated = Request::builder()
        .method(request.method().as_str())
        .uri(format!("/socket.io/?{engine_query}"))
        .body(())
        .map_err(|error| ApiError::Internal(error.into()))?;
    if let Some(listener) = admitted {
        translated.extensions_mut().insert(listener);
    }
    Ok(translated)
}

async fn call_through(
    request: Request<()>,
    payload: web::Payload,
    server: &SocketIoServer,
    config: &HttpConfig,
) -> Result<HttpResponse, ApiError> {
    let mut stream = BoundedBody::new(payload.into_inner(), LARGEST_PAYLOAD as u64, config);
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| read_error(&error, ApiError::BodyTooLarge))?;
        body.extend_from_slice(&chunk);
    }
    let request = request.map(|()| Full::new(body.freeze()));
    let answer = match server.service.call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let status = StatusCode::from_u16(answer.status().as_u16())
        .map_err(|error| ApiError::Internal(error.into()))?;
    let mut response = HttpResponse::build(status);
    if let Some(media_type) = answer.headers().get("content-type") {
        response.insert_header((header::CONTENT_TYPE, media_type.as_bytes()));
    }
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| ApiError::Internal(error.to_string().into()))?;
    Ok(response.body(body.to_bytes()))
}

fn upgrade(
    request: &HttpRequest,
    payload: web::Payload,
    server: &SocketIoServer,
    translated: Request<()>,
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = ws::handshake(request.head())?;
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    Service::call(&server.service, (theirs, translated))
        .into_inner()
        .map_err(|_| no_handshake())?;
    let (outgoing, to_engine) = tokio::io::split(ours);
    let (refuse, refused) = oneshot::channel();
    let (farewell, gone) = oneshot::channel();
    let incoming = Incoming::new(payload.into_inner(), LARGEST_PAYLOAD);
    actix_web::rt::spawn(pour(incoming, to_engine, refuse, farewell));
    Ok(response
        .message_body(BodyStream::new(frames(outgoing, refused, gone)))?
        .map_into_boxed_body()
        .into())
}

/// Pipes what the client sends, until either side closes or the client violates the protocol.
async fn pour(
    mut incoming: Incoming,
    mut to_engine: WriteHalf<DuplexStream>,
    refuse: oneshot::Sender<CloseReason>,
    farewell: oneshot::Sender<()>,
) {
    let mut codec = Codec::new().client_mode();
    let mut bytes = BytesMut::new();
    while let Some(message) = incoming.next().await {
        match message {
            Ok(message) => {
                let encoded = codec.encode(message, &mut bytes);
                if encoded.is_err() || to_engine.write_all(&bytes.split()).await.is_err() {
                    break;
                }
            }
            Err(reason) => {
                // The receiver is dropped only with the connection.
                drop(refuse.send(reason));
                break;
            }
        }
    }
    drop(to_engine.shutdown().await);
    incoming.see_off().await;
    drop(farewell);
}

/// Pipes what the engine sends until it closes the session, then the close frame if the client was rejected. Ends after the closing
/// handshake.
fn frames(
    from_engine: ReadHalf<DuplexStream>,
    refused: oneshot::Receiver<CloseReason>,
    gone: oneshot::Receiver<()>,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    let said = stream::try_unfold(from_engine, |mut from| async {
        let mut chunk = BytesMut::with_capacity(4 * 1024);
        let size = from.read_buf(&mut chunk).await?;
        Ok((size > 0).then(|| (chunk.freeze(), from)))
    });
    let end = stream::once(async move {
        let mut bytes = BytesMut::new();
        if let Ok(reason) = refused.await {
            Codec::new()
                .encode(Message::Close(Some(reason)), &mut bytes)
                .map_err(std::io::Error::other)?;
        }
        Ok(bytes.freeze())
    });
    let linger = stream::once(async move {
        drop(gone.await);
        Ok(Bytes::new())
    });
    said.chain(end).chain(linger)
}

#[cfg(test)]
mod tests {
    use super::engine_query;

    #[test]
    fn the_engine_is_given_its_own_parameters_and_no_token() {
        let query = "token=rahasia&t=abc&EIO=4&transport=polling&sid=x%26y&EIO=3&b64=1";
        assert_eq!(engine_query(query), "EIO=4&transport=polling&sid=x%26y");
        assert_eq!(engine_query("token=rahasia"), "");
    }
}
