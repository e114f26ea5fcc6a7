//! Every answer of 400 and above: the shape of its body, and what a line of the error table says; not the errors themselves.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The documented error body.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    /// The HTTP status.
    #[schema(example = 400)]
    status_code: u16,
    /// What went wrong, as a message for users; constant for 5xx.
    #[schema(value_type = String, example = "File CSV kosong atau tidak valid")]
    message: Cow<'static, str>,
    /// The reason phrase of the status.
    #[schema(value_type = String, example = "Bad Request")]
    error: &'static str,
    /// What went wrong, as a stable `snake_case` word for programs.
    #[schema(value_type = String, example = "invalid_file")]
    code: &'static str,
    /// Further details, for the codes that document them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    details: Option<Value>,
}

/// Marks a response that already has an [`ErrorBody`].
pub(crate) struct Documented;

impl ErrorBody {
    pub(crate) fn new(
        status: StatusCode,
        message: Cow<'static, str>,
        code: &'static str,
        details: Option<Value>,
    ) -> Self {
        Self {
            status_code: status.as_u16(),
            message,
            error: status.canonical_reason().unwrap_or("Error"),
            code,
            details,
        }
    }

    /// The body for an error that a library answered itself: only its status is known.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or("Error");
        let code = match status {
            StatusCode::BAD_REQUEST => "bad_request",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::NOT_ACCEPTABLE => "not_acceptable",
            StatusCode::REQUEST_TIMEOUT => "request_timeout",
            StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::UPGRADE_REQUIRED => "upgrade_required",
            StatusCode::TOO_MANY_REQUESTS => "rate_limited",
            status if status.is_server_error() => "internal_error",
            _ => "request_failed",
        };
        Self::new(status, reason.into(), code, None)
    }
}

/// One line of the table: the answer for an error.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) details: Option<Value>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: None,
            headers: Vec::new(),
        }
    }

    /// A status whose message is the reason phrase itself.
    pub(crate) fn plain(status: StatusCode, code: &'static str) -> Self {
        Self::new(status, code, status.canonical_reason().unwrap_or("Error"))
    }

    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::plain(StatusCode::UNAUTHORIZED, "unauthorized").header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"hijrah\""),
        )
    }

    pub(crate) fn response(self) -> HttpResponse {
        let body = ErrorBody::new(self.status, self.message, self.code, self.details);
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.append_header(header);
        }
        let mut response = response.json(body);
        response.extensions_mut().insert(Documented);
        response
    }
}
