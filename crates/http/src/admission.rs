//! Decides who may enter `/api/v1`: recognises the caller by computation alone, charges the request to their budget, and requires a
//! living session, before anything else of the request is looked at.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use auth::{ApiKeyToken, VerifiedToken};
use domain::{Clock, Timestamp, UserId};
use services::{Budgets, ServiceError, Services, SystemClock};

use crate::caller::Admitted;
use crate::client_address::client_address;
use crate::config::HttpConfig;
use crate::edge::AnswerHeaders;
use crate::error::ApiError;
use crate::rate_limit::{Budget, Caller, RateLimit};
use crate::unmatched::KnownPaths;

/// What callers may do before they have changed a password that an administrator set.
const OWN_ACCOUNT: &str = "/api/v1/auth/";

/// Requests to paths under it are counted, and have a caller.
const GUARDED: &str = "/api/v1/";

/// The middleware.
pub(crate) async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // A refusal is an answer, not an error: the layers around this one add their headers, and the unread body stays with it.
    let admitted = match check(&request).await {
        Ok(()) => forget_ended(&request).await,
        refused => refused,
    };
    match admitted {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(refusal) => Ok(request.error_response(refusal).map_into_right_body()),
    }
}

async fn check(request: &ServiceRequest) -> Result<(), ApiError> {
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
    let address = Caller::address(client_address(
        request.peer_addr(),
        request.headers(),
        &config.trusted_proxies,
    ));
    let now = SystemClock.now();
    let Recognised { token, spent } = match bearer(request.headers()) {
        Some(text) => match ApiKeyToken::received(text) {
            Some(key) => recognise_key(services, limit, &key, address, now).await?,
            None => Recognised::of(services.sessions.authenticate(text).ok()),
        },
        None => Recognised::of(None),
    };
    let caller = match token {
        Some(token) => {
            remember(request, token);
            Caller::User(payer(&token))
        }
        None => address,
    };
    let mut budget = spent.unwrap_or_else(|| limit.take(caller, now));
    // A request that exceeds the limit of one process exceeds that of all; otherwise the shared budget decides.
    if let (Caller::User(user), None) = (caller, budget.retry_after) {
        let budgets = request
            .app_data::<web::Data<Budgets>>()
            .ok_or_else(missing)?;
        budget = budget.shared(budgets.spend(user).await, now);
    }
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

/// Who a request comes from, and what was spent from a budget to find it out.
struct Recognised {
    token: Option<VerifiedToken>,
    spent: Option<Budget>,
}

impl Recognised {
    const fn of(token: Option<VerifiedToken>) -> Self {
        Self { token, spent: None }
    }
}

/// Recognises a client by its API key. A key that was not valid a moment ago costs a query, which counts against the budget of its
/// address, so that guesses cannot cause unlimited queries.
async fn recognise_key(
    services: &Services,
    limit: &RateLimit,
    key: &ApiKeyToken,
    address: Caller,
    now: Timestamp,
) -> Result<Recognised, ApiError> {
    let recalled = services.api_keys.recall(key)?;
    if recalled.is_some() {
        return Ok(Recognised::of(recalled));
    }
    let spent = (!services.api_keys.was_good(key)).then(|| limit.take(address, now));
    if let Some(retry_after) = spent.and_then(|budget| budget.retry_after) {
        return Err(ApiError::RateLimited { retry_after });
    }
    let token = services.api_keys.authenticate(key).await?;
    Ok(Recognised {
        token,
        spent: spent.filter(|_| token.is_none()),
    })
}

/// Whose budget a request is charged to: a key has its own, under its id.
const fn payer(token: &VerifiedToken) -> UserId {
    if token.identity.scopes.is_some() {
        UserId::from_uuid(token.jti)
    } else {
        token.identity.user_id
    }
}

/// Treats a caller as anonymous whose session is over: by logout, disabling, or a change of role. Requests that change something
/// check the session at once, and a second time in the use case, because a body may take a minute to arrive; requests that read
/// accept an answer that is a few seconds old.
async fn forget_ended(request: &ServiceRequest) -> Result<(), ApiError> {
    let admitted = request.extensions().get::<Admitted>().copied();
    let (Some(Admitted(token)), Some(services)) =
        (admitted, request.app_data::<web::Data<Services>>())
    else {
        return Ok(());
    };
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let asked = if reads {
        services.sessions.ensure_lately_alive(&token.identity).await
    } else {
        services.sessions.ensure_alive(&token.identity).await
    };
    match asked {
        Err(ServiceError::PasswordChangeRequired)
            if request.match_info().as_str().starts_with(OWN_ACCOUNT) =>
        {
            Ok(())
        }
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

/// The token of `Authorization: Bearer …`; the scheme is case-insensitive (RFC 9110 section 11.1). A request with two such
/// headers has none: a proxy and this server might each use a different one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
