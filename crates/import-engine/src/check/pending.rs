//! The batch that is being filled: rows as received and as typed, and what was found about them. Decides nothing.

use std::sync::Arc;

use crate::{
    csv::{Record, Span},
    issue::{Issue, IssueCode, Problem, Severity, shortened},
    schema::{
        Schema,
        cell::{Arena, RowMark, Slot},
        kind::Kind,
        rule::Cells,
    },
    value::{Key, Value},
};

/// Longest value shown in an issue, in characters.
const SHOWN_CHARS: usize = 1_000;
/// About what an issue is in memory with its parameters; its value is text of the row once more.
const ISSUE_BYTES: usize = 256;

/// A batch while it is being filled. The text of all rows is in one string: first the record as received, then what
/// cleaning and rules made from its cells.
#[derive(Debug, Default)]
pub(crate) struct RowState {
    pub(super) arena: Arena,
    pub(super) slots: Vec<Slot>,
    /// The slots of a row before it is read: copied at once they cost less than put one by one.
    unread: Vec<Slot>,
    /// Begin of the current row in `slots`.
    pub(super) base: usize,
    pub(super) rows: Vec<PendingRow>,
    spans: Vec<Span>,
    pub(super) issues: Vec<Issue>,
    /// What rules reported about the current row: the field, or none for the row as a whole; problem, severity.
    pub(super) findings: Vec<(Option<usize>, Problem, Severity)>,
    /// What the system knows rows by, those that it has; shorter than `rows` if it has none of the last.
    pub(super) known: Vec<Option<Key>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PendingRow {
    pub(super) mark: RowMark,
    /// Where its record begins in the text, and its unescaped cells.
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
    /// An empty batch with room for as much: growing step by step would copy everything several times.
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

    /// About how much memory it is.
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

    /// The system has a row already. False if it had another one for the same row.
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

    /// Adds what a rule found about the row as a whole.
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
    fn value<'a>(&'a self, schema: &'a Schema, field: usize) -> Value<'a> {
        self.value_of(schema, self.base, field)
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
