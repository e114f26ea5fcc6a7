//! Accounts: like the other resources, but with passwords, a soft delete and sessions that end.

use std::sync::Arc;

use auth::{Actor, ManageUsers};
use domain::{Change, EmailAddress, NewUser, Role, User, UserId, UserPatch, UserProfile};
use repositories::ListQuery;
use secrecy::SecretString;

use super::{ListPage, check_window};
use crate::{Context, FieldError, ResourceKind, ServiceError, Sessions, seed::parse_password};

/// What [`is_username`] takes, for people.
pub(crate) const USERNAME_FORM: &str =
    "3 sampai 64 karakter: huruf, angka, titik, garis bawah, tanda hubung, @";

/// Characters of a name or an account type.
const LONGEST_TEXT: usize = 255;

/// What a client sends of an account.
#[derive(Debug, Clone, Default)]
pub struct UserDraft {
    /// Name to log in with, unique in the installation; cannot be changed.
    pub username: Change<String>,
    /// 8 to 128 characters; never comes back.
    pub password: Change<SecretString>,
    /// Full name.
    pub nama_lengkap: Change<String>,
    /// E-mail address.
    pub email: Change<String>,
    /// Kind of account, free text; the role's word when a new account has none.
    pub tipe_akun: Change<String>,
    /// Changing it ends the user's sessions.
    pub role: Change<Role>,
    /// Disabling ends the user's sessions; a new account is active unless said otherwise.
    pub is_active: Change<bool>,
}

/// The use cases of accounts. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    context: Arc<Context>,
    sessions: Sessions,
    rows: repositories::Users,
}

impl Users {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            rows: repositories::Users::new(&context.database),
        }
    }

    /// A window of the listing, deleted accounts left out.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageUsers>,
        query: &ListQuery,
    ) -> Result<ListPage<User>, ServiceError> {
        check_window(query)?;
        let page = self.rows.list(actor.tenant_id().into(), query).await?;
        Ok(ListPage::of(page, query))
    }

    /// One account.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn find(&self, actor: &Actor<ManageUsers>, id: UserId) -> Result<User, ServiceError> {
        self.rows
            .find(actor.tenant_id().into(), id)
            .await?
            .ok_or(ServiceError::NotFound(ResourceKind::User))
    }

    /// A new account in the caller's tenant.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] or a failure.
    pub async fn create(
        &self,
        actor: &Actor<ManageUsers>,
        draft: UserDraft,
    ) -> Result<User, ServiceError> {
        let by = self.sessions.user_of(&actor.identity()).await?.username;
        let mut check = Check::default();
        let username = check.required("username", draft.username, |raw| {
            is_username(&raw).then_some(raw).ok_or(USERNAME_FORM)
        });
        let password = check.password(draft.password);
        let nama_lengkap = check.required("nama_lengkap", draft.nama_lengkap, |raw| text(&raw));
        let email = check.email(draft.email);
        let role = check.required("role", draft.role, Ok);
        let tipe_akun = match draft.tipe_akun {
            Change::Set(raw) => check.required("tipe_akun", Change::Set(raw), |raw| text(&raw)),
            Change::Keep | Change::Clear => role.map(|role: Role| role.to_string()),
        };
        let is_active = !matches!(draft.is_active, Change::Set(false));
        let (Some(username), Some(password), Some(nama_lengkap), Some(role), Some(tipe_akun), true) = (
            username,
            password,
            nama_lengkap,
            role,
            tipe_akun,
            check.is_fine(),
        ) else {
            return Err(check.into_error());
        };
        let mut profile_email = None;
        email.apply(&mut profile_email);
        let user = NewUser {
            username,
            password_hash: self.sessions.passwords().hash(password).await?,
            profile: UserProfile {
                nama_lengkap,
                email: profile_email,
                tipe_akun,
                role,
            },
            is_active,
        };
        let clock = &*self.context.clock;
        let id = UserId::mint(clock);
        let user = self
            .rows
            .insert(
                actor.tenant_id().into(),
                id,
                clock.mint_uuid(),
                &user,
                &by,
                clock.now(),
            )
            .await?;
        tracing::info!(%id, user.id = %actor.user_id(), "created an account");
        Ok(user)
    }

    /// Changes the fields that the draft has. Another role, another password or disabling ends the user's sessions.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidFields`], [`ServiceError::LastAdministrator`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageUsers>,
        id: UserId,
        draft: UserDraft,
    ) -> Result<User, ServiceError> {
        let by = self.sessions.user_of(&actor.identity()).await?.username;
        let present = self.find(actor, id).await?;
        let mut check = Check::default();
        if !draft.username.is_keep() {
            check.refuse("username", "tidak dapat diubah");
        }
        let password = match draft.password {
            Change::Keep => None,
            password => check.password(password),
        };
        let patch = UserPatch {
            password_hash: None,
            nama_lengkap: check.change("nama_lengkap", draft.nama_lengkap, |raw| text(&raw)),
            email: check.email(draft.email),
            tipe_akun: check.change("tipe_akun", draft.tipe_akun, |raw| text(&raw)),
            role: check.change("role", draft.role, Ok),
            is_active: check.change("is_active", draft.is_active, Ok),
        };
        if !check.is_fine() {
            return Err(check.into_error());
        }
        let stays_admin = patch.role.is_none_or(|role| role == Role::Admin)
            && patch.is_active.unwrap_or(present.is_active);
        if !stays_admin {
            self.ensure_other_admin(actor, &present).await?;
        }
        let password_hash = match password {
            Some(password) => Some(self.sessions.passwords().hash(password).await?),
            None => None,
        };
        let patch = UserPatch {
            password_hash,
            ..patch
        };
        let now = self.context.clock.now();
        let user = self
            .rows
            .update(actor.tenant_id().into(), id, &patch, &by, now)
            .await?
            .ok_or(ServiceError::NotFound(ResourceKind::User))?;
        tracing::info!(%id, user.id = %actor.user_id(), "changed an account");
        Ok(user)
    }

    /// Deletes an account softly: its jobs keep their author, its sessions end.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::LastAdministrator`] or a failure.
    pub async fn delete(&self, actor: &Actor<ManageUsers>, id: UserId) -> Result<(), ServiceError> {
        let by = self.sessions.user_of(&actor.identity()).await?.username;
        let present = self.find(actor, id).await?;
        self.ensure_other_admin(actor, &present).await?;
        let now = self.context.clock.now();
        if !self
            .rows
            .delete(actor.tenant_id().into(), id, &by, now)
            .await?
        {
            return Err(ServiceError::NotFound(ResourceKind::User));
        }
        tracing::info!(%id, user.id = %actor.user_id(), "deleted an account");
        Ok(())
    }

    /// Refuses what would leave the tenant without an admin who can log in.
    async fn ensure_other_admin(
        &self,
        actor: &Actor<ManageUsers>,
        user: &User,
    ) -> Result<(), ServiceError> {
        // The acting admin stays, so only their own account can be the last one.
        if user.id != actor.user_id() {
            return Ok(());
        }
        let query = ListQuery {
            filter: vec![
                repositories::Filter {
                    field: "role".to_owned(),
                    value: Role::Admin.to_string(),
                },
                repositories::Filter {
                    field: "is_active".to_owned(),
                    value: "true".to_owned(),
                },
            ],
            limit: 1,
            ..ListQuery::default()
        };
        let admins = self.rows.list(actor.tenant_id().into(), &query).await?;
        if admins.total > 1 {
            Ok(())
        } else {
            Err(ServiceError::LastAdministrator)
        }
    }
}

