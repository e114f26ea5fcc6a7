//! Request bodies: read under a limit, a deadline and a least rate, and JSON refused unless it is exactly of the documented shape.

use std::borrow::Cow;
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
use domain::value::shortened;
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::HttpConfig;
use crate::error::{ApiError, LONGEST_NAME};

/// 64 KiB: the largest documented JSON body has a dozen short fields.
const JSON_BYTES: u64 = 64 * 1024;

/// A request's payload with limits: it fails after too many bytes, after too long a pause, and when a window of time ends in which
/// fewer bytes arrived than the least rate requires. So a dripping body lives for one window, and a large one over a slow line as
/// long as it keeps the rate.
///
/// actix itself waits for ever for a body that does not arrive.
pub(crate) struct BoundedBody {
    payload: Payload,
    remaining: u64,
    pace: Pace,
    pause: Pin<Box<Sleep>>,
}

impl BoundedBody {
    pub(crate) fn new(payload: Payload, limit: u64, config: &HttpConfig) -> Self {
        let pace = Pace::new(config, Instant::now());
        Self {
            payload,
            remaining: limit,
            pause: Box::pin(sleep_until(pace.until())),
            pace,
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
                let is_kept = this.pace.bring(size, Instant::now());
                this.pause.as_mut().reset(this.pace.until());
                Poll::Ready(Some(if is_kept {
                    Ok(chunk)
                } else {
                    Err(failed(ErrorKind::TimedOut))
                }))
            }
            Poll::Pending => {
                while this.pause.as_mut().poll(context).is_ready() {
                    if !this.pace.is_kept(Instant::now()) {
                        return Poll::Ready(Some(Err(failed(ErrorKind::TimedOut))));
                    }
                    this.pause.as_mut().reset(this.pace.until());
                }
                Poll::Pending
            }
            end_or_error @ Poll::Ready(_) => end_or_error,
        }
    }
}

/// How fast a body must arrive.
struct Pace {
    idle: Duration,
    window: Duration,
    /// Bytes that a window must bring.
    least: u64,
    /// Bytes that this window has brought.
    brought: u64,
    window_end: Instant,
    heard: Instant,
}

impl Pace {
    fn new(config: &HttpConfig, now: Instant) -> Self {
        let window = config.body_deadline;
        Self {
            idle: config.body_idle_timeout,
            window,
            least: config.body_least_rate.saturating_mul(window.as_secs()),
            brought: 0,
            window_end: now + window,
            heard: now,
        }
    }

    /// When the body must be checked next.
    fn until(&self) -> Instant {
        (self.heard + self.idle).min(self.window_end)
    }

    /// Records bytes that arrived; false if they came too late.
    fn bring(&mut self, bytes: u64, now: Instant) -> bool {
        self.brought = self.brought.saturating_add(bytes);
        let is_kept = self.is_kept(now);
        self.heard = now;
        is_kept
    }

    /// Whether the sender may continue; starts the next window when one is over.
    fn is_kept(&mut self, now: Instant) -> bool {
        if now >= self.window_end {
            if self.brought < self.least {
                return false;
            }
            self.brought = 0;
            self.window_end = now + self.window;
        }
        now < self.heard + self.idle
    }
}

fn failed(kind: ErrorKind) -> PayloadError {
    PayloadError::Io(kind.into())
}

/// The error for a body that could not be read. `too_large` is the error for one above its limit.
pub(crate) fn read_error(error: &PayloadError, too_large: ApiError) -> ApiError {
    match error {
        PayloadError::Io(io) if io.kind() == ErrorKind::FileTooLarge => too_large,
        PayloadError::Io(io) if io.kind() == ErrorKind::TimedOut => ApiError::BodyTimeout,
        _ => ApiError::BodyIncomplete,
    }
}

/// A JSON body that the handler reads after it has found the record of the path.
///
/// A body that is sent to another tenant's record must not reveal more than a 404.
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
        if !self.is_documented() {
            return Err(ApiError::UnsupportedMediaType);
        }
        parse(&self.bytes().await?)
    }

    /// The body as a `T`; `None` if the request has none.
    pub(crate) async fn read_optional<T: DeserializeOwned>(self) -> Result<Option<T>, ApiError> {
        let is_documented = self.is_documented();
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if !is_documented {
            return Err(ApiError::UnsupportedMediaType);
        }
        parse(&bytes).map(Some)
    }

    fn is_documented(&self) -> bool {
        is_json(&self.request) && !is_encoded(&self.request)
    }

    async fn bytes(self) -> Result<BytesMut, ApiError> {
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
        Ok(bytes)
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

/// Whether the body is compressed: such bodies are refused, because they can unpack to far more than was sent.
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

fn quoted<'a>(text: &'a str, before: &str) -> Option<Cow<'a, str>> {
    let (field, _) = text.strip_prefix(before)?.split_once('`')?;
    Some(shortened(field, LONGEST_NAME))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// After how many seconds a body is refused that sends `first` bytes at once and then `size` bytes every `every` seconds;
    /// `None` if it is still read after an hour.
    fn given_up(first: u64, size: u64, every: u64) -> Option<u64> {
        let begun = Instant::now();
        let mut pace = Pace::new(&HttpConfig::default(), begun);
        assert!(pace.bring(first, begun));
        (1..=3_600).find(|&second| {
            let now = begun + Duration::from_secs(second);
            let is_kept = if second % every == 0 {
                pace.bring(size, now)
            } else {
                pace.until() > now || pace.is_kept(now)
            };
            !is_kept
        })
    }

    #[test]
    fn a_body_ends_in_a_minute_or_keeps_the_least_rate() {
        for (name, first, size, every, expected) in [
            ("a drip", 0, 1, 1, Some(60)),
            ("a drip with pauses", 0, 1, 14, Some(60)),
            ("a pause", 0, 1, 16, Some(15)),
            (
                "a drip after a quick beginning",
                9_000_000,
                1,
                10,
                Some(120),
            ),
            ("a little less than the rate", 0, 4_000, 1, Some(60)),
            ("the rate", 0, 5_000, 1, None),
            ("the rate in bursts", 0, 80_000, 14, None),
        ] {
            assert_eq!(given_up(first, size, every), expected, "{name}");
        }
    }

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
    fn shortens_long_names_between_characters() {
        let name = format!("a{}", "é".repeat(LONGEST_NAME));
        let shown = format!("a{}", "é".repeat(LONGEST_NAME - 1));
        check(
            &format!("{{\"{name}\":1}}"),
            &format!("Field '{shown}…' tidak dikenal"),
        );
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
