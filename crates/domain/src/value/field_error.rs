//! All errors of a record, collected field by field, for the response to a request.

use thiserror::Error;

use super::ValueError;

/// A value that a field refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("field '{field}' {error}")]
pub struct FieldError {
    /// The field.
    pub field: &'static str,
    /// The given text.
    pub value: String,
    /// Why it was refused.
    #[source]
    pub error: ValueError,
}

impl FieldError {
    /// The message for users.
    #[must_use]
    pub fn message(&self) -> String {
        self.error.message(self.field, &self.value)
    }
}

/// All errors of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Error)]
#[error("{} invalid fields", .0.len())]
pub struct FieldErrors(pub Vec<FieldError>);
