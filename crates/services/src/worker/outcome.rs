//! How a run ends. Errors of the engine and of the storage are divided here into those caused by the file, which its user
//! can correct, and all others.

use import_types::{
    RecordError,
    engine::{self, FileError, SetupError},
};
use repositories::RepositoryError;
use tokio::task::JoinError;

use crate::{StorageError, import::reading::ReadingError, sweep::FILE_IS_GONE};

/// How a run ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunOutcome {
    /// The job needs no worker now.
    Done,
    /// This process is stopping; another one continues the job.
    Stopped,
}

/// Why a run could not finish.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    /// Another worker holds the job.
    #[error("the lease was lost")]
    LeaseLost,
    /// This process is stopping.
    #[error("the worker stops")]
    Stopped,
    /// The file is at fault; the text is for its user.
    #[error("the file cannot be imported")]
    File(String),
    /// The stored description of the file cannot be read.
    #[error("the job's metadata cannot be read")]
    Metadata,
    /// The database failed.
    #[error("the database failed")]
    Repository(#[source] RepositoryError),
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[source] StorageError),
    /// The engine failed for a reason other than the file.
    #[error("the import engine failed")]
    Engine(#[source] SetupError),
    /// The lookup failed for a reason other than the database.
    #[error("the lookup failed")]
    Lookup(#[source] engine::lookup::BoxError),
    /// A checked row cannot be converted into a record: the schema and the domain disagree.
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

impl From<ReadingError> for RunError {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::Metadata => Self::Metadata,
            ReadingError::Engine(error) => error.into(),
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

impl From<FileError> for RunError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Read(error) => Self::Storage(StorageError::Io(error)),
            FileError::HeaderChanged { .. }
            | FileError::HeaderMissing
            | FileError::HeaderDamaged { .. }
            | FileError::Empty
            | FileError::NotText { .. } => {
                Self::File("File CSV kosong atau tidak valid".to_owned())
            }
            FileError::Mapping(_) => Self::Metadata,
            other => Self::File(other.message(engine::Language::INDONESIAN)),
        }
    }
}

impl From<engine::RunError<Self>> for RunError {
    fn from(error: engine::RunError<Self>) -> Self {
        match error {
            engine::RunError::File(error) => error.into(),
            engine::RunError::Setup(error) => Self::Engine(error),
            engine::RunError::Sink(error) => error,
            engine::RunError::Cancelled => Self::Stopped,
            engine::RunError::Lookup(source) => match source.downcast::<RepositoryError>() {
                Ok(error) => (*error).into(),
                Err(source) => Self::Lookup(source),
            },
            // The engine may fail in ways that are not known here.
            other => Self::Lookup(Box::new(other)),
        }
    }
}

/// The result of a task of the run. A panic of the task becomes a panic of the run.
pub(super) fn resume_panic<T>(joined: Result<T, JoinError>) -> T {
    match joined {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Tasks that are awaited are never aborted, so this happens only when the runtime shuts down.
            Err(_) => std::panic::resume_unwind(Box::new("the runtime shuts down")),
        },
    }
}
