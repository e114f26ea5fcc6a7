//! Compares what the engine finds in a generated file with what is known of it.
//!
//! `cargo run --release -p import-types --example against_truth -- DIR`, where DIR holds `jamaah.csv`, `truth.csv`
//! (`row_number,error_type,field`), `existing_upload.csv` and `packages_db.csv` (ids in the first column).

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::{collections::BTreeSet, error::Error, fs, path::Path, time::Instant};

use domain::{EmailAddress, Nik};
use import_types::{
    ImportType,
    engine::{
        Batch, Limits, Plan,
        raw::RecordReader,
        recognise::{Dialect, Sniffer},
    },
    schema,
};

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/memory.rs"]
mod memory;

type Finding = (u64, String, String);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let mut memory = memory::Memory::default();
    for cells in table(&folder.join("packages_db.csv"))? {
        memory.package_ids.insert(cells[0].parse()?);
    }
    for cells in table(&folder.join("existing_upload.csv"))?
        .into_iter()
        .skip(1)
    {
        memory.add_identity(
            Nik::parse(&cells[4]).ok(),
            EmailAddress::parse(&cells[1]).ok(),
        );
    }
    let truth: BTreeSet<Finding> = table(&folder.join("truth.csv"))?
        .into_iter()
        .skip(1)
        .map(|cells| Ok((cells[0].parse()?, cells[1].clone(), cells[2].clone())))
        .collect::<Result<_, std::num::ParseIntError>>()?;

    let schema = schema(ImportType::Jamaah);
    let bytes = fs::read(folder.join("jamaah.csv"))?;
    let begin = Instant::now();
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(&bytes)?;
    let mapping = schema.map_headers(&dialect.headers)?;
    let importer = Plan::new(schema.clone(), dialect, mapping)
        .today(time::OffsetDateTime::now_utc().date())
        .surveyed(&bytes[..])?;
    let mut found = BTreeSet::new();
    let mut rows = 0;
    let sink = |batch: Batch| {
        for row in batch.rows() {
            import_types::jamaah::record(row)?;
            rows += 1;
        }
        for issue in batch.issues().iter().filter(|issue| issue.is_error()) {
            found.insert((
                issue.row,
                issue.kind.as_str().to_owned(),
                issue.field().unwrap_or("-").to_owned(),
            ));
        }
        Ok::<_, import_types::RecordError>(())
    };
    let summary = importer.import(&bytes[..]).lookup(&mut memory).each(sink)?;
    println!(
        "{} records, {} valid, {} invalid, {rows} rows handed on, {:?}",
        summary.records,
        summary.valid,
        summary.invalid,
        begin.elapsed()
    );
    for missed in truth.difference(&found) {
        println!("missed: {missed:?}");
    }
    for wrong in found.difference(&truth) {
        println!("found without being true: {wrong:?}");
    }
    println!(
        "{} true errors, {} agree",
        truth.len(),
        truth.intersection(&found).count()
    );
    if truth == found {
        Ok(())
    } else {
        Err("the findings differ from the truth".into())
    }
}

/// The records of a plain CSV file.
fn table(path: &Path) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    reader.feed(&fs::read(path)?);
    reader.finish();
    let mut table = Vec::new();
    while let Some(record) = reader.next_record() {
        if !record.raw().is_empty() {
            table.push(record.iter().map(str::to_owned).collect());
        }
    }
    Ok(table)
}
