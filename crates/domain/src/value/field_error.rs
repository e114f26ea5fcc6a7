//! All that is wrong with a record, collected field by field: what a request gets back.

use thiserror::Error;

use super::ValueError;
use crate::Change;

/// A value that a field refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("field '{field}' {error}")]
pub struct FieldError {
    /// The field.
    pub field: &'static str,
    /// What was given.
    pub value: String,
    /// Why it was refused.
    #[source]
    pub error: ValueError,
}

impl FieldError {
    /// The sentence for users.
    #[must_use]
    pub fn message(&self) -> String {
        self.error.message(self.field, &self.value)
    }
}

/// Everything that is wrong with a record, all at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Error)]
#[error("{} invalid fields", .0.len())]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// A text that must be given.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        raw: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let raw = raw.unwrap_or_default();
        let result = parse(&raw);
        self.keep(field, &raw, result)
    }

    /// A text that may be missing or blank.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        raw: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let raw = raw?;
        match parse(&raw) {
            Err(ValueError::Empty) => None,
            result => self.keep(field, &raw, result),
        }
    }

    /// A number that must be given.
    pub(crate) fn required_number<T>(
        &mut self,
        field: &'static str,
        number: Option<i64>,
        check: impl FnOnce(i64) -> Result<T, ValueError>,
    ) -> Option<T> {
        let number = self.present(field, number)?;
        self.number(field, Some(number), check)
    }

    /// A number that may be missing.
    pub(crate) fn number<T>(
        &mut self,
        field: &'static str,
        number: Option<i64>,
        check: impl FnOnce(i64) -> Result<T, ValueError>,
    ) -> Option<T> {
        let number = number?;
        self.keep(field, &number.to_string(), check(number))
    }

    /// Something that must be there.
    pub(crate) fn present<T>(&mut self, field: &'static str, value: Option<T>) -> Option<T> {
        self.keep(field, "", value.ok_or(ValueError::Empty))
    }

    /// A change of a text that cannot be cleared.
    pub(crate) fn change<T>(
        &mut self,
        field: &'static str,
        change: Change<String>,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        self.change_id(field, change)
            .and_then(|raw| self.required(field, Some(raw), parse))
    }

    /// A change of a text that can be cleared; blanks clear.
    pub(crate) fn change_optional<T>(
        &mut self,
        field: &'static str,
        change: Change<String>,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Change<T> {
        match change {
            Change::Set(raw) => self
                .optional(field, Some(raw), parse)
                .map_or(Change::Clear, Change::Set),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        }
    }

    /// A change of a number that cannot be cleared.
    pub(crate) fn change_number<T>(
        &mut self,
        field: &'static str,
        change: Change<i64>,
        check: impl FnOnce(i64) -> Result<T, ValueError>,
    ) -> Option<T> {
        let number = self.change_id(field, change);
        self.number(field, number, check)
    }

    /// A change of a number that can be cleared.
    pub(crate) fn change_optional_number<T>(
        &mut self,
        field: &'static str,
        change: Change<i64>,
        check: impl FnOnce(i64) -> Result<T, ValueError>,
    ) -> Change<T> {
        match change {
            Change::Set(number) => self
                .number(field, Some(number), check)
                .map_or(Change::Clear, Change::Set),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        }
    }

    /// A change of something that cannot be cleared and needs no check of its own.
    pub(crate) fn change_id<T>(&mut self, field: &'static str, change: Change<T>) -> Option<T> {
        match change.into_column()? {
            Some(value) => Some(value),
            None => self.present(field, None),
        }
    }

    /// Nothing when there is no error.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    fn keep<T>(
        &mut self,
        field: &'static str,
        value: &str,
        result: Result<T, ValueError>,
    ) -> Option<T> {
        match result {
            Ok(read) => Some(read),
            Err(error) => {
                self.0.push(FieldError {
                    field,
                    value: value.to_owned(),
                    error,
                });
                None
            }
        }
    }
}
