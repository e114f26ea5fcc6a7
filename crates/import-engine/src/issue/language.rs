//! The languages of texts, and texts with holes. Holds no texts itself.

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

/// Puts values in the place of `{name}`; what has no value stays as it stands.
pub(crate) fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let close = rest.find('}');
        let filled = close.and_then(|close| value(&rest[1..close]).map(|value| (close, value)));
        if let Some((close, value)) = filled {
            out.push_str(value);
            rest = &rest[close + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_only_what_it_knows() {
        let filled = fill("{a} {b} {", |key| (key == "a").then_some("1"));
        assert_eq!(filled, "1 {b} {");
    }
}
