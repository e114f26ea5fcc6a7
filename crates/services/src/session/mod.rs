//! Login, refresh, logout, me. One code path for users that exist and users that do not.

mod throttle;

use std::{net::IpAddr, sync::Arc, time::Duration};

use auth::{Actor, Authenticated, VerifiedToken};
use domain::{Role, TenantId, UserId};
use secrecy::SecretString;

use crate::{Context, ServiceError};

/// A session's tokens, fresh.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// JWT for the `Authorization` header.
    pub access_token: SecretString,
    /// Opaque; good for one refresh.
    pub refresh_token: SecretString,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// Who has logged in.
    pub user: Me,
}

/// A user as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account.
    pub id: UserId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The name it logs in with.
    pub username: String,
    /// What it may do.
    pub role: Role,
    /// Full name.
    pub nama_lengkap: String,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// Kind of account.
    pub tipe_akun: String,
    /// Whether it may log in.
    pub is_active: bool,
}

/// The use cases of sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    inner: Arc<Inner>,
}

struct Inner {
    context: Arc<Context>,
}

impl Sessions {
    pub(crate) fn new(context: &Arc<Context>) -> Result<Self, ServiceError> {
        unimplemented!()
    }

    /// Opens a session.
    ///
    /// `address` is the client's, behind trusted proxies already resolved.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`], [`ServiceError::TooManyAttempts`] or a failure.
    pub async fn log_in(
        &self,
        username: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<LoggedIn, ServiceError> {
        unimplemented!()
    }

    /// Spends a refresh token for a new pair.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] or a failure.
    pub async fn refresh(&self, refresh_token: &str) -> Result<LoggedIn, ServiceError> {
        unimplemented!()
    }

    /// Ends the session of a refresh token. An unknown token is a success: it opens nothing.
    ///
    /// # Errors
    /// Only failures.
    pub async fn log_out(&self, refresh_token: &str) -> Result<(), ServiceError> {
        unimplemented!()
    }

    /// Who the caller is, as the database has it now.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when the account is gone or disabled, or a failure.
    pub async fn me(&self, actor: &Actor<Authenticated>) -> Result<Me, ServiceError> {
        unimplemented!()
    }

    /// Checks an access token by computation alone: state-changing use cases ask the database themselves.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] for every token that is not good.
    pub fn authenticate(&self, access_token: &str) -> Result<VerifiedToken, ServiceError> {
        unimplemented!()
    }

    /// Whether the session behind a token still lives: not logged out, the user enabled and in the same role.
    /// Every use case that changes something asks this first.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when it does not.
    pub async fn ensure_alive(&self, identity: &auth::Identity) -> Result<(), ServiceError> {
        unimplemented!()
    }
}
