//! The record reader: quotes, line breaks and limits. Damage is judged in `resync`.

use super::{
    buffer::Buffer,
    line::Marks,
    record::{Damage, Record, Span},
    scan::Specials,
};
use crate::{Dialect, Encoding, limits::Limits};

/// Splits a file into records, without doing any input or output itself.
///
/// Feed bytes in chunks of any size and take records until there is none; at the end say [`finish`](Self::finish) and take
/// the rest. What is not damaged is read exactly as the `csv` crate reads it. What is damaged costs the record where it
/// stands: a quote that never closes swallows its own line, not the file.
///
/// ```
/// use import_engine::{Dialect, Limits, RecordReader};
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
    quoting: bool,
    escape: Option<u8>,
    /// Cells of an ordinary record.
    pub(super) width: Option<usize>,
    /// Where the next record begins in the text, and the first special byte at or behind it in the index.
    pub(super) start: usize,
    pub(super) cursor: usize,
    /// Row and physical line of the next record.
    row: u64,
    line: u64,
    blank_rows: u64,
    bytes: u64,
    /// The rest of the line belongs to a record that was too large.
    skipping: bool,
    /// Excel's `sep=` line is still to come.
    sep_line: bool,
    /// Not worth trying again before there is so much text behind `start`.
    retry_at: usize,
    pub(super) cells: Vec<Span>,
    pub(super) unescaped: String,
    /// Bytes on their way from a file, used again.
    chunk: Vec<u8>,
}

/// What the text at `start` turned out to be.
pub(super) enum Parsed {
    /// More text is needed.
    Incomplete,
    /// A record that ends before `end`; the next one begins at `next`, and at `cursor` in the index.
    Whole(Extent),
    /// A quote that is not closed within the file or the limit.
    Open,
    /// Text behind a closing quote, at this place.
    TextAfter(usize),
    /// More than the limit, and the line has no end yet. Line breaks inside quoted cells so far.
    TooLarge(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) end: usize,
    pub(super) next: usize,
    pub(super) cursor: usize,
    /// Line breaks inside quoted cells.
    pub(super) inner_lines: u64,
    pub(super) damage: Option<Damage>,
}

/// What to do about text behind a closing quote.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Stop and tell.
    Strict,
    /// Take it as part of the cell.
    Lenient,
}

/// Of a record that is too large this much is shown.
const SHOWN_BYTES: usize = 1_000;

