//! Counts the failures of the storage.

use super::StorageError;
use crate::observe;

/// The operations of the storage.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StorageOperation {
    /// Opening an object, asking for it, or reading on in it.
    Read,
    /// Storing an object.
    Write,
    /// Deleting one.
    Delete,
    /// Listing them.
    List,
    /// Asking whether there is a storage at all.
    Probe,
}

impl StorageOperation {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Read,
        Self::Write,
        Self::Delete,
        Self::List,
        Self::Probe,
    ];

    /// Its word in a metric.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::List => "list",
            Self::Probe => "probe",
        }
    }
}

/// The result, counted if it is a failure. That an object is not there is an answer.
pub(super) fn counted<T>(
    operation: StorageOperation,
    result: Result<T, impl Into<StorageError>>,
) -> Result<T, StorageError> {
    let result = result.map_err(Into::into);
    if let Err(error) = &result
        && !matches!(error, StorageError::Missing)
    {
        observe::storage_failed(operation);
    }
    result
}
