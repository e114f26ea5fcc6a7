//! Reads a file from its source by its plan: the import, which checks every row and passes batches to the caller, and
//! what is shown before it, the first rows as an import reads them ([`Preview`]) and the contents of the columns
//! ([`ColumnProfile`]). Input and output are the caller's.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek},
    ops::ControlFlow,
};

use super::{Plan, Watcher};
use crate::{
    check::{
        RowClass, Sorter,
        batch::Batch,
        layout::{Layout, Place},
        port::{Lookup, Progress, Summary},
    },
    csv::{CHUNK, Record, RecordReader, fill},
    error::{FileError, RunError},
    import::run::{Run, Step},
    issue::{Issue, Notice},
    sniff::header::is_blank,
    value::Existing,
};

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
    pub(super) fn new(plan: &'p Plan, source: S) -> Self {
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

// Sources of a file's bytes, which can be read repeatedly. They read nothing into memory themselves.

/// A file that can be read from its beginning: a plan is made in several passes.
///
/// Files, cursors, and bytes and text in memory are sources. For others there are [`Rewind`] (anything that seeks),
/// [`Reopen`] (anything that can be opened again, such as an object in a store) and [`Once`] (a stream that can be read
/// once, which is enough to [import](crate::Plan::import) by an existing plan).
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::Reopen};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// // A program would ask its store here.
/// let plan = Plan::of(&schema, Reopen(|| Ok("name\nAda\n".as_bytes())))?;
/// assert_eq!(plan.records(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source {
    /// The reader of one pass.
    type Reader<'s>: Read
    where
        Self: 's;

    /// Opens it at its first byte.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    fn open(&mut self) -> io::Result<Self::Reader<'_>>;
}

/// Sources in memory.
macro_rules! in_memory {
    ($([$($bounds:tt)*] $kind:ty;)+) => {
        $(impl<$($bounds)*> Source for $kind {
            type Reader<'s> = &'s [u8] where Self: 's;

            fn open(&mut self) -> io::Result<&[u8]> {
                Ok(AsRef::<[u8]>::as_ref(&**self))
            }
        })+
    };
}

in_memory! {
    [] &[u8];
    [const N: usize] &[u8; N];
    [] &str;
    [] &Vec<u8>;
    [] &String;
    [] Vec<u8>;
    [] String;
}

/// Sources that start again by seeking.
macro_rules! seeking {
    ($([$($bounds:tt)*] $kind:ty;)+) => {
        $(impl<$($bounds)*> Source for $kind {
            type Reader<'s> = &'s mut Self where Self: 's;

            fn open(&mut self) -> io::Result<&mut Self> {
                self.rewind()?;
                Ok(self)
            }
        })+
    };
}

seeking! {
    [] File;
    [] &File;
    [T: AsRef<[u8]>] Cursor<T>;
    [R: Read + Seek] BufReader<R>;
}

/// Anything that reads and seeks.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Rewind<R>(pub R);

impl<R: Read + Seek> Source for Rewind<R> {
    type Reader<'s>
        = &'s mut R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<&mut R> {
        self.0.rewind()?;
        Ok(&mut self.0)
    }
}

/// Anything that can be opened again.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Reopen<F>(pub F);

impl<R: Read, F: FnMut() -> io::Result<R>> Source for Reopen<F> {
    type Reader<'s>
        = R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<R> {
        (self.0)()
    }
}

/// A stream that can be read once, such as the body of a request. Opening it a second time is an error.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Once<R> {
    stream: Option<R>,
}

impl<R: Read> Once<R> {
    /// For a stream of which nothing was read yet.
    pub fn new(stream: R) -> Self {
        Self {
            stream: Some(stream),
        }
    }
}

impl<R: Read> Source for Once<R> {
    type Reader<'s>
        = R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<R> {
        self.stream
            .take()
            .ok_or_else(|| io::Error::other("a stream that comes once was wanted twice"))
    }
}

// What is shown of a file before its import: its first data records as an import reads them.

/// The beginning of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The cells of the first data records, as received.
    pub rows: Vec<Vec<String>>,
    /// The notices of the survey and the first rows.
    pub notices: Vec<Notice>,
}

