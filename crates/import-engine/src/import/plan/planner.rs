//! From a file to its plan: recognised, mapped, surveyed, with what a person chose. Checks no rows.

use std::{io::Read, ops::ControlFlow, sync::Arc};

use time::Date;

use super::{Plan, Source};
use crate::{
    check::port::Progress,
    csv::{CHUNK, Dialect, Limits, fill},
    error::{FileError, Look, RunError, SetupError},
    import::{amend::Corrections, survey::Surveyor},
    mapping::{Chosen, Mapping, Sample},
    schema::{Schema, needs_today},
    sniff::{SniffError, Sniffer},
    text::Encoding,
};

/// Bytes by which a file that is not a table is recognised.
const HEAD: usize = 1_024;

/// The receiver of a pass's progress.
pub(super) type Watcher<'c> = Box<dyn FnMut(&Progress) -> ControlFlow<()> + 'c>;

/// What a person decided about a file.
#[expect(clippy::option_option, reason = "that there is none is an answer, too")]
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub(crate) struct Choices {
    pub(crate) encoding: Option<Encoding>,
    pub(crate) delimiter: Option<u8>,
    #[cfg_attr(feature = "serde", serde(with = "crate::codec::nested"))]
    pub(crate) quote: Option<Option<u8>>,
    #[cfg_attr(feature = "serde", serde(with = "crate::codec::nested"))]
    pub(crate) header_row: Option<Option<u64>>,
    /// Column and field, or nothing for a column that is left out.
    pub(crate) columns: Vec<(Chosen, Option<String>)>,
    pub(crate) corrections: Arc<Corrections>,
}

impl Choices {
    /// Refuses signs that no file can be written with.
    fn require_possible(&self) -> Result<(), SetupError> {
        let quote = self.quote.unwrap_or(Some(b'"'));
        // One that was not chosen will be another sign than the quote.
        let unlike = if quote == Some(b',') { b';' } else { b',' };
        let dialect = Dialect {
            delimiter: self.delimiter.unwrap_or(unlike),
            quote,
            ..Dialect::default()
        };
        dialect.require_possible()
    }
}

/// Makes a [`Plan`] from whatever the caller knows.
///
/// ```
/// use import_engine::{Field, Planner, Schema};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email"))
///     .build()?;
/// // No header: the columns are given by their positions.
/// let file = "Ada|ada@example.org\nAlan|alan@example.org\n";
/// let plan = Planner::new(&schema)
///     .delimiter(b'|')
///     .header_row(None)
///     .column(1, "name")
///     .column(2, "email")
///     .plan(file)?;
/// assert_eq!(plan.records(), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a planner does nothing until it plans"]
pub struct Planner<'o> {
    schema: Schema,
    choices: Choices,
    limits: Limits,
    today: Option<Date>,
    streaming: bool,
    observer: Option<Watcher<'o>>,
}

impl std::fmt::Debug for Planner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner")
            .field("schema", &self.schema)
            .field("choices", &self.choices)
            .finish_non_exhaustive()
    }
}

impl<'o> Planner<'o> {
    /// Knows nothing but the schema.
    pub fn new(schema: &Schema) -> Self {
        Self {
            schema: schema.clone(),
            choices: Choices::default(),
            limits: Limits::default(),
            today: None,
            streaming: false,
            observer: None,
        }
    }

    pub(super) fn of_plan(plan: &Plan) -> Self {
        Self {
            choices: plan.choices.clone(),
            limits: plan.limits,
            today: plan.today,
            streaming: plan.survey.is_none(),
            ..Self::new(&plan.schema)
        }
    }

