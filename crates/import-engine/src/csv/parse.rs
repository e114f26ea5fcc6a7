//! The grammar of a record: delimiters, quotes, escapes, line breaks; and of one physical line, for damaged records. It
//! stops at damage and reports it; `resync` judges the damage. How far a quote may look ahead for its end is bounded here.

use super::{
    Damage, Dialect, Limits, Span,
    buffer::{Buffer, Specials},
};
use crate::text::Encoding;

/// The text that was fed, and the record at `start` of it as far as it was read.
#[derive(Debug)]
pub(super) struct Parser {
    pub(super) buffer: Buffer,
    pub(super) limits: Limits,
    pub(super) marks: Marks,
    pub(super) quoting: bool,
    escape: Option<u8>,
    /// Where the next record begins in the text, and the first special byte at or after it in the index.
    pub(super) start: usize,
    cursor: usize,
    /// For looking ahead after damage.
    pub(super) allowance: Allowance,
    /// Bytes that are read repeatedly when damage is judged.
    #[cfg(test)]
    judged: u64,
    /// The cells of the record at `start`, and the text of those that are not in the file as they are meant.
    pub(super) cells: Vec<Span>,
    pub(super) unescaped: String,
}

/// The result of parsing the text at `start`.
pub(super) enum Parsed {
    /// More text is needed.
    Incomplete,
    /// A record that ends before `end`; the next one begins at `next`, and at `cursor` in the index.
    Whole(Extent),
    /// A quote that is not closed within the file, the limit, or the allowed look-ahead; its end was searched up to here.
    Open(usize),
    /// Text after a closing quote, at this index.
    TextAfter(usize),
    /// More than the limit, and the line has no end yet; with the line breaks inside quoted cells so far.
    TooLarge(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) end: usize,
    pub(super) next: usize,
    pub(super) cursor: usize,
    /// Line breaks inside quoted cells.
    pub(super) inner_lines: u64,
    /// The offset up to which the end of a quoted cell is searched.
    pub(super) limit: usize,
    pub(super) damage: Option<Damage>,
}

/// The end of a line, if it is known.
pub(super) enum End {
    At(usize),
    /// Not within the limit.
    TooFar,
    Unknown,
}

/// What to do about text after a closing quote.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Stop and report it.
    Strict,
    /// Treat it as part of the cell.
    Lenient,
}

/// Special bytes of an ordinary record, at most: a record with more is read by the full grammar, which checks every
/// limit.
const ORDINARY: usize = 1 << 10;

/// Blanks after a closing quote that are skipped, at most: the reader waits for what follows them even beyond the limit
/// of a record, so that a record of the limit's length does not depend on how its bytes are chunked.
const MOST_BLANKS: usize = 256;

