//! Hashing and checking of passwords. It is pure computation; callers must run it outside the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};

use crate::AuthError;

/// NIST SP 800-63B section 5.1.1.2: at least eight characters, and no rules about which.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Long enough for any passphrase, and short enough that a client cannot make the server hash megabytes.
pub const MAX_PASSWORD_CHARS: usize = 128;

/// Bytes of salt, the recommendation of RFC 9106 section 3.1.
const SALT_BYTES: usize = 16;

/// A hash with the parameters of [`Passwords::new`] whose password is unknown, for users that do not exist.
const UNKNOWN_USER: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWtub3dzLWl0$kB1u0sXb0yqGm9fT3a0wq2bqkqC8mJtA3n9vQ1r5Zxk";

/// A chosen password of an allowed length.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Accepts a password of [`MIN_PASSWORD_CHARS`] to [`MAX_PASSWORD_CHARS`] characters, spaces included.
    ///
    /// # Errors
    /// [`AuthError::PasswordLength`] when it is shorter or longer.
    pub fn parse(raw: &str) -> Result<Self, AuthError> {
        let chars = raw.chars().count();
        if (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
            Ok(Self(raw.into()))
        } else {
            Err(AuthError::PasswordLength {
                chars,
                minimum: MIN_PASSWORD_CHARS,
                maximum: MAX_PASSWORD_CHARS,
            })
        }
    }
}

/// Whether this is a hash that [`Passwords::verify`] can check a password against: a PHC string of argon2 with salt and hash.
#[must_use]
pub fn is_password_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.algorithm.as_str().starts_with("argon2") && hash.salt.is_some() && hash.hash.is_some()
    })
}

/// argon2id with 19 MiB, two passes and one lane, the first choice of the OWASP password storage cheat sheet.
#[derive(Debug, Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// A hasher with the parameters above.
    #[must_use]
    pub fn new() -> Self {
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT),
        }
    }

    /// The PHC string to store. Takes tens of milliseconds and 19 MiB.
    ///
    /// # Errors
    /// [`AuthError::PasswordHash`] when the memory cannot be allocated.
    pub fn hash(
        &self,
        password: &NewPassword,
        rng: &mut impl CryptoRng,
    ) -> Result<String, AuthError> {
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        self.argon2
            .hash_password_with_salt(password.0.expose_secret().as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(AuthError::PasswordHash)
    }

    /// Whether the password belongs to the stored hash. Takes as long as [`hash`](Self::hash).
    ///
    /// `None` is a user who does not exist: the answer is `false` after the same work, so that the time reveals
    /// nothing. A password longer than [`MAX_PASSWORD_CHARS`] cannot have been set, and is also `false` after the same work.
    ///
    /// # Errors
    /// [`AuthError::PasswordHash`] when the stored hash is not a PHC string of argon2.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, AuthError> {
        let possible = password.chars().nth(MAX_PASSWORD_CHARS).is_none();
        let password = if possible { password } else { "" };
        match self
            .argon2
            .verify_password(password.as_bytes(), stored.unwrap_or(UNKNOWN_USER))
        {
            Ok(()) => Ok(possible && stored.is_some()),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(error) => Err(AuthError::PasswordHash(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(raw: &str) -> Result<String, AuthError> {
        Passwords::new().hash(&NewPassword::parse(raw)?, &mut rand::rng())
    }

    #[test]
    fn knows_a_hash_from_other_text() -> Result<(), AuthError> {
        assert!(is_password_hash(&hash_of("admin123")?));
        for other in [
            "",
            "admin123",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
        ] {
            assert!(!is_password_hash(other), "{other}");
        }
        Ok(())
    }

    #[test]
    fn a_password_fits_its_own_hash_and_no_other_does() -> Result<(), AuthError> {
        let stored = hash_of("admin123")?;
        let passwords = Passwords::new();
        assert!(passwords.verify("admin123", Some(&stored))?);
        for other in ["admin124", "", "ADMIN123", "admin123 "] {
            assert!(!passwords.verify(other, Some(&stored))?, "{other:?}");
        }
        Ok(())
    }

    #[test]
    fn the_same_password_never_has_the_same_hash() -> Result<(), AuthError> {
        assert_ne!(hash_of("admin123")?, hash_of("admin123")?);
        Ok(())
    }

    #[test]
    fn nobody_is_checked_with_the_work_of_somebody() -> Result<(), AuthError> {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(UNKNOWN_USER), parameters(&hash_of("admin123")?));
        assert!(!Passwords::new().verify("admin123", None)?);
        Ok(())
    }

    #[test]
    fn refuses_a_stored_hash_that_is_none() {
        assert!(matches!(
            Passwords::new().verify("admin123", Some("admin123")),
            Err(AuthError::PasswordHash(_))
        ));
    }

    #[test]
    fn a_new_password_has_8_to_128_characters() {
        for (raw, accepted) in [
            ("1234567", false),
            ("12345678", true),
            ("éééééééé", true),
            (&*"x".repeat(128), true),
            (&*"x".repeat(129), false),
        ] {
            assert_eq!(NewPassword::parse(raw).is_ok(), accepted, "{raw:?}");
        }
    }
}
