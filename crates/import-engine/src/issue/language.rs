//! The languages of texts, and texts with holes: `{name}` for a value, and `{name|row|rows}` for the form that goes with it. Holds no
//! texts itself.

/// A language of messages.
///
/// ```
/// use import_engine::Language;
///
/// const GERMAN: Language = Language::new("de");
/// assert_eq!(GERMAN.tag(), "de");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(&'static str);

impl Language {
    /// English, in which the engine has all its texts.
    pub const ENGLISH: Self = Self("en");

    /// Indonesian, in which the engine has all its texts.
    pub const INDONESIAN: Self = Self("id");

    /// Another language, by its tag (`de`, `pt-BR`). Its texts are the caller's; where there is none, the engine's English one is
    /// said.
    #[must_use]
    pub const fn new(tag: &'static str) -> Self {
        Self(tag)
    }

    /// Its tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.0
    }

    /// Of an Indonesian and an English text.
    pub(crate) fn pick<T>(self, [indonesian, english]: [T; 2]) -> T {
        if self == Self::INDONESIAN {
            indonesian
        } else {
            english
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// Puts values in the place of `{name}`, and of `{name|one|other}` the form that goes with the value; what has no value stays as it
/// stands.
pub(crate) fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if let Some(close) = rest.find('}')
            && let Some(filled) = filling(&rest[1..close], &value)
        {
            out.push_str(filled);
            rest = &rest[close + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn filling<'t, 'v: 't>(hole: &'t str, value: impl Fn(&str) -> Option<&'v str>) -> Option<&'t str> {
    let Some((name, forms)) = hole.split_once('|') else {
        return value(hole);
    };
    let (one, other) = forms.split_once('|')?;
    Some(if value(name)? == "1" { one } else { other })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_only_what_it_knows() {
        let filled = fill("{a} {b} {", |key| (key == "a").then_some("1"));
        assert_eq!(filled, "1 {b} {");
    }

    #[test]
    fn gives_the_form_that_goes_with_a_number() {
        let rows = |n: &'static str| {
            fill("{n} {n|row|rows} {n|a} {m|row|rows}", move |key| {
                (key == "n").then_some(n)
            })
        };
        assert_eq!(rows("1"), "1 row {n|a} {m|row|rows}");
        assert_eq!(rows("0"), "0 rows {n|a} {m|row|rows}");
        assert_eq!(rows("21"), "21 rows {n|a} {m|row|rows}");
    }

    #[test]
    #[should_panic(expected = "1 rows")]
    fn a_text_with_one_form_alone_is_found() {
        testing::assert_agrees("more than {limit} rows");
    }
}

/// What the tests of every table of texts share.
#[cfg(test)]
pub(crate) mod testing {
    use super::fill;

    /// The names of a text's holes.
    pub(crate) fn holes(text: &str) -> std::collections::BTreeSet<&str> {
        let inside = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'));
        inside
            .filter_map(|(hole, _)| hole.split('|').next())
            .collect()
    }

    /// The holes that count something, beside those that give a place, a size or a text.
    const COUNTS: [&str; 9] = [
        "limit",
        "expected",
        "count",
        "rows",
        "rounded",
        "doubtful",
        "cells",
        "headers",
        "imported_rows",
    ];

    /// What is counted.
    const ONE: [&str; 9] = [
        "row",
        "cell",
        "character",
        "digit",
        "record",
        "value",
        "issue",
        "sequence",
        "notice",
    ];

    /// Words of one thing that end as those of several do.
    const OF_ONE: [&str; 7] = ["is", "its", "has", "this", "differs", "changes", "ends"];

    /// Fills an English text with counts of 1 and of 2: no word of several goes with the one, no word of one with the two.
    pub(crate) fn assert_agrees(english: &str) {
        for number in ["1", "2"] {
            let said = fill(english, |name| {
                Some(if COUNTS.contains(&name) { number } else { "x" })
            });
            let signs = |c: char| !c.is_alphanumeric();
            let words: Vec<&str> = said.split(signs).filter(|word| !word.is_empty()).collect();
            for (place, _) in words
                .iter()
                .enumerate()
                .filter(|(_, word)| **word == number)
            {
                let next = words.iter().skip(place + 1).take(2);
                let is_wrong = |word: &str| match number {
                    // "is" and "row differs" are of one, and every other word that ends so of several.
                    "1" => word == "are" || word.ends_with('s') && !OF_ONE.contains(&word),
                    _ => ONE.contains(&word),
                };
                for word in next {
                    assert!(!is_wrong(word), "'{number} … {word}' in: {said}");
                }
            }
        }
    }
}
