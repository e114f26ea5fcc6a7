//! Reading an input file: a text, or a sheet of a workbook as one; recognition of its dialect, and its records one by one.

use std::{
    fs::File,
    io::{BufWriter, ErrorKind, Read, Seek},
    ops::ControlFlow,
    path::Path,
};

use anyhow::{Context, Result, bail};
use import_types::engine::{
    Language, Limits,
    raw::{Record, RecordReader},
    recognise::{Dialect, Sniffer},
    sheet::{self, SheetTable, Workbook, WorkbookError, WorkbookFormat, WorkbookKind},
};

/// Read at once: large enough that system calls do not count.
const CHUNK: usize = 256 << 10;

/// Bytes that distinguish a workbook from a text.
const SIGNATURE: u64 = 8;

/// A text to read: the file itself, or the table of a workbook's sheet.
pub(crate) struct Opened {
    pub(crate) file: File,
    /// Already has what is known of the file.
    pub(crate) sniffer: Sniffer,
    pub(crate) workbook: Option<(WorkbookFormat, SheetTable)>,
}

/// Opens a file for reading; of a workbook the sheet that is named, or else the first with data.
pub(crate) fn open(path: &Path, sheet: Option<&str>) -> Result<Opened> {
    let cannot_open = || format!("cannot open {}", path.display());
    let mut file = File::open(path).with_context(cannot_open)?;
    let mut head = Vec::new();
    // A folder can be opened but not read; the error is reported where it is read.
    if file.by_ref().take(SIGNATURE).read_to_end(&mut head).is_ok() {
        file.rewind().with_context(cannot_open)?;
    }
    if WorkbookKind::of_bytes(&head).is_some() {
        return table(file, sheet).with_context(|| format!("cannot use {}", path.display()));
    }
    if let Some(sheet) = sheet {
        bail!("{} is a text and has no sheet '{sheet}'", path.display());
    }
    Ok(Opened {
        file,
        sniffer: Sniffer::new(),
        workbook: None,
    })
}

/// Writes the table of a sheet into a temporary file.
fn table(file: File, sheet: Option<&str>) -> Result<Opened> {
    let written = || -> Result<Opened, WorkbookError> {
        let mut out = BufWriter::new(tempfile::tempfile().map_err(WorkbookError::Write)?);
        let mut book = Workbook::open(file)?;
        let table = book.to_csv(sheet, &mut out, || ControlFlow::Continue(()))?;
        let mut file = out
            .into_inner()
            .map_err(|error| WorkbookError::Write(error.into_error()))?;
        file.rewind().map_err(WorkbookError::Write)?;
        Ok(Opened {
            file,
            sniffer: sheet::sniffer(),
            workbook: Some((book.format(), table)),
        })
    };
    written().map_err(|error| {
        let remedy = match &error {
            WorkbookError::NoSuchSheet { sheets, .. } => Some(sheets.join(", ")),
            error => error.hint(Language::ENGLISH).map(str::to_owned),
        };
        let error = anyhow::Error::new(error);
        match remedy {
            Some(remedy) => error.context(remedy),
            None => error,
        }
    })
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
