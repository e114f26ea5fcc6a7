//! The second pass over a file, by its plan: every row is checked, and batches are passed to the caller. [`Run`] is a
//! state machine without input or output, which the caller feeds with bytes, whose questions the caller answers and whose
//! batches the caller takes. [`Import`] drives it over a [`Source`].

use std::{collections::BTreeSet, fmt, ops::ControlFlow, sync::Arc};

#[cfg(feature = "tokio")]
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{
    Progress, Source,
    amend::{Amend, Amended, amending},
    plan::{Plan, Watcher},
};
use crate::{
    check::{
        Checker,
        batch::{Batch, IssueCounts},
        layout::{Layout, Place, RowClass, Sorter},
        lookup::{Asked, Found, Lookup, Question, Round},
    },
    csv::{CHUNK, Limits, Record, fill, reader::RecordReader},
    error::{FileError, RunError, SetupError},
    issue::{IssueCode, IssueKind, Notice, NoticeCode, Problem},
    value::Existing,
};

impl Plan {
    /// Reads a file by this plan.
    pub fn import<S: Source>(&self, source: S) -> Import<'_, 'static, S> {
        Import::new(self, source)
    }

    /// The second pass, without its own input or output.
    ///
    /// # Errors
    ///
    /// If a required column is missing, a date is compared with a day that was not given, or no file can be written in
    /// the dialect.
    pub fn start(&self) -> Result<Run, RunError> {
        self.dialect.require_possible()?;
        Run::new(self)
    }
}

/// An import of a file by a [`Plan`] that has not started yet.
///
/// ```
/// use std::{convert::Infallible, ops::ControlFlow};
///
/// use import_engine::{Field, Plan, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
/// let file = "name\nAda\nAlan\nGrace\n";
/// let plan = Plan::of(&schema, file)?;
/// let mut stored = Vec::new();
/// let summary = plan
///     .import(file)
///     .batch_rows(1)
///     .resume_after(2) // Ada, in row 2, was stored before
///     .observe(|progress| if progress.row < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
///     .each(|batch| {
///         stored.extend(batch.rows().map(|row| row.get("name").to_string()));
///         Ok::<_, Infallible>(())
///     })?;
/// assert!(summary.is_complete());
/// assert_eq!((summary.valid, stored), (3, vec!["Alan".to_owned(), "Grace".to_owned()]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an import does nothing until its batches are asked for"]
pub struct Import<'p, 'c, S> {
    plan: &'p Plan,
    source: S,
    lookup: Option<&'c mut dyn Lookup>,
    observer: Option<Watcher<'c>>,
    batch_rows: Option<usize>,
    resume_after: u64,
    existing: Existing,
}

impl<S> fmt::Debug for Import<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import")
            .field("plan", &self.plan)
            .field("resume_after", &self.resume_after)
            .finish_non_exhaustive()
    }
}

impl<'p, 'c, S: Source> Import<'p, 'c, S> {
    fn new(plan: &'p Plan, source: S) -> Self {
        Self {
            plan,
            source,
            lookup: None,
            observer: None,
            batch_rows: None,
            resume_after: 0,
            existing: Existing::Refuse,
        }
    }

