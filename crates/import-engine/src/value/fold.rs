//! Text as it is compared without case: for words, keys and aliases. Changes no value that is stored.

/// Lower case, trimmed, runs of white space one space, typographic quotes straight.
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
            '\u{2018}' | '\u{2019}' | '\u{02BC}' => out.push('\''),
            '\u{201C}' | '\u{201D}' => out.push('"'),
            _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            _ => out.extend(c.to_lowercase()),
        }
    }
}

/// Whether a text folds to a key that is folded already. Without allocation for ASCII.
pub(crate) fn folds_to(text: &str, key: &str) -> bool {
    if text.is_ascii() && key.is_ascii() && text.eq_ignore_ascii_case(key) {
        return true;
    }
    let simple = text.is_ascii() && !text.contains("  ") && text.trim().len() == text.len();
    !simple && folded(text) == key
}
