//! The errors of this crate. They contain no token, password or key, because errors are logged.

/// An access token, password or secret was not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The signing secret has fewer bytes than HMAC-SHA-256 has output (RFC 7518 section 3.2).
    #[error("the signing secret has {bytes} bytes, at least {minimum} are needed")]
    SecretTooShort {
        /// Bytes given.
        bytes: usize,
        /// Bytes needed.
        minimum: usize,
    },
    /// The token is malformed, was signed with another secret, or is not meant for this service.
    #[error("invalid access token")]
    InvalidToken(#[source] jsonwebtoken::errors::Error),
    /// The token was valid until its `exp`.
    #[error("access token expired")]
    ExpiredToken,
    /// The token becomes valid at its `nbf`, which is further in the future than clocks may differ.
    #[error("access token not yet valid")]
    ImmatureToken,
    /// The token could not be signed.
    #[error("could not sign an access token")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// The password could not be hashed, or the stored hash is not one of ours.
    #[error("could not compute a password hash")]
    PasswordHash(#[source] argon2::password_hash::Error),
    /// A new password has fewer or more characters than allowed.
    #[error("a password has {minimum} to {maximum} characters, not {chars}")]
    PasswordLength {
        /// Characters given.
        chars: usize,
        /// Fewest characters allowed.
        minimum: usize,
        /// Most characters allowed.
        maximum: usize,
    },
}

/// The role does not carry the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the role lacks the permission {permission}")]
pub struct Forbidden {
    /// Name of the permission that was asked for.
    pub permission: &'static str,
}
