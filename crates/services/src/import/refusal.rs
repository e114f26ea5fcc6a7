//! What the engine refuses of a file or a mapping, in the terms of its user.

use std::io;

use import_types::engine::{
    FileError, Language, RunError,
    recognise::{Look, MappingProblem, SniffError},
};

use super::{deadline::TooSlow, reading::ReadingError};
use crate::{ServiceError, StorageError};

/// Suggestions for one missing field, the likeliest first.
const SUGGESTIONS: usize = 3;

/// The refusal of a file that makes no table.
pub(super) fn unreadable(reason: &'static str, look: Option<Look>) -> ServiceError {
    ServiceError::InvalidFile { reason, look }
}

/// The refusal of bytes that are not text.
pub(super) fn no_text(error: SniffError, look: Option<Look>) -> ServiceError {
    let reason = match error {
        SniffError::Binary { .. } => "binary",
        _ => "empty",
    };
    unreadable(reason, look)
}

/// What the engine refuses.
pub(super) fn refusal(error: impl Into<RunError>) -> ServiceError {
    let error = match error.into() {
        RunError::File(error) => error,
        RunError::Cancelled => return ServiceError::FileTooSlow,
        other => return ServiceError::Engine(other),
    };
    match error {
        FileError::MissingColumns {
            columns,
            missing,
            suggestions,
            ..
        } => {
            let suggestions = missing
                .iter()
                .map(|field| {
                    let headers = suggestions
                        .iter()
                        .filter(|suggestion| suggestion.field == *field)
                        .map(|suggestion| suggestion.header.clone())
                        .take(SUGGESTIONS)
                        .collect();
                    (field.clone(), headers)
                })
                .collect();
            ServiceError::MissingColumns {
                columns,
                missing,
                suggestions,
                look: None,
                notices: Vec::new(),
                looks_like: None,
            }
        }
        FileError::Mapping(problem) => ServiceError::InvalidMapping {
            message: mapping_message(problem),
        },
        FileError::TooManyRows { .. } => unreadable("too_many_rows", None),
        FileError::HeaderMissing
        | FileError::HeaderDamaged { .. }
        | FileError::HeaderChanged { .. } => unreadable("header", None),
        FileError::Read(error) if TooSlow::is_in(&error) => ServiceError::FileTooSlow,
        other => ServiceError::Engine(other.into()),
    }
}

/// Why a stored file could not be read.
pub(super) fn unread(error: io::Error) -> ServiceError {
    if TooSlow::is_in(&error) {
        ServiceError::FileTooSlow
    } else {
        StorageError::Io(error).into()
    }
}

impl From<ReadingError> for ServiceError {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::Metadata => Self::Broken("the metadata of a draft cannot be read"),
            ReadingError::Engine(error) => refusal(error),
        }
    }
}

/// The engine's words begin with a capital; those of the API, after the name of the parameter, do not.
fn mapping_message(problem: MappingProblem) -> String {
    let said = FileError::Mapping(problem).message(Language::INDONESIAN);
    let mut letters = said.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    format!(
        "column_mapping: {}{}",
        first.collect::<String>(),
        letters.as_str()
    )
}
