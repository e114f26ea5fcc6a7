//! Accounts: like the other resources, but with passwords, a soft delete and sessions that end.

use std::sync::Arc;

use auth::{Actor, ManageUsers};
use domain::{Change, Role, User, UserId};
use secrecy::SecretString;

use repositories::ListQuery;

use super::ListPage;
use crate::{Context, ServiceError, Sessions};

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
    /// Kind of account, free text.
    pub tipe_akun: Change<String>,
    /// Changing it ends the user's sessions.
    pub role: Change<Role>,
    /// Disabling ends the user's sessions.
    pub is_active: Change<bool>,
}

/// The use cases of accounts. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    context: Arc<Context>,
    sessions: Sessions,
}

impl Users {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
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
        unimplemented!()
    }

    /// One account.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn find(&self, actor: &Actor<ManageUsers>, id: UserId) -> Result<User, ServiceError> {
        unimplemented!()
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
        unimplemented!()
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
        unimplemented!()
    }

    /// Deletes an account softly: its jobs keep their author, its sessions end.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::LastAdministrator`] or a failure.
    pub async fn delete(&self, actor: &Actor<ManageUsers>, id: UserId) -> Result<(), ServiceError> {
        unimplemented!()
    }
}
