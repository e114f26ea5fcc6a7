//! Files for users: the error report, the rows to correct, a template to fill in, and the [`CsvWriter`] that writes them.
//! Formula-safe and reversible.

use std::io::{self, Write};

use crate::{
    check::{
        batch::{Batch, RejectedRow},
        layout::{ERRORS, MARK, NOTE},
    },
    issue::{Issue, IssueKind},
    schema::{Field, Messages, Schema},
    sniff::header::is_blank,
};

pub use crate::{
    check::layout::ROW_NUMBER,
    value::text::{guard, unguard},
};

// Records as bytes, which everything below is written with.

/// Writes CSV that a spreadsheet opens without running anything, and that this engine reads back cell for cell: UTF-8, CRLF,
/// quotes where needed, [guarded](crate::report::guard) cells.
///
/// ```
/// use import_engine::report::CsvWriter;
///
/// let mut writer = CsvWriter::new(Vec::new()).delimiter(b';').byte_order_mark();
/// writer.write_record(["nama", "telepon"])?;
/// assert_eq!(writer.take(), "\u{feff}nama;telepon\r\n".as_bytes()); // sent on while the rest is written
/// writer.write_record(["Ahmad; Rizki", "+6281234567890"])?;
/// assert_eq!(writer.get_mut().len(), 32);
/// assert_eq!(writer.finish()?, b"\"Ahmad; Rizki\";'+6281234567890\r\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct CsvWriter<W> {
    out: W,
    delimiter: u8,
    mark: bool,
    line: Vec<u8>,
}

impl<W: Write> CsvWriter<W> {
    /// A writer with commas.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out,
            delimiter: b',',
            mark: false,
            line: Vec::new(),
        }
    }

    /// Sets another delimiter, an ASCII byte; Excel in Indonesia expects `;`.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Starts the output with a byte order mark, by which Excel recognises UTF-8.
    #[must_use]
    pub fn byte_order_mark(mut self) -> Self {
        self.mark = true;
        self
    }

    /// Writes one record.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_record<I>(&mut self, cells: I) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.line.clear();
        if std::mem::take(&mut self.mark) {
            self.line.extend_from_slice("\u{feff}".as_bytes());
        }
        let begin = self.line.len();
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.line.push(self.delimiter);
            }
            push_cell(&mut self.line, &guard(cell.as_ref()), self.delimiter);
        }
        if self.line.len() == begin {
            // An empty line would be a blank row, not a record of one empty cell.
            self.line.extend_from_slice(b"\"\"");
        }
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)
    }

    /// Flushes and returns the output.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn finish(mut self) -> io::Result<W> {
        if std::mem::take(&mut self.mark) {
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// The output, to drain it between records.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }
}

impl CsvWriter<Vec<u8>> {
    /// Removes and returns what was written so far, so that it can be sent in parts.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

/// Appends a cell, quoted if a reader would otherwise see another one.
pub(crate) fn push_cell(line: &mut Vec<u8>, cell: &str, delimiter: u8) {
    let bytes = cell.as_bytes();
    let outer_space = bytes.first().is_some_and(u8::is_ascii_whitespace)
        || bytes.last().is_some_and(u8::is_ascii_whitespace);
    let special = memchr::memchr3(delimiter, b'"', b'\n', bytes).is_some()
        || memchr::memchr(b'\r', bytes).is_some();
    if !special && !outer_space {
        line.extend_from_slice(bytes);
        return;
    }
    line.push(b'"');
    for &byte in bytes {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

// The error report, for users whose rows were rejected.

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
    /// The word for the error's family.
    pub error_type: &'a str,
    /// Name of the field, if it is about one.
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

    /// The same with a writer with other options.
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

    /// Sets the caller's own words for the families of errors.
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

    /// Writes an issue; a warning is not an error and is omitted.
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

    /// Writes a note about the report itself, such as what it omits: a line without a row.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        self.writer.write_record(["", "", "", note, ""])
    }

    /// Flushes and returns the output.
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

// The file to correct, for users whose rows were refused.

/// Writes the file to correct: the original columns of the rows that failed, then `_row_number` and `_errors`. Importing it
/// again ignores columns that begin with `_`.
///
/// A row whose cells were out of place (too few, too many, a quote that never closes, bytes that are not text) looks
/// sound in this file, because every row of it has the right number of cells. Its errors therefore begin with the mark
/// `[!]`, and a row that still has it is refused when the file is imported again: the mark is to be removed once the
/// cells have been corrected.
///
/// ```
/// use import_engine::report::FailedRows;
///
/// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
/// failed.write(5, ["Ahmad", "ahmad@email"], "Email tidak valid: ahmad@email")?;
/// let text = String::from_utf8(failed.finish()?)?;
/// assert_eq!(text, "nama,email,_row_number,_errors\r\nAhmad,ahmad@email,5,Email tidak valid: ahmad@email\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FailedRows<W> {
    writer: CsvWriter<W>,
    /// Columns of the original file that are written; earlier `_row_number` and `_errors` are not.
    kept: Vec<usize>,
    columns: usize,
}

impl<W: Write> FailedRows<W> {
    /// Writes the header: that of the original file, without columns that an earlier file to correct had added.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn new<H: AsRef<str>>(out: W, headers: &[H]) -> io::Result<Self> {
        Self::with(CsvWriter::new(out), headers)
    }

