//! Which column of a file is which field of a schema, and why; how a user names a column ([`Chosen`]); and the first
//! records of a file ([`Sample`]), by whose cells the other modules judge columns. This file itself reads only headers.

mod below;
mod matching;
mod spread;
mod suggest;
mod weigh;

use std::io::Read;

use crate::{
    csv::{CHUNK, Dialect, Limits, RecordReader, fill},
    error::{FileError, MappingProblem},
    issue::{Notice, Suggestion},
    schema::Schema,
    sniff::header::{is_blank, is_footer},
    value::{date::Pattern, text::normalise_header},
};

pub use suggest::likeness;

pub(crate) use below::Strict;
pub(crate) use spread::Ticks;

/// Which column of a file is which field of a schema, and why.
///
/// ```
/// use import_engine::{Field, Schema, recognise::{ColumnUse, MatchReason}};
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    pub(crate) columns: Vec<Column>,
    /// The column of each field of the schema.
    pub(crate) fields: Vec<Option<usize>>,
    /// The fields that consist of columns of ticks.
    ticks: Vec<Ticks>,
    /// For each field of the schema, the order of dates that its header states.
    patterns: Vec<Option<Pattern>>,
    /// For each field of the schema, the power of ten that its header states as the unit of the column.
    powers: Vec<u8>,
    /// What the user should know about the columns.
    notices: Vec<Notice>,
    /// Columns that would be a field if their numbers were in its unit.
    other_units: Vec<OtherUnit>,
    pub(crate) missing: Vec<String>,
    pub(crate) suggestions: Vec<Suggestion>,
}

/// A mapping with the names of fields instead of their indexes in a schema.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SavedMapping {
    columns: Vec<Column>,
    patterns: std::collections::BTreeMap<String, Pattern>,
    #[serde(default)]
    powers: std::collections::BTreeMap<String, u8>,
    notices: Vec<Notice>,
    suggestions: Vec<Suggestion>,
}

/// A column whose header names a field, and a unit other than the field's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OtherUnit {
    column: usize,
    field: usize,
    unit: String,
    /// The power of ten, if the unit differs from the field's only by one, and why the column would be the field.
    scale: Option<(u8, MatchReason)>,
}

/// A column of the file.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Column {
    /// Its header as it is in the file.
    pub header: String,
    /// Its name, unique in the file: its header, `No HP (2)` for the second column of that name, `Kolom 7` if it has no
    /// header.
    pub name: String,
    /// How it is used.
    pub used: ColumnUse,
}

/// How a column is used.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
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
    /// It is one value of a field that is a choice: a tick in it means that value.
    Tick {
        /// Name of the field.
        field: String,
        /// The value.
        value: String,
        /// Both, as a caller writes them in a mapping: `gender=L`.
        target: String,
    },
    /// It would be a field, but a better column is.
    Beaten {
        /// Name of the field.
        field: String,
        /// Header of the column that is the field.
        by: String,
    },
    /// The caller excluded it.
    LeftOut,
    /// Its header has no meaning for the schema (`No`), is empty, or begins with `_`.
    Ignored,
    /// No field has this header.
    Unknown,
}

/// Why a column is a field.
///
/// See [`Mapping`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum MatchReason {
    /// The caller chose it.
    Caller,
    /// The header is the field's name.
    Name,
    /// The header is one of the field's aliases.
    Alias(String),
    /// The header names another key of what the field refers to.
    NaturalKey(String),
    /// The header lists values that the field takes.
    Values,
    /// Its cells are words that only this field accepts.
    Cells,
    /// The header is a risky alias, and there was no better column.
    Risky(String),
}

impl Schema {
    /// Matches a file's headers with the fields, by name and alias alone. See [`Mapping::new`] for a caller's mapping
    /// that has precedence.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").required().alias("nama")).build()?;
    /// assert_eq!(schema.map_headers(&["Nama"])?.column_of(0), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None today; the signature is that of [`Mapping::new`].
    pub fn map_headers<H: AsRef<str>>(&self, headers: &[H]) -> Result<Mapping, FileError> {
        Mapping::new(self, headers, std::iter::empty::<(&str, &str)>())
    }
}

