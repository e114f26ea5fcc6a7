//! What logs and metrics record of a request: never its query string, a header or its body.

use std::time::Instant;

use ::metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use domain::value::shortened;
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// Characters of a path in the log: enough to recognise it, too few to fill a disk.
const LONGEST_PATH: usize = 200;

/// The span of a request. The library's own would record the query string, and with it the token of `/ws`.
pub(crate) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let request_id = actix_web::HttpMessage::extensions(request)
            .get::<RequestId>()
            .map(ToString::to_string);
        tracing::info_span!(
            "request",
            request_id,
            http.method = %request.method(),
            http.path = %shortened(request.path(), LONGEST_PATH),
            user.id = Empty,
            tenant.id = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, Error>) {
        // `edge` writes the one line, because it knows the final answer.
    }
}

/// Describes what this crate counts.
pub(crate) fn describe() {
    describe_counter!(
        "http_requests_total",
        "Answered requests, by method, route and status."
    );
    describe_histogram!(
        "http_request_duration_seconds",
        "How long answers took, by route."
    );
    describe_gauge!("live_sockets", "Open sockets: WebSocket and Socket.IO.");
    gauge!("live_sockets").increment(0);
}

/// One log line and the metrics of an answered request. `pattern` is the route with its placeholders.
pub(crate) fn answered(
    method: &Method,
    pattern: Option<&str>,
    status: StatusCode,
    started: Instant,
) {
    let elapsed = started.elapsed();
    let route = pattern.unwrap_or("other");
    let duration_ms = elapsed.as_secs_f64() * 1000.0;
    let status_code = status.as_u16();
    // Health checks, scrapes, and the many files that a browser loads.
    let is_routine = matches!(route, "/health/live" | "/health/ready" | "/metrics")
        || route.starts_with("/console");
    if is_routine {
        tracing::debug!(
            http.route = route,
            http.status = status_code,
            duration_ms,
            "answered"
        );
    } else {
        tracing::info!(
            http.route = route,
            http.status = status_code,
            duration_ms,
            "answered"
        );
    }
    let labels = [
        ("method", known(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status_code.to_string()),
    ];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_duration_seconds", "route" => route.to_owned())
        .record(elapsed.as_secs_f64());
}

/// A method is text of the caller too, so unknown ones share a label.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
