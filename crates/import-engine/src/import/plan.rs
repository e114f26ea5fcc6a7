//! How a file is read: what was recognised, which column is which field, what the whole file showed, and what the user
//! changed. It is one value, made from a file by a [`Planner`] and kept for the next time. Rows are not checked here.

#[cfg(feature = "serde")]
use std::collections::BTreeMap;
use std::{collections::BTreeSet, io::Read, ops::ControlFlow, sync::Arc};

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use time::Date;
#[cfg(feature = "tokio")]
use tokio::io::{AsyncRead, AsyncReadExt};

#[cfg(feature = "serde")]
use super::survey::SavedSurvey;
use super::{
    Progress, Source,
    amend::{Amend, Corrections},
    survey::{Survey, Surveyor},
};
use crate::{
    csv::{CHUNK, Dialect, Limits, fill},
    error::{FileError, Look, RunError, SetupError},
    issue::Notice,
    mapping::{Chosen, Mapping, Sample},
    schema::{Schema, needs_today},
    sniff::{SniffError, Sniffer},
    text::Encoding,
};
#[cfg(feature = "serde")]
use crate::{mapping::SavedMapping, schema::cell::Decision};

/// How a file is read: its dialect, which column is which field, and what the whole file showed about its columns.
///
/// [`of`](Self::of) makes one from a file. A user can review it ([`mapping`](Self::mapping), [`notices`](Self::notices))
/// and have it [changed](Self::change); [`import`](Self::import) then reads the file by it. With the feature `serde` a
/// plan can be [saved](Self::save) and used again, for the same file or for the next one of the same kind.
///
/// ```
/// use import_engine::{Field, Plan, Schema};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required().alias("full name"))
///     .field(Field::date("born"))
///     .build()?;
/// let file = "Full name;Born;Shoes\nAda;10/12/1815;38\nAlan;23/06/1912;44\n";
/// let plan = Plan::of(&schema, file)?;
/// assert_eq!(plan.dialect().delimiter, b';');
/// assert_eq!(plan.mapping().pairs().collect::<Vec<_>>(), [("Full name", "name"), ("Born", "born")]);
/// assert_eq!(plan.records(), Some(2));
///
/// // The user says that the shoes are not wanted, and that the columns are separated as they are.
/// let plan = plan.change().delimiter(b';').leave_out("Shoes").plan(file)?;
///
/// let mut born = Vec::new();
/// let summary = plan.import(file).each(|batch| {
///     born.extend(batch.rows().map(|row| row.get("born").to_string()));
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// assert_eq!(summary.valid, 2);
/// assert_eq!(born, ["1815-12-10", "1912-06-23"]); // the 23rd tells how the column is read
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) schema: Schema,
    pub(crate) dialect: Dialect,
    pub(crate) mapping: Mapping,
    pub(crate) limits: Limits,
    pub(crate) today: Option<Date>,
    pub(crate) survey: Option<Survey>,
    /// The user's decisions, which are kept when something else is changed.
    pub(crate) choices: Choices,
    pub(crate) amend: Option<Arc<dyn Amend>>,
    pub(crate) only: Option<Arc<BTreeSet<u64>>>,
    even_incomplete: bool,
}

impl Plan {
    /// Makes a plan by reading a whole file twice: for what it is, and for how its columns write dates and numbers. For
    /// more choices see [`Planner`].
    ///
    /// # Errors
    ///
    /// [`RunError::File`] if the file cannot be imported, [`RunError::Setup`] if no file could be.
    pub fn of(schema: &Schema, source: impl Source) -> Result<Self, RunError> {
        Planner::new(schema).plan(source)
    }

