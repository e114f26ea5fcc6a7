//! The whole way of a file over `std::io::Read`: survey, then check, batch by batch. Does no input or output of its own choice.

use std::io::Read;

use time::Date;

use crate::{
    Dialect,
    error::ImportError,
    limits::Limits,
    mapping::Mapping,
    port::{Lookup, Observer, Sink},
    schema::Schema,
    summary::Summary,
    survey::Survey,
};

/// Checks a file against a schema and hands its rows to a sink.
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
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Records of a batch, at most; 5 000 unless told.
    #[must_use]
    pub fn batch_rows(mut self, records: usize) -> Self {
        self.batch_rows = records.max(1);
        self
    }

    /// The day it is, for fields that compare with it.
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Goes on after an earlier run that stored everything up to and including this row: rows up to it are checked again and
    /// claim their unique keys, but are not handed to the sink.
    #[must_use]
    pub fn resume_after(mut self, row: u64) -> Self {
        self.resume_after = row;
        self
    }

    /// Decides by an earlier survey of the same file.
    #[must_use]
    pub fn with_survey(mut self, survey: Survey) -> Self {
        self.survey = Some(survey);
        self
    }

    /// The first pass: looks at the whole file, remembers what it found for [`run`](Self::run), and returns it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, a required column is missing, or the observer cancels.
    pub fn survey<R: Read>(
        &mut self,
        reader: R,
        observer: &mut dyn Observer,
    ) -> Result<Survey, ImportError> {
        let _ = (reader, observer);
        unimplemented!()
    }

    /// The second pass: checks every row and hands the batches to the sink.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, a required column is missing, a port fails, or the observer cancels. Bad rows
    /// are no errors.
    pub fn run<R: Read>(
        &self,
        reader: R,
        sink: &mut dyn Sink,
        lookup: &mut dyn Lookup,
        observer: &mut dyn Observer,
    ) -> Result<Summary, ImportError> {
        let _ = (reader, sink, lookup, observer);
        unimplemented!()
    }
}
