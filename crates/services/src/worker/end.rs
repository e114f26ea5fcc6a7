//! How a run ends: well, stopped, or for which reason not. What the engine and the storage report is sorted here into the file's
//! fault and everybody else's.

use import_types::{RecordError, engine::ImportError};
use repositories::RepositoryError;
use tokio::task::JoinError;

use crate::{StorageError, sweep::FILE_IS_GONE};

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The job needs no worker now.
    Done,
    /// This process stops; another one goes on.
    Stopped,
}

/// Why a run could not come to its end.
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
    /// A checked row is no record: schema and domain disagree.
    #[error("a checked row is no record")]
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
            // A port's own error comes back as what it was.
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

/// A panic of a task of the run is a panic of the run.
pub(super) fn unpanic<T>(joined: Result<T, JoinError>) -> T {
    match joined {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody aborts what is still waited for; only a runtime that shuts down could say so.
            Err(_) => std::panic::resume_unwind(Box::new("the runtime shuts down")),
        },
    }
}