/// Whether it can name an account: nothing that looks like another one or breaks a log line.
pub(crate) fn is_username(raw: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    (3..=64).contains(&raw.len()) && raw.chars().all(is_allowed)
}

fn text(raw: &str) -> Result<String, &'static str> {
    let trimmed = raw.trim();
    if trimmed.is_empty() || trimmed.chars().count() > LONGEST_TEXT || trimmed.contains('\0') {
        return Err("1 sampai 255 karakter");
    }
    Ok(trimmed.to_owned())
}

/// Collects what is wrong with a draft.
#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn refuse(&mut self, field: &str, expected: &str) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            code: "invalid_format",
            message: format!("Field '{field}' tidak valid: {expected}"),
            expected: Some(expected.to_owned()),
        });
    }

    fn required<T, U>(
        &mut self,
        field: &str,
        change: Change<T>,
        parse: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Option<U> {
        let Change::Set(value) = change else {
            self.errors.push(FieldError::required(field));
            return None;
        };
        parse(value)
            .map_err(|expected| self.refuse(field, expected))
            .ok()
    }

    /// A field that cannot be cleared.
    fn change<T, U>(
        &mut self,
        field: &str,
        change: Change<T>,
        parse: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Option<U> {
        match change {
            Change::Keep => None,
            change => self.required(field, change, parse),
        }
    }

    fn password(&mut self, change: Change<SecretString>) -> Option<auth::NewPassword> {
        let Change::Set(password) = change else {
            self.errors.push(FieldError::required("password"));
            return None;
        };
        match parse_password(&password) {
            Ok(password) => Some(password),
            Err(ServiceError::InvalidFields(errors)) => {
                self.errors.extend(errors);
                None
            }
            Err(_) => None,
        }
    }

    fn email(&mut self, change: Change<String>) -> Change<String> {
        match change {
            Change::Set(raw) => match EmailAddress::parse(&raw) {
                Ok(email) => Change::Set(email.to_string()),
                Err(error) => {
                    self.errors.push(FieldError {
                        field: "email".to_owned(),
                        code: error.code(),
                        message: error.message("email", &raw),
                        expected: error.expected(),
                    });
                    Change::Keep
                }
            },
            change => change,
        }
    }

    fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }

    fn into_error(self) -> ServiceError {
        ServiceError::InvalidFields(self.errors)
    }
}
