//! The secret of an API key: the form that a client sends, and the digest that a database stores.

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Distinguishes keys from access tokens, for programs and for scanners that look for leaked secrets.
const PREFIX: &str = "hjr_";
/// 256 bit: guessing is hopeless, so an unsalted fast digest is enough to store.
const BYTES: usize = 32;
/// Digits of the key that people may see: enough to distinguish keys.
const SHOWN: usize = 6;

/// A key as the machine holds it: `hjr_` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone)]
pub struct ApiKeyToken(SecretString);

impl ApiKeyToken {
    /// Generates a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; BYTES];
        rng.fill_bytes(&mut bytes);
        Self(format!("{PREFIX}{}", hex::encode(bytes)).into())
    }

    /// Reads what a client sent; `None` if it does not have the form of a key.
    #[must_use]
    pub fn received(raw: &str) -> Option<Self> {
        let digits = raw.strip_prefix(PREFIX)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 2 * BYTES && digits.bytes().all(is_hex)).then(|| Self(raw.into()))
    }

    /// The text, to be returned to its creator once. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its beginning, by which people distinguish keys.
    #[must_use]
    pub fn hint(&self) -> String {
        self.expose().chars().take(PREFIX.len() + SHOWN).collect()
    }

    /// What a database stores of it: SHA-256 in lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_drawn_and_hides_in_logs() {
        let key = ApiKeyToken::generate(&mut rand::rng());
        let again = ApiKeyToken::received(key.expose()).unwrap();
        assert_eq!(key.digest(), again.digest());
        assert_eq!(key.expose().len(), PREFIX.len() + 2 * BYTES);
        assert!(!format!("{key:?}").contains(&key.expose()[PREFIX.len() + SHOWN..]));
        let upper = key.expose().to_uppercase();
        for wrong in ["", "hjr_", &key.expose()[1..], &upper, &key.expose()[..67]] {
            assert!(ApiKeyToken::received(wrong).is_none(), "{wrong}");
        }
    }
}
