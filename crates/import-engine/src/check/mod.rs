//! Checks records against a schema, a batch at a time: each record against the fields, then the whole batch against the
//! system and the rows before it; then the batch is closed. Reads no bytes and sends nothing.

pub(crate) mod batch;
mod index;
pub(crate) mod layout;
pub(crate) mod lookup;
#[cfg(feature = "serde")]
mod rows;

use time::Date;

use crate::{
    csv::{Limits, Record},
    error::SetupError,
    issue::{IssueCode, IssueKind, Notice, NoticeCode, Problem, Severity},
    mapping::{ColumnUse, Mapping},
    schema::{
        Schema,
        cell::{self, Context, Decision, Received, Scratch},
        kind::{Arena, Kind, Slot, ValidRow},
        rule::{Cells, Row, Speaker},
    },
    sniff::header::is_blank,
    value::{Existing, locale::tick, text},
};
use batch::{Batch, BatchProgress, IssueCounts, Rejects, RowState};
use layout::{ERRORS, MARK};
use lookup::{Asked, Found, Keys, Question, Round};

/// Checks records and keeps what must be known of the whole file: the taken keys.
#[derive(Debug)]
pub(crate) struct Checker {
    schema: Schema,
    /// The column of each field.
    columns: Vec<Option<usize>>,
    /// The fields that have a column.
    mapped: Vec<Mapped>,
    /// The fields that are spread over several columns.
    ticked: Vec<Ticked>,
    names: Vec<String>,
    /// The column with the errors of an earlier import, in a file to correct.
    mark_column: Option<usize>,
    /// The number of cells of an ordinary record.
    width: usize,
    /// The number of columns up to the last one that has a header.
    named_width: usize,
    /// Whether rows of the file usually lack cells at their ends.
    short_rows: bool,
    limits: Limits,
    any_sensitive: bool,
    pending: RowState,
    scratch: Scratch,
    pub(crate) keys: Keys,
    /// For each field, the counts of values that were read and of unlikely ones, and the first of these.
    likelihoods: Vec<Likelihood>,
    /// Fields that have a value for empty cells.
    preset: Vec<usize>,
    /// Columns besides the fields that may be evidence against a row.
    beside: Vec<Speaker>,
    /// How many valid rows the system has.
    existing_rows: u64,
    totals: BatchProgress,
    warnings: u64,
    issues_kept: u64,
    issues_cut: u64,
}

/// A field that has a column, with what applies to all its cells.
#[derive(Clone, Copy, Debug)]
struct Mapped {
    field: usize,
    column: usize,
    required: bool,
    /// Whether the field defines likely numbers.
    likely: bool,
    context: Context,
}

/// How likely the numbers of a column are.
#[derive(Clone, Debug, Default)]
struct Likelihood {
    read: u64,
    unlikely: u64,
    example: Option<String>,
}

impl Likelihood {
    /// Counts a number that was read, with its warnings.
    fn count(&mut self, warnings: &[Problem], text: &str) {
        self.read += 1;
        let mut warnings = warnings.iter();
        if warnings.any(|warning| warning.code == IssueCode::IMPLAUSIBLE) {
            self.unlikely += 1;
            self.example.get_or_insert_with(|| text.to_owned());
        }
    }
}

/// The columns that may be evidence against a row: those that are not a field and that the caller did not exclude.
fn beside(schema: &Schema, mapping: &Mapping) -> Vec<Speaker> {
    if schema.inner.beside.is_empty() {
        return Vec::new();
    }
    let columns = mapping.columns().iter().enumerate();
    columns
        .filter(|(_, column)| matches!(column.used, ColumnUse::Unknown | ColumnUse::Beaten { .. }))
        .map(|(index, column)| {
            Speaker::new(
                &schema.inner.beside,
                &schema.inner.header_words,
                index,
                &column.name,
                &column.header,
            )
        })
        .collect()
}

