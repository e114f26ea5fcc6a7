//! The record reader, with quotes, line breaks and limits, and the records that it returns: their cells are borrowed from
//! its text, and of records that are too large it keeps the front. Damage is judged in `resync`.

use super::{
    Dialect, Limits,
    buffer::{Buffer, Specials},
    parse::{Extent, Manner, Marks, Parsed},
    resync::Allowance,
};
use crate::text::Encoding;

/// Splits a file into records, without its own input or output.
///
/// Feed bytes in chunks of any size and take records until there is none; at the end call [`finish`](Self::finish) and
/// take the rest. Undamaged records are read exactly as the `csv` crate reads them. Damage costs only the record that
/// contains it: a quote that never closes swallows its own line, not the file.
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
    /// The delimiter inside lines that a spreadsheet took for cells.
    pub(super) inner: Option<u8>,
    /// Cells of an ordinary record.
    pub(super) width: Option<usize>,
    /// The same; until it is set, the cells of the header. 0 if neither is known.
    pub(super) expected: usize,
    /// Up to this row, records are parts of one that was cut by line breaks outside quotes.
    pub(super) broken_up_to: u64,
    /// Where the next record begins in the text, and the first special byte at or after it in the index.
    pub(super) start: usize,
    pub(super) cursor: usize,
    /// Row and physical line of the next record.
    pub(super) row: u64,
    pub(super) line: u64,
    blank_rows: u64,
    bytes: u64,
    /// Whether the rest of the line belongs to a record that was too large.
    pub(super) skipping: bool,
    /// Whether Excel's `sep=` line is still ahead.
    sep_line: bool,
    /// Parsing is not tried again before there is this much text after `start`.
    pub(super) retry_at: usize,
    /// For looking ahead after damage.
    pub(super) allowance: Allowance,
    /// Bytes that are read repeatedly when damage is judged.
    #[cfg(test)]
    pub(super) judged: u64,
    pub(super) cells: Vec<Span>,
    pub(super) unescaped: String,
    /// A buffer for the bytes of a file, which is reused.
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

    /// Sets how many cells an ordinary record has. Records are not judged by it; it shows where the damage of a quote
    /// ends.
    pub fn expect_columns(&mut self, columns: usize) {
        self.width = Some(columns);
        self.expected = columns;
    }

    /// Feeds the next bytes of the file, in chunks of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.buffer.drop_before(self.start) {
            self.start = 0;
            self.cursor = 0;
        }
        self.bytes += bytes.len() as u64;
        self.buffer.feed(bytes);
    }

    /// Announces that no bytes follow.
    pub fn finish(&mut self) {
        self.buffer.finish();
    }

    /// Reads the next bytes from a file. `false` if the end was already reached before this call.
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

    /// [`fill_from`](RecordReader::fill_from) over asynchronous input.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
    ///
    /// let mut file = &b"name\nAhmad\n"[..];
    /// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// let mut cells = Vec::new();
    /// while reader.fill_from_async(&mut file).await? {
    ///     while let Some(record) = reader.next_record() {
    ///         cells.push(record.get(0).unwrap_or_default().to_owned());
    ///     }
    /// }
    /// assert_eq!(cells, ["name", "Ahmad"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Read`].
    #[cfg(feature = "tokio")]
    pub async fn fill_from_async<R>(
        &mut self,
        reader: &mut R,
    ) -> Result<bool, crate::error::FileError>
    where
        R: tokio::io::AsyncRead + Unpin + Send,
    {
        use tokio::io::AsyncReadExt as _;

        if self.is_finished() {
            return Ok(false);
        }
        let mut chunk = vec![0; super::CHUNK];
        match reader
            .read(&mut chunk)
            .await
            .map_err(crate::error::FileError::Read)?
        {
            0 => self.finish(),
            read => self.feed(&chunk[..read]),
        }
        Ok(true)
    }

    /// Whether the end of the bytes has been announced.
    pub(crate) fn is_finished(&self) -> bool {
        self.buffer.finished
    }

    /// Bytes fed so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows read so far, including blank ones.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.row - 1
    }

    /// Empty lines read so far. They count as rows but are not records.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// A copy of the reader at the same position that decodes the rest with another encoding. All bytes so far must have
    /// been ASCII.
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

    /// The next record; `None` if more bytes are needed, or at the end.
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

    /// Each attempt reads the whole pending record again; waiting for twice as much text keeps the total linear.
    pub(super) fn wait(&mut self) -> Option<Record<'_>> {
        self.retry_at = (self.buffer.text.len() - self.start) * 2;
        None
    }

    /// Skips the rest of a line. `None` if its end has not been reached yet.
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
            // Both bytes of a line break are in the index once the text has been scanned up to them.
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

