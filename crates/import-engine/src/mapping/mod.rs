//! Which column of a file is which field of a schema, and why. Reads headers alone, never cells.

mod header;
mod matching;
mod normalise;
mod sample;
mod suggest;
mod weigh;
mod words;

pub(crate) use normalise::header_text;
pub use normalise::normalise_header;
pub use sample::Sample;
pub use suggest::{Doubt, Suggestion};
pub use words::HeaderWords;

use crate::{error::ImportError, notice::Notice, schema::Schema, value::date::Pattern};

/// Which column of a file is which field of a schema, and why.
///
/// ```
/// use import_engine::{ColumnUse, Field, MatchReason, Schema};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required().aliases(["nama", "nama lengkap"]))
///     .field(Field::text("phone").required().alias("telepon"))
///     .build()?;
/// let mapping = schema.map_headers(&["No", "Nama Lengkap *", "Usia"])?;
/// assert_eq!(mapping.column_of(0), Some(1));
/// assert_eq!(
///     mapping.columns()[1].used,
///     ColumnUse::Field { field: "name".into(), reason: MatchReason::Alias("nama lengkap".into()) }
/// );
/// assert_eq!(mapping.missing(), ["phone"]);
/// # Ok::<(), import_engine::ImportError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    pub(crate) columns: Vec<Column>,
    /// The column of each field of the schema.
    pub(crate) fields: Vec<Option<usize>>,
    /// For each field of the schema the order of dates that its header prescribes.
    patterns: Vec<Option<Pattern>>,
    /// What a person should know about the columns.
    notices: Vec<Notice>,
    pub(crate) missing: Vec<String>,
    pub(crate) suggestions: Vec<Suggestion>,
}

/// A column of the file.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Column {
    /// Its header as it stands in the file.
    pub header: String,
    /// What it is called, of all columns of the file alone: its header, `No HP (2)` for the second of a name, `Kolom 7` where
    /// there is none.
    pub name: String,
    /// What becomes of it.
    pub used: ColumnUse,
}

/// What becomes of a column.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case", tag = "use")
)]
pub enum ColumnUse {
    /// It is a field.
    Field {
        /// Name of the field.
        field: String,
        /// Why.
        reason: MatchReason,
    },
    /// It would be a field, but a better column is.
    Beaten {
        /// Name of the field.
        field: String,
        /// Header of the column that is the field.
        by: String,
    },
    /// The caller left it out.
    LeftOut,
    /// It is one of the columns that mean nothing here (`No`), has no header, or begins with `_`.
    Ignored,
    /// No field goes by this header.
    Unknown,
}

/// Why a column is a field.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum MatchReason {
    /// The caller said so.
    Caller,
    /// The header is the field's name.
    Name,
    /// The header is one of the field's aliases.
    Alias(String),
    /// The header names another key of what the field refers to.
    NaturalKey(String),
    /// The header lists values that the field takes.
    Values,
    /// The header is a risky alias, and no better column was there.
    Risky(String),
}

impl Mapping {
    /// Matches headers with fields: the caller's pairs of header and field first (an empty field leaves the column out),
    /// then names, aliases, natural keys and risky aliases, exactly after [normalisation](normalise_header). Never by position
    /// and never by likeness.
    ///
    /// ```
    /// use import_engine::{Field, Mapping, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
    /// let mapping = Mapping::new(&schema, &["Siapa", "Catatan"], [("Siapa", "name"), ("Catatan", "")])?;
    /// assert_eq!(mapping.column_of(0), Some(0));
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Mapping`] when a pair names a header or field that does not exist, or uses one twice.
    pub fn new<H, I, A, B>(
        schema: &Schema,
        headers: &[H],
        overrides: I,
    ) -> Result<Self, ImportError>
    where
        H: AsRef<str>,
        I: IntoIterator<Item = (A, B)>,
        A: AsRef<str>,
        B: AsRef<str>,
    {
        matching::matched(schema, headers, overrides)
    }

    /// The file's columns, in order.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.columns()[1].header, "Nama");
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The file's headers, in order.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.headers().collect::<Vec<_>>(), ["No", "Nama", "Emial"]);
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }

    /// The column of a field, both from 0.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!((mapping.column_of(0), mapping.column_of(1)), (Some(1), None));
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    #[must_use]
    pub fn column_of(&self, field: usize) -> Option<usize> {
        self.fields.get(field).copied().flatten()
    }

    /// What a person should know about the columns: which are not taken, and why.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("phone")).build()?;
    /// assert!(schema.map_headers(&["Phone"])?.notices().is_empty());
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// What the columns are called, each by a [name](Column::name) of its own.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("phone")).build()?;
    /// let mapping = schema.map_headers(&["Phone", "Phone", ""])?;
    /// assert_eq!(mapping.names().collect::<Vec<_>>(), ["Phone", "Phone (2)", "Kolom 3"]);
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// What a column is called, of all columns of the file alone.
    pub(crate) fn name_of(&self, column: usize) -> &str {
        self.columns
            .get(column)
            .map_or("", |column| column.name.as_str())
    }

    /// The order of dates that the header of a field's column prescribes.
    pub(crate) fn pattern(&self, field: usize) -> Option<Pattern> {
        self.patterns.get(field).copied().flatten()
    }

    /// Header and field of every column that is one.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.pairs().collect::<Vec<_>>(), [("Nama", "name")]);
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().filter_map(|column| match &column.used {
            ColumnUse::Field { field, .. } => Some((column.name.as_str(), field.as_str())),
            _ => None,
        })
    }

    /// Headers of the columns that hold something nobody asked for: unknown, or beaten by a better column.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.unmapped().collect::<Vec<_>>(), ["No", "Emial"]);
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    pub fn unmapped(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter_map(|column| match column.used {
            ColumnUse::Field { .. } => None,
            _ => Some(column.name.as_str()),
        })
    }

    /// Names of the required fields that have no column.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.missing(), ["email"]);
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Columns that look like a missing field, the likeliest first. Never taken without asking.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert_eq!(mapping.suggestions()[0].header, "Emial");
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    #[must_use]
    pub fn suggestions(&self) -> &[Suggestion] {
        &self.suggestions
    }

    /// Whether every required field has a column.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let schema = Schema::builder("contacts")
    /// #     .field(Field::text("name").required().alias("nama"))
    /// #     .field(Field::text("email").required())
    /// #     .build()?;
    /// # let mapping = schema.map_headers(&["No", "Nama", "Emial"])?;
    /// assert!(mapping.require_complete().is_err());
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::MissingColumns`] when one has not.
    pub fn require_complete(&self) -> Result<(), ImportError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(ImportError::MissingColumns {
            columns: self.names().map(str::to_owned).collect(),
            missing: self.missing.clone(),
            suggestions: self.suggestions.clone(),
        })
    }
}
