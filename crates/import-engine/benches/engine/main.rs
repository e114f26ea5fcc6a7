//! Ratios in one run: reading records against the `csv` crate, checking every rule against reading.
//!
//! `cargo bench -p import-engine` prints the throughput of each over the same bytes; the ratio is what counts, not the number.

#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a benchmark that cannot go on ends"
)]

mod reading;
mod support;

use std::{convert::Infallible, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use import_engine::{Batch, Plan, recognise::Sniffer};
use reading::{read_with_csv, read_with_engine};
use serde::Deserialize;
use time::Date;

const ROWS: u64 = 200_000;

fn plan(file: &[u8]) -> Plan {
    let schema = support::schema();
    let dialect = Sniffer::new()
        .sniff(&file[..file.len().min(64 << 10)])
        .expect("a table");
    let mapping = schema.map_headers(&dialect.headers).expect("headers");
    Plan::new(schema, dialect, mapping).today(support::TODAY)
}

fn check(plan: &Plan, file: &[u8], survey: bool) -> u64 {
    let plan = if survey {
        &plan.clone().surveyed(file).expect("a readable file")
    } else {
        plan
    };
    let mut rows = 0;
    let sink = |batch: Batch| {
        rows += black_box(batch).rows().len();
        Ok::<_, Infallible>(())
    };
    plan.import(file).each(sink).expect("a readable file").valid
}

#[derive(Deserialize)]
struct Pilgrim<'b> {
    nama: &'b str,
    email: Option<&'b str>,
    telepon: Option<String>,
    alamat: Option<&'b str>,
    ktp: Option<&'b str>,
    tanggal_lahir: Option<Date>,
    jenis_kelamin: Option<&'b str>,
    paket_id: &'b str,
    status: Option<&'b str>,
    catatan: Option<&'b str>,
}

/// As many bytes as all fields are read.
fn weight(pilgrim: &Pilgrim<'_>) -> usize {
    let texts = [
        pilgrim.email,
        pilgrim.telepon.as_deref(),
        pilgrim.alamat,
        pilgrim.ktp,
        pilgrim.jenis_kelamin,
        pilgrim.status,
        pilgrim.catatan,
    ];
    let days = pilgrim
        .tanggal_lahir
        .map_or(0, |day| usize::from(day.day()));
    pilgrim.nama.len()
        + pilgrim.paket_id.len()
        + days
        + texts.into_iter().flatten().map(str::len).sum::<usize>()
}

/// Structs of the rows of batches that are there.
fn structs(batches: &[Batch]) -> usize {
    batches
        .iter()
        .flat_map(|batch| batch.rows_as::<Pilgrim>().expect("the struct fits"))
        .map(|pilgrim| weight(&pilgrim))
        .sum()
}

fn ratios(c: &mut Criterion) {
    let file = support::file(ROWS);
    assert_eq!(read_with_csv(&file), read_with_engine(&file));
    let mut group = c.benchmark_group("jamaah");
    group
        .throughput(Throughput::Bytes(file.len() as u64))
        .sample_size(10);
    group.bench_function("read, csv crate", |b| {
        b.iter(|| read_with_csv(black_box(&file)));
    });
    group.bench_function("read, engine", |b| {
        b.iter(|| read_with_engine(black_box(&file)));
    });
    let checked = plan(&file);
    group.bench_function("check every rule, one pass", |b| {
        b.iter(|| check(&checked, black_box(&file), false));
    });
    group.bench_function("survey and check every rule", |b| {
        b.iter(|| check(&checked, black_box(&file), true));
    });
    let (batches, _) = checked.import(&file).collect().expect("a readable file");
    group.bench_function("rows as structs", |b| {
        b.iter(|| structs(black_box(&batches)));
    });
    group.finish();
}

criterion_group!(benches, ratios);
criterion_main!(benches);
