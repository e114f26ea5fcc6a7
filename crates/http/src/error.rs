//! The error table at the edge: every failure of every layer with its status, code and message.
//! It decides what is answered; `edge` decides what is logged.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use domain::value::shortened;
use serde_json::{Value, json};
use services::ServiceError;

use crate::error_body::Answer;

/// Characters of a caller's own name for a field or parameter that an error repeats.
pub(crate) const LONGEST_NAME: usize = 50;

/// Everything that ends a request with a status of 400 or more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No bearer token, or an invalid one.
    #[error("unauthorized")]
    Unauthorized,
    /// The role does not carry the permission.
    #[error(transparent)]
    Forbidden(#[from] auth::Forbidden),
    /// No route has this path.
    #[error("no such route")]
    UnknownRoute,
    /// The path exists, but not with this method.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods that the path accepts.
        allow: Vec<Method>,
    },
    /// An id in the path is not a UUID.
    #[error("not a uuid in the path")]
    InvalidId,
    /// An import type in the path that does not exist.
    #[error("unknown import type in the path")]
    UnknownImportType,
    /// A query parameter that is unknown, repeated or out of its range.
    #[error("invalid query parameter")]
    InvalidQuery {
        /// Its name, shortened.
        parameter: String,
        /// What is wrong with it, for the caller.
        reason: &'static str,
    },
    /// A header that is not one of the documented words.
    #[error("invalid header")]
    InvalidHeader {
        /// Its name.
        name: &'static str,
        /// What is wrong with it, for the caller.
        reason: &'static str,
    },
    /// The body is not JSON, or not of the documented shape.
    #[error("invalid json body")]
    InvalidBody {
        /// What is wrong with it, for the caller.
        reason: String,
    },
    /// The body is of another media type than the documented one.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// A JSON body above its limit.
    #[error("body too large")]
    BodyTooLarge,
    /// The body did not arrive in time.
    #[error("body not received in time")]
    BodyTimeout,
    /// The client disconnected or sent a malformed transfer encoding.
    #[error("body ended early")]
    BodyIncomplete,
    /// The multipart body is broken or not of the documented shape.
    #[error("invalid multipart body")]
    InvalidUpload {
        /// What is wrong with it, for the caller.
        reason: Cow<'static, str>,
    },
    /// More requests than the rate allows.
    #[error("rate limited")]
    RateLimited {
        /// Whole seconds until the next request is accepted.
        retry_after: u64,
    },
    /// The user has as many open sockets as one user may have.
    #[error("too many sockets")]
    TooManySockets,
    /// A query longer than that of any handshake.
    #[error("query too long")]
    QueryTooLong,
    /// A page whose origin may not call the API tries to open a socket.
    #[error("foreign origin")]
    ForeignOrigin,
    /// A page of another site tries to use the cookie of a session.
    #[error("request of another site")]
    CrossSite,
    /// The handler panicked.
    #[error("handler panicked")]
    Panicked,
    /// The server is stopping, or cannot reach what it needs.
    #[error("not ready")]
    NotReady {
        /// The checks with their results, for `details`.
        checks: Value,
    },
    /// A use case refused or failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A state that should be impossible.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A field of a form that was sent twice.
    pub(crate) fn repeated(field: &str) -> Self {
        Self::InvalidUpload {
            reason: format!(
                "Field '{}' diisi lebih dari sekali",
                shortened(field, LONGEST_NAME)
            )
            .into(),
        }
    }

    /// The table.
    pub(crate) fn answer(&self) -> Answer {
        let bad =
            |code, message: Cow<'static, str>| Answer::new(StatusCode::BAD_REQUEST, code, message);
        match self {
            Self::Unauthorized => Answer::unauthorized(),
            Self::Forbidden(_) | Self::CrossSite => {
                Answer::plain(StatusCode::FORBIDDEN, "forbidden")
            }
            Self::UnknownRoute => Answer::new(
                StatusCode::NOT_FOUND,
                "route_not_found",
                "Rute tidak ditemukan",
            ),
            Self::MethodNotAllowed { allow } => {
                let allow = allow
                    .iter()
                    .map(Method::as_str)
                    .collect::<Vec<_>>()
                    .join(", ");
                let answer = Answer::plain(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
                match HeaderValue::try_from(allow) {
                    Ok(value) => answer.header(header::ALLOW, value),
                    Err(_) => answer,
                }
            }
            Self::InvalidId => bad("invalid_id", "ID tidak valid: harus berupa UUID".into()),
            Self::UnknownImportType => bad(
                "invalid_import_type",
                "Tipe import tidak valid: harus jamaah, payment, atau package".into(),
            ),
            Self::InvalidQuery { parameter, reason } => bad(
                "invalid_query",
                format!("Parameter '{parameter}' tidak valid: {reason}").into(),
            ),
            Self::InvalidHeader { name, reason } => bad(
                "invalid_header",
                format!("Header '{name}' tidak valid: {reason}").into(),
            ),
            Self::InvalidBody { reason } => bad("invalid_body", reason.clone().into()),
            Self::UnsupportedMediaType => {
                Answer::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::BodyTooLarge => Answer::plain(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
            Self::BodyTimeout => Answer::plain(StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::BodyIncomplete => bad("incomplete_body", "Isi permintaan tidak lengkap".into()),
            Self::InvalidUpload { reason } => bad("invalid_upload", reason.clone()),
            Self::RateLimited { retry_after } => {
                Answer::plain(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
                    .retry_after(*retry_after)
            }
            Self::TooManySockets => {
                Answer::plain(StatusCode::TOO_MANY_REQUESTS, "too_many_sockets").retry_after(60)
            }
            Self::QueryTooLong => Answer::plain(StatusCode::URI_TOO_LONG, "query_too_long"),
            Self::ForeignOrigin => Answer::plain(StatusCode::FORBIDDEN, "foreign_origin"),
            Self::Panicked | Self::Internal(_) => {
                Answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
            }
            Self::NotReady { checks } => {
                Answer::plain(StatusCode::SERVICE_UNAVAILABLE, "not_ready")
                    .details(json!({ "checks": checks }))
            }
            Self::Service(error) => crate::service_error::answer(error),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.answer().status
    }

    fn error_response(&self) -> HttpResponse {
        self.answer().response()
    }
}
