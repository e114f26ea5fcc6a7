//! A change of an optional field: absent, null and a value are three different things.

use serde::{Deserialize, Deserializer};

/// The change of a field in a request.
///
/// In JSON an absent key is [`Change::Keep`] (with `#[serde(default)]`), `null` is [`Change::Clear`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Keep the value.
    #[default]
    Keep,
    /// Clear the field.
    Clear,
    /// Set this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field keeps its value.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// `None` to keep, `Some(None)` to empty, as a statement's SET list expects it.
    #[must_use]
    pub fn into_column(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    /// Applies the change.
    pub fn apply(self, field: &mut Option<T>) {
        if let Some(value) = self.into_column() {
            *field = value;
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applies_each_change() {
        let mut field = Some(1);
        Change::Keep.apply(&mut field);
        assert_eq!(field, Some(1));
        Change::Set(2).apply(&mut field);
        assert_eq!(field, Some(2));
        Change::Clear.apply(&mut field);
        assert_eq!(field, None);
    }
}