/// One of the first records, and the result of checking it.
///
/// ```
/// # use import_engine::{Field, Plan, Schema};
/// # let file = b"name,seats\nAhmad,2\nSiti,many\n";
/// # let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::integer("seats")).build()?;
/// let rows = Plan::of(&schema, file)?.preview_rows(file, 10)?;
/// assert_eq!((rows[1].row, rows[1].cells[1].as_str()), (3, "many"));
/// assert_eq!(rows[0].values, [("name".into(), "Ahmad".into()), ("seats".into(), "2".into())]);
/// assert_eq!(rows[1].issues.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewRow {
    /// Its row number.
    pub row: u64,
    /// Its cells as received.
    pub cells: Vec<String>,
    /// Name and value of every field that has one. References are the text that would be looked up.
    pub values: Vec<(String, String)>,
    /// Its issues without asking the system.
    pub issues: Vec<Issue>,
}

/// Bytes that are examined: thousands of rows, in a fraction of a second.
const HEAD: usize = 1 << 20;

impl Plan {
    /// The first data records, exactly those that an [import](Self::import) regards as such, and the notices of the
    /// file's beginning.
    ///
    /// See [`Preview`] for an example.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a required column is missing, or the header differs from the mapping's.
    pub fn preview(&self, source: impl Source, rows: usize) -> Result<Preview, RunError> {
        let head = head(source)?;
        Ok(Preview {
            rows: self.first_records(&head, rows, |class| class == RowClass::Data)?,
            notices: self.first_notices(&head)?,
        })
    }

    /// The first records, valid or not, each with the result of an [import](Self::import).
    ///
    /// See [`PreviewRow`] for an example.
    ///
    /// # Errors
    ///
    /// As for [`preview`](Self::preview).
    pub fn preview_rows(
        &self,
        source: impl Source,
        rows: usize,
    ) -> Result<Vec<PreviewRow>, RunError> {
        let head = head(source)?;
        let mut run = self.start()?.batch_rows(rows);
        run.ask_nobody();
        run.feed(&head);
        run.finish();
        let Step::Batch(batch) = run.step()? else {
            return Ok(Vec::new());
        };
        // Every record that the run counts, in the same order.
        let is_counted = |class| {
            matches!(
                class,
                RowClass::Data | RowClass::Aside(_) | RowClass::BelowOtherHeader
            )
        };
        let cells = self.first_records(&head, batch.records(), is_counted)?;
        Ok(batch
            .checked()
            .zip(cells)
            .map(|((row, values), cells)| PreviewRow {
                row,
                cells,
                values: values
                    .map(|(name, value)| (name.to_owned(), value.to_string()))
                    .collect(),
                issues: batch.issues_of(row).to_vec(),
            })
            .collect())
    }

