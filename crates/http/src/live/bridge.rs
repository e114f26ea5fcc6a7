//! The way from actix to socketioxide, which speaks hyper: polling requests are called through, sockets are piped.
//! Knows no event.

use actix_http::ws;
use actix_web::body::BodyStream;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::service::Service;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::socket_io::{LARGEST_PAYLOAD, SocketIoServer};
use crate::body::{BoundedBody, read_error};
use crate::config::HttpConfig;
use crate::error::ApiError;

/// Bytes on their way between the two halves: several frames.
const PIPE_BYTES: usize = 64 * 1024;

/// Every request under `/socket.io`.
pub(crate) async fn answer_socket_io(
    request: HttpRequest,
    payload: web::Payload,
    server: web::Data<SocketIoServer>,
    config: web::Data<HttpConfig>,
) -> Result<HttpResponse, actix_web::Error> {
    if is_upgrade(&request) {
        upgrade(&request, payload, &server)
    } else {
        Ok(call_through(&request, payload, &server, &config).await?)
    }
}

fn is_upgrade(request: &HttpRequest) -> bool {
    request.method() == Method::GET
        && request
            .headers()
            .get(header::UPGRADE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// The request as the engine knows requests. Of the headers it looks at none: actix has checked the handshake.
fn translate<B>(request: &HttpRequest, body: B) -> Result<Request<B>, ApiError> {
    Request::builder()
        .method(request.method().as_str())
        .uri(request.uri().to_string())
        .body(body)
        .map_err(|error| ApiError::Internal(error.into()))
}

async fn call_through(
    request: &HttpRequest,
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
    let request = translate(request, Full::new(body.freeze()))?;
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
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = ws::handshake(request.head())?;
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    Service::call(&server.service, (theirs, translate(request, ())?))
        .into_inner()
        .map_err(|_| ApiError::InvalidQuery {
            parameter: "transport".to_owned(),
            reason: "bukan handshake Socket.IO versi 4",
        })?;
    let (outgoing, incoming) = tokio::io::split(ours);
    actix_web::rt::spawn(pour(payload, incoming));
    Ok(response
        .message_body(BodyStream::new(read(outgoing)))?
        .map_into_boxed_body()
        .into())
}

/// What the client sends, until either side is gone.
async fn pour(mut payload: web::Payload, mut into: tokio::io::WriteHalf<DuplexStream>) {
    while let Some(Ok(chunk)) = payload.next().await {
        if into.write_all(&chunk).await.is_err() {
            return;
        }
    }
    drop(into.shutdown().await);
}

/// What the engine sends, until it hangs up.
fn read(from: impl AsyncRead + Unpin) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(from, |mut from| async {
        let mut chunk = BytesMut::with_capacity(4 * 1024);
        let size = from.read_buf(&mut chunk).await?;
        Ok((size > 0).then(|| (chunk.freeze(), from)))
    })
}
