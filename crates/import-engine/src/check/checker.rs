//! Records into batches: each record against the fields, then the whole batch against the system and the rows before it.
//! Reads no bytes and sends nothing.

use time::Date;

use super::{
    cell::{self, Context, Decision, Received, Scratch},
    pending::{Origin, RowState},
    unique::{Entry, GROUP, KeyHasher, Place, UniqueIndex},
};
use crate::{
    batch::{Batch, BatchProgress, RowMark, Slot},
    issue::{IssueCode, IssueKind, Problem, Severity},
    limits::Limits,
    mapping::Mapping,
    read::Record,
    rule::Row,
    schema::Schema,
    summary::IssueCounts,
    write::{ERRORS, MARK},
};

/// Checks records and keeps what the whole file must remember: the taken keys.
#[derive(Debug)]
pub(crate) struct Checker {
    pub(super) schema: Schema,
    /// The column of each field.
    pub(super) columns: Vec<Option<usize>>,
    /// Field and column of each field that has one.
    mapped: Vec<(usize, usize)>,
    pub(super) headers: Vec<String>,
    /// Errors of an earlier import, in a file that was to be corrected.
    mark_column: Option<usize>,
    decisions: Vec<Decision>,
    today: Option<Date>,
    /// Cells of an ordinary record.
    width: usize,
    limits: Limits,
    any_sensitive: bool,
    pub(super) pending: RowState,
    scratch: Scratch,
    hasher: KeyHasher,
    indexes: Vec<UniqueIndex>,
    /// Hashes of the batch's keys, row by row.
    hashes: Vec<u128>,
    pub(super) totals: BatchProgress,
    warnings: u64,
    issues_kept: u64,
    issues_cut: u64,
}

/// Text of a batch before it is closed early: long cells must not make batches large.
const BATCH_BYTES: usize = 4 << 20;

/// Of a row in which a part of the key is empty. No hash is 0.
const NO_KEY: u128 = 0;

impl Checker {
    pub(crate) fn new(
        schema: &Schema,
        mapping: &Mapping,
        decisions: &[Decision],
        today: Option<Date>,
        limits: Limits,
    ) -> Self {
        Self {
            columns: (0..schema.fields().len())
                .map(|field| mapping.column_of(field))
                .collect(),
            mapped: (0..schema.fields().len())
                .filter_map(|field| mapping.column_of(field).map(|column| (field, column)))
                .collect(),
            mark_column: mapping
                .headers()
                .position(|header| header.trim() == ERRORS)
                .filter(|column| {
                    !(0..schema.fields().len())
                        .any(|field| mapping.column_of(field) == Some(*column))
                }),
            headers: mapping.headers().map(str::to_owned).collect(),
            width: mapping.columns().len(),
            any_sensitive: schema.fields().iter().any(|field| field.sensitive),
            indexes: vec![UniqueIndex::default(); schema.inner.keys.len()],
            schema: schema.clone(),
            decisions: schema
                .fields()
                .iter()
                .enumerate()
                .map(|(field, _)| decisions.get(field).copied().unwrap_or_default())
                .collect(),
            today,
            limits,
            pending: RowState::default(),
            scratch: Scratch::default(),
            hasher: KeyHasher::new(),
            hashes: Vec::new(),
            totals: BatchProgress::default(),
            warnings: 0,
            issues_kept: 0,
            issues_cut: 0,
        }
    }

    /// Makes room for so many keys of each kind, as the survey counted them: growing copies, and leaves room to spare.
    pub(crate) fn reserve_keys(&mut self, keys: &[u64]) {
        for (index, keys) in self.indexes.iter_mut().zip(keys) {
            index.reserve(*keys);
        }
    }

    /// Records waiting in the batch.
    pub(crate) fn pending(&self) -> usize {
        self.pending.rows.len()
    }

    /// Whether the batch holds so much text that it should be closed.
    pub(crate) fn is_large(&self) -> bool {
        self.pending.arena.text.len() >= BATCH_BYTES
    }

    /// Data records seen, those waiting included.
    pub(crate) fn records(&self) -> u64 {
        self.totals.records + self.pending.rows.len() as u64
    }

    pub(crate) fn totals(&self) -> BatchProgress {
        self.totals
    }

    pub(crate) fn warnings(&self) -> u64 {
        self.warnings
    }

    pub(crate) fn issues_cut(&self) -> u64 {
        self.issues_cut
    }

    /// Checks a record against the fields, and puts it into the batch.
    pub(crate) fn check(&mut self, record: &Record<'_>) {
        self.check_cells(record);
        // Now, while the cells are at hand.
        for key in 0..self.indexes.len() {
            let hash = self.key_hash(key, self.pending.base);
            self.hashes.push(hash);
        }
    }

