//! A run of checked rows, owning everything it holds. Knows no database.

mod row;
#[cfg(feature = "serde")]
mod rows;

use super::summary::IssueCounts;
use crate::{
    issue::Issue,
    schema::{
        Schema,
        cell::{Arena, RowMark, Slot, ValidRow},
    },
    value::{Existing, Key, Value},
};

pub use row::{BatchRow, RejectedRow};

/// A stretch of the file, checked: the typed valid rows, the invalid rows as received, and every issue of both. What a
/// database should take in one transaction.
///
/// ```
/// use import_engine::{Field, Plan, Schema};
///
/// let file = b"name,seats\nReguler,45\nPlus,many\n";
/// let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
/// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
///
/// let batch = &batches[0];
/// assert_eq!((batch.first_row(), batch.last_row(), batch.records()), (2, 3, 2));
/// let row = batch.rows().next().unwrap();
/// assert_eq!((row.text(0), row.integer(1)), (Some("Reguler"), Some(45)));
/// let rejected = batch.rejected().next().unwrap();
/// assert_eq!((rejected.row(), rejected.cells().collect::<Vec<_>>()), (3, vec!["Plus", "many"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    pub(crate) schema: Schema,
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) progress: BatchProgress,
    pub(crate) errors: IssueCounts,
    pub(crate) rows: Vec<ValidRow>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) arena: Arena,
    pub(crate) rejected: Rejects,
    pub(crate) issues: Vec<Issue>,
    /// What becomes of rows that the system has.
    pub(crate) existing: Existing,
    /// What the system knows valid rows by; shorter than `rows` if it has none of the last.
    pub(crate) known: Vec<Option<Key>>,
}

/// Counts since the start of the file, this batch included.
///
/// See [`Batch::progress`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BatchProgress {
    /// Data records.
    pub records: u64,
    /// Those that were taken.
    pub valid: u64,
    /// Those that were not.
    pub invalid: u64,
    /// Errors by family.
    pub errors: IssueCounts,
}

/// Invalid rows as received, in one string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejects {
    pub(crate) marks: Vec<(RowMark, usize)>,
    /// End of each cell in `text`.
    pub(crate) ends: Vec<usize>,
    pub(crate) text: String,
}

impl Batch {
    /// The schema the rows were checked against.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Row number of the first record.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// Row number of the last record: what to give to [`Import::resume_after`](crate::Import::resume_after) once this batch is stored.
    #[must_use]
    pub fn last_row(&self) -> u64 {
        self.last_row
    }

    /// Data records, valid and invalid.
    #[must_use]
    pub fn records(&self) -> usize {
        self.rows.len() + self.rejected.marks.len()
    }

    /// Counts since the start of the file, this batch included; after a resume the rows before it included too.
    #[must_use]
    pub fn progress(&self) -> BatchProgress {
        self.progress
    }

    /// The errors of this batch alone, those that [`Limits::issues`](crate::Limits::issues) cut included.
    #[must_use]
    pub fn errors(&self) -> IssueCounts {
        self.errors
    }

    /// The valid rows.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = BatchRow<'_>> {
        (0..self.rows.len()).map(|index| BatchRow { batch: self, index })
    }

    /// The value of a field in a valid row, both by index.
    #[must_use]
    pub fn value(&self, row: usize, field: usize) -> Value<'_> {
        let slot = self
            .rows
            .get(row)
            .and_then(|row| self.slots.get(row.slots + field));
        match (self.schema.fields().get(field), slot) {
            (Some(definition), Some(slot)) => slot.value(&self.arena, &definition.kind),
            _ => Value::Absent,
        }
    }

    /// All values of a field, one per valid row: what a columnar load wants.
    #[must_use]
    pub fn column(&self, field: usize) -> impl ExactSizeIterator<Item = Value<'_>> {
        (0..self.rows.len()).map(move |row| self.value(row, field))
    }

    /// The invalid rows as received.
    #[must_use]
    pub fn rejected(&self) -> impl ExactSizeIterator<Item = RejectedRow<'_>> {
        (0..self.rejected.marks.len()).map(|index| RejectedRow {
            rejects: &self.rejected,
            index,
        })
    }

    /// Errors of the invalid rows and warnings of all rows, in the order of the rows.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Issues of one row.
    #[must_use]
    pub fn issues_of(&self, row: u64) -> &[Issue] {
        let start = self.issues.partition_point(|issue| issue.row < row);
        let end = self.issues.partition_point(|issue| issue.row <= row);
        &self.issues[start..end]
    }

    /// Takes the issues out, for a caller that stores them elsewhere.
    #[must_use]
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.issues)
    }

    /// Row number and values of every record, valid or not, in the order of the file. Of a batch that no run resumed before.
    pub(crate) fn checked(
        &self,
    ) -> impl Iterator<Item = (u64, impl Iterator<Item = (&str, Value<'_>)>)> {
        let fields = self.schema.fields();
        let valid = self.rows.iter().map(|row| row.mark.row);
        let invalid = self.rejected.marks.iter().map(|(mark, _)| mark.row);
        let mut rows: Vec<u64> = valid.chain(invalid).collect();
        rows.sort_unstable();
        rows.into_iter().enumerate().map(move |(index, row)| {
            let slots = self.slots.iter().skip(index * fields.len());
            let values = fields.iter().zip(slots).map(|(field, slot)| {
                let value = slot.value(&self.arena, &field.kind);
                (field.name(), value)
            });
            (row, values.filter(|(_, value)| !value.is_absent()))
        })
    }
}
