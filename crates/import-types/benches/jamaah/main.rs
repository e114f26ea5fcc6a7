//! Ratios in one run: the `csv` crate's reading of a file of pilgrims, the engine's, checking every rule, and survey and check
//! together, all on the same bytes and on one core.
//!
//! `cargo bench -p import-types` makes the file, prints the ratios, and then Criterion's figures of each. `JAMAAH_ROWS` is the
//! number of rows, by default 1 000 000; `JAMAAH_FILE` names another file without errors to measure instead.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and one that cannot go on ends"
)]

mod file;
#[path = "../../../import-engine/benches/engine/reading.rs"]
mod reading;

use std::{convert::Infallible, fs, hint::black_box, io::Read, time::Instant};

use criterion::{Criterion, Throughput};
use import_types::{
    ImportType,
    engine::{Batch, Plan, recognise::Sniffer},
    schema,
};
use reading::{read_with_csv, read_with_engine};
use time::macros::date;

/// Rounds of the ratios; the best of each counts, as whatever else runs only takes time.
const ROUNDS: usize = 7;

const CHUNK: usize = 64 << 10;

fn importer(bytes: &[u8]) -> Plan {
    let schema = schema(ImportType::Jamaah);
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(&bytes[..bytes.len().min(CHUNK)])
        .expect("a table");
    let mapping = schema.map_headers(&dialect.headers).expect("headers");
    Plan::new(schema.clone(), dialect, mapping).today(date!(2026 - 11 - 20))
}

fn survey(plan: &mut Plan, bytes: &[u8]) -> u64 {
    *plan = plan.clone().surveyed(bytes).expect("a readable file");
    plan.records().expect("was surveyed")
}

fn check(importer: &Plan, bytes: &[u8]) -> u64 {
    let mut rows = 0;
    let sink = |batch: Batch| {
        rows += black_box(batch).rows().len();
        Ok::<_, Infallible>(())
    };
    let summary = importer.import(bytes).each(sink).expect("a readable file");
    assert_eq!(summary.valid, rows as u64);
    summary.valid
}

/// Seconds that this thread ran on a processor, so that other programs do not count; where the system does not tell, seconds.
fn spent(begin: Instant) -> f64 {
    fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(
            || begin.elapsed().as_secs_f64(),
            |nanoseconds| nanoseconds as f64 / 1e9,
        )
}

fn ratios(bytes: &[u8]) {
    let begin = Instant::now();
    let mut importer = importer(bytes);
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let mut marks = [spent(begin); 5];
        black_box(read_with_csv(bytes));
        marks[1] = spent(begin);
        black_box(read_with_engine(bytes));
        marks[2] = spent(begin);
        black_box(survey(&mut importer, bytes));
        marks[3] = spent(begin);
        black_box(check(&importer, bytes));
        marks[4] = spent(begin);
        for (best, pair) in best.iter_mut().zip(marks.windows(2)) {
            *best = best.min(pair[1] - pair[0]);
        }
    }
    let [csv, read, survey, check] = best;
    println!(
        "csv crate reads {:.0} MB/s; engine reads in {:.2} x, checks in {:.2} x, surveys and checks in {:.2} x its time",
        bytes.len() as f64 / csv / 1e6,
        read / csv,
        check / csv,
        (survey + check) / csv
    );
}

fn bytes() -> Vec<u8> {
    if let Some(path) = std::env::var_os("JAMAAH_FILE") {
        return fs::read(path).expect("a file");
    }
    let rows = std::env::var("JAMAAH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok());
    let mut bytes = Vec::new();
    file::Rows::new(rows.unwrap_or(1_000_000))
        .read_to_end(&mut bytes)
        .expect("memory");
    bytes
}

fn main() {
    let bytes = bytes();
    assert_eq!(read_with_csv(&bytes), read_with_engine(&bytes));
    ratios(&bytes);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("jamaah");
    group
        .throughput(Throughput::Bytes(bytes.len() as u64))
        .sample_size(10);
    group.bench_function("read, csv crate", |b| {
        b.iter(|| read_with_csv(black_box(&bytes)));
    });
    group.bench_function("read, engine", |b| {
        b.iter(|| read_with_engine(black_box(&bytes)));
    });
    let mut checked = importer(&bytes);
    survey(&mut checked, &bytes);
    group.bench_function("check every rule", |b| {
        b.iter(|| check(&checked, black_box(&bytes)));
    });
    group.bench_function("survey and check every rule", |b| {
        b.iter(|| survey(&mut checked, black_box(&bytes)) + check(&checked, &bytes));
    });
    group.finish();
    criterion.final_summary();
}