impl Parser {
    /// A parser at the start of a file.
    pub(super) fn new(dialect: &Dialect, limits: Limits) -> Self {
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
            start: 0,
            cursor: 0,
            allowance: Allowance::default(),
            #[cfg(test)]
            judged: 0,
            cells: Vec::new(),
            unescaped: String::new(),
        }
    }

    /// A copy at the same position that decodes the rest with another encoding. What was decoded so far must be ASCII.
    pub(super) fn redecoded(&self, encoding: Encoding) -> Self {
        Self {
            buffer: self.buffer.redecoded(encoding),
            cells: Vec::new(),
            unescaped: String::new(),
            ..*self
        }
    }

    /// Adds the next bytes of the file to the text, and drops the text that was read.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.buffer.drop_before(self.start) {
            self.start = 0;
            self.cursor = 0;
        }
        self.buffer.feed(bytes);
    }

    /// Bytes of text from the start of the record on.
    #[inline]
    pub(super) fn pending(&self) -> usize {
        self.buffer.text.len() - self.start
    }

    /// Continues after a record.
    #[inline]
    pub(super) fn go_behind(&mut self, record: &Extent) {
        self.start = record.next;
        self.cursor = record.cursor;
        self.buffer.trim_index(&mut self.cursor);
    }

    /// Skips the rest of a line, and returns how many line breaks were passed. `None` if its end has not been reached
    /// yet.
    pub(super) fn skip_line(&mut self) -> Option<u64> {
        let rest = &self.buffer.text.as_bytes()[self.start..];
        let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
            self.go_to(self.buffer.text.len());
            return self.buffer.finished.then_some(0);
        };
        let at = self.start + found;
        let Some(next) = self.behind_break(at) else {
            self.start = at;
            return None;
        };
        self.go_to(next);
        Some(1)
    }

    /// Skips all text of a line whose end has not been reached yet.
    pub(super) fn skip_pending(&mut self) {
        // A carriage return at the very end may belong to the line break.
        self.start = self.buffer.text.len() - usize::from(self.buffer.text.ends_with('\r'));
    }

    fn go_to(&mut self, position: usize) {
        self.start = position;
        self.cursor = self.buffer.cursor_at(position);
        self.buffer.trim_index(&mut self.cursor);
    }

    /// Skips an empty line; whether there was one. `None` if it is not known yet, or if the text ends here.
    #[inline]
    pub(super) fn skip_blank_line(&mut self) -> Option<bool> {
        if !matches!(self.buffer.text.as_bytes().get(self.start)?, b'\n' | b'\r') {
            return Some(false);
        }
        let next = self.behind_break(self.start)?;
        // Both bytes of a line break are in the index once the text has been scanned up to them.
        self.buffer.special(self.cursor);
        self.cursor += next - self.start;
        self.start = next;
        self.buffer.special(self.cursor);
        self.buffer.trim_index(&mut self.cursor);
        Some(true)
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

    /// Where the text continues after the line that ends at `end`, with a line break or with the text.
    pub(super) fn behind_line(&self, end: usize) -> Option<usize> {
        if end == self.buffer.text.len() {
            return Some(end);
        }
        self.behind_break(end)
    }

    /// Reads the record at `start` into `cells` if it is an ordinary one, as nearly all are: it ends with a line break
    /// within the scanned text, and its quotes, if any, enclose whole cells without quotes, escapes or line breaks
    /// inside. Such a record means the same in every manner, so only its bytes matter. `None` is not a verdict:
    /// [`parse`](Self::parse) reads the record from its beginning.
    #[inline]
    pub(super) fn ordinary(&mut self) -> Option<Extent> {
        let bytes = self.buffer.text.as_bytes();
        let places = self.buffer.places(self.cursor, ORDINARY);
        let Marks { delimiter, quote } = self.marks;
        let mut cell = self.start;
        let mut i = 0;
        self.cells.clear();
        self.unescaped.clear();
        let end = loop {
            let at = *places.get(i)?;
            let byte = *bytes.get(at)?;
            i += 1;
            if byte == delimiter {
                self.cells
                    .push(Span::within(cell - self.start, at - self.start));
                cell = at + 1;
            } else if byte == b'\n' || byte == b'\r' {
                self.cells
                    .push(Span::within(cell - self.start, at - self.start));
                break at;
            } else if byte == quote && at == cell {
                let close = loop {
                    let at = *places.get(i)?;
                    i += 1;
                    let byte = *bytes.get(at)?;
                    if byte == quote {
                        break at;
                    }
                    if byte != delimiter {
                        return None;
                    }
                };
                self.cells
                    .push(Span::within(cell + 1 - self.start, close - self.start));
                // The cell ends directly after its quote; otherwise the full grammar decides.
                let after = *places.get(i).filter(|place| **place == close + 1)?;
                let byte = *bytes.get(after)?;
                i += 1;
                cell = after + 1;
                if byte == b'\n' || byte == b'\r' {
                    break after;
                }
                if byte != delimiter {
                    return None;
                }
            } else {
                return None;
            }
        };
        let limit = self.record_limit();
        if end > limit || self.cells.len() > self.limits.columns {
            return None;
        }
        let next = self.behind_break(end)?;
        #[cfg(test)]
        {
            self.buffer.asked += i as u64;
        }
        Some(Extent {
            end,
            next,
            cursor: self.cursor + i - 1 + next - end,
            inner_lines: 0,
            limit,
            damage: None,
        })
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
            limit: self.record_limit(),
            damage: None,
        };
        let mut i = self.cursor;
        let mut cell = self.start;
        // Whether the current cell was quoted and is already among the cells.
        let mut pushed = false;
        // The start of a cell whose first quote follows blanks and is text.
        let mut text_cell = usize::MAX;
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
                && (at == cell || !pushed && text_cell != cell)
                // Beyond the limit, text is only skipped.
                && at <= self.record_limit()
            {
                if at != cell {
                    match self.opens_behind_blanks(i, cell, at) {
                        Some(true) => {}
                        Some(false) => {
                            text_cell = cell;
                            i += 1;
                            continue;
                        }
                        None => return Parsed::Incomplete,
                    }
                }
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

    /// Whether the quote at `at`, the `i`-th special byte, has only blanks before it in its cell, and is closed on its
    /// line at the end of the cell, within the limit of a record: people write `Siti, "Jl. Mawar 5, Bogor"`. `None` if
    /// that is not known yet.
    #[cold]
    #[inline(never)]
    fn opens_behind_blanks(&mut self, i: usize, cell: usize, at: usize) -> Option<bool> {
        let before = &self.buffer.text.as_bytes()[cell..at];
        if !before.iter().all(|byte| self.is_blank(*byte)) {
            return Some(false);
        }
        let mut j = i + 1;
        loop {
            let at = match self.buffer.special(j) {
                Some(at) if at <= self.record_limit() => at,
                None if !self.buffer.finished && !self.pending_is_too_large() => return None,
                // Without this limit, it would depend on how the bytes were chunked whether the closing quote is seen.
                Some(_) | None => return Some(false),
            };
            let bytes = self.buffer.text.as_bytes();
            let byte = bytes[at];
            if matches!(byte, b'\n' | b'\r') {
                return Some(false);
            }
            if byte == self.marks.quote {
                match bytes.get(at + 1) {
                    None if !self.buffer.finished => return None,
                    Some(next) if *next == self.marks.quote => j += 2,
                    _ => return self.closes_before_blanks(at),
                }
            } else if self.escape == Some(byte) {
                let escaped = self.buffer.special(j + 1).filter(|place| *place == at + 1);
                let is_break = |at| matches!(self.buffer.text.as_bytes()[at], b'\n' | b'\r');
                if escaped.is_some_and(is_break) {
                    return Some(false);
                }
                j += 1 + usize::from(escaped.is_some());
            } else {
                j += 1;
            }
        }
    }

    /// Whether there are only blanks between the quote at `at` and the end of its cell. `None` if the end has not been
    /// reached yet.
    #[cold]
    #[inline(never)]
    fn closes_before_blanks(&self, at: usize) -> Option<bool> {
        let behind = self
            .buffer
            .text
            .as_bytes()
            .get(at + 1..)
            .unwrap_or_default();
        let blanks = behind
            .iter()
            .take_while(|byte| self.is_blank(**byte))
            .take(MOST_BLANKS)
            .count();
        match behind.get(blanks) {
            Some(next) => Some(*next == self.marks.delimiter || matches!(next, b'\n' | b'\r')),
            None => self.buffer.finished.then_some(true),
        }
    }

    /// Reads the quoted cell that opens at the `i`-th special byte. Returns the index of the delimiter or line break
    /// after it.
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
                Some(at) if at <= extent.limit => at,
                Some(_) => return Err(Parsed::Open(extent.limit)),
                None if self.buffer.text.len() > extent.limit => {
                    return Err(Parsed::Open(extent.limit));
                }
                None if self.buffer.finished => return Err(Parsed::Open(self.buffer.text.len())),
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
                        // The second quote is in the index, too, once the text is scanned up to it.
                        self.buffer.special(j + 1);
                        j += 2;
                    }
                    Some(&next)
                        if next != self.marks.delimiter
                            && next != b'\n'
                            && next != b'\r'
                            && !(self.is_blank(next)
                                && match self.closes_before_blanks(at) {
                                    Some(closes) => closes,
                                    None => return Err(Parsed::Incomplete),
                                }) =>
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
                if extent.inner_lines == 0 {
                    extent.limit = extent.limit.min(at + self.reach());
                }
                extent.inner_lines += 1;
                self.buffer.special(j + 1);
                j += next - at;
            } else if self.escape == Some(byte) {
                if at + 1 == bytes.len() {
                    return Err(if self.buffer.finished {
                        Parsed::Open(at + 1)
                    } else {
                        Parsed::Incomplete
                    });
                }
                self.unescaped.push_str(&self.buffer.text[copied..at]);
                copied = at + 1;
                j += 1;
                if self.buffer.special(j) == Some(copied) {
                    let escaped = self.buffer.text.as_bytes()[copied];
                    // The search goes past an escaped line break like any other one, so it is counted, too.
                    if matches!(escaped, b'\n' | b'\r') && extent.inner_lines == 0 {
                        extent.limit = extent.limit.min(copied + self.reach());
                    }
                    extent.inner_lines += u64::from(escaped == b'\n');
                    j += 1;
                }
            } else {
                j += 1;
            }
        }
    }

    /// Adds the text after a closing quote to its cell, up to the next delimiter or line break.
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

    /// Whether a byte is a blank or tab that does not separate cells.
    #[inline]
    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.marks.delimiter
    }

    fn ends_cell(&self, at: usize) -> bool {
        let byte = self.buffer.text.as_bytes()[at];
        byte == self.marks.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Reads a cell with escapes in a dialect without quotes. `None` if its end has not been reached yet.
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
            // The escape itself: the byte after it is text, unless it ends the line.
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

    /// The end of the line that contains `from`, with its complete line break. Searched up to `limit`.
    pub(super) fn line_end(&mut self, from: usize, limit: usize) -> End {
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

    fn incomplete(&self, inner_lines: u64) -> Parsed {
        if self.pending_is_too_large() {
            Parsed::TooLarge(inner_lines)
        } else {
            Parsed::Incomplete
        }
    }

    /// The last offset that can belong to the record at `start`, however long it is.
    #[inline]
    pub(super) fn record_limit(&self) -> usize {
        self.start + self.limits.record_bytes
    }

    /// How far after the first line break in a quoted cell its end may be searched.
    fn reach(&self) -> usize {
        let passed = self.buffer.passed(self.start);
        self.allowance.reach(passed, self.limits.record_bytes)
    }

    fn pending_is_too_large(&self) -> bool {
        self.pending() > self.limits.record_bytes
    }

    /// Whether a record that ends there is within the limit.
    pub(super) fn is_within_limit(&self, end: usize) -> bool {
        end - self.start <= self.limits.record_bytes
    }

    #[inline]
    fn push_plain(&mut self, from: usize, to: usize) {
        self.cells
            .push(Span::plain(from - self.start, to - self.start));
    }

    fn push_unescaped(&mut self, from: usize) {
        self.cells.push(Span::unescaped(from, self.unescaped.len()));
    }

    /// Counts bytes that are read repeatedly, for the tests that count steps.
    #[cfg_attr(
        not(test),
        expect(clippy::unused_self, reason = "counts in tests alone")
    )]
    pub(super) fn note_judged(&mut self, bytes: usize) {
        #[cfg(test)]
        {
            self.judged += bytes as u64;
        }
        #[cfg(not(test))]
        let _ = bytes;
    }

    /// Steps taken so far, each over at most one byte.
    #[cfg(test)]
    pub(super) fn work(&self) -> u64 {
        self.buffer.asked + self.judged
    }
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
    pub(super) fn spend(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(PASSES * bytes as u64);
    }
}

