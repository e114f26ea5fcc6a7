//! How the file of a job is read: dialect, mapping and corrections, in one place for preview, validation and import. What was
//! settled at the upload, or by a later change of the draft, is read again from the job; nothing is recognised again.

use std::io::{self, Read};

use domain::{ImportJob, JobMetadata, Recognised, ValueChoices};
use import_types::{
    ImportType,
    engine::{
        FileError, Plan, Schema,
        plans::Corrections,
        recognise::{Dialect, Encoding, Mapping, Sample, SniffError, Sniffer},
        sheet,
    },
};
use repositories::Edits;
use time::Date;

/// The head, which shows what the metadata does not hold, such as a `sep=` line.
const HEAD: u64 = 64 * 1024;

/// Dialect and mapping of a file.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) dialect: Dialect,
    pub(crate) mapping: Mapping,
}

/// Why the file of a job cannot be read as it was settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadingError {
    /// The stored description of the file cannot be understood.
    #[error("the job's metadata cannot be read")]
    Metadata,
    /// The file does not fit it.
    #[error("the file does not fit its description")]
    Engine(#[from] FileError),
}

impl Reading {
    /// As it was decided for a job.
    pub(crate) fn settled(job: &ImportJob, head: impl Read) -> Result<Self, ReadingError> {
        let mut bytes = Vec::new();
        head.take(HEAD)
            .read_to_end(&mut bytes)
            .map_err(FileError::Read)?;
        let dialect = settled_dialect(job, &bytes)?;
        let schema = import_types::schema(job.import_type);
        // Its columns as they were resolved, by the names that are theirs alone. The others are not fields, but what they say
        // against a row is heard.
        let pairs = job.metadata.column_mapping.iter().flatten();
        let sample = Sample::read(&bytes[..], &dialect)?;
        let mapping =
            Mapping::resolved(schema, &headers(&dialect), pairs)?.heeding(schema, &sample);
        Ok(Self { dialect, mapping })
    }

    /// The engine's plan for the file of a job, with what its user decided about values and `edits` of cells.
    pub(crate) fn plan(
        self,
        job: &ImportJob,
        edits: Edits,
        today: Date,
    ) -> Result<Plan, ReadingError> {
        let schema = import_types::schema(job.import_type);
        Plan::new(schema.clone(), self.dialect, self.mapping)
            .today(today)
            .correct(corrections(schema, &job.metadata.choices.values, edits))
            .map_err(|_| ReadingError::Metadata)
    }
}

/// The dialect of the metadata.
fn settled_dialect(job: &ImportJob, head: &[u8]) -> Result<Dialect, ReadingError> {
    let stored = &job.metadata;
    let (Some(encoding), Some(delimiter)) = (
        Encoding::for_label(&stored.encoding),
        ascii(&stored.delimiter),
    ) else {
        return Err(ReadingError::Metadata);
    };
    let mut dialect = Sniffer::new()
        .with_encoding(encoding)
        .with_delimiter(delimiter)
        .with_quote(stored.quote.as_deref().and_then(ascii))
        .with_escape(stored.escape.as_deref().and_then(ascii))
        .with_header_row(stored.has_header.then_some(stored.header_row))
        .sniff(head)
        .map_err(|_| ReadingError::Metadata)?;
    if !stored.has_header {
        dialect.columns = stored.columns.len();
    }
    Ok(dialect)
}

/// The byte of a text that is one ASCII character.
pub(super) fn ascii(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

/// The headers of a file, one for each column; empty ones where no row names the columns.
pub(super) fn headers(dialect: &Dialect) -> Vec<String> {
    if dialect.header_row.is_none() {
        return vec![String::new(); dialect.columns];
    }
    dialect.headers.clone()
}

/// What was recognised of the file of a job. An earlier version noted only what it had settled, which was the same.
pub(super) fn recognised(metadata: &JobMetadata) -> Recognised {
    metadata.recognised.clone().unwrap_or_else(|| Recognised {
        encoding: metadata.encoding.clone(),
        encoding_certain: true,
        encoding_rival: None,
        delimiter: metadata.delimiter.clone(),
    })
}

/// Names of the required fields that no column of a job is.
pub(super) fn missing_columns(job: &ImportJob) -> Vec<String> {
    let mapped = job.metadata.column_mapping.as_ref();
    let is_mapped =
        |field: &str| mapped.is_some_and(|mapping| mapping.values().any(|mapped| mapped == field));
    let fields = import_types::schema(job.import_type).fields().iter();
    fields
        .filter(|field| field.is_required() && !is_mapped(field.name()))
        .map(|field| field.name().to_owned())
        .collect()
}

/// Another type that has a column for each of its required fields.
pub(super) fn looks_like(import_type: ImportType, headers: &[String]) -> Option<ImportType> {
    ImportType::ALL.iter().copied().find(|other| {
        let mapping = import_types::schema(*other).map_headers(headers);
        *other != import_type && mapping.is_ok_and(|mapping| mapping.missing().is_empty())
    })
}

/// A sniffer that knows the headers of all types: which of them a file is may not be known yet.
pub(super) fn sniffer() -> Sniffer {
    knowing_headers(Sniffer::new())
}

/// The same for the table of a workbook's sheet, whose encoding and delimiter are the engine's own.
pub(super) fn sheet_sniffer() -> Sniffer {
    knowing_headers(sheet::sniffer())
}

fn knowing_headers(sniffer: Sniffer) -> Sniffer {
    ImportType::ALL
        .iter()
        .fold(sniffer, |sniffer, import_type| {
            sniffer.with_known_headers(import_types::schema(*import_type).known_headers())
        })
}

/// The verdict of a sniffer on a whole file.
pub(super) fn sniffed(
    mut sniffer: Sniffer,
    mut file: impl Read,
) -> io::Result<Result<Dialect, SniffError>> {
    let mut chunk = vec![0; usize::try_from(HEAD).unwrap_or(usize::MAX)];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(sniffer.finish()),
            read => sniffer.feed(&chunk[..read]),
        }
    }
}

/// What the user of a job knows better than its file. What cells of a field mean counts only where the field has a column.
fn corrections(schema: &Schema, values: &ValueChoices, edits: Edits) -> Corrections {
    let mut corrections = Corrections::new();
    for (field, cells) in values {
        // A type may have lost a field since the job was created.
        if schema.index_of(field).is_none() {
            continue;
        }
        for (cell, value) in cells {
            corrections.read_as(field, cell, value);
        }
    }
    for (row, cells) in edits {
        for (column, text) in cells {
            corrections.set(row, column as usize, text);
        }
    }
    corrections
}
