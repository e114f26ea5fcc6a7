//! What is wrong with a row: an [`Issue`] per finding, as data. The texts for users are in the
//! [catalogue](crate::Messages).

mod catalogue;
mod notice;

use std::{fmt, sync::Arc};

pub use catalogue::{IssueCode, Language};
pub use notice::{Notice, NoticeCode};

pub(crate) use catalogue::{builtin, fill, shortened};

/// A message text with which a schema or a field replaces the catalogue's.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub(crate) code: IssueCode,
    pub(crate) language: Language,
    pub(crate) text: Box<str>,
}

/// Whether a finding makes the row invalid.
///
/// ```
/// assert!(import_engine::rules::Severity::Warning < import_engine::rules::Severity::Error);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Severity {
    /// The row is accepted; somebody may want to check it.
    Warning,
    /// The row is rejected.
    Error,
}

/// The four families of findings.
///
/// ```
/// assert_eq!(import_engine::issues::IssueKind::MissingRequired.as_str(), "missing_required");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum IssueKind {
    /// A required cell is empty.
    MissingRequired,
    /// A cell, or the whole record, has a wrong format.
    InvalidFormat,
    /// The value is already taken by an earlier row or in the system.
    Duplicate,
    /// The value refers to something that does not exist, or violates a rule across cells.
    ConstraintViolation,
}

impl IssueKind {
    /// A stable `snake_case` word.
    ///
    /// ```
    /// assert_eq!(import_engine::issues::IssueKind::Duplicate.as_str(), "duplicate");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingRequired => "missing_required",
            Self::InvalidFormat => "invalid_format",
            Self::Duplicate => "duplicate",
            Self::ConstraintViolation => "constraint_violation",
        }
    }
}

/// One finding about one row.
///
/// `Debug` does not show the value of a [sensitive](crate::Field::sensitive) field.
///
/// ```
/// use import_engine::{Field, Language, Plan, Schema};
///
/// let file = b"name,born\nAhmad,1990-02-31\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build()?;
/// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
/// let issue = &batches[0].issues()[0];
/// assert_eq!((issue.row, issue.field(), issue.code.as_str()), (2, Some("born"), "date_impossible"));
/// assert_eq!(schema.messages(Language::ENGLISH).message(issue), "There is no such day: 1990-02-31");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Issue {
    /// Row number as a spreadsheet shows it: the file's first record is row 1, blank rows count.
    pub row: u64,
    /// Physical line of the file where the record begins, from 1.
    pub line: u64,
    /// Column of the file, from 0, if it is about one column.
    pub column: Option<usize>,
    /// Name of the field; read it with [`field`](Self::field).
    pub field_name: Option<Arc<str>>,
    /// The family.
    pub kind: IssueKind,
    /// The exact kind, as a stable word.
    pub code: IssueCode,
    /// Whether it makes the row invalid.
    pub severity: Severity,
    /// Parameters of the message, such as `("limit", "255")`.
    pub params: Vec<(&'static str, String)>,
    /// The cell as received, at most 1 000 characters of it; for a damaged record, the text of its line.
    pub value: Option<String>,
    /// Whether the value must not be shown where others may read it.
    pub sensitive: bool,
}

impl Issue {
    /// Name of the field, if it is about one field.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field_name.as_deref()
    }

    /// A parameter of the message.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether it makes the row invalid.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The value with all but its ends masked if the field is sensitive: `317501******9001`.
    #[must_use]
    pub fn masked_value(&self) -> Option<String> {
        self.value.as_deref().map(|value| {
            if self.sensitive {
                mask(value)
            } else {
                value.to_owned()
            }
        })
    }
}

impl fmt::Debug for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issue")
            .field("row", &self.row)
            .field("line", &self.line)
            .field("column", &self.column)
            .field("field", &self.field_name)
            .field("kind", &self.kind)
            .field("code", &self.code)
            .field("severity", &self.severity)
            .field("params", if self.sensitive { &"…" } else { &self.params })
            .field("value", &self.masked_value())
            .finish_non_exhaustive()
    }
}

