//! `/api/v1/auth`: login, refresh, logout, me, the own password and the own sessions.

use std::net::IpAddr;

use actix_web::http::header;
use actix_web::{HttpRequest, delete, get, post, web};
use auth::{Authenticated, OwnAccount};
use domain::{SessionId, Tenant, TimeZone, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use services::{Device, LoggedIn, Me, Services};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::client_address::client_address;
use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::session_cookie::{RefreshRequest, Transport};
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
    tenant: OwnTenantBody,
    /// What the role may do: clients show and hide by these, never by the role.
    #[schema(value_type = Vec<String>, example = json!(["manage_imports", "view_imports", "download_templates", "manage_resources", "manage_users", "manage_tenant", "manage_webhooks"]))]
    permissions: Vec<&'static str>,
    /// Whether everything but `/api/v1/auth` is refused until the password was changed.
    must_change_password: bool,
}

/// The agency of the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnTenantBody {
    id: Uuid,
    #[schema(example = "Amanah Travel")]
    name: String,
    #[schema(example = "amanah-travel")]
    slug: String,
    #[schema(value_type = words::TimeZone)]
    time_zone: TimeZone,
}

impl From<Tenant> for OwnTenantBody {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.as_uuid(),
            name: tenant.name,
            slug: tenant.slug,
            time_zone: tenant.time_zone,
        }
    }
}

/// The password that is, and the one that shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(value_type = String, format = Password, example = "admin123")]
    current_password: SecretString,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128, example = "rahasia-sekali")]
    new_password: SecretString,
}

/// A session of the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The last refresh.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// The program from which it was opened, as it called itself.
    #[schema(example = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0")]
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// A message about what was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    #[schema(value_type = String, example = "Logout berhasil")]
    pub(crate) message: &'static str,
}

/// The answer that says this.
pub(crate) const fn message(message: &'static str) -> web::Json<Message> {
    web::Json(Message { message })
}

impl TokenPair {
    /// The answer for a session, whose refresh token is in it or in the cookie.
    fn new(session: LoggedIn, transport: &Transport) -> Self {
        Self {
            access_token: session.access_token.expose_secret().to_owned(),
            refresh_token: transport.hand_over(&session.refresh_token),
            token_type: "Bearer",
            expires_in: session.expires_in,
            user: session.user.into(),
        }
    }
}

impl From<Me> for UserSummary {
    fn from(me: Me) -> Self {
        let Me {
            user,
            tenant,
            permissions,
        } = me;
        Self {
            id: user.id.as_uuid(),
            tenant_id: user.tenant_id.as_uuid(),
            username: user.username,
            role: user.profile.role,
            nama_lengkap: user.profile.nama_lengkap,
            email: user.profile.email,
            tipe_akun: user.profile.tipe_akun,
            is_active: user.is_active,
            tenant: tenant.into(),
            permissions,
            must_change_password: user.must_change_password,
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
    let device = Device {
        address: address(&request, &config),
        user_agent: request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    };
    let credentials: Credentials = body.read().await?;
    let session = services
        .sessions
        .log_in(
            &credentials.username,
            credentials.password.expose_secret(),
            &device,
        )
        .await?;
    Ok(web::Json(TokenPair::new(session, &transport)))
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
    Ok(web::Json(TokenPair::new(session, &transport)))
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
    Ok(message("Logout berhasil"))
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

/// Changes the caller's own password. All other sessions end, this one stays.
#[utoipa::path(
    tag = "Authentication",
    request_body = PasswordChange,
    responses(
        (status = 200, description = "Changed.", body = Message, example = json!({"message": "Kata sandi berhasil diubah"})),
        (status = 400, description = "`wrong_password`: the current one is another. `validation_failed`: the new one has fewer than 8 or more than 128 characters, or is the old one.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts`: wrong ones count as failed logins.", body = ErrorBody),
    ),
)]
#[post("/api/v1/auth/password")]
pub(crate) async fn change_own_password(
    caller: Caller<OwnAccount>,
    request: HttpRequest,
    body: JsonBody,
    services: web::Data<Services>,
    config: web::Data<HttpConfig>,
) -> Result<web::Json<Message>, ApiError> {
    let change: PasswordChange = body.read().await?;
    let sessions = &services.sessions;
    sessions
        .change_password(
            &caller,
            &change.current_password,
            &change.new_password,
            address(&request, &config),
        )
        .await?;
    Ok(message("Kata sandi berhasil diubah"))
}

/// Lists the caller's sessions, the one used last first.
#[utoipa::path(
    tag = "Authentication",
    responses((status = 200, description = "The sessions that can still be refreshed.", body = Vec<SessionBody>)),
)]
#[get("/api/v1/auth/sessions")]
pub(crate) async fn list_own_sessions(
    caller: Caller<OwnAccount>,
    services: web::Data<Services>,
) -> Result<web::Json<Vec<SessionBody>>, ApiError> {
    let sessions = services.sessions.list(&caller).await?.into_iter();
    let current = caller.session_id();
    let body = sessions.map(|session| SessionBody {
        id: session.id.as_uuid(),
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        user_agent: session.user_agent,
        current: session.id == current,
    });
    Ok(web::Json(body.collect()))
}

/// Ends one of the caller's sessions at once.
#[utoipa::path(
    tag = "Authentication",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Over.", body = Message, example = json!({"message": "Sesi diakhiri"}))),
)]
#[delete("/api/v1/auth/sessions/{id}")]
pub(crate) async fn end_own_session(
    caller: Caller<OwnAccount>,
    id: PathId<SessionId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.sessions.end(&caller, id.get()).await?;
    Ok(message("Sesi diakhiri"))
}

/// Ends all of the caller's sessions but this one.
#[utoipa::path(
    tag = "Authentication",
    responses((status = 200, description = "Over.", body = Message, example = json!({"message": "Semua sesi lain diakhiri"}))),
)]
#[delete("/api/v1/auth/sessions")]
pub(crate) async fn end_other_sessions(
    caller: Caller<OwnAccount>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.sessions.end_others(&caller).await?;
    Ok(message("Semua sesi lain diakhiri"))
}

fn address(request: &HttpRequest, config: &HttpConfig) -> IpAddr {
    client_address(
        request.peer_addr(),
        request.headers(),
        &config.trusted_proxies,
    )
}
