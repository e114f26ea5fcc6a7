//! Records that are damaged, or that a program wrote in its own way. This module judges where a damaged record ends, so
//! that one stray quote does not swallow a file. It also undoes what programs do to whole records: a line that a
//! spreadsheet wrapped in quotes, cells in typographic quotes, a line break inside an unquoted cell. A record with the
//! right number of cells and ordinary quotes is not examined.

use super::{
    Damage, Span,
    parse::{End, Extent, Manner, Marks, Parsed, Parser},
};
use crate::value::text::ends_cut;

/// What is known of the records of a file: by it, those that are damaged or written in a peculiar way are recognised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Cells of an ordinary record.
    pub(super) width: Option<usize>,
    /// The same; until it is set, the cells of the header. 0 if neither is known.
    pub(super) expected: usize,
    /// The delimiter inside lines that a spreadsheet took for cells.
    pub(super) inner: Option<u8>,
}

/// Where a damaged record ends.
pub(super) enum Judged {
    /// After this one, whose cells the parser has.
    Record(Extent),
    /// Not within the limit of a record.
    TooLarge,
    /// More text is needed.
    Unknown,
}

impl Shape {
    /// Handles text after the closing quote at `at`.
    pub(super) fn resynchronise(self, parser: &mut Parser, at: usize) -> Judged {
        let same_line = match parser.line_end(parser.start, usize::MAX) {
            End::At(end) => at < end,
            End::TooFar => return lone_line(parser, Damage::TextAfterQuote, at),
            End::Unknown => return Judged::Unknown,
        };
        let mut looked = at;
        if !same_line {
            if self.width.is_none() {
                return lone_line(parser, Damage::OpenQuote, looked);
            }
            match parser.line_end(at, parser.record_limit()) {
                End::At(end) => {
                    looked = end;
                    if self.is_rather_lines(parser, end) {
                        return lone_line(parser, Damage::OpenQuote, looked);
                    }
                }
                End::TooFar => {
                    looked = parser.record_limit();
                    return lone_line(parser, Damage::OpenQuote, looked);
                }
                End::Unknown => return Judged::Unknown,
            }
        }
        match parser.parse(Manner::Lenient) {
            Parsed::Whole(extent)
                if parser.is_within_limit(extent.end)
                    && (extent.inner_lines == 0 || self.width == Some(parser.cells.len())) =>
            {
                return Judged::Record(extent);
            }
            Parsed::Incomplete => return Judged::Unknown,
            Parsed::Whole(Extent { next: end, .. }) | Parsed::Open(end) => looked = looked.max(end),
            Parsed::TextAfter(_) | Parsed::TooLarge(_) => looked = parser.record_limit(),
        }
        let damage = if same_line {
            Damage::TextAfterQuote
        } else {
            Damage::OpenQuote
        };
        lone_line(parser, damage, looked)
    }

    /// Whether the current record has the wrong number of cells, and its lines make more sense by themselves.
    pub(super) fn is_wrong_and_rather_lines(self, parser: &mut Parser, end: usize) -> bool {
        self.width != Some(parser.cells.len())
            && parser.is_within_limit(end)
            && self.is_rather_lines(parser, end)
    }