// One physical line read by itself; quotes that are not closed on it are literal. Only for damaged records.

/// The result of reading a line by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) cells: usize,
    /// Whether every quote has its partner.
    pub(super) clean: bool,
}

/// Quote and delimiter of the dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
}

impl Marks {
    /// Reads `text[from..to]` as one record; it passes each cell to `found`, without its surrounding quotes.
    pub(super) fn read_line(
        self,
        text: &str,
        from: usize,
        to: usize,
        mut found: impl FnMut(Span),
    ) -> Line {
        let bytes = text.as_bytes();
        let mut line = Line {
            cells: 0,
            clean: true,
        };
        let mut at = from;
        // If the closing quote were searched in vain from every cell of a line, the work would be quadratic.
        let mut room = ROOM * (to - from);
        loop {
            let (end, inner) = if let Some(close) = self.quoted(bytes, at, to, &mut room) {
                (close + 1, (at + 1, close))
            } else {
                let delimiter = memchr::memchr(self.delimiter, &bytes[at..to]);
                let end = delimiter.map_or(to, |found| at + found);
                let quotes = memchr::memchr_iter(self.quote, &bytes[at..end]).count();
                line.clean &= quotes.is_multiple_of(2) && bytes.get(at) != Some(&self.quote);
                (end, (at, end))
            };
            line.cells += 1;
            found(Span::plain(inner.0, inner.1));
            if end >= to {
                return line;
            }
            at = end + 1;
        }
    }

