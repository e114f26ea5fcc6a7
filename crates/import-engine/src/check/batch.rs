//! A batch: a range of checked rows that owns all its data, and the rows as they are received and typed while it is
//! filled.

use std::sync::Arc;

use crate::{
    csv::{Record, Span},
    issue::{Issue, IssueCode, IssueKind, Problem, Severity, shortened},
    schema::{
        Schema,
        kind::{Arena, Kind, RowMark, Slot, ValidRow},
        rule::Cells,
    },
    value::{Action, Decimal, Existing, Key, Value},
};

/// A checked range of the file: the typed valid rows, the invalid rows as received, and all issues of both. A database
/// should store it in one transaction.
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
    /// What happens to rows that the system already has.
    pub(crate) existing: Existing,
    /// The keys by which the system knows valid rows; shorter than `rows` if it has none of the last ones.
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
    /// Accepted data records.
    pub valid: u64,
    /// Rejected data records.
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

    /// Row number of the last record, to be passed to [`Import::resume_after`](crate::Import::resume_after) once this
    /// batch is stored.
    #[must_use]
    pub fn last_row(&self) -> u64 {
        self.last_row
    }

    /// Data records, valid and invalid.
    #[must_use]
    pub fn records(&self) -> usize {
        self.rows.len() + self.rejected.marks.len()
    }

    /// Counts since the start of the file, this batch included; after a resume, also the rows before it.
    #[must_use]
    pub fn progress(&self) -> BatchProgress {
        self.progress
    }

    /// The errors of this batch alone, including those that [`Limits::issues`](crate::Limits::issues) cut.
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

    /// All values of a field, one per valid row, for a columnar load.
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

    /// Removes and returns the issues, for a caller that stores them elsewhere.
    #[must_use]
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.issues)
    }

    /// Row number and values of every record, valid or not, in the order of the file. For a batch of a run that was not
    /// resumed.
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

// One row of a batch, valid or not.

/// A valid row of a [`Batch`].
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'b> {
    batch: &'b Batch,
    index: usize,
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

    /// The key by which the system knows the row, if it already has it and the import [accepts such
    /// rows](crate::Import::existing).
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

/// An invalid row of a [`Batch`] as received: cells decoded, one formula guard removed, otherwise unchanged.
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct RejectedRow<'b> {
    rejects: &'b Rejects,
    index: usize,
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

    /// Its cells. For a damaged record, those of its line, as far as they can be separated.
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

// The batch that is being filled: rows as received and as typed, and their findings.

/// Longest value shown in an issue, in characters.
const SHOWN_CHARS: usize = 1_000;
/// The approximate size of an issue in memory with its parameters; its value is another copy of the row's text.
const ISSUE_BYTES: usize = 256;

/// A batch while it is being filled. The text of all rows is in one string: first the record as received, then the
/// results of cleaning and rules.
#[derive(Debug, Default)]
pub(crate) struct RowState {
    pub(crate) arena: Arena,
    pub(crate) slots: Vec<Slot>,
    /// The slots of a row before it is read: copying them at once is cheaper than adding them one by one.
    unread: Vec<Slot>,
    /// Start of the current row in `slots`.
    pub(super) base: usize,
    pub(super) rows: Vec<PendingRow>,
    spans: Vec<Span>,
    pub(crate) issues: Vec<Issue>,
    /// What rules reported about the current row: the field, or none for the row as a whole, the problem and the
    /// severity.
    pub(super) findings: Vec<(Option<usize>, Problem, Severity)>,
    /// The keys by which the system knows rows that it has; shorter than `rows` if it has none of the last ones.
    pub(crate) known: Vec<Option<Key>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PendingRow {
    pub(super) mark: RowMark,
    /// Where its record and its unescaped cells begin in the text.
    text: usize,
    unescaped: usize,
    /// End of its cells in `spans`.
    spans: usize,
    pub(super) valid: bool,
}

/// Where a record and its unescaped cells begin in the text of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    text: usize,
    unescaped: usize,
}

