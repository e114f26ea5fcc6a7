//! How much memory checking a file of many pilgrims takes, the file being made as it is read:
//! `cargo run --release -p import-types --example resident_memory -- 10000000`. The peak is printed on Linux alone.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "an example prints"
)]

#[path = "../benches/jamaah/file.rs"]
mod file;
#[path = "../../import-engine/examples/peak/mod.rs"]
mod peak;

use std::{convert::Infallible, error::Error, io::Read};

use import_types::{
    ImportType,
    engine::{Batch, Plan, plans::Once, recognise::Sniffer},
    schema,
};
use peak::peak;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |rows| rows.parse())?;
    let schema = schema(ImportType::Jamaah);
    let mut head = vec![0; 64 << 10];
    let read = file::Rows::new(rows).read(&mut head)?;
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(&head[..read])?;
    let mapping = schema.map_headers(&dialect.headers)?;
    let importer = Plan::new(schema.clone(), dialect, mapping)
        .today(time::OffsetDateTime::now_utc().date())
        .surveyed(Once::new(file::Rows::new(rows)))?;
    let mut keys = 0;
    let sink = |batch: Batch| {
        for row in batch.rows() {
            // E-mail addresses and identity numbers are unique.
            keys += u64::from(row.text(1).is_some()) + u64::from(row.text(4).is_some());
        }
        Ok::<_, Infallible>(())
    };
    let summary = importer
        .import(Once::new(file::Rows::new(rows)))
        .each(sink)?;
    println!(
        "{} records, {:.1} MB read twice, {keys} keys",
        summary.records,
        summary.bytes as f64 / 1e6
    );
    if let Some(peak) = peak() {
        let index = keys * 28;
        println!(
            "peak {:.1} MB; without 28 bytes for each key {:.1} MB",
            peak as f64 / 1e6,
            peak.saturating_sub(index) as f64 / 1e6
        );
    }
    Ok(())
}