    /// The closing quote of the cell that begins at `at`, if it is quoted and the quote closes before the next delimiter
    /// or the end.
    fn quoted(self, bytes: &[u8], at: usize, to: usize, room: &mut usize) -> Option<usize> {
        if at >= to || bytes[at] != self.quote || *room == 0 {
            return None;
        }
        let (close, looked) = self.closing(bytes, at, to);
        if close.is_none() {
            *room = room.saturating_sub(looked - at);
        }
        close
    }

    /// The same, and how far it was searched.
    fn closing(self, bytes: &[u8], at: usize, to: usize) -> (Option<usize>, usize) {
        let mut from = at + 1;
        loop {
            let rest = bytes.get(from..to).unwrap_or_default();
            let Some(found) = memchr::memchr(self.quote, rest) else {
                return (None, to);
            };
            let close = from + found;
            match bytes.get(close + 1).filter(|_| close + 1 < to) {
                None => return (Some(close), close),
                Some(&next) if next == self.delimiter => return (Some(close), close),
                Some(&next) if next == self.quote => from = close + 2,
                Some(_) => return (None, close),
            }
        }
    }
}

/// How often a whole line may be searched in vain for the end of a quote; then quotes are text.
const ROOM: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, cells: usize, clean: bool) {
        let marks = Marks {
            delimiter: b',',
            quote: b'"',
        };
        assert_eq!(
            marks.read_line(line, 0, line.len(), |_| ()),
            Line { cells, clean },
            "{line}"
        );
    }

    #[test]
    fn reads_a_line_by_itself() {
        check("", 1, true);
        check("a,b,c", 3, true);
        check("a,,", 3, true);
        check("\"a,b\",c", 2, true);
        check("\"a \"\"b\"\"\",c", 2, true);
        check("\"open,b,c", 3, false);
        check("Rina \"Nina\" Wati,b", 2, true);
        check("pipe 5\",b", 2, false);
        check("\"a\"b,c", 2, false);
    }
}