    /// Sets the lookup, which knows the keys of the system and what references refer to. Without it keys are unique
    /// within the file alone, and references stay text.
    pub fn lookup<'n>(self, lookup: &'n mut dyn Lookup) -> Import<'p, 'n, S>
    where
        'c: 'n,
    {
        Import {
            lookup: Some(lookup),
            plan: self.plan,
            source: self.source,
            observer: self.observer,
            batch_rows: self.batch_rows,
            resume_after: self.resume_after,
            existing: self.existing,
        }
    }

    /// Receives the progress of the import, every 64 KiB and after every batch, and can stop it with `Break`: the summary
    /// then covers what was done so far, and [says so](Summary::is_complete).
    pub fn observe<'n>(
        self,
        observer: impl FnMut(&Progress) -> ControlFlow<()> + 'n,
    ) -> Import<'p, 'n, S>
    where
        'c: 'n,
    {
        Import {
            observer: Some(Box::new(observer)),
            plan: self.plan,
            source: self.source,
            lookup: self.lookup.map(|lookup| lookup as &mut dyn Lookup),
            batch_rows: self.batch_rows,
            resume_after: self.resume_after,
            existing: self.existing,
        }
    }

    /// Sets the most records of a batch; 2 000 by default.
    pub fn batch_rows(mut self, records: usize) -> Self {
        self.batch_rows = Some(records);
        self
    }

    /// Continues after an earlier run that stored everything up to and including this row: rows up to it are checked
    /// again and claim their unique keys, but are not passed on. The system is not asked about their keys, so that rows
    /// it refused then are counted as valid now, unless the lookup [omits them](Lookup::sees_own_rows).
    pub fn resume_after(mut self, row: u64) -> Self {
        self.resume_after = row;
        self
    }

    /// Treats rows that the system already has as changes, or skips them; by default they are refused. Which record the
    /// system has is what the [lookup](Self::lookup) finds by the row's unique keys: if two of them find different
    /// records, the row is refused.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.existing = existing;
        self
    }

    /// Checks every row and passes on the batches, in the order of the file, each [owning](Batch) its data.
    ///
    /// # Errors
    ///
    /// The error of `take`, as [`RunError::Sink`]; also if the file cannot be read, its header is not the expected one, a
    /// required column is missing, there are too many rows, or the lookup fails. Bad rows are not errors.
    pub fn each<E>(
        self,
        mut take: impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<Summary, RunError<E>> {
        let Self {
            plan,
            mut source,
            mut lookup,
            mut observer,
            batch_rows,
            resume_after,
            existing,
        } = self;
        let mut run = plan
            .start()
            .map_err(RunError::with_sink)?
            .resume_after(resume_after)
            .existing(existing);
        if let Some(records) = batch_rows {
            run = run.batch_rows(records);
        }
        match &lookup {
            None => run.ask_nobody(),
            Some(lookup) if !lookup.sees_own_rows() => run.hide_own_rows(),
            Some(_) => {}
        }
        let mut reader = source.open().map_err(FileError::Read)?;
        let mut chunk = vec![0; CHUNK];
        let mut stops = |run: &Run| match &mut observer {
            Some(observer) => observer(&run.progress()).is_break(),
            None => false,
        };
        loop {
            match run.step()? {
                Step::NeedsBytes => {
                    if stops(&run) {
                        return Ok(run.cancel());
                    }
                    match fill(&mut reader, &mut chunk)? {
                        0 => run.finish(),
                        read => run.feed(&chunk[..read]),
                    }
                }
                Step::NeedsAnswers => {
                    let Some(lookup) = &mut lookup else {
                        run.ask_nobody();
                        continue;
                    };
                    let answers = lookup.answer(&run.questions()).map_err(RunError::Lookup)?;
                    run.answer(&answers)?;
                }
                Step::Batch(batch) => {
                    take(*batch).map_err(RunError::Sink)?;
                    if stops(&run) {
                        return Ok(run.cancel());
                    }
                }
                Step::Done(summary) => {
                    stops(&run);
                    return Ok(*summary);
                }
            }
        }
    }

    /// All batches at once, for files that are known to be small.
    ///
    /// # Errors
    ///
    /// As for [`each`](Self::each).
    pub fn collect(self) -> Result<(Vec<Batch>, Summary), RunError> {
        let mut batches = Vec::new();
        let summary = self.each(|batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok((batches, summary))
    }
}

/// The result of an import.
///
/// `valid + invalid == records`, always.
///
/// ```
/// use import_engine::{Field, Plan, Schema};
///
/// let file = b"name,email\nAhmad,ahmad@example.com\nSiti,siti@\n\nTOTAL,2\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email"))
///     .build()?;
/// let (_, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.records, summary.valid, summary.invalid), (2, 1, 1));
/// assert_eq!((summary.blank_rows, summary.footers), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// Bytes read.
    pub bytes: u64,
    /// Row number of the file's last row, blank ones included.
    pub rows: u64,
    /// Data records: not the header, and neither blank, nor a footer, nor a repeated header.
    pub records: u64,
    /// Accepted data records.
    pub valid: u64,
    /// Rejected data records.
    pub invalid: u64,
    /// Rows in which every cell is empty.
    pub blank_rows: u64,
    /// Rows of sums of the table.
    pub footers: u64,
    /// Rows that repeat the header.
    pub repeated_headers: u64,
    /// Errors by family.
    pub errors: IssueCounts,
    /// Warnings.
    pub warnings: u64,
    /// Errors and warnings beyond [`Limits::issues`](Limits::issues): counted above, but not passed on.
    pub issues_cut: u64,
    /// What else the user should know.
    pub notices: Vec<Notice>,
    /// Valid rows that the system already had, and that were [not refused](Import::existing) because of it.
    pub existing: u64,
    /// Whether the whole file was surveyed before its rows were checked. Otherwise cells were read without the evidence
    /// of their columns.
    pub surveyed: bool,
    /// Whether the observer stopped the import: the counts then cover the batches that were passed on.
    pub cancelled: bool,
}

