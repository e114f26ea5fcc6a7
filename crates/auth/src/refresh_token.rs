//! The opaque token that renews a session. Families, rotation and expiry are kept in the database.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::AuthError;

/// 256 bit: guessing is hopeless, so an unsalted fast digest is enough to store.
const BYTES: usize = 32;

/// A refresh token as the client holds it: 64 lower-case hexadecimal digits.
#[derive(Debug, Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Generates a new token.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; BYTES];
        rng.fill_bytes(&mut bytes);
        Self(hex::encode(bytes).into())
    }

    /// Accepts anything that a client sent: only the [digest](Self::digest) decides whether it is known.
    #[must_use]
    pub fn received(raw: &str) -> Self {
        Self(raw.into())
    }

    /// The token that follows this one in its session: HMAC-SHA-256 under the service's secret.
    ///
    /// It is computed and not random: if an answer was lost, the same successor can be returned again although a database stores only
    /// digests. Without the secret it cannot be computed.
    ///
    /// # Errors
    /// [`AuthError::SecretTooShort`] for an empty secret.
    pub fn successor(&self, secret: &SecretString) -> Result<Self, AuthError> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|_| {
                AuthError::SecretTooShort {
                    bytes: 0,
                    minimum: 1,
                }
            })?;
        // The same secret signs access tokens; the prefix keeps the two uses apart.
        mac.update(b"refresh token successor\0");
        mac.update(self.expose().as_bytes());
        Ok(Self(hex::encode(mac.finalize().into_bytes()).into()))
    }

    /// The text, to be returned to the client. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What a database stores of the token.
    #[must_use]
    pub fn digest(&self) -> RefreshTokenDigest {
        RefreshTokenDigest(hex::encode(Sha256::digest(self.expose())))
    }
}

/// SHA-256 of a refresh token in lower-case hexadecimal, 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefreshTokenDigest(String);

impl RefreshTokenDigest {
    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefreshTokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_differ_and_have_256_bits() {
        let mut rng = rand::rng();
        let (one, two) = (
            RefreshToken::generate(&mut rng),
            RefreshToken::generate(&mut rng),
        );
        assert_eq!(one.expose().len(), 2 * BYTES);
        assert_ne!(one.expose(), two.expose());
        assert_ne!(one.digest(), two.digest());
    }

    #[test]
    fn the_digest_is_sha_256_of_the_text() {
        // echo -n abc | sha256sum
        assert_eq!(
            RefreshToken::received("abc").digest().as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_successor_depends_on_token_and_secret_alone() -> Result<(), AuthError> {
        let token = RefreshToken::received("abc");
        let secret: SecretString = "one secret".into();
        let successor = token.successor(&secret)?;
        assert_eq!(successor.expose(), token.successor(&secret)?.expose());
        assert_eq!(successor.expose().len(), 2 * BYTES);
        assert_ne!(
            successor.expose(),
            token.successor(&"another".into())?.expose()
        );
        assert_ne!(successor.expose(), successor.successor(&secret)?.expose());
        Ok(())
    }

    #[test]
    fn debug_output_hides_the_token() {
        let token = RefreshToken::received("very-secret");
        assert!(!format!("{token:?}").contains("very-secret"));
    }
}
