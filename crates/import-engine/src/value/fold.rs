//! Text as it is compared: without case for words, keys and aliases, and by its letters for headers. Changes no value that is stored.

use unicode_normalization::UnicodeNormalization;

use super::text::unguard_header;

/// Lower case, trimmed, runs of white space one space, typographic quotes straight, every dash a hyphen.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends the folded text.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    let begin = out.len();
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && out.len() > begin {
            out.push(' ');
        }
        gap = false;
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '`' | '\u{B4}' => out.push('\''),
            '\u{201C}' | '\u{201D}' | '\u{201E}' => out.push('"'),
            '\u{2010}'..='\u{2014}' => out.push('-'),
            _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            _ => out.extend(c.to_lowercase()),
        }
    }
}

/// Whether a cleaned text is the same when folded: ASCII without capitals and backticks. Told eight bytes at a time.
#[inline]
pub(crate) fn is_folded(text: &str) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = EACH * 0x80;
    let odd = |word: u64| {
        let low = word & !HIGH;
        let from_a = low + EACH * (0x80 - 0x41);
        let behind_z = low + EACH * (0x80 - 0x5B);
        let other_than_tick = (low ^ (EACH * 0x60)) + EACH * 0x7F;
        (word | (from_a & !behind_z) | !other_than_tick) & HIGH
    };
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    let whole = words
        .iter()
        .fold(0, |found, word| found | odd(u64::from_le_bytes(*word)));
    let left = match bytes.last_chunk::<8>() {
        // Some bytes are looked at twice.
        Some(last) => odd(u64::from_le_bytes(*last)),
        None => rest.iter().fold(0, |found, byte| {
            found | u64::from(!byte.is_ascii() || byte.is_ascii_uppercase() || *byte == b'`')
        }),
    };
    (whole | left) == 0
}

// When two headers are the same. Knows no schema.

/// A header as it is compared: compatibility forms unified (NFKC), lower case, text in parentheses and `*` dropped,
/// invisible characters dropped, `. _ / - : \` and white space one space.
///
/// ```
/// use import_engine::recognise::normalise_header;
///
/// assert_eq!(normalise_header("\u{feff}  NIK_Jamaah * "), "nik jamaah");
/// assert_eq!(normalise_header("Tanggal Akhir  Visa (yyyy-mm-dd)"), "tanggal akhir visa");
/// assert_eq!(normalise_header("No. HP/WA"), "no hp wa");
/// ```
#[must_use]
pub fn normalise_header(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    let mut depth = 0_usize;
    let mut gap = false;
    for c in header.nfkc().flat_map(char::to_lowercase) {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '*' => {}
            _ if super::text::is_invisible(c) => {}
            '.' | '_' | '/' | '-' | ':' | '\\' => gap = true,
            _ if c.is_whitespace() || c.is_control() => gap = true,
            _ => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    // "(...)" alone, or never closed: better the whole text than nothing.
    if out.is_empty() && header.contains('(') {
        return normalise_header(&header.replace(['(', ')'], " "));
    }
    out
}

/// A header as it is shown and stored: without control characters, which no database is bound to take, and without what
/// surrounds it, guards against formulas included. Line breaks and tabs within stay.
pub(crate) fn header_text(raw: &str) -> String {
    let kept = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let text: String = raw.chars().filter(kept).collect();
    unguard_header(text.trim().trim_matches('\u{FEFF}')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_folding_leaves_alone() {
        for length in 0..30 {
            let plain: String = "a0z{@[ ~".chars().cycle().take(length).collect();
            assert!(is_folded(&plain), "{plain}");
            for at in 0..length {
                for odd in ["A", "M", "Z", "`", "é"] {
                    let text = format!("{}{odd}{}", &plain[..at], &plain[at + 1..]);
                    assert!(!is_folded(&text), "{text}");
                }
            }
        }
    }
}
