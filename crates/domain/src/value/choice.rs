//! Words of closed sets as spreadsheets spell them: without case, with blanks, hyphens and underscores alike.

use super::{ValueError, clean};

/// A closed set of words that has aliases in spreadsheets.
pub trait Choice: Copy + Sized + 'static {
    /// The words of JSON and of the database, in the order of the documentation.
    const WORDS: &'static [&'static str];

    /// Other spellings in lower case, words separated by one space, each with what it stands for.
    const ALIASES: &'static [(&'static str, Self)];

    /// The documented word.
    fn word(self) -> &'static str;

    /// Reads exactly the documented word.
    fn from_word(word: &str) -> Option<Self>;

    /// Reads a documented word or an alias.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::UnknownWord`].
    fn parse(raw: &str) -> Result<Self, ValueError> {
        if let Some(choice) = Self::from_word(raw) {
            return Ok(choice);
        }
        let text = clean(raw);
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        let folded = Folded::new(&text);
        let key = folded.as_str();
        Self::WORDS
            .iter()
            .find(|word| Folded::new(word).as_str() == key)
            .and_then(|word| Self::from_word(word))
            .or_else(|| {
                Self::ALIASES
                    .iter()
                    .find(|(alias, _)| *alias == key)
                    .map(|&(_, choice)| choice)
            })
            .ok_or(ValueError::UnknownWord {
                allowed: Self::WORDS,
            })
    }
}

/// A short word folded for comparison, on the stack: no word of any set is longer than the buffer.
struct Folded {
    bytes: [u8; Folded::MAX],
    len: usize,
}

impl Folded {
    const MAX: usize = 32;

    fn new(text: &str) -> Self {
        let mut folded = Self {
            bytes: [0; Self::MAX],
            len: 0,
        };
        for byte in text.trim_end_matches('.').bytes() {
            let byte = if matches!(byte, b'_' | b'-' | b'.' | b'/' | b' ') {
                b' '
            } else {
                byte.to_ascii_lowercase()
            };
            if byte == b' ' && folded.len > 0 && folded.bytes[folded.len - 1] == b' ' {
                continue;
            }
            if folded.len == Self::MAX || !byte.is_ascii() {
                folded.len = 0;
                break;
            }
            folded.bytes[folded.len] = byte;
            folded.len += 1;
        }
        folded
    }

    /// Empty when the text is too long or not ASCII: it is none of ours.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

macro_rules! choice {
    ($name:ident { $($variant:ident: $($alias:literal),*;)* }) => {
        impl $crate::value::Choice for $name {
            const WORDS: &'static [&'static str] = $name::WORDS;
            const ALIASES: &'static [(&'static str, Self)] = &[$($(($alias, Self::$variant),)*)*];

            fn word(self) -> &'static str {
                self.as_str()
            }

            fn from_word(word: &str) -> Option<Self> {
                $name::from_word(word)
            }
        }

        impl $name {
            /// Reads a documented word or one of the aliases that spreadsheets use.
            ///
            /// # Errors
            /// Empty, or a word of no meaning here.
            pub fn parse(raw: &str) -> Result<Self, $crate::value::ValueError> {
                <Self as $crate::value::Choice>::parse(raw)
            }
        }
    };
}

pub(crate) use choice;
