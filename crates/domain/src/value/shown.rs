//! Text of a user as others may see it: shortened for messages and events, masked if it is personal.

use std::borrow::Cow;

/// At most `longest` characters of a text, and a mark if something is omitted.
#[must_use]
pub fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    // Most texts are short, so their characters need not be counted.
    if text.len() <= longest {
        return text.into();
    }
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The ends of a text with the middle hidden. Of a NIK, the region and the serial stay (`317501******9001`); of anything
/// shorter, less than half.
#[must_use]
pub fn masked(text: &str) -> String {
    let length = text.chars().count();
    let (front, back) = match length {
        16.. => (6, 4),
        _ => (length / 4, length / 5),
    };
    let cover = |(index, letter)| match index {
        index if index < front || index >= length - back => letter,
        _ => '*',
    };
    text.chars().enumerate().map(cover).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters_and_says_so() {
        assert_eq!(shortened(&"é".repeat(5), 5), "é".repeat(5));
        assert_eq!(shortened(&"é".repeat(6), 5), "ééééé…");
    }

    #[test]
    fn leaves_the_ends() {
        for (text, covered) in [
            ("3175010505909001", "317501******9001"),
            ("081234567890", "081*******90"),
            ("08123", "0***3"),
            ("x", "*"),
            ("", ""),
        ] {
            assert_eq!(masked(text), covered);
        }
    }
}
