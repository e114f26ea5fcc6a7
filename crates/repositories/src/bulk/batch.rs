//! What a batch of an import or a validation carries, what became of its rows, and why it failed.

use std::collections::HashSet;

use domain::{
    Checkpoint, ErrorType, FailedRow, Findings, ImportType, JobCounts, LeftOut, NewJamaah,
    NewPackage, NewPayment, OnDuplicate, RowError, Timestamp,
};
use sea_orm::{Value, prelude::TimeDateTime};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use crate::{
    Lease, RepositoryError,
    import_job::rows,
    table::{Cells, Table, imported, own_columns},
    violation::{self, Kind},
};

/// A valid row that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow<T> {
    /// The id it will have.
    pub id: Uuid,
    /// The spreadsheet row it came from.
    pub row_number: u64,
    /// The record.
    pub record: T,
    /// The record that it changes, if it does not become a new one.
    pub over: Option<Uuid>,
    /// The cells of the record that it changes.
    pub given: Given,
}

impl<T> ImportRow<T> {
    /// A row that becomes a new record.
    #[must_use]
    pub const fn new(id: Uuid, row_number: u64, record: T) -> Self {
        Self {
            id,
            row_number,
            record,
            over: None,
            given: Given::ALL,
        }
    }
}

/// Which of a table's own columns a row gives a value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given(u64);

impl Given {
    /// All of them.
    pub const ALL: Self = Self(u64::MAX);

    /// The given ones, in the order of [`ImportRows::columns`].
    #[must_use]
    pub fn of(given: impl IntoIterator<Item = bool>) -> Self {
        let bits = given.into_iter().enumerate();
        Self(bits.fold(0, |bits, (column, is_given)| {
            bits | u64::from(is_given) << (column % 64)
        }))
    }

    pub(super) const fn has(self, column: usize) -> bool {
        self.0 >> (column % 64) & 1 == 1
    }
}

/// The rows of a batch, all of one type; those that become new records come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRows {
    /// Pilgrims.
    Jamaah(Vec<ImportRow<NewJamaah>>),
    /// Payments.
    Payment(Vec<ImportRow<NewPayment>>),
    /// Packages.
    Package(Vec<ImportRow<NewPackage>>),
}

impl ImportRows {
    /// The columns that a record of a type fills.
    #[must_use]
    pub fn columns(import_type: ImportType) -> Vec<&'static str> {
        (imported(import_type).own_columns)()
    }

    /// A row's values as texts, by column, empty for null; no texts if the row does not exist.
    #[must_use]
    pub fn texts(&self, index: usize) -> Vec<(&'static str, String)> {
        match self {
            Self::Jamaah(rows) => texts(rows.get(index)),
            Self::Payment(rows) => texts(rows.get(index)),
            Self::Package(rows) => texts(rows.get(index)),
        }
    }

    /// The spreadsheet rows.
    fn row_numbers(&self) -> Vec<u64> {
        match self {
            Self::Jamaah(rows) => numbers(rows),
            Self::Payment(rows) => numbers(rows),
            Self::Package(rows) => numbers(rows),
        }
    }
}

fn numbers<T>(rows: &[ImportRow<T>]) -> Vec<u64> {
    rows.iter().map(|row| row.row_number).collect()
}

fn texts<T: Table>(row: Option<&ImportRow<T>>) -> Vec<(&'static str, String)> {
    let mut texts = Texts::default();
    if let Some(row) = row {
        row.record.fill(&mut texts);
    }
    let texts = texts.0.into_iter().map(Option::unwrap_or_default);
    own_columns::<T>().into_iter().zip(texts).collect()
}

/// Cells as texts; `None` for null.
#[derive(Default)]
pub(super) struct Texts(pub(super) Vec<Option<String>>);

impl Texts {
    fn add(&mut self, value: Option<impl ToString>) {
        self.0.push(value.map(|value| value.to_string()));
    }
}

impl Cells for Texts {
    fn text(&mut self, text: Option<&str>) {
        self.add(text);
    }

    fn uuid(&mut self, id: Uuid) {
        self.add(Some(id));
    }

    fn number(&mut self, number: Option<i64>) {
        self.add(number);
    }

    fn date(&mut self, date: Option<Date>) {
        self.add(date);
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        self.add(Some(moment));
    }
}

