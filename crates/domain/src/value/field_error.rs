//! All that is wrong with a record, collected field by field: what a request gets back.

use thiserror::Error;

use super::ValueError;

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
