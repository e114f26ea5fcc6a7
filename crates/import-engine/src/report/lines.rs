//! Writes the error report: for the people whose rows were rejected.

use std::io::{self, Write};

use super::CsvWriter;
use crate::{
    issue::{Issue, IssueKind},
    schema::Messages,
};

/// Writes the error report: `row_number,error_type,field_name,error_message,received_value`, one line per error.
///
/// ```
/// use import_engine::report::{ErrorLine, ErrorReport};
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
    /// The message.
    pub error_message: &'a str,
    /// The cell as received.
    pub received_value: Option<&'a str>,
}

impl<W: Write> ErrorReport<W> {
    /// Writes the header.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn new(out: W) -> io::Result<Self> {
        Self::with(CsvWriter::new(out))
    }

    /// The same onto a writer with other options.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn with(mut writer: CsvWriter<W>) -> io::Result<Self> {
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
    #[must_use]
    pub fn type_words(mut self, word: fn(IssueKind) -> &'static str) -> Self {
        self.type_word = word;
        self
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write(&mut self, line: &ErrorLine<'_>) -> io::Result<()> {
        self.writer.write_record([
            &*line.row_number.to_string(),
            line.error_type,
            line.field_name.unwrap_or_default(),
            line.error_message,
            line.received_value.unwrap_or_default(),
        ])
    }

    /// Writes an issue; a warning is not an error and is left out.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_issue(&mut self, issue: &Issue, messages: &Messages) -> io::Result<()> {
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
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        self.writer.write_record(["", "", "", note, ""])
    }

    /// Flushes, and gives the output back.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }

    /// The output, to drain it between lines.
    pub fn get_mut(&mut self) -> &mut W {
        self.writer.get_mut()
    }
}
