//! The record reader: quotes, line breaks and limits. Damage is judged in `resync`.

use super::{
    buffer::Buffer,
    line::Marks,
    parse::{Manner, Parsed},
    record::{Damage, Record, Span},
    scan::Specials,
    work::Allowance,
};
use crate::{
    csv::{dialect::Dialect, limits::Limits},
    text::Encoding,
};

/// Splits a file into records, without doing any input or output itself.
///
/// Feed bytes in chunks of any size and take records until there is none; at the end say [`finish`](Self::finish) and take
/// the rest. What is not damaged is read exactly as the `csv` crate reads it. What is damaged costs the record where it
/// stands: a quote that never closes swallows its own line, not the file.
///
/// ```
/// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
///
/// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
/// let mut names = Vec::new();
/// for chunk in [&b"name,age\nAh"[..], b"mad,40\n\nSiti", b",35"] {
///     reader.feed(chunk);
///     while let Some(record) = reader.next_record() {
///         names.push((record.row(), record.get(0).unwrap_or_default().to_owned()));
///     }
/// }
/// reader.finish();
/// while let Some(record) = reader.next_record() {
///     names.push((record.row(), record.get(0).unwrap_or_default().to_owned()));
/// }
/// assert_eq!(names, [(1, "name".into()), (2, "Ahmad".into()), (4, "Siti".into())]);
/// ```
#[derive(Debug)]
pub struct RecordReader {
    pub(super) buffer: Buffer,
    pub(super) limits: Limits,
    pub(super) marks: Marks,
    pub(super) quoting: bool,
    pub(super) escape: Option<u8>,
    /// What separates the cells inside lines that a spreadsheet took for cells.
    pub(super) inner: Option<u8>,
    /// Cells of an ordinary record.
    pub(super) width: Option<usize>,
    /// The same; until it is set, the cells of the header. 0 if neither is known.
    pub(super) expected: usize,
    /// Up to this row records are pieces of one that line breaks outside quotes cut.
    pub(super) broken_up_to: u64,
    /// Where the next record begins in the text, and the first special byte at or after it in the index.
    pub(super) start: usize,
    pub(super) cursor: usize,
    /// Row and physical line of the next record.
    pub(super) row: u64,
    pub(super) line: u64,
    blank_rows: u64,
    bytes: u64,
    /// The rest of the line belongs to a record that was too large.
    pub(super) skipping: bool,
    /// Excel's `sep=` line is still to come.
    sep_line: bool,
    /// Not worth trying again before there is this much text after `start`.
    pub(super) retry_at: usize,
    /// For looks ahead of damage.
    pub(super) allowance: Allowance,
    /// Bytes looked at again and again where damage is judged.
    #[cfg(test)]
    pub(super) judged: u64,
    pub(super) cells: Vec<Span>,
    pub(super) unescaped: String,
    /// Bytes on their way from a file, used again.
    chunk: Vec<u8>,
}

impl RecordReader {
    /// A reader at the start of a file.
    ///
    /// ```
    /// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
    ///
    /// let reader = RecordReader::new(&Dialect { delimiter: b';', ..Dialect::default() }, Limits::default());
    /// ```
    #[must_use]
    pub fn new(dialect: &Dialect, limits: Limits) -> Self {
        let quote = dialect.quote.unwrap_or(b'\n');
        let escape = dialect
            .escape
            .filter(|escape| Some(*escape) != dialect.quote);
        let specials = Specials {
            delimiter: dialect.resaved_with.unwrap_or(dialect.delimiter),
            quote,
            escape: escape.unwrap_or(b'\n'),
        };
        Self {
            buffer: Buffer::new(dialect, specials),
            // Cells are given by 32-bit offsets from the start of their record.
            limits: Limits {
                record_bytes: limits.record_bytes.min(1 << 30),
                ..limits
            },
            marks: Marks {
                delimiter: specials.delimiter,
                quote,
            },
            quoting: dialect.quote.is_some(),
            escape,
            inner: dialect.resaved_with.map(|_| dialect.delimiter),
            width: None,
            expected: dialect.headers.len(),
            broken_up_to: 0,
            start: 0,
            cursor: 0,
            row: 1,
            line: 1,
            blank_rows: 0,
            bytes: 0,
            skipping: false,
            sep_line: dialect.sep_line,
            retry_at: 0,
            allowance: Allowance::default(),
            #[cfg(test)]
            judged: 0,
            cells: Vec::new(),
            unescaped: String::new(),
            chunk: Vec::new(),
        }
    }

    /// How many cells an ordinary record has. Records are not judged by it; it tells where the damage of a quote ends.
    pub fn expect_columns(&mut self, columns: usize) {
        self.width = Some(columns);
        self.expected = columns;
    }

