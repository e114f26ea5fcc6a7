//! Bytes into records: decoding, line breaks, quotes, limits, damage; and records into bytes. Knows no columns' meaning and no types.

mod buffer;
pub(crate) mod dialect;
mod mend;
mod parse;
mod reader;
mod resync;
mod scan;
mod writer;

use std::io::{ErrorKind, Read};

use crate::error::FileError;

pub use reader::{Damage, Record, RecordReader};
pub use writer::CsvWriter;

pub(crate) use reader::Span;

#[cfg(feature = "spreadsheet")]
pub(crate) use writer::push_cell;

// How much of anything the engine will take. Says nothing about what happens beyond a limit: the reader and the importer do.

/// Upper bounds that keep memory and time constant whatever the file holds.
///
/// Beyond [`columns`](Self::columns), [`cell_bytes`](Self::cell_bytes) or [`record_bytes`](Self::record_bytes) a data record is
/// damaged and costs its own row; in the header they end the import. Beyond [`rows`](Self::rows) the file is refused.
/// Beyond [`issues`](Self::issues) the rest are counted but no longer handed on.
///
/// ```
/// use import_engine::Limits;
///
/// let limits = Limits { rows: 50_000, ..Limits::default() };
/// assert_eq!(limits.columns, 16_384);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limits {
    /// Cells of one record. Default 16 384, the width of an Excel sheet.
    pub columns: usize,
    /// UTF-8 bytes of one cell as it is in the file. Default 256 KiB; an Excel cell has at most 32 767 characters.
    pub cell_bytes: usize,
    /// UTF-8 bytes of one record, and how far the reader looks for the end of a quoted cell. Default 1 MiB.
    pub record_bytes: usize,
    /// Data records of a file. Default ten million.
    pub rows: u64,
    /// Issues of a file that are handed to the sink, warnings included. Default one million.
    pub issues: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            columns: 16_384,
            cell_bytes: 256 << 10,
            record_bytes: 1 << 20,
            rows: 10_000_000,
            issues: 1_000_000,
        }
    }
}

// Bytes of a file, a piece at a time, where somebody else reads them. Knows no records.

/// Bytes read at a time: large enough that calls do not count, small enough to stay in the cache.
pub(crate) const CHUNK: usize = 64 << 10;

/// Reads the next piece; nothing at the end.
pub(crate) fn fill<R: Read>(reader: &mut R, chunk: &mut [u8]) -> Result<usize, FileError> {
    loop {
        match reader.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map_err(FileError::Read),
        }
    }
}