impl Mapping {
    /// Matches headers with fields: the caller's pairs of header and field first (an empty field excludes the column,
    /// `field=word` is a column of ticks for a value of a choice), then names, aliases, natural keys and risky aliases,
    /// exactly after [normalisation](normalise_header). Never by position and never by likeness.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::Mapping};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
    /// let mapping = Mapping::new(&schema, &["Siapa", "Catatan"], [("Siapa", "name"), ("Catatan", "")])?;
    /// assert_eq!(mapping.column_of(0), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a pair names a header or field that does not exist, or uses one twice.
    pub fn new<H, I, A, B>(schema: &Schema, headers: &[H], overrides: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator<Item = (A, B)>,
        A: AsRef<str>,
        B: AsRef<str>,
    {
        matching::matched(schema, headers, &found(schema, headers, overrides)?)
    }

    /// Maps by position alone, for a file without a header or with one that has no meaning: `fields` are the fields of
    /// the columns in order, empty for a column that is to be omitted.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::Mapping};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::email("email")).build()?;
    /// let mapping = Mapping::by_position(&schema, &["Column 1", "Column 2", "Column 3"], ["email", "", "name"])?;
    /// assert_eq!((mapping.column_of(0), mapping.column_of(1)), (Some(2), Some(0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a field does not exist or is given twice, or there are fewer columns than fields.
    pub fn by_position<H, I>(schema: &Schema, headers: &[H], fields: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let fields = fields.into_iter().enumerate();
        let mut columns: Vec<(usize, String)> = fields
            .map(|(column, field)| (column, field.as_ref().to_owned()))
            .collect();
        if let Some((column, _)) = columns.get(headers.len()) {
            return Err(MappingProblem::UnknownColumn { number: column + 1 }.into());
        }
        columns.extend((columns.len()..headers.len()).map(|column| (column, String::new())));
        matching::matched(schema, headers, &columns)
    }

    /// Maps the columns that a user chose, each by its header or its number.
    pub(crate) fn chosen(
        schema: &Schema,
        headers: &[String],
        choices: &[(Chosen, Option<String>)],
    ) -> Result<Self, FileError> {
        let named = matching::Named::new(schema, headers);
        let mut columns: Vec<(usize, String)> = Vec::with_capacity(choices.len());
        for (chosen, field) in choices {
            let column = match chosen {
                Chosen::Header(header) => named.find(header)?,
                Chosen::Number(number) => (1..=headers.len())
                    .position(|column| column == *number)
                    .ok_or(MappingProblem::UnknownColumn { number: *number })?,
                // The header of an earlier file: it may now be elsewhere, occur twice, or be missing; what was chosen for
                // this file has precedence.
                Chosen::Remembered(header) => {
                    let field = field.as_deref().unwrap_or_default();
                    let goes = |column: &usize| {
                        columns
                            .iter()
                            .all(|(taken, of)| taken != column && (field.is_empty() || of != field))
                            && !choices.iter().any(|(other, of)| {
                                !matches!(other, Chosen::Remembered(_))
                                    && of.as_deref() == Some(field)
                            })
                    };
                    let known = schema.index_of(field).is_some() || field.is_empty();
                    match named.find(header).ok().filter(goes) {
                        Some(column) if known => column,
                        _ => continue,
                    }
                }
            };
            columns
                .retain(|(taken, _)| *taken != column || matches!(chosen, Chosen::Remembered(_)));
            columns.push((column, field.clone().unwrap_or_default()));
        }
        matching::matched(schema, headers, &columns)
    }

    #[cfg(feature = "serde")]
    pub(crate) fn save(&self, schema: &Schema) -> SavedMapping {
        let patterns = schema.fields().iter().zip(&self.patterns);
        SavedMapping {
            columns: self.columns.clone(),
            patterns: patterns
                .filter_map(|(field, pattern)| Some((field.name().to_owned(), (*pattern)?)))
                .collect(),
            powers: schema
                .fields()
                .iter()
                .zip(&self.powers)
                .filter(|(_, power)| **power > 0)
                .map(|(field, power)| (field.name().to_owned(), *power))
                .collect(),
            notices: self.notices.clone(),
            suggestions: self.suggestions.clone(),
        }
    }

    /// Reads the mapping, or returns why it does not fit the schema.
    #[cfg(feature = "serde")]
    pub(crate) fn restore(schema: &Schema, saved: SavedMapping) -> Result<Self, String> {
        let unknown = |field: &str| format!("there is no field '{field}'");
        let mut fields = vec![None; schema.fields().len()];
        let mut patterns = vec![None; schema.fields().len()];
        let mut ticks: Vec<Ticks> = Vec::new();
        for (index, column) in saved.columns.iter().enumerate() {
            match &column.used {
                ColumnUse::Field { field, .. } => {
                    let field = schema.index_of(field).ok_or_else(|| unknown(field))?;
                    fields[field] = Some(index);
                }
                ColumnUse::Tick { field, value, .. } => {
                    let field = schema.index_of(field).ok_or_else(|| unknown(field))?;
                    Ticks::add(&mut ticks, field, index, value.clone());
                }
                _ => {}
            }
        }
        for (field, pattern) in saved.patterns {
            let index = schema.index_of(&field).ok_or_else(|| unknown(&field))?;
            patterns[index] = Some(pattern);
        }
        let mut powers = vec![0; schema.fields().len()];
        for (field, power) in saved.powers {
            let index = schema.index_of(&field).ok_or_else(|| unknown(&field))?;
            powers[index] = power;
        }
        Ok(Self {
            missing: matching::missing(schema, &fields, &ticks),
            columns: saved.columns,
            fields,
            ticks,
            patterns,
            powers,
            notices: saved.notices,
            // The notices already cover them.
            other_units: Vec::new(),
            suggestions: saved.suggestions,
        })
    }

    /// The mapping of an earlier reading of the same file: the columns that its [`pairs`](Self::pairs) name, and no
    /// others. The other columns are not excluded: they still count as evidence against a row.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{ColumnUse, Mapping}};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").alias("nama")).build()?;
    /// let mapping = Mapping::resolved(&schema, &["Nama", "Siapa"], [("Siapa", "name")])?;
    /// assert_eq!(mapping.column_of(0), Some(1));
    /// assert_eq!(mapping.columns()[0].used, ColumnUse::Unknown);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a pair names a header or field that does not exist, or uses one twice.
    pub fn resolved<H, I, A, B>(schema: &Schema, headers: &[H], pairs: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator<Item = (A, B)>,
        A: AsRef<str>,
        B: AsRef<str>,
    {
        matching::resolved(schema, headers, &found(schema, headers, pairs)?)
    }

    /// The file's columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of columns up to the last one that has a header.
    pub(crate) fn named_width(&self) -> usize {
        let last = self
            .columns
            .iter()
            .rposition(|column| !crate::sniff::header::is_blank(&column.header));
        last.map_or(self.columns.len(), |last| last + 1)
    }

    /// The file's headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }

    /// The column of a field, both from 0.
    #[must_use]
    pub fn column_of(&self, field: usize) -> Option<usize> {
        self.fields.get(field).copied().flatten()
    }

    /// What the user should know about the columns: which are not used, and why.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("phone")).build()?;
    /// assert!(schema.map_headers(&["Phone"])?.notices().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The unique [names](Column::name) of the columns.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("phone")).build()?;
    /// let mapping = schema.map_headers(&["Phone", "Phone", ""])?;
    /// assert_eq!(mapping.names().collect::<Vec<_>>(), ["Phone", "Phone (2)", "Column 3"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The unique name of a column.
    pub(crate) fn name_of(&self, column: usize) -> &str {
        self.columns
            .get(column)
            .map_or("", |column| column.name.as_str())
    }

    /// The order of dates that the header of a field's column states.
    pub(crate) fn pattern(&self, field: usize) -> Option<Pattern> {
        self.patterns.get(field).copied().flatten()
    }

    /// The power of ten that the header of a field's column states as its unit.
    pub(crate) fn power(&self, field: usize) -> u8 {
        self.powers.get(field).copied().unwrap_or_default()
    }

    /// Header and field of every column that is a field.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().filter_map(|column| match &column.used {
            ColumnUse::Field { field, .. } => Some((column.name.as_str(), field.as_str())),
            ColumnUse::Tick { target, .. } => Some((column.name.as_str(), target.as_str())),
            _ => None,
        })
    }

    /// Names of all columns that are not imported: unknown, beaten by a better column, ignored, or excluded by the
    /// caller.
    pub fn unmapped(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter_map(|column| match column.used {
            ColumnUse::Field { .. } | ColumnUse::Tick { .. } => None,
            _ => Some(column.name.as_str()),
        })
    }

    /// Names of the required fields that have no column.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Columns that look like a missing field, the likeliest first. They are never used without the user's consent.
    #[must_use]
    pub fn suggestions(&self) -> &[Suggestion] {
        &self.suggestions
    }

    /// Whether every required field has a column.
    ///
    /// # Errors
    ///
    /// [`FileError::MissingColumns`] if one has none.
    pub fn require_complete(&self) -> Result<(), FileError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(FileError::MissingColumns {
            columns: self.names().map(str::to_owned).collect(),
            missing: self.missing.clone(),
            suggestions: self.suggestions.clone(),
            look: None,
            notices: self.notices.clone(),
        })
    }
}

