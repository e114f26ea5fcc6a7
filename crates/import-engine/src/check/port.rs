//! What the engine asks its caller, and what it reports: what the system knows ([`Lookup`]), the progress ([`Progress`]),
//! and all counts at the end of an import ([`Summary`]).

use crate::{
    error::BoxError,
    issue::{IssueKind, Notice},
    value::{Key, Value},
};

/// Answers what the system already knows: whether keys are taken, and what references refer to. It is called once or
/// twice for a whole batch, never per row.
///
/// ```
/// use import_engine::{Lookup, lookup::{BoxError, Found, Question, QuestionKind}};
///
/// /// Knows two packages by name.
/// struct Packages;
///
/// impl Lookup for Packages {
///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
///         Ok(questions
///             .iter()
///             .map(|question| match question.kind {
///                 QuestionKind::Reference { .. } => question
///                     .texts()
///                     .map(|text| match text {
///                         "Reguler" => Found::one(1),
///                         "Plus" => Found::one(2),
///                         _ => Found::Nothing,
///                     })
///                     .collect(),
///                 QuestionKind::Unique => vec![Found::Nothing; question.len()],
///             })
///             .collect())
///     }
/// }
/// ```
pub trait Lookup {
    /// Answers each question with one [`Found`] per key, in the order of the keys.
    ///
    /// # Errors
    ///
    /// Any error ends the import with [`RunError::Lookup`](crate::RunError::Lookup).
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError>;

    /// Whether the answers include the rows that this import itself stored before it was interrupted. Most systems cannot
    /// distinguish them: then nothing is asked about the unique keys of rows up to
    /// [`Import::resume_after`](crate::Import::resume_after). A lookup that omits them is asked about all rows, as in the
    /// first run.
    fn sees_own_rows(&self) -> bool {
        true
    }
}

/// What the system is asked about a batch: one question for each reference field and each unique key.
///
/// See [`Lookup`] for an example.
#[derive(Debug)]
pub struct Question<'b> {
    /// The kind of question.
    pub kind: QuestionKind<'b>,
    /// Name of the reference field or of the unique key.
    pub name: &'b str,
    /// Header of the file's column, for a reference: it may show which of several kinds of key the texts are.
    pub header: Option<&'b str>,
    pub(crate) width: usize,
    pub(crate) values: Vec<Value<'b>>,
}

impl<'b> Question<'b> {
    /// The keys asked about: for a reference one text each, without repetitions; for a unique key one value per field of it,
    /// text folded to lower case unless the key is case-sensitive.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| question.keys().map(|_| Found::Nothing).collect()).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &[Value<'b>]> {
        self.values.chunks_exact(self.width)
    }

    /// The keys of a question about one field, as text, folded as in [`keys`](Self::keys): query a table by
    /// `lower(email)`. A key that is not text is the empty text; use [`keys`](Self::keys) for those.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| question.texts().map(|_| Found::Nothing).collect()).collect())
    ///     }
    /// }
    /// ```
    pub fn texts(&self) -> impl Iterator<Item = &'b str> {
        self.values
            .iter()
            .step_by(self.width)
            .map(|value| value.as_text().unwrap_or_default())
    }

    /// The number of keys.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| vec![Found::Nothing; question.len()]).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there are no keys. Such questions are not asked.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         assert!(questions.iter().all(|question| !question.is_empty()));
    ///         Ok(questions.iter().map(|question| vec![Found::Nothing; question.len()]).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The kind of question.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind<'b> {
    /// Whether the system has these keys already: [`Found::Nothing`] if not.
    Unique,
    /// What these texts refer to.
    Reference {
        /// The kind of thing, as the schema names it.
        target: &'b str,
    },
}

/// The result for a key.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Exactly one, and the key that the system knows it by.
    One(Key),
    /// Several, with their number.
    Many(u64),
    /// Unknown: a key counts as free, a reference stays text.
    Unchecked,
}

impl Found {
    /// Exactly one, by its key.
    pub fn one(key: impl Into<Key>) -> Self {
        Self::One(key.into())
    }
}

/// The progress of an import.
///
/// See [`Import`](crate::Import) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Row number of the last record seen.
    pub row: u64,
    /// Data records seen.
    pub records: u64,
}

// All counts at the end of an import.

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
    /// Errors and warnings beyond [`Limits::issues`](crate::Limits::issues): counted above, but not passed on.
    pub issues_cut: u64,
    /// What else the user should know.
    pub notices: Vec<Notice>,
    /// Valid rows that the system already had, and that were [not refused](crate::Import::existing) because of it.
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

/// Errors by family.
///
/// See [`Summary`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IssueCounts {
    /// Empty cells of required fields.
    pub missing_required: u64,
    /// Cells and records in a wrong format.
    pub invalid_format: u64,
    /// Values that are already taken.
    pub duplicate: u64,
    /// References to nothing, and violated rules across cells.
    pub constraint_violation: u64,
}

impl IssueCounts {
    /// The total.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.missing_required + self.invalid_format + self.duplicate + self.constraint_violation
    }

    pub(crate) fn add(&mut self, kind: IssueKind) {
        *match kind {
            IssueKind::MissingRequired => &mut self.missing_required,
            IssueKind::InvalidFormat => &mut self.invalid_format,
            IssueKind::Duplicate => &mut self.duplicate,
            IssueKind::ConstraintViolation => &mut self.constraint_violation,
        } += 1;
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.missing_required += other.missing_required;
        self.invalid_format += other.invalid_format;
        self.duplicate += other.duplicate;
        self.constraint_violation += other.constraint_violation;
    }
}
