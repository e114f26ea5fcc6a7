//! The record reader: it takes what the parser finds, has damage judged by `resync`, counts rows and lines, and lends the
//! records. Of those that are too large it lends the front.

use super::{
    CHUNK, Damage, Dialect, Limits, Record, Span, fill,
    parse::{Extent, Manner, Parsed, Parser},
    resync::{Judged, Shape, lone_line},
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
    parser: Parser,
    shape: Shape,
    /// Up to this row, records are parts of one that was cut by line breaks outside quotes.
    broken_up_to: u64,
    /// Row and physical line of the next record.
    row: u64,
    line: u64,
    blank_rows: u64,
    bytes: u64,
    /// Whether the rest of the line belongs to a record that was too large.
    skipping: bool,
    /// Whether Excel's `sep=` line is still ahead.
    sep_line: bool,
    /// Parsing is not tried again before there is this much text from the start of the record on.
    retry_at: usize,
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
        Self {
            parser: Parser::new(dialect, limits),
            shape: Shape {
                width: None,
                expected: dialect.headers.len(),
                inner: dialect.resaved_with.map(|_| dialect.delimiter),
            },
            broken_up_to: 0,
            row: 1,
            line: 1,
            blank_rows: 0,
            bytes: 0,
            skipping: false,
            sep_line: dialect.sep_line,
            retry_at: 0,
            chunk: Vec::new(),
        }
    }

    /// Sets how many cells an ordinary record has. Records are not judged by it; it shows where the damage of a quote
    /// ends.
    pub fn expect_columns(&mut self, columns: usize) {
        self.shape.width = Some(columns);
        self.shape.expected = columns;
    }

    /// Feeds the next bytes of the file, in chunks of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.parser.feed(bytes);
    }

    /// Announces that no bytes follow.
    pub fn finish(&mut self) {
        self.parser.buffer.finish();
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
        chunk.resize(CHUNK, 0);
        match fill(reader, &mut chunk)? {
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
    /// [`FileError::Read`](crate::FileError::Read).
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
        let mut chunk = vec![0; CHUNK];
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
        self.parser.buffer.finished
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
            parser: self.parser.redecoded(encoding),
            chunk: Vec::new(),
            ..*self
        }
    }

    /// Letters beyond ASCII decoded so far, and sequences that could not be.
    pub(crate) fn decoded(&self) -> (u64, u64) {
        (self.parser.buffer.letters, self.parser.buffer.invalid)
    }

    /// The next record; `None` if more bytes are needed, or at the end.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        if self.sep_line || self.skipping {
            self.line += self.parser.skip_line()?;
            self.sep_line = false;
            self.skipping = false;
        }
        while self.parser.skip_blank_line()? {
            self.row += 1;
            self.line += 1;
            self.blank_rows += 1;
        }

        let parser = &mut self.parser;
        let pending = parser.pending();
        if !parser.buffer.finished
            && pending < self.retry_at
            && pending <= parser.limits.record_bytes
        {
            return None;
        }
        let parsed = match parser.ordinary() {
            Some(extent) => Parsed::Whole(extent),
            None => parser.parse(Manner::Strict),
        };
        let judged = match parsed {
            Parsed::Whole(mut extent) => {
                if extent.inner_lines > 0
                    && self.shape.is_wrong_and_rather_lines(parser, extent.end)
                {
                    lone_line(parser, Damage::OpenQuote, extent.next)
                } else {
                    if parser.cells.len() != self.shape.expected
                        || parser.buffer.is_typographic
                        || self.shape.inner.is_some()
                    {
                        self.mend(&mut extent)?;
                    }
                    return Some(self.emit(extent));
                }
            }
            Parsed::Incomplete => Judged::Unknown,
            Parsed::Open(looked) => lone_line(parser, Damage::OpenQuote, looked),
            Parsed::TextAfter(at) => self.shape.resynchronise(parser, at),
            Parsed::TooLarge(inner_lines) => return Some(self.cut(inner_lines)),
        };
        match judged {
            Judged::Record(extent) => Some(self.emit(extent)),
            Judged::TooLarge => Some(self.cut(0)),
            Judged::Unknown => self.wait(),
        }
    }

    /// Steps taken so far, each over at most one byte.
    #[cfg(test)]
    fn work(&self) -> u64 {
        self.parser.work()
    }

    /// Each attempt reads the whole pending record again; waiting for twice as much text keeps the total linear.
    fn wait<T>(&mut self) -> Option<T> {
        self.retry_at = self.parser.pending() * 2;
        None
    }

    /// Repairs the current record. `None` if more text is needed for that.
    fn mend(&mut self, extent: &mut Extent) -> Option<()> {
        let is_rest = self.row <= self.broken_up_to;
        match self.shape.mend(&mut self.parser, extent, is_rest) {
            Some(0) => {}
            Some(below) => self.broken_up_to = self.row + below,
            None => return self.wait(),
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
    fn emit(&mut self, extent: Extent) -> Record<'_> {
        let begin = self.parser.start;
        let length = extent.end - begin;
        let mut damage = extent.damage;
        let mut raw = (0, length);
        if length > self.parser.limits.cell_bytes {
            if length > self.parser.limits.record_bytes {
                (damage, raw.1) = (Some(self.oversize_damage()), self.show_front());
            } else if self
                .parser
                .cells
                .iter()
                .any(|cell| cell.end() - cell.start() > self.parser.limits.cell_bytes)
            {
                damage = damage.or(Some(Damage::CellTooLarge));
            }
        }
        let damage = damage.or_else(|| self.parser.buffer.bad_in(begin, extent.next));
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += extent.inner_lines + 1;
        self.parser.go_behind(&extent);
        self.retry_at = 0;
        Record {
            row,
            line,
            text: &self.parser.buffer.text[begin..],
            unescaped: &self.parser.unescaped,
            cells: &self.parser.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Returns the front of a record that is too large; the rest of its line will be skipped.
    fn cut(&mut self, inner_lines: u64) -> Record<'_> {
        let damage = Some(self.oversize_damage());
        let raw = (0, self.show_front());
        let begin = self.parser.start;
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += inner_lines;
        self.parser.skip_pending();
        self.skipping = true;
        self.retry_at = 0;
        Record {
            row,
            line,
            text: &self.parser.buffer.text[begin..],
            unescaped: &self.parser.unescaped,
            cells: &self.parser.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Which limit a record beyond [`Limits::record_bytes`] exceeds first, judged by as much of it as the limit allows,
    /// so that it does not depend on how the bytes were chunked.
    fn oversize_damage(&self) -> Damage {
        let front = &self.parser.buffer.text.as_bytes()
            [self.parser.start..=self.parser.start + self.parser.limits.record_bytes];
        let mut from = 0;
        for (count, at) in memchr::memchr_iter(self.parser.marks.delimiter, front)
            .chain([front.len()])
            .enumerate()
        {
            if at - from > self.parser.limits.cell_bytes {
                return Damage::CellTooLarge;
            }
            if count >= self.parser.limits.columns {
                return Damage::TooManyColumns;
            }
            from = at + 1;
        }
        Damage::RecordTooLarge
    }

    /// Makes the front of the record its only cell.
    fn show_front(&mut self) -> usize {
        let text = &self.parser.buffer.text[self.parser.start..];
        let end = text.floor_char_boundary(SHOWN_BYTES.min(self.parser.limits.record_bytes));
        self.parser.cells.clear();
        self.parser.cells.push(Span::plain(0, end));
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Steps of the reader over a file, each over at most one byte.
    fn work(dialect: &Dialect, width: Option<usize>, file: &[u8], chunk: usize) -> u64 {
        // Small, so that looking ahead to the limit from every line would read a thousand times the file.
        let limits = Limits {
            record_bytes: 16 << 10,
            ..Limits::default()
        };
        let mut reader = RecordReader::new(dialect, limits);
        if let Some(width) = width {
            reader.expect_columns(width);
        }
        for bytes in file.chunks(chunk) {
            reader.feed(bytes);
            while reader.next_record().is_some() {}
        }
        reader.finish();
        while reader.next_record().is_some() {}
        reader.work()
    }

    /// The most steps for each byte of any file.
    const MOST: u64 = 48;

    #[track_caller]
    fn check(pattern: &[u8], width: Option<usize>, dialect: &Dialect) {
        let head = b"\"nama\",\"paket_id\"\n\"a\",\"b\"\n";
        for chunk in [4 << 10, 64 << 10] {
            let mut file = head.to_vec();
            file.extend(pattern.iter().cycle().take(400 << 10));
            let work = work(dialect, width, &file, chunk);
            let pattern = String::from_utf8_lossy(pattern);
            assert!(
                work < MOST * file.len() as u64,
                "{pattern:?}: {} steps a byte",
                work / file.len() as u64
            );
        }
    }

    fn escaped() -> Dialect {
        Dialect {
            escape: Some(b'\\'),
            ..Dialect::default()
        }
    }

    #[test]
    fn files_made_of_damaged_quotes_cost_a_bounded_number_of_steps_a_byte() {
        for pattern in [
            "\"a\"b\",\"\n",
            "\",\"\",\"\\r\"a\"b1#",
            "\",\"\",\"\r\"a\"b1#",
            "\",\"\"\"\\\"\u{2028}\r#",
            "\"\"\",",
            "\"a\n",
            "\n\"",
            "\n\"\"\"",
            "x,\"\n",
            "\"a\nb\"c\n",
            " \"\"\",",
            " \"a, \"\"\n",
            "\u{201c}a,",
            "\u{201c}a,\u{201d}b\n",
            "\"\"\"a,\"\"\n",
            "\"\r\n\"",
            "\r\"\r\n\r",
            "\n\"\"a\",\"\\",
        ] {
            for width in [None, Some(1), Some(2)] {
                check(pattern.as_bytes(), width, &Dialect::default());
                check(pattern.as_bytes(), width, &escaped());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_repeated_pattern_costs_more(
            pattern in prop::collection::vec(prop::sample::select(b"\"\"\"\",,\n\n\r\\a #".to_vec()), 1..14),
            width in prop::option::of(1_usize..4),
            backslash in any::<bool>(),
        ) {
            let dialect = if backslash { escaped() } else { Dialect::default() };
            check(&pattern, width, &dialect);
        }
    }
}
