//! Why an import cannot begin or go on: the programmer's fault ([`SetupError`]), the file's ([`FileError`]), or a port's. Bad rows are
//! data ([`Issue`](crate::Issue)), only what concerns the whole file is here.

mod look;

use std::{convert::Infallible, error::Error, fmt, io};

use crate::issue::{Language, Notice, Suggestion, fill};

pub use look::Look;

/// What a caller's [`Lookup`](crate::Lookup) may fail with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why an import did not come to its end. `E` is what the caller's own closure failed with, unchanged.
///
/// ```
/// use import_engine::{Field, Plan, RunError, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let file = "name\nAda\n";
/// let plan = Plan::of(&schema, file)?;
/// let full = plan.import(file).each(|_| Err("the disk is full"));
/// assert!(matches!(full, Err(RunError::Sink("the disk is full"))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError<E = Infallible> {
    /// The program is wrong: no file could be imported so.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The file cannot be imported; its owner can mend it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lookup could not answer.
    #[error("the lookup failed")]
    Lookup(#[source] BoxError),
    /// The caller's closure refused a batch.
    #[error("{0}")]
    Sink(E),
    /// The observer asked to stop while the file was surveyed. One that stops an import later gets the summary so far instead.
    #[error("the import was cancelled")]
    Cancelled,
}

impl RunError {
    /// The same error where a closure can fail, too.
    #[must_use]
    pub fn with_sink<E>(self) -> RunError<E> {
        match self {
            Self::Setup(error) => RunError::Setup(error),
            Self::File(error) => RunError::File(error),
            Self::Lookup(error) => RunError::Lookup(error),
            Self::Cancelled => RunError::Cancelled,
            Self::Sink(never) => match never {},
        }
    }
}

impl<E> RunError<E> {
    /// What is wrong with the file, if it is the file.
    #[must_use]
    pub fn file(&self) -> Option<&FileError> {
        match self {
            Self::File(error) => Some(error),
            _ => None,
        }
    }
}

// Faults of the program that imports: found when a schema is built or an import starts, never by a user's file.

/// What is wrong with the program.
///
/// ```
/// use import_engine::{Field, Schema, SetupError};
///
/// let twice = Schema::builder("contacts").field(Field::text("name")).field(Field::text("name")).build();
/// assert!(matches!(twice, Err(SetupError::Schema { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The schema contradicts itself.
    #[error("the schema '{schema}' is wrong: {reason}")]
    Schema {
        /// Name of the schema.
        schema: String,
        /// What contradicts what.
        reason: String,
    },
    /// No file can be written so: a dialect of the caller's own contradicts itself.
    #[error("no file can be read so: {reason}")]
    Dialect {
        /// What cannot be.
        reason: &'static str,
    },
    /// The schema compares a date with today, and the caller did not say what day it is.
    #[error("the field '{field}' is compared with today, which was not given")]
    TodayMissing {
        /// The field.
        field: String,
    },
    /// The lookup gave another number of answers than it was asked questions.
    #[error("the lookup gave {given} answers to {asked} questions about '{name}'")]
    LookupMismatch {
        /// Name of the field or key that was asked about.
        name: String,
        /// Number of questions.
        asked: usize,
        /// Number of answers.
        given: usize,
    },
    /// A struct does not fit the rows that it should be read from.
    #[error("rows of '{schema}' do not fit{}: {reason}", row.map(|row| format!(", as row {row} shows")).unwrap_or_default())]
    Rows {
        /// Name of the schema.
        schema: String,
        /// The row that showed it; `None` where every row would.
        row: Option<u64>,
        /// What does not fit.
        reason: String,
    },
    /// A stored plan belongs to another schema, or to an earlier state of this one.
    #[error("the plan does not fit the schema '{schema}': {reason}")]
    Plan {
        /// Name of the schema.
        schema: String,
        /// What does not fit.
        reason: String,
    },
}

// What is wrong with a file as a whole, in words for its owner.

