//! What only the whole file can tell: how many records it has, which encoding it really is in, how its columns write dates
//! and numbers. Checks no rows.

mod merged;
mod surveyor;
mod tally;

use time::Date;

pub use surveyor::Surveyor;

use crate::{
    Encoding,
    check::Decision,
    error::ImportError,
    notice::Notice,
    schema::{DateBound, Schema, TwoDigitYears, kind::Kind},
};

/// What the first pass over a file found out. The second pass decides by it.
///
/// ```
/// use import_engine::{Field, Importer, NoticeCode, Schema, Sniffer};
///
/// // 05/25 can only be May 25: then 03/04 may be March or April, and nobody should guess.
/// let file = b"name,born\nAhmad,03/04/1990\nSiti,05/25/1985\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
/// assert_eq!(survey.records(), 2);
/// assert_eq!(survey.notices()[0].code(), NoticeCode::DATE_ORDER_MIXED);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    encoding: Encoding,
    quote: Option<u8>,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: Vec<Decision>,
    /// Records in which every field of a unique key has a cell that is not empty.
    keys: Vec<u64>,
    notices: Vec<Notice>,
}

impl Survey {
    /// Data records of the file: neither the header, nor blank, nor a footer, nor a repeated header.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.records(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Row number of the file's last row.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.rows(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows in which every cell is empty.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.blank_rows(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// Records with damage.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.damaged(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Bytes of the file.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.bytes(), file.len() as u64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The encoding the file is read in.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.encoding(), Encoding::UTF_8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The quote the file really has: that of its beginning, unless that showed only damaged ones and the rest sound ones.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.quote(), Some(b'"'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// What a person should know about the file's columns and encoding.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert!(survey.notices().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(crate) fn keys(&self) -> &[u64] {
        &self.keys
    }
}

/// Whether a schema compares dates with today.
pub(crate) fn needs_today(schema: &Schema, today: Option<Date>) -> Result<(), ImportError> {
    if today.is_some() {
        return Ok(());
    }
    let relative =
        |bound: Option<DateBound>| bound.is_some_and(|bound| !matches!(bound, DateBound::Day(_)));
    let compares = schema.fields().iter().find(|field| match &field.kind {
        Kind::Date(options) | Kind::DateTime(options) => {
            relative(options.not_before)
                || relative(options.not_after)
                || matches!(options.two_digit_years, TwoDigitYears::Past { .. })
        }
        _ => false,
    });
    match compares {
        Some(field) => Err(ImportError::TodayMissing {
            field: field.name().to_owned(),
        }),
        None => Ok(()),
    }
}
