//! The program of somebody else: it depends on the engine by its path or its version and sets nothing in its profile. `scripts/bench-outside`
//! builds it twice, with the default release profile and with the profile that this workspace gives to the engine, and runs the two in turns.
//!
//! Prints, for each round, the processor's time of reading with the `csv` crate, of a survey, and of a check of every rule, in milliseconds.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and one that cannot go on ends"
)]

mod support;

use std::{convert::Infallible, env, fs, hint::black_box, time::Instant};

use import_engine::{Batch, Planner};

/// Milliseconds that this thread ran on a processor, so that other programs do not count; where the system does not tell, milliseconds.
fn spent(begin: Instant) -> f64 {
    fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(
            || begin.elapsed().as_secs_f64() * 1e3,
            |nanoseconds| nanoseconds as f64 / 1e6,
        )
}

fn read_with_csv(bytes: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut cells = 0;
    while reader.read_byte_record(&mut record).expect("a sound file") {
        cells += record.len();
    }
    cells
}

fn main() {
    let mut numbers = env::args().skip(1).map(|number| number.parse::<u64>());
    let rows = numbers.next().map_or(1_000_000, |rows| rows.expect("rows"));
    let rounds = numbers.next().map_or(3, |rounds| rounds.expect("rounds"));
    let file = support::file(rows);
    let schema = support::schema();
    let begin = Instant::now();
    for _ in 0..rounds {
        let mut marks = [spent(begin); 4];
        black_box(read_with_csv(&file));
        marks[1] = spent(begin);
        let plan = Planner::new(&schema)
            .today(support::TODAY)
            .plan(&file)
            .expect("a table");
        marks[2] = spent(begin);
        let mut valid = 0;
        let summary = plan
            .import(&file)
            .each(|batch: Batch| {
                valid += black_box(batch).rows().len() as u64;
                Ok::<_, Infallible>(())
            })
            .expect("a readable file");
        marks[3] = spent(begin);
        assert_eq!((summary.records, summary.valid), (rows, valid));
        let [csv, survey, check] = [0, 1, 2].map(|at| marks[at + 1] - marks[at]);
        println!("{csv:.1} {survey:.1} {check:.1}");
    }
}
