//! One row of a batch, valid or not. Knows no other row.

use super::{Batch, Rejects};
use crate::value::{Action, Decimal, Existing, Key, Value};

/// A valid row of a [`Batch`].
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'b> {
    pub(super) batch: &'b Batch,
    pub(super) index: usize,
}

impl<'b> BatchRow<'b> {
    /// Its row number.
    #[must_use]
    pub fn row(&self) -> u64 {
        self.batch.rows[self.index].mark.row
    }

    /// The physical line where it begins.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.batch.rows[self.index].mark.line
    }

    /// What the system knows the row by, if it has it already and the import [takes such rows](crate::Import::existing).
    #[must_use]
    pub fn existing(&self) -> Option<&'b Key> {
        self.batch.known.get(self.index).and_then(Option::as_ref)
    }

    /// What is to be done with the row.
    #[must_use]
    pub fn action(&self) -> Action {
        match (self.existing(), self.batch.existing) {
            (None, _) | (_, Existing::Refuse) => Action::Create,
            (Some(_), Existing::Update) => Action::Update,
            (Some(_), Existing::Skip) => Action::Skip,
        }
    }

    /// The value of a field by index.
    #[must_use]
    pub fn value(&self, field: usize) -> Value<'b> {
        self.batch.value(self.index, field)
    }

    /// The value of a field by name.
    #[must_use]
    pub fn get(&self, field: &str) -> Value<'b> {
        self.batch
            .schema
            .index_of(field)
            .map_or(Value::Absent, |index| self.value(index))
    }

    /// The values of all fields.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = Value<'b>> {
        let row = *self;
        (0..row.batch.schema.fields().len()).map(move |field| row.value(field))
    }

    /// The text of a text or choice field.
    #[must_use]
    pub fn text(&self, field: usize) -> Option<&'b str> {
        self.value(field).as_text()
    }

    /// The whole number of an integer or money field.
    #[must_use]
    pub fn integer(&self, field: usize) -> Option<i64> {
        self.value(field).as_integer()
    }

    /// The number of a decimal field.
    #[must_use]
    pub fn decimal(&self, field: usize) -> Option<Decimal> {
        self.value(field).as_decimal()
    }

    /// The day of a date field.
    #[must_use]
    pub fn date(&self, field: usize) -> Option<time::Date> {
        self.value(field).as_date()
    }

    /// The id of a UUID or answered reference field.
    #[must_use]
    pub fn uuid(&self, field: usize) -> Option<uuid::Uuid> {
        self.value(field).as_uuid()
    }
}

/// An invalid row of a [`Batch`] as received: cells decoded, one formula guard taken off, otherwise untouched.
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct RejectedRow<'b> {
    pub(super) rejects: &'b Rejects,
    pub(super) index: usize,
}

impl<'b> RejectedRow<'b> {
    /// Its row number.
    #[must_use]
    pub fn row(&self) -> u64 {
        self.rejects.marks[self.index].0.row
    }

    /// The physical line where it begins.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.rejects.marks[self.index].0.line
    }

    /// Its cells. Of a damaged record those of its line, as far as they can be separated.
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'b str> {
        let rejects = self.rejects;
        let end = rejects.marks[self.index].1;
        let begin = if self.index == 0 {
            0
        } else {
            rejects.marks[self.index - 1].1
        };
        (begin..end).map(move |cell| {
            let from = if cell == 0 { 0 } else { rejects.ends[cell - 1] };
            rejects
                .text
                .get(from..rejects.ends[cell])
                .unwrap_or_default()
        })
    }
}
