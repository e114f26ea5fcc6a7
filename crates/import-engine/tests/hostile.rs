//! Files made to hurt: answered in time, in constant memory, with a clear reason.

use std::time::{Duration, Instant};

use import_engine::{
    Field, FileError, Limits, Plan, RunError, Schema, Summary,
    raw::{Damage, RecordReader},
    recognise::{Dialect, Sniffer},
};

const TEN_MEGABYTES: usize = 10 << 20;

/// Two seconds are the promise of an optimised build; an unoptimised one gets five times that.
const PROMISE: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(10)
} else {
    Duration::from_secs(2)
};

fn import(file: &[u8]) -> Result<Summary, RunError> {
    let started = Instant::now();
    let schema = Schema::builder("contacts")
        .field(Field::text("name"))
        .field(Field::text("note"))
        .build()?;
    let headers = vec!["name".to_owned(), "note".to_owned()];
    let mapping = schema.map_headers(&headers)?;
    let dialect = Dialect {
        headers,
        ..Dialect::default()
    };
    let importer = Plan::new(schema, dialect, mapping).surveyed(file)?;

    let summary = importer.import(file).collect().map(|(_, summary)| summary);
    assert!(started.elapsed() < PROMISE, "{:?}", started.elapsed());
    summary
}

#[test]
fn control_characters_of_a_header_are_seen_nowhere() -> Result<(), RunError> {
    let mut file = b"na\0me,\"note\x7f\",\x01a\x1bge\n".to_vec();
    // Enough of them that the NUL does not look like UTF-16.
    file.extend(b"Siti,ok,7\nAli,ok,8\n".repeat(200));
    let dialect = Sniffer::new()
        .with_header_row(Some(1))
        .sniff(&file)
        .unwrap();
    assert_eq!(dialect.headers[0], "name");
    assert!(
        !dialect.headers.concat().contains(char::is_control),
        "{:?}",
        dialect.headers
    );
    let schema = Schema::builder("contacts")
        .field(Field::text("name"))
        .build()?;
    let mapping = schema.map_headers(&dialect.headers)?;
    assert_eq!(mapping.pairs().collect::<Vec<_>>(), [("name", "name")]);
    let importer = Plan::new(schema, dialect, mapping).surveyed(&file[..])?;

    let (_, summary) = importer.import(&file[..]).collect()?;
    assert_eq!((summary.records, summary.valid), (400, 400));
    Ok(())
}

/// A sound header, ten megabytes of something, a sound row.
fn around(middle: &[u8]) -> Vec<u8> {
    let mut file = b"name,note\n".to_vec();
    file.extend(middle.iter().cycle().take(TEN_MEGABYTES));
    file.extend_from_slice(b"\nSiti,ok\n");
    file
}

fn damage(file: &[u8]) -> Vec<Option<Damage>> {
    let started = Instant::now();
    let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    reader.expect_columns(2);
    let mut seen = Vec::new();
    let mut take = |reader: &mut RecordReader| {
        while let Some(record) = reader.next_record() {
            seen.push(record.damage());
        }
    };
    for chunk in file.chunks(64 << 10) {
        reader.feed(chunk);
        take(&mut reader);
    }
    reader.finish();
    take(&mut reader);
    assert!(started.elapsed() < PROMISE, "{:?}", started.elapsed());
    seen
}

#[test]
fn ten_megabytes_of_commas_are_one_bad_row() {
    let file = around(b",");
    assert_eq!(damage(&file), [None, Some(Damage::TooManyColumns), None]);
    let summary = import(&file).expect("readable");
    assert_eq!((summary.valid, summary.invalid), (1, 1));
}

#[test]
fn ten_megabytes_of_quotes_are_one_bad_row() {
    let file = around(b"\"");
    assert_eq!(damage(&file), [None, Some(Damage::CellTooLarge), None]);
}

#[test]
fn ten_megabytes_of_line_breaks_are_no_rows() {
    let summary = import(&around(b"\n")).expect("readable");
    assert_eq!((summary.records, summary.blank_rows), (1, (10 << 20) + 1));
    let summary = import(&around(b"\r")).expect("readable");
    assert_eq!((summary.records, summary.valid), (1, 1));
}

#[test]
fn ten_megabytes_of_blank_rows_are_no_rows() {
    let summary = import(&around(b",\n")).expect("readable");
    assert_eq!((summary.records, summary.valid), (1, 1));
}

#[test]
fn one_cell_of_ten_megabytes_is_one_bad_row() {
    assert_eq!(
        damage(&around(b"a")),
        [None, Some(Damage::CellTooLarge), None]
    );
    let mut quoted = b"\"".to_vec();
    quoted.resize(TEN_MEGABYTES, b'a');
    quoted.push(b'"');
    let mut file = b"name,note\n".to_vec();
    file.extend(&quoted);
    file.extend_from_slice(b",x\nSiti,ok\n");
    assert_eq!(damage(&file), [None, Some(Damage::CellTooLarge), None]);
}

#[test]
fn a_hundred_thousand_columns_are_refused() {
    let header = vec!["c"; 100_000].join(",");
    let file = format!("{header}\n{header}\n");
    assert_eq!(damage(file.as_bytes()), [Some(Damage::TooManyColumns); 2]);
    let outcome = import(file.as_bytes());
    assert!(
        matches!(
            outcome,
            Err(RunError::File(FileError::HeaderDamaged { row: 1 }))
        ),
        "{outcome:?}"
    );
}

#[test]
fn ten_megabytes_of_open_quotes_cost_a_line_each() {
    for line in [
        &b"\"a\n"[..],
        b"\"a\"\"\n",
        b"x,\"\n",
        b"\"\"\"\n",
        b"\"a\"b\n",
        b"\"a\n\n",
    ] {
        damage(&around(line));
    }
    // One quote that opens, and ten megabytes of doubled quotes after it.
    let mut file = b"name,note\n\"open,1\n".to_vec();
    file.extend(b"\"\"\"\",x\n".iter().cycle().take(TEN_MEGABYTES / 7 * 7));
    damage(&file);
}

#[test]
fn ten_megabytes_of_nul_are_bad_rows() {
    let seen = damage(&around(b"\0\0\0\0,\0\0\n"));
    assert!(
        seen[1..seen.len() - 2]
            .iter()
            .all(|damage| *damage == Some(Damage::Nul))
    );
}