/// One batch of an import: a range of the file.
pub struct ImportBatch<'a> {
    /// First and last spreadsheet row of the range, whose stored errors and rows are replaced.
    pub rows: (u64, u64),
    /// Its valid rows, except those that are skipped.
    pub valid: &'a ImportRows,
    /// The rows of the range that state which failed row they correct, in a job that corrects another.
    pub corrected: &'a [CorrectedRow],
    /// What happens to rows whose record exists.
    pub on_duplicate: OnDuplicate,
    /// The errors of its invalid rows and the warnings of its valid ones, as far as they are kept.
    pub errors: &'a [RowError],
    /// Its invalid rows, as far as they are kept.
    pub failed: &'a [FailedRow],
    /// The job's counts with this batch, as if every valid row became a new record.
    pub counts: JobCounts,
    /// The checkpoint after this batch, as if every valid row became a new record.
    pub checkpoint: Checkpoint,
    /// The creation time of the rows.
    pub now: Timestamp,
    /// Builds the row error of a row that the database rejected, and the failed row for the report.
    pub refused: &'a (dyn Fn(&Refusal) -> (RowError, FailedRow) + Send + Sync),
    /// For how many refused rows both may be kept; the others are only counted.
    pub refused_room: usize,
    /// Called right before the commit: from then on, and until its result is known, the job may be stored with this batch
    /// or without it.
    pub committing: &'a (dyn Fn() + Send + Sync),
}

/// A row that states which failed row of another file it corrects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrectedRow {
    /// Its number in its own file.
    pub row_number: u64,
    /// The number of the failed row, in the file of that job.
    pub failed_row: u64,
}

/// The outcome of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Rows that are not stored, and why.
    pub refused: Vec<Refusal>,
    /// The errors of the refused rows, as stored.
    pub errors: Vec<RowError>,
    /// The refused rows, as stored.
    pub failed: Vec<FailedRow>,
    /// The job's counts as they are now.
    pub counts: JobCounts,
    /// The checkpoint as it is now.
    pub checkpoint: Checkpoint,
    /// The job's time of change, by the database's clock.
    pub updated_at: Timestamp,
    /// Whether the job's user has cancelled it.
    pub is_cancelled: bool,
}

impl BatchOutcome {
    /// All findings of the batch that are kept.
    pub(super) fn all_errors<'w>(&'w self, work: &Work<'w>) -> Vec<&'w RowError> {
        work.errors.iter().chain(&self.errors).collect()
    }

    /// All rows of the batch that are kept.
    pub(super) fn all_failed<'w>(&'w self, work: &Work<'w>) -> Vec<&'w FailedRow> {
        work.failed.iter().chain(&self.failed).collect()
    }
}

/// A valid row that the database refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Its index among the batch's valid rows.
    pub index: usize,
    /// The spreadsheet row.
    pub row_number: u64,
    /// Why.
    pub reason: RefusalReason,
}

/// Why the database refused a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// A row with the same natural key came first.
    Duplicate {
        /// The field.
        field: &'static str,
    },
    /// The row it refers to does not exist.
    MissingReference {
        /// The field.
        field: &'static str,
    },
    /// It holds something that the database cannot store.
    Unstorable,
}

impl RefusalReason {
    /// The kind of error that is reported to the user.
    #[must_use]
    pub const fn error_type(self) -> ErrorType {
        match self {
            Self::Duplicate { .. } => ErrorType::Duplicate,
            Self::MissingReference { .. } | Self::Unstorable => ErrorType::ConstraintViolation,
        }
    }
}

/// What one transaction writes.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    /// The range whose stored errors are replaced.
    pub(crate) rows: (u64, u64),
    /// The valid rows of an import.
    pub(crate) valid: Option<Valid<'a>>,
    /// The errors of the range.
    pub(crate) errors: &'a [RowError],
    /// The failed rows of the range.
    pub(crate) failed: &'a [FailedRow],
    /// The counts with it, as if every valid row became a new record.
    pub(crate) counts: JobCounts,
    /// The checkpoint after it, as if every valid row became a new record.
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// Valid rows, and how to report those that are refused.
#[derive(Clone, Copy)]
pub(crate) struct Valid<'a> {
    pub(crate) rows: &'a ImportRows,
    pub(crate) corrected: &'a [CorrectedRow],
    pub(crate) on_duplicate: OnDuplicate,
    pub(crate) now: Timestamp,
    pub(crate) refused: &'a (dyn Fn(&Refusal) -> (RowError, FailedRow) + Send + Sync),
    pub(crate) refused_room: usize,
    pub(crate) committing: &'a (dyn Fn() + Send + Sync),
}

