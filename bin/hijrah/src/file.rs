//! Reading an input file: recognition of its dialect, whole or by its head, and its records one by one.

use std::{
    fs::File,
    io::{ErrorKind, Read, Seek},
    path::Path,
};

use anyhow::{Context, Result};
use import_types::engine::{Dialect, Limits, Record, RecordReader, Sniffer};

/// Read at once: large enough that system calls do not count.
const CHUNK: usize = 256 << 10;

/// Opens a file for reading.
pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

/// Recognises the whole file, so that a late byte of another encoding is seen too, and goes back to its beginning.
pub(crate) fn sniff(path: &Path, file: &mut File, mut sniffer: Sniffer) -> Result<Dialect> {
    chunks(path, file, |chunk| {
        sniffer.feed(chunk);
        Ok(())
    })?;
    file.rewind()
        .with_context(|| format!("cannot read {}", path.display()))?;
    sniffer
        .finish()
        .with_context(|| format!("cannot use {}", path.display()))
}

/// Hands every record of the file to `take`, those above the header included.
pub(crate) fn records(
    path: &Path,
    file: &mut File,
    dialect: &Dialect,
    mut take: impl FnMut(Record<'_>) -> Result<()>,
) -> Result<()> {
    let mut reader = RecordReader::new(dialect, Limits::default());
    reader.expect_columns(dialect.columns);
    let mut drain = |reader: &mut RecordReader| {
        while let Some(record) = reader.next_record() {
            take(record)?;
        }
        Ok(())
    };
    chunks(path, file, |chunk| {
        reader.feed(chunk);
        drain(&mut reader)
    })?;
    reader.finish();
    drain(&mut reader)
}

/// Hands the file's bytes to `take`, piece by piece.
fn chunks(path: &Path, file: &mut File, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(length) => take(&chunk[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
    }
}