    /// A plan from what was recognised and mapped elsewhere, without a survey.
    ///
    /// ```
    /// use import_engine::{Field, Plan, Schema, recognise::Sniffer};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let dialect = Sniffer::new().sniff(b"name\nAda\n")?;
    /// let mapping = schema.map_headers(&dialect.headers)?;
    /// let plan = Plan::new(schema, dialect, mapping);
    /// assert_eq!(plan.records(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(schema: Schema, dialect: Dialect, mapping: Mapping) -> Self {
        Self {
            schema,
            dialect,
            mapping,
            limits: Limits::default(),
            today: None,
            survey: None,
            choices: Choices::default(),
            amend: None,
            only: None,
            even_incomplete: false,
        }
    }

    /// Sets limits other than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets today's date, for fields that compare with it. A saved plan needs it again.
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Uses an earlier survey of the same file.
    #[must_use]
    pub fn with_survey(mut self, survey: Survey) -> Self {
        self.dialect.encoding = survey.encoding();
        self.dialect.quote = survey.quote();
        self.survey = Some(survey);
        self
    }

    /// Begins a change: a [`Planner`] with all choices of this plan, which accepts more. What was not chosen is
    /// recognised again.
    pub fn change(&self) -> Planner<'static> {
        Planner::of_plan(self)
    }

    /// The schema of the rows.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How the file is written, according to the whole of it if it was surveyed.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Which column is which field.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// What the whole file showed; `None` if it was not surveyed.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// Data records of the file, if it was surveyed.
    #[must_use]
    pub fn records(&self) -> Option<u64> {
        self.survey.as_ref().map(Survey::records)
    }

    /// What the user should know before the import: about the file, its columns, and what the survey found.
    pub fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        let of_file = self.dialect.warnings.iter().map(Notice::from);
        let surveyed = self.survey.iter().flat_map(Survey::notices);
        of_file.chain(self.mapping.notices().iter().chain(surveyed).cloned())
    }

    /// The first pass, without its own input.
    ///
    /// # Errors
    ///
    /// If a required column is missing.
    pub fn surveyor(&self) -> Result<Surveyor, FileError> {
        self.require_complete()?;
        Ok(Surveyor::new(
            &self.schema,
            &self.dialect,
            &self.mapping,
            self.limits,
            self.today,
        ))
    }

    /// Applies what is known better than the file, before each row is checked.
    ///
    /// See [`Amend`] for an example.
    #[must_use]
    pub fn amend(mut self, amend: impl Amend + 'static) -> Self {
        self.amend = Some(Arc::new(amend));
        self
    }

    /// Sets the user's corrections of cells, in place of earlier ones. They are saved with the plan, and kept when it is
    /// [changed](Self::change).
    ///
    /// See [`Corrections`] for an example.
    ///
    /// # Errors
    ///
    /// [`SetupError::Plan`] if they are for a field that the schema does not have.
    pub fn correct(mut self, corrections: Corrections) -> Result<Self, SetupError> {
        let unknown = corrections
            .values()
            .find(|(field, ..)| self.schema.index_of(field).is_none());
        if let Some((field, ..)) = unknown {
            return Err(SetupError::Plan {
                schema: self.schema.name().to_owned(),
                reason: format!("it corrects cells of '{field}', a field that there is not"),
            });
        }
        self.choices.corrections = Arc::new(corrections);
        Ok(self)
    }

    /// The user's corrections.
    #[must_use]
    pub fn corrections(&self) -> &Corrections {
        &self.choices.corrections
    }

    /// Checks only these rows, without the keys of others.
    ///
    /// ```
    /// # use import_engine::{Field, Plan, Schema};
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let file = b"name\nAhmad\nSiti\n";
    /// let (_, summary) = Plan::of(&schema, file)?.only([3]).import(file).collect()?;
    /// assert_eq!(summary.records, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn only(mut self, rows: impl IntoIterator<Item = u64>) -> Self {
        self.only = Some(Arc::new(rows.into_iter().collect()));
        self
    }

    /// Continues although required fields have no column, to examine a file whose mapping is not complete yet. Rows are
    /// not refused because of such a field, so none of them may be stored.
    ///
    /// ```
    /// # use import_engine::{Field, Plan, Schema, recognise::Sniffer};
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::text("city").required()).build()?;
    /// let file = b"name\nAhmad\n";
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let mapping = schema.map_headers(&dialect.headers)?;
    /// let plan = Plan::new(schema, dialect, mapping).even_incomplete().surveyed(file)?;
    /// assert_eq!(plan.records(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn even_incomplete(mut self) -> Self {
        self.even_incomplete = true;
        self
    }

    pub(crate) fn require_complete(&self) -> Result<(), FileError> {
        if self.even_incomplete {
            return Ok(());
        }
        self.mapping.require_complete()
    }
}

// From a file to its plan: recognised, mapped, surveyed, with the user's choices.

/// Bytes by which a file that is not a table is recognised.
const HEAD: usize = 1_024;

/// The receiver of a pass's progress.
pub(super) type Watcher<'c> = Box<dyn FnMut(&Progress) -> ControlFlow<()> + 'c>;

/// The user's decisions about a file.
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
    #[cfg_attr(feature = "serde", serde(with = "crate::csv::codec::nested"))]
    pub(crate) quote: Option<Option<u8>>,
    #[cfg_attr(feature = "serde", serde(with = "crate::csv::codec::nested"))]
    pub(crate) header_row: Option<Option<u64>>,
    /// Column and field, or `None` for a column that is excluded.
    pub(crate) columns: Vec<(Chosen, Option<String>)>,
    pub(super) corrections: Arc<Corrections>,
}

