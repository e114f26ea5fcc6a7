//! How a run ends. Errors of the engine and of the storage are divided here into those that are the file's fault, which its
//! user can mend, and all others.

use import_types::{RecordError, engine::ImportError};
use repositories::RepositoryError;
use tokio::task::JoinError;

use crate::{StorageError, sweep::FILE_IS_GONE};

/// How a run ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunOutcome {
    /// The job needs no worker now.
    Done,
    /// This process stops; another one continues the job.
    Stopped,
}

/// Why a run could not finish.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    /// Another worker has the job.
    #[error("the lease was lost")]
    LeaseLost,
    /// This process stops.
    #[error("the worker stops")]
    Stopped,
    /// The file itself is at fault; the text is for its user.
    #[error("the file cannot be imported")]
    File(String),
    /// The stored description of the file cannot be understood.
    #[error("the job's metadata cannot be read")]
    Metadata,
    /// The database failed.
    #[error("the database failed")]
    Repository(#[source] RepositoryError),
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[source] StorageError),
    /// The engine failed for a reason that is not the file's.
    #[error("the import engine failed")]
    Engine(#[source] ImportError),
    /// A checked row does not make a record: the schema and the domain disagree.
    #[error("a checked row does not make a record")]
    Record(#[from] RecordError),
}

impl From<RepositoryError> for RunError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::LeaseLost => Self::LeaseLost,
            other => Self::Repository(other),
        }
    }
}

impl From<StorageError> for RunError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Missing => Self::File(FILE_IS_GONE.to_owned()),
            other => Self::Storage(other),
        }
    }
}

impl From<ImportError> for RunError {
    fn from(error: ImportError) -> Self {
        match error {
            // An error of our own lookup or sink gets its type back.
            ImportError::Sink(source) | ImportError::Lookup(source) => {
                match source.downcast::<RepositoryError>() {
                    Ok(error) => (*error).into(),
                    Err(source) => match source.downcast::<RecordError>() {
                        Ok(error) => Self::Record(*error),
                        Err(source) => Self::Engine(ImportError::Sink(source)),
                    },
                }
            }
            ImportError::Cancelled => Self::Stopped,
            ImportError::Read(error) => Self::Storage(StorageError::Io(error)),
            ImportError::TooManyRows { limit } => {
                Self::File(format!("File memiliki lebih dari {limit} baris"))
            }
            ImportError::MissingColumns { missing, .. } => Self::File(format!(
                "Kolom yang diperlukan tidak ditemukan: {}",
                missing.join(", ")
            )),
            ImportError::HeaderChanged { .. }
            | ImportError::HeaderMissing
            | ImportError::HeaderDamaged { .. } => {
                Self::File("File CSV kosong atau tidak valid".to_owned())
            }
            other => Self::Engine(other),
        }
    }
}

/// The value of a task of the run. A panic of the task becomes a panic of the run.
pub(super) fn resume_panic<T>(joined: Result<T, JoinError>) -> T {
    match joined {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Tasks that are awaited are never aborted, so only a runtime that shuts down ends up here.
            Err(_) => std::panic::resume_unwind(Box::new("the runtime shuts down")),
        },
    }
}
