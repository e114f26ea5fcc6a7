//! `/api/v1/auth`: login, refresh, logout, me.

use actix_web::{HttpRequest, get, post, web};
use auth::Authenticated;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use services::{LoggedIn, Me, Services};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::client_address::client_address;
use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::session_cookie::Transport;
use crate::words;

/// The credentials of a login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Name of the account.
    #[schema(example = "admin")]
    username: String,
    #[schema(value_type = String, format = Password, example = "admin123")]
    password: SecretString,
}

/// The refresh token of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The token of the last login or refresh; valid for one refresh.
    #[schema(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub(crate) refresh_token: SecretString,
}

/// A session's tokens and its user.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenPair {
    /// JWT for the `Authorization` header.
    access_token: String,
    /// Valid for one refresh; `null` if it is in the cookie.
    refresh_token: Option<String>,
    /// Always `Bearer`.
    #[schema(value_type = String, example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: u64,
    user: UserSummary,
}

/// The logged-in user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserSummary {
    id: Uuid,
    tenant_id: Uuid,
    #[schema(example = "admin")]
    username: String,
    #[schema(value_type = crate::words::Role)]
    role: domain::Role,
    #[schema(example = "Administrator")]
    nama_lengkap: String,
    #[schema(example = "admin@aksara.ai")]
    email: Option<String>,
    #[schema(example = "admin")]
    tipe_akun: String,
    is_active: bool,
}

/// A message about what was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    #[schema(value_type = String, example = "Logout berhasil")]
    pub(crate) message: &'static str,
}

impl TokenPair {
    /// The answer for a session, with its refresh token or without.
    pub(crate) fn new(session: LoggedIn, has_refresh_token: bool) -> Self {
        Self {
            access_token: session.access_token.expose_secret().to_owned(),
            refresh_token: has_refresh_token
                .then(|| session.refresh_token.expose_secret().to_owned()),
            token_type: "Bearer",
            expires_in: session.expires_in,
            user: session.user.into(),
        }
    }
}

impl From<Me> for UserSummary {
    fn from(me: Me) -> Self {
        Self {
            id: me.id.as_uuid(),
            tenant_id: me.tenant_id.as_uuid(),
            username: me.username,
            role: me.role,
            nama_lengkap: me.nama_lengkap,
            email: me.email,
            tipe_akun: me.tipe_akun,
            is_active: me.is_active,
        }
    }
}

/// Where the refresh token travels: in the bodies, or in a cookie that no script can read.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a schema: `Transport` reads the header")]
pub(crate) struct TransportParams {
    /// `cookie`: the refresh token is in the cookie `hijrah_session` (`HttpOnly`, `SameSite=Strict`) until the browser is closed,
    /// `refresh_token` is `null`, and `refresh` and `logout` take no body. `cookie-remember`: the cookie is kept for a week.
    /// Without the header the token is in the bodies.
    #[param(rename = "X-Session", inline)]
    x_session: Option<words::SessionTransport>,
}

/// Opens a session.
#[utoipa::path(
    tag = "Authentication",
    params(TransportParams),
    request_body = Credentials,
    responses(
        (status = 200, description = "The session is open.", body = TokenPair, headers(("Set-Cookie" = Option<String>, description = "The refresh token, if `X-Session` asks for it."))),
        (status = 401, description = "Unknown user, wrong password, inactive or deleted: one answer.", body = ErrorBody),
        (status = 403, description = "`forbidden`: `X-Session` from a page of another origin.", body = ErrorBody),
    ),
    security(()),
)]
#[post("/api/v1/auth/login")]
pub(crate) async fn login(
    request: HttpRequest,
    transport: Transport,
    body: JsonBody,
    services: web::Data<Services>,
    config: web::Data<HttpConfig>,
) -> Result<web::Json<TokenPair>, ApiError> {
    let address = client_address(
        request.peer_addr(),
        request.headers(),
        &config.trusted_proxies,
    );
    let credentials: Credentials = body.read().await?;
    let session = services
        .sessions
        .log_in(
            &credentials.username,
            credentials.password.expose_secret(),
            address,
        )
        .await?;
    Ok(web::Json(transport.hand_over(session)))
}

/// Exchanges a refresh token for a new pair of tokens.
#[utoipa::path(
    tag = "Authentication",
    params(TransportParams),
    request_body(content = Option<RefreshRequest>, description = "Needed without `X-Session`."),
    responses(
        (status = 200, description = "A new pair; the old refresh token is spent.", body = TokenPair, headers(("Set-Cookie" = Option<String>, description = "The new refresh token, if `X-Session` asks for it."))),
        (status = 401, description = "The token is unknown, spent or expired; a cookie is deleted.", body = ErrorBody),
        (status = 403, description = "`forbidden`: `X-Session` from a page of another origin.", body = ErrorBody),
    ),
    security(()),
)]
#[post("/api/v1/auth/refresh")]
pub(crate) async fn refresh(
    transport: Transport,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<TokenPair>, ApiError> {
    let token = transport.presented(body).await?;
    let session = services
        .sessions
        .refresh(token.expose_secret())
        .await
        .inspect_err(|error| transport.forget_ended(error))?;
    Ok(web::Json(transport.hand_over(session)))
}

/// Ends a session at once. Only the refresh token is needed; the access token may have expired.
#[utoipa::path(
    tag = "Authentication",
    params(TransportParams),
    request_body(content = Option<RefreshRequest>, description = "Needed without `X-Session`."),
    responses(
        (status = 200, description = "The session is over; a cookie is deleted.", body = Message),
        (status = 403, description = "`forbidden`: `X-Session` from a page of another origin.", body = ErrorBody),
    ),
    security(()),
)]
#[post("/api/v1/auth/logout")]
pub(crate) async fn logout(
    transport: Transport,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    let token = transport.presented(body).await?;
    services.sessions.log_out(token.expose_secret()).await?;
    transport.forget();
    Ok(web::Json(Message {
        message: "Logout berhasil",
    }))
}

/// Returns the logged-in user.
#[utoipa::path(
    tag = "Authentication",
    responses((status = 200, description = "The caller's account.", body = UserSummary)),
)]
#[get("/api/v1/auth/me")]
pub(crate) async fn get_me(
    caller: Caller<Authenticated>,
    services: web::Data<Services>,
) -> Result<web::Json<UserSummary>, ApiError> {
    Ok(web::Json(services.sessions.me(&caller).await?.into()))
}
