//! `/api/v1/auth`: login, refresh, logout, me.

use actix_web::{HttpRequest, get, post, web};
use auth::Authenticated;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use services::{LoggedIn, Me, Services};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::client_address::client_address;
use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::error_body::ErrorBody;

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Name of the account.
    #[schema(example = "admin")]
    username: String,
    #[schema(value_type = String, format = Password, example = "admin123")]
    password: SecretString,
}

/// The long-lived half of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// As the last login or refresh answered it; good for one refresh.
    #[schema(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    refresh_token: SecretString,
}

/// A session's tokens and its user.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenPair {
    /// JWT for the `Authorization` header.
    access_token: String,
    /// Good for one refresh.
    refresh_token: String,
    /// Always `Bearer`.
    #[schema(value_type = String, example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: u64,
    user: UserSummary,
}

/// A user as they see themselves.
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

/// What was done, in words.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    #[schema(value_type = String, example = "Logout berhasil")]
    pub(crate) message: &'static str,
}

impl From<LoggedIn> for TokenPair {
    fn from(session: LoggedIn) -> Self {
        Self {
            access_token: session.access_token.expose_secret().to_owned(),
            refresh_token: session.refresh_token.expose_secret().to_owned(),
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

/// Opens a session.
#[utoipa::path(
    tag = "Authentication",
    request_body = Credentials,
    responses(
        (status = 200, description = "The session is open.", body = TokenPair),
        (status = 401, description = "Unknown user, wrong password, inactive or deleted: one answer.", body = ErrorBody),
    ),
    security(()),
)]
#[post("/api/v1/auth/login")]
pub(crate) async fn login(
    request: HttpRequest,
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
    Ok(web::Json(session.into()))
}

/// Spends a refresh token for a new pair.
#[utoipa::path(
    tag = "Authentication",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "A new pair; the old refresh token is spent.", body = TokenPair),
        (status = 401, description = "The token is unknown, spent or expired.", body = ErrorBody),
    ),
    security(()),
)]
#[post("/api/v1/auth/refresh")]
pub(crate) async fn refresh(
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<TokenPair>, ApiError> {
    let request: RefreshRequest = body.read().await?;
    let session = services
        .sessions
        .refresh(request.refresh_token.expose_secret())
        .await?;
    Ok(web::Json(session.into()))
}

/// Ends a session at once. The refresh token is the proof; an access token that has expired is no obstacle.
#[utoipa::path(
    tag = "Authentication",
    request_body = RefreshRequest,
    responses((status = 200, description = "The session is over.", body = Message)),
    security(()),
)]
#[post("/api/v1/auth/logout")]
pub(crate) async fn logout(
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    let request: RefreshRequest = body.read().await?;
    services
        .sessions
        .log_out(request.refresh_token.expose_secret())
        .await?;
    Ok(web::Json(Message {
        message: "Logout berhasil",
    }))
}

/// Who the caller is.
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
