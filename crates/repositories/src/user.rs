//! Users with their profiles, as one record. Deleting is soft: a user's jobs keep their author.

use domain::{NewUser, Timestamp, User, UserId, UserPatch};

use crate::{Database, ListQuery, Page, RepositoryError, TenantScope};

/// The users of tenants.
#[derive(Clone)]
pub struct Users {
    db: Database,
}

impl Users {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a new user with their profile. `profile_id` names the profile's row; `by` who made it.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when the name is taken in the installation.
    pub async fn insert(
        &self,
        _scope: TenantScope,
        _id: UserId,
        _profile_id: uuid::Uuid,
        _user: &NewUser,
        _by: &str,
        _now: Timestamp,
    ) -> Result<User, RepositoryError> {
        unimplemented!()
    }

    /// One user who is not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        _scope: TenantScope,
        _id: UserId,
    ) -> Result<Option<User>, RepositoryError> {
        unimplemented!()
    }

    /// A page of the users who are not deleted.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that users do not have.
    pub async fn list(
        &self,
        _scope: TenantScope,
        _query: &ListQuery,
    ) -> Result<Page<User>, RepositoryError> {
        unimplemented!()
    }

    /// Changes a user; a new role, a new password or disabling ends their sessions in the same transaction. `None`: no such
    /// user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update(
        &self,
        _scope: TenantScope,
        _id: UserId,
        _patch: &UserPatch,
        _by: &str,
        _now: Timestamp,
    ) -> Result<Option<User>, RepositoryError> {
        unimplemented!()
    }

    /// Deletes a user softly and ends their sessions; whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete(
        &self,
        _scope: TenantScope,
        _id: UserId,
        _by: &str,
        _now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
