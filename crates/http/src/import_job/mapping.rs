//! The `column_mapping` of an upload, in the two forms in which clients send it: one JSON text, or one form field a column.
//! Parses the form only; it does not know which columns and fields exist.

use std::collections::btree_map::Entry;

use domain::value::shortened;
use services::{ColumnMapping, ServiceError};

use crate::error::{ApiError, LONGEST_NAME};

/// What has been sent of a mapping.
pub(super) enum Mapping {
    Json(ColumnMapping),
    Brackets(ColumnMapping),
}

impl Mapping {
    /// The mapping in one JSON text. A form sends an empty text for a field that was not filled in.
    pub(super) fn of_json(text: &str) -> Result<Self, ApiError> {
        let mut mapping = ColumnMapping::new();
        if !text.trim().is_empty() {
            let domain::RowData(pairs) =
                serde_json::from_str(text).map_err(|_| invalid_mapping())?;
            for (column, target) in pairs {
                insert(&mut mapping, column, target)?;
            }
        }
        Ok(Self::Json(mapping))
    }

    /// Adds one column; `None` is the first.
    pub(super) fn with(
        mapping: Option<Self>,
        column: String,
        target: String,
    ) -> Result<Self, ApiError> {
        match mapping.unwrap_or_else(|| Self::Brackets(ColumnMapping::new())) {
            Self::Json(_) => Err(ApiError::repeated("column_mapping")),
            Self::Brackets(mut mapping) => {
                insert(&mut mapping, column, target)?;
                Ok(Self::Brackets(mapping))
            }
        }
    }

    /// Header to field, from either form.
    pub(super) fn into_pairs(self) -> ColumnMapping {
        match self {
            Self::Json(mapping) | Self::Brackets(mapping) => mapping,
        }
    }
}

/// The header in `column_mapping[Header]`, with the three characters that browsers escape in names.
pub(super) fn bracketed(name: &str) -> Option<String> {
    let column = name.strip_prefix("column_mapping[")?.strip_suffix(']')?;
    Some(
        column
            .replace("%22", "\"")
            .replace("%0D", "\r")
            .replace("%0A", "\n"),
    )
}

fn invalid_mapping() -> ApiError {
    ServiceError::InvalidMapping {
        message: "column_mapping tidak valid: harus berupa objek JSON dari kolom ke field"
            .to_owned(),
    }
    .into()
}

fn insert(mapping: &mut ColumnMapping, column: String, target: String) -> Result<(), ApiError> {
    match mapping.entry(column) {
        Entry::Vacant(entry) => {
            entry.insert(target);
            Ok(())
        }
        Entry::Occupied(entry) => Err(ServiceError::InvalidMapping {
            message: format!(
                "Kolom '{}' dipetakan lebih dari sekali",
                shortened(entry.key(), LONGEST_NAME)
            ),
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_header_between_the_brackets() {
        assert_eq!(bracketed("column_mapping[Nama]").as_deref(), Some("Nama"));
        assert_eq!(bracketed("column_mapping[a[b]]").as_deref(), Some("a[b]"));
        assert_eq!(
            bracketed("column_mapping[%22x%22]").as_deref(),
            Some("\"x\"")
        );
        assert_eq!(bracketed("column_mapping[]").as_deref(), Some(""));
        assert_eq!(bracketed("column_mapping"), None);
        assert_eq!(bracketed("mapping[Nama]"), None);
    }
}
