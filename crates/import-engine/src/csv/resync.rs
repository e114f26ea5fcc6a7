//! Records that are damaged, or that a program wrote in its own way. This module judges where a damaged record ends, and
//! how far it may look ahead for that, so that one stray quote does not swallow a file. It also undoes what programs do
//! to whole records: a line that a spreadsheet wrapped in quotes, cells in typographic quotes, a line break inside an
//! unquoted cell. A record with the right number of cells and ordinary quotes is not examined.

use super::{
    parse::{Extent, Manner, Marks, Parsed},
    reader::{Damage, Record, RecordReader, Span},
};
use crate::value::text;

impl RecordReader {
    /// Handles text after the closing quote at `at`.
    pub(super) fn resynchronise(&mut self, at: usize) -> Option<Record<'_>> {
        let same_line = match self.line_end(self.start, usize::MAX) {
            End::At(end) => at < end,
            End::TooFar => return self.emit_line(Damage::TextAfterQuote, at),
            End::Unknown => return self.wait(),
        };
        let mut looked = at;
        if !same_line {
            if self.width.is_none() {
                return self.emit_line(Damage::OpenQuote, looked);
            }
            match self.line_end(at, self.record_limit()) {
                End::At(end) => {
                    looked = end;
                    if self.is_rather_lines(end) {
                        return self.emit_line(Damage::OpenQuote, looked);
                    }
                }
                End::TooFar => return self.emit_line(Damage::OpenQuote, self.record_limit()),
                End::Unknown => return self.wait(),
            }
        }
        match self.parse(Manner::Lenient) {
            Parsed::Whole(extent)
                if self.is_within_limit(extent.end)
                    && (extent.inner_lines == 0 || self.width == Some(self.cells.len())) =>
            {
                return Some(self.emit(extent));
            }
            Parsed::Incomplete => return self.wait(),
            Parsed::Whole(Extent { next: end, .. }) | Parsed::Open(end) => looked = looked.max(end),
            Parsed::TextAfter(_) | Parsed::TooLarge(_) => looked = self.record_limit(),
        }
        let damage = if same_line {
            Damage::TextAfterQuote
        } else {
            Damage::OpenQuote
        };
        self.emit_line(damage, looked)
    }

    /// Whether the current record has the wrong number of cells, and its lines make more sense by themselves.
    pub(super) fn is_wrong_and_rather_lines(&mut self, end: usize) -> bool {
        self.width != Some(self.cells.len())
            && self.is_within_limit(end)
            && self.is_rather_lines(end)
    }

    fn is_within_limit(&self, end: usize) -> bool {
        end - self.start <= self.limits.record_bytes
    }

    /// Whether the lines up to `end` make more sense without the quote that joins them.
    fn is_rather_lines(&mut self, end: usize) -> bool {
        let Some(width) = self.width else {
            return false;
        };
        self.note_judged(end - self.start);
        let text = &self.buffer.text;
        let bytes = text.as_bytes();
        let mut from = self.start;
        let mut following = 0;
        while from < end {
            let to =
                memchr::memchr2(b'\n', b'\r', &bytes[from..end]).map_or(end, |found| from + found);
            let line = self.marks.read_line(text, from, to, |_| ());
            if from == self.start {
                if line.cells == width {
                    return true;
                }
            } else if to > from {
                if !line.clean || line.cells != width {
                    return false;
                }
                following += 1;
            }
            from = to + 1;
        }
        following > 0
    }

    /// Returns the physical line at `start` as a damaged record, after looking ahead up to `looked`.
    pub(super) fn emit_line(&mut self, damage: Damage, looked: usize) -> Option<Record<'_>> {
        let end = match self.line_end(self.start, usize::MAX) {
            End::At(end) => end,
            End::TooFar => return Some(self.cut(0)),
            End::Unknown => return self.wait(),
        };
        let next = if end == self.buffer.text.len() {
            end
        } else {
            self.behind_break(end)?
        };
        // No more than the limit is ever examined, but the available text may be longer.
        let looked = looked.min(self.record_limit());
        self.allowance.spend(looked.saturating_sub(next));
        self.note_judged(end - self.start);
        self.cells.clear();
        self.unescaped.clear();
        let (cells, start) = (&mut self.cells, self.start);
        let most = self.limits.columns;
        self.marks
            .read_line(&self.buffer.text[start..end], 0, end - start, |span| {
                if cells.len() < most {
                    cells.push(span);
                }
            });
        let cursor = self.buffer.cursor_at(next);
        Some(self.emit(Extent {
            end,
            next,
            cursor,
            inner_lines: 0,
            limit: end,
            damage: Some(damage),
        }))
    }

    /// The end of the line that contains `from`, with its complete line break. Searched up to `limit`.
    fn line_end(&mut self, from: usize, limit: usize) -> End {
        let bytes = self.buffer.text.as_bytes();
        let within = &bytes[from..bytes.len().min(limit.saturating_add(1)).max(from)];
        let found = memchr::memchr2(b'\n', b'\r', within);
        let passed = found.unwrap_or(within.len());
        let end = match found {
            Some(found) if self.behind_break(from + found).is_some() => End::At(from + found),
            None if bytes.len() > limit => End::TooFar,
            None if self.buffer.finished => End::At(bytes.len()),
            None if self.pending_is_too_large() => End::TooFar,
            _ => End::Unknown,
        };
        self.note_judged(passed);
        end
    }

    /// For the tests that count steps.
    #[cfg_attr(
        not(test),
        expect(clippy::unused_self, reason = "counts in tests alone")
    )]
    fn note_judged(&mut self, bytes: usize) {
        #[cfg(test)]
        {
            self.judged += bytes as u64;
        }
        #[cfg(not(test))]
        let _ = bytes;
    }
}

