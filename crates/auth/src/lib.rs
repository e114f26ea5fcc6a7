//! Passwords, tokens and permissions as pure computation.
//! Independent of database, HTTP and clock: the time and the source of randomness are arguments.
//!
//! - [`AccessTokens`] signs and checks the short-lived bearer tokens (JWT, HS256 and nothing else).
//! - [`RefreshToken`] is the opaque long-lived half of a session; databases keep only its [digest](RefreshTokenDigest).
//! - [`Passwords`] hashes and checks passwords with argon2id. It is slow on purpose: call it off the async threads.
//! - [`pseudonym()`] replaces a name that is counted but not stored.
//! - [`Identity::authorize`] turns a verified identity into an [`Actor`], the only proof of a permission. Use cases take
//!   `Actor<ManageImports>` and so cannot be called without one.

mod access_token;
mod api_key_token;
mod error;
mod hs256;
mod identity;
mod password;
mod permission;
mod pseudonym;
mod refresh_token;
mod scope;

pub use access_token::{AccessToken, AccessTokens, VerifiedToken};
pub use api_key_token::ApiKeyToken;
pub use error::{AuthError, Forbidden};
pub use identity::{Actor, Identity};
pub use password::{
    MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, NewPassword, Passwords, is_password_hash,
};
pub use permission::{
    Authenticated, DownloadTemplates, ManageImports, ManageResources, ManageTenant, ManageUsers,
    ManageWebhooks, OwnAccount, Permission, ViewImports, permissions_of,
};
pub use pseudonym::pseudonym;
pub use refresh_token::{RefreshToken, RefreshTokenDigest};
pub use scope::Scopes;
