//! Counts the failures of the storage.

use super::StorageError;
use crate::observe::{self, StorageOperation};

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