// What the reader returns: whole records, and the fronts of those that are too large.

/// Bytes that are shown of a record that is too large.
const SHOWN_BYTES: usize = 1_000;

impl RecordReader {
    /// Returns the record and continues after it.
    #[inline]
    pub(super) fn emit(&mut self, extent: Extent) -> Record<'_> {
        let begin = self.start;
        let length = extent.end - begin;
        let mut damage = extent.damage;
        let mut raw = (0, length);
        if length > self.limits.cell_bytes {
            if length > self.limits.record_bytes {
                (damage, raw.1) = (Some(self.oversize_damage()), self.show_front());
            } else if self
                .cells
                .iter()
                .any(|cell| cell.end() - cell.start() > self.limits.cell_bytes)
            {
                damage = damage.or(Some(Damage::CellTooLarge));
            }
        }
        let damage = damage.or_else(|| self.buffer.bad_in(begin, extent.next));
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += extent.inner_lines + 1;
        self.start = extent.next;
        self.cursor = extent.cursor;
        self.retry_at = 0;
        self.buffer.trim_index(&mut self.cursor);
        Record {
            row,
            line,
            text: &self.buffer.text[begin..],
            unescaped: &self.unescaped,
            cells: &self.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Returns the front of a record that is too large; the rest of its line will be skipped.
    pub(super) fn cut(&mut self, inner_lines: u64) -> Record<'_> {
        let damage = Some(self.oversize_damage());
        let raw = (0, self.show_front());
        let begin = self.start;
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += inner_lines;
        // A carriage return at the very end may belong to the line break.
        self.start = self.buffer.text.len() - usize::from(self.buffer.text.ends_with('\r'));
        self.skipping = true;
        self.retry_at = 0;
        Record {
            row,
            line,
            text: &self.buffer.text[begin..],
            unescaped: &self.unescaped,
            cells: &self.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Which limit a record beyond [`Limits::record_bytes`] exceeds first, judged by as much of it as the limit allows,
    /// so that it does not depend on how the bytes were chunked.
    fn oversize_damage(&self) -> Damage {
        let front =
            &self.buffer.text.as_bytes()[self.start..=self.start + self.limits.record_bytes];
        let mut from = 0;
        for (count, at) in memchr::memchr_iter(self.marks.delimiter, front)
            .chain([front.len()])
            .enumerate()
        {
            if at - from > self.limits.cell_bytes {
                return Damage::CellTooLarge;
            }
            if count >= self.limits.columns {
                return Damage::TooManyColumns;
            }
            from = at + 1;
        }
        Damage::RecordTooLarge
    }

    /// Makes the front of the record its only cell.
    fn show_front(&mut self) -> usize {
        let text = &self.buffer.text[self.start..];
        let end = text.floor_char_boundary(SHOWN_BYTES.min(self.limits.record_bytes));
        self.cells.clear();
        self.cells.push(Span::plain(0, end));
        end
    }
}

// One record as the reader returns it: cells borrowed from the reader's text.

/// A record of the file.
///
/// ```
/// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
///
/// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
/// reader.feed(b"name,note\nAhmad,\"two\nlines\"\n");
/// reader.finish();
/// reader.next_record();
/// let record = reader.next_record().unwrap();
/// assert_eq!((record.row(), record.line(), record.len()), (2, 2, 2));
/// assert_eq!(record.get(1), Some("two\nlines"));
/// assert!(record.damage().is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) text: &'r str,
    pub(crate) unescaped: &'r str,
    pub(crate) cells: &'r [Span],
    pub(crate) raw: (usize, usize),
    pub(crate) damage: Option<Damage>,
    /// Whether its neighbours have exactly the cells that it lacks: a line break inside a cell without quotes cut it.
    pub(crate) is_broken: bool,
    /// Whether its cells are not in the order of the text.
    pub(crate) is_arranged: bool,
}

/// The position of a cell: in the reader's text, or among the unescaped cells. Offsets are from the start of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    /// The highest bit: among the unescaped cells. Records are bounded to a quarter of the rest.
    end: u32,
}

const UNESCAPED: u32 = 1 << 31;

impl Span {
    #[inline]
    pub(crate) fn plain(start: usize, end: usize) -> Self {
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    /// A cell of a record that is known to be within the limit, which is far below 4 GiB.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a longer record is read again, and its spans with it"
    )]
    pub(crate) fn within(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    #[inline]
    pub(crate) fn unescaped(start: usize, end: usize) -> Self {
        Self {
            start: narrow(start),
            end: narrow(end) | UNESCAPED,
        }
    }

    #[inline]
    pub(crate) fn is_unescaped(self) -> bool {
        self.end & UNESCAPED != 0
    }

    #[inline]
    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end & !UNESCAPED
    }

    #[inline]
    pub(crate) fn end(self) -> usize {
        (self.end & !UNESCAPED) as usize
    }
}

