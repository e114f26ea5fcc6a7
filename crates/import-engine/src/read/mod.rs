//! Bytes into records: decoding, line breaks, quotes, limits, damage. Knows no columns' meaning and no types.

mod record;

pub use record::{Damage, Record};

use crate::{Dialect, limits::Limits};

/// Splits a file into records, without doing any input or output itself.
#[derive(Debug)]
pub struct RecordReader {}

impl RecordReader {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(dialect: &Dialect, limits: Limits) -> Self {
        let _ = (dialect, limits);
        unimplemented!()
    }

    /// How many cells an ordinary record has. It does not judge records by it; it tells where an unclosed quote ends.
    pub fn expect_columns(&mut self, columns: usize) {
        let _ = columns;
        unimplemented!()
    }

    /// Takes the next bytes of the file, in chunks of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        let _ = bytes;
        unimplemented!()
    }

    /// Says that no bytes follow.
    pub fn finish(&mut self) {
        unimplemented!()
    }

    /// The next record; `None` when more bytes are needed, or at the end.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        unimplemented!()
    }
}
