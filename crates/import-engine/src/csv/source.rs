//! Bytes of a file, a piece at a time, where somebody else reads them. Knows no records.

use std::io::{ErrorKind, Read};

use crate::error::FileError;

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
