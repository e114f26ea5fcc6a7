//! Refresh tokens as rows: what is known of a token without knowing the token itself.

use crate::{RefreshTokenId, SessionId, Timestamp, UserId};

/// One refresh token of a session (table `refresh_tokens`); the session is the family that rotation builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshTokenRecord {
    /// Its id.
    pub id: RefreshTokenId,
    /// The session it belongs to (column `family_id`).
    pub session_id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// The token that was spent for this one.
    pub parent_id: Option<RefreshTokenId>,
    /// SHA-256 of the token in hexadecimal (column `token`).
    pub token_hash: String,
    /// When it was spent.
    pub used_at: Option<Timestamp>,
    /// When it ends if it is not spent.
    pub expires_at: Timestamp,
    /// When the session ends whatever happens.
    pub absolute_expires_at: Timestamp,
    /// Revoked by logout, by reuse of a spent token, or by an administrator.
    pub is_revoked: bool,
    /// When it was issued.
    pub created_date: Timestamp,
    /// The program from which the session was opened, as it called itself.
    pub user_agent: Option<String>,
}

/// A session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Its id.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// The program from which it was opened, as it called itself.
    pub user_agent: Option<String>,
}