    /// Takes the next bytes of the file, in chunks of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.buffer.drop_before(self.start) {
            self.start = 0;
            self.cursor = 0;
        }
        self.bytes += bytes.len() as u64;
        self.buffer.feed(bytes);
    }

    /// Says that no bytes follow.
    pub fn finish(&mut self) {
        self.buffer.finish();
    }

    /// Reads the next bytes from a file. `false` once the end was reached and reported before.
    ///
    /// ```
    /// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
    ///
    /// let mut file = &b"name\nAhmad\n"[..];
    /// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// let mut cells = Vec::new();
    /// while reader.fill_from(&mut file)? {
    ///     while let Some(record) = reader.next_record() {
    ///         cells.push(record.get(0).unwrap_or_default().to_owned());
    ///     }
    /// }
    /// assert_eq!(cells, ["name", "Ahmad"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Read`](crate::FileError::Read).
    pub fn fill_from<R: std::io::Read>(
        &mut self,
        reader: &mut R,
    ) -> Result<bool, crate::error::FileError> {
        if self.is_finished() {
            return Ok(false);
        }
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.resize(super::CHUNK, 0);
        match super::fill(reader, &mut chunk)? {
            0 => self.finish(),
            read => self.feed(&chunk[..read]),
        }
        self.chunk = chunk;
        Ok(true)
    }

    /// Whether the end of the bytes was announced.
    pub(crate) fn is_finished(&self) -> bool {
        self.buffer.finished
    }

    /// Bytes fed so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows passed so far, blank ones included.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.row - 1
    }

    /// Empty lines passed so far. They count as rows but are not records.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// The same reader at the same place, what follows being decoded otherwise. All bytes so far must have been ASCII.
    pub(crate) fn redecoded(&self, encoding: Encoding) -> Self {
        Self {
            buffer: self.buffer.redecoded(encoding),
            cells: Vec::new(),
            unescaped: String::new(),
            chunk: Vec::new(),
            ..*self
        }
    }

    /// Letters beyond ASCII decoded so far, and sequences that could not be.
    pub(crate) fn decoded(&self) -> (u64, u64) {
        (self.buffer.letters, self.buffer.invalid)
    }

    /// The next record; `None` when more bytes are needed, or at the end.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        if self.sep_line || self.skipping {
            self.skip_line()?;
            self.sep_line = false;
            self.skipping = false;
        }
        self.skip_blank_lines()?;

        let pending = self.buffer.text.len() - self.start;
        if !self.buffer.finished && pending < self.retry_at && pending <= self.limits.record_bytes {
            return None;
        }
        let parsed = match self.ordinary() {
            Some(extent) => Parsed::Whole(extent),
            None => self.parse(Manner::Strict),
        };
        match parsed {
            Parsed::Whole(mut extent) => {
                if extent.inner_lines > 0 && self.is_wrong_and_rather_lines(extent.end) {
                    return self.emit_line(Damage::OpenQuote, extent.next);
                }
                if self.cells.len() != self.expected
                    || self.buffer.is_typographic
                    || self.inner.is_some()
                {
                    self.mend(&mut extent)?;
                }
                Some(self.emit(extent))
            }
            Parsed::Incomplete => self.wait(),
            Parsed::Open(looked) => self.emit_line(Damage::OpenQuote, looked),
            Parsed::TextAfter(at) => self.resynchronise(at),
            Parsed::TooLarge(inner_lines) => Some(self.cut(inner_lines)),
        }
    }

    /// Steps taken so far, each over at most one byte.
    #[cfg(test)]
    pub(super) fn work(&self) -> u64 {
        self.buffer.asked + self.judged
    }

    /// Each try reads the whole pending record again; waiting for twice as much keeps the sum linear.
    pub(super) fn wait(&mut self) -> Option<Record<'_>> {
        self.retry_at = (self.buffer.text.len() - self.start) * 2;
        None
    }

    /// Passes the rest of a line. `None` when its end has not come yet.
    fn skip_line(&mut self) -> Option<()> {
        let rest = &self.buffer.text.as_bytes()[self.start..];
        let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
            self.go_to(self.buffer.text.len());
            return self.buffer.finished.then_some(());
        };
        let at = self.start + found;
        let Some(next) = self.behind_break(at) else {
            self.start = at;
            return None;
        };
        self.line += 1;
        self.go_to(next);
        Some(())
    }

    /// Where the text continues after the line break at `at`. `None` if a `\n` may still belong to it.
    pub(super) fn behind_break(&self, at: usize) -> Option<usize> {
        let bytes = self.buffer.text.as_bytes();
        match (bytes[at], bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => Some(at + 2),
            (b'\r', None) if !self.buffer.finished => None,
            _ => Some(at + 1),
        }
    }

    pub(super) fn go_to(&mut self, position: usize) {
        self.start = position;
        self.cursor = self.buffer.cursor_at(position);
        self.buffer.trim_index(&mut self.cursor);
        self.retry_at = 0;
    }

    /// Skips empty lines. `None` if there is nothing after them yet.
    #[inline]
    fn skip_blank_lines(&mut self) -> Option<()> {
        while matches!(self.buffer.text.as_bytes().get(self.start)?, b'\n' | b'\r') {
            let next = self.behind_break(self.start)?;
            // Both bytes of a line break are in the index, once it has been scanned so far.
            self.buffer.special(self.cursor);
            self.cursor += next - self.start;
            self.start = next;
            self.row += 1;
            self.line += 1;
            self.blank_rows += 1;
            self.buffer.special(self.cursor);
            self.buffer.trim_index(&mut self.cursor);
        }
        Some(())
    }
}