impl Work<'_> {
    /// The values that name the range of rows in the report of the job: tenant, job, first and last row.
    pub(super) fn range(&self, lease: &Lease) -> Vec<Value> {
        vec![
            lease.scope.uuid().into(),
            lease.job_id.as_uuid().into(),
            rows(self.rows.0).into(),
            rows(self.rows.1).into(),
        ]
    }

    /// Reports that the commit follows.
    pub(super) fn report_committing(&self) {
        if let Some(valid) = &self.valid {
            (valid.committing)();
        }
    }

    /// The corrected rows that are stored, once the outcome of the rows is known.
    pub(super) fn stored_corrections(&self, loaded: &Loaded) -> Vec<CorrectedRow> {
        let Some(valid) = self.valid.filter(|valid| !valid.corrected.is_empty()) else {
            return Vec::new();
        };
        let mut stored: HashSet<u64> = valid.rows.row_numbers().into_iter().collect();
        for refusal in &loaded.refused {
            stored.remove(&refusal.row_number);
        }
        for row_number in &loaded.skipped {
            stored.remove(row_number);
        }
        let corrected = valid.corrected.iter().copied();
        corrected
            .filter(|row| stored.contains(&row.row_number))
            .collect()
    }

    /// The outcome at `now`, once that of the rows is known.
    pub(super) fn outcome(
        &self,
        loaded: Loaded,
        now: TimeDateTime,
        is_cancelled: bool,
    ) -> BatchOutcome {
        let Loaded {
            refused,
            updated,
            skipped,
        } = loaded;
        let (errors, failed): (Vec<_>, Vec<_>) = self
            .valid
            .iter()
            .flat_map(|valid| refused.iter().take(valid.refused_room).map(valid.refused))
            .unzip();
        let skipped = skipped.len() as u64;
        let lost = refused.len() as u64;
        let mut counts = self.counts;
        counts.imported_rows = counts.imported_rows.saturating_sub(lost + skipped);
        counts.updated_rows += updated;
        counts.skipped_rows += skipped;
        counts.failed_rows += if self.valid.is_some() { lost } else { 0 };
        let mut checkpoint = self.checkpoint.unwrap_or_default();
        checkpoint.imported_rows = checkpoint.imported_rows.saturating_sub(lost + skipped);
        checkpoint.updated_rows += updated;
        checkpoint.skipped_rows += skipped;
        checkpoint.failed_rows += lost;
        if let Some(found) = &mut checkpoint.found {
            let left_out = lost - failed.len() as u64;
            let mut of_refused = Findings {
                left_out: LeftOut {
                    rows: left_out,
                    errors: left_out,
                },
                ..Findings::default()
            };
            for refusal in &refused {
                of_refused.errors.count(refusal.reason.error_type());
            }
            found.add(of_refused);
        }
        BatchOutcome {
            refused,
            errors,
            failed,
            counts,
            checkpoint,
            updated_at: Timestamp::new(now.assume_utc()),
            is_cancelled,
        }
    }
}

/// The outcome of the rows of a batch.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Those that are not stored, in the order of the batch.
    pub(super) refused: Vec<Refusal>,
    /// How many changed a record.
    pub(super) updated: u64,
    /// The spreadsheet rows that were skipped after all.
    pub(super) skipped: Vec<u64>,
}

impl Loaded {
    /// Adds refusals of rows that were loaded separately, under their indexes in the batch.
    pub(super) fn refuse(&mut self, indexes: &[usize], refused: Vec<Refusal>) {
        let at = |refusal: Refusal| {
            let index = *indexes.get(refusal.index)?;
            Some(Refusal { index, ..refusal })
        };
        self.refused.extend(refused.into_iter().filter_map(at));
    }
}

/// Why a batch failed. Keeps the driver's error, which decides whether the batch is retried.
pub(super) enum BulkError {
    Driver(sqlx::Error),
    Repository(RepositoryError),
}

impl BulkError {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Driver(error) => violation::kind(error),
            Self::Repository(_) => Kind::Other,
        }
    }
}

impl From<sqlx::Error> for BulkError {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<RepositoryError> for BulkError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}