impl Origin {
    /// The range of a cell of the record in the text.
    #[inline]
    pub(super) fn offset(self, span: Span) -> usize {
        span.start()
            + if span.is_unescaped() {
                self.unescaped
            } else {
                self.text
            }
    }
}

impl RowState {
    /// An empty batch with the same capacity: growing step by step would copy everything several times.
    pub(super) fn alike(&self) -> Self {
        let text = self.arena.text.len();
        Self {
            arena: Arena {
                text: String::with_capacity(text + text / 16),
                uuids: Vec::with_capacity(self.arena.uuids.len()),
            },
            slots: Vec::with_capacity(self.slots.len()),
            unread: self.unread.clone(),
            rows: Vec::with_capacity(self.rows.len()),
            spans: Vec::with_capacity(self.spans.len()),
            ..Self::default()
        }
    }

    /// Its approximate size in memory.
    #[inline]
    pub(super) fn bytes(&self) -> usize {
        self.arena.text.len()
            + self.spans.len() * size_of::<Span>()
            + self.slots.len() * size_of::<Slot>()
            + self.issues.len() * ISSUE_BYTES
    }

    /// Begins a row: keeps the record as received.
    pub(super) fn begin(&mut self, record: &Record<'_>, fields: usize) {
        let text = self.arena.text.len();
        self.arena.text.push_str(record.extent());
        let unescaped = self.arena.text.len();
        if !record.unescaped.is_empty() {
            self.arena.text.push_str(record.unescaped);
        }
        self.spans.extend_from_slice(record.cells);
        self.base = self.slots.len();
        if self.unread.len() != fields {
            self.unread = vec![Slot::Absent; fields];
        }
        self.slots.extend_from_slice(&self.unread);
        self.rows.push(PendingRow {
            mark: RowMark {
                row: record.row(),
                line: record.line(),
            },
            text,
            unescaped,
            spans: self.spans.len(),
            valid: true,
        });
    }

    /// The range of the current record in the text.
    #[inline]
    pub(super) fn origin(&self) -> Origin {
        let row = &self.rows[self.rows.len() - 1];
        Origin {
            text: row.text,
            unescaped: row.unescaped,
        }
    }

    /// Records the key by which the system already has a row. False if another key was recorded for it before.
    pub(super) fn know(&mut self, row: usize, key: &Key) -> bool {
        if self.known.len() <= row {
            self.known.resize(row + 1, None);
        }
        self.known[row].get_or_insert_with(|| key.clone()) == key
    }

    pub(super) fn slot(&mut self, field: usize) -> &mut Slot {
        &mut self.slots[self.base + field]
    }

