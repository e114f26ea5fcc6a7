//! Text as it is compared without case: for words, keys and aliases. Changes no value that is stored.

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

/// What belongs to the first key that a text folds to; the keys are folded already. Without allocation for most texts.
pub(crate) fn find_folded(text: &str, keys: &[(Box<str>, u16)]) -> Option<u16> {
    for (key, index) in keys {
        if key.len() == text.len() && key.eq_ignore_ascii_case(text) {
            return Some(*index);
        }
    }
    let simple = text.is_ascii() && !text.contains("  ") && text.trim().len() == text.len();
    if simple {
        return None;
    }
    let folded = folded(text);
    keys.iter()
        .find(|(key, _)| **key == *folded)
        .map(|(_, index)| *index)
}
