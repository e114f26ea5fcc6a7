//! `/api/v1/users`: the accounts of the tenant, for its admins. Passwords are accepted and never returned.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageUsers;
use domain::{Change, Role, Timestamp, User, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use services::{Services, UserDraft};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::query::Query;
use crate::resource::{DELETED, ListBody, ListParams, created, list_query};
use crate::session::{Message, message};
use crate::words;

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    id: Uuid,
    tenant_id: Uuid,
    #[schema(example = "siti")]
    username: String,
    #[schema(value_type = words::Role)]
    role: Role,
    #[schema(example = "Siti Aminah")]
    nama_lengkap: String,
    #[schema(example = "siti@agensi.co.id")]
    email: Option<String>,
    #[schema(example = "staff")]
    tipe_akun: String,
    is_active: bool,
    /// Whether the user has to change the password before anything else.
    must_change_password: bool,
    created_by: Option<String>,
    updated_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_date: Timestamp,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.as_uuid(),
            tenant_id: user.tenant_id.as_uuid(),
            username: user.username,
            role: user.profile.role,
            nama_lengkap: user.profile.nama_lengkap,
            email: user.profile.email,
            tipe_akun: user.profile.tipe_akun,
            is_active: user.is_active,
            must_change_password: user.must_change_password,
            created_by: user.created_by,
            updated_by: user.updated_by,
            created_date: user.created_date,
            updated_date: user.updated_date,
        }
    }
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    /// Unique in the installation; cannot be changed.
    #[schema(value_type = String, required, example = "siti", min_length = 3, max_length = 64)]
    #[serde(default)]
    username: Change<String>,
    #[schema(value_type = String, required, format = Password, min_length = 8, max_length = 128, example = "rahasia-sekali")]
    #[serde(default)]
    password: Change<SecretString>,
    #[schema(value_type = String, required, example = "Siti Aminah", min_length = 1, max_length = 255)]
    #[serde(default)]
    nama_lengkap: Change<String>,
    #[schema(value_type = Option<String>, example = "siti@agensi.co.id")]
    #[serde(default)]
    email: Change<String>,
    #[schema(value_type = Option<String>, example = "staff")]
    #[serde(default)]
    tipe_akun: Change<String>,
    #[schema(value_type = words::Role, required)]
    #[serde(default)]
    role: Change<Role>,
    /// True if not given.
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    is_active: Change<bool>,
    /// Whether the user has to change the password before anything else; false if not given.
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    must_change_password: Change<bool>,
}

/// Changes of an account: an absent field keeps its value, `null` clears it. Another role, another password or disabling ends the user's
/// sessions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChangesBody {
    #[schema(value_type = Option<String>, nullable = false, format = Password, min_length = 8, max_length = 128, example = "rahasia-sekali")]
    #[serde(default)]
    password: Change<SecretString>,
    #[schema(value_type = Option<String>, nullable = false, example = "Siti Aminah", min_length = 1, max_length = 255)]
    #[serde(default)]
    nama_lengkap: Change<String>,
    #[schema(value_type = Option<String>, example = "siti@agensi.co.id")]
    #[serde(default)]
    email: Change<String>,
    #[schema(value_type = Option<String>, nullable = false, example = "staff")]
    #[serde(default)]
    tipe_akun: Change<String>,
    #[schema(value_type = Option<words::Role>, nullable = false)]
    #[serde(default)]
    role: Change<Role>,
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    is_active: Change<bool>,
    /// Whether the user has to change the password before anything else; false if not given.
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    must_change_password: Change<bool>,
}

impl From<NewUserBody> for UserDraft {
    fn from(body: NewUserBody) -> Self {
        Self {
            username: body.username,
            password: body.password,
            nama_lengkap: body.nama_lengkap,
            email: body.email,
            tipe_akun: body.tipe_akun,
            role: body.role,
            is_active: body.is_active,
            must_change_password: body.must_change_password,
        }
    }
}

impl From<UserChangesBody> for UserDraft {
    fn from(body: UserChangesBody) -> Self {
        Self {
            username: Change::Keep,
            password: body.password,
            nama_lengkap: body.nama_lengkap,
            email: body.email,
            tipe_akun: body.tipe_akun,
            role: body.role,
            is_active: body.is_active,
            must_change_password: body.must_change_password,
        }
    }
}

/// The routes of the resource.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(change_user)
        .service(delete_user);
}

/// Lists accounts, a page at a time; deleted ones are left out.
#[utoipa::path(
    tag = "Users",
    params(
        ("filter" = Option<Vec<String>>, Query, description = "`field=value`, URL-encoded; repeatable, all must hold.", explode, example = json!(["role=agent"])),
        ListParams,
    ),
    responses((status = 200, description = "The page.", body = ListBody<UserBody>)),
)]
#[get("/api/v1/users")]
pub(crate) async fn list_users(
    caller: Caller<ManageUsers>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ListBody<UserBody>>, ApiError> {
    let page = services.users.list(&caller, &list_query(query)?).await?;
    Ok(web::Json(page.into()))
}

/// Creates an account.
#[utoipa::path(
    tag = "Users",
    request_body = NewUserBody,
    responses(
        (status = 201, description = "Created.", body = UserBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: the username is taken.", body = ErrorBody),
    ),
)]
#[post("/api/v1/users")]
pub(crate) async fn create_user(
    caller: Caller<ManageUsers>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let new: NewUserBody = body.read().await?;
    let user = services.users.create(&caller, new.into()).await?;
    let id = user.id.as_uuid();
    Ok(created("/api/v1/users", id, &UserBody::from(user)))
}

/// Returns an account.
#[utoipa::path(
    tag = "Users",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The account.", body = UserBody)),
)]
#[get("/api/v1/users/{id}")]
pub(crate) async fn get_user(
    caller: Caller<ManageUsers>,
    id: PathId<UserId>,
    services: web::Data<Services>,
) -> Result<web::Json<UserBody>, ApiError> {
    let user = services.users.find(&caller, id.get()).await?;
    Ok(web::Json(user.into()))
}

/// Changes the fields that the body has.
#[utoipa::path(
    tag = "Users",
    params(("id" = Uuid, Path)),
    request_body = UserChangesBody,
    responses(
        (status = 200, description = "The account as it is now.", body = UserBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`conflict`: the tenant would lose its last admin, or the caller's own role or `is_active` would change.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/users/{id}")]
pub(crate) async fn change_user(
    caller: Caller<ManageUsers>,
    id: PathId<UserId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<UserBody>, ApiError> {
    // Another tenant's account answers 404 to any body.
    services.users.find(&caller, id.get()).await?;
    let changes: UserChangesBody = body.read().await?;
    let user = services
        .users
        .change(&caller, id.get(), changes.into())
        .await?;
    Ok(web::Json(user.into()))
}

/// Deletes an account softly: its jobs keep their author, its sessions end.
#[utoipa::path(
    tag = "Users",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Deleted.", body = Message),
        (status = 409, description = "`conflict`: the tenant would lose its last admin.", body = ErrorBody),
    ),
)]
#[delete("/api/v1/users/{id}")]
pub(crate) async fn delete_user(
    caller: Caller<ManageUsers>,
    id: PathId<UserId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.users.delete(&caller, id.get()).await?;
    Ok(message(DELETED))
}
