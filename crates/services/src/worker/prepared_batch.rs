//! Converts a batch of the engine into what the database stores: records with ids, errors with messages. This happens on the
//! engine's thread, so that the loader only loads.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use domain::{
    Clock, ErrorSummary, ErrorType, FailedRow, Findings, ImportType, JobId, LeftOut, OnDuplicate,
    RowCells, RowError, RowErrorId, Severity, Timestamp,
    value::{label, shortened},
};
use import_types::{
    RecordError,
    engine::{
        Batch, BatchRow, Issue, IssueCode, Value,
        issues::{BatchProgress, IssueCounts, IssueKind, Messages},
        lookup::{Action, Key},
    },
};
use repositories::{Given, ImportRow, ImportRows, Refusal, RefusalReason};

use super::findings_budget::FindingsBudget;

/// A cell of Excel holds at most 32 767 characters. A longer cell is cut in the report, with a note of its length.
const LONGEST_CELL: usize = 32_767;
/// The code of a row that the database refused for a reason that no check covers.
const UNSTORABLE: &str = "unstorable";

/// A batch of a run, ready to be stored.
pub(super) struct PreparedBatch {
    /// First and last spreadsheet row.
    pub(super) rows: (u64, u64),
    /// Its number of data records.
    pub(super) records: u64,
    /// Its number of invalid records.
    pub(super) invalid: u64,
    /// The counts of its valid rows whose record already exists.
    pub(super) known: Known,
    /// Its valid rows, except those that are skipped; `None` in a validation, which stores none.
    pub(super) valid: Option<ImportRows>,
    /// The errors of its invalid rows and the warnings of its valid ones, as far as they are kept.
    pub(super) errors: Vec<RowError>,
    /// Its invalid rows, as far as they are kept.
    pub(super) failed: Vec<FailedRow>,
    /// Counts of all findings in it, kept or not.
    pub(super) found: Findings,
    /// Counts since the start of the file.
    pub(super) progress: BatchProgress,
}

/// Counts of rows whose record the tenant already has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Rows that change it.
    pub(super) updated: u64,
    /// Rows that are skipped.
    pub(super) skipped: u64,
}

impl Known {
    fn of(batch: &Batch) -> Self {
        let mut known = Self::default();
        for row in batch.rows() {
            match row.action() {
                Action::Create => {}
                Action::Update => known.updated += 1,
                Action::Skip => known.skipped += 1,
            }
        }
        known
    }

    /// Adds the counts of another batch.
    pub(super) fn add(&mut self, other: Self) {
        self.updated += other.updated;
        self.skipped += other.skipped;
    }
}

impl PreparedBatch {
    /// Adds the findings of the batch that follows it in a validation.
    pub(super) fn append(&mut self, next: Self) {
        self.rows.1 = next.rows.1;
        self.records += next.records;
        self.invalid += next.invalid;
        self.known.add(next.known);
        self.errors.extend(next.errors);
        self.failed.extend(next.failed);
        self.found.add(next.found);
        self.progress = next.progress;
    }

    /// Records that the batch stores, if the database refuses none.
    pub(super) fn stored(&self) -> u64 {
        self.records - self.invalid - self.known.skipped
    }
}

/// Converts batches of the engine.
pub(super) struct BatchPreparer<'a> {
    pub(super) job_id: JobId,
    pub(super) import_type: ImportType,
    pub(super) on_duplicate: OnDuplicate,
    pub(super) messages: Messages,
    pub(super) clock: &'a dyn Clock,
    pub(super) budget: FindingsBudget,
    pub(super) with_rows: bool,
}

/// What the engine counted, as a job keeps it.
pub(super) fn error_summary(counts: IssueCounts) -> ErrorSummary {
    ErrorSummary {
        missing_required: counts.missing_required,
        invalid_format: counts.invalid_format,
        duplicate: counts.duplicate,
        constraint_violation: counts.constraint_violation,
    }
}

impl BatchPreparer<'_> {
    pub(super) fn prepare(&self, batch: &Batch) -> Result<PreparedBatch, RecordError> {
        let mut prepared = PreparedBatch {
            rows: (batch.first_row(), batch.last_row()),
            records: batch.records() as u64,
            invalid: batch.rejected().len() as u64,
            known: Known::of(batch),
            valid: self.with_rows.then(|| self.rows(batch)).transpose()?,
            errors: Vec::new(),
            failed: Vec::new(),
            found: Findings {
                errors: error_summary(batch.errors()),
                ..Findings::default()
            },
            progress: batch.progress(),
        };
        self.keep_errors(batch, &mut prepared);
        self.keep_warnings(batch, &mut prepared);
        Ok(prepared)
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
        let given = GivenCells::new(self.import_type, self.on_duplicate);
        let prepare = |row: BatchRow<'_>| {
            let over = row.existing().map(|key| match key {
                Key::Uuid(id) => Ok(*id),
                _ => Err(RecordError::Missing {
                    row: row.row(),
                    field: "id",
                }),
            });
            Ok(ImportRow {
                over: over.transpose()?,
                given: given.of(row),
                ..ImportRow::new(self.clock.mint_uuid(), row.row(), record(row)?)
            })
        };
        // Those that become new records come first.
        let new = batch.rows().filter(|row| row.action() == Action::Create);
        let known = batch.rows().filter(|row| row.action() == Action::Update);
        new.chain(known).map(prepare).collect()
    }

    /// Keeps each rejected row with all its errors, or only counts them.
    fn keep_errors(&self, batch: &Batch, prepared: &mut PreparedBatch) {
        let now = self.clock.now();
        for rejected in batch.rejected() {
            let issues = batch.issues_of(rejected.row()).iter();
            let errors = issues.filter(|issue| issue.is_error());
            if !self
                .budget
                .takes(errors.clone().map(|issue| issue.code.as_str()))
            {
                prepared.found.left_out.add(LeftOut {
                    rows: 1,
                    errors: errors.count() as u64,
                });
                continue;
            }
            let first = prepared.errors.len();
            prepared
                .errors
                .extend(errors.map(|issue| self.finding(issue, Severity::Error, now)));
            let row = FailedRow {
                row_number: rejected.row(),
                cells: RowCells::pack(rejected.cells().map(storable)),
            };
            self.budget.note(&prepared.errors[first..], &row);
            prepared.failed.push(row);
        }
    }

    /// Keeps the warnings of accepted rows.
    fn keep_warnings(&self, batch: &Batch, prepared: &mut PreparedBatch) {
        if batch.issues().iter().all(Issue::is_error) {
            return;
        }
        let now = self.clock.now();
        for row in batch.rows() {
            let issues = batch.issues_of(row.row());
            prepared.found.warning_rows += u64::from(!issues.is_empty());
            for issue in issues {
                if self.budget.takes_warning() {
                    prepared
                        .errors
                        .push(self.finding(issue, Severity::Warning, now));
                }
            }
        }
    }

    fn finding(&self, issue: &Issue, severity: Severity, now: Timestamp) -> RowError {
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
            code: issue.code.as_str().into(),
            severity,
            field_name: issue.field().map(str::to_owned),
            column_index: issue.column.and_then(|column| u32::try_from(column).ok()),
            error_message: storable(&self.messages.message(issue)).into_owned(),
            expected_format: self.messages.expected(issue),
            received_value: issue
                .value
                .as_deref()
                .map(|value| storable(value).into_owned()),
            params: issue
                .params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), storable(value).into_owned()))
                .collect(),
            created_at: now,
        }
    }
}