    /// Whether the lines up to `end` make more sense without the quote that joins them.
    fn is_rather_lines(self, parser: &mut Parser, end: usize) -> bool {
        let Some(width) = self.width else {
            return false;
        };
        parser.note_judged(end - parser.start);
        let text = &parser.buffer.text;
        let bytes = text.as_bytes();
        let mut from = parser.start;
        let mut following = 0;
        while from < end {
            let to =
                memchr::memchr2(b'\n', b'\r', &bytes[from..end]).map_or(end, |found| from + found);
            let line = parser.marks.read_line(text, from, to, |_| ());
            if from == parser.start {
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

    /// Repairs the current record, and returns how many rows below it are its rest; if it `is_rest` itself, none are
    /// searched. `None` if more text is needed for that.
    #[inline(never)]
    pub(super) fn mend(
        self,
        parser: &mut Parser,
        extent: &mut Extent,
        is_rest: bool,
    ) -> Option<u64> {
        let expected = self.expected;
        if let Some(inner) = self.inner {
            put_together(parser, inner);
            return Some(0);
        }
        if parser.cells.len() == 1 && expected > 1 {
            unwrap_line(parser, expected);
        }
        if parser.marks.delimiter == b';' && parser.cells.len() > expected && expected > 0 {
            join_entities(parser, expected);
        }
        if parser.buffer.is_typographic && parser.quoting {
            take_typographic_quotes(parser, expected);
        }
        let is_short = self.width.is_some_and(|width| parser.cells.len() < width);
        if is_short && !is_rest && holds_something(parser, extent) {
            return self.look_for_rest(parser, extent);
        }
        Some(0)
    }

    /// How many rows below a short record are one record with it, with line breaks in its cells. If each line ends with a
    /// backslash, they are joined to that record: databases write a line break in a cell like this.
    fn look_for_rest(self, parser: &mut Parser, extent: &mut Extent) -> Option<u64> {
        let width = self.width.unwrap_or(0);
        let mut cells = parser.cells.len();
        let mut from = extent.next;
        let mut lines = vec![(parser.start, extent.end)];
        for below in 1..=REST {
            if parser.buffer.finished && from >= parser.buffer.text.len() {
                break;
            }
            let end = match parser.line_end(from, parser.record_limit()) {
                End::At(end) => end,
                End::TooFar => break,
                End::Unknown => return None,
            };
            if end == from {
                break;
            }
            let found = parser
                .marks
                .read_line(&parser.buffer.text, from, end, |_| ())
                .cells;
            // A complete record below is not its rest, whatever the sum.
            if found >= width {
                break;
            }
            // The last cell of one line and the first of the next are one cell.
            cells += found - 1;
            if cells >= width {
                lines.push((from, end));
                if cells == width && are_escaped(parser, &lines) {
                    let next = parser.behind_line(end)?;
                    join(parser, &lines);
                    extent.inner_lines = below;
                    (extent.end, extent.next) = (end, next);
                    extent.cursor = parser.buffer.cursor_at(next);
                } else if cells == width {
                    return Some(below);
                }
                break;
            }
            lines.push((from, end));
            from = parser.behind_line(end)?;
        }
        Some(0)
    }
}

/// Makes the physical line at `start` a damaged record, after looking ahead up to `looked`.
pub(super) fn lone_line(parser: &mut Parser, damage: Damage, looked: usize) -> Judged {
    let end = match parser.line_end(parser.start, usize::MAX) {
        End::At(end) => end,
        End::TooFar => return Judged::TooLarge,
        End::Unknown => return Judged::Unknown,
    };
    let Some(next) = parser.behind_line(end) else {
        return Judged::Unknown;
    };
    // No more than the limit is ever examined, but the available text may be longer.
    let looked = looked.min(parser.record_limit());
    parser.allowance.spend(looked.saturating_sub(next));
    parser.note_judged(end - parser.start);
    parser.cells.clear();
    parser.unescaped.clear();
    let (cells, start) = (&mut parser.cells, parser.start);
    let most = parser.limits.columns;
    parser
        .marks
        .read_line(&parser.buffer.text[start..end], 0, end - start, |span| {
            if cells.len() < most {
                cells.push(span);
            }
        });
    let cursor = parser.buffer.cursor_at(next);
    Judged::Record(Extent {
        end,
        next,
        cursor,
        inner_lines: 0,
        limit: end,
        damage: Some(damage),
    })
}

/// Records below a short one in which its rest is searched: an address pasted from a letter has three or four lines.
const REST: u64 = 4;

/// Quotes that open a cell in text from a word processor or a telephone, each with those that close it: German quotes
/// close with what opens English ones.
const PAIRS: [(char, &[char]); 5] = [
    ('\u{201c}', &['\u{201d}']),
    ('\u{201e}', &['\u{201c}', '\u{201d}']),
    ('\u{2018}', &['\u{2019}']),
    ('\u{201a}', &['\u{2018}', '\u{2019}']),
    ('\u{ab}', &['\u{bb}']),
];

fn holds_something(parser: &Parser, extent: &Extent) -> bool {
    let text = &parser.buffer.text.as_bytes()[parser.start..extent.end];
    text.iter()
        .any(|byte| !matches!(*byte, b' ' | b'\t') && *byte != parser.marks.delimiter)
}

/// Joins the cells into which a spreadsheet cut a line, and reads the line. A line that cannot be read stays as it
/// was, with too few cells.
fn put_together(parser: &mut Parser, inner: u8) {
    let text = parser.buffer.text.get(parser.start..).unwrap_or_default();
    let mut cells: Vec<&str> = parser
        .cells
        .iter()
        .map(|cell| {
            let text = if cell.is_unescaped() {
                parser.unescaped.as_str()
            } else {
                text
            };
            text.get(cell.start()..cell.end()).unwrap_or_default()
        })
        .collect();
    while cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let line = cells.join(&char::from(parser.marks.delimiter).to_string());
    let marks = Marks {
        delimiter: inner,
        ..parser.marks
    };
    if let Some((unescaped, cells)) = unwrapped(marks, &line) {
        parser.unescaped = unescaped;
        parser.cells = cells;
    }
}

/// A record of one quoted cell whose text is a whole record: Excel opens a file whose delimiter is not its own as one
/// column, and saves lines with a quote in quotes.
fn unwrap_line(parser: &mut Parser, expected: usize) {
    let is_quoted = parser.buffer.text.as_bytes().get(parser.start) == Some(&parser.marks.quote);
    let Some(cell) = parser.cells.first().filter(|_| parser.quoting && is_quoted) else {
        return;
    };
    let text = if cell.is_unescaped() {
        parser.unescaped.get(cell.start()..cell.end())
    } else {
        let text = parser.buffer.text.get(parser.start..);
        text.and_then(|text| text.get(cell.start()..cell.end()))
    };
    let Some((unescaped, cells)) = text.and_then(|text| unwrapped(parser.marks, text)) else {
        return;
    };
    if cells.len() == expected {
        parser.unescaped = unescaped;
        parser.cells = cells;
    }
}

/// Joins cells that were cut at the `;` of an entity, as in `Nu&#39;man`, if the record then has the right number of
/// cells.
fn join_entities(parser: &mut Parser, expected: usize) {
    let text = parser.buffer.text.get(parser.start..).unwrap_or_default();
    let is_cut = |before: Span, cell: Span| {
        let are_plain = !before.is_unescaped() && !cell.is_unescaped();
        // Between quoted cells there is more than the delimiter.
        are_plain
            && before.end() + 1 == cell.start()
            && text.get(before.start()..before.end()).is_some_and(ends_cut)
    };
    let mut joined: Vec<Span> = Vec::with_capacity(expected);
    for &cell in &parser.cells {
        match joined.last_mut() {
            Some(before) if is_cut(*before, cell) => {
                *before = Span::plain(before.start(), cell.end());
            }
            _ => joined.push(cell),
        }
    }
    if joined.len() == expected {
        parser.cells = joined;
    }
}

/// Joins a cell that typographic quotes hold together across delimiters, if the record then has the right number of
/// cells. In such a record, and in one whose filled cells are all enclosed by them, they are quotes and are removed;
/// elsewhere they are text, as in a note that says “wheelchair”.
fn take_typographic_quotes(parser: &mut Parser, expected: usize) {
    let text = parser.buffer.text.get(parser.start..).unwrap_or_default();
    let mut joined = Vec::with_capacity(parser.cells.len());
    let mut filled_without = 0;
    let mut rest = parser.cells.as_slice();
    while let [first, behind @ ..] = rest {
        rest = behind;
        let Some((open, closing)) = opened(text, *first) else {
            filled_without += usize::from(!first.is_empty());
            joined.push(*first);
            continue;
        };
        let too_many = expected > 0 && parser.cells.len() > expected;
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
    let are_quotes = if joined.len() < parser.cells.len() {
        joined.len() == expected
    } else {
        filled_without == 0
    };
    if are_quotes {
        parser.cells = joined;
    }
}

/// Whether every line but the last ends with a backslash.
fn are_escaped(parser: &Parser, lines: &[(usize, usize)]) -> bool {
    let text = parser.buffer.text.as_bytes();
    let ends = |&(from, to): &(usize, usize)| text[from..to].last() == Some(&BACKSLASH);
    lines
        .split_last()
        .is_some_and(|(_, others)| others.iter().all(ends))
}

/// Joins lines whose last cells continue in the next line into one record.
fn join(parser: &mut Parser, lines: &[(usize, usize)]) {
    parser.cells.clear();
    parser.unescaped.clear();
    let text = &parser.buffer.text;
    for (number, &(from, to)) in lines.iter().enumerate() {
        let goes_on = number + 1 < lines.len();
        let to = if goes_on { to - 1 } else { to };
        let mut spans = Vec::new();
        parser
            .marks
            .read_line(text, from, to, |span| spans.push(span));
        for (place, span) in spans.iter().enumerate() {
            let cell = &text[span.start()..span.end()];
            let begins_above = number > 0 && place == 0;
            let ends_below = goes_on && place + 1 == spans.len();
            if !begins_above && !ends_below {
                parser.cells.push(Span::plain(
                    span.start() - parser.start,
                    span.end() - parser.start,
                ));
                continue;
            }
            let start = if begins_above {
                parser.unescaped.push('\n');
                parser.cells.pop().map_or(0, Span::start)
            } else {
                parser.unescaped.len()
            };
            parser.unescaped.push_str(cell);
            parser
                .cells
                .push(Span::unescaped(start, parser.unescaped.len()));
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