/// The end of a line, if it is known.
enum End {
    At(usize),
    /// Not within the limit.
    TooFar,
    Unknown,
}

// How far a reader may look ahead of the current line. For any file, each byte is read a bounded number of times on
// average: the bound is enforced by counting.
//
// Only damage makes a reader look ahead and come back: a quote opens, the reader goes past line breaks to find its end,
// finds that the lines make more sense by themselves, and reads them again one by one. In a file of such quotes, it would
// look ahead from every line. So looking ahead has a budget: every byte read adds to it, every byte examined in vain is
// subtracted. If nothing is left, a line break ends the quote at once, and only that line is damaged, as it nearly always
// would be after looking ahead.

/// Looking ahead over a few records of full length is free, so that a file with a few bad quotes is judged as well as
/// possible.
const FREE: u64 = 4;

/// Bytes that may be examined in vain for each byte read: a stray quote is judged by some thousand bytes of sound lines
/// around it, and may be followed by another one every few lines.
const EARNED: u64 = 4;

/// Such bytes are read up to three times: strictly, line by line for the judgement, and leniently.
const PASSES: u64 = 3;

/// The budget for looking ahead.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowance {
    spent: u64,
}

impl Allowance {
    /// How far after a line break the end of a quote may be searched, after this many bytes have been consumed. Does not
    /// depend on how the bytes were chunked.
    pub(super) fn reach(self, passed: u64, record_bytes: usize) -> usize {
        let all = FREE * record_bytes as u64 + EARNED * passed;
        let left = all.saturating_sub(self.spent);
        usize::try_from(left).map_or(record_bytes, |left| left.min(record_bytes))
    }

    /// Subtracts bytes that were examined and will be read again.
    fn spend(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(PASSES * bytes as u64);
    }
}

/// Records below a short one in which its rest is searched: an address pasted from a letter has three or four lines.
const REST: usize = 4;

/// Quotes that open a cell in text from a word processor or a telephone, each with those that close it: German quotes
/// close with what opens English ones.
const PAIRS: [(char, &[char]); 5] = [
    ('\u{201c}', &['\u{201d}']),
    ('\u{201e}', &['\u{201c}', '\u{201d}']),
    ('\u{2018}', &['\u{2019}']),
    ('\u{201a}', &['\u{2018}', '\u{2019}']),
    ('\u{ab}', &['\u{bb}']),
];

impl RecordReader {
    /// Repairs the current record. `None` if more text is needed for that.
    #[inline(never)]
    pub(super) fn mend(&mut self, extent: &mut Extent) -> Option<()> {
        let expected = self.expected;
        if let Some(inner) = self.inner {
            self.put_together(inner);
            return Some(());
        }
        if self.cells.len() == 1 && expected > 1 {
            self.unwrap_line(expected);
        }
        if self.marks.delimiter == b';' && self.cells.len() > expected && expected > 0 {
            self.join_entities(expected);
        }
        if self.buffer.is_typographic && self.quoting {
            self.take_typographic_quotes(expected);
        }
        let is_short = self.width.is_some_and(|width| self.cells.len() < width);
        if is_short && self.row > self.broken_up_to && self.holds_something(extent) {
            self.look_for_rest(extent)?;
        }
        Some(())
    }

    fn holds_something(&self, extent: &Extent) -> bool {
        let text = &self.buffer.text.as_bytes()[self.start..extent.end];
        text.iter()
            .any(|byte| !matches!(*byte, b' ' | b'\t') && *byte != self.marks.delimiter)
    }