    /// The same with a writer with other options.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn with<H: AsRef<str>>(mut writer: CsvWriter<W>, headers: &[H]) -> io::Result<Self> {
        let added = [ROW_NUMBER, ERRORS];
        let kept: Vec<usize> = (0..headers.len())
            .filter(|&column| !added.contains(&headers[column].as_ref().trim()))
            .collect();
        writer.write_record(
            kept.iter()
                .map(|&column| headers[column].as_ref())
                .chain(added),
        )?;
        Ok(Self {
            writer,
            kept,
            columns: headers.len(),
        })
    }

    /// Writes a row: its cells as received, and its errors.
    ///
    /// Cells that are missing are written empty; cells beyond the header are joined by `|` in the last column, so that
    /// nothing is lost. Both get the mark.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write<I>(&mut self, row: u64, cells: I, errors: &str) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(row, cells, errors, false)
    }

    /// Writes a row that was wrong as a whole, with the mark that must be removed before it is accepted.
    ///
    /// ```
    /// use import_engine::report::FailedRows;
    ///
    /// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
    /// failed.write_damaged(5, ["Ahmad \u{FFFD}", ""], "bytes that are not text")?;
    /// let text = String::from_utf8(failed.finish()?)?;
    /// assert!(text.ends_with("Ahmad \u{FFFD},,5,[!] bytes that are not text\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_damaged<I>(&mut self, row: u64, cells: I, errors: &str) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(row, cells, errors, true)
    }

    /// Writes a note about the file itself, such as which rows it omits: a record without cells. When the file is
    /// imported again, it is skipped like an empty row.
    ///
    /// ```
    /// use import_engine::report::FailedRows;
    ///
    /// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
    /// failed.write_note("7 rows more")?;
    /// assert!(failed.finish()?.ends_with(b",,,[i] 7 rows more\r\n"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        let note = format!("{NOTE} {note}");
        let cells = self.kept.iter().map(|_| "");
        self.writer.write_record(cells.chain(["", note.as_str()]))
    }

    fn put<I>(&mut self, row: u64, cells: I, errors: &str, is_damaged: bool) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut cells: Vec<String> = cells
            .into_iter()
            .map(|cell| cell.as_ref().to_owned())
            .collect();
        // Blank cells after the last column were accepted when they were read, and must not become columns.
        while cells.len() > self.columns && cells.last().is_some_and(|cell| is_blank(cell)) {
            cells.pop();
        }
        let is_uneven = cells.len() > self.columns;
        if cells.len() > self.columns && self.columns > 0 {
            let surplus = cells.split_off(self.columns - 1).join("|");
            cells.push(surplus);
        }
        let errors = if (is_damaged || is_uneven) && !errors.starts_with(MARK) {
            format!("{MARK} {errors}")
        } else {
            errors.to_owned()
        };
        let row = row.to_string();
        let original = self
            .kept
            .iter()
            .map(|&column| cells.get(column).map_or("", String::as_str));
        self.writer
            .write_record(original.chain([row.as_str(), errors.as_str()]))
    }

    /// Writes the invalid rows of a batch, messages joined by `; `.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_batch(&mut self, batch: &Batch, messages: &Messages) -> io::Result<()> {
        for rejected in batch.rejected() {
            self.write_rejected(rejected, batch, messages)?;
        }
        Ok(())
    }

    fn write_rejected(
        &mut self,
        row: RejectedRow<'_>,
        batch: &Batch,
        messages: &Messages,
    ) -> io::Result<()> {
        let errors: Vec<String> = batch
            .issues_of(row.row())
            .iter()
            .filter(|issue| issue.is_error())
            .map(|issue| messages.message(issue))
            .collect();
        let is_damaged = batch
            .issues_of(row.row())
            .iter()
            .any(|issue| issue.is_error() && issue.field_name.is_none());
        self.put(row.row(), row.cells(), &errors.join("; "), is_damaged)
    }

    /// Flushes and returns the output.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }

    /// The output, to drain it between rows.
    pub fn get_mut(&mut self) -> &mut W {
        self.writer.get_mut()
    }
}

// The empty file to fill in: a schema's columns and one example row.

/// Writes the template of a schema: its columns under their own names, and one example row.
///
/// The examples are those of the fields, unless `example` gives another for a field (such as an existing id).
///
/// ```
/// use import_engine::{Field, Schema, report::{CsvWriter, write_template}};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").example("Ahmad"))
///     .field(Field::text("phone").example("+6281234567890"))
///     .build()?;
/// let out = write_template(&schema, CsvWriter::new(Vec::new()), |field| (field == "name").then(|| "Siti".to_owned()))?;
/// assert_eq!(String::from_utf8(out)?, "name,phone\r\nSiti,'+6281234567890\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`an error of the output`].
pub fn write_template<W: Write>(
    schema: &Schema,
    mut writer: CsvWriter<W>,
    example: impl Fn(&str) -> Option<String>,
) -> io::Result<W> {
    let fields = || schema.fields().iter().filter(|field| !field.auxiliary);
    writer.write_record(fields().map(Field::name))?;
    writer.write_record(fields().map(|field| {
        example(field.name())
            .unwrap_or_else(|| field.example.as_deref().unwrap_or_default().to_owned())
    }))?;
    writer.finish()
}
