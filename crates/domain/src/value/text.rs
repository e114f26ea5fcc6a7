//! Text as people type it, cleaned of invisible characters without changing its meaning.
//!
//! Titles, apostrophes, capitals and single names stay as written (a person's name is what the person says it is).

use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::ValueError;

/// One line of text: NFC, invisible characters removed, every run of blanks as one space, trimmed.
///
/// Does not allocate if there is nothing to change.
#[must_use]
#[inline]
pub fn clean(raw: &str) -> Cow<'_, str> {
    if is_clean(raw) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(cleaned(raw))
}

#[cold]
fn cleaned(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for letter in raw.nfc().filter(|&letter| !is_invisible(letter)) {
        // A NUL stays, so that the check of the text refuses it.
        if letter.is_whitespace() || (letter.is_control() && letter != '\0') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(letter);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A number's text in ASCII: converts full-width characters, as East Asian keyboards write them, and Arabic and Persian
/// digits, which mean the same. Only for numbers: in a name they are letters.
pub(super) fn narrowed(raw: &str) -> Cow<'_, str> {
    const WIDTH: u32 = '\u{FF01}' as u32 - '!' as u32;
    if raw.is_ascii() {
        return Cow::Borrowed(raw);
    }
    let narrow = |letter: char| {
        let code = u32::from(letter);
        let ascii = match letter {
            '\u{FF01}'..='\u{FF5E}' => code - WIDTH,
            '\u{660}'..='\u{669}' => code - 0x660 + u32::from(b'0'),
            '\u{6F0}'..='\u{6F9}' => code - 0x6F0 + u32::from(b'0'),
            '\u{3000}' => u32::from(b' '),
            _ => return letter,
        };
        char::from_u32(ascii).unwrap_or(letter)
    };
    Cow::Owned(raw.chars().map(narrow).collect())
}

/// Text that may have several lines: each cleaned as [`clean`] does, line ends as `\n`, blank lines at both ends removed.
#[must_use]
pub fn clean_lines(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['\n', '\r']) {
        return clean(raw);
    }
    let lines: Vec<_> = raw
        .split('\n')
        .flat_map(|line| line.trim_end_matches('\r').split('\r'))
        .map(clean)
        .collect();
    Cow::Owned(lines.join("\n").trim_matches('\n').to_owned())
}

/// The form in which natural keys are compared: cleaned, typographic quotes and dashes folded, lower case.
#[must_use]
pub fn match_key(raw: &str) -> String {
    let mut key = String::with_capacity(raw.len());
    for letter in clean(raw).chars() {
        match letter {
            '‘' | '’' | '‛' | 'ʼ' | '`' | '´' => key.push('\''),
            '“' | '”' | '„' => key.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' => key.push('-'),
            other => key.extend(other.to_lowercase()),
        }
    }
    key
}

/// Characters that a reader cannot see and a writer did not intend: zero width, direction marks, the byte order mark,
/// soft hyphen. The import engine drops the same ones from every cell.
#[must_use]
pub const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Whether cleaning changes nothing.
fn is_clean(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    if bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
        return false;
    }
    if is_plain(bytes) {
        return true;
    }
    !raw.is_ascii() && is_clean_beyond_ascii(raw)
}

/// Whether this is printable ASCII without two consecutive blanks. Checks eight bytes at a time, because it runs for
/// every text of a file.
fn is_plain(bytes: &[u8]) -> bool {
    const STEP: usize = 8;
    let Some(last) = bytes.last_chunk::<STEP>() else {
        let mut short = [b'x'; STEP];
        short[..bytes.len()].copy_from_slice(bytes);
        return is_plain_word(short);
    };
    let mut plain = is_plain_word(*last);
    let mut rest = bytes;
    // Each word starts with the last byte of the one before, so that each pair of neighbours is in one word.
    while let Some(word) = rest.first_chunk::<STEP>() {
        plain &= is_plain_word(*word);
        rest = &rest[STEP - 1..];
    }
    plain
}

/// The same for eight bytes, all at once.
fn is_plain_word(bytes: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = EACH * 0x80;
    let word = u64::from_le_bytes(bytes);
    let below_blank = word.wrapping_sub(EACH * 0x20) & !word;
    let delete = word ^ (EACH * 0x7F);
    let is_delete = delete.wrapping_sub(EACH) & !delete;
    // The high bit is set for blanks only.
    let blank = word ^ (EACH * 0x20);
    let blanks = !(((blank & !HIGH) + !HIGH) | blank | !HIGH);
    (word | below_blank | is_delete) & HIGH == 0 && blanks & (blanks >> 8) == 0
}

fn is_clean_beyond_ascii(raw: &str) -> bool {
    let mut before = ' ';
    for letter in raw.chars() {
        if letter.is_control()
            || is_invisible(letter)
            || (letter.is_whitespace() && (letter != ' ' || before == ' '))
        {
            return false;
        }
        before = letter;
    }
    before != ' ' && is_nfc_quick(raw.chars()) == IsNormalized::Yes
}

