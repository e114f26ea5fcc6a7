//! Cleans text of characters that were not typed on purpose. Visible letters do not change.
//!
//! Nearly every record is printable ASCII without two spaces in a row, and [`is_plain`] says so of all its cells at once, so that cleaning a
//! cell is a look at its two ends. What it buys: 7 to 17 ms of about 550 ms for a million rows, against a look at each byte.
//! What breaks it: a branch or an early end inside [`are_plain`], or rules of plainness that need more than a byte and its successor.
//! How to measure: `cargo bench -p import-types`.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use wide::u8x16;

/// Characters without width that copying leaves behind: zero-width, bidi marks, byte order marks, soft hyphens.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// The cleaned text: NFC, without invisible and control characters, runs of white space one space, trimmed. With
/// `multiline` line breaks stay, as `\n`. Borrows the text where nothing is to be done, else uses `scratch`.
#[inline]
pub(crate) fn clean<'a>(raw: &'a str, multiline: bool, scratch: &'a mut String) -> &'a str {
    let trimmed = raw.trim_ascii();
    if is_plain(trimmed.as_bytes()) {
        return trimmed;
    }
    if is_latin(trimmed.as_bytes()) {
        return trimmed;
    }
    rewrite(trimmed, multiline, scratch);
    scratch
}

/// Printable ASCII without two spaces in a row, and without the `&` of an entity: most cells. Cheapest asked of a whole record at
/// once.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let (Some((last, front)), Some((_, behind))) = (bytes.split_last(), bytes.split_first()) else {
        return true;
    };
    let (Some(end), Some(behind_end)) = (front.last_chunk(), behind.last_chunk()) else {
        return is_plain_short(bytes);
    };
    // Some bytes are looked at twice.
    let mut plain = are_plain(end, behind_end);
    for (bytes, behind) in front.as_chunks().0.iter().zip(behind.as_chunks().0) {
        plain &= are_plain(bytes, behind);
    }
    plain.all() & is_usual(*last)
}

/// Bytes looked at together.
const LANES: usize = 16;

/// Compares bytes with their successors: all bits of those that are plain.
#[inline]
fn are_plain(bytes: &[u8; LANES], behind: &[u8; LANES]) -> u8x16 {
    const FIRST: u8 = b' ';
    const LAST: u8 = b'~';
    let (bytes, behind) = (u8x16::new(*bytes), u8x16::new(*behind));
    let place = bytes - u8x16::splat(FIRST);
    let printable = place.min(u8x16::splat(LAST - FIRST)).simd_eq(place);
    // No two other printable bytes have together the bits of a blank and no more.
    let blanks = (bytes | behind).simd_eq(u8x16::splat(b' '));
    printable & !(blanks | bytes.simd_eq(u8x16::splat(b'&')))
}

/// The same of at most as many bytes, one more, among bytes that change nothing: a loop over the bytes of a short text takes several
/// times as long.
fn is_plain_short(bytes: &[u8]) -> bool {
    let mut padded = [b'x'; LANES + 1];
    let Some(front) = padded.get_mut(..bytes.len()) else {
        return false;
    };
    front.copy_from_slice(bytes);
    match (padded.first_chunk(), padded.last_chunk()) {
        (Some(bytes), Some(behind)) => are_plain(bytes, behind).all(),
        _ => false,
    }
}

/// Whether a text, UTF-8, is plain but for letters of Western Europe, composed ones: no normal form and no cleaning changes them. All
/// of them, U+00C0 to U+00FF, begin with the same byte.
fn is_latin(bytes: &[u8]) -> bool {
    const FIRST: u8 = 0xC3;
    let is_part = |byte: u8| byte == FIRST || (0x80..0xC0).contains(&byte);
    let next = bytes.iter().skip(1).chain(b"x");
    let odd = bytes.iter().zip(next).fold(0, |odd, (byte, next)| {
        odd | u8::from(!is_usual(*byte) & !is_part(*byte)) | u8::from(byte | next == b' ')
    });
    odd == 0
}

#[inline]
fn is_usual(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && byte != b'&'
}

/// The cleaned text of a cell whose record [is plain](is_plain).
#[inline]
pub(crate) fn clean_plain(raw: &str) -> &str {
    match raw.as_bytes() {
        [b' ', ..] | [.., b' '] => raw.trim_ascii(),
        _ => raw,
    }
}

#[cold]
fn rewrite(text: &str, multiline: bool, out: &mut String) {
    out.clear();
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        collapse(text.chars(), multiline, out);
    } else {
        collapse(text.nfc(), multiline, out);
    }
}

