//! Login sessions: families of refresh tokens that rotate. Which user logs in is not known before, so these run as the owner.

use domain::{RefreshTokenRecord, SessionId, Timestamp, User, UserId};

use crate::{Database, RepositoryError};

/// Refresh tokens and the users behind them.
#[derive(Clone)]
pub struct Sessions {
    db: Database,
}

/// What presenting a refresh token did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The token was good: it is spent now, and the successor is stored as this record (its session is the spent token's).
    Rotated(Box<User>, RefreshTokenRecord),
    /// It was spent within the grace, and its successor is unused: that successor's place is the answer.
    Repeated(Box<User>, RefreshTokenRecord),
    /// It was spent before: someone replays it. The whole session is revoked now.
    Reused(SessionId),
    /// Unknown, expired or revoked, or its user may not log in.
    Refused,
}

impl Sessions {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// The user of this name in any tenant, without regard to case; also inactive and deleted ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_name(&self, _username: &str) -> Result<Option<User>, RepositoryError> {
        unimplemented!()
    }

    /// Opens a session by its first token.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn open(&self, _token: &RefreshTokenRecord) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// Spends the token with hash `presented` for `successor`, atomically. Of `successor`, session, user, parent and absolute
    /// end are taken over from the spent token. A token that was spent at most `grace` ago is answered with its unused
    /// successor.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate(
        &self,
        _presented: &str,
        _successor: &RefreshTokenRecord,
        _now: Timestamp,
        _grace: time::Duration,
    ) -> Result<Rotation, RepositoryError> {
        unimplemented!()
    }

    /// Ends the session of the token with this hash; whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(&self, _presented: &str, _now: Timestamp) -> Result<bool, RepositoryError> {
        unimplemented!()
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_all(&self, _user: UserId, _now: Timestamp) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// The user of a session that is not over: neither revoked nor past its end, the user active and not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_of(
        &self,
        _session: SessionId,
        _now: Timestamp,
    ) -> Result<Option<User>, RepositoryError> {
        unimplemented!()
    }

    /// Deletes what is past its absolute end; how many tokens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, _now: Timestamp) -> Result<u64, RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
