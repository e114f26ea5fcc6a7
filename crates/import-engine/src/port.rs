//! What the engine asks of its caller: where rows go ([`Sink`]), what the system knows ([`Lookup`]), who watches
//! ([`Observer`]). The traits alone, and the smallest implementations.

use std::ops::ControlFlow;

use uuid::Uuid;

use crate::{batch::Batch, error::BoxError, notice::Notice, value::Value};

/// Takes checked rows, a batch at a time, in the order of the file.
///
/// A batch owns everything it holds, so that it can be sent to another thread. `Vec<Batch>` and closures are sinks.
///
/// ```
/// use import_engine::{Batch, BoxError, Sink};
///
/// struct Count(usize);
///
/// impl Sink for Count {
///     fn accept(&mut self, batch: Batch) -> Result<(), BoxError> {
///         self.0 += batch.rows().len();
///         Ok(())
///     }
/// }
/// ```
pub trait Sink {
    /// Takes the next batch.
    ///
    /// # Errors
    ///
    /// Any error ends the import with [`ImportError::Sink`](crate::ImportError::Sink).
    fn accept(&mut self, batch: Batch) -> Result<(), BoxError>;
}

impl Sink for Vec<Batch> {
    fn accept(&mut self, batch: Batch) -> Result<(), BoxError> {
        self.push(batch);
        Ok(())
    }
}

impl<F: FnMut(Batch) -> Result<(), BoxError>> Sink for F {
    fn accept(&mut self, batch: Batch) -> Result<(), BoxError> {
        self(batch)
    }
}

/// Answers what the system already knows: whether keys are taken, and what references point at. Asked once or twice for a
/// whole batch, never per row.
///
/// ```
/// use import_engine::{BoxError, Found, Lookup, Question, QuestionKind};
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
///                         "Reguler" => Found::One(uuid::Uuid::from_u128(1)),
///                         "Plus" => Found::One(uuid::Uuid::from_u128(2)),
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
    /// Any error ends the import with [`ImportError::Lookup`](crate::ImportError::Lookup).
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError>;

    /// Whether there is anybody to ask. When not, no questions are put together, and references stay text.
    fn is_present(&self) -> bool {
        true
    }

    /// Whether the answers count the rows that this very import stored before it was interrupted. Most systems cannot tell them
    /// from others: then nothing is asked about the unique keys of rows up to [`Importer::resume_after`](crate::Importer::resume_after).
    /// One that leaves them out is asked about all rows, as it was at the first time.
    ///
    /// ```
    /// assert!(import_engine::Lookup::sees_own_rows(&import_engine::NoLookup));
    /// ```
    fn sees_own_rows(&self) -> bool {
        true
    }
}

/// Nobody to ask: nothing is taken, references are judged by their shape alone.
///
/// See [`Issue`](crate::Issue) for an example.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLookup;

impl Lookup for NoLookup {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        Ok(questions
            .iter()
            .map(|question| vec![Found::Unchecked; question.len()])
            .collect())
    }

    fn is_present(&self) -> bool {
        false
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
    /// Header of the file's column, for a reference: it may tell which of several keys the texts are.
    pub header: Option<&'b str>,
    pub(crate) width: usize,
    pub(crate) values: Vec<Value<'b>>,
}

impl<'b> Question<'b> {
    /// The keys asked about: for a reference one text each, without repetitions; for a unique key one value per field of it,
    /// text folded to lower case unless the key is case-sensitive.
    ///
    /// ```
    /// use import_engine::{BoxError, Found, Lookup, Question};
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

    /// The keys of a question about one field, as text. A key that is no text is the empty text; use [`keys`](Self::keys) for those.
    ///
    /// ```
    /// use import_engine::{BoxError, Found, Lookup, Question};
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
    /// use import_engine::{BoxError, Found, Lookup, Question};
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
    /// use import_engine::{BoxError, Found, Lookup, Question};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Exactly one, and its id.
    One(Uuid),
    /// That many.
    Many(u64),
    /// Nobody knows: a key counts as free, a reference stays the text it is.
    Unchecked,
}

/// Watches an import, and can end it. `()` watches nothing.
///
/// ```
/// use std::ops::ControlFlow;
/// use import_engine::{Notice, Observer, Progress};
///
/// struct UntilRow(u64);
///
/// impl Observer for UntilRow {
///     fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
///         if progress.row > self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
///
///     fn notice(&mut self, notice: &Notice) {
///         eprintln!("{notice}");
///     }
/// }
/// ```
pub trait Observer {
    /// Called at least once for every 64 KiB of the file. [`ControlFlow::Break`] ends the import with
    /// [`ImportError::Cancelled`](crate::ImportError::Cancelled).
    fn progress(&mut self, progress: &Progress) -> ControlFlow<()> {
        let _ = progress;
        ControlFlow::Continue(())
    }

    /// Something about the file as a whole that a person should know.
    fn notice(&mut self, notice: &Notice) {
        let _ = notice;
    }
}

impl Observer for () {}

/// How far an import has come.
///
/// See [`Observer`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Row number of the last record seen.
    pub row: u64,
    /// Data records seen.
    pub records: u64,
}