    fn first_records(
        &self,
        head: &[u8],
        most: usize,
        is_wanted: impl Fn(RowClass) -> bool,
    ) -> Result<Vec<Vec<String>>, FileError> {
        let dialect = &self.dialect;
        let mut records = RecordReader::new(dialect, self.limits);
        let mut layout = Layout::new(dialect, &self.mapping);
        layout.prepare(&mut records);
        let mut sorter = Sorter::new(&self.schema, &self.mapping);
        records.feed(head);
        records.finish();
        let mut rows = Vec::with_capacity(most.min(100));
        while rows.len() < most
            && let Some(mut record) = records.next_record()
        {
            match layout.place(&record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    records.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            let arranged = sorter.arranged(&record);
            if let Some(cells) = &arranged {
                record = record.arranged(cells);
            }
            let is_data = record.damage().is_some() || is_wanted(sorter.classify(&record));
            if is_data {
                rows.push(record.iter().map(str::to_owned).collect());
            }
        }
        Ok(rows)
    }

    fn first_notices(&self, head: &[u8]) -> Result<Vec<Notice>, RunError> {
        let mut run = self.start()?;
        run.ask_nobody();
        run.feed(head);
        run.finish();
        loop {
            if let Step::Done(summary) = run.step()? {
                return Ok(summary.notices);
            }
        }
    }
}

/// The beginning of a file.
fn head(mut source: impl Source) -> Result<Vec<u8>, FileError> {
    let mut reader = source.open().map_err(FileError::Read)?;
    let mut head = Vec::new();
    let mut chunk = vec![0; CHUNK];
    while head.len() < HEAD {
        match fill(&mut reader, &mut chunk)? {
            0 => break,
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(head)
}

// What the columns of a file hold: how many of their cells are filled, and with what.

/// What a column holds.
///
/// ```
/// # use import_engine::{Field, Plan, Schema};
/// # let file = b"name,city\nAhmad,Bogor\nSiti,\nBudi,Depok\nRina,Depok\n";
/// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let columns = Plan::of(&schema, file)?.profile(file, |_| std::ops::ControlFlow::Continue(()))?;
/// assert_eq!((columns[1].filled, columns[1].of), (3, 4));
/// assert_eq!(columns[1].samples, ["Depok", "Bogor"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// Data records with a cell that is not blank.
    pub filled: u64,
    /// All data records.
    pub of: u64,
    /// The most frequent cells; of equally frequent ones, the first in the file comes first.
    pub samples: Vec<String>,
}

/// Users would not look at more than three.
const SAMPLES: usize = 3;
/// Characters of a sample.
const SAMPLE_CHARS: usize = 200;
/// Different cells of a column that are counted: a column with more has no frequent ones.
const DISTINCT: usize = 64;
/// Different cells of all columns together: a sheet has up to sixteen thousand columns.
const DISTINCT_IN_ALL: usize = 20_000;

impl Plan {
    /// Reads the whole file to find out what its columns hold, unless the observer stops it with `Break`.
    ///
    /// See [`ColumnProfile`] for an example.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its header differs from the mapping's, and [`RunError::Cancelled`].
    pub fn profile(
        &self,
        mut source: impl Source,
        mut observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Vec<ColumnProfile>, RunError> {
        let reader = source.open().map_err(FileError::Read)?;
        let mut counts = Counts::new(self.mapping.columns().len());
        self.each_record(
            reader,
            |record| counts.add(record.iter()),
            |progress| observer(progress).is_break(),
        )?;
        Ok(counts.profiles())
    }

    /// Passes on every undamaged data record, unchecked, until the observer stops it.
    pub(crate) fn each_record(
        &self,
        mut reader: impl Read,
        mut take: impl FnMut(&Record<'_>),
        mut stops: impl FnMut(&Progress) -> bool,
    ) -> Result<(), RunError> {
        let dialect = &self.dialect;
        let mut records = RecordReader::new(dialect, self.limits);
        let mut layout = Layout::new(dialect, &self.mapping);
        layout.prepare(&mut records);
        let mut sorter = Sorter::new(&self.schema, &self.mapping);
        let mut taken = 0;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = fill(&mut reader, &mut chunk)?;
            if read == 0 {
                records.finish();
            }
            records.feed(&chunk[..read]);
            while let Some(mut record) = records.next_record() {
                match layout.place(&record)? {
                    Place::Above => continue,
                    Place::Header(width) => {
                        records.expect_columns(width);
                        continue;
                    }
                    Place::Below => {}
                }
                let arranged = sorter.arranged(&record);
                if let Some(cells) = &arranged {
                    record = record.arranged(cells);
                }
                if record.damage().is_none() && sorter.classify(&record) == RowClass::Data {
                    take(&record);
                    taken += 1;
                }
            }
            let progress = Progress {
                bytes: records.bytes(),
                row: records.rows(),
                records: taken,
            };
            if stops(&progress) {
                return Err(RunError::Cancelled);
            }
            if read == 0 {
                return Ok(());
            }
        }
    }
}

/// Counts of one column: its filled cells, and for each different cell its frequency and its rank of first occurrence.
#[derive(Default)]
struct Count {
    filled: u64,
    cells: HashMap<String, (u64, usize)>,
}

struct Counts {
    records: u64,
    columns: Vec<Count>,
    room: usize,
}

impl Counts {
    fn new(columns: usize) -> Self {
        Self {
            records: 0,
            columns: (0..columns).map(|_| Count::default()).collect(),
            room: DISTINCT_IN_ALL,
        }
    }

    fn add<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        self.records += 1;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if is_blank(cell) {
                continue;
            }
            column.filled += 1;
            let cell = cell.trim();
            let end = cell.char_indices().nth(SAMPLE_CHARS);
            let cell = end.map_or(cell, |(end, _)| &cell[..end]);
            let seen = column.cells.len();
            if let Some((times, _)) = column.cells.get_mut(cell) {
                *times += 1;
            } else if seen < DISTINCT && self.room > 0 {
                self.room -= 1;
                column.cells.insert(cell.to_owned(), (1, seen));
            }
        }
    }

    fn profiles(self) -> Vec<ColumnProfile> {
        let of = self.records;
        let profile = |column: Count| {
            let mut cells: Vec<_> = column.cells.into_iter().collect();
            cells.sort_unstable_by_key(|(_, (times, order))| (std::cmp::Reverse(*times), *order));
            ColumnProfile {
                filled: column.filled,
                of,
                samples: cells
                    .into_iter()
                    .take(SAMPLES)
                    .map(|(cell, _)| cell)
                    .collect(),
            }
        };
        self.columns.into_iter().map(profile).collect()
    }
}
