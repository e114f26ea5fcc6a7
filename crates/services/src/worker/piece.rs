//! A batch of the engine in the types of the database: records with ids, errors with words. Converted on the engine's thread,
//! so that the loader only loads.

use std::collections::HashMap;

use domain::{
    Clock, ErrorType, ImportType, JobId, RowData, RowError, RowErrorId, Timestamp, value::label,
};
use import_types::{
    RecordError,
    engine::{Batch, BatchProgress, BatchRow, Issue, IssueKind, Messages},
};
use repositories::{ImportRow, ImportRows, Refusal, RefusalReason};

/// 32 767 characters are the most that a cell of Excel holds. What is beyond that is cut in the report, and says so.
const LONGEST_CELL: usize = 32_767;

/// A piece of a run, ready to be stored.
pub(super) struct Piece {
    /// First and last spreadsheet row.
    pub(super) rows: (u64, u64),
    /// Data records in it.
    pub(super) records: u64,
    /// Its invalid records.
    pub(super) invalid: u64,
    /// Its valid rows; `None` in a validation, which stores none.
    pub(super) valid: Option<ImportRows>,
    /// The errors of its invalid rows.
    pub(super) errors: Vec<RowError>,
    /// Counts since the start of the file.
    pub(super) progress: BatchProgress,
}

/// Turns batches into pieces.
pub(super) struct PieceMaker<'a> {
    pub(super) job_id: JobId,
    pub(super) import_type: ImportType,
    pub(super) headers: Vec<String>,
    pub(super) messages: Messages,
    pub(super) clock: &'a dyn Clock,
    pub(super) with_rows: bool,
}

impl PieceMaker<'_> {
    pub(super) fn make(&self, batch: &Batch) -> Result<Piece, RecordError> {
        Ok(Piece {
            rows: (batch.first_row(), batch.last_row()),
            records: batch.records() as u64,
            invalid: batch.rejected().len() as u64,
            valid: self.with_rows.then(|| self.rows(batch)).transpose()?,
            errors: self.errors(batch),
            progress: batch.progress(),
        })
    }

    fn rows(&self, batch: &Batch) -> Result<ImportRows, RecordError> {
        Ok(match self.import_type {
            ImportType::Jamaah => {
                ImportRows::Jamaah(self.records(batch, import_types::jamaah::record)?)
            }
            ImportType::Payment => {
                ImportRows::Payment(self.records(batch, import_types::payment::record)?)
            }
            ImportType::Package => {
                ImportRows::Package(self.records(batch, import_types::package::record)?)
            }
        })
    }

    fn records<T>(
        &self,
        batch: &Batch,
        record: impl Fn(BatchRow<'_>) -> Result<T, RecordError>,
    ) -> Result<Vec<ImportRow<T>>, RecordError> {
        batch
            .rows()
            .map(|row| {
                Ok(ImportRow {
                    id: self.clock.mint_uuid(),
                    row_number: row.row(),
                    record: record(row)?,
                })
            })
            .collect()
    }

    fn errors(&self, batch: &Batch) -> Vec<RowError> {
        let now = self.clock.now();
        let mut errors = Vec::new();
        for rejected in batch.rejected() {
            let data = self.row_data(rejected.cells());
            errors.extend(
                batch
                    .issues_of(rejected.row())
                    .iter()
                    .filter(|issue| issue.is_error())
                    .map(|issue| self.error(issue, data.clone(), now)),
            );
        }
        errors
    }

    fn error(&self, issue: &Issue, row_data: RowData, now: Timestamp) -> RowError {
        RowError {
            id: RowErrorId::mint(self.clock),
            job_id: self.job_id,
            row_number: issue.row,
            error_type: match issue.kind {
                IssueKind::MissingRequired => ErrorType::MissingRequired,
                IssueKind::InvalidFormat => ErrorType::InvalidFormat,
                IssueKind::Duplicate => ErrorType::Duplicate,
                IssueKind::ConstraintViolation => ErrorType::ConstraintViolation,
            },
            field_name: issue.field().map(str::to_owned),
            error_message: storable(&self.messages.message(issue)),
            expected_format: self.messages.expected(issue),
            received_value: issue.value.as_deref().map(storable),
            row_data,
            created_at: now,
        }
    }

    /// The cells by header; a cell beyond the headers is named by its place.
    fn row_data<'c>(&self, cells: impl Iterator<Item = &'c str>) -> RowData {
        let cells = cells.enumerate().map(|(index, cell)| {
            let header = match self.headers.get(index) {
                Some(header) if !header.is_empty() => header.clone(),
                _ => format!("_kolom_{}", index + 1),
            };
            (header, storable(cell))
        });
        RowData(cells.collect())
    }
}

/// What a database can store and a person can read of a cell. A NUL becomes its picture, as PostgreSQL has no NUL.
fn storable(cell: &str) -> String {
    let kept = match cell.char_indices().nth(LONGEST_CELL) {
        None => cell.to_owned(),
        Some((end, _)) => format!(
            "{}… [dipotong: {} karakter]",
            &cell[..end],
            cell.chars().count()
        ),
    };
    if kept.contains('\0') {
        kept.replace('\0', "\u{2400}")
    } else {
        kept
    }
}

/// Reports the valid rows of a piece that the database refuses after all: somebody else was faster than this import, in a
/// place that no check can see.
pub(super) struct Refused<'a> {
    pub(super) job_id: JobId,
    pub(super) clock: &'a dyn Clock,
    /// Header and field of every column of the file.
    pub(super) columns: &'a [(String, Option<String>)],
    pub(super) rows: &'a ImportRows,
}

impl Refused<'_> {
    /// The row error of a refusal. Of the row it has what the import understood, under the file's headers.
    pub(super) fn error(&self, refusal: &Refusal) -> RowError {
        let cells: HashMap<&str, String> = self.rows.texts(refusal.index).into_iter().collect();
        let (error_type, field, message) = match refusal.reason {
            RefusalReason::Duplicate { field } => (
                ErrorType::Duplicate,
                Some(field),
                format!("{} sudah ada di sistem", label(field)),
            ),
            RefusalReason::MissingReference { field } => (
                ErrorType::ConstraintViolation,
                Some(field),
                format!("{} tidak ditemukan", label(field)),
            ),
            RefusalReason::Unstorable => (
                ErrorType::ConstraintViolation,
                None,
                "Baris ditolak oleh basis data".to_owned(),
            ),
        };
        let row_data = self.columns.iter().map(|(header, field)| {
            let cell = field.as_deref().and_then(|field| cells.get(field));
            (header.clone(), cell.cloned().unwrap_or_default())
        });
        RowError {
            id: RowErrorId::mint(self.clock),
            job_id: self.job_id,
            row_number: refusal.row_number,
            error_type,
            field_name: field.map(str::to_owned),
            error_message: message,
            expected_format: None,
            received_value: field.and_then(|field| cells.get(field)).cloned(),
            row_data: RowData(row_data.collect()),
            created_at: self.clock.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_what_no_spreadsheet_can_hold_and_says_so() {
        assert_eq!(storable("a\0b"), "a\u{2400}b");
        let long = "é".repeat(LONGEST_CELL + 5);
        let kept = storable(&long);
        assert!(kept.ends_with("… [dipotong: 32772 karakter]"));
        assert_eq!(
            storable(&long[..2 * LONGEST_CELL]),
            long[..2 * LONGEST_CELL]
        );
    }
}
