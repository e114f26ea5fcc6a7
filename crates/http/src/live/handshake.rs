//! The checks before a socket is opened, on both protocols: the query is short, the origin is allowed, the token is valid, the
//! caller's budget of handshakes is not used up, and the session is open. Nothing is stored for a caller before that.

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::http::header;
use auth::VerifiedToken;
use domain::Clock;
use services::SystemClock;

use super::Live;
use crate::client_address::client_address;
use crate::error::ApiError;
use crate::rate_limit::Caller;

/// A token has about five hundred bytes, the rest of a handshake's query about fifty.
const LONGEST_QUERY: usize = 4 * 1024;

impl Live {
    /// The token of a request of a socket. It is verified without the database, so that anonymous requests cost next to nothing.
    pub(super) fn recognise(
        &self,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<VerifiedToken, ApiError> {
        if request.query_string().len() > LONGEST_QUERY {
            return Err(ApiError::QueryTooLong);
        }
        self.refuse_foreign_origin(request)?;
        self.services
            .sessions
            .authenticate(token.ok_or(ApiError::Unauthorized)?)
            .map_err(|_| ApiError::Unauthorized)
    }

    /// The token of a handshake, which is charged to its user's budget, or to that of the address if the token is invalid.
    pub(super) fn recognise_newcomer(
        &self,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<VerifiedToken, ApiError> {
        let recognised = self.recognise(request, token);
        let caller = match &recognised {
            Ok(token) => Caller::User(token.identity.user_id),
            Err(_) => Caller::address(client_address(
                request.peer_addr(),
                request.headers(),
                &self.config.trusted_proxies,
            )),
        };
        match self.handshakes.take(caller, SystemClock.now()).retry_after {
            Some(retry_after) => Err(ApiError::RateLimited { retry_after }),
            None => recognised,
        }
    }

    /// A browser sends the origin of the page that opens a socket, without a preflight request: so pages that may not call the API
    /// are rejected here. Other clients send no origin.
    fn refuse_foreign_origin(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let allowed = &self.config.allowed_origins;
        if allowed.is_empty() || allowed.iter().any(|origin| origin == "*") {
            return Ok(());
        }
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_allowed = |origin: &str| {
            let is_own = || {
                origin
                    .split_once("://")
                    .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
            };
            allowed
                .iter()
                .any(|known| known.eq_ignore_ascii_case(origin))
                || is_own()
        };
        let mut origins = request.headers().get_all(header::ORIGIN);
        if origins.all(|origin| origin.to_str().is_ok_and(is_allowed)) {
            Ok(())
        } else {
            Err(ApiError::ForeignOrigin)
        }
    }
}

/// The token of a request; `None` if it has two different ones, because no rule says which of them counts.
pub(super) fn sole_token(tokens: impl IntoIterator<Item = String>) -> Option<String> {
    let mut tokens = tokens.into_iter().collect::<BTreeSet<_>>();
    match tokens.len() {
        1 => tokens.pop_first(),
        _ => None,
    }
}

/// Every parameter `token` of a query string.
pub(super) fn tokens_in(query: &str) -> impl Iterator<Item = String> {
    form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Option<&str>) {
        assert_eq!(sole_token(tokens_in(query)).as_deref(), expected, "{query}");
    }

    #[test]
    fn a_request_has_one_token_or_none() {
        check("", None);
        check("a=b&token=x", Some("x"));
        check("token=x&token=x", Some("x"));
        check("token=x&token=y", None);
    }
}
