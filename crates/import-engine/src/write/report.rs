//! What is told to the people whose rows were refused: the error report. Reads nothing.

use std::io::Write;

use super::csv::CsvWriter;
use crate::{
    error::ImportError,
    issue::{Issue, IssueKind, Messages},
};

/// Writes the error report: `row_number,error_type,field_name,error_message,received_value`, one line per error.
///
/// ```
/// use import_engine::{ErrorLine, ErrorReport};
///
/// let mut report = ErrorReport::new(Vec::new())?;
/// report.write(&ErrorLine {
///     row_number: 5,
///     error_type: "invalid_format",
///     field_name: Some("email"),
///     error_message: "Email tidak valid: ahmad@email",
///     received_value: Some("ahmad@email"),
/// })?;
/// let text = String::from_utf8(report.finish()?)?;
/// assert_eq!(
///     text,
///     "row_number,error_type,field_name,error_message,received_value\r\n\
///      5,invalid_format,email,Email tidak valid: ahmad@email,ahmad@email\r\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ErrorReport<W> {
    writer: CsvWriter<W>,
    type_word: fn(IssueKind) -> &'static str,
}

/// A line of the error report.
///
/// See [`ErrorReport`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct ErrorLine<'a> {
    /// Row number as a spreadsheet shows it.
    pub row_number: u64,
    /// The word for the family of the error.
    pub error_type: &'a str,
    /// Name of the field, where one is concerned.
    pub field_name: Option<&'a str>,
    /// What to tell a person.
    pub error_message: &'a str,
    /// The cell as received.
    pub received_value: Option<&'a str>,
}

impl<W: Write> ErrorReport<W> {
    /// Writes the header.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let report = ErrorReport::new(Vec::new())?;
    /// assert!(report.finish()?.starts_with(b"row_number,"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn new(out: W) -> Result<Self, ImportError> {
        Self::with(CsvWriter::new(out))
    }

    /// The same onto a writer with other options.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let report = ErrorReport::with(CsvWriter::new(Vec::new()).delimiter(b';'))?;
    /// assert!(report.finish()?.starts_with(b"row_number;"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn with(mut writer: CsvWriter<W>) -> Result<Self, ImportError> {
        writer.write_record([
            "row_number",
            "error_type",
            "field_name",
            "error_message",
            "received_value",
        ])?;
        Ok(Self {
            writer,
            type_word: IssueKind::as_str,
        })
    }

    /// Calls the families of errors by the caller's own words.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let report = ErrorReport::new(Vec::new())?.type_words(|kind| match kind {
    ///     IssueKind::MissingRequired => "kosong",
    ///     _ => "salah",
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn type_words(mut self, word: fn(IssueKind) -> &'static str) -> Self {
        self.type_word = word;
        self
    }

    /// Writes a line.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let mut report = ErrorReport::new(Vec::new())?;
    /// report.write(&ErrorLine { row_number: 2, error_type: "duplicate", field_name: None, error_message: "again", received_value: None })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn write(&mut self, line: &ErrorLine<'_>) -> Result<(), ImportError> {
        self.writer.write_record([
            &*line.row_number.to_string(),
            line.error_type,
            line.field_name.unwrap_or_default(),
            line.error_message,
            line.received_value.unwrap_or_default(),
        ])
    }

    /// Writes an issue; a warning is no error and is left out.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let mut report = ErrorReport::new(Vec::new())?;
    /// report.write_issue(&batch.issues()[0], &schema.messages(Language::English))?;
    /// assert!(report.finish()?.ends_with(b"3,invalid_format,seats,seats is not a number: many,many\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn write_issue(&mut self, issue: &Issue, messages: &Messages) -> Result<(), ImportError> {
        if !issue.is_error() {
            return Ok(());
        }
        self.write(&ErrorLine {
            row_number: issue.row,
            error_type: (self.type_word)(issue.kind),
            field_name: issue.field(),
            error_message: &messages.message(issue),
            received_value: issue.value.as_deref(),
        })
    }

    /// Writes a note about the report itself, such as what it leaves out: a line without a row.
    ///
    /// ```
    /// # use import_engine::*;
    /// let mut report = ErrorReport::new(Vec::new())?;
    /// report.write_note("7 errors more")?;
    /// assert!(report.finish()?.ends_with(b",,,7 errors more,\r\n"));
    /// # Ok::<(), ImportError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn write_note(&mut self, note: &str) -> Result<(), ImportError> {
        self.writer.write_record(["", "", "", note, ""])
    }

    /// Flushes, and gives the output back.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let report = ErrorReport::new(Vec::new())?;
    /// assert!(!report.finish()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Write`].
    pub fn finish(self) -> Result<W, ImportError> {
        self.writer.finish()
    }

    /// The output, to drain it between lines.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let mut report = ErrorReport::new(Vec::new())?;
    /// assert!(!report.get_mut().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_mut(&mut self) -> &mut W {
        self.writer.get_mut()
    }
}