/// Offsets within a record, which the record limit keeps far below this.
#[inline]
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX).min(UNESCAPED - 1)
}

impl<'r> Record<'r> {
    /// Row number as a spreadsheet shows it: the file's first record is row 1, blank rows count, quoted line breaks do not.
    #[must_use]
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Physical line where the record begins, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells; every record has some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell, decoded, without its quotes.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&'r str> {
        self.cells.get(column).map(|span| self.at(*span))
    }

    /// The cells.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'r str> + use<'r> {
        let record = *self;
        self.cells.iter().map(move |span| record.at(*span))
    }

    /// The record as it is in the file, decoded, without its line break. For a damaged record, the damaged text.
    #[must_use]
    pub fn raw(&self) -> &'r str {
        self.text.get(self.raw.0..self.raw.1).unwrap_or_default()
    }

    /// All text that the cells may refer to, without what follows the record.
    pub(crate) fn extent(&self) -> &'r str {
        let last = self.cells.iter().rfind(|span| !span.is_unescaped());
        let end = if self.is_arranged {
            self.raw.1
        } else {
            last.map_or(0, |span| span.end())
        };
        self.text.get(..end).unwrap_or_default()
    }

    /// The record with its cells in another order.
    pub(crate) fn arranged(self, cells: &'r [Span]) -> Self {
        Self {
            cells,
            is_arranged: true,
            ..self
        }
    }

    /// What is wrong with the record. Cells of a damaged record are a best guess, which may be shown but must not be
    /// stored.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// The bytes of a cell, for checks that need no text.
    #[inline]
    pub(crate) fn bytes(&self, column: usize) -> Option<&'r [u8]> {
        let span = self.cells.get(column)?;
        let text = if span.is_unescaped() {
            self.unescaped
        } else {
            self.text
        };
        text.as_bytes().get(span.start()..span.end())
    }

    /// Whether one of its cells is quoted.
    pub(crate) fn has_quotes(&self, quote: u8) -> bool {
        let opens = |span: &Span| {
            let before = span.start().checked_sub(1);
            span.is_unescaped()
                || before.is_some_and(|at| self.text.as_bytes().get(at) == Some(&quote))
        };
        self.cells.iter().any(opens)
    }

    #[inline]
    pub(crate) fn at(&self, span: Span) -> &'r str {
        let text = if span.is_unescaped() {
            self.unescaped
        } else {
            self.text
        };
        text.get(span.start()..span.end()).unwrap_or_default()
    }
}

/// Why a record cannot be trusted. Only that record is affected.
///
/// ```
/// use import_engine::{Limits, raw::{Damage, RecordReader}, recognise::Dialect};
///
/// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
/// reader.feed(b"a,b\n\"open,1\nSiti,2\n");
/// reader.finish();
/// reader.next_record();
/// assert_eq!(reader.next_record().unwrap().damage(), Some(Damage::OpenQuote));
/// assert_eq!(reader.next_record().unwrap().get(0), Some("Siti"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Damage {
    /// A quote is opened and not closed before the end of the file, the limit, or lines that make sense by themselves.
    OpenQuote,
    /// There is text between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A NUL character.
    Nul,
    /// Bytes that are not valid in the encoding.
    InvalidBytes,
    /// A cell beyond [`Limits::cell_bytes`].
    CellTooLarge,
    /// A record beyond [`Limits::record_bytes`].
    RecordTooLarge,
    /// More cells than [`Limits::columns`].
    TooManyColumns,
}

impl Damage {
    /// The issue it becomes.
    pub(crate) fn problem(self, limits: &Limits) -> crate::issue::Problem {
        use crate::issue::{IssueCode, Problem};
        match self {
            Self::OpenQuote => Problem::new(IssueCode::OPEN_QUOTE),
            Self::TextAfterQuote => Problem::new(IssueCode::TEXT_AFTER_QUOTE),
            Self::Nul => Problem::new(IssueCode::NUL),
            Self::InvalidBytes => Problem::new(IssueCode::INVALID_BYTES),
            Self::CellTooLarge => {
                Problem::new(IssueCode::CELL_TOO_LARGE).with("limit", limits.cell_bytes)
            }
            Self::RecordTooLarge => {
                Problem::new(IssueCode::RECORD_TOO_LARGE).with("limit", limits.record_bytes)
            }
            Self::TooManyColumns => {
                Problem::new(IssueCode::TOO_MANY_COLUMNS).with("limit", limits.columns)
            }
        }
    }
}