impl Choices {
    /// Refuses signs with which no file can be written.
    fn require_possible(&self) -> Result<(), SetupError> {
        let quote = self.quote.unwrap_or(Some(b'"'));
        // A delimiter that was not chosen will differ from the quote.
        let unlike = if quote == Some(b',') { b';' } else { b',' };
        let dialect = Dialect {
            delimiter: self.delimiter.unwrap_or(unlike),
            quote,
            ..Dialect::default()
        };
        dialect.require_possible()
    }
}

/// Makes a [`Plan`] from what the caller knows.
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
    pub(crate) schema: Schema,
    pub(crate) choices: Choices,
    pub(crate) limits: Limits,
    pub(crate) today: Option<Date>,
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
    /// A planner that knows only the schema.
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

    fn of_plan(plan: &Plan) -> Self {
        Self {
            choices: plan.choices.clone(),
            limits: plan.limits,
            today: plan.today,
            streaming: plan.survey.is_none(),
            ..Self::new(&plan.schema)
        }
    }

    /// Sets the encoding of the file.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.choices.encoding = Some(encoding);
        self
    }

    /// Sets the byte between cells. It belongs to a file and not to a schema, so one that cannot be a delimiter (a line
    /// break, the quote, a byte beyond ASCII) is refused by [`plan`](Self::plan) and not when the schema is built.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.choices.delimiter = Some(delimiter);
        self
    }

    /// Sets the byte that quotes cells; `None` if none does.
    pub fn quote(mut self, quote: Option<u8>) -> Self {
        self.choices.quote = Some(quote);
        self
    }

    /// Sets the row of the header, from 1; `None` if the file has none.
    pub fn header_row(mut self, row: Option<u64>) -> Self {
        self.choices.header_row = Some(row);
        self
    }

    /// Makes the column with this header that field. The file must have the header.
    pub fn header(mut self, header: impl Into<String>, field: impl Into<String>) -> Self {
        self.choose(Chosen::Header(header.into()), Some(field.into()));
        self
    }

    /// Makes the column with this number, from 1, that field.
    pub fn column(mut self, number: usize, field: impl Into<String>) -> Self {
        self.choose(Chosen::Number(number), Some(field.into()));
        self
    }

    /// Excludes the column with this header from the import.
    pub fn leave_out(mut self, header: impl Into<String>) -> Self {
        self.choose(Chosen::Header(header.into()), None);
        self
    }

    /// Sets pairs of header and field that were right for an earlier file, with an empty field for a column that was
    /// excluded. What this file does not have is ignored.
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

    /// Records a choice, which replaces an earlier one.
    fn choose(&mut self, chosen: Chosen, field: Option<String>) {
        self.choices
            .columns
            .retain(|(known, of)| *known != chosen && (field.is_none() || *of != field));
        self.choices.columns.push((chosen, field));
    }

    /// Sets limits other than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets today's date, for fields that compare with it.
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Plans by the beginning of the file alone: nothing is known of a column before its cells are read, so dates are
    /// read in the field's own order, and an ambiguous number is refused unless the field has a decimal mark. The summary
    /// says so.
    pub fn without_survey(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// Receives the progress of the survey, and can stop it with `Break`.
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
    /// [`RunError::File`] if the file cannot be imported, [`RunError::Setup`] if no file could be,
    /// [`RunError::Cancelled`] if the observer stopped it.
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

    /// The dialect, and what the file is according to its first bytes if these are not a table.
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
            // Without a survey the file may be endless: its beginning must suffice.
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
        // Without a header, columns have only positions.
        let nameless = vec![String::new(); dialect.columns];
        let headers = match dialect.header_row {
            Some(_) => &dialect.headers,
            None => &nameless,
        };
        Mapping::chosen(&self.schema, headers, &self.choices.columns)
    }

    /// Adds to an error what the table is instead, if it is not a table with these columns.
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
    /// The first pass over a file that a plan was made for [elsewhere](Self::new): reads all of it and uses what it
    /// shows.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, its header is not the expected one, a required column is missing, or there are too
    /// many rows.
    pub fn surveyed(self, source: impl Source) -> Result<Self, RunError> {
        self.surveyed_while(source, |_| ControlFlow::Continue(()))
    }

    /// Like [`surveyed`](Self::surveyed), unless the observer stops it with `Break`.
    ///
    /// # Errors
    ///
    /// As for [`surveyed`](Self::surveyed), and [`RunError::Cancelled`].
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

    /// [`surveyed`](Plan::surveyed) over asynchronous input.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::ops::ControlFlow;
    ///
    /// use import_engine::{Field, Plan, Schema, recognise::Sniffer};
    ///
    /// let file = b"name\nAhmad\nSiti\n";
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let mapping = schema.map_headers(&dialect.headers)?;
    /// let plan = Plan::new(schema, dialect, mapping);
    /// let plan = plan.surveyed_async(&file[..], |_| ControlFlow::Continue(())).await?;
    /// assert_eq!(plan.records(), Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`surveyed`](Plan::surveyed).
    #[cfg(feature = "tokio")]
    pub async fn surveyed_async<R>(
        self,
        mut reader: R,
        mut observer: impl FnMut(&Progress) -> ControlFlow<()> + Send,
    ) -> Result<Self, RunError>
    where
        R: AsyncRead + Unpin + Send,
    {
        let mut surveyor = self.surveyor()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = reader.read(&mut chunk).await.map_err(FileError::Read)?;
            if read == 0 {
                break;
            }
            surveyor.feed(&chunk[..read])?;
            if observer(&surveyor.progress()).is_break() {
                return Err(RunError::Cancelled);
            }
        }
        Ok(self.with_survey(surveyor.finish()?))
    }
}

