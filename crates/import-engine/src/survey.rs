//! What only the whole file can tell: how many records it has, which encoding it really is in, how its columns write dates
//! and numbers. Checks no rows.

use crate::{Encoding, notice::Notice};

/// What the first pass over a file found out. The second pass decides by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    pub(crate) encoding: Encoding,
    pub(crate) records: u64,
    pub(crate) blank_rows: u64,
    pub(crate) damaged: u64,
    pub(crate) bytes: u64,
    pub(crate) notices: Vec<Notice>,
}

impl Survey {
    /// Data records of the file: neither the header, nor blank, nor a footer, nor a repeated header.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Rows in which every cell is empty.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// Records with damage.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The encoding the file is read in.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What a person should know.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