    fn check_cells(&mut self, record: &Record<'_>) {
        self.pending.begin(record, self.columns.len());
        if let Some(damage) = record.damage() {
            self.pending
                .push_damage(record, damage.problem(&self.limits), self.any_sensitive);
            return;
        }
        if record.len() != self.width {
            let code = if record.len() < self.width {
                IssueCode::TOO_FEW_CELLS
            } else {
                IssueCode::TOO_MANY_CELLS
            };
            let problem = Problem::new(code)
                .with("expected", self.width)
                .with("found", record.len());
            self.pending
                .push_damage(record, problem, self.any_sensitive);
            return;
        }
        if let Some(column) = self.mark_column
            && record
                .get(column)
                .is_some_and(|cell| cell.trim_start().starts_with(MARK))
        {
            let problem = Problem::new(IssueCode::UNCORRECTED);
            self.pending
                .push_damage(record, problem, self.any_sensitive);
            return;
        }
        let plain = record.is_plain();
        let origin = self.pending.origin();
        for place in 0..self.mapped.len() {
            let (field, column) = self.mapped[place];
            self.check_cell(record, origin, plain, field, column);
        }
        self.apply_row_rules();
        self.settle_findings();
    }

    #[inline]
    fn check_cell(
        &mut self,
        record: &Record<'_>,
        origin: Origin,
        plain: bool,
        field: usize,
        column: usize,
    ) {
        let Some(&span) = record.cells.get(column) else {
            return;
        };
        let whole = record.at(span);
        let definition = &self.schema.fields()[field];
        if whole.is_empty() && !definition.required {
            return;
        }
        let text = crate::unguard(whole);
        let offset = origin.offset(span) + (whole.len() - text.len());
        let context = Context {
            field: definition,
            decision: self.decisions[field],
            today: self.today,
        };
        let pending = &mut self.pending;
        let slot = &mut pending.slots[pending.base + field];
        let received = Received {
            text,
            offset,
            plain,
        };
        let result = cell::check(
            &context,
            received,
            &mut pending.arena,
            &mut self.scratch,
            slot,
        );
        if !self.scratch.warnings.is_empty() {
            for warning in self.scratch.warnings.drain(..) {
                pending.report(field, warning, Severity::Warning);
            }
        }
        if let Err(problem) = result {
            pending.report(field, problem, Severity::Error);
        }
    }

    fn apply_row_rules(&mut self) {
        if self.schema.inner.row_rules.is_empty() {
            return;
        }
        let schema = &self.schema;
        for rule in &schema.inner.row_rules {
            rule.apply(&mut Row {
                inner: &mut self.pending,
                schema,
            });
        }
    }

    /// Makes issues of what was found about the current row. A field with an error has no value.
    fn settle_findings(&mut self) {
        if self.pending.findings.is_empty() {
            return;
        }
        let row = self.pending.rows.len() - 1;
        for (field, problem, severity) in std::mem::take(&mut self.pending.findings) {
            if severity == Severity::Error {
                *self.pending.slot(field) = Slot::Absent;
            }
            self.pending.push_issue(
                &self.schema,
                (row, field, self.columns[field]),
                problem,
                severity,
            );
        }
    }

    /// Decides which rows of the batch repeat a key: in the order of the rows, the earlier valid row wins.
    fn claim_keys(&mut self) {
        let keys = self.indexes.len();
        if keys == 0 {
            return;
        }
        let mut hashes = std::mem::take(&mut self.hashes);
        // What a reference means was not known when the row was read.
        for key in 0..keys {
            if self.schema.inner.keys[key].after_references {
                for row in 0..self.pending.rows.len() {
                    hashes[row * keys + key] = self.key_hash(key, row * self.columns.len());
                }
            }
        }
        let mut places: Vec<(usize, Place)> = Vec::with_capacity(keys);
        for (group, hashes) in hashes.chunks(keys * GROUP).enumerate() {
            for (key, index) in self.indexes.iter().enumerate() {
                index.fetch(hashes.iter().skip(key).step_by(keys));
            }
            for (offset, hashes) in hashes.chunks_exact(keys).enumerate() {
                self.claim_row(group * GROUP + offset, hashes, &mut places);
            }
        }
        hashes.clear();
        self.hashes = hashes;
    }

    fn claim_row(&mut self, row: usize, hashes: &[u128], places: &mut Vec<(usize, Place)>) {
        places.clear();
        for (key, &hash) in hashes.iter().enumerate() {
            if hash == NO_KEY {
                continue;
            }
            match self.indexes[key].find(hash) {
                Entry::Free(place) => places.push((key, place)),
                Entry::Taken(earlier) => self.report_repeated(key, row, earlier),
            }
        }
        if self.pending.rows[row].valid {
            for &(key, place) in &*places {
                self.indexes[key].take(place, self.pending.rows[row].mark.row);
            }
        }
    }

