//! How a stored file is read: the dialect and mapping that its user saw at the upload, never recognised a second time.

use std::{
    io::{self, Read},
    ops::ControlFlow,
};

use domain::ImportJob;
use import_types::engine::{
    self, ColumnUse, Dialect, Encoding, FileError, Limits, Mapping, Once, Progress, Sniffer,
};
use sha2::{Digest, Sha256};
use time::Date;

use super::outcome::RunError;
use crate::storage::ObjectReader;

/// The part of the file that shows what the metadata does not hold, such as a `sep=` line.
const HEAD: u64 = 64 * 1024;

/// Everything that both phases of a run need to know of the file.
#[derive(Debug)]
pub(super) struct ReadPlan {
    /// The engine's own; the survey is in it.
    pub(super) engine: engine::Plan,
    /// Data records of the file.
    pub(super) records: u64,
    /// Header and field of every column.
    pub(super) columns: Vec<(String, Option<String>)>,
}

impl ReadPlan {
    /// Makes the plan: reads the head for the dialect and the whole file for the survey and the digest. Blocking.
    pub(super) fn make(
        job: &ImportJob,
        head: ObjectReader,
        file: ObjectReader,
        today: Date,
        observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Self, RunError> {
        let dialect = dialect(job, head)?;
        let mapping = mapping(job, &dialect)?;
        let columns = mapping
            .columns()
            .iter()
            .map(|column| {
                let field = match &column.used {
                    ColumnUse::Field { field, .. } | ColumnUse::Tick { field, .. } => {
                        Some(field.clone())
                    }
                    _ => None,
                };
                (column.name.clone(), field)
            })
            .collect();
        let schema = import_types::schema(job.import_type).clone();
        // What is kept of the issues is the budget's business; the engine's own limit would hide the rest even from counting.
        let limits = Limits {
            issues: u64::MAX,
            ..Limits::default()
        };
        let mut file = Hashed {
            file,
            sha256: Sha256::new(),
        };
        let engine = engine::Plan::new(schema, dialect, mapping)
            .today(today)
            .limits(limits)
            .surveyed_while(Once::new(&mut file), observer)
            .map_err(engine::RunError::with_sink)?;
        // What the engine did not need to read belongs to the digest all the same.
        io::copy(&mut file, &mut io::sink()).map_err(FileError::Read)?;
        if hex::encode(file.sha256.finalize()) != job.file_sha256 {
            return Err(RunError::File(
                "File yang tersimpan tidak sama dengan file yang diunggah. Silakan unggah ulang."
                    .to_owned(),
            ));
        }
        Ok(Self {
            records: engine.records().unwrap_or_default(),
            engine,
            columns,
        })
    }
}

/// The dialect of the metadata.
fn dialect(job: &ImportJob, head: ObjectReader) -> Result<Dialect, RunError> {
    let stored = &job.metadata;
    let ascii = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    };
    let (Some(encoding), Some(delimiter)) = (
        Encoding::for_label(&stored.encoding),
        ascii(&stored.delimiter),
    ) else {
        return Err(RunError::Metadata);
    };
    let mut bytes = Vec::new();
    head.take(HEAD)
        .read_to_end(&mut bytes)
        .map_err(FileError::Read)?;
    Sniffer::new()
        .with_encoding(encoding)
        .with_delimiter(delimiter)
        .with_quote(stored.quote.as_deref().and_then(ascii))
        .with_escape(stored.escape.as_deref().and_then(ascii))
        .with_header_row(stored.has_header.then_some(stored.header_row))
        .sniff(&bytes)
        .map_err(|_| RunError::Metadata)
}

/// The mapping of the metadata: its columns as they were resolved, by the names that are theirs alone. The others are no
/// fields, but what they say against a row is heard.
fn mapping(job: &ImportJob, dialect: &Dialect) -> Result<Mapping, RunError> {
    let schema = import_types::schema(job.import_type);
    let pairs = job.metadata.column_mapping.iter().flatten();
    let mapping = Mapping::resolved(schema, &dialect.headers, pairs)?;
    mapping.require_complete()?;
    Ok(mapping)
}

/// A file whose digest is taken while it is read.
struct Hashed {
    file: ObjectReader,
    sha256: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.sha256.update(&buffer[..read]);
        Ok(read)
    }
}
