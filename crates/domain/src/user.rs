//! People who log in: the account and its profile. The hash of the password never leaves this type by serde.

use std::fmt;

use crate::{Role, TenantId, Timestamp, UserId};

/// An account (table `user`).
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The name it logs in with, unique in the installation.
    pub username: String,
    /// The argon2id hash in PHC form.
    pub password_hash: String,
    /// Whether it may log in.
    pub is_active: bool,
    /// Whether an administrator set the password, which has to be changed before anything else is done.
    pub must_change_password: bool,
    /// Softly deleted: invisible, but its jobs keep their author.
    pub deleted: bool,
    /// Its profile.
    pub profile: UserProfile,
    /// Who created it: a username, or `system`.
    pub created_by: Option<String>,
    /// Who changed it last.
    pub updated_by: Option<String>,
    /// When it was created.
    pub created_date: Timestamp,
    /// When it was last changed.
    pub updated_date: Timestamp,
}

impl User {
    /// Whether the account may log in and act.
    #[must_use]
    pub const fn may_log_in(&self) -> bool {
        self.is_active && !self.deleted
    }
}

/// The hash stays out of logs.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("tenant_id", &self.tenant_id)
            .field("role", &self.profile.role)
            .field("is_active", &self.is_active)
            .field("deleted", &self.deleted)
            .finish_non_exhaustive()
    }
}

/// Who a user is (table `user_profile`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserProfile {
    /// Full name.
    pub nama_lengkap: String,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// Kind of account, free text as the agency uses it.
    pub tipe_akun: String,
    /// What the user may do.
    pub role: Role,
}

/// The fields of a new account.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name it logs in with.
    pub username: String,
    /// The argon2id hash in PHC form.
    pub password_hash: String,
    /// Its profile.
    pub profile: UserProfile,
    /// Whether it may log in at once.
    pub is_active: bool,
    /// Whether it has to change its password first.
    pub must_change_password: bool,
}

/// What may change in an account. `None` keeps.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new password's hash.
    pub password_hash: Option<String>,
    /// A new full name.
    pub nama_lengkap: Option<String>,
    /// A new e-mail address.
    pub email: crate::Change<String>,
    /// A new kind of account.
    pub tipe_akun: Option<String>,
    /// A new role; ends the user's sessions.
    pub role: Option<Role>,
    /// Enables or disables; disabling ends the user's sessions.
    pub is_active: Option<bool>,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: Option<bool>,
}
