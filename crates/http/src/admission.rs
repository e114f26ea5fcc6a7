//! Who may pass into `/api/v1`: recognises the caller by computation alone, and takes the request from their budget.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use auth::VerifiedToken;
use domain::Clock;
use services::{Services, SystemClock};

use crate::caller::Admitted;
use crate::client_address::client_address;
use crate::config::HttpConfig;
use crate::edge::AnswerHeaders;
use crate::error::ApiError;
use crate::rate_limit::{Caller, RateLimit};
use crate::unmatched::KnownPaths;

/// Everything under it is counted and knows its caller.
const GUARDED: &str = "/api/v1/";

/// The middleware.
pub(crate) async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // A refusal is an answer, not an error: the layers around this one add their headers, and the unread body stays with it.
    match check(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(refusal) => Ok(request.error_response(refusal).map_into_right_body()),
    }
}

fn check(request: &ServiceRequest) -> Result<(), ApiError> {
    // The router's own reading of the path: what it decodes and serves must not pass here in another spelling.
    let path = request.match_info().as_str();
    if !path.starts_with(GUARDED) {
        return Ok(());
    }
    let missing = || ApiError::Internal("the application lacks its state".into());
    let services = request
        .app_data::<web::Data<Services>>()
        .ok_or_else(missing)?;
    let config = request
        .app_data::<web::Data<HttpConfig>>()
        .ok_or_else(missing)?;
    let limit = request
        .app_data::<web::Data<RateLimit>>()
        .ok_or_else(missing)?;
    let token = bearer(request).and_then(|token| services.sessions.authenticate(token).ok());
    let caller = if let Some(token) = token {
        remember(request, token);
        Caller::User(token.identity.user_id)
    } else {
        Caller::address(client_address(
            request.peer_addr(),
            request.headers(),
            &config.trusted_proxies,
        ))
    };
    let budget = limit.take(caller, SystemClock.now());
    if let Some(headers) = request.extensions().get::<AnswerHeaders>() {
        for (name, value) in budget.headers() {
            headers.insert(name, value);
        }
    }
    if let Some(retry_after) = budget.retry_after {
        return Err(ApiError::RateLimited { retry_after });
    }
    request
        .app_data::<web::Data<KnownPaths>>()
        .ok_or_else(missing)?
        .check(path, request.method())
}

fn remember(request: &ServiceRequest, token: VerifiedToken) {
    let span = tracing::Span::current();
    span.record("user.id", tracing::field::display(token.identity.user_id));
    span.record(
        "tenant.id",
        tracing::field::display(token.identity.tenant_id),
    );
    request.extensions_mut().insert(Admitted(token));
}

/// The token of `Authorization: Bearer …`; the scheme is case-insensitive (RFC 9110 section 11.1).
fn bearer(request: &ServiceRequest) -> Option<&str> {
    let value = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
