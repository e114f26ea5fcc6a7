//! A file through the whole engine, into a system that remembers what came before.

use std::path::Path;

use domain::{NewJamaah, NewPackage, NewPayment};
use import_types::{
    ImportType,
    engine::{
        Batch, Language, Lookup, Plan, Summary,
        recognise::{Dialect, Notice, Sample, Sniffer},
        rules::Severity,
    },
    jamaah, package, payment, schema,
};
use time::macros::date;

use crate::memory::Memory;

/// The day of the tests: what is compared with today must not change by itself.
const TODAY: time::Date = date!(2026 - 11 - 20);

/// What a file became.
pub(crate) struct Imported {
    pub(crate) dialect: Dialect,
    pub(crate) unmapped: Vec<String>,
    /// Of the mapping and of the run.
    pub(crate) notices: Vec<Notice>,
    pub(crate) summary: Summary,
    pub(crate) batches: Vec<Batch>,
    /// Row, field, error type and message of every error.
    pub(crate) errors: Vec<(u64, String, &'static str, String)>,
}

pub(crate) fn import(import_type: ImportType, file: &str, memory: &mut Memory) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/samples")
        .join(file);
    import_bytes(import_type, &std::fs::read(path).unwrap(), memory)
}

pub(crate) fn import_bytes(
    import_type: ImportType,
    bytes: &[u8],
    memory: &mut dyn Lookup,
) -> Imported {
    let schema = schema(import_type);
    let mut sniffer = Sniffer::new().with_known_headers(schema.known_headers());
    sniffer.feed(bytes);
    let dialect = sniffer.finish().unwrap();
    let sample = Sample::read(bytes, &dialect).unwrap();
    let mapping =
        schema
            .map_headers(&dialect.headers)
            .unwrap()
            .weighed(schema, &sample, Some(TODAY));
    mapping.require_complete().unwrap();
    let importer = Plan::new(schema.clone(), dialect.clone(), mapping.clone())
        .today(TODAY)
        .surveyed(bytes)
        .unwrap();
    let (batches, summary) = importer.import(bytes).lookup(memory).collect().unwrap();
    let mut notices = mapping.notices().to_vec();
    notices.extend(summary.notices.iter().cloned());
    let messages = schema.messages(Language::INDONESIAN);
    let errors = batches
        .iter()
        .flat_map(Batch::issues)
        .filter(|issue| issue.severity == Severity::Error)
        .map(|issue| {
            (
                issue.row,
                issue.field().unwrap_or("-").to_owned(),
                issue.kind.as_str(),
                messages.message(issue),
            )
        })
        .collect();
    Imported {
        dialect,
        unmapped: mapping.unmapped().map(str::to_owned).collect(),
        notices,
        summary,
        batches,
        errors,
    }
}

impl Imported {
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (
            self.summary.records,
            self.summary.valid,
            self.summary.invalid,
        )
    }

    /// Row, field and type of the errors, in order.
    pub(crate) fn found(&self) -> Vec<(u64, &str, &str)> {
        let mut found: Vec<_> = self
            .errors
            .iter()
            .map(|(row, field, kind, _)| (*row, field.as_str(), *kind))
            .collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn message(&self, row: u64, field: &str) -> &str {
        &self
            .errors
            .iter()
            .find(|error| error.0 == row && error.1 == field)
            .unwrap()
            .3
    }

    pub(crate) fn warned(&self, row: u64, field: &str, code: &str) -> bool {
        self.batches.iter().flat_map(Batch::issues).any(|issue| {
            !issue.is_error()
                && issue.row == row
                && issue.field() == Some(field)
                && issue.code.as_str() == code
        })
    }

    /// Whether the run has a notice of a column.
    pub(crate) fn noticed(&self, code: &str, column: &str) -> bool {
        let mut notices = self.notices.iter();
        notices
            .any(|notice| notice.code().as_str() == code && notice.param("column") == Some(column))
    }

    pub(crate) fn packages(&self) -> Vec<(u64, NewPackage)> {
        self.batches
            .iter()
            .flat_map(Batch::rows)
            .map(|row| (row.row(), package::record(row).unwrap()))
            .collect()
    }

    pub(crate) fn jamaah(&self) -> Vec<(u64, NewJamaah)> {
        self.batches
            .iter()
            .flat_map(Batch::rows)
            .map(|row| (row.row(), jamaah::record(row).unwrap()))
            .collect()
    }

    pub(crate) fn payments(&self) -> Vec<(u64, NewPayment)> {
        self.batches
            .iter()
            .flat_map(Batch::rows)
            .map(|row| (row.row(), payment::record(row).unwrap()))
            .collect()
    }
}

pub(crate) fn row<T: Clone>(rows: &[(u64, T)], number: u64) -> T {
    rows.iter()
        .find(|(row, _)| *row == number)
        .unwrap()
        .1
        .clone()
}

pub(crate) fn with_packages() -> Memory {
    let mut memory = Memory::default();
    for (_, package) in
        import(ImportType::Package, "paket-google-sheets.csv", &mut memory).packages()
    {
        memory.add_package(&package);
    }
    memory
}

pub(crate) fn with_jamaah() -> Memory {
    let mut memory = with_packages();
    for (_, jamaah) in import(
        ImportType::Jamaah,
        "jamaah-excel-indonesia.csv",
        &mut memory,
    )
    .jamaah()
    {
        memory.add_jamaah(&jamaah);
    }
    memory
}