/// The columns that a caller named, with their targets.
fn found<H, I, A, B>(
    schema: &Schema,
    headers: &[H],
    pairs: I,
) -> Result<Vec<(usize, String)>, FileError>
where
    H: AsRef<str>,
    I: IntoIterator<Item = (A, B)>,
    A: AsRef<str>,
    B: AsRef<str>,
{
    let named = matching::Named::new(schema, headers);
    let mut found = Vec::new();
    for (header, field) in pairs {
        found.push((named.find(header.as_ref())?, field.as_ref().to_owned()));
    }
    Ok(found)
}

// How a user names a column.

/// How a user names a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum Chosen {
    /// By its header, which the file must have.
    Header(String),
    /// By its header, if the file has it.
    Remembered(String),
    /// By its number, from 1.
    Number(usize),
}

// The first records of a file, by whose cells columns are judged elsewhere.

/// The first records below a file's header.
///
/// ```
/// use import_engine::recognise::{Sample, Sniffer};
///
/// let file = b"name,email\nAhmad,ahmad@example.com\n";
/// let dialect = Sniffer::new().sniff(file)?;
/// let sample = Sample::read(&file[..], &dialect)?;
/// assert_eq!(sample.cells(0).collect::<Vec<_>>(), ["Ahmad"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The row directly above the header, if there is one.
    above: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Columns are aligned with spaces: any number of them separates the names of the header, but rows cannot be
    /// separated.
    lined_up: bool,
}

