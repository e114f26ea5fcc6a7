//! Faults of the program that imports: found when a schema is built or an import starts, never by a user's file.

/// What is wrong with the program.
///
/// ```
/// use import_engine::{Field, Schema, SetupError};
///
/// let twice = Schema::builder("contacts").field(Field::text("name")).field(Field::text("name")).build();
/// assert!(matches!(twice, Err(SetupError::Schema { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The schema contradicts itself.
    #[error("the schema '{schema}' is wrong: {reason}")]
    Schema {
        /// Name of the schema.
        schema: String,
        /// What contradicts what.
        reason: String,
    },
    /// No file can be written so: a dialect of the caller's own contradicts itself.
    #[error("no file can be read so: {reason}")]
    Dialect {
        /// What cannot be.
        reason: &'static str,
    },
    /// The schema compares a date with today, and the caller did not say what day it is.
    #[error("the field '{field}' is compared with today, which was not given")]
    TodayMissing {
        /// The field.
        field: String,
    },
    /// The lookup gave another number of answers than it was asked questions.
    #[error("the lookup gave {given} answers to {asked} questions about '{name}'")]
    LookupMismatch {
        /// Name of the field or key that was asked about.
        name: String,
        /// Number of questions.
        asked: usize,
        /// Number of answers.
        given: usize,
    },
    /// A struct does not fit the rows that it should be read from.
    #[error("rows of '{schema}' do not fit{}: {reason}", row.map(|row| format!(", as row {row} shows")).unwrap_or_default())]
    Rows {
        /// Name of the schema.
        schema: String,
        /// The row that showed it; `None` where every row would.
        row: Option<u64>,
        /// What does not fit.
        reason: String,
    },
    /// A stored plan belongs to another schema, or to an earlier state of this one.
    #[error("the plan does not fit the schema '{schema}': {reason}")]
    Plan {
        /// Name of the schema.
        schema: String,
        /// What does not fit.
        reason: String,
    },
}
