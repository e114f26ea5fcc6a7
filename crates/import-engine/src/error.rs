//! Why an import cannot go on. Bad rows are data ([`Issue`](crate::Issue)), only what concerns the whole file is here.

use std::io;

use crate::mapping::Suggestion;

/// What a caller's port (sink, lookup) may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a file cannot be imported, or an import was set up wrongly.
///
/// ```
/// use import_engine::{Field, ImportError, Schema};
///
/// let twice = Schema::builder("contacts").field(Field::text("name")).field(Field::text("name")).build();
/// assert!(matches!(twice, Err(ImportError::Schema { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes could not be read.
    #[error("could not read the file")]
    Read(#[source] io::Error),
    /// A report or a template could not be written.
    #[error("could not write the report")]
    Write(#[source] io::Error),
    /// The schema contradicts itself.
    #[error("the schema '{schema}' is wrong: {reason}")]
    Schema {
        /// Name of the schema.
        schema: String,
        /// What contradicts what.
        reason: String,
    },
    /// The caller's column mapping names something that does not exist, or uses it twice.
    #[error("the column mapping is wrong: {0}")]
    Mapping(#[from] MappingProblem),
    /// Columns that the schema requires are not in the file.
    #[error("required columns are missing: {}", missing.join(", "))]
    MissingColumns {
        /// The file's headers.
        columns: Vec<String>,
        /// Names of the required fields without a column, in the order of the schema.
        missing: Vec<String>,
        /// Columns that look like them. Never taken without asking.
        suggestions: Vec<Suggestion>,
    },
    /// The header row of the file is not the one the mapping was made for.
    #[error("the header in row {row} is not the one that was recognised")]
    HeaderChanged {
        /// The header's row.
        row: u64,
    },
    /// The file ends before its header row.
    #[error("the file has no header row")]
    HeaderMissing,
    /// The header row cannot be read.
    #[error("the header in row {row} is damaged")]
    HeaderDamaged {
        /// The header's row.
        row: u64,
    },
    /// The file has more data records than [`Limits::rows`](crate::Limits::rows).
    #[error("the file has more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
    /// The schema compares a date with today, and the caller did not say what day it is.
    #[error("the field '{field}' is compared with today, which was not given")]
    TodayMissing {
        /// The field.
        field: String,
    },
    /// The observer asked to stop.
    #[error("the import was cancelled")]
    Cancelled,
    /// The sink refused a batch.
    #[error("the sink failed")]
    Sink(#[source] BoxError),
    /// The lookup could not answer.
    #[error("the lookup failed")]
    Lookup(#[source] BoxError),
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
}

/// What is wrong with a caller's column mapping.
///
/// ```
/// use import_engine::{Field, MappingProblem, Mapping, Schema, ImportError};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let wrong = Mapping::new(&schema, &["Nama"], [("Name", "name")]);
/// assert!(matches!(wrong, Err(ImportError::Mapping(MappingProblem::UnknownHeader { .. }))));
/// # Ok::<(), ImportError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingProblem {
    /// The file has no such header.
    #[error("the file has no column '{header}'")]
    UnknownHeader {
        /// The header as given.
        header: String,
    },
    /// The schema has no such field.
    #[error("there is no field '{field}'")]
    UnknownField {
        /// The field as given.
        field: String,
    },
    /// Two columns were given to one field.
    #[error("the field '{field}' was given two columns")]
    FieldTwice {
        /// The field.
        field: String,
    },
    /// One column was given to two fields.
    #[error("the column '{header}' was given twice")]
    HeaderTwice {
        /// The header.
        header: String,
    },
    /// The file has this header more than once, so that the mapping does not say which.
    #[error("the file has more than one column '{header}'")]
    AmbiguousHeader {
        /// The header.
        header: String,
    },
}
