//! Pseudonyms of names that are counted but not stored: their digest under the service's secret.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::AuthError;

/// The pseudonym of `parts` in a table of counters: HMAC-SHA-256 in hexadecimal. Equal parts have equal pseudonyms on every
/// process with the same secret; without the secret no guess of the parts can be checked.
///
/// # Errors
/// [`AuthError::SecretTooShort`] for an empty secret.
pub fn pseudonym(secret: &SecretString, parts: &[&str]) -> Result<String, AuthError> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|_| {
            AuthError::SecretTooShort {
                bytes: 0,
                minimum: 1,
            }
        })?;
    // The same secret signs access tokens; the prefix keeps the uses apart.
    mac.update(b"pseudonym\0");
    for part in parts {
        // The length keeps apart what the parts together do not: ("ab", "c") and ("a", "bc").
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Ok(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_by_part_and_by_secret_and_shows_neither() {
        let of = |secret: &str, parts: &[&str]| pseudonym(&secret.into(), parts).unwrap();
        let one = of("s", &["ab", "c"]);
        assert_eq!(one, of("s", &["ab", "c"]));
        assert_ne!(one, of("s", &["a", "bc"]));
        assert_ne!(one, of("t", &["ab", "c"]));
        assert_eq!(one.len(), 64);
    }
}
