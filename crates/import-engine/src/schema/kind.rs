//! What a field's cells are, with the options of each kind. Reads nothing itself.

use std::sync::Arc;

use crate::value::{
    fold::folded,
    options::{DateOptions, NumberOptions},
};

/// The words that a choice field accepts, and what else they are called.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) words: Vec<Arc<str>>,
    /// Words and aliases, folded for comparison, with the index of their word.
    keys: Vec<(Box<str>, u16)>,
    /// The place of the first key with each [hint](hint): the right one for nearly every text.
    hints: Box<[u8; HINTS]>,
}

/// As many as [`hint`] distinguishes.
const HINTS: usize = 64;

/// No key with this hint, or none among the first.
const NO_KEY: u8 = u8::MAX;

impl Choices {
    pub(crate) fn new(words: Vec<Arc<str>>) -> Self {
        let mut choices = Self {
            words: Vec::new(),
            keys: Vec::new(),
            hints: Box::new([NO_KEY; HINTS]),
        };
        for (word, index) in words.iter().zip(0..) {
            choices.add(word, index);
        }
        choices.words = words;
        choices
    }

    /// Another spelling of the word with this index. Of two that are alike the first counts.
    pub(crate) fn add(&mut self, spelling: &str, index: u16) {
        let key = folded(spelling);
        let hinted = &mut self.hints[hint(&key)];
        if *hinted == NO_KEY {
            *hinted = u8::try_from(self.keys.len()).unwrap_or(NO_KEY);
        }
        self.keys.push((key.into(), index));
    }

    /// The index of the word that a text is or means. Without allocation for most texts.
    #[inline]
    pub(crate) fn find(&self, text: &str) -> Option<u16> {
        match self.keys.get(usize::from(self.hints[hint(text)])) {
            Some((key, index)) if is_same(key, text) => Some(*index),
            _ => self.search(text),
        }
    }

    fn search(&self, text: &str) -> Option<u16> {
        let first = |same: &dyn Fn(&str) -> bool| {
            let mut keys = self.keys.iter();
            keys.find(|(key, _)| same(key)).map(|(_, index)| *index)
        };
        let simple = text.is_ascii() && !text.contains("  ") && text.trim().len() == text.len();
        first(&|key| is_same(key, text)).or_else(|| {
            let folded = (!simple).then(|| folded(text))?;
            first(&|key| *key == folded)
        })
    }
}

#[inline]
fn is_same(key: &str, text: &str) -> bool {
    key.len() == text.len() && (key == text || key.eq_ignore_ascii_case(text))
}

/// Distinguishes most words of a schema, whatever the case of their letters: by their length, both ends and the middle.
#[inline]
fn hint(text: &str) -> usize {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(byte & 31));
    let sum = bytes.len()
        + 5 * letter(0)
        + 11 * letter(bytes.len() / 2)
        + 17 * letter(bytes.len().wrapping_sub(1));
    sum % HINTS
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text(TextOptions),
    Integer(NumberOptions),
    Decimal(NumberOptions),
    Money(NumberOptions),
    Date(DateOptions),
    /// A day with its time of day.
    DateTime(DateOptions),
    Email,
    Uuid,
    Bool,
    Choice(Choices),
    /// Text until the lookup makes it an id. What it refers to.
    Reference(Arc<str>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TextOptions {
    pub(crate) multiline: bool,
    /// Least and greatest number of digits; anything else than digits is refused.
    pub(crate) digits: Option<(usize, usize)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_of_many_words_that_a_text_means() {
        let words: Vec<Arc<str>> = (0..600)
            .map(|n| format!("Word {}", n % 500).into())
            .collect();
        let mut choices = Choices::new(words);
        choices.add("Word 7", 9);
        choices.add("Laki\u{2010}laki", 8);
        for n in 0..500 {
            assert_eq!(choices.find(&format!("Word {n}")), Some(n));
            assert_eq!(choices.find(&format!("wORD  {n} ")), Some(n));
        }
        assert_eq!(choices.find("laki-LAKI"), Some(8));
        for text in ["", "Word", "Word 500", "word500"] {
            assert_eq!(choices.find(text), None, "{text}");
        }
    }
}