    /// Joins the cells into which a spreadsheet cut a line, and reads the line. A line that cannot be read stays as it
    /// was, with too few cells.
    fn put_together(&mut self, inner: u8) {
        let text = self.buffer.text.get(self.start..).unwrap_or_default();
        let mut cells: Vec<&str> = self
            .cells
            .iter()
            .map(|cell| {
                let text = if cell.is_unescaped() {
                    self.unescaped.as_str()
                } else {
                    text
                };
                text.get(cell.start()..cell.end()).unwrap_or_default()
            })
            .collect();
        while cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        let line = cells.join(&char::from(self.marks.delimiter).to_string());
        let marks = Marks {
            delimiter: inner,
            ..self.marks
        };
        if let Some((unescaped, cells)) = unwrapped(marks, &line) {
            self.unescaped = unescaped;
            self.cells = cells;
        }
    }

    /// A record of one quoted cell whose text is a whole record: Excel opens a file whose delimiter is not its own as one
    /// column, and saves lines with a quote in quotes.
    fn unwrap_line(&mut self, expected: usize) {
        let is_quoted = self.buffer.text.as_bytes().get(self.start) == Some(&self.marks.quote);
        let Some(cell) = self.cells.first().filter(|_| self.quoting && is_quoted) else {
            return;
        };
        let text = if cell.is_unescaped() {
            self.unescaped.get(cell.start()..cell.end())
        } else {
            let text = self.buffer.text.get(self.start..);
            text.and_then(|text| text.get(cell.start()..cell.end()))
        };
        let Some((unescaped, cells)) = text.and_then(|text| unwrapped(self.marks, text)) else {
            return;
        };
        if cells.len() == expected {
            self.unescaped = unescaped;
            self.cells = cells;
        }
    }

    /// Joins cells that were cut at the `;` of an entity, as in `Nu&#39;man`, if the record then has the right number of
    /// cells.
    fn join_entities(&mut self, expected: usize) {
        let text = self.buffer.text.get(self.start..).unwrap_or_default();
        let is_cut = |before: Span, cell: Span| {
            let are_plain = !before.is_unescaped() && !cell.is_unescaped();
            // Between quoted cells there is more than the delimiter.
            are_plain
                && before.end() + 1 == cell.start()
                && text
                    .get(before.start()..before.end())
                    .is_some_and(text::ends_cut)
        };
        let mut joined: Vec<Span> = Vec::with_capacity(expected);
        for &cell in &self.cells {
            match joined.last_mut() {
                Some(before) if is_cut(*before, cell) => {
                    *before = Span::plain(before.start(), cell.end());
                }
                _ => joined.push(cell),
            }
        }
        if joined.len() == expected {
            self.cells = joined;
        }
    }

    /// Joins a cell that typographic quotes hold together across delimiters, if the record then has the right number of
    /// cells. In such a record, and in one whose filled cells are all enclosed by them, they are quotes and are removed;
    /// elsewhere they are text, as in a note that says “wheelchair”.
    fn take_typographic_quotes(&mut self, expected: usize) {
        let text = self.buffer.text.get(self.start..).unwrap_or_default();
        let mut joined = Vec::with_capacity(self.cells.len());
        let mut filled_without = 0;
        let mut rest = self.cells.as_slice();
        while let [first, behind @ ..] = rest {
            rest = behind;
            let Some((open, closing)) = opened(text, *first) else {
                filled_without += usize::from(!first.is_empty());
                joined.push(*first);
                continue;
            };
            let too_many = expected > 0 && self.cells.len() > expected;
            // The cell itself if it is closed at its end, or else the first later cell that is.
            let within = if too_many { behind.len() } else { 0 };
            let close = std::iter::once(first)
                .chain(&behind[..within])
                .position(|cell| closed(text, open, closing, *cell).is_some());
            if let Some(at) = close {
                let last = if at == 0 { *first } else { behind[at - 1] };
                let end = closed(text, open, closing, last).unwrap_or(last.end());
                joined.push(Span::plain(open, end));
                rest = &behind[at..];
            } else {
                filled_without += 1;
                joined.push(*first);
            }
        }
        let are_quotes = if joined.len() < self.cells.len() {
            joined.len() == expected
        } else {
            filled_without == 0
        };
        if are_quotes {
            self.cells = joined;
        }
    }