impl RecordReader {
    /// A reader at the start of a file.
    ///
    /// ```
    /// use import_engine::{Dialect, Limits, RecordReader};
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
            delimiter: dialect.delimiter,
            quote,
            escape: escape.unwrap_or(b'\n'),
        };
        Self {
            buffer: Buffer::new(dialect, specials),
            // Cells are told by 32-bit offsets from the start of their record.
            limits: Limits {
                record_bytes: limits.record_bytes.min(1 << 30),
                ..limits
            },
            marks: Marks {
                delimiter: dialect.delimiter,
                quote,
            },
            quoting: dialect.quote.is_some(),
            escape,
            width: None,
            start: 0,
            cursor: 0,
            row: 1,
            line: 1,
            blank_rows: 0,
            bytes: 0,
            skipping: false,
            sep_line: dialect.sep_line,
            retry_at: 0,
            cells: Vec::new(),
            unescaped: String::new(),
            chunk: Vec::new(),
        }
    }

    /// How many cells an ordinary record has. Records are not judged by it; it tells where the damage of a quote ends.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// reader.expect_columns(10); // as the header has
    /// ```
    pub fn expect_columns(&mut self, columns: usize) {
        self.width = Some(columns);
    }

    /// Takes the next bytes of the file, in chunks of any size.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// reader.feed(b"na");
    /// reader.feed(b"me\n");
    /// assert_eq!(reader.next_record().unwrap().get(0), Some("name"));
    /// ```
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drop_before(self.start);
        self.start = 0;
        self.cursor = 0;
        self.bytes += bytes.len() as u64;
        self.buffer.feed(bytes);
    }

    /// Says that no bytes follow.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// reader.feed(b"no line break");
    /// assert!(reader.next_record().is_none());
    /// reader.finish();
    /// assert!(reader.next_record().is_some());
    /// ```
    pub fn finish(&mut self) {
        self.buffer.finish();
    }

    /// Reads the next bytes from a file. `false` once the end was reached and told before.
    ///
    /// ```
    /// use import_engine::{Dialect, Limits, RecordReader};
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
    /// # Ok::<(), import_engine::ImportError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImportError::Read`](crate::ImportError::Read).
    pub fn fill_from<R: std::io::Read>(
        &mut self,
        reader: &mut R,
    ) -> Result<bool, crate::ImportError> {
        if self.is_finished() {
            return Ok(false);
        }
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.resize(crate::importer::CHUNK, 0);
        match crate::importer::fill(reader, &mut chunk)? {
            0 => self.finish(),
            read => self.feed(&chunk[..read]),
        }
        self.chunk = chunk;
        Ok(true)
    }

    /// Whether the end of the bytes was told.
    pub(crate) fn is_finished(&self) -> bool {
        self.buffer.finished
    }

    /// Bytes fed so far.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// # reader.feed(b"name,note\n\nAhmad,\"two\nlines\"\n");
    /// # reader.finish();
    /// # reader.next_record();
    /// assert_eq!(reader.bytes(), 29);
    /// ```
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows passed so far, blank ones included.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// # reader.feed(b"name,note\n\nAhmad,\"two\nlines\"\n");
    /// # reader.finish();
    /// # reader.next_record();
    /// reader.next_record();
    /// assert_eq!(reader.rows(), 3);
    /// ```
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.row - 1
    }

    /// Empty lines passed so far. They count as rows but are no records.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// # reader.feed(b"name,note\n\nAhmad,\"two\nlines\"\n");
    /// # reader.finish();
    /// # reader.next_record();
    /// reader.next_record();
    /// assert_eq!(reader.blank_rows(), 1);
    /// ```
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
    ///
    /// ```
    /// # use import_engine::*;
    /// # let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// # reader.feed(b"name,note\n\nAhmad,\"two\nlines\"\n");
    /// # reader.finish();
    /// # reader.next_record();
    /// assert!(reader.next_record().is_some());
    /// assert!(reader.next_record().is_none());
    /// ```
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
        match self.parse(Manner::Strict) {
            Parsed::Whole(extent) => {
                if extent.inner_lines > 0 && self.is_wrong_and_rather_lines(extent.end) {
                    return self.emit_line(Damage::OpenQuote);
                }
                Some(self.emit(extent))
            }
            Parsed::Incomplete => self.wait(),
            Parsed::Open => self.emit_line(Damage::OpenQuote),
            Parsed::TextAfter(at) => self.resynchronise(at),
            Parsed::TooLarge(inner_lines) => Some(self.cut(inner_lines)),
        }
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

    /// Where the text goes on behind the line break at `at`. `None` when a `\n` may still belong to it.
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

    /// Passes empty lines. `None` when there is nothing behind them yet.
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

    /// Reads the record at `start` into `cells`.
    pub(super) fn parse(&mut self, manner: Manner) -> Parsed {
        self.cells.clear();
        self.unescaped.clear();
        let mut extent = Extent {
            end: 0,
            next: 0,
            cursor: 0,
            inner_lines: 0,
            damage: None,
        };
        let mut i = self.cursor;
        let mut cell = self.start;
        // The cell at hand was quoted and is among the cells already.
        let mut pushed = false;
        loop {
            let Some(at) = self.buffer.special(i) else {
                if !self.buffer.finished {
                    return self.incomplete(extent.inner_lines);
                }
                let end = self.buffer.text.len();
                if !pushed {
                    self.push_plain(cell, end);
                }
                return Parsed::Whole(Extent {
                    end,
                    next: end,
                    cursor: i,
                    ..extent
                });
            };
            let byte = self.buffer.text.as_bytes()[at];
            if byte == self.marks.delimiter {
                if !pushed {
                    self.push_plain(cell, at);
                }
                pushed = false;
                cell = at + 1;
                i += 1;
                if self.cells.len() >= self.limits.columns {
                    extent.damage = Some(Damage::TooManyColumns);
                    return self.pass_line(i, extent);
                }
            } else if byte == b'\n' || byte == b'\r' {
                let Some(next) = self.behind_break(at) else {
                    return Parsed::Incomplete;
                };
                if !pushed {
                    self.push_plain(cell, at);
                }
                return Parsed::Whole(Extent {
                    end: at,
                    next,
                    cursor: i + next - at,
                    ..extent
                });
            } else if self.quoting
                && byte == self.marks.quote
                && at == cell
                // Beyond the limit nothing is read, only passed.
                && at - self.start <= self.limits.record_bytes
            {
                match self.quoted_cell(i, manner, &mut extent) {
                    Ok(behind) => i = behind,
                    Err(stopped) => return stopped,
                }
                pushed = true;
            } else if !self.quoting && self.escape == Some(byte) && !pushed {
                match self.escaped_cell(i, cell) {
                    Some(behind) => i = behind,
                    None => return self.incomplete(extent.inner_lines),
                }
                pushed = true;
            } else {
                i += 1;
            }
        }
    }

    /// Reads the quoted cell that opens at the `i`-th special byte. Gives the place in the index of the delimiter or line
    /// break behind it.
    fn quoted_cell(
        &mut self,
        i: usize,
        manner: Manner,
        extent: &mut Extent,
    ) -> Result<usize, Parsed> {
        let open = self.buffer.special(i).unwrap_or(self.start);
        let unescaped_from = self.unescaped.len();
        let mut copied = open + 1;
        let mut j = i + 1;
        loop {
            let at = match self.buffer.special(j) {
                Some(at) if at - self.start <= self.limits.record_bytes => at,
                Some(_) => return Err(Parsed::Open),
                None if self.buffer.finished || self.pending_is_too_large() => {
                    return Err(Parsed::Open);
                }
                None => return Err(Parsed::Incomplete),
            };
            let bytes = self.buffer.text.as_bytes();
            let byte = bytes[at];
            if byte == self.marks.quote {
                match bytes.get(at + 1) {
                    None if !self.buffer.finished => return Err(Parsed::Incomplete),
                    Some(&next) if next == self.marks.quote => {
                        self.unescaped.push_str(&self.buffer.text[copied..=at]);
                        copied = at + 2;
                        // The second quote is in the index too, once the text is scanned so far.
                        self.buffer.special(j + 1);
                        j += 2;
                    }
                    Some(&next)
                        if next != self.marks.delimiter && next != b'\n' && next != b'\r' =>
                    {
                        if manner == Manner::Strict {
                            return Err(Parsed::TextAfter(at));
                        }
                        extent.damage = Some(Damage::TextAfterQuote);
                        self.unescaped.push_str(&self.buffer.text[copied..at]);
                        return self.rest_of_cell(j + 1, at + 1, unescaped_from, extent);
                    }
                    _ => {
                        if copied == open + 1 {
                            self.push_plain(copied, at);
                        } else {
                            self.unescaped.push_str(&self.buffer.text[copied..at]);
                            self.push_unescaped(unescaped_from);
                        }
                        return Ok(j + 1);
                    }
                }
            } else if byte == b'\n' || byte == b'\r' {
                let Some(next) = self.behind_break(at) else {
                    return Err(Parsed::Incomplete);
                };
                extent.inner_lines += 1;
                self.buffer.special(j + 1);
                j += next - at;
            } else if self.escape == Some(byte) {
                if at + 1 == bytes.len() {
                    return Err(if self.buffer.finished {
                        Parsed::Open
                    } else {
                        Parsed::Incomplete
                    });
                }
                self.unescaped.push_str(&self.buffer.text[copied..at]);
                copied = at + 1;
                j += 1;
                if self.buffer.special(j) == Some(copied) {
                    extent.inner_lines += u64::from(self.buffer.text.as_bytes()[copied] == b'\n');
                    j += 1;
                }
            } else {
                j += 1;
            }
        }
    }

    /// Adds what stands behind a closing quote to its cell, up to the next delimiter or line break.
    fn rest_of_cell(
        &mut self,
        mut j: usize,
        from: usize,
        unescaped_from: usize,
        extent: &Extent,
    ) -> Result<usize, Parsed> {
        let end = loop {
            match self.buffer.special(j) {
                Some(at) if self.ends_cell(at) => break at,
                Some(_) => j += 1,
                None if self.buffer.finished => break self.buffer.text.len(),
                None => return Err(self.incomplete(extent.inner_lines)),
            }
        };
        self.unescaped.push_str(&self.buffer.text[from..end]);
        self.push_unescaped(unescaped_from);
        Ok(j)
    }

    fn ends_cell(&self, at: usize) -> bool {
        let byte = self.buffer.text.as_bytes()[at];
        byte == self.marks.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Reads a cell with escapes in a dialect without quotes. `None` when its end has not come yet.
    fn escaped_cell(&mut self, i: usize, cell: usize) -> Option<usize> {
        let unescaped_from = self.unescaped.len();
        let mut copied = cell;
        let mut j = i;
        loop {
            let Some(at) = self.buffer.special(j) else {
                if !self.buffer.finished {
                    return None;
                }
                self.unescaped.push_str(&self.buffer.text[copied..]);
                break;
            };
            if self.ends_cell(at) {
                self.unescaped.push_str(&self.buffer.text[copied..at]);
                break;
            }
            // The escape itself: the byte behind it is text, unless it ends the line.
            let next = self.buffer.text.as_bytes().get(at + 1).copied();
            if next.is_none() && !self.buffer.finished {
                return None;
            }
            j += 1;
            let is_special = self.buffer.special(j) == Some(at + 1);
            if next == Some(self.marks.delimiter) || next == self.escape {
                self.unescaped.push_str(&self.buffer.text[copied..at]);
                copied = at + 1;
                j += usize::from(is_special);
            }
        }
        self.push_unescaped(unescaped_from);
        Some(j)
    }

    /// Too many columns: the record ends with its line.
    fn pass_line(&mut self, mut i: usize, extent: Extent) -> Parsed {
        loop {
            let Some(at) = self.buffer.special(i) else {
                if !self.buffer.finished {
                    return self.incomplete(extent.inner_lines);
                }
                let end = self.buffer.text.len();
                return Parsed::Whole(Extent {
                    end,
                    next: end,
                    cursor: i,
                    ..extent
                });
            };
            if matches!(self.buffer.text.as_bytes()[at], b'\n' | b'\r') {
                return match self.behind_break(at) {
                    Some(next) => Parsed::Whole(Extent {
                        end: at,
                        next,
                        cursor: i + next - at,
                        ..extent
                    }),
                    None => Parsed::Incomplete,
                };
            }
            i += 1;
        }
    }

    fn incomplete(&self, inner_lines: u64) -> Parsed {
        if self.pending_is_too_large() {
            Parsed::TooLarge(inner_lines)
        } else {
            Parsed::Incomplete
        }
    }

    pub(super) fn pending_is_too_large(&self) -> bool {
        self.buffer.text.len() - self.start > self.limits.record_bytes
    }

    #[inline]
    fn push_plain(&mut self, from: usize, to: usize) {
        self.cells
            .push(Span::plain(from - self.start, to - self.start));
    }

    fn push_unescaped(&mut self, from: usize) {
        self.cells.push(Span::unescaped(from, self.unescaped.len()));
    }

    /// Hands the record out and goes on behind it.
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
        }
    }

    /// Hands out the front of a record that is too large; the rest of its line will be passed.
    pub(super) fn cut(&mut self, inner_lines: u64) -> Record<'_> {
        let damage = Some(self.oversize_damage());
        let raw = (0, self.show_front());
        let begin = self.start;
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += inner_lines;
        // A carriage return at the very end may be the line's.
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
        }
    }

    /// Which limit a record beyond [`Limits::record_bytes`] breaks first, told from as much of it as the limit allows, so
    /// that it does not depend on how the bytes came.
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
