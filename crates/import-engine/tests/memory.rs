//! Memory does not grow with the file: the peak of the process after a file eight times as long. Alone in its program, as the
//! peak is the whole process's. Only Linux reports it.
#![cfg(target_os = "linux")]

#[path = "../examples/peak/mod.rs"]
mod peak;

use std::io::{self, Read};

use import_engine::{Batch, Field, Plan, Schema, Summary, plans::Once, recognise::Sniffer};

const FEW: u64 = 50_000;
const MANY: u64 = 400_000;

/// Allocators keep some, and grow in steps.
const SLACK: u64 = 3 << 20;

/// What a key of the uniqueness index may take: a hash of 16 bytes, a row of 4, and its place in the table, a quarter empty.
const KEY: u64 = 32;

/// A file of three columns that is made as it is read.
struct Rows {
    next: u64,
    end: u64,
    ready: Vec<u8>,
    given: usize,
}

impl Rows {
    fn new(rows: u64) -> Self {
        Self {
            next: 0,
            end: rows,
            ready: b"name,code,note\n".to_vec(),
            given: 0,
        }
    }
}

impl Read for Rows {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            while self.ready.len() < 16 << 10 && self.next < self.end {
                let row = self.next;
                // One row in fifty is wrong, and one in ninety has a line break in a quoted cell.
                let name = if row.is_multiple_of(50) {
                    ""
                } else {
                    "Ahmad Rizki"
                };
                let note = if row.is_multiple_of(90) {
                    "\"two\nlines\""
                } else {
                    "plain text"
                };
                self.ready
                    .extend_from_slice(format!("{name},C{row:09},{note}\n").as_bytes());
                self.next += 1;
            }
        }
        let mut rest = &self.ready[self.given..];
        let read = rest.read(out)?;
        self.given += read;
        Ok(read)
    }
}

fn peak() -> u64 {
    peak::peak().unwrap_or_default()
}

fn check(schema: &Schema, rows: u64, keep: bool) -> Option<Summary> {
    let mut head = vec![0; 8 << 10];
    let read = Rows::new(rows).read(&mut head).ok()?;
    let dialect = Sniffer::new().sniff(&head[..read]).ok()?;
    let mapping = schema.map_headers(&dialect.headers).ok()?;
    let importer = Plan::new(schema.clone(), dialect, mapping)
        .surveyed(Once::new(Rows::new(rows)))
        .ok()?;
    let mut kept = Vec::new();
    let sink = |batch: Batch| {
        if keep {
            kept.push(batch);
        }
        Ok::<_, std::io::Error>(())
    };
    importer.import(Once::new(Rows::new(rows))).each(sink).ok()
}

/// How much the peak rises when a file of many rows follows one of few.
fn growth(schema: &Schema) -> u64 {
    let few = check(schema, FEW, false).map(|summary| summary.records);
    assert_eq!(few, Some(FEW));
    let before = peak();
    let many = check(schema, MANY, false).map(|summary| (summary.records, summary.invalid));
    assert_eq!(many, Some((MANY, MANY / 50)));
    peak() - before
}

#[test]
fn memory_grows_with_the_keys_and_with_nothing_else() {
    assert!(peak() > 0, "the system reports the peak");
    let fields = || Schema::builder("people").field(Field::text("name").required());
    let plain = fields().field(Field::text("code")).build().unwrap();
    let grown = growth(&plain);
    assert!(grown < SLACK, "{grown} bytes without keys");

    let keyed = fields()
        .field(Field::text("code").unique())
        .build()
        .unwrap();
    let grown = growth(&keyed);
    assert!(
        grown < SLACK + (MANY - FEW) * KEY,
        "{grown} bytes with keys"
    );

    // The same measure sees what is kept: a program that keeps the batches grows with the file.
    let before = peak();
    assert!(check(&plain, MANY, true).is_some());
    let grown = peak() - before;
    assert!(grown > 8 * SLACK, "{grown} bytes with every batch kept");
}