impl Mapped {
    fn all(
        schema: &Schema,
        mapping: &Mapping,
        decisions: &[Decision],
        today: Option<Date>,
    ) -> Vec<Self> {
        let fields = schema.fields().iter().enumerate();
        fields
            .filter_map(|(field, definition)| {
                Some(Self {
                    field,
                    column: mapping.column_of(field)?,
                    required: definition.required,
                    likely: matches!(
                        &definition.kind,
                        Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options)
                            if options.likely.is_some()
                    ),
                    context: Context::new(
                        definition,
                        Decision {
                            power: mapping.power(field),
                            ..decisions.get(field).copied().unwrap_or_default()
                        },
                        today,
                    ),
                })
            })
            .collect()
    }
}

/// Facts that are cheaper to establish for a whole record than for each of its cells.
#[derive(Clone, Copy)]
struct Looks {
    plain: bool,
    /// Whether it contains a `&`.
    entities: bool,
}

/// Bytes of a batch before it is closed early: neither long cells, nor thousands of empty ones, nor many issues make it large.
/// 5 000 rows of a usual file with twenty columns are 3 MiB.
const BATCH_BYTES: usize = 4 << 20;

impl Checker {
    pub(crate) fn new(
        schema: &Schema,
        mapping: &Mapping,
        decisions: &[Decision],
        today: Option<Date>,
        limits: Limits,
    ) -> Self {
        let ticked = Ticked::all(schema, mapping);
        let first_tick = |field: usize| {
            let mut ticked = ticked.iter().filter(|ticked| ticked.field() == field);
            ticked.next().and_then(Ticked::first_column)
        };
        let columns: Vec<Option<usize>> = (0..schema.fields().len())
            .map(|field| mapping.column_of(field).or_else(|| first_tick(field)))
            .collect();
        Self {
            mapped: Mapped::all(schema, mapping, decisions, today),
            mark_column: mapping
                .headers()
                .position(|header| header.trim() == ERRORS)
                .filter(|column| {
                    !(0..schema.fields().len())
                        .any(|field| mapping.column_of(field) == Some(*column))
                }),
            names: mapping.names().map(str::to_owned).collect(),
            ticked,
            width: mapping.columns().len(),
            named_width: mapping.named_width(),
            short_rows: false,
            any_sensitive: schema.fields().iter().any(|field| field.sensitive),
            keys: Keys::new(
                schema,
                &columns,
                mapping.headers().map(str::to_owned).collect(),
            ),
            columns,
            likelihoods: vec![Likelihood::default(); schema.fields().len()],
            preset: (0..schema.fields().len())
                .filter(|field| schema.fields()[*field].preset.is_some())
                .collect(),
            beside: beside(schema, mapping),
            existing_rows: 0,
            schema: schema.clone(),
            limits,
            pending: RowState::default(),
            scratch: Scratch::default(),
            totals: BatchProgress::default(),
            warnings: 0,
            issues_kept: 0,
            issues_cut: 0,
        }
    }

    /// Records that rows of the file usually lack cells at their ends.
    pub(crate) fn expect_short_rows(&mut self) {
        self.short_rows = true;
    }

    /// The number of cells of an ordinary record.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The columns of the fields.
    pub(crate) fn mapped_columns(&self) -> impl Iterator<Item = usize> {
        self.mapped.iter().map(|mapped| mapped.column)
    }

    /// The number of records waiting in the batch.
    pub(crate) fn pending(&self) -> usize {
        self.pending.rows.len()
    }

    /// Whether the batch holds so much that it should be closed.
    pub(crate) fn is_large(&self) -> bool {
        self.pending.bytes() >= BATCH_BYTES
    }

    /// The number of data records so far, including those waiting.
    pub(crate) fn records(&self) -> u64 {
        self.totals.records + self.pending.rows.len() as u64
    }

    pub(crate) fn totals(&self) -> BatchProgress {
        self.totals
    }

    pub(crate) fn warnings(&self) -> u64 {
        self.warnings
    }

    pub(crate) fn existing_rows(&self) -> u64 {
        self.existing_rows
    }

    pub(crate) fn issues_cut(&self) -> u64 {
        self.issues_cut
    }

    /// Checks a record against the fields, and puts it into the batch. The cells of the columns in `read_as` are read as
    /// the given texts.
    pub(crate) fn check(&mut self, record: &Record<'_>, read_as: &[(usize, String)]) {
        self.check_cells(record, read_as);
        // Now, while the cells are in the cache.
        self.keys.hash_row(&self.pending);
    }

