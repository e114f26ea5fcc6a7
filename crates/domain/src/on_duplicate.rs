//! What happens to a row whose record the tenant has already, by a natural key of its type. The rows of one file among each other
//! are another matter: of those that say the same the first one is taken, whatever is decided here.

use crate::word::words;

words! {
    /// What an import does with rows whose record is there already.
    pub enum OnDuplicate {
        /// They are errors.
        Reject => "reject",
        /// They are passed over; the record stays as it is.
        Skip => "skip",
        /// The record takes what their cells say; what an empty cell would say it keeps.
        Update => "update",
    }
}

impl OnDuplicate {
    /// As published, before there was a choice.
    pub const DEFAULT: Self = Self::Reject;
}

impl Default for OnDuplicate {
    fn default() -> Self {
        Self::DEFAULT
    }
}
