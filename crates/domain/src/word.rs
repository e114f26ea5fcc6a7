//! Closed sets of words: an enum, its spelling in JSON and the database, and the list of what is allowed.

use thiserror::Error;

/// A word that is not in the closed set that it was read for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{word}' is none of {}", allowed.join(", "))]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been accepted.
    pub allowed: &'static [&'static str],
}

macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every member, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Every word, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// Its word in JSON and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The member with exactly this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            /// Reads exactly the documented word; aliases of spreadsheets are `parse`'s business where there is one.
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| $crate::UnknownWord {
                    word: word.to_owned(),
                    allowed: Self::WORDS,
                })
            }
        }
    };
}

pub(crate) use words;