    /// The file is in this encoding.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.choices.encoding = Some(encoding);
        self
    }

    /// This byte stands between cells. It belongs to a file and not to a schema, so that one that cannot be a delimiter (a line
    /// break, the quote, a byte beyond ASCII) is refused by [`plan`](Self::plan) and not when the schema is built.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.choices.delimiter = Some(delimiter);
        self
    }

    /// Cells are quoted by this byte, or never.
    pub fn quote(mut self, quote: Option<u8>) -> Self {
        self.choices.quote = Some(quote);
        self
    }

    /// The header is this row, from 1; `None` if the file has none.
    pub fn header_row(mut self, row: Option<u64>) -> Self {
        self.choices.header_row = Some(row);
        self
    }

    /// The column of this header is that field. The file must have the header.
    pub fn header(mut self, header: impl Into<String>, field: impl Into<String>) -> Self {
        self.choose(Chosen::Header(header.into()), Some(field.into()));
        self
    }

    /// The column of this number, from 1, is that field.
    pub fn column(mut self, number: usize, field: impl Into<String>) -> Self {
        self.choose(Chosen::Number(number), Some(field.into()));
        self
    }

    /// The column of this header is not imported.
    pub fn leave_out(mut self, header: impl Into<String>) -> Self {
        self.choose(Chosen::Header(header.into()), None);
        self
    }

    /// Pairs of header and field that were right for an earlier file, an empty field for a column that was left out. What this file
    /// does not have is passed over.
    pub fn remember<I, H, F>(mut self, pairs: I) -> Self
    where
        I: IntoIterator<Item = (H, F)>,
        H: Into<String>,
        F: Into<String>,
    {
        for (header, field) in pairs {
            let field = field.into();
            let field = (!field.is_empty()).then_some(field);
            self.choose(Chosen::Remembered(header.into()), field);
        }
        self
    }

    /// The later choice counts.
    fn choose(&mut self, chosen: Chosen, field: Option<String>) {
        self.choices
            .columns
            .retain(|(known, of)| *known != chosen && (field.is_none() || *of != field));
        self.choices.columns.push((chosen, field));
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The day it is, for fields that compare with it.
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Plans by the beginning of the file alone: nothing is known of a column before its cells come, so that dates are read in
    /// the field's own order and an ambiguous number is refused unless the field has a mark. The summary says so.
    pub fn without_survey(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// Receives the progress of the survey, and stops it by `Break`.
    pub fn observe<'n>(self, observer: impl FnMut(&Progress) -> ControlFlow<()> + 'n) -> Planner<'n>
    where
        'o: 'n,
    {
        Planner {
            observer: Some(Box::new(observer)),
            schema: self.schema,
            choices: self.choices,
            limits: self.limits,
            today: self.today,
            streaming: self.streaming,
        }
    }

    /// Makes the plan.
    ///
    /// # Errors
    ///
    /// [`RunError::File`] when the file cannot be imported, [`RunError::Setup`] when no file could, [`RunError::Cancelled`] when the
    /// observer stopped it.
    pub fn plan(mut self, mut source: impl Source) -> Result<Plan, RunError> {
        needs_today(&self.schema, self.today)?;
        self.choices.require_possible()?;
        let (dialect, look) = {
            let mut reader = source.open().map_err(FileError::Read)?;
            self.recognised(&mut reader)?
        };
        let sample = {
            let reader = source.open().map_err(FileError::Read)?;
            Sample::read(reader, &dialect)?
        };
        let mapping = self
            .mapped(&dialect)?
            .weighed(&self.schema, &sample, self.today);
        if let Err(error) = mapping.require_complete() {
            return Err(self.explained(error, look, &dialect, &sample).into());
        }
        let mut plan = Plan {
            choices: self.choices,
            limits: self.limits,
            today: self.today,
            ..Plan::new(self.schema, dialect, mapping)
        };
        if !self.streaming {
            let mut reader = source.open().map_err(FileError::Read)?;
            let mut surveyor = plan.surveyor()?;
            survey(&mut reader, &mut surveyor, &mut self.observer)?;
            plan = plan.with_survey(surveyor.finish()?);
        }
        Ok(plan)
    }

    /// With what the first bytes are, if they are of no table.
    fn recognised(&self, reader: &mut impl Read) -> Result<(Dialect, Option<Look>), FileError> {
        let choices = &self.choices;
        let mut sniffer = Sniffer::new().with_known_headers(self.schema.known_headers());
        if let Some(encoding) = choices.encoding {
            sniffer = sniffer.with_encoding(encoding);
        }
        if let Some(delimiter) = choices.delimiter {
            sniffer = sniffer.with_delimiter(delimiter);
        }
        if let Some(quote) = choices.quote {
            sniffer = sniffer.with_quote(quote);
        }
        if let Some(row) = choices.header_row {
            sniffer = sniffer.with_header_row(row);
        }
        let mut chunk = vec![0; CHUNK];
        let mut head = Vec::new();
        loop {
            let read = fill(reader, &mut chunk)?;
            let room = HEAD.saturating_sub(head.len()).min(read);
            head.extend_from_slice(&chunk[..room]);
            sniffer.feed(&chunk[..read]);
            // Without a survey the file may be endless: its beginning has to do.
            if read == 0 || self.streaming {
                break;
            }
        }
        let dialect = if self.streaming {
            sniffer.sniff(b"")
        } else {
            sniffer.finish()
        };
        match dialect {
            Ok(dialect) => Ok((dialect, Look::of_bytes(&head))),
            Err(error) => Err(of_sniffing(error, &head)),
        }
    }

    fn mapped(&self, dialect: &Dialect) -> Result<Mapping, FileError> {
        // Where there is no header the columns have places alone.
        let nameless = vec![String::new(); dialect.columns];
        let headers = match dialect.header_row {
            Some(_) => &dialect.headers,
            None => &nameless,
        };
        Mapping::chosen(&self.schema, headers, &self.choices.columns)
    }

    /// With what the table is instead, if it is not a table with these columns.
    fn explained(
        &self,
        error: FileError,
        look: Option<Look>,
        dialect: &Dialect,
        sample: &Sample,
    ) -> FileError {
        match error {
            FileError::MissingColumns {
                columns,
                missing,
                suggestions,
                notices,
                ..
            } => FileError::MissingColumns {
                columns,
                missing,
                suggestions,
                notices,
                look: look.or_else(|| Look::of_table(&self.schema, dialect, sample)),
            },
            other => other,
        }
    }
}

