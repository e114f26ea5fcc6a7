//! Words of closed sets as spreadsheets spell them: case does not matter, and blanks, hyphens and underscores are
//! equivalent.

use super::{ValueError, clean};

/// A closed set of words that has aliases in spreadsheets.
pub trait Choice: Copy + Sized + 'static {
    /// The words of JSON and of the database, in the order of the documentation.
    const WORDS: &'static [&'static str];

    /// Other spellings in lower case, words separated by one space, each with its member.
    const ALIASES: &'static [(&'static str, Self)];

    /// Words without meaning next to another one: names of banks, `via`.
    const ASIDE: &'static [&'static str] = &[];

    /// The meaning of a text that has only such words.
    const ONLY_ASIDE: Option<Self> = None;

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
        Self::listed(&text)
            .or_else(|| said_twice(&text))
            .or_else(|| beside_others(&text))
            .ok_or(ValueError::UnknownWord {
                allowed: Self::WORDS,
            })
    }

    /// Finds the whole text among the documented words and the aliases.
    #[must_use]
    fn listed(text: &str) -> Option<Self> {
        let folded = Folded::new(text);
        let key = folded.as_str();
        if key.is_empty() {
            return None;
        }
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
    }
}

/// `L (Laki-laki)`: a short form and its meaning. `L/P` has two meanings and is therefore refused.
fn said_twice<C: Choice>(text: &str) -> Option<C> {
    let mut parts = text
        .split(['(', ')', '[', ']', '/', '=', ':', '|'])
        .flat_map(|part| part.split(" - "))
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let first = C::listed(parts.next()?)?;
    let mut others = parts.peekable();
    others.peek()?;
    others
        .all(|part| C::listed(part).is_some_and(|other| other.word() == first.word()))
        .then_some(first)
}

/// `TF BCA`: the word that remains without those that have no meaning.
fn beside_others<C: Choice>(text: &str) -> Option<C> {
    if C::ASIDE.is_empty() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let words = || {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    // The number of an account has no meaning next to a bank's name: `TF BSI 7123456789`.
    let is_aside = |word: &&str| C::ASIDE.contains(word);
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let says_nothing = |word: &&str| is_aside(word) || is_number(word);
    if !words().any(|word| is_aside(&word)) {
        return None;
    }
    let left: Vec<&str> = words().filter(|word| !says_nothing(word)).collect();
    match left.as_slice() {
        [] => C::ONLY_ASIDE,
        left => C::listed(&left.join(" ")),
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

    /// Empty if the text is too long or not ASCII: such a text is not a word of any set.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

macro_rules! choice {
    ($name:ident { $($variant:ident: $($alias:literal),*;)* }) => {
        choice! { $name { $($variant: $($alias),*;)* } aside [] }
    };
    ($name:ident { $($variant:ident: $($alias:literal),*;)* } aside [$($aside:literal),*] $(alone $alone:ident)?) => {
        impl $crate::value::Choice for $name {
            const ASIDE: &'static [&'static str] = &[$($aside),*];
            $(const ONLY_ASIDE: Option<Self> = Some(Self::$alone);)?
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
            /// If it is empty, or an unknown word.
            pub fn parse(raw: &str) -> Result<Self, $crate::value::ValueError> {
                <Self as $crate::value::Choice>::parse(raw)
            }
        }
    };
}

pub(crate) use choice;
