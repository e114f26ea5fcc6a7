//! Passwords that are guessed first: which ones production refuses for accounts that a command creates, and which ones `validate`
//! tries.

use std::collections::HashSet;

use auth::Passwords;
use repositories::StoredPassword;
use secrecy::{ExposeSecret, SecretString};

use crate::{FieldError, ServiceError};

/// NIST SP 800-63B asks for 8 characters where the password is one of two factors, and for more where it is the only one; this is
/// for the accounts that own an installation.
pub const LEAST_CHARS_IN_PRODUCTION: usize = 12;
/// `aaaabbbbcccc` is long enough and still no secret.
const LEAST_DIFFERENT: usize = 5;

/// The most frequent leaked passwords, in Indonesia and worldwide, without appended digits.
const WORDS: &str = "abc admin administrator aksara allahuakbar asdfgh asdfghjkl bandung bismillah changeme \
    dragon hijrah iloveyou indonesia jakarta jamaah letmein login master monkey pass passw \
    password qwerty qwertyuiop rahasia root sayang secret subhanallah sunshine test travel \
    umrah umroh welcome";

/// The passwords that are tried against the hashes of active users. Each attempt takes tens of milliseconds by design.
const GUESSES: &str = "admin123 password 12345678 123456789 admin1234 admin12345 password123 password1 \
    qwerty123 rahasia123 bismillah umroh123 hijrah123 changeme";

/// Whether an attacker who tries the usual passwords would find this one.
fn is_guessable(password: &str, username: &str) -> bool {
    let plain = plain(password);
    let digits = password.chars().filter(char::is_ascii_digit).count();
    let different: HashSet<char> = password.to_lowercase().chars().collect();
    let is_word = |word: &str| !word.is_empty() && (plain == word || plain == word.repeat(2));
    different.len() < LEAST_DIFFERENT
        || digits == password.chars().count()
        || WORDS.split(' ').any(is_word)
        || is_word(&self::plain(username))
}

/// In lower case, without the characters put before and after a word, and with letters for the digits that replace them.
fn plain(text: &str) -> String {
    let text = text.to_lowercase();
    let text =
        text.trim_matches(|letter: char| !letter.is_alphabetic() && letter != '@' && letter != '$');
    text.chars()
        .map(|letter| match letter {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            letter => letter,
        })
        .filter(|letter| letter.is_alphabetic())
        .collect()
}

/// Refuses a password that an account that a command creates must not have in production.
///
/// # Errors
/// [`ServiceError::InvalidFields`].
pub fn check_for_production(password: &SecretString, username: &str) -> Result<(), ServiceError> {
    let text = password.expose_secret();
    let expected = if text.chars().count() < LEAST_CHARS_IN_PRODUCTION {
        format!("di production minimal {LEAST_CHARS_IN_PRODUCTION} karakter")
    } else if is_guessable(text, username) {
        "di production bukan kata sandi yang umum atau mudah ditebak".to_owned()
    } else {
        return Ok(());
    };
    Err(ServiceError::InvalidFields(vec![FieldError {
        field: "password".to_owned(),
        code: "invalid_format",
        message: format!("Password harus {expected}"),
        expected: Some(expected),
    }]))
}

/// What is wrong with stored passwords.
#[derive(Debug, Clone, Default)]
pub struct PasswordFlaws {
    /// Users whose stored hash is not a hash, so that they cannot log in.
    pub malformed: Vec<String>,
    /// Active users whose password is one of the first guesses.
    pub guessed: Vec<String>,
}

/// Looks at the hashes; with `guess`, tries the usual passwords against them. Computation: tens of milliseconds a guess.
#[must_use]
pub fn inspect_passwords(stored: &[StoredPassword], guess: bool) -> PasswordFlaws {
    let passwords = Passwords::new();
    let mut flaws = PasswordFlaws::default();
    for user in stored {
        if !auth::is_password_hash(&user.hash) {
            flaws.malformed.push(user.username.clone());
        } else if guess && user.is_active {
            let own = [user.username.clone(), format!("{}123", user.username)];
            let mut guesses = GUESSES.split(' ').chain(own.iter().map(String::as_str));
            if guesses.any(|guess| passwords.verify(guess, Some(&user.hash)).unwrap_or(false)) {
                flaws.guessed.push(user.username.clone());
            }
        }
    }
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_short_and_common_passwords_and_takes_others() {
        for refused in [
            "admin123",
            "password",
            "password1234",
            "P@ssw0rd123456",
            "123456789012",
            "aaaaaaaaaaaaaa",
            "Bismillah12345!",
            "adminadmin123",
            "qwertyuiop123",
            "pemilik20262026",
        ] {
            let checked = check_for_production(&refused.into(), "pemilik");
            assert!(checked.is_err(), "{refused}");
        }
        for taken in ["kuda-baterai-jepit", "bukan-yang-itu", "q8Zr0V5mJ2yKcT7w"] {
            let checked = check_for_production(&taken.into(), "pemilik");
            assert!(checked.is_ok(), "{taken}");
        }
    }
}