/// Feeds a whole file to a surveyor.
fn survey(
    reader: &mut impl Read,
    surveyor: &mut Surveyor,
    observer: &mut Option<Watcher<'_>>,
) -> Result<(), RunError> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match fill(reader, &mut chunk)? {
            0 => return Ok(()),
            read => surveyor.feed(&chunk[..read])?,
        }
        if let Some(observer) = observer
            && observer(&surveyor.progress()).is_break()
        {
            return Err(RunError::Cancelled);
        }
    }
}

impl Plan {
    /// The first pass over a file that a plan was made for [elsewhere](Self::new): looks at the whole of it and decides by it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all, its header is not the expected one, a required column is missing, or there are too
    /// many rows.
    pub fn surveyed(self, source: impl Source) -> Result<Self, RunError> {
        self.surveyed_while(source, |_| ControlFlow::Continue(()))
    }

    /// The same, as long as the observer does not stop it by `Break`.
    ///
    /// # Errors
    ///
    /// As [`surveyed`](Self::surveyed), and [`RunError::Cancelled`].
    pub fn surveyed_while(
        self,
        mut source: impl Source,
        observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Self, RunError> {
        let mut surveyor = self.surveyor()?;
        let mut reader = source.open().map_err(FileError::Read)?;
        survey(&mut reader, &mut surveyor, &mut Some(Box::new(observer)))?;
        Ok(self.with_survey(surveyor.finish()?))
    }
}

/// Why a head of a file that the sniffer refuses is not a table.
fn of_sniffing(error: SniffError, head: &[u8]) -> FileError {
    match error {
        SniffError::Empty => FileError::Empty,
        SniffError::Binary { .. } => FileError::NotText {
            look: Look::of_bytes(head),
        },
    }
}