/// Decides which cells of rows change a record.
struct GivenCells {
    /// For each column of the table, the field that fills it, if it is not derived from others. Empty if no record is
    /// changed.
    fields: Vec<Option<usize>>,
}

impl GivenCells {
    fn new(import_type: ImportType, on_duplicate: OnDuplicate) -> Self {
        let columns = match on_duplicate {
            OnDuplicate::Update => ImportRows::columns(import_type),
            OnDuplicate::Reject | OnDuplicate::Skip => Vec::new(),
        };
        let schema = import_types::schema(import_type);
        Self {
            fields: columns
                .into_iter()
                .map(|column| schema.index_of(column))
                .collect(),
        }
    }

    /// An empty cell leaves the record as it is, even if a new record would get a default.
    fn of(&self, row: BatchRow<'_>) -> Given {
        if self.fields.is_empty() {
            return Given::ALL;
        }
        let is_given = |field: &Option<usize>| {
            field.is_none_or(|field| !matches!(row.value(field), Value::Absent))
        };
        Given::of(self.fields.iter().map(is_given))
    }
}

/// The part of a cell that a database can store and a person can read. A NUL becomes its symbol, because PostgreSQL
/// cannot store it.
fn storable(cell: &str) -> Cow<'_, str> {
    let kept = match shortened(cell, LONGEST_CELL) {
        Cow::Borrowed(cell) => Cow::Borrowed(cell),
        Cow::Owned(front) => Cow::Owned(format!(
            "{front} [dipotong: {} karakter]",
            cell.chars().count()
        )),
    };
    if kept.contains('\0') {
        Cow::Owned(kept.replace('\0', "\u{2400}"))
    } else {
        kept
    }
}

/// Reports the valid rows of a batch that the database rejects: another writer stored the same key between the check and the
/// load.
pub(super) struct Refused<'a> {
    pub(super) job_id: JobId,
    pub(super) clock: &'a dyn Clock,
    /// Header and field of every column of the file.
    pub(super) columns: &'a [(String, Option<String>)],
    pub(super) rows: &'a ImportRows,
}

impl Refused<'_> {
    /// The row error of a refusal, and the failed row: its values as the import understood them, in the file's columns.
    pub(super) fn error(&self, refusal: &Refusal) -> (RowError, FailedRow) {
        let cells: HashMap<&str, String> = self.rows.texts(refusal.index).into_iter().collect();
        let (code, field, message) = match refusal.reason {
            RefusalReason::Duplicate { field } => (
                IssueCode::DUPLICATE_IN_SYSTEM.as_str(),
                Some(field),
                format!("{} sudah ada di sistem", label(field)),
            ),
            RefusalReason::MissingReference { field } => (
                IssueCode::REFERENCE_NOT_FOUND.as_str(),
                Some(field),
                format!("{} tidak ditemukan", label(field)),
            ),
            RefusalReason::Unstorable => {
                (UNSTORABLE, None, "Baris ditolak oleh basis data".to_owned())
            }
        };
        let in_columns = self.columns.iter().map(|(_, field)| {
            let cell = field.as_deref().and_then(|field| cells.get(field));
            cell.map_or("", String::as_str)
        });
        let row = FailedRow {
            row_number: refusal.row_number,
            cells: RowCells::pack(in_columns),
        };
        let column = self
            .columns
            .iter()
            .position(|(_, used)| used.is_some() && used.as_deref() == field);
        let error = RowError {
            id: RowErrorId::mint(self.clock),
            job_id: self.job_id,
            row_number: refusal.row_number,
            error_type: refusal.reason.error_type(),
            code: code.into(),
            severity: Severity::Error,
            field_name: field.map(str::to_owned),
            column_index: column.and_then(|column| u32::try_from(column).ok()),
            error_message: message,
            expected_format: None,
            received_value: field.and_then(|field| cells.get(field)).cloned(),
            params: BTreeMap::new(),
            created_at: self.clock.now(),
        };
        (error, row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_cells_that_a_spreadsheet_cannot_hold_with_a_note() {
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
