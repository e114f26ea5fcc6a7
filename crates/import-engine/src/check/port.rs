//! What the engine asks of its caller, and what it reports to it: what the system knows ([`Lookup`]), how far it is ([`Progress`]), and the
//! count of everything at the end of an import ([`Summary`]). Holds no rows.

use crate::{
    error::BoxError,
    issue::{IssueKind, Notice},
    value::{Key, Value},
};

/// Answers what the system already knows: whether keys are taken, and what references point at. Asked once or twice for a
/// whole batch, never per row.
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

    /// Whether the answers count the rows that this very import stored before it was interrupted. Most systems cannot tell them
    /// from others: then nothing is asked about the unique keys of rows up to [`Import::resume_after`](crate::Import::resume_after).
    /// One that leaves them out is asked about all rows, as it was at the first time.
    fn sees_own_rows(&self) -> bool {
        true
    }
}

/// What the system is asked about a batch: one question for each reference field and each unique key.
///
/// See [`Lookup`] for an example.
#[derive(Debug)]
pub struct Question<'b> {
    /// What is asked.
    pub kind: QuestionKind<'b>,
    /// Name of the reference field or of the unique key.
    pub name: &'b str,
    /// Header of the file's column, for a reference: it may show which of several keys the texts are.
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

    /// The keys of a question about one field, as text, folded as in [`keys`](Self::keys): ask a table by `lower(email)`. A key that is not text is the empty text; use [`keys`](Self::keys) for those.
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

    /// How many keys.
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

    /// Whether nothing is asked. Such questions are not put.
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

/// What is asked.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind<'b> {
    /// Whether the system has these keys already: [`Found::Nothing`] when not.
    Unique,
    /// What these texts refer to.
    Reference {
        /// The kind of thing, as the schema names it.
        target: &'b str,
    },
}

/// What was found for a key.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Exactly one, and the key that the system knows it by.
    One(Key),
    /// That many.
    Many(u64),
    /// Unknown: a key counts as free, a reference stays the text it is.
    Unchecked,
}

impl Found {
    /// Exactly one, by its key.
    pub fn one(key: impl Into<Key>) -> Self {
        Self::One(key.into())
    }
}

/// How far an import has come.
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

// The count of everything at the end of an import.

/// What an import came to.
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
    /// Data records: neither the header, nor blank, nor a footer, nor a repeated header.
    pub records: u64,
    /// Data records that were taken.
    pub valid: u64,
    /// Data records that were not.
    pub invalid: u64,
    /// Rows in which every cell is empty.
    pub blank_rows: u64,
    /// Rows that sum up the table.
    pub footers: u64,
    /// Rows that repeat the header.
    pub repeated_headers: u64,
    /// Errors by family.
    pub errors: IssueCounts,
    /// Warnings.
    pub warnings: u64,
    /// Errors and warnings beyond [`Limits::issues`](crate::Limits::issues): counted above, not handed on.
    pub issues_cut: u64,
    /// What else a person should know.
    pub notices: Vec<Notice>,
    /// Valid rows that the system had already, and that were [not refused](crate::Import::existing) for it.
    pub existing: u64,
    /// Whether the whole file was looked at before its rows were checked. Otherwise cells were read without their columns' evidence.
    pub surveyed: bool,
    /// Whether the observer stopped the import: the counts are then of the batches that were handed on.
    pub cancelled: bool,
}

impl Summary {
    /// Whether the import came to the end of the file.
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
    /// Empty cells that must not be.
    pub missing_required: u64,
    /// Cells and records not written as they must be.
    pub invalid_format: u64,
    /// Values that are taken.
    pub duplicate: u64,
    /// References to nothing, and broken rules across cells.
    pub constraint_violation: u64,
}

impl IssueCounts {
    /// All of them.
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
