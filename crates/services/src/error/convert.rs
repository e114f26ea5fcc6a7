//! From the errors of the layers below to those of the use cases.

use std::time::Duration;

use domain::{FieldErrors, InvalidTransition};
use repositories::{ImportedRow, ListError, RepositoryError};

use super::{FieldError, RollbackExample, ServiceError};
use crate::storage::StorageError;

/// A batch of an import takes well under a second: a slot may be free again by then.
const SLOT_RETRY: Duration = Duration::from_secs(5);

impl From<ImportedRow> for RollbackExample {
    fn from(row: ImportedRow) -> Self {
        Self {
            id: row.id,
            row_number: row.row_number,
            reason: if row.changed { "changed" } else { "referenced" },
        }
    }
}

impl From<RepositoryError> for ServiceError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Duplicate { field } => Self::Duplicate {
                field: field.to_owned(),
            },
            RepositoryError::MissingReference { field } => {
                Self::InvalidFields(vec![FieldError::missing_reference(field)])
            }
            RepositoryError::InvalidFields(errors) => errors.into(),
            RepositoryError::InUse => Self::InUse,
            RepositoryError::LastAdministrator => Self::LastAdministrator,
            RepositoryError::InvalidTransition(refusal) => refusal.into(),
            RepositoryError::TooManyImports { limit } => Self::TooManyImports {
                limit,
                retry_after: SLOT_RETRY,
            },
            RepositoryError::RollbackConflict(conflict) => Self::RollbackConflict {
                changed: conflict.changed,
                referenced: conflict.referenced,
                examples: conflict.examples.into_iter().map(Into::into).collect(),
            },
            RepositoryError::List(error) => Self::InvalidQuery {
                message: match error {
                    ListError::UnknownField { parameter, field } => {
                        format!("Parameter '{parameter}' tidak mengenal field '{field}'")
                    }
                    ListError::InvalidValue { field, value } => {
                        format!("Nilai '{value}' tidak berlaku untuk field '{field}'")
                    }
                    ListError::Malformed { parameter, text } => {
                        format!("Parameter '{parameter}' tidak valid: {text}")
                    }
                },
            },
            other => Self::Database(other),
        }
    }
}

impl From<FieldErrors> for ServiceError {
    fn from(errors: FieldErrors) -> Self {
        Self::InvalidFields(
            errors
                .0
                .iter()
                .map(|refused| FieldError {
                    field: refused.field.to_owned(),
                    code: refused.error.code(),
                    message: refused.message(),
                    expected: refused.error.expected(),
                })
                .collect(),
        )
    }
}

impl From<InvalidTransition> for ServiceError {
    fn from(refusal: InvalidTransition) -> Self {
        match refusal {
            InvalidTransition::InvalidState { status, .. } => Self::InvalidState { status },
            InvalidTransition::NothingToImport => Self::NothingToImport,
            InvalidTransition::RollbackImpossible { status } => Self::CannotRollBack { status },
            InvalidTransition::RollbackExpired => Self::RollbackExpired,
            InvalidTransition::DeleteImpossible { .. } => Self::JobNotFinished,
        }
    }
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<tokio::task::JoinError> for ServiceError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Task(error)
    }
}
