//! A sample as its first writer meant it: lines that a spreadsheet wrapped in quotes as a whole, and cells in typographic
//! quotes, are put back, so that recognition sees the table. The reader undoes the same, record by record.

use std::collections::HashSet;

use super::{header::normalise, tried::COMMON};

/// Lines that are looked at.
const LINES: usize = 200;
const OPENING: [char; 2] = ['\u{201c}', '\u{201e}'];

/// The sample without what was put around its lines or cells; as it is where nothing was.
pub(super) fn plain(text: String, names: &HashSet<String>) -> String {
    if let Some(unwrapped) = unwrapped(&text, names) {
        return unwrapped;
    }
    if is_typographic(&text) {
        return text.replace(['\u{201c}', '\u{201d}', '\u{201e}'], "\"");
    }
    text
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
