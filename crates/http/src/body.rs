//! Request bodies: read under a limit and a deadline, and JSON refused unless it is exactly of the documented shape.

use std::future::{Ready, ready};
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::HttpConfig;
use crate::error::ApiError;

/// The largest documented JSON body has a dozen short fields.
const JSON_BYTES: u64 = 64 * 1024;

/// A request's payload that gives up: after too many bytes, too long a pause, or too long a time in all.
///
/// actix itself waits for ever for a body that does not come.
pub(crate) struct BoundedBody {
    payload: Payload,
    remaining: u64,
    idle: Duration,
    deadline: Instant,
    pause: Pin<Box<Sleep>>,
}

impl BoundedBody {
    pub(crate) fn new(payload: Payload, limit: u64, config: &HttpConfig) -> Self {
        let now = Instant::now();
        let deadline = now + config.body_deadline;
        Self {
            payload,
            remaining: limit,
            idle: config.body_idle_timeout,
            deadline,
            pause: Box::pin(sleep_until((now + config.body_idle_timeout).min(deadline))),
        }
    }
}

impl Stream for BoundedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match Pin::new(&mut this.payload).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                let Some(remaining) = this.remaining.checked_sub(size) else {
                    return Poll::Ready(Some(Err(failed(ErrorKind::FileTooLarge))));
                };
                this.remaining = remaining;
                let now = Instant::now();
                if now >= this.deadline {
                    return Poll::Ready(Some(Err(failed(ErrorKind::TimedOut))));
                }
                this.pause
                    .as_mut()
                    .reset((now + this.idle).min(this.deadline));
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Pending => this
                .pause
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(failed(ErrorKind::TimedOut)))),
            end_or_error @ Poll::Ready(_) => end_or_error,
        }
    }
}

fn failed(kind: ErrorKind) -> PayloadError {
    PayloadError::Io(kind.into())
}

/// What a failure to read a body means. `too_large` is what its limit means there.
pub(crate) fn read_error(error: &PayloadError, too_large: ApiError) -> ApiError {
    match error {
        PayloadError::Io(io) if io.kind() == ErrorKind::FileTooLarge => too_large,
        PayloadError::Io(io) if io.kind() == ErrorKind::TimedOut => ApiError::BodyTimeout,
        _ => ApiError::BodyIncomplete,
    }
}

/// A JSON body that is read when the handler asks for it: after it knows that the path leads somewhere.
///
/// A body of a stranger's record must not tell more than a 404.
pub(crate) struct JsonBody {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            request: request.clone(),
            payload: payload.take(),
        }))
    }
}

impl JsonBody {
    /// The whole body as a `T`.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        if !is_json(&self.request) || is_encoded(&self.request) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let config = self
            .request
            .app_data::<web::Data<HttpConfig>>()
            .map(|config| config.as_ref().clone())
            .unwrap_or_default();
        let mut stream = BoundedBody::new(self.payload, JSON_BYTES, &config);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| read_error(&error, ApiError::BodyTooLarge))?;
            bytes.extend_from_slice(&chunk);
        }
        parse(&bytes)
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else {
        return false;
    };
    value.to_str().is_ok_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

/// Whether the body is compressed: nothing is unpacked here, so that nothing can unpack to more than was sent.
pub(crate) fn is_encoded(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all(header::CONTENT_ENCODING)
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // serde would take an array for an object, field by field.
    if bytes
        .trim_ascii_start()
        .first()
        .is_some_and(|&byte| byte != b'{')
    {
        return Err(ApiError::InvalidBody {
            reason: "Isi permintaan harus berupa objek JSON".to_owned(),
        });
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| refusal(&error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| refusal(".", &error))?;
    Ok(value)
}

/// Names the field, never the value: a password is a value.
fn refusal(path: &str, error: &serde_json::Error) -> ApiError {
    let reason = match error.classify() {
        serde_json::error::Category::Data => {
            let text = error.to_string();
            if let Some(field) = quoted(&text, "unknown field `") {
                format!("Field '{field}' tidak dikenal")
            } else if let Some(field) = quoted(&text, "missing field `") {
                format!("Field '{field}' wajib diisi")
            } else if let Some(field) = quoted(&text, "duplicate field `") {
                format!("Field '{field}' diisi lebih dari sekali")
            } else {
                format!("Field '{path}' tidak valid")
            }
        }
        _ => format!(
            "JSON tidak valid pada baris {} kolom {}",
            error.line(),
            error.column()
        ),
    };
    ApiError::InvalidBody { reason }
}

fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    /// A field name is text of the caller.
    const LONGEST: usize = 100;
    let (field, _) = text.strip_prefix(before)?.split_once('`')?;
    Some(field.get(..LONGEST).unwrap_or(field))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape matters")]
    struct Login {
        username: String,
        password: String,
    }

    fn check(body: &str, expected: &str) {
        match parse::<Login>(body.as_bytes()) {
            Err(ApiError::InvalidBody { reason }) => assert_eq!(reason, expected, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn names_what_is_wrong_but_never_a_value() {
        check("", "JSON tidak valid pada baris 1 kolom 0");
        check("{\"username\":", "JSON tidak valid pada baris 1 kolom 12");
        check(
            "[\"admin\",\"admin123\"]",
            "Isi permintaan harus berupa objek JSON",
        );
        check("7", "Isi permintaan harus berupa objek JSON");
        check("{\"username\":\"a\"}", "Field 'password' wajib diisi");
        check(
            "{\"username\":\"a\",\"password\":7}",
            "Field 'password' tidak valid",
        );
        check(
            "{\"username\":\"a\",\"password\":\"b\",\"role\":\"admin\"}",
            "Field 'role' tidak dikenal",
        );
        check(
            "{\"username\":\"a\",\"username\":\"b\"}",
            "Field 'username' diisi lebih dari sekali",
        );
        check(
            "{\"username\":\"a\",\"password\":\"b\"} x",
            "JSON tidak valid pada baris 1 kolom 33",
        );
    }
}
