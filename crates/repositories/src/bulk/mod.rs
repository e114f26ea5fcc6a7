//! Batches: what a piece of an import carries, and what became of it.

use domain::{Checkpoint, JobCounts, NewJamaah, NewPackage, NewPayment, RowError, Timestamp};
use uuid::Uuid;

/// A valid row on its way into its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow<T> {
    /// The id it will have.
    pub id: Uuid,
    /// The spreadsheet row it came from.
    pub row_number: u64,
    /// The record.
    pub record: T,
}

/// The rows of a batch, all of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRows {}

/// One batch of an import: a range of the file.
pub struct ImportBatch<'a> {
    /// First and last spreadsheet row of the range, whose stored errors are replaced.
    pub rows: (u64, u64),
    /// Its valid rows.
    pub valid: &'a ImportRows,
    /// The errors of its invalid rows.
    pub errors: &'a [RowError],
    /// The job's counts with this batch, as if every valid row were stored.
    pub counts: JobCounts,
    /// The checkpoint behind this batch, as if every valid row were stored.
    pub checkpoint: Checkpoint,
    /// When the rows are made.
    pub now: Timestamp,
    /// Makes the row error of a row that the database refused.
    pub refused: &'a (dyn Fn(&Refusal) -> RowError + Send + Sync),
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Rows that are not stored, and why.
    pub refused: Vec<Refusal>,
    /// The errors of the refused rows, as stored.
    pub errors: Vec<RowError>,
    /// The job's counts as they are now.
    pub counts: JobCounts,
    /// The checkpoint as it is now.
    pub checkpoint: Checkpoint,
}

/// A valid row that the database refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Its place among the batch's valid rows.
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
    /// The row it refers to is gone.
    MissingReference {
        /// The field.
        field: &'static str,
    },
    /// It holds something that the database cannot store, such as a NUL character.
    Unstorable,
}
