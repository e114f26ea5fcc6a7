//! The rules of an account's fields. Collects everything that is wrong with a draft.

use auth::NewPassword;
use domain::{Change, EmailAddress};
use secrecy::SecretString;

use crate::{FieldError, ServiceError, seed::parse_password};

/// What [`is_username`] accepts, in words for users.
pub(crate) const USERNAME_FORM: &str =
    "3 sampai 64 karakter: huruf, angka, titik, garis bawah, tanda hubung, @";

/// Characters of a name or an account type.
const LONGEST_TEXT: usize = 255;

/// Whether it can be the name of an account: it must not look like another name or break a log line.
pub(crate) fn is_username(raw: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    (3..=64).contains(&raw.len()) && raw.chars().all(is_allowed)
}

pub(crate) fn text(raw: &str) -> Result<String, &'static str> {
    let trimmed = raw.trim();
    if trimmed.is_empty() || trimmed.chars().count() > LONGEST_TEXT || trimmed.contains('\0') {
        return Err("1 sampai 255 karakter");
    }
    Ok(trimmed.to_owned())
}

/// Collects what is wrong with a draft.
#[derive(Default)]
pub(crate) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub(crate) fn refuse(&mut self, field: &str, expected: &str) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            code: "invalid_format",
            message: format!("Field '{field}' tidak valid: {expected}"),
            expected: Some(expected.to_owned()),
        });
    }

    pub(crate) fn required<T, U>(
        &mut self,
        field: &str,
        change: Change<T>,
        parse: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Option<U> {
        let Change::Set(value) = change else {
            self.errors.push(FieldError::required(field));
            return None;
        };
        parse(value)
            .map_err(|expected| self.refuse(field, expected))
            .ok()
    }

    /// A field that cannot be cleared.
    pub(crate) fn change<T, U>(
        &mut self,
        field: &str,
        change: Change<T>,
        parse: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Option<U> {
        match change {
            Change::Keep => None,
            change => self.required(field, change, parse),
        }
    }

    pub(crate) fn password(&mut self, change: Change<SecretString>) -> Option<NewPassword> {
        let Change::Set(password) = change else {
            self.errors.push(FieldError::required("password"));
            return None;
        };
        match parse_password(&password) {
            Ok(password) => Some(password),
            Err(ServiceError::InvalidFields(errors)) => {
                self.errors.extend(errors);
                None
            }
            Err(_) => None,
        }
    }

    pub(crate) fn email(&mut self, change: Change<String>) -> Change<String> {
        match change {
            Change::Set(raw) => match EmailAddress::parse(&raw) {
                Ok(email) => Change::Set(email.to_string()),
                Err(error) => {
                    self.errors.push(FieldError {
                        field: "email".to_owned(),
                        code: error.code(),
                        message: error.message("email", &raw),
                        expected: error.expected(),
                    });
                    Change::Keep
                }
            },
            change => change,
        }
    }

    pub(crate) fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }

    pub(crate) fn into_error(self) -> ServiceError {
        ServiceError::InvalidFields(self.errors)
    }
}