/// The error for the head of a file that the sniffer refuses.
fn of_sniffing(error: SniffError, head: &[u8]) -> FileError {
    match error {
        SniffError::Empty => FileError::Empty,
        SniffError::Binary { .. } => FileError::NotText {
            look: Look::of_bytes(head),
        },
    }
}

// A plan as a value to be stored: fields by their names, so that a schema may be built again in another order. It does
// not contain the schema, because rules are code.

/// The version of the format. A plan of another version is refused instead of misread.
#[cfg(feature = "serde")]
const VERSION: u32 = 1;

/// A [`Plan`] without its schema, which can be stored and turned into a plan again. With `serde_json` it is
/// human-readable text.
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::SavedPlan};
///
/// let schema = || Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build();
/// let file = "name;born\nAda;10/12/1815\nAlan;23/06/1912\n";
/// let json = serde_json::to_string(&Plan::of(&schema()?, file)?.save())?;
///
/// // In another program, another day.
/// let plan = serde_json::from_str::<SavedPlan>(&json)?.plan(&schema()?)?;
/// let (batches, _) = plan.import(file).collect()?;
/// assert_eq!(batches[0].value(0, 1).to_string(), "1815-12-10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    version: u32,
    schema: String,
    dialect: Dialect,
    mapping: SavedMapping,
    limits: Limits,
    survey: Option<SavedSurvey>,
    choices: Choices,
}

#[cfg(feature = "serde")]
impl Plan {
    /// All of the plan except the schema and today's date.
    #[must_use]
    pub fn save(&self) -> SavedPlan {
        let by_name = |decisions: &[Decision]| -> BTreeMap<String, Decision> {
            let fields = self.schema.fields().iter().zip(decisions);
            fields
                .filter(|(_, decision)| **decision != Decision::default())
                .map(|(field, decision)| (field.name().to_owned(), *decision))
                .collect()
        };
        SavedPlan {
            version: VERSION,
            schema: self.schema.name().to_owned(),
            dialect: self.dialect.clone(),
            mapping: self.mapping.save(&self.schema),
            limits: self.limits,
            survey: self
                .survey
                .as_ref()
                .map(|survey| survey.save(&self.schema, by_name(survey.decisions()))),
            choices: self.choices.clone(),
        }
    }
}

#[cfg(feature = "serde")]
impl SavedPlan {
    /// The plan, for the schema that it was made for. Set [`today`](Plan::today) if the schema compares dates with it.
    ///
    /// # Errors
    ///
    /// [`SetupError::Plan`] if it was made for a schema of another name, uses a field that the schema no longer has, or
    /// was saved by a version of this crate with another format.
    pub fn plan(self, schema: &Schema) -> Result<Plan, SetupError> {
        let refused = |reason: String| SetupError::Plan {
            schema: schema.name().to_owned(),
            reason,
        };
        if self.version != VERSION {
            return Err(refused(format!(
                "it is of version {} of the format, and this is version {VERSION}",
                self.version
            )));
        }
        if self.schema != schema.name() {
            return Err(refused(format!("it is of the schema '{}'", self.schema)));
        }
        let mapping = Mapping::restore(schema, self.mapping).map_err(refused)?;
        let survey = self.survey.map(|survey| Survey::restore(schema, survey));
        let corrections = Corrections::clone(&self.choices.corrections);
        let plan = Plan {
            limits: self.limits,
            survey: survey.transpose().map_err(refused)?,
            choices: self.choices,
            ..Plan::new(schema.clone(), self.dialect, mapping)
        };
        // The schema may have lost a field since.
        plan.correct(corrections)
    }
}