    /// The hash of a row's key; `None` when one of its fields is empty or wrong.
    fn key_hash(&mut self, key: usize, base: usize) -> u128 {
        let definition = &self.schema.inner.keys[key];
        let complete = definition
            .fields
            .iter()
            .all(|field| !matches!(self.pending.slots[base + field], Slot::Absent));
        if !complete {
            return NO_KEY;
        }
        let values = definition
            .fields
            .iter()
            .map(|&field| self.pending.value_of(&self.schema, base, field));
        self.hasher.hash(values, definition.fold_case)
    }

    fn report_repeated(&mut self, key: usize, row: usize, earlier: u64) {
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        let problem = Problem::new(IssueCode::DUPLICATE_IN_FILE)
            .kind(IssueKind::Duplicate)
            .with("row", earlier);
        self.pending.push_issue(
            &self.schema,
            (row, field, self.columns[field]),
            problem,
            severity,
        );
    }

    /// Closes the batch; what it must know of the system has been answered. Rows up to `resume_after` are counted, but left
    /// out of it; `None` when no others are there.
    pub(crate) fn close(&mut self, resume_after: u64) -> Option<Batch> {
        self.claim_keys();
        let next = self.pending.alike();
        let mut pending = std::mem::replace(&mut self.pending, next);
        // Each row's issues in the order of its columns, what concerns the whole record first.
        pending
            .issues
            .sort_by_key(|issue| (issue.row, issue.column));

        let mut errors = IssueCounts::default();
        for issue in &pending.issues {
            if issue.is_error() {
                errors.add(issue.kind);
            } else {
                self.warnings += 1;
            }
        }
        self.totals.errors.add_all(errors);
        self.count_rows(&pending);
        pending.issues.retain(|issue| issue.row > resume_after);
        self.cut_issues(&mut pending);

        let first_row = pending
            .rows
            .iter()
            .map(|row| row.mark.row)
            .find(|row| *row > resume_after)?;
        let mut batch = Batch {
            schema: self.schema.clone(),
            first_row,
            last_row: pending.rows.last().map_or(0, |row| row.mark.row),
            progress: self.totals,
            rows: Vec::with_capacity(pending.rows.len()),
            slots: Vec::new(),
            arena: crate::batch::Arena::default(),
            rejected: crate::batch::Rejects::default(),
            issues: std::mem::take(&mut pending.issues),
        };
        self.sort_rows(&mut pending, &mut batch, resume_after);
        batch.slots = pending.slots;
        batch.arena = pending.arena;
        Some(batch)
    }

    fn count_rows(&mut self, pending: &RowState) {
        let valid = pending.rows.iter().filter(|row| row.valid).count() as u64;
        self.totals.records += pending.rows.len() as u64;
        self.totals.valid += valid;
        self.totals.invalid += pending.rows.len() as u64 - valid;
    }

    /// Valid rows move together in the slots; invalid rows are kept as received.
    fn sort_rows(&self, pending: &mut RowState, batch: &mut Batch, resume_after: u64) {
        let fields = self.columns.len();
        // Neighbours are moved together.
        let mut run = 0..0;
        let mut moved = 0;
        let mut all = std::mem::take(&mut pending.slots);
        let mut settle = |run: std::ops::Range<usize>| {
            let slots = run.start * fields..run.end * fields;
            let length = slots.len();
            if slots.start != moved {
                all.copy_within(slots, moved);
            }
            moved += length;
        };
        for (index, row) in pending.rows.iter().enumerate() {
            let mark: RowMark = row.mark;
            if mark.row <= resume_after {
                continue;
            }
            if row.valid {
                if run.end != index {
                    settle(std::mem::replace(&mut run, index..index));
                }
                run.end = index + 1;
                batch.rows.push(mark);
                continue;
            }
            let rejects = &mut batch.rejected;
            for cell in pending.cells(index) {
                rejects.text.push_str(cell);
                rejects.ends.push(rejects.text.len());
            }
            rejects.marks.push((mark, rejects.ends.len()));
        }
        settle(run);
        all.truncate(moved);
        pending.slots = all;
    }

    fn cut_issues(&mut self, pending: &mut RowState) {
        let room = usize::try_from(self.limits.issues.saturating_sub(self.issues_kept))
            .unwrap_or(usize::MAX);
        if pending.issues.len() > room {
            self.issues_cut += (pending.issues.len() - room) as u64;
            pending.issues.truncate(room);
        }
        self.issues_kept += pending.issues.len() as u64;
    }
}
