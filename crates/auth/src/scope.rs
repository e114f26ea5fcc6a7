//! Which permissions of a role a credential has: all of them for a person, some of them for an API key.

use crate::{DownloadTemplates, ManageImports, ManageResources, Permission, ViewImports};

/// The permissions that an API key can have. Accounts, the agency and other keys are for people.
const GRANTABLE: [&str; 4] = [
    ManageImports::WORD,
    ViewImports::WORD,
    DownloadTemplates::WORD,
    ManageResources::WORD,
];

/// The permissions of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// The words of all scopes.
    pub const WORDS: &'static [&'static str] = &GRANTABLE;

    /// The scopes of these words; `None` if one of them is not a scope.
    ///
    /// ```
    /// use auth::Scopes;
    ///
    /// assert!(Scopes::parse(["view_imports"]).is_some());
    /// assert!(Scopes::parse(["manage_users"]).is_none());
    /// ```
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<Self> {
        words
            .into_iter()
            .try_fold(Self(0), |scopes, word| Some(Self(scopes.0 | bit(word)?)))
    }

    /// Whether they contain a permission. Every API key may ask for its identity.
    pub(crate) fn contain<P: Permission>(self) -> bool {
        P::WORD == crate::Authenticated::WORD || bit(P::WORD).is_some_and(|bit| self.0 & bit > 0)
    }

    /// The words, in the order of [`Self::WORDS`].
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        GRANTABLE
            .into_iter()
            .filter(move |word| bit(word).is_some_and(|bit| self.0 & bit > 0))
    }
}

fn bit(word: &str) -> Option<u8> {
    let place = GRANTABLE.iter().position(|known| *known == word)?;
    Some(1 << place)
}
