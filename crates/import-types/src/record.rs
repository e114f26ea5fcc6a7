//! Converts the typed cells of a checked row to domain's value types. Nothing is checked again: parsing a normalised text
//! succeeds.

use domain::ValueError;
use import_engine::{BatchRow, Value};
use thiserror::Error;
use time::Date;
use uuid::Uuid;

/// Why a row of a batch cannot be converted into a record: it was checked by another schema, or without the lookup that
/// answers references.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// A required field has no value of its kind.
    #[error("row {row} has no value for '{field}'")]
    Missing {
        /// The row.
        row: u64,
        /// The field.
        field: &'static str,
    },
    /// A value is invalid for its type.
    #[error("row {row} has a value for '{field}' that is none")]
    Invalid {
        /// The row.
        row: u64,
        /// The field.
        field: &'static str,
        /// The reason.
        #[source]
        error: ValueError,
    },
}

/// Reads the cells of one row by the index of their field.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'b>(pub(crate) BatchRow<'b>);

/// A field's index and name.
pub(crate) type At = (usize, &'static str);

impl<'b> Cells<'b> {
    pub(crate) fn required<T>(self, at: At, value: Option<T>) -> Result<T, RecordError> {
        value.ok_or(RecordError::Missing {
            row: self.0.row(),
            field: at.1,
        })
    }

    pub(crate) fn text<T>(
        self,
        at: At,
        parse: impl FnOnce(&'b str) -> Result<T, ValueError>,
    ) -> Result<Option<T>, RecordError> {
        self.0
            .text(at.0)
            .map(parse)
            .transpose()
            .map_err(|error| self.invalid(at, error))
    }

    pub(crate) fn number<T>(
        self,
        at: At,
        check: impl FnOnce(i64) -> Result<T, ValueError>,
    ) -> Result<Option<T>, RecordError> {
        self.0
            .integer(at.0)
            .map(check)
            .transpose()
            .map_err(|error| self.invalid(at, error))
    }

    pub(crate) fn date(self, at: At) -> Option<Date> {
        self.0.date(at.0)
    }

    pub(crate) fn id(self, at: At) -> Result<Uuid, RecordError> {
        match self.0.value(at.0) {
            Value::Uuid(id) => Ok(id),
            _ => Err(RecordError::Missing {
                row: self.0.row(),
                field: at.1,
            }),
        }
    }

    fn invalid(self, at: At, error: ValueError) -> RecordError {
        RecordError::Invalid {
            row: self.0.row(),
            field: at.1,
            error,
        }
    }
}
