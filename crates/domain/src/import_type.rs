//! What can be imported: one type per resource.

use crate::word::words;

words! {
    /// The kind of rows that a file holds.
    pub enum ImportType {
        /// Pilgrims.
        Jamaah => "jamaah",
        /// Payments of pilgrims.
        Payment => "payment",
        /// Travel packages.
        Package => "package",
    }
}