impl Summary {
    /// Whether the import reached the end of the file.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.cancelled
    }
}

// The run as a state machine without input or output.

/// A running import, without its own input or output. [`Import::each`] drives it over
/// `std::io::Read`; anything else (async streams, async databases) drives it step by step.
///
/// ```
/// use import_engine::{Field, Plan, Schema, machine::Step};
///
/// let file = b"name\nAhmad\nSiti\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let mut run = Plan::of(&schema, file)?.start()?;
/// let mut chunks = file.chunks(4);
/// let summary = loop {
///     match run.step()? {
///         Step::NeedsBytes => match chunks.next() {
///             Some(chunk) => run.feed(chunk), // …or read them from a socket
///             None => run.finish(),
///         },
///         Step::NeedsAnswers => {
///             let answers = run.questions().iter().map(|q| vec![import_engine::lookup::Found::Nothing; q.len()]).collect::<Vec<_>>();
///             run.answer(&answers)?; // …or ask a database
///         }
///         Step::Batch(batch) => assert_eq!(batch.records(), 2), // …or store it
///         Step::Done(summary) => break summary,
///     }
/// };
/// assert_eq!(summary.valid, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Run {
    reader: RecordReader,
    layout: Layout,
    sorter: Sorter,
    checker: Checker,
    amend: Option<Arc<dyn Amend>>,
    only: Option<Arc<BTreeSet<u64>>>,
    limits: Limits,
    batch_rows: usize,
    surveyed: bool,
    ask_nobody: bool,
    finished: bool,
    phase: Phase,
    blank_rows: u64,
    footers: u64,
    repeated_headers: u64,
    asides: u64,
    /// Notices about the file, and new ones that the caller has not taken.
    notices: Vec<Notice>,
    told: usize,
}

#[derive(Debug)]
enum Phase {
    Reading,
    /// The batch is full; the questions of this round are not collected yet.
    Round(Round),
    Asking(Round, Asked),
    Closing,
    Over,
}

/// What a [`Run`] needs next.
///
/// See [`Run`] for an example.
#[derive(Debug)]
pub enum Step {
    /// [`feed`](Run::feed) more bytes, or call [`finish`](Run::finish).
    NeedsBytes,
    /// [`answer`](Run::answer) the [`questions`](Run::questions).
    NeedsAnswers,
    /// Checked rows.
    Batch(Box<Batch>),
    /// The import is over.
    Done(Box<Summary>),
}

/// Records of a batch unless the caller says otherwise: lookups are rare, and the batch stays in the cache of the
/// processor that fills it. With 5 000 records, the survey and check of a million rows took 4 to 6 % longer.
const BATCH_ROWS: usize = 2_000;

/// The most skipped rows that are reported one by one; all of them are counted.
const MOST_ROW_NOTICES: u64 = 100;

