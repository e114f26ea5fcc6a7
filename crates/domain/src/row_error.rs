//! An error of one row, as it is stored and reported.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fmt,
};

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
        /// A value that must be unique exists already.
        Duplicate => "duplicate",
        /// A reference matches no row or several, or the database refused the row.
        ConstraintViolation => "constraint_violation",
    }
}

words! {
    /// Whether a finding prevents its row from being accepted.
    pub enum Severity {
        /// The row is refused.
        Error => "error",
        /// The row is accepted, but its owner should check it.
        Warning => "warning",
    }
}

/// One finding about one row (table `migration_errors`). The row itself is a [`FailedRow`]: however many errors it has, it is
/// kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Its id.
    pub id: RowErrorId,
    /// The job it belongs to.
    pub job_id: JobId,
    /// The row as a spreadsheet counts: the first record of the file is row 1.
    pub row_number: u64,
    /// Its kind.
    pub error_type: ErrorType,
    /// What exactly is wrong, as a stable word in snake case.
    pub code: Cow<'static, str>,
    /// Whether it prevents the row from being accepted.
    pub severity: Severity,
    /// The field; none when the whole row is damaged.
    pub field_name: Option<String>,
    /// The column of the file, from 0; none when the whole row is damaged.
    pub column_index: Option<u32>,
    /// What is wrong, in Indonesian.
    pub error_message: String,
    /// The expected format.
    pub expected_format: Option<String>,
    /// The received value.
    pub received_value: Option<String>,
    /// The parameters of the message, by name.
    pub params: BTreeMap<String, String>,
    /// When it was found.
    pub created_at: Timestamp,
}

/// A refused row, as received (table `migration_rows`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// The row as a spreadsheet counts.
    pub row_number: u64,
    /// Its cells in the order of the file.
    pub cells: RowCells,
}

/// The cells of a row in one text, separated by tabs; a tab in a cell is written `\t` and a backslash `\b`. An empty cell costs one
/// byte, so a row takes as much space in memory and in the database as in its file; a JSON object would take thirty times as much
/// for a sheet that was exported out to its last column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowCells(String);

impl RowCells {
    /// Packs cells.
    pub fn pack<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> Self {
        let mut text = String::new();
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            let mut rest = cell.as_ref();
            while let Some(offset) = rest.find(['\t', '\\']) {
                text.push_str(&rest[..offset]);
                text.push_str(if rest.as_bytes()[offset] == b'\t' {
                    "\\t"
                } else {
                    "\\b"
                });
                rest = &rest[offset + 1..];
            }
            text.push_str(rest);
        }
        Self(text)
    }

    /// The text that is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What [`as_str`](Self::as_str) gave.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The cells.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('\t').map(|cell| {
            if cell.contains('\\') {
                Cow::Owned(cell.replace("\\t", "\t").replace("\\b", "\\"))
            } else {
                Cow::Borrowed(cell)
            }
        })
    }
}

/// The names under which the cells of a job's rows are shown: the headers of its file. A column without a header is named by
/// its place; of columns with the same header only the first is shown, as an object has each name once.
#[derive(Debug, Clone)]
pub struct RowKeys(Vec<Option<String>>);

impl RowKeys {
    /// The names of the columns of a file.
    #[must_use]
    pub fn new(headers: &[String]) -> Self {
        let mut seen = HashSet::new();
        let names = headers.iter().enumerate().map(|(index, header)| {
            if header.is_empty() {
                Some(nameless(index))
            } else {
                seen.insert(header).then(|| header.clone())
            }
        });
        Self(names.collect())
    }

    /// A row under these names; cells beyond the headers are named by their place.
    #[must_use]
    pub fn row(&self, cells: &RowCells) -> RowData {
        let named = cells.iter().enumerate().filter_map(|(index, cell)| {
            let name = match self.0.get(index) {
                Some(name) => name.clone()?,
                None => nameless(index),
            };
            Some((name, cell.into_owned()))
        });
        RowData(named.collect())
    }
}

fn nameless(index: usize) -> String {
    format!("_kolom_{}", index + 1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_cells_come_back_as_they_went() {
        let rows: [&[&str]; 6] = [
            &["Ahmad", "", "a\tb\\t\\b\n\\"],
            &[""],
            &["", "", ""],
            &["\t"],
            &["\\", "\\\\", "\\t"],
            &["é", "\u{2400}"],
        ];
        for row in rows {
            let packed = RowCells::pack(row);
            let back: Vec<_> = packed.iter().collect();
            assert_eq!(back, row, "{packed:?}");
        }
        assert_eq!(RowCells::pack(["a", "", ""]).as_str(), "a\t\t");
    }

    #[test]
    fn a_row_is_shown_under_each_header_once() {
        let headers = ["nama", "No HP", "", "No HP"].map(str::to_owned);
        let row = RowKeys::new(&headers).row(&RowCells::pack(["Ali", "1", "x", "2", "y"]));
        let named: Vec<_> = row
            .0
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("nama", "Ali"),
                ("No HP", "1"),
                ("_kolom_3", "x"),
                ("_kolom_5", "y")
            ]
        );
    }
}