#[inline]
fn checked(text: Cow<'_, str>, max: usize) -> Result<Cow<'_, str>, ValueError> {
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    // There are never fewer bytes than characters, so most texts need no count.
    if text.len() > max && text.chars().count() > max {
        return Err(ValueError::TooLong { max });
    }
    // A text that needed no cleaning has no control character.
    if matches!(text, Cow::Owned(_)) && text.contains('\0') {
        return Err(ValueError::Nul);
    }
    Ok(text)
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $max:literal, $letter:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The greatest number of characters.
            pub const MAX_CHARS: usize = $max;

            /// The normal form of `raw`, without allocating if nothing changes.
            ///
            /// # Errors
            /// If it is empty, too long, contains a NUL, or (for names) has no letter.
            pub fn normalise(raw: &str) -> Result<Cow<'_, str>, ValueError> {
                let text = checked(clean(raw), $max)?;
                if $letter && !text.chars().any(char::is_alphabetic) {
                    return Err(ValueError::NoLetter);
                }
                Ok(text)
            }

            /// Reads `raw`.
            ///
            /// # Errors
            /// As for [`Self::normalise`].
            pub fn parse(raw: &str) -> Result<Self, ValueError> {
                Self::normalise(raw).map(|text| Self(text.into_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form in which it is compared.
            #[must_use]
            pub fn match_key(&self) -> String {
                match_key(&self.0)
            }

            /// The text itself.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// A person's name. The longest in the civil register has 70 letters; titles before and after it need room.
    PersonName, 255, true;
    /// The name of a package.
    PackageName, 255, true;
    /// The number of a receipt or transfer: letters, digits and signs, as the bank prints them.
    ReferenceNumber, 100, false;
}

/// Free text of at most `MAX` characters, possibly of several lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FreeText<const MAX: usize>(String);

/// A postal address.
pub type Address = FreeText<1000>;
/// Remarks.
pub type Notes = FreeText<2000>;
/// What a package contains.
pub type Description = FreeText<5000>;

impl<const MAX: usize> FreeText<MAX> {
    /// The greatest number of characters.
    pub const MAX_CHARS: usize = MAX;

    /// The normal form of `raw`, without allocating if nothing changes.
    ///
    /// # Errors
    /// If it is empty, too long, or contains a NUL.
    pub fn normalise(raw: &str) -> Result<Cow<'_, str>, ValueError> {
        checked(clean_lines(raw), MAX)
    }

    /// Reads `raw`.
    ///
    /// # Errors
    /// As for [`Self::normalise`].
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        Self::normalise(raw).map(|text| Self(text.into_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> fmt::Display for FreeText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> Serialize for FreeText<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_what_cannot_be_seen_and_keeps_what_is_meant() {
        for (raw, expected) in [
            ("Ahmad", "Ahmad"),
            ("", ""),
            ("   ", ""),
            ("  Siti\u{A0}\u{A0} Nu’man ", "Siti Nu’man"),
            ("\u{FEFF}Budi\u{200B} Santoso\u{202C}", "Budi Santoso"),
            ("H. Ahmad Rizki, S.Pd.", "H. Ahmad Rizki, S.Pd."),
            ("'Aisyah Rene\u{301}e", "'Aisyah Renée"),
            ("baris 1\r\nbaris 2", "baris 1 baris 2"),
            ("kolom\tlain", "kolom lain"),
            (
                "MUHAMMAD MA'RUF BIN ABDULLAH",
                "MUHAMMAD MA'RUF BIN ABDULLAH",
            ),
        ] {
            assert_eq!(clean(raw), expected, "{raw:?}");
            assert_eq!(clean(&clean(raw)), expected, "again: {raw:?}");
        }
    }

    #[test]
    fn tells_plain_text_wherever_the_odd_byte_stands() {
        for length in 0..40 {
            let plain: Vec<u8> = (0..length).map(|i| b"ab c~!"[i % 6]).collect();
            assert!(is_plain(&plain), "{plain:?}");
            for at in 0..length {
                for odd in [0, 9, 0x1F, 0x7F, 0x80, 0xA0, 0xFF] {
                    let mut text = plain.clone();
                    text[at] = odd;
                    assert!(!is_plain(&text), "{text:?}");
                }
                let mut text = plain.clone();
                text[at] = b' ';
                let doubled = text.windows(2).any(|pair| pair == b"  ");
                assert_eq!(is_plain(&text), !doubled, "{text:?}");
            }
        }
    }

    #[test]
    fn does_not_allocate_for_clean_text() {
        for raw in [
            "Ahmad Rizki",
            "Siti Nu’man",
            "Renée",
            "محمد بن عبد الله",
            "",
        ] {
            assert!(matches!(clean(raw), Cow::Borrowed(_)), "{raw}");
        }
    }

    #[test]
    fn keeps_the_lines_of_free_text() {
        assert_eq!(
            clean_lines("Sepuluh malam  terakhir\r\ntermasuk itikaf \n\n"),
            "Sepuluh malam terakhir\ntermasuk itikaf"
        );
        assert_eq!(clean_lines("a\rb\n\nc"), "a\nb\n\nc");
    }

    #[test]
    fn compares_names_without_case_and_typography() {
        assert_eq!(
            match_key("  Umroh  RAMADHAN ‘Plus’ – 2027"),
            "umroh ramadhan 'plus' - 2027"
        );
        assert_eq!(
            PackageName::parse("Umroh Ramadhan 2027")
                .unwrap()
                .match_key(),
            match_key("umroh ramadhan 2027")
        );
    }

    #[test]
    fn checks_names_and_free_text() {
        for (raw, expected) in [
            ("N", Ok("N")),
            ("Slamet", Ok("Slamet")),
            (" \u{200B}", Err(ValueError::Empty)),
            ("12345", Err(ValueError::NoLetter)),
            ("Bu\0di", Err(ValueError::Nul)),
        ] {
            assert_eq!(
                PersonName::normalise(raw)
                    .as_deref()
                    .map_err(|error| *error),
                expected,
                "{raw:?}"
            );
        }
        let long = "é".repeat(255);
        assert!(
            PersonName::parse(&long).is_ok(),
            "limits count characters, not bytes"
        );
        assert_eq!(
            PersonName::parse(&format!("{long}é")),
            Err(ValueError::TooLong { max: 255 })
        );
        assert_eq!(
            Notes::parse(&"x".repeat(2001)),
            Err(ValueError::TooLong { max: 2000 })
        );
    }
}