impl Run {
    fn new(plan: &Plan) -> Result<Self, RunError> {
        plan.require_complete()?;
        crate::schema::needs_today(&plan.schema, plan.today)?;
        let dialect = plan.dialect.clone();
        let mut decisions = Vec::new();
        let mut notices = Vec::new();
        if let Some(survey) = &plan.survey {
            decisions = survey.decisions().to_vec();
            notices = survey.notices().to_vec();
        }
        let mut reader = RecordReader::new(&dialect, plan.limits);
        let mut layout = Layout::new(&dialect, &plan.mapping);
        layout.prepare(&mut reader);
        let mut checker = Checker::new(
            &plan.schema,
            &plan.mapping,
            &decisions,
            plan.today,
            plan.limits,
        );
        if let Some(survey) = &plan.survey {
            checker.keys.reserve(survey.keys());
            if survey.has_short_rows() {
                checker.expect_short_rows();
            }
        }
        Ok(Self {
            reader,
            layout,
            sorter: Sorter::new(&plan.schema, &plan.mapping),
            checker,
            amend: amending(
                &plan.choices.corrections,
                |field| plan.mapping.column_of(plan.schema.index_of(field)?),
                plan.amend.clone(),
            ),
            only: plan.only.clone(),
            limits: plan.limits,
            batch_rows: BATCH_ROWS,
            surveyed: plan.survey.is_some(),
            ask_nobody: false,
            finished: false,
            phase: Phase::Reading,
            blank_rows: 0,
            footers: 0,
            repeated_headers: 0,
            asides: 0,
            notices,
            told: 0,
        })
    }

    /// Sets the most records of a batch; 2 000 by default.
    #[must_use]
    pub fn batch_rows(mut self, records: usize) -> Self {
        self.batch_rows = records.max(1);
        self
    }

    /// Continues after an earlier run: see [`Import::resume_after`].
    #[must_use]
    pub fn resume_after(mut self, row: u64) -> Self {
        self.checker.keys.resume_after = row;
        self
    }

    /// Sets what happens to rows that the system already has: see [`Import::existing`].
    #[must_use]
    pub fn existing(mut self, existing: Existing) -> Self {
        self.checker.keys.existing = existing;
        self
    }

    /// States that the answers will omit what this import itself stored before it was interrupted: see
    /// [`Lookup::sees_own_rows`](crate::Lookup::sees_own_rows).
    pub fn hide_own_rows(&mut self) {
        self.checker.keys.own_rows_hidden = true;
    }

    /// Disables the lookup: keys are unique within the file alone, and references stay text.
    pub fn ask_nobody(&mut self) {
        self.ask_nobody = true;
    }

