//! Signs and checks the bearer tokens. Only the database knows whether their session is still open.

use std::fmt;

use domain::{Role, SessionId, TenantId, Timestamp, UserId};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AuthError, Identity, hs256};

/// RFC 7518 section 3.2: a key is at least as long as the hash.
const SECRET_BYTES: usize = 32;
const ISSUER: &str = "hijrah";
const AUDIENCE: &str = "hijrah-api";

/// Every claim is required.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    tid: TenantId,
    role: Role,
    sid: SessionId,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// A signed token, ready to be handed to its owner.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The compact JWT. Never log it.
    pub token: SecretString,
    /// The `exp` claim, in whole seconds.
    pub expires_at: Timestamp,
}

/// The content of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The caller.
    pub identity: Identity,
    /// The token's own id.
    pub jti: Uuid,
    /// The `exp` claim: connections have to be closed then.
    pub expires_at: Timestamp,
}

/// Issues and verifies access tokens with one secret and one algorithm, HS256.
///
/// ```
/// # use auth::{AccessTokens, Identity};
/// # use domain::{Role, SessionId, TenantId, Timestamp, UserId};
/// # use secrecy::ExposeSecret;
/// # use uuid::Uuid;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = AccessTokens::new(&"a secret of at least thirty-two bytes".into())?;
/// # let id = Uuid::from_u128(7);
/// let identity = Identity {
///     user_id: UserId::from_uuid(id),
///     tenant_id: TenantId::from_uuid(id),
///     role: Role::Admin,
///     session_id: SessionId::from_uuid(id),
///     scopes: None,
/// };
/// let now: Timestamp = "2025-01-15T10:30:00Z".parse()?;
/// let issued = tokens.issue(&identity, now, id)?;
/// let verified = tokens.verify(issued.token.expose_secret(), now)?;
/// assert_eq!(verified.identity, identity);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl AccessTokens {
    /// How long a token is valid, in seconds: 15 minutes.
    pub const TTL_SECONDS: i64 = 15 * 60;
    /// How far the clocks of two servers may differ, in seconds.
    pub const LEEWAY_SECONDS: i64 = 5;

    /// With the secret that signs.
    ///
    /// # Errors
    /// [`AuthError::SecretTooShort`] when it has fewer than 32 bytes.
    pub fn new(secret: &SecretString) -> Result<Self, AuthError> {
        let key = secret.expose_secret().as_bytes();
        if key.len() < SECRET_BYTES {
            return Err(AuthError::SecretTooShort {
                bytes: key.len(),
                minimum: SECRET_BYTES,
            });
        }
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library would read the system's clock; `verify` takes the time as an argument.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
        })
    }

    /// A token for the identity, valid from `now` for [`TTL_SECONDS`](Self::TTL_SECONDS).
    ///
    /// # Errors
    /// [`AuthError::Signing`] when the claims cannot be encoded.
    pub fn issue(
        &self,
        identity: &Identity,
        now: Timestamp,
        jti: Uuid,
    ) -> Result<AccessToken, AuthError> {
        let issued = now.unix_seconds();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: identity.user_id,
            tid: identity.tenant_id,
            role: identity.role,
            sid: identity.session_id,
            jti,
            iat: issued,
            nbf: issued,
            exp: issued + Self::TTL_SECONDS,
        };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(AuthError::Signing)?;
        Ok(AccessToken {
            token: token.into(),
            expires_at: instant(claims.exp)?,
        })
    }

    /// Checks signature, algorithm, issuer, audience and times.
    ///
    /// # Errors
    /// [`AuthError::ExpiredToken`] and [`AuthError::ImmatureToken`] for a genuine token at the wrong time,
    /// [`AuthError::InvalidToken`] for everything else.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, AuthError> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(AuthError::InvalidToken)?
            .claims;
        let now = now.unix_seconds();
        if now >= claims.exp.saturating_add(Self::LEEWAY_SECONDS) {
            return Err(AuthError::ExpiredToken);
        }
        if now < claims.nbf.saturating_sub(Self::LEEWAY_SECONDS) {
            return Err(AuthError::ImmatureToken);
        }
        Ok(VerifiedToken {
            identity: Identity {
                user_id: claims.sub,
                tenant_id: claims.tid,
                role: claims.role,
                session_id: claims.sid,
                scopes: None,
            },
            jti: claims.jti,
            expires_at: instant(claims.exp)?,
        })
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

/// A claim outside the range of dates makes the token invalid.
fn instant(seconds: i64) -> Result<Timestamp, AuthError> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map(Timestamp::new)
        .map_err(|_| AuthError::InvalidToken(ErrorKind::InvalidClaimFormat("exp".into()).into()))
}

#[cfg(test)]
#[path = "access_token_tests.rs"]
mod tests;