    /// The value of a field of any row of the batch.
    #[inline]
    pub(super) fn value_of<'a>(
        &'a self,
        schema: &'a Schema,
        base: usize,
        field: usize,
    ) -> Value<'a> {
        self.slots[base + field].value(&self.arena, &schema.fields()[field].kind)
    }

    /// Cells of a row as received.
    pub(super) fn cells(&self, row: usize) -> impl ExactSizeIterator<Item = &str> {
        let begin = if row == 0 {
            0
        } else {
            self.rows[row - 1].spans
        };
        let pending = self.rows[row];
        self.spans[begin..pending.spans].iter().map(move |span| {
            let base = if span.is_unescaped() {
                pending.unescaped
            } else {
                pending.text
            };
            crate::value::text::unguard(
                self.arena
                    .text
                    .get(base + span.start()..base + span.end())
                    .unwrap_or_default(),
            )
        })
    }

    /// A cell of a row as received.
    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.cells(row).nth(column)
    }

    /// Adds an issue about a field of a row.
    pub(super) fn push_issue(
        &mut self,
        schema: &Schema,
        (row, field, column): (usize, usize, Option<usize>),
        problem: Problem,
        severity: Severity,
    ) {
        let mark = self.rows[row].mark;
        let value = column
            .and_then(|column| self.cell(row, column))
            // The point at the end distinguishes a workbook's long number from a text.
            .map(|cell| match problem.code {
                IssueCode::EXCEL_ROUNDED | IssueCode::STORED_AS_NUMBER => {
                    cell.strip_suffix('.').unwrap_or(cell)
                }
                _ => cell,
            })
            .map(|cell| shortened(cell, SHOWN_CHARS));
        let definition = &schema.fields()[field];
        if severity == Severity::Error {
            self.rows[row].valid = false;
        }
        self.issues.push(Issue {
            row: mark.row,
            line: mark.line,
            column,
            field_name: Some(Arc::clone(&definition.name)),
            kind: problem.kind,
            code: problem.code,
            severity,
            params: problem.params,
            value: value.filter(|value| !value.is_empty() || problem.code != IssueCode::REQUIRED),
            sensitive: definition.sensitive,
        });
    }

    /// Adds the finding of a rule about the row as a whole.
    pub(super) fn push_about_row(
        &mut self,
        row: usize,
        problem: Problem,
        severity: Severity,
        sensitive: bool,
    ) {
        let pending = &mut self.rows[row];
        pending.valid &= severity != Severity::Error;
        self.issues.push(Issue {
            row: pending.mark.row,
            line: pending.mark.line,
            column: None,
            field_name: None,
            kind: problem.kind,
            code: problem.code,
            severity,
            params: problem.params,
            value: None,
            sensitive,
        });
    }

    /// Adds an issue about the current record as a whole.
    pub(super) fn push_damage(&mut self, record: &Record<'_>, problem: Problem, sensitive: bool) {
        if let Some(row) = self.rows.last_mut() {
            row.valid = false;
        }
        self.issues.push(Issue {
            row: record.row(),
            line: record.line(),
            column: None,
            field_name: None,
            kind: problem.kind,
            code: problem.code,
            severity: Severity::Error,
            params: problem.params,
            value: Some(shortened(record.raw(), SHOWN_CHARS)),
            sensitive,
        });
    }
}

impl Cells for RowState {
    #[inline]
    fn value<'a>(&'a self, field: usize, kind: &'a Kind) -> Value<'a> {
        self.slots[self.base + field].value(&self.arena, kind)
    }

    fn report(&mut self, field: Option<usize>, problem: Problem, severity: Severity) {
        self.findings.push((field, problem, severity));
    }

    fn set(&mut self, field: usize, kind: &Kind, value: Value<'_>) -> bool {
        let Some(slot) = self.arena.put(kind, value) else {
            return false;
        };
        *self.slot(field) = slot;
        true
    }

    fn clear(&mut self, field: usize) {
        *self.slot(field) = Slot::Absent;
        self.findings
            .retain(|(reported, _, _)| *reported != Some(field));
    }
}

// The numbers of issues.

/// Errors by family.
///
/// See [`Summary`](crate::Summary) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IssueCounts {
    /// Empty cells of required fields.
    pub missing_required: u64,
    /// Cells and records in a wrong format.
    pub invalid_format: u64,
    /// Values that are already taken.
    pub duplicate: u64,
    /// References to nothing, and violated rules across cells.
    pub constraint_violation: u64,
}

impl IssueCounts {
    /// The total.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.missing_required + self.invalid_format + self.duplicate + self.constraint_violation
    }

    pub(crate) fn add(&mut self, kind: IssueKind) {
        *match kind {
            IssueKind::MissingRequired => &mut self.missing_required,
            IssueKind::InvalidFormat => &mut self.invalid_format,
            IssueKind::Duplicate => &mut self.duplicate,
            IssueKind::ConstraintViolation => &mut self.constraint_violation,
        } += 1;
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.missing_required += other.missing_required;
        self.invalid_format += other.invalid_format;
        self.duplicate += other.duplicate;
        self.constraint_violation += other.constraint_violation;
    }
}
