//! When two headers are the same. Knows no schema.

use unicode_normalization::UnicodeNormalization;

use super::guard::unguard_header;

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
