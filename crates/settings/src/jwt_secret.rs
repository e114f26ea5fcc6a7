//! The secret that signs access tokens: which ones are too weak for production, and the one that is generated in development.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::reader::reveal;
use crate::{AppEnv, Reader};

/// The variable.
pub const JWT_SECRET: &str = "JWT_SECRET";

/// RFC 7518 section 3.2: a key for HMAC-SHA-256 is at least as long as the hash.
const LEAST_BYTES: usize = 32;
/// 32 random bytes have more different characters than this in any notation; a repeated word has fewer.
const LEAST_DIFFERENT: usize = 10;
/// What secrets in examples and tutorials look like.
const PLACEHOLDERS: [&str; 5] = ["change", "secret", "example", "password", "your"];

/// Where development keeps its secret between starts.
const KEPT_IN: &str = "data/jwt_secret";

/// Reads `JWT_SECRET`. It is refused when it is too short, and in production when it is missing or publicly known;
/// in development a random one is generated and kept in the data folder, so that sessions survive a restart.
pub fn jwt_secret(reader: &mut Reader, app_env: AppEnv) -> SecretString {
    let is_named = reader.is_set(JWT_SECRET);
    if let Some(secret) = reader.secret(JWT_SECRET) {
        let text = reveal(&secret);
        if text.len() < LEAST_BYTES {
            reader.refuse(JWT_SECRET, "has fewer than 32 bytes");
        } else if app_env.is_production() && is_guessable(text) {
            reader.refuse(
                JWT_SECRET,
                "looks like a placeholder, which production refuses; take random bytes",
            );
        }
        return secret;
    }
    if app_env.is_production() && !is_named {
        reader.refuse(
            JWT_SECRET,
            "is missing; production needs at least 32 random bytes",
        );
    } else if !is_named {
        let path = match reader.default_folder() {
            Some(folder) => folder.join(KEPT_IN),
            None => PathBuf::from(KEPT_IN),
        };
        match read_or_make(&path) {
            Ok(secret) => {
                reader.note(JWT_SECRET, format!("random, kept in {}", path.display()));
                return secret;
            }
            Err(error) => reader.refuse(
                JWT_SECRET,
                &format!("is missing, and {KEPT_IN} cannot be used: {}", error.kind()),
            ),
        }
    }
    SecretString::default()
}

fn is_guessable(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.chars().collect::<HashSet<_>>().len() < LEAST_DIFFERENT
        || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// The stored secret. Two processes that start at once get the same one, and one that is killed leaves either none or a complete
/// one, because the file is written under another name first.
fn read_or_make(path: &Path) -> io::Result<SecretString> {
    match fs::read_to_string(path) {
        Ok(kept) if kept.trim().len() >= LEAST_BYTES => return Ok(kept.trim().into()),
        // Left by an earlier version that was killed while it wrote; it has signed nothing.
        Ok(_) => fs::rename(write_aside(path)?, path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let aside = write_aside(path)?;
            // Unlike a rename, a link does not replace the file of a process that was faster.
            let linked = fs::hard_link(&aside, path);
            match linked.as_ref().map_err(io::Error::kind) {
                Ok(()) | Err(io::ErrorKind::AlreadyExists) => fs::remove_file(&aside)?,
                // A file system without links.
                Err(_) => fs::rename(&aside, path)?,
            }
        }
        Err(error) => return Err(error),
    }
    let kept = fs::read_to_string(path)?;
    if kept.trim().len() < LEAST_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(kept.trim().into())
}

/// Writes a new secret next to `path` and to the disk, and returns its path.
fn write_aside(path: &Path) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Two v4 ids hold 244 random bits.
    let fresh = format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    );
    let aside = path.with_extension(format!("{}.new", uuid::Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(fresh.as_bytes())?;
    file.sync_all()?;
    Ok(aside)
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
    fn keeps_the_made_secret_for_the_next_start_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/jwt_secret");
        let first = read_or_make(&path).unwrap();
        let second = read_or_make(&path).unwrap();
        assert_eq!(reveal(&first), reveal(&second));
        assert!(reveal(&first).len() >= LEAST_BYTES);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn processes_that_start_at_once_share_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/jwt_secret");
        let secrets: HashSet<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| reveal(&read_or_make(&path).unwrap()).to_owned()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(secrets.len(), 1);
    }

    #[test]
    fn a_file_that_a_killed_start_left_empty_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt_secret");
        fs::write(&path, "0123").unwrap();
        let secret = read_or_make(&path).unwrap();
        assert!(reveal(&secret).len() >= LEAST_BYTES);
    }
}