/// Why a file cannot be imported. Its owner, or who chose its columns, can mend it: [`message`](Self::message) says how in their language.
///
/// ```
/// use import_engine::{Field, Language, Plan, RunError, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
/// let Err(RunError::File(error)) = Plan::of(&schema, "email,born\nada@example.org,1815-12-10\n") else { panic!("a column is missing") };
/// assert_eq!(error.code().as_str(), "missing_columns");
/// assert_eq!(error.message(Language::ENGLISH), "This column is missing: name");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The bytes could not be read.
    Read(io::Error),
    /// The file holds nothing.
    Empty,
    /// The file is not a table of text.
    NotText {
        /// What it is, as far as its first bytes tell.
        look: Option<Look>,
    },
    /// A choice of columns names something that does not exist, or uses it twice.
    Mapping(MappingProblem),
    /// Columns that the schema requires are not in the file.
    MissingColumns {
        /// The file's headers.
        columns: Vec<String>,
        /// Names of the required fields without a column, in the order of the schema.
        missing: Vec<String>,
        /// Columns that look like them. Never taken without asking.
        suggestions: Vec<Suggestion>,
        /// What the table is instead, if that was recognised.
        look: Option<Look>,
        /// Why columns were not taken.
        notices: Vec<Notice>,
    },
    /// The header row of the file is not the one the plan was made for.
    HeaderChanged {
        /// The header's row.
        row: u64,
    },
    /// The file ends before its header row.
    HeaderMissing,
    /// The header row cannot be read.
    HeaderDamaged {
        /// The header's row.
        row: u64,
    },
    /// The file has more data records than [`Limits::rows`](crate::Limits::rows).
    TooManyRows {
        /// The limit.
        limit: u64,
    },
}

/// What is wrong with a choice of columns.
///
/// ```
/// use import_engine::{Field, FileError, Schema, recognise::{Mapping, MappingProblem}};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let wrong = Mapping::new(&schema, &["Nama"], [("Name", "name")]);
/// assert!(matches!(wrong, Err(FileError::Mapping(MappingProblem::UnknownHeader { .. }))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MappingProblem {
    /// The file has no such header.
    UnknownHeader {
        /// The header as given.
        header: String,
    },
    /// The file has no such column.
    UnknownColumn {
        /// The column as given, from 1.
        number: usize,
    },
    /// The schema has no such field.
    UnknownField {
        /// The field as given.
        field: String,
    },
    /// Two columns were given to one field.
    FieldTwice {
        /// The field.
        field: String,
    },
    /// One column was given to two fields.
    HeaderTwice {
        /// The header.
        header: String,
    },
    /// The file has this header more than once, so that the mapping does not say which.
    AmbiguousHeader {
        /// The header.
        header: String,
    },
}

/// The stable word for what is wrong with a file.
///
/// ```
/// use import_engine::{FileError, issues::FileErrorCode};
///
/// assert_eq!(FileError::Empty.code(), FileErrorCode::EMPTY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileErrorCode(&'static str);

impl FileErrorCode {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    fn texts(self) -> [&'static str; 2] {
        TEXTS
            .iter()
            .find(|(code, _)| *code == self)
            .map_or([""; 2], |(_, texts)| *texts)
    }
}

impl fmt::Display for FileErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $word:literal, $indonesian:literal, $english:literal;)+) => {
        impl FileErrorCode {
            $($(#[$doc])+ pub const $name: Self = Self($word);)+

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }

        const TEXTS: &[(FileErrorCode, [&str; 2])] =
            &[$((FileErrorCode::$name, [$indonesian, $english])),+];
    };
}

codes! {
    /// [`FileError::Read`].
    UNREADABLE = "unreadable",
        "File tidak dapat dibaca", "The file could not be read";
    /// [`FileError::Empty`].
    EMPTY = "empty",
        "File kosong", "The file is empty";
    /// [`FileError::NotText`].
    NOT_TEXT = "not_text",
        "File ini bukan tabel teks", "The file is not a table of text";
    /// [`MappingProblem::UnknownHeader`].
    UNKNOWN_HEADER = "unknown_header",
        "Kolom '{header}' tidak ada di file", "The file has no column '{header}'";
    /// [`MappingProblem::UnknownColumn`].
    UNKNOWN_COLUMN = "unknown_column",
        "File tidak memiliki kolom ke-{number}", "The file has no column {number}";
    /// [`MappingProblem::UnknownField`].
    UNKNOWN_FIELD = "unknown_field",
        "Field '{field}' tidak dikenal", "There is no field '{field}'";
    /// [`MappingProblem::FieldTwice`].
    FIELD_TWICE = "field_twice",
        "Field '{field}' dipetakan dari dua kolom", "The field '{field}' was given two columns";
    /// [`MappingProblem::HeaderTwice`].
    HEADER_TWICE = "header_twice",
        "Kolom '{header}' dipetakan dua kali", "The column '{header}' was given twice";
    /// [`MappingProblem::AmbiguousHeader`].
    AMBIGUOUS_HEADER = "ambiguous_header",
        "Kolom '{header}' ada lebih dari satu di file", "The file has more than one column '{header}'";
    /// [`FileError::MissingColumns`].
    MISSING_COLUMNS = "missing_columns",
        "Kolom yang diperlukan tidak ditemukan: {missing}", "{count|This column is|These columns are} missing: {missing}";
    /// [`FileError::HeaderChanged`].
    HEADER_CHANGED = "header_changed",
        "Judul kolom di baris {row} bukan yang dikenali sebelumnya", "The header in row {row} is not the one that was recognised";
    /// [`FileError::HeaderMissing`].
    HEADER_MISSING = "header_missing",
        "File tidak memiliki baris judul kolom", "The file has no header row";
    /// [`FileError::HeaderDamaged`].
    HEADER_DAMAGED = "header_damaged",
        "Judul kolom di baris {row} rusak", "The header in row {row} is damaged";
    /// [`FileError::TooManyRows`].
    TOO_MANY_ROWS = "too_many_rows",
        "File memiliki lebih dari {limit} baris", "The file has more than {limit} {limit|row|rows}";
}

impl FileError {
    /// Which of them it is.
    #[must_use]
    pub fn code(&self) -> FileErrorCode {
        match self {
            Self::Read(_) => FileErrorCode::UNREADABLE,
            Self::Empty => FileErrorCode::EMPTY,
            Self::NotText { .. } => FileErrorCode::NOT_TEXT,
            Self::Mapping(problem) => problem.code(),
            Self::MissingColumns { .. } => FileErrorCode::MISSING_COLUMNS,
            Self::HeaderChanged { .. } => FileErrorCode::HEADER_CHANGED,
            Self::HeaderMissing => FileErrorCode::HEADER_MISSING,
            Self::HeaderDamaged { .. } => FileErrorCode::HEADER_DAMAGED,
            Self::TooManyRows { .. } => FileErrorCode::TOO_MANY_ROWS,
        }
    }

