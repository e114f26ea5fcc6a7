//! The whole way of a file over `std::io::Read`: survey, then check, batch by batch. Does no input or output of its own choice.

use std::{
    io::{ErrorKind, Read},
    ops::ControlFlow,
};

use time::Date;

use crate::{
    Dialect,
    error::ImportError,
    limits::Limits,
    mapping::Mapping,
    port::{Lookup, Observer, Progress, Sink},
    run::{Run, Step},
    schema::Schema,
    summary::Summary,
    survey::{Survey, Surveyor},
};

/// Checks a file against a schema and hands its rows to a sink.
///
/// ```
/// use import_engine::{Batch, Field, Importer, NoLookup, Schema, Sniffer};
///
/// let file = b"name,born\nAhmad,05/05/1990\nSiti,31/02/1985\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::date("born"))
///     .build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
///
/// let mut importer = Importer::new(schema, dialect, mapping);
/// importer.survey(&file[..], &mut ())?;
/// let mut stored = 0;
/// let mut sink = |batch: Batch| {
///     stored += batch.rows().len();
///     Ok(())
/// };
/// let summary = importer.run(&file[..], &mut sink, &mut NoLookup, &mut ())?;
/// assert_eq!((summary.records, summary.valid, summary.invalid), (2, 1, 1));
/// assert_eq!(stored, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Importer {
    pub(crate) schema: Schema,
    pub(crate) dialect: Dialect,
    pub(crate) mapping: Mapping,
    pub(crate) limits: Limits,
    pub(crate) batch_rows: usize,
    pub(crate) today: Option<Date>,
    pub(crate) resume_after: u64,
    pub(crate) survey: Option<Survey>,
}

impl Importer {
    /// An importer of one file.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(schema: Schema, dialect: Dialect, mapping: Mapping) -> Self {
        Self {
            schema,
            dialect,
            mapping,
            limits: Limits::default(),
            batch_rows: 5_000,
            today: None,
            resume_after: 0,
            survey: None,
        }
    }

    /// Other limits than the default ones.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping).limits(Limits { rows: 50_000, ..Limits::default() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Records of a batch, at most; 5 000 unless told.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping).batch_rows(1_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn batch_rows(mut self, records: usize) -> Self {
        self.batch_rows = records.max(1);
        self
    }

    /// The day it is, for fields that compare with it.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping)
    ///     .today(time::Date::from_calendar_date(2026, time::Month::November, 20)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Goes on after an earlier run that stored everything up to and including this row: rows up to it are checked again and
    /// claim their unique keys, but are not handed to the sink. The system is not asked about their keys, so that those which it
    /// refused then are counted as valid now, unless the lookup [leaves them out](crate::Lookup::sees_own_rows).
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping).resume_after(2);
    /// let mut batches = Vec::new();
    /// let summary = importer.run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// assert_eq!((summary.valid, batches.len()), (1, 0)); // row 2 was stored before
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn resume_after(mut self, row: u64) -> Self {
        self.resume_after = row;
        self
    }

    /// Decides by an earlier survey of the same file.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema.clone(), dialect.clone(), mapping.clone()).survey(&file[..], &mut ())?;
    /// let importer = Importer::new(schema, dialect, mapping).with_survey(survey);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_survey(mut self, survey: Survey) -> Self {
        self.survey = Some(survey);
        self
    }

    /// The first pass: looks at the whole file, remembers what it found for [`run`](Self::run), and returns it.
    ///
    /// Without it nothing is known of a column before its cells come: dates are read in the field's own order, and an
    /// ambiguous number is refused unless the field has a mark.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut importer = Importer::new(schema, dialect, mapping);
    /// assert_eq!(importer.survey(&file[..], &mut ())?.records(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, its header is not the expected one, a required column is missing, there are too
    /// many rows, or the observer cancels.
    pub fn survey<R: Read>(
        &mut self,
        mut reader: R,
        observer: &mut dyn Observer,
    ) -> Result<Survey, ImportError> {
        let mut surveyor = self.surveyor()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            match fill(&mut reader, &mut chunk)? {
                0 => break,
                read => surveyor.feed(&chunk[..read])?,
            }
            watch(observer, &surveyor.progress())?;
        }
        let survey = surveyor.finish()?;
        self.survey = Some(survey.clone());
        Ok(survey)
    }

    /// The first pass without input of its own.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut surveyor = Importer::new(schema, dialect, mapping).surveyor()?;
    /// surveyor.feed(file)?;
    /// assert_eq!(surveyor.finish()?.records(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a required column is missing.
    pub fn surveyor(&self) -> Result<Surveyor, ImportError> {
        self.mapping.require_complete()?;
        Ok(Surveyor::new(
            &self.schema,
            &self.dialect,
            &self.mapping,
            self.limits,
            self.today,
        ))
    }

    /// The second pass: checks every row and hands the batches to the sink.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let importer = Importer::new(schema, dialect, mapping);
    /// let mut batches = Vec::new();
    /// let summary = importer.run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// assert_eq!(summary.valid, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, its header is not the expected one, a required column is missing, there are too
    /// many rows, a port fails, or the observer cancels. Bad rows are no errors.
    pub fn run<R: Read>(
        &self,
        mut reader: R,
        sink: &mut dyn Sink,
        lookup: &mut dyn Lookup,
        observer: &mut dyn Observer,
    ) -> Result<Summary, ImportError> {
        let mut run = self.start()?;
        if !lookup.is_present() {
            run.ask_nobody();
        }
        if !lookup.sees_own_rows() {
            run.hide_own_rows();
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            let step = run.step()?;
            for notice in run.new_notices() {
                observer.notice(notice);
            }
            match step {
                Step::NeedsBytes => {
                    watch(observer, &run.progress())?;
                    match fill(&mut reader, &mut chunk)? {
                        0 => run.finish(),
                        read => run.feed(&chunk[..read]),
                    }
                }
                Step::NeedsAnswers => {
                    let answers = lookup
                        .answer(&run.questions())
                        .map_err(ImportError::Lookup)?;
                    run.answer(&answers)?;
                }
                Step::Batch(batch) => {
                    sink.accept(*batch).map_err(ImportError::Sink)?;
                    watch(observer, &run.progress())?;
                }
                Step::Done(summary) => {
                    watch(observer, &run.progress())?;
                    return Ok(*summary);
                }
            }
        }
    }

    /// The second pass without input or output of its own.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut run = Importer::new(schema, dialect, mapping).start()?;
    /// assert!(matches!(run.step()?, Step::NeedsBytes));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a required column is missing, or a date is compared with a day that was not given.
    pub fn start(&self) -> Result<Run, ImportError> {
        Run::new(self)
    }
}

/// Bytes read at a time: large enough that calls do not count, small enough to stay in the cache.
pub(crate) const CHUNK: usize = 64 << 10;

pub(crate) fn fill<R: Read>(reader: &mut R, chunk: &mut [u8]) -> Result<usize, ImportError> {
    loop {
        match reader.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map_err(ImportError::Read),
        }
    }
}

fn watch(observer: &mut dyn Observer, progress: &Progress) -> Result<(), ImportError> {
    match observer.progress(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ImportError::Cancelled),
    }
}
