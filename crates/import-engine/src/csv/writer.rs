//! Records into bytes: the one way this engine writes CSV. Knows no schema.

use std::io::{self, Write};

use crate::value::text::guard;

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

    /// Another delimiter, an ASCII byte; Excel in Indonesia wants `;`.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Begins with a byte order mark, by which Excel recognises UTF-8.
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
            // A line without anything would be a blank row, not a record of one empty cell.
            self.line.extend_from_slice(b"\"\"");
        }
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)
    }

    /// Flushes, and gives the output back.
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
    /// Takes what was written so far, to send it on in pieces.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

/// Quotes where a reader would otherwise see another cell.
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