    /// Puts a record that is not data or cannot be read into the batch, with this single reason.
    pub(crate) fn refuse(&mut self, record: &Record<'_>, problem: Problem) {
        self.pending.begin(record, self.columns.len());
        self.pending
            .push_damage(record, problem, self.any_sensitive);
        // A refused row claims no key.
        self.keys.hash_row(&self.pending);
    }

    /// Collects the questions of a round about the batch; `None` if there are none.
    pub(crate) fn ask(&mut self, round: Round) -> Option<Asked> {
        self.keys.ask(&self.pending, round)
    }

    /// The questions as the lookup sees them.
    pub(crate) fn questions<'q>(&'q self, asked: &'q Asked) -> Vec<Question<'q>> {
        self.keys.questions(&self.pending, asked)
    }

    /// Applies the answers to the questions of a round.
    pub(crate) fn answer(
        &mut self,
        asked: &Asked,
        answers: &[Vec<Found>],
    ) -> Result<(), SetupError> {
        self.keys.answer(&mut self.pending, asked, answers)
    }

    fn check_cells(&mut self, record: &Record<'_>, read_as: &[(usize, String)]) {
        self.pending.begin(record, self.columns.len());
        if let Some(damage) = record.damage() {
            self.pending
                .push_damage(record, damage.problem(&self.limits), self.any_sensitive);
            return;
        }
        if record.len() != self.width && !self.is_as_good_as_even(record) {
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
        self.check_mapped(record, read_as);
        if !self.ticked.is_empty() {
            self.check_ticks(record);
        }
        for place in 0..self.beside.len() {
            self.hear_column_beside(record, place);
        }
        self.fill_presets();
        self.apply_row_rules();
        self.settle_findings();
    }

    /// Whether a record with a wrong number of cells is equivalent to one with the right number: extra cells are blank,
    /// cells missing at its end are not required, and it is neither a part that a line break cut off nor the smaller part
    /// of a record, unless most records of the file are as short.
    fn is_as_good_as_even(&self, record: &Record<'_>) -> bool {
        if record.len() > self.width {
            return record.iter().skip(self.width).all(is_blank);
        }
        let is_required_missing =
            |mapped: &Mapped| mapped.required && mapped.column >= record.len();
        (self.short_rows || !record.is_broken && record.len() * 2 >= self.named_width)
            && !self.mapped.iter().any(is_required_missing)
    }

    /// Refuses the row, or warns of it, if a column that is not a field shows that it is not a record of this kind, or
    /// not yet.
    fn hear_column_beside(&mut self, record: &Record<'_>, place: usize) {
        let speaker = &self.beside[place];
        let cell = record.get(speaker.column).unwrap_or_default();
        if let Some((field, problem, severity)) = speaker.says(&self.schema.inner.beside, cell) {
            self.pending.report(Some(field), problem, severity);
        }
    }

    /// Returns the notices about the columns and rows of the whole file, once.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (field, likelihood) in std::mem::take(&mut self.likelihoods).iter().enumerate() {
            let Some(column) = self.columns[field] else {
                continue;
            };
            if likelihood.unlikely > 0 && likelihood.unlikely * 2 >= likelihood.read {
                let definition = &self.schema.fields()[field];
                notices.push(
                    Notice::new(NoticeCode::IMPLAUSIBLE_COLUMN)
                        .with("column", self.names.get(column).map_or("", String::as_str))
                        .with("label", definition.shown_label())
                        .with("doubtful", likelihood.unlikely)
                        .with("cells", likelihood.read)
                        .with("example", likelihood.example.as_deref().unwrap_or_default()),
                );
            }
        }
        if let Some((row, earlier, rows)) = self.keys.repeated.take() {
            notices.push(
                Notice::new(NoticeCode::REPEATED_ROWS)
                    .with("rows", rows)
                    .with("row", row)
                    .with("earlier", earlier),
            );
        }
        let existing = match self.keys.existing {
            Existing::Refuse => None,
            Existing::Update => Some(NoticeCode::EXISTING_UPDATED),
            Existing::Skip => Some(NoticeCode::EXISTING_SKIPPED),
        };
        if let Some(code) = existing.filter(|_| self.existing_rows > 0) {
            notices.push(Notice::new(code).with("rows", self.existing_rows));
        }
        notices
    }

    /// Checks the cells of the columns that are fields.
    #[inline]
    fn check_mapped(&mut self, record: &Record<'_>, read_as: &[(usize, String)]) {
        let extent = record.extent().as_bytes();
        let plain = text::is_plain(extent)
            && (record.unescaped.is_empty() || text::is_plain(record.unescaped.as_bytes()));
        let looks = Looks {
            plain,
            entities: !plain && memchr::memchr(b'&', extent).is_some(),
        };
        let origin = self.pending.origin();
        let fields = self.schema.fields();
        let Self {
            mapped,
            pending,
            scratch,
            likelihoods,
            ..
        } = self;
        for mapped in &*mapped {
            let Some(&span) = record.cells.get(mapped.column) else {
                continue;
            };
            let read_as = read_as.iter().rfind(|(column, _)| *column == mapped.column);
            if span.is_empty() && !mapped.required && read_as.is_none() {
                continue;
            }
            let field = mapped.field;
            let whole = record.at(span);
            let text = crate::value::text::unguard(whole);
            let received = match read_as {
                None => Received {
                    text,
                    offset: origin.offset(span) + (whole.len() - text.len()),
                    plain: looks.plain,
                    entities: looks.entities,
                },
                Some((_, other)) => {
                    let offset = pending.arena.text.len();
                    pending.arena.text.push_str(other);
                    Received {
                        text: other,
                        offset,
                        plain: false,
                        entities: other.contains('&'),
                    }
                }
            };
            let result = cell::check(
                &fields[field],
                &mapped.context,
                received,
                &mut pending.arena,
                scratch,
                &mut pending.slots[pending.base + field],
            );
            if mapped.likely && result.is_ok() {
                likelihoods[field].count(&scratch.warnings, text);
            }
            if !scratch.warnings.is_empty() {
                for warning in scratch.warnings.drain(..) {
                    pending.report(Some(field), warning, Severity::Warning);
                }
            }
            if let Err(problem) = result {
                pending.report(Some(field), problem, Severity::Error);
            }
        }
    }

    /// Fills empty cells, and fields without a column, with the default values of their fields. A cell that was refused
    /// is not empty.
    fn fill_presets(&mut self) {
        for field in &self.preset {
            let Some(preset) = &self.schema.fields()[*field].preset else {
                continue;
            };
            let is_refused = |(reported, _, severity): &(Option<usize>, Problem, Severity)| {
                *reported == Some(*field) && *severity == Severity::Error
            };
            if matches!(self.pending.slot(*field), Slot::Absent)
                && !self.pending.findings.iter().any(is_refused)
            {
                let kind = &self.schema.fields()[*field].kind;
                let value = preset.slot.value(&preset.arena, kind);
                self.pending.set(*field, kind, value);
            }
        }
    }

    fn apply_row_rules(&mut self) {
        if self.schema.inner.row_rules.is_empty() {
            return;
        }
        let schema = &self.schema;
        for rule in &schema.inner.row_rules {
            rule.rule.apply(&mut Row {
                inner: &mut self.pending,
                schema: schema.name(),
                fields: schema.fields(),
                declared: &rule.fields,
                columns: &self.columns,
                names: &self.names,
            });
        }
    }

    /// Turns the findings about the current row into issues. A field with an error has no value.
    fn settle_findings(&mut self) {
        if self.pending.findings.is_empty() {
            return;
        }
        let row = self.pending.rows.len() - 1;
        for (field, problem, severity) in std::mem::take(&mut self.pending.findings) {
            let Some(field) = field else {
                self.pending
                    .push_about_row(row, problem, severity, self.any_sensitive);
                continue;
            };
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
}

// Choices that are read from ticks in several columns.

/// The columns of ticks of a field.
#[derive(Clone, Debug)]
struct Ticked {
    field: usize,
    /// Column, value, and its index among the values of the choice.
    columns: Vec<(usize, String, u16)>,
}

impl Ticked {
    fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        mapping
            .ticks()
            .iter()
            .filter_map(|ticks| {
                let Kind::Choice(choices) = &schema.fields()[ticks.field].kind else {
                    return None;
                };
                let columns = ticks.columns.iter();
                Some(Self {
                    field: ticks.field,
                    columns: columns
                        .filter_map(|(column, word)| {
                            Some((*column, word.clone(), choices.find(word)?))
                        })
                        .collect(),
                })
            })
            .collect()
    }

    fn field(&self) -> usize {
        self.field
    }

    /// The column that issues name.
    fn first_column(&self) -> Option<usize> {
        self.columns.first().map(|(column, _, _)| *column)
    }

    /// The index of the ticked value; `None` if nothing is ticked.
    fn read(&self, record: &Record<'_>, schema: &Schema) -> Result<Option<u16>, Problem> {
        let field = &schema.fields()[self.field];
        let mut ticked: Vec<(&str, u16)> = Vec::new();
        for (column, word, place) in &self.columns {
            let cell = record.get(*column).unwrap_or_default();
            match tick(crate::value::text::unguard(cell), word) {
                Some(true) => ticked.push((word, *place)),
                Some(false) => {}
                None => {
                    let mut problem = Problem::new(IssueCode::CHOICE);
                    if let Kind::Choice(choices) = &field.kind {
                        problem = problem.with("allowed", choices.words.join(", "));
                    }
                    return Err(problem);
                }
            }
        }
        match ticked.as_slice() {
            [] if field.is_required() => {
                Err(Problem::new(IssueCode::REQUIRED).kind(IssueKind::MissingRequired))
            }
            [] => Ok(None),
            [(_, place)] => Ok(Some(*place)),
            several => {
                let found: Vec<&str> = several.iter().map(|(word, _)| *word).collect();
                Err(Problem::new(IssueCode::SEVERAL_TICKS).with("found", found.join(", ")))
            }
        }
    }
}