/// This many records are enough to show what a column holds.
const ROWS: usize = 200;

/// Records that are kept of a table, however wide it is.
const LEAST_ROWS: usize = 10;

/// At most this many bytes are read for them.
const BYTES: usize = 1 << 20;

/// At most this many cells are kept, so that a table of sixteen thousand columns takes only some megabytes: an empty cell
/// of it is one byte in the file and 24 here. A table of a thousand columns still has all its rows.
const CELLS: usize = 200_000;

impl Sample {
    /// Reads the beginning of a file. Blank rows, sums and damaged records are skipped.
    ///
    /// # Errors
    ///
    /// [`FileError::Read`].
    pub fn read<R: Read>(mut reader: R, dialect: &Dialect) -> Result<Self, FileError> {
        let mut records = RecordReader::new(dialect, Limits::default());
        records.expect_columns(dialect.headers.len());
        let names: Vec<String> = dialect
            .headers
            .iter()
            .map(|name| normalise_header(name))
            .collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let mut sample = Self::default();
        let most = ROWS.min((CELLS / names.len().max(1)).max(LEAST_ROWS));
        let mut chunk = vec![0; CHUNK];
        let mut bytes = 0;
        'file: while sample.rows.len() < most && bytes < BYTES {
            let read = fill(&mut reader, &mut chunk)?;
            if read == 0 {
                records.finish();
            }
            bytes += read;
            records.feed(&chunk[..read]);
            while let Some(record) = records.next_record() {
                let cells: Vec<&str> = record.iter().collect();
                if dialect.header_row == Some(record.row() + 1) {
                    sample.above = cells.iter().map(|&cell| cell.to_owned()).collect();
                }
                if dialect.header_row == Some(record.row()) {
                    sample.lined_up = dialect.delimiter == b' ' && cells.len() > names.len();
                }
                let is_data = record.row() >= dialect.first_data_row()
                    && record.damage().is_none()
                    && !cells.iter().all(|cell| is_blank(cell))
                    && !is_footer(&cells);
                if is_data && cells.len() == names.len() {
                    let again: Vec<String> =
                        cells.iter().map(|cell| normalise_header(cell)).collect();
                    if again == names {
                        continue;
                    }
                    let mut again = again;
                    again.sort_unstable();
                    // The header in another order: the columns of the following records differ.
                    if again == sorted {
                        break 'file;
                    }
                }
                if is_data && sample.rows.len() < most {
                    sample
                        .rows
                        .push(cells.into_iter().map(str::to_owned).collect());
                }
            }
            if read == 0 {
                break;
            }
        }
        Ok(sample)
    }

    /// The row directly above the header; empty if there is none.
    pub(crate) fn above(&self) -> &[String] {
        &self.above
    }

    fn is_lined_up(&self) -> bool {
        self.lined_up
    }

    /// The records, in order.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The sample without its first records.
    fn without_first(&self, rows: usize) -> Self {
        Self {
            above: self.above.clone(),
            rows: self.rows.iter().skip(rows).cloned().collect(),
            lined_up: self.lined_up,
        }
    }

    /// The cells of a column that are not blank.
    ///
    /// See [`Sample`] for an example.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column))
            .map(String::as_str)
            .filter(|cell| !is_blank(cell))
    }
}