/// Keeps the first six and the last four characters, or less than half of a text with fewer than 16 characters.
pub(crate) fn mask(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let (front, back) = match chars.len() {
        16.. => (6, 4),
        length => (length / 4, length / 5),
    };
    chars
        .iter()
        .enumerate()
        .map(|(i, c)| {
            if i < front || i >= chars.len() - back {
                *c
            } else {
                '*'
            }
        })
        .collect()
}

/// A finding as a rule reports it, before it is tied to a row and a field.
///
/// ```
/// use import_engine::{IssueCode, issues::IssueKind, rules::Problem};
///
/// const TOO_YOUNG: IssueCode = IssueCode::new("too_young");
/// let problem = Problem::new(TOO_YOUNG).kind(IssueKind::ConstraintViolation).with("age", 12);
/// assert_eq!(problem.code().as_str(), "too_young");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) kind: IssueKind,
    pub(crate) code: IssueCode,
    pub(crate) params: Vec<(&'static str, String)>,
}

impl Problem {
    /// A finding of the family [`IssueKind::InvalidFormat`].
    ///
    /// ```
    /// use import_engine::{IssueCode, rules::Problem};
    ///
    /// let problem = Problem::new(IssueCode::new("too_young"));
    /// ```
    #[must_use]
    pub const fn new(code: IssueCode) -> Self {
        Self {
            kind: IssueKind::InvalidFormat,
            code,
            params: Vec::new(),
        }
    }

    /// Sets another family.
    ///
    /// ```
    /// use import_engine::{IssueCode, issues::IssueKind, rules::Problem};
    ///
    /// let problem = Problem::new(IssueCode::new("full")).kind(IssueKind::ConstraintViolation);
    /// ```
    #[must_use]
    pub fn kind(mut self, kind: IssueKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds a parameter for the message, `{name}` in its text.
    ///
    /// ```
    /// use import_engine::{IssueCode, rules::Problem};
    ///
    /// // "{label} needs {age} years" in the message.
    /// let problem = Problem::new(IssueCode::new("too_young")).with("age", 17);
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The exact kind.
    ///
    /// ```
    /// use import_engine::{IssueCode, rules::Problem};
    ///
    /// assert_eq!(Problem::new(IssueCode::EMAIL).code(), IssueCode::EMAIL);
    /// ```
    #[must_use]
    pub fn code(&self) -> IssueCode {
        self.code
    }
}

impl From<IssueCode> for Problem {
    fn from(code: IssueCode) -> Self {
        Self::new(code)
    }
}

// A column that may be meant for a field without one, as it is suggested to a user.

/// A column that may be meant for a field that has none.
///
/// ```
/// use import_engine::{Field, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("email").required()).build()?;
/// let mapping = schema.map_headers(&["Emial"])?;
/// assert_eq!(mapping.suggestions()[0].header, "Emial");
/// assert_eq!(mapping.suggestions()[0].field, "email");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Suggestion {
    /// The field.
    pub field: String,
    /// The column's [name](crate::recognise::Column::name).
    pub header: String,
    /// The likeness, from 0.6 to 1.
    pub likeness: f32,
    /// Why it is not simply used.
    pub doubt: Doubt,
}

/// Why a column is not simply used as a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Doubt {
    /// Its header only looks like a name of the field.
    Likeness,
    /// Its header contains a name of the field and an unknown word.
    Unknown(String),
    /// Its numbers are in another unit.
    Unit(String),
    /// Its header means the field as often as something else.
    Perhaps,
    /// It is the sum of other columns, which hold the parts.
    SumOfParts,
    /// Its name does not show it, but its cells are values of the field.
    Cells,
}

#[cfg(test)]
pub(crate) use catalogue::testing;