    /// Feeds the next bytes of the file, in chunks of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.reader.feed(bytes);
    }

    /// Announces that no bytes follow.
    pub fn finish(&mut self) {
        self.reader.finish();
        self.finished = true;
    }

    /// Continues until something is needed or ready.
    ///
    /// # Errors
    ///
    /// If the header is not the expected one, or there are too many rows. The run is then over.
    pub fn step(&mut self) -> Result<Step, FileError> {
        loop {
            match self.phase {
                Phase::Reading => {
                    let full = self.read()?;
                    if !full && !self.finished {
                        return Ok(Step::NeedsBytes);
                    }
                    self.phase = if self.checker.pending() > 0 {
                        Phase::Round(Round::First)
                    } else {
                        Phase::Over
                    };
                }
                Phase::Round(round) => {
                    let asked = if self.ask_nobody {
                        None
                    } else {
                        self.checker.ask(round)
                    };
                    self.phase =
                        asked.map_or_else(|| after(round), |asked| Phase::Asking(round, asked));
                }
                Phase::Asking(..) => return Ok(Step::NeedsAnswers),
                Phase::Closing => {
                    self.phase = Phase::Reading;
                    if let Some(batch) = self.checker.close() {
                        return Ok(Step::Batch(Box::new(batch)));
                    }
                }
                Phase::Over => {
                    self.layout.finish()?;
                    return Ok(Step::Done(Box::new(self.summary())));
                }
            }
        }
    }

    /// Reads records until the batch is full or there are none. Returns whether it is full.
    fn read(&mut self) -> Result<bool, FileError> {
        while self.checker.pending() < self.batch_rows && !self.checker.is_large() {
            let (amended, arranged);
            // Borrowed from its return slot: if it were moved, it would be stored in parts and loaded as a whole.
            let mut next = self.reader.next_record();
            let Some(record) = &mut next else {
                return Ok(false);
            };
            match self.layout.place(record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    self.reader.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            self.sorter.spare(record, &self.limits);
            arranged = self.sorter.arranged(record);
            if let Some(cells) = &arranged {
                *record = record.arranged(cells);
            }
            if self
                .only
                .as_ref()
                .is_some_and(|only| !only.contains(&record.row()))
            {
                // The rows above a row may show what it is.
                if record.damage().is_none() {
                    self.sorter.classify(record);
                }
                continue;
            }
            let mut read_as: &[_] = &[];
            if let Some(amend) = &self.amend {
                amended = Amended::new(
                    &**amend,
                    record,
                    self.checker.width(),
                    self.checker.mapped_columns(),
                );
                *record = amended.record(*record);
                read_as = amended.read_as();
            }
            let class = match record.damage() {
                Some(_) => RowClass::Data,
                None => self.sorter.classify(record),
            };
            match class {
                RowClass::Data => self.checker.check(record, read_as),
                RowClass::Aside(column) | RowClass::Second(column) => {
                    let is_second = class == RowClass::Second(column);
                    let (problem, code) = if is_second {
                        let problem = Problem::new(IssueCode::SECOND_HEADER);
                        (problem, NoticeCode::SECOND_HEADER)
                    } else {
                        let problem = Problem::new(IssueCode::NO_RECORD)
                            .kind(IssueKind::MissingRequired)
                            .with("missing", self.sorter.missing(record));
                        (problem, NoticeCode::NO_RECORD)
                    };
                    self.checker.refuse(record, problem);
                    self.asides += 1;
                    if self.asides <= MOST_ROW_NOTICES {
                        let notice = of_row(code, record);
                        self.notices
                            .push(notice.with("text", beginning(record, column)));
                    }
                }
                RowClass::BelowOtherHeader => {
                    let problem = Problem::new(IssueCode::BELOW_OTHER_HEADER);
                    self.checker.refuse(record, problem);
                }
                RowClass::Blank => self.blank_rows += 1,
                RowClass::Header
                | RowClass::MovedHeader
                | RowClass::OtherHeader
                | RowClass::Numbers => {
                    self.repeated_headers += 1;
                    if self.repeated_headers <= MOST_ROW_NOTICES {
                        self.notices.push(of_row(of_header(class), record));
                    }
                }
                RowClass::Footer(column) => {
                    self.footers += 1;
                    if self.footers <= MOST_ROW_NOTICES {
                        self.notices.push(
                            of_row(NoticeCode::FOOTER_SKIPPED, record)
                                .with("text", beginning(record, column)),
                        );
                    }
                }
            }
            if self.checker.records() > self.limits.rows {
                return Err(FileError::TooManyRows {
                    limit: self.limits.rows,
                });
            }
        }
        Ok(true)
    }

    /// The questions to the system about the current batch, after [`step`](Self::step) returned [`Step::NeedsAnswers`].
    #[must_use]
    pub fn questions(&self) -> Vec<Question<'_>> {
        match &self.phase {
            Phase::Asking(_, asked) => self.checker.questions(asked),
            _ => Vec::new(),
        }
    }

    /// Answers the questions, one list for each of them, one [`Found`] for each of its keys.
    ///
    /// # Errors
    ///
    /// [`SetupError::LookupMismatch`] if there are not as many answers as questions.
    pub fn answer(&mut self, answers: &[Vec<Found>]) -> Result<(), SetupError> {
        if let Phase::Asking(round, asked) = &self.phase {
            self.checker.answer(asked, answers)?;
            self.phase = after(*round);
        }
        Ok(())
    }

    /// The progress of the run.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            bytes: self.reader.bytes(),
            row: self.reader.rows(),
            records: self.checker.records(),
        }
    }

    /// Notices since this was last called.
    pub fn new_notices(&mut self) -> &[Notice] {
        let told = std::mem::replace(&mut self.told, self.notices.len());
        &self.notices[told..]
    }

    /// Ends the run before the end of the file, and returns the summary of what was done so far.
    #[must_use]
    pub fn cancel(mut self) -> Summary {
        Summary {
            cancelled: true,
            ..self.summary()
        }
    }

    fn summary(&mut self) -> Summary {
        let totals = self.checker.totals();
        self.notices.extend(self.checker.take_notices());
        if self.checker.issues_cut() > 0
            && !self
                .notices
                .iter()
                .any(|notice| notice.code() == NoticeCode::ISSUES_CUT)
        {
            let notice = Notice::new(NoticeCode::ISSUES_CUT);
            self.notices.push(notice.with("limit", self.limits.issues));
        }
        Summary {
            bytes: self.reader.bytes(),
            rows: self.reader.rows(),
            records: totals.records,
            valid: totals.valid,
            invalid: totals.invalid,
            blank_rows: self.blank_rows + self.reader.blank_rows(),
            footers: self.footers,
            repeated_headers: self.repeated_headers,
            errors: totals.errors,
            warnings: self.checker.warnings(),
            issues_cut: self.checker.issues_cut(),
            notices: self.notices.clone(),
            existing: self.checker.existing_rows(),
            surveyed: self.surveyed,
            cancelled: false,
        }
    }

    /// Continues until something other than bytes is needed; bytes are read from `reader`. Never returns
    /// [`Step::NeedsBytes`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use import_engine::{Field, Plan, Schema, machine::Step};
    ///
    /// let mut file = &b"name\nAhmad\nSiti\n"[..];
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let mut run = Plan::of(&schema, file)?.start()?;
    /// run.ask_nobody();
    /// let summary = loop {
    ///     match run.step_async(&mut file).await? {
    ///         Step::Batch(batch) => assert_eq!(batch.records(), 2), // store it, awaiting the database
    ///         Step::Done(summary) => break summary,
    ///         _ => unreachable!("no lookup is used"),
    ///     }
    /// };
    /// assert_eq!(summary.valid, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`step`](Run::step), and if the bytes cannot be read.
    #[cfg(feature = "tokio")]
    pub async fn step_async<R>(&mut self, reader: &mut R) -> Result<Step, FileError>
    where
        R: AsyncRead + Unpin + Send,
    {
        let mut chunk = Vec::new();
        loop {
            let step = self.step()?;
            if !matches!(step, Step::NeedsBytes) {
                return Ok(step);
            }
            chunk.resize(CHUNK, 0);
            match reader.read(&mut chunk).await.map_err(FileError::Read)? {
                0 => self.finish(),
                read => self.feed(&chunk[..read]),
            }
        }
    }
}

/// Characters of a row that a notice shows.
const SHOWN_CHARS: usize = 80;

/// The notice for a row of names or of their numbers.
fn of_header(class: RowClass) -> NoticeCode {
    match class {
        RowClass::MovedHeader => NoticeCode::HEADER_MOVED,
        RowClass::OtherHeader => NoticeCode::HEADER_CHANGED,
        RowClass::Numbers => NoticeCode::COLUMNS_NUMBERED,
        _ => NoticeCode::HEADER_REPEATED,
    }
}

/// A notice about a row.
fn of_row(code: NoticeCode, record: &Record<'_>) -> Notice {
    Notice::new(code).with("row", record.row())
}

/// The beginning of a row that is not a record, by which users can find it.
fn beginning(record: &Record<'_>, column: usize) -> String {
    let cell = record.get(column).unwrap_or_default().trim();
    cell.chars().take(SHOWN_CHARS).collect()
}

/// The phase after a round of questions.
fn after(round: Round) -> Phase {
    match round {
        Round::First => Phase::Round(Round::Second),
        Round::Second => Phase::Closing,
    }
}
