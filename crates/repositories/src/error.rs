//! The errors of queries. A record that does not exist is `None`, not an error.

use domain::{FieldErrors, InvalidTransition};
use thiserror::Error;
use uuid::Uuid;

/// The one error of this crate.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The database cannot be reached, does not answer in time, or is faulty (no space, read only): try again
    /// later (503).
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// A row with the same natural key exists (409 `duplicate`).
    #[error("a row with this {field} exists already")]
    Duplicate {
        /// The field, or the last one of a composite key.
        field: &'static str,
    },
    /// The row refers to one that does not exist in the tenant.
    #[error("{field} refers to a row that does not exist")]
    MissingReference {
        /// The referring field.
        field: &'static str,
    },
    /// Other rows refer to the row that should be deleted (409 `in_use`).
    #[error("the row is still referred to")]
    InUse,
    /// A change would give the record fields that are not valid (400).
    #[error(transparent)]
    InvalidFields(#[from] FieldErrors),
    /// The tenant would be left without an administrator who may log in (409).
    #[error("the tenant would have no administrator left")]
    LastAdministrator,
    /// The job's state does not allow the action (400).
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The tenant has as many imports running as it may (429 `too_many_imports`).
    #[error("the tenant runs {limit} imports already")]
    TooManyImports {
        /// How many it may run.
        limit: u32,
    },
    /// Rows of the import were changed or are referred to since (409 `rollback_conflict`).
    #[error("{} rows were changed and {} are referred to since the import", .0.changed, .0.referenced)]
    RollbackConflict(RollbackConflict),
    /// Another worker has the job, or the job no longer runs: stop, and write nothing more.
    #[error("the lease on the import job is lost")]
    LeaseLost,
    /// A list was asked for with a field or value that the resource does not have (400).
    #[error(transparent)]
    List(#[from] ListError),
    /// A stored value is not what the code expects.
    #[error("column {column} holds a value that cannot be read")]
    Corrupt {
        /// The column.
        column: &'static str,
    },
    /// A stored row has a value that the driver cannot read: null in a required column, or a moment out of range.
    #[error("a stored row cannot be read")]
    Unreadable(#[source] Source),
    /// A foreign key refused the row, and the engine does not say which.
    #[error("a foreign key refused the statement")]
    ForeignKey(#[source] Source),
    /// Any other error of the database.
    #[error("the database refused a statement")]
    Database(#[source] Source),
}

/// The driver's error, kept for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// A parameter of a list that the resource does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListError {
    /// The resource has no such field to filter or sort by.
    #[error("unknown {parameter} field '{field}'")]
    UnknownField {
        /// `filter` or `sort`.
        parameter: &'static str,
        /// What was asked for.
        field: String,
    },
    /// The value does not fit the field.
    #[error("'{value}' is not a value of field '{field}'")]
    InvalidValue {
        /// The field.
        field: String,
        /// What was asked for.
        value: String,
    },
    /// A parameter that is not of the form `field=value` or `field:asc`.
    #[error("malformed {parameter} '{text}'")]
    Malformed {
        /// `filter` or `sort`.
        parameter: &'static str,
        /// What was given.
        text: String,
    },
}

/// Why a rollback was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollbackConflict {
    /// Rows of the import that were changed since.
    pub changed: u64,
    /// Rows of the import that rows from elsewhere refer to.
    pub referenced: u64,
    /// Up to [`RollbackConflict::EXAMPLES`] of them.
    pub examples: Vec<ImportedRow>,
}

impl RollbackConflict {
    /// Enough to find the rows by hand, few enough for an error body.
    pub const EXAMPLES: u64 = 5;
}

/// A row that an import created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportedRow {
    /// Which one.
    pub id: Uuid,
    /// The spreadsheet row it came from.
    pub row_number: u64,
    /// Whether it was changed since; otherwise it is only referred to.
    pub changed: bool,
}
