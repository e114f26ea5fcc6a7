//! How a file is read: what was recognised, which column is which field, what the whole file showed, and what a person changed of it.
//! One value, made from a file and kept for the next time. Checks nothing itself.

mod import;
mod planner;
#[cfg(feature = "serde")]
mod saved;

use std::{collections::BTreeSet, sync::Arc};

use time::Date;

use super::{
    amend::{Amend, Corrections},
    run::Run,
    survey::{Survey, Surveyor},
};
use crate::{
    csv::{Dialect, Limits},
    error::{FileError, RunError, SetupError},
    issue::Notice,
    mapping::Mapping,
    schema::Schema,
};

pub use import::{Import, Once, Reopen, Rewind, Source};
pub use planner::Planner;

#[cfg(feature = "serde")]
pub use saved::SavedPlan;

pub(crate) use planner::Choices;

/// How a file is read: its dialect, which column is which field, and what the whole file showed of its columns.
///
/// [`of`](Self::of) makes one from a file. A person can look at it ([`mapping`](Self::mapping), [`notices`](Self::notices)) and have
/// it [changed](Self::change); [`import`](Self::import) then reads the file by it. With the feature `serde` a plan can be
/// [saved](Self::save) and used again, for the same file or for the next one of the same kind.
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
    /// What a person decided, which a change of something else keeps.
    pub(crate) choices: Choices,
    pub(crate) amend: Option<Arc<dyn Amend>>,
    pub(crate) only: Option<Arc<BTreeSet<u64>>>,
    pub(crate) even_incomplete: bool,
}

impl Plan {
    /// Looks at a whole file, twice: what it is and how its columns write dates and numbers. For more choices see [`Planner`].
    ///
    /// # Errors
    ///
    /// [`RunError::File`] when the file cannot be imported, [`RunError::Setup`] when no file could.
    pub fn of(schema: &Schema, source: impl Source) -> Result<Self, RunError> {
        Planner::new(schema).plan(source)
    }

    /// A plan of what was recognised and mapped elsewhere, not surveyed yet.
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

    /// Other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The day it is, for fields that compare with it. A saved plan needs it again.
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Decides by an earlier survey of the same file.
    #[must_use]
    pub fn with_survey(mut self, survey: Survey) -> Self {
        self.dialect.encoding = survey.encoding();
        self.dialect.quote = survey.quote();
        self.survey = Some(survey);
        self
    }

    /// Begins a change: a [`Planner`] that has all choices of this plan and takes more. What was not chosen is recognised again.
    pub fn change(&self) -> Planner<'static> {
        Planner::of_plan(self)
    }

    /// Reads a file by this plan.
    pub fn import<S: Source>(&self, source: S) -> Import<'_, 'static, S> {
        Import::new(self, source)
    }

    /// What the rows should be.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How the file is written, as the whole of it shows if it was surveyed.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Which column is which field.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// What the whole file showed; `None` if it was not looked at.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// Data records of the file, if it was surveyed.
    #[must_use]
    pub fn records(&self) -> Option<u64> {
        self.survey.as_ref().map(Survey::records)
    }

    /// What a person should know before the import: about the file, its columns, and what the survey found.
    pub fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        let of_file = self.dialect.warnings.iter().map(Notice::from);
        let surveyed = self.survey.iter().flat_map(Survey::notices);
        of_file.chain(self.mapping.notices().iter().chain(surveyed).cloned())
    }

    /// The first pass without input of its own.
    ///
    /// # Errors
    ///
    /// When a required column is missing.
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

    /// The second pass without input or output of its own.
    ///
    /// # Errors
    ///
    /// When a required column is missing, a date is compared with a day that was not given, or no file can be written in the
    /// dialect.
    pub fn start(&self) -> Result<Run, RunError> {
        self.dialect.require_possible()?;
        Run::new(self)
    }

    /// Puts in what is known better than the file has it, before each row is checked.
    ///
    /// See [`Amend`] for an example.
    #[must_use]
    pub fn amend(mut self, amend: impl Amend + 'static) -> Self {
        self.amend = Some(Arc::new(amend));
        self
    }

    /// Corrects what a person says of certain cells, in place of earlier corrections. They are saved with the plan, and kept when
    /// it is [changed](Self::change).
    ///
    /// See [`Corrections`] for an example.
    ///
    /// # Errors
    ///
    /// [`SetupError::Plan`] when they are of a field that the schema does not have.
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

    /// What a person corrected.
    #[must_use]
    pub fn corrections(&self) -> &Corrections {
        &self.choices.corrections
    }

    /// Checks only these rows, and knows nothing of the keys of others.
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

    /// Goes on although required fields have no column: for a look at a file whose mapping is still in the making. Rows are not
    /// refused for such a field, so nothing of it may be stored.
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
