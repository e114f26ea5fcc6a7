//! How much memory it takes to check a long list of contacts, which is made as it is read:
//! `cargo run --release -p import-engine --example peak_memory -- 1000000`. The peak is printed on Linux alone.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "an example prints"
)]

mod peak;

use std::{
    convert::Infallible,
    error::Error,
    io::{self, Read, Write},
};

use import_engine::{Field, Plan, Schema, plans::Reopen};
use peak::peak;

/// A file of contacts, one in forty of them wrong, of which only what is read next exists.
struct Contacts {
    next: u64,
    end: u64,
    ready: Vec<u8>,
    given: usize,
}

impl Contacts {
    fn new(rows: u64) -> Self {
        Self {
            next: 0,
            end: rows,
            ready: b"Full name,E-mail,Phone,Born,City\n".to_vec(),
            given: 0,
        }
    }
}

impl Read for Contacts {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            while self.ready.len() < 16 << 10 && self.next < self.end {
                let row = self.next;
                let at = if row % 40 == 39 { "" } else { "@" };
                writeln!(
                    self.ready,
                    "Ahmad Rizki {row},ahmad.{row}{at}example.com,0812{:08},{}-{:02}-{:02},Bandung",
                    row % 99_999_989,
                    1950 + row % 50,
                    1 + row % 12,
                    1 + row % 28,
                )?;
                self.next += 1;
            }
        }
        let read = (&self.ready[self.given..]).read(out)?;
        self.given += read;
        Ok(read)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |rows| rows.parse())?;
    let schema = Schema::builder("contacts")
        .field(
            Field::text("name")
                .required()
                .max_chars(255)
                .alias("full name"),
        )
        .field(Field::email("email").unique().alias("e-mail"))
        .field(Field::text("phone").max_chars(20))
        .field(Field::date("born"))
        .field(Field::text("city"))
        .build()?;
    let file = || Reopen(|| Ok(Contacts::new(rows)));
    let before = peak();
    let plan = Plan::of(&schema, file())?;
    let mut stored = 0;
    let summary = plan.import(file()).each(|batch| {
        stored += batch.rows().len();
        Ok::<_, Infallible>(())
    })?;
    println!(
        "{} records, {stored} of them good, {:.1} MB read twice",
        summary.records,
        summary.bytes as f64 / 1e6
    );
    if let (Some(before), Some(peak)) = (before, peak()) {
        println!(
            "peak {:.1} MB, of it {:.1} MB the program itself; {:.1} MB of keys",
            peak as f64 / 1e6,
            before as f64 / 1e6,
            summary.valid as f64 * 28.0 / 1e6
        );
    }
    Ok(())
}