    /// What its texts are filled with, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Read(error) => vec![("reason", error.to_string())],
            Self::Empty | Self::HeaderMissing => Vec::new(),
            Self::NotText { look } => look
                .iter()
                .map(|look| ("look", look.as_str().to_owned()))
                .collect(),
            Self::Mapping(problem) => vec![problem.param()],
            Self::MissingColumns { missing, .. } => vec![
                ("missing", missing.join(", ")),
                ("count", missing.len().to_string()),
            ],
            Self::HeaderChanged { row } | Self::HeaderDamaged { row } => {
                vec![("row", row.to_string())]
            }
            Self::TooManyRows { limit } => vec![("limit", limit.to_string())],
        }
    }

    /// What it says to the file's owner, with what may be done about it. For a language of one's own see
    /// [`Messages::file_error`](crate::issues::Messages::file_error).
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let mut message = self.filled(language.pick(self.code().texts()));
        if let Self::NotText { look: Some(look) }
        | Self::MissingColumns {
            look: Some(look), ..
        } = self
        {
            message.push_str(". ");
            message.push_str(look.hint(language));
        }
        message
    }

    pub(crate) fn filled(&self, template: &str) -> String {
        let params = self.params();
        fill(template, |name| {
            let mut known = params.iter();
            known
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str())
        })
    }
}

impl MappingProblem {
    fn code(&self) -> FileErrorCode {
        match self {
            Self::UnknownHeader { .. } => FileErrorCode::UNKNOWN_HEADER,
            Self::UnknownColumn { .. } => FileErrorCode::UNKNOWN_COLUMN,
            Self::UnknownField { .. } => FileErrorCode::UNKNOWN_FIELD,
            Self::FieldTwice { .. } => FileErrorCode::FIELD_TWICE,
            Self::HeaderTwice { .. } => FileErrorCode::HEADER_TWICE,
            Self::AmbiguousHeader { .. } => FileErrorCode::AMBIGUOUS_HEADER,
        }
    }

    fn param(&self) -> (&'static str, String) {
        match self {
            Self::UnknownHeader { header }
            | Self::HeaderTwice { header }
            | Self::AmbiguousHeader { header } => ("header", header.clone()),
            Self::UnknownColumn { number } => ("number", number.to_string()),
            Self::UnknownField { field } | Self::FieldTwice { field } => ("field", field.clone()),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::ENGLISH))
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            _ => None,
        }
    }
}

impl From<MappingProblem> for FileError {
    fn from(problem: MappingProblem) -> Self {
        Self::Mapping(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::testing::{assert_agrees, holes};

    #[test]
    fn every_error_of_a_file_says_the_same_in_both_languages() {
        for code in FileErrorCode::ALL {
            let [indonesian, english] = code.texts();
            assert!(!indonesian.is_empty() && !english.is_empty(), "{code}");
            // The number of columns only decides a form of English words.
            let named = |text| holes(text).into_iter().filter(|name| *name != "count");
            assert!(named(indonesian).eq(named(english)), "{code}");
            assert_agrees(english);
        }
    }
}