    /// Marks a short record, and those below it, if together they are one record with line breaks in its cells. If each
    /// line ends with a backslash, they are joined to that record: databases write a line break in a cell like this.
    fn look_for_rest(&mut self, extent: &mut Extent) -> Option<()> {
        let width = self.width.unwrap_or(0);
        let mut cells = self.cells.len();
        let mut from = extent.next;
        let mut lines = vec![(self.start, extent.end)];
        for below in 1..=REST {
            if self.buffer.finished && from >= self.buffer.text.len() {
                break;
            }
            let end = match self.line_end(from, self.record_limit()) {
                End::At(end) => end,
                End::TooFar => break,
                End::Unknown => {
                    self.wait();
                    return None;
                }
            };
            if end == from {
                break;
            }
            let found = self
                .marks
                .read_line(&self.buffer.text, from, end, |_| ())
                .cells;
            // A complete record below is not its rest, whatever the sum.
            if found >= width {
                break;
            }
            // The last cell of one line and the first of the next are one cell.
            cells += found - 1;
            if cells >= width {
                lines.push((from, end));
                if cells == width && self.are_escaped(&lines) {
                    let next = match self.buffer.text.len() {
                        length if end == length => end,
                        _ => self.behind_break(end)?,
                    };
                    self.join(&lines);
                    extent.inner_lines = below as u64;
                    (extent.end, extent.next) = (end, next);
                    extent.cursor = self.buffer.cursor_at(next);
                } else if cells == width {
                    self.broken_up_to = self.row + below as u64;
                }
                break;
            }
            lines.push((from, end));
            from = match self.buffer.text.len() {
                length if end == length => end,
                _ => self.behind_break(end)?,
            };
        }
        Some(())
    }

    /// Whether every line but the last ends with a backslash.
    fn are_escaped(&self, lines: &[(usize, usize)]) -> bool {
        let text = self.buffer.text.as_bytes();
        let ends = |&(from, to): &(usize, usize)| text[from..to].last() == Some(&BACKSLASH);
        lines
            .split_last()
            .is_some_and(|(_, others)| others.iter().all(ends))
    }

    /// Joins lines whose last cells continue in the next line into one record.
    fn join(&mut self, lines: &[(usize, usize)]) {
        self.cells.clear();
        self.unescaped.clear();
        let text = &self.buffer.text;
        for (number, &(from, to)) in lines.iter().enumerate() {
            let goes_on = number + 1 < lines.len();
            let to = if goes_on { to - 1 } else { to };
            let mut spans = Vec::new();
            self.marks
                .read_line(text, from, to, |span| spans.push(span));
            for (place, span) in spans.iter().enumerate() {
                let cell = &text[span.start()..span.end()];
                let begins_above = number > 0 && place == 0;
                let ends_below = goes_on && place + 1 == spans.len();
                if !begins_above && !ends_below {
                    self.cells.push(Span::plain(
                        span.start() - self.start,
                        span.end() - self.start,
                    ));
                    continue;
                }
                let start = if begins_above {
                    self.unescaped.push('\n');
                    self.cells.pop().map_or(0, Span::start)
                } else {
                    self.unescaped.len()
                };
                self.unescaped.push_str(cell);
                self.cells
                    .push(Span::unescaped(start, self.unescaped.len()));
            }
        }
    }
}

/// The byte that escapes a line break after it.
const BACKSLASH: u8 = b'\\';

/// The start of a cell after the typographic quote that opens it, and the quotes that close it.
fn opened(text: &str, cell: Span) -> Option<(usize, &'static [char])> {
    if cell.is_unescaped() {
        return None;
    }
    let shown = text.get(cell.start()..cell.end())?;
    let shown = shown.trim_start_matches(' ');
    let (open, closing) = PAIRS.iter().find(|(open, _)| shown.starts_with(*open))?;
    Some((cell.end() - shown.len() + open.len_utf8(), closing))
}

/// The offset of the typographic quote that closes what was opened at `open`, if a cell ends with it.
fn closed(text: &str, open: usize, closing: &[char], cell: Span) -> Option<usize> {
    if cell.is_unescaped() {
        return None;
    }
    let inner = text.get(open..cell.end())?.trim_end_matches(' ');
    Some(open + inner.strip_suffix(closing)?.len())
}

/// The cells of a record inside one cell. `None` if it cannot be one.
fn unwrapped(marks: Marks, text: &str) -> Option<(String, Vec<Span>)> {
    let (quote, delimiter) = (char::from(marks.quote), char::from(marks.delimiter));
    let mut unescaped = String::with_capacity(text.len());
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let from = unescaped.len();
        if let Some(mut quoted) = rest.strip_prefix(quote) {
            loop {
                let (inner, behind) = quoted.split_once(quote)?;
                unescaped.push_str(inner);
                let Some(more) = behind.strip_prefix(quote) else {
                    rest = behind;
                    break;
                };
                unescaped.push(quote);
                quoted = more;
            }
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            let cell = &rest[..end];
            if cell.contains(['\n', '\r']) {
                return None;
            }
            unescaped.push_str(cell);
            rest = &rest[end..];
        }
        cells.push(Span::unescaped(from, unescaped.len()));
        if rest.is_empty() {
            return Some((unescaped, cells));
        }
        rest = rest.strip_prefix(delimiter)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::csv::{Dialect, Limits, RecordReader};

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