fn collapse(chars: impl Iterator<Item = char>, multiline: bool, out: &mut String) {
    let mut gap = "";
    let mut after_return = false;
    let mut breaks = 0_usize;
    for c in chars {
        let continues_break = std::mem::replace(&mut after_return, c == '\r') && c == '\n';
        if is_invisible(c) || continues_break {
            continue;
        }
        if multiline && (c == '\n' || c == '\r') {
            breaks += 1;
        } else if c.is_whitespace() {
            gap = " ";
        } else if !c.is_control() {
            if !out.is_empty() {
                match breaks {
                    0 => out.push_str(gap),
                    _ => out.extend(std::iter::repeat_n('\n', breaks)),
                }
            }
            (gap, breaks) = ("", 0);
            out.push(c);
        }
    }
}

/// Number of characters; as fast as counting bytes for ASCII.
#[inline]
pub(crate) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Whether UTF-8 was once read as Windows-1252: `Nuâ€™man`, `RenÃ©e`.
pub(crate) fn is_mojibake(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['\u{c3}', '\u{c2}', '\u{e2}']) {
        let mut chars = rest[at..].chars();
        let (lead, next) = (chars.next(), chars.next());
        // A continuation byte as Windows-1252 shows it: never a letter that follows these in a name.
        let garbled = matches!(
            (lead, next),
            (
                Some('\u{c3}' | '\u{c2}'),
                Some('\u{80}'..='\u{bf}' | '\u{20ac}' | '\u{2018}'..='\u{203a}')
            ) | (Some('\u{e2}'), Some('\u{20ac}'))
        );
        if garbled {
            return true;
        }
        rest = &rest[at + lead.map_or(1, char::len_utf8)..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, multiline: bool, expected: &str) {
        assert_eq!(
            clean(raw, multiline, &mut String::new()),
            expected,
            "{raw:?}"
        );
    }

    #[test]
    fn cleans_what_nobody_typed_on_purpose() {
        check("  Ahmad  Rizki ", false, "Ahmad Rizki");
        check("Ahmad\u{a0}\u{202f}Rizki", false, "Ahmad Rizki");
        check("\u{feff}Ahmad\u{200b}", false, "Ahmad");
        check("Rene\u{301}e", false, "Renée");
        check("a\r\nb", false, "a b");
        check("a \r\n\r\n b\rc", true, "a\n\nb\nc");
        check("tab\there", true, "tab here");
        check("Nu’man", false, "Nu’man");
        check("'Aisyah", false, "'Aisyah");
        check("\u{a0}", false, "");
    }

    #[test]
    fn what_is_taken_for_clean_by_its_bytes_is_not_changed_by_a_look_at_its_letters() {
        const LETTERS: [char; 16] = [
            'a', ' ', '-', '&', '\n', '\u{7f}', '\0', 'é', 'À', 'ÿ', '\u{a0}', '\u{ad}', '\u{301}',
            '\u{200b}', 'ń', '’',
        ];
        let mut taken = 0;
        for number in 0..LETTERS.len().pow(4) {
            let letter = |place: u32| LETTERS[number / LETTERS.len().pow(place) % LETTERS.len()];
            let text: String = (0..4).map(letter).collect();
            let (trimmed, mut rewritten) = (text.trim_ascii(), String::new());
            if is_plain(trimmed.as_bytes()) || is_latin(trimmed.as_bytes()) {
                rewrite(trimmed, false, &mut rewritten);
                assert_eq!(trimmed, rewritten);
                taken += 1;
            }
        }
        assert!(taken > 1_000, "{taken}");
    }

    #[test]
    fn knows_plain_text_wherever_it_is_not() {
        let simple = |bytes: &[u8]| {
            bytes
                .iter()
                .all(|byte| (0x20..0x7f).contains(byte) && *byte != b'&')
                && !bytes.windows(2).any(|pair| pair == b"  ")
        };
        for length in 0..70 {
            let plain: Vec<u8> = (0..length).map(|at| b"a z~A!"[at % 6]).collect();
            for at in 0..length {
                for byte in 0..=255 {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(is_plain(&bytes), simple(&bytes), "{bytes:?}");
                }
            }
            assert!(is_plain(&plain));
        }
    }

    #[test]
    fn knows_text_that_was_decoded_wrongly() {
        for text in ["Nuâ€™man", "RenÃ©e", "10Â°"] {
            assert!(is_mojibake(text), "{text}");
        }
        for text in ["Renée", "Ângela", "SÃO", "â la", "Â"] {
            assert!(!is_mojibake(text), "{text}");
        }
    }
}
