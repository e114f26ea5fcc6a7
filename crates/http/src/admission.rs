//! Who may pass into `/api/v1`: recognises the caller by computation alone, and takes the request from their budget. Who wants
//! to change something is asked for a living session as well, before anything else of the request is looked at.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use auth::VerifiedToken;
use domain::Clock;
use services::{ServiceError, Services, SystemClock};

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
    let admitted = match check(&request) {
        Ok(()) => forget_ended(&request).await,
        refused => refused,
    };
    match admitted {
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

/// Makes a stranger of a caller who wants to change something in a session that is over: by logout, disabling, or another
/// role. The use case asks once more, for a body may take minutes to arrive. What only reads goes on until the token expires.
async fn forget_ended(request: &ServiceRequest) -> Result<(), ApiError> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(());
    }
    let admitted = request.extensions().get::<Admitted>().copied();
    let (Some(Admitted(token)), Some(services)) =
        (admitted, request.app_data::<web::Data<Services>>())
    else {
        return Ok(());
    };
    match services.sessions.ensure_alive(&token.identity).await {
        Err(ServiceError::SessionEnded) => {
            request.extensions_mut().remove::<Admitted>();
            Ok(())
        }
        asked => Ok(asked?),
    }
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
