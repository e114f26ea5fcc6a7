//! What happens to a row whose record the tenant has already, by a natural key of its type. Duplicates within one file are not
//! affected: the first of them is accepted, whatever is decided here.

use crate::word::words;

words! {
    /// What an import does with rows whose record exists already.
    pub enum OnDuplicate {
        /// They are errors.
        Reject => "reject",
        /// They are skipped; the record stays unchanged.
        Skip => "skip",
        /// The record takes the values of their cells; an empty cell keeps the value.
        Update => "update",
    }
}

impl OnDuplicate {
    /// The published behaviour from before there was a choice.
    pub const DEFAULT: Self = Self::Reject;
}

impl Default for OnDuplicate {
    fn default() -> Self {
        Self::DEFAULT
    }
}
