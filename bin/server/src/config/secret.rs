//! Secrets: what is too weak for production, and the one that development makes for itself.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::AppEnv;
use super::reader::Reader;

/// RFC 7518 section 3.2: a key of HMAC-SHA-256 has at least the hash's size.
const LEAST_BYTES: usize = 32;
/// 32 random bytes in any notation have more different characters than this; a word repeated has fewer.
const LEAST_DIFFERENT: usize = 10;
/// What secrets in examples and tutorials look like.
const PLACEHOLDERS: [&str; 5] = ["change", "secret", "example", "password", "your"];

/// Where development keeps its secret between starts.
const KEPT_IN: &str = "data/jwt_secret";

/// Refuses a secret that is too short, and in production one that somebody else knows.
pub(super) fn check(
    reader: &mut Reader,
    name: &str,
    secret: SecretString,
    app_env: AppEnv,
) -> SecretString {
    let text = secret.expose_secret();
    if text.len() < LEAST_BYTES {
        reader.refuse(name, "has fewer than 32 bytes");
    } else if app_env == AppEnv::Production && is_guessable(text) {
        reader.refuse(
            name,
            "looks like a placeholder, which production refuses; take random bytes",
        );
    }
    secret
}

fn is_guessable(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.chars().collect::<HashSet<_>>().len() < LEAST_DIFFERENT
        || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Whether a password is the well-known one.
pub(super) fn is_default_password(password: &SecretString, default: &str) -> bool {
    password.expose_secret().eq_ignore_ascii_case(default)
}

/// A secret as plain text, for a field that wants one.
pub(super) fn reveal(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

/// The secret of development: random, made once, so that sessions survive a restart.
pub(super) fn kept_in_data_folder(reader: &mut Reader) -> SecretString {
    match read_or_make(Path::new(KEPT_IN)) {
        Ok(secret) => secret,
        Err(error) => {
            reader.refuse(
                "JWT_SECRET",
                &format!("is missing, and {KEPT_IN} cannot be used: {}", error.kind()),
            );
            SecretString::default()
        }
    }
}

fn read_or_make(path: &Path) -> std::io::Result<SecretString> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Two v4 ids hold 244 random bits.
    let fresh = format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    );
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            file.write_all(fresh.as_bytes())?;
            Ok(fresh.into())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let kept = fs::read_to_string(path)?;
            if kept.trim().len() < LEAST_BYTES {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            Ok(kept.trim().into())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_placeholder_from_random_bytes() {
        for guessable in [
            "change-me-change-me-change-me-change-me",
            "your-256-bit-key-goes-here-please-0123",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "my-super-SECRET-key-0123456789-abcdef",
        ] {
            assert!(is_guessable(guessable), "{guessable}");
        }
        assert!(!is_guessable("q8Zr0V5mJ2yKcT7wX1bN4hL9sD6fG3pA+/uE"));
    }

    #[test]
    fn keeps_the_made_secret_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/jwt_secret");
        let first = read_or_make(&path).unwrap();
        let second = read_or_make(&path).unwrap();
        assert_eq!(first.expose_secret(), second.expose_secret());
        assert!(first.expose_secret().len() >= LEAST_BYTES);
    }
}
