//! An error of one row, as it is stored and reported.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{JobId, RowErrorId, Timestamp, word::words};

words! {
    /// The four published kinds of row errors.
    pub enum ErrorType {
        /// A required field is empty.
        MissingRequired => "missing_required",
        /// A value has the wrong form.
        InvalidFormat => "invalid_format",
        /// A value that must be unique is there already.
        Duplicate => "duplicate",
        /// A reference leads nowhere or to several rows, or the database refused the row.
        ConstraintViolation => "constraint_violation",
    }
}

/// One error of one row (table `migration_errors`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Its id.
    pub id: RowErrorId,
    /// The job it belongs to.
    #[serde(rename = "migration_job_id")]
    pub job_id: JobId,
    /// The row as a spreadsheet counts: the first record of the file is row 1.
    pub row_number: u64,
    /// Its kind.
    pub error_type: ErrorType,
    /// The field; none when the whole row is damaged.
    pub field_name: Option<String>,
    /// What is wrong, in Indonesian.
    pub error_message: String,
    /// What would have been right.
    pub expected_format: Option<String>,
    /// What stood there.
    pub received_value: Option<String>,
    /// The whole row by header.
    pub row_data: RowData,
    /// When it was found.
    pub created_at: Timestamp,
}

/// The cells of a row by header, in the order of the file. In JSON an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowData(pub Vec<(String, String)>);

impl Serialize for RowData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (header, cell) in &self.0 {
            map.serialize_entry(header, cell)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RowData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cells;

        impl<'de> Visitor<'de> for Cells {
            type Value = RowData;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of header and cell")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RowData, A::Error> {
                let mut cells = Vec::with_capacity(map.size_hint().unwrap_or(0).min(1_024));
                while let Some(cell) = map.next_entry()? {
                    cells.push(cell);
                }
                Ok(RowData(cells))
            }
        }

        deserializer.deserialize_map(Cells)
    }
}