impl Checker {
    /// Reads the choices that are spread over several columns.
    #[cold]
    #[inline(never)]
    fn check_ticks(&mut self, record: &Record<'_>) {
        for place in 0..self.ticked.len() {
            let field = self.ticked[place].field();
            match self.ticked[place].read(record, &self.schema) {
                Ok(None) => {}
                Ok(Some(word)) => *self.pending.slot(field) = Slot::Choice(word),
                Err(problem) => self.pending.report(Some(field), problem, Severity::Error),
            }
        }
    }
}

// Closing a full batch: its rows are sorted, its issues ordered, everything is counted.

impl Checker {
    /// Closes the batch, after all questions about it have been answered. Rows up to `resume_after` are counted but not
    /// included; `None` if there are no others.
    pub(crate) fn close(&mut self) -> Option<Batch> {
        let resume_after = self.keys.resume_after;
        self.keys.claim(&mut self.pending);
        let next = self.pending.alike();
        let mut pending = std::mem::replace(&mut self.pending, next);
        // The issues of each row in the order of its columns, those about the whole record first.
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
        let mut own = IssueCounts::default();
        for issue in pending.issues.iter().filter(|issue| issue.is_error()) {
            own.add(issue.kind);
        }
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
            errors: own,
            rows: Vec::with_capacity(pending.rows.len()),
            slots: Vec::new(),
            arena: Arena::default(),
            rejected: Rejects::default(),
            issues: std::mem::take(&mut pending.issues),
            existing: self.keys.existing,
            known: Vec::new(),
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

    /// Sorts the rows: valid rows keep their slots; invalid rows are kept as received.
    fn sort_rows(&mut self, pending: &mut RowState, batch: &mut Batch, resume_after: u64) {
        let fields = self.columns.len();
        let mut known = std::mem::take(&mut pending.known);
        for (index, row) in pending.rows.iter().enumerate() {
            let mark = row.mark;
            if mark.row <= resume_after {
                continue;
            }
            if row.valid {
                let slots = index * fields;
                if let Some(key) = known.get_mut(index).and_then(Option::take) {
                    self.existing_rows += 1;
                    batch.known.resize(batch.rows.len(), None);
                    batch.known.push(Some(key));
                }
                batch.rows.push(ValidRow { mark, slots });
                continue;
            }
            let rejects = &mut batch.rejected;
            for cell in pending.cells(index) {
                rejects.text.push_str(cell);
                rejects.ends.push(rejects.text.len());
            }
            rejects.marks.push((mark, rejects.ends.len()));
        }
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
