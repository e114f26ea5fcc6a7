//! The columns of a file as a schema sees them: which field each one is and why ([`Mapping`]), and the first cells of each
//! ([`Sample`]). Nothing is decided here: the modules above this one compare headers and cells with fields.

use std::io::Read;

use crate::{
    csv::{CHUNK, Dialect, Limits, fill, reader::RecordReader},
    error::FileError,
    issue::{Notice, Suggestion},
    schema::Schema,
    sniff::header::{is_blank, is_footer},
    value::{date::Pattern, text::normalise_header},
};

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
    pub(super) columns: Vec<Column>,
    /// The column of each field of the schema.
    pub(super) fields: Vec<Option<usize>>,
    /// The fields that consist of columns of ticks.
    pub(super) ticks: Vec<Ticks>,
    /// For each field of the schema, the order of dates that its header states.
    pub(super) patterns: Vec<Option<Pattern>>,
    /// For each field of the schema, the power of ten that its header states as the unit of the column.
    pub(super) powers: Vec<u8>,
    /// What the user should know about the columns.
    pub(super) notices: Vec<Notice>,
    /// Columns that would be a field if their numbers were in its unit.
    pub(super) other_units: Vec<OtherUnit>,
    pub(super) missing: Vec<String>,
    pub(super) suggestions: Vec<Suggestion>,
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
pub(super) struct OtherUnit {
    pub(super) column: usize,
    pub(super) field: usize,
    pub(super) unit: String,
    /// The power of ten, if the unit differs from the field's only by one, and why the column would be the field.
    pub(super) scale: Option<(u8, MatchReason)>,
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

impl Column {
    /// Whether the caller decided how it is used.
    pub(super) fn is_the_callers(&self) -> bool {
        matches!(
            self.used,
            ColumnUse::LeftOut
                | ColumnUse::Tick { .. }
                | ColumnUse::Field {
                    reason: MatchReason::Caller,
                    ..
                }
        )
    }
}

/// The columns of ticks of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub(crate) field: usize,
    /// Each column, and the value of the choice that a tick in it stands for.
    pub(crate) columns: Vec<(usize, String)>,
}

impl Ticks {
    /// Adds a column to those of its field.
    pub(super) fn add(all: &mut Vec<Self>, field: usize, column: usize, value: String) {
        match all.iter_mut().find(|ticks| ticks.field == field) {
            Some(ticks) => ticks.columns.push((column, value)),
            None => all.push(Self {
                field,
                columns: vec![(column, value)],
            }),
        }
    }
}

/// What a caller writes in a mapping for a column of ticks: `jenis_kelamin=L`.
pub(super) fn target(field: &str, value: &str) -> String {
    format!("{field}={value}")
}

impl Mapping {
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
            .rposition(|column| !is_blank(&column.header));
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

    /// The columns that each stand for one value of a field.
    pub(crate) fn ticks(&self) -> &[Ticks] {
        &self.ticks
    }

    /// Whether a field consists of columns of ticks.
    pub(super) fn has_ticks(&self, field: usize) -> bool {
        self.ticks.iter().any(|ticks| ticks.field == field)
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
            missing: missing(schema, &fields, &ticks),
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

    /// Takes its column from a field.
    pub(super) fn lose(&mut self, schema: &Schema, field: usize, column: usize) {
        let definition = &schema.fields()[field];
        self.fields[field] = None;
        self.patterns[field] = None;
        self.powers[field] = 0;
        self.columns[column].used = ColumnUse::Unknown;
        if definition.is_required() {
            self.missing = missing(schema, &self.fields, &self.ticks);
        }
    }

    /// Gives a column to a field that has none.
    pub(super) fn take(
        &mut self,
        schema: &Schema,
        field: usize,
        column: usize,
        reason: MatchReason,
    ) {
        let name = schema.fields()[field].name();
        self.fields[field] = Some(column);
        self.columns[column].used = ColumnUse::Field {
            field: name.to_owned(),
            reason,
        };
        self.settle(name);
    }

    /// Removes a field from the missing ones.
    pub(super) fn settle(&mut self, field: &str) {
        self.missing.retain(|missing| missing != field);
        self.suggestions
            .retain(|suggestion| suggestion.field != field);
    }
}

/// The required fields that have neither a column nor columns of ticks.
pub(super) fn missing(schema: &Schema, fields: &[Option<usize>], ticks: &[Ticks]) -> Vec<String> {
    let has_ticks = |index: usize| ticks.iter().any(|ticks| ticks.field == index);
    schema
        .fields()
        .iter()
        .enumerate()
        .filter(|&(index, field)| {
            field.is_required() && fields[index].is_none() && !has_ticks(index)
        })
        .map(|(_, field)| field.name().to_owned())
        .collect()
}

// The first records of a file, by whose cells columns are judged.

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

    pub(super) fn is_lined_up(&self) -> bool {
        self.lined_up
    }

    /// The records, in order.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The sample without its first records.
    pub(super) fn without_first(&self, rows: usize) -> Self {
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
