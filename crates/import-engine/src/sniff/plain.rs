//! A sample as its first writer meant it: lines that a spreadsheet wrapped in quotes as a whole, and cells in typographic
//! quotes, are put back, so that recognition sees the table. The reader undoes the same, record by record.

use std::collections::HashSet;

use super::{header::normalise, tried::COMMON};

/// Lines that are looked at.
const LINES: usize = 200;
const OPENING: [char; 5] = ['\u{201c}', '\u{201e}', '\u{2018}', '\u{201a}', '\u{ab}'];
const CLOSING: [char; 4] = ['\u{201d}', '\u{201c}', '\u{2019}', '\u{bb}'];

/// The sample without what was put around its lines or cells; as it is where nothing was.
pub(super) fn plain(text: String, names: &HashSet<String>) -> String {
    if let Some(unwrapped) = unwrapped(&text, names) {
        return unwrapped;
    }
    if is_typographic(&text) {
        return straightened(&text);
    }
    text
}

/// A sample whose lines a spreadsheet cut or wrapped by a delimiter of its own, put together again, and that delimiter: the
/// header is one cell, followed by others that are empty, and the records inside have one width.
pub(super) fn resaved(text: &str, delimiter: Option<u8>) -> Option<(u8, String)> {
    RESAVED.iter().find_map(|&(outer, inner)| {
        let wanted = delimiter.is_none_or(|delimiter| delimiter == inner);
        let first = text.lines().find(|line| !line.trim().is_empty())?;
        let is_padded = first.trim_end().ends_with(char::from(outer));
        if !wanted || !is_padded || !text.contains(char::from(inner)) {
            return None;
        }
        let header = together(first, outer)?;
        let width = header.matches(char::from(inner)).count() + 1;
        if width < 2 || header.contains(char::from(outer)) {
            return None;
        }
        let mut plain = String::with_capacity(text.len());
        let (mut all, mut even) = (0, 0);
        for line in text.split_inclusive(['\n', '\r']) {
            let end = line.trim_end_matches(['\n', '\r']).len();
            let whole = together(&line[..end], outer).unwrap_or_else(|| line[..end].to_owned());
            if !whole.trim().is_empty() {
                all += 1;
                even += usize::from(width_of(&whole, inner) == width);
            }
            plain.push_str(&whole);
            plain.push_str(&line[end..]);
        }
        (even * 5 >= all * 4).then_some((outer, plain))
    })
}

/// The delimiter of the spreadsheet, and that of the file it opened.
const RESAVED: [(u8, u8); 3] = [(b';', b','), (b',', b';'), (b';', b'\t')];

/// The line that a spreadsheet cut into cells and wrapped: its cells joined again, without empty ones at the end.
fn together(line: &str, outer: u8) -> Option<String> {
    let outer = char::from(outer);
    let mut cells: Vec<String> = Vec::new();
    let mut rest = line;
    loop {
        let mut cell = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (inner, behind) = quoted.split_once('"')?;
                cell.push_str(inner);
                let Some(more) = behind.strip_prefix('"') else {
                    rest = behind;
                    break;
                };
                cell.push('"');
                quoted = more;
            }
        } else {
            let end = rest.find(outer).unwrap_or(rest.len());
            cell.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        cells.push(cell);
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(outer)?;
    }
    while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    Some(cells.join(&outer.to_string()))
}

/// Cells of a record without line breaks.
fn width_of(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    let mut cells = 1;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        cells += usize::from(byte == delimiter && !quoted);
    }
    cells
}

/// Every line is one quoted cell, and inside them are records: a quote beside a delimiter, or names that are known.
fn unwrapped(text: &str, names: &HashSet<String>) -> Option<String> {
    if !text.starts_with('"') {
        return None;
    }
    let lines = || {
        text.split_inclusive(['\n', '\r'])
            .filter(|line| !line.trim().is_empty())
    };
    // The last line may be cut.
    let count = lines().take(LINES).count();
    let looked = || lines().take(LINES).take(count.saturating_sub(1).max(1));
    let mut proof = false;
    for line in looked() {
        let inner = inside(line)?;
        proof |= COMMON.iter().any(|delimiter| {
            let delimiter = char::from(*delimiter);
            inner.contains(&format!("{delimiter}\"\""))
                || inner.contains(&format!("\"\"{delimiter}"))
        });
    }
    let first = inside(lines().next()?)?;
    let delimiter = COMMON
        .into_iter()
        .map(char::from)
        .max_by_key(|delimiter| first.matches(*delimiter).count())
        .filter(|delimiter| first.contains(*delimiter))?;
    let known = first
        .split(delimiter)
        .filter(|cell| names.contains(&normalise(cell.as_bytes())))
        .count();
    if !proof && known < 2 {
        return None;
    }
    let plain = text.split_inclusive(['\n', '\r']).map(|line| {
        let end = line.trim_end_matches(['\n', '\r']).len();
        let inner = line[..end].strip_prefix('"').unwrap_or(&line[..end]);
        inner
            .strip_suffix('"')
            .unwrap_or(inner)
            .replace("\"\"", "\"")
            + &line[end..]
    });
    Some(plain.collect())
}

/// What stands in a line that is one quoted cell.
fn inside(line: &str) -> Option<&str> {
    let inner = line.trim_end().strip_prefix('"')?.strip_suffix('"')?;
    let mut quotes = inner.split("\"\"");
    quotes.all(|piece| !piece.contains('"')).then_some(inner)
}

/// Typographic quotes at the ends of cells as straight ones. Those inside words are apostrophes.
fn straightened(text: &str) -> String {
    let is_edge = |c: Option<char>| {
        c.is_none_or(|c| {
            matches!(c, ' ' | '\n' | '\r') || COMMON.contains(&u8::try_from(c).unwrap_or_default())
        })
    };
    let mut straight = String::with_capacity(text.len());
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let opens = OPENING.contains(&c) && is_edge(before);
        let closes = CLOSING.contains(&c) && is_edge(letters.peek().copied());
        straight.push(if opens || closes { '"' } else { c });
        before = Some(c);
    }
    straight
}

/// Half of the lines have a cell that opens with a typographic quote.
fn is_typographic(text: &str) -> bool {
    if !text.contains(OPENING) {
        return false;
    }
    let (mut all, mut quoted) = (0, 0);
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
    {
        all += 1;
        let is_quoted = line
            .split(|c: char| COMMON.contains(&u8::try_from(c).unwrap_or_default()))
            .any(|cell| cell.trim_start_matches(' ').starts_with(OPENING));
        quoted += usize::from(is_quoted);
    }
    quoted * 2 >= all
}
