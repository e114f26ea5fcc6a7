//! How the refresh token of a session travels: in the bodies, as published, or in a cookie that no script can read, if the header
//! `X-Session` asks for it.
//!
//! A foreign page cannot use the cookie: it is read only together with the header, which a page of another origin may not send,
//! since CORS neither lists it nor allows credentials, and only when the browser does not say that another site asks.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::{REFRESH_TTL, ServiceError};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::config::HttpConfig;
use crate::edge::AnswerHeaders;
use crate::error::ApiError;

const X_SESSION: HeaderName = HeaderName::from_static("x-session");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const COOKIE: &str = "hijrah_session";

/// The cookie goes to the routes of the session and to no other.
const PATH: &str = "/api/v1/auth";

/// The refresh token of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The token of the last login or refresh; valid for one refresh.
    #[schema(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    refresh_token: SecretString,
}

/// Where the refresh token is, for the routes that give or take one.
pub(crate) enum Transport {
    /// In the bodies.
    Body,
    /// In the cookie.
    Cookie(SessionCookie),
}

/// The cookie of one request and of its answer.
pub(crate) struct SessionCookie {
    presented: Option<SecretString>,
    /// Whether it outlives the browser's session.
    is_lasting: bool,
    is_secure: bool,
    answer: AnswerHeaders,
}

impl FromRequest for Transport {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Transport {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let headers = request.headers();
        let is_lasting = match one(headers, &X_SESSION) {
            Ok(None) => return Ok(Self::Body),
            Ok(Some("cookie")) => false,
            Ok(Some("cookie-remember")) => true,
            Ok(Some(_)) | Err(Repeated) => {
                return Err(ApiError::InvalidHeader {
                    name: "X-Session",
                    reason: "harus cookie atau cookie-remember",
                });
            }
        };
        if !matches!(
            one(headers, &SEC_FETCH_SITE),
            Ok(None | Some("same-origin"))
        ) {
            return Err(ApiError::CrossSite);
        }
        let missing = || ApiError::Internal("the application lacks its state".into());
        let config = request
            .app_data::<web::Data<HttpConfig>>()
            .ok_or_else(missing)?;
        let answer = request.extensions().get::<AnswerHeaders>().cloned();
        Ok(Self::Cookie(SessionCookie {
            presented: cookie(headers).map(SecretString::from),
            is_lasting,
            is_secure: config.secure_cookies,
            answer: answer.ok_or_else(missing)?,
        }))
    }

    /// The refresh token that the request presents. Where it is in the cookie, the body is empty or an empty object; without a
    /// cookie it is a token that no session has.
    pub(crate) async fn presented(&self, body: JsonBody) -> Result<SecretString, ApiError> {
        match self {
            Self::Body => {
                let request: RefreshRequest = body.read().await?;
                Ok(request.refresh_token)
            }
            Self::Cookie(cookie) => {
                body.read_optional::<Nothing>().await?;
                Ok(cookie.presented.clone().unwrap_or_default())
            }
        }
    }

    /// Hands over the refresh token of a session: in the cookie of the answer, or as what is returned here, for its body.
    pub(crate) fn hand_over(&self, token: &SecretString) -> Option<String> {
        match self {
            Self::Body => Some(token.expose_secret().to_owned()),
            Self::Cookie(cookie) => {
                let lasting = cookie.is_lasting.then(|| REFRESH_TTL.whole_seconds());
                cookie.answer(token.expose_secret(), lasting);
                None
            }
        }
    }

    /// Lets the browser forget the cookie, if there is one.
    pub(crate) fn forget(&self) {
        if let Self::Cookie(cookie) = self {
            cookie.answer("", Some(0));
        }
    }

    /// The same when the session is over: the browser need not ask with this cookie again.
    pub(crate) fn forget_ended(&self, error: &ServiceError) {
        if matches!(error, ServiceError::SessionEnded) {
            self.forget();
        }
    }
}

impl SessionCookie {
    /// Sets the cookie with a maximum age in seconds, or until the browser closes. The value is hexadecimal: nothing in it needs
    /// quotes.
    fn answer(&self, value: &str, seconds: Option<i64>) {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let cookie =
            format!("{COOKIE}={value}; HttpOnly; SameSite=Strict; Path={PATH}{secure}{age}");
        if let Ok(value) = HeaderValue::try_from(cookie) {
            self.answer.insert(header::SET_COOKIE, value);
        }
    }
}

/// The body of a request whose parameters are all in its headers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A header that is repeated, or is not text.
struct Repeated;

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Repeated> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Repeated),
        (Some(_), Some(_)) => Err(Repeated),
    }
}

/// The value of the session's cookie. Two count as none, as two tokens in the head do: a sibling site may have set the other.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}
