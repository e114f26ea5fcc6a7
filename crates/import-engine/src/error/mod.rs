//! Why an import cannot begin or go on: the programmer's fault ([`SetupError`]), the file's ([`FileError`]), or a port's. Bad rows are
//! data ([`Issue`](crate::Issue)), only what concerns the whole file is here.

mod file;
mod look;
mod setup;

use std::{convert::Infallible, error::Error};

pub use file::{FileError, FileErrorCode, MappingProblem};
pub use look::Look;
pub use setup::SetupError;

/// What a caller's [`Lookup`](crate::Lookup) may fail with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why an import did not come to its end. `E` is what the caller's own closure failed with, unchanged.
///
/// ```
/// use import_engine::{Field, Plan, RunError, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let file = "name\nAda\n";
/// let plan = Plan::of(&schema, file)?;
/// let full = plan.import(file).each(|_| Err("the disk is full"));
/// assert!(matches!(full, Err(RunError::Sink("the disk is full"))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError<E = Infallible> {
    /// The program is wrong: no file could be imported so.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The file cannot be imported; its owner can mend it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lookup could not answer.
    #[error("the lookup failed")]
    Lookup(#[source] BoxError),
    /// The caller's closure refused a batch.
    #[error("{0}")]
    Sink(E),
    /// The observer asked to stop while the file was surveyed. One that stops an import later gets the summary so far instead.
    #[error("the import was cancelled")]
    Cancelled,
}

impl RunError {
    /// The same error where a closure can fail, too.
    #[must_use]
    pub fn with_sink<E>(self) -> RunError<E> {
        match self {
            Self::Setup(error) => RunError::Setup(error),
            Self::File(error) => RunError::File(error),
            Self::Lookup(error) => RunError::Lookup(error),
            Self::Cancelled => RunError::Cancelled,
            Self::Sink(never) => match never {},
        }
    }
}

impl<E> RunError<E> {
    /// What is wrong with the file, if it is the file.
    #[must_use]
    pub fn file(&self) -> Option<&FileError> {
        match self {
            Self::File(error) => Some(error),
            _ => None,
        }
    }
}
