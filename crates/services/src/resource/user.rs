//! Accounts: like the other resources, but with passwords, a soft delete and sessions that end.

use std::sync::Arc;

use auth::{Actor, ManageUsers};
use domain::{Action, Change, NewUser, Role, User, UserId, UserPatch, UserProfile};
use repositories::ListQuery;
use secrecy::SecretString;

use super::{
    ListPage, check_page,
    user_check::{Check, USERNAME_FORM, is_username, text},
};
use crate::{Context, ServiceError, Sessions, activity};

/// What users call an account.
const LABEL: &str = "Pengguna";

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
    /// Whether the password has to be changed before anything else; not unless said otherwise.
    pub must_change_password: Change<bool>,
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

    /// A page of the accounts that are not deleted.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageUsers>,
        query: &ListQuery,
    ) -> Result<ListPage<User>, ServiceError> {
        check_page(query)?;
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
            .ok_or(ServiceError::NotFound(LABEL))
    }

    /// Creates an account in the caller's tenant.
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
            must_change_password: matches!(draft.must_change_password, Change::Set(true)),
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
        activity::note_account(&self.context, actor, Action::UserCreated, &user.username).await;
        Ok(user)
    }

    /// Changes the fields that the draft has. Another role, another password or disabling ends the user's sessions.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidFields`], [`ServiceError::OwnAccount`],
    /// [`ServiceError::LastAdministrator`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageUsers>,
        id: UserId,
        draft: UserDraft,
    ) -> Result<User, ServiceError> {
        let by = self.sessions.user_of(&actor.identity()).await?.username;
        let before = self.find(actor, id).await?;
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
            must_change_password: check.change(
                "must_change_password",
                draft.must_change_password,
                Ok,
            ),
        };
        if !check.is_fine() {
            return Err(check.into_error());
        }
        let changes_state = patch.role.is_some_and(|role| role != before.profile.role)
            || patch.is_active.is_some_and(|is| is != before.is_active);
        if id == actor.user_id() && changes_state {
            return Err(ServiceError::OwnAccount);
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
            .ok_or(ServiceError::NotFound(LABEL))?;
        tracing::info!(%id, user.id = %actor.user_id(), "changed an account");
        activity::note_account(&self.context, actor, Action::UserChanged, &user.username).await;
        Ok(user)
    }

    /// Deletes an account softly: its jobs keep their author, its sessions end.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::LastAdministrator`] or a failure.
    pub async fn delete(&self, actor: &Actor<ManageUsers>, id: UserId) -> Result<(), ServiceError> {
        let by = self.sessions.user_of(&actor.identity()).await?.username;
        let user = self.find(actor, id).await?;
        let now = self.context.clock.now();
        if !self
            .rows
            .delete(actor.tenant_id().into(), id, &by, now)
            .await?
        {
            return Err(ServiceError::NotFound(LABEL));
        }
        tracing::info!(%id, user.id = %actor.user_id(), "deleted an account");
        activity::note_account(&self.context, actor, Action::UserDeleted, &user.username).await;
        Ok(())
    }
}
