//! The outermost layer: request id, security headers, panics, the documented body for every error, one log line per
//! request, and the cause of a 5xx once. It is independent of the routes.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use tracing_actix_web::RequestId;

use crate::error::ApiError;
use crate::error_body::{Documented, ErrorBody};
use crate::observe;
use crate::unread::Unread;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For all answers except the documentation pages, which have their own policy: an API renders nothing.
const STRICT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Headers that inner layers add to the answer even if the request ends in an error or a panic.
#[derive(Clone, Default)]
pub(crate) struct AnswerHeaders(Rc<RefCell<HeaderMap>>);

impl AnswerHeaders {
    pub(crate) fn insert(&self, name: HeaderName, value: HeaderValue) {
        self.0.borrow_mut().insert(name, value);
    }
}

/// The middleware.
pub(crate) async fn finish_answers(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let headers = AnswerHeaders::default();
    let method = request.method().clone();
    // A resource that answers GET answers HEAD (RFC 9110 section 9.1): the same headers, and the connection leaves the body out.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let unread = Unread::watch(&mut request);
    {
        let mut extensions = request.extensions_mut();
        if let Some(id) = extensions.get::<RequestId>()
            && let Ok(value) = HeaderValue::try_from(id.to_string())
        {
            headers.insert(REQUEST_ID, value);
        }
        extensions.insert(headers.clone());
    }
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let outcome = match outcome {
        Ok(Ok(response)) => Ok(document(response.map_into_boxed_body())),
        Ok(Err(error)) => Err(error),
        // The panic hook has logged it, within the request's span.
        Err(_panic) => Err(ApiError::Panicked.into()),
    };
    match outcome {
        Ok(mut response) => {
            log_cause(response.response().error());
            finish(response.headers_mut(), &headers);
            let pattern = response.request().match_pattern();
            observe::answered(&method, pattern.as_deref(), response.status(), started);
            Ok(match unread {
                Some(unread) if !response.status().is_success() => {
                    response.map_body(|_, answer| unread.held_by(answer))
                }
                _ => response,
            })
        }
        Err(error) => {
            log_cause(Some(&error));
            let response = to_documented(&error);
            observe::answered(&method, None, response.status(), started);
            Err(Finished {
                error,
                headers,
                unread,
            }
            .into())
        }
    }
}

/// Replaces the body of a library's own error answer by the documented one, keeping its headers.
fn document(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error
        || response
            .response()
            .extensions()
            .get::<Documented>()
            .is_some()
    {
        return response;
    }
    let body = serde_json::to_vec(&ErrorBody::of_status(status)).unwrap_or_default();
    let mut response = response.map_body(|_, _| BoxBody::new(web::Bytes::from(body)));
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn to_documented(error: &Error) -> HttpResponse {
    if let Some(error) = error.as_error::<ApiError>() {
        return error.error_response();
    }
    let mut response = error.error_response();
    let status = response.status();
    let status = if status.is_success() {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        status
    };
    let mut documented = HttpResponse::build(status);
    for header in response.headers_mut().drain() {
        if let (Some(name), value) = header
            && name != header::CONTENT_TYPE
        {
            documented.append_header((name, value));
        }
    }
    documented.json(ErrorBody::of_status(status))
}

fn finish(answer: &mut HeaderMap, wanted: &AnswerHeaders) {
    for (name, value) in wanted.0.borrow().iter() {
        answer.insert(name.clone(), value.clone());
    }
    let mut default = |name: HeaderName, value: &'static str| {
        if !answer.contains_key(&name) {
            answer.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::CONTENT_SECURITY_POLICY, STRICT_POLICY);
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    // Answers hold personal data of one caller, so no cache may keep them.
    default(header::CACHE_CONTROL, "no-store");
}

/// Logs the cause of a 5xx with its chain; the caller sees a constant message.
fn log_cause(error: Option<&Error>) {
    let Some(error) = error else { return };
    let status = error.as_response_error().status_code();
    if !status.is_server_error() {
        return;
    }
    match error.as_error::<ApiError>() {
        Some(ApiError::Panicked | ApiError::NotReady { .. }) => {}
        Some(api) => {
            let causes = causes(api);
            tracing::error!(error = %api, causes, "request failed");
        }
        None => tracing::error!(error = %error, "request failed"),
    }
}

fn causes(error: &dyn StdError) -> String {
    std::iter::successors(error.source(), |error: &&dyn StdError| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// An error with the headers of its answer, for requests that produced no response. After a panic the rest of the request's body
/// is not read, as after any other refusal.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Finished {
    error: Error,
    headers: AnswerHeaders,
    unread: Option<Unread>,
}

impl std::fmt::Debug for AnswerHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AnswerHeaders").finish()
    }
}

impl ResponseError for Finished {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = to_documented(&self.error);
        finish(response.headers_mut(), &self.headers);
        match &self.unread {
            Some(unread) => response.map_body(|_, answer| unread.clone().held_by(answer)),
            None => response,
        }
    }
}

#[cfg(test)]
#[path = "edge_tests.rs"]
mod tests;
