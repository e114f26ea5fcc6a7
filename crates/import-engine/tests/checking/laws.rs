//! What holds for every file: records in = valid + invalid, no panic, the same answer however the bytes and batches come.

use std::ops::ControlFlow;

use import_engine::{
    Batch, Field, Language, Limits, Plan, Schema,
    fields::UniqueKey,
    raw::RecordReader,
    recognise::{Dialect, Encoding, Sniffer},
    report::{CsvWriter, FailedRows, guard, unguard},
};
use proptest::prelude::*;

use super::support::{Setup, System, TODAY, outcome, plan, run_with};

fn schema() -> Schema {
    Schema::builder("people")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("name").required().max_chars(6))
        .field(Field::email("email").unique())
        .field(Field::date("born"))
        .field(Field::money("paid"))
        .field(Field::decimal("weight"))
        .field(Field::digits("code", 3, 4).unique())
        .field(Field::choice("kind", ["a", "b"]).choice_alias("a", "first"))
        .field(Field::reference("group", "group"))
        .unique(UniqueKey::on(["group", "kind"]).named("place").warning())
        .build()
        .expect("a sound schema")
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("-".to_owned()),
        "[a-c ]{0,7}",
        "[ab]@[ab]\\.co",
        prop::sample::select(vec![
            "2020-01-02",
            "03/04/2020",
            "05/25/2020",
            "25/05/2020",
            "1.234",
            "1,5",
            "25.000",
            "Rp 5 jt",
            "001",
            "0012",
            "first",
            "B",
            "'+62",
            "TOTAL",
            "####",
            "\"open",
            "a\"b",
            "x\ny",
            "é",
            "\u{0}",
            "alpha",
            "beta",
        ])
        .prop_map(str::to_owned),
    ]
}

/// A file as it might come: mostly whole rows, some ragged, cells quoted or not.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let row = prop::collection::vec((cell(), any::<bool>()), 7..=9);
    prop::collection::vec(
        (row, prop::sample::select(vec!["\n", "\r\n", "\n\n"])),
        0..25,
    )
    .prop_map(|rows| {
        let mut text = "name,email,born,paid,weight,code,kind,group\n".to_owned();
        for (row, end) in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|(cell, quoted)| {
                    if *quoted {
                        format!("\"{}\"", cell.replace('"', "\"\""))
                    } else {
                        cell.clone()
                    }
                })
                .collect();
            text.push_str(&cells.join(","));
            text.push_str(end);
        }
        text.into_bytes()
    })
}

fn system() -> System {
    let mut system = System::default();
    system.things.insert(("group", "alpha".into()), 1);
    system.things.insert(("group", "beta".into()), 3);
    system.keys.push(("email", "a@b.co".into()));
    system
}

fn fixed(file: &[u8]) -> Plan {
    let schema = schema();
    let headers = [
        "name", "email", "born", "paid", "weight", "code", "kind", "group",
    ];
    let mapping = schema.map_headers(&headers).expect("headers");
    Plan::new(schema, Dialect::default(), mapping)
        .today(TODAY)
        .surveyed(file)
        .expect("readable")
}

fn all(file: &[u8], setup: &Setup) -> (super::support::Outcome, Vec<Batch>) {
    let mut run = fixed(file)
        .start()
        .expect("a complete mapping")
        .batch_rows(setup.batch_rows)
        .resume_after(setup.resume_after);
    run.hide_own_rows();
    let mut batches = Vec::new();
    let mut chunks = file.chunks(setup.chunk.clamp(1, 1 << 20));
    let mut lookup = system();
    let summary = loop {
        match run.step().expect("readable") {
            import_engine::machine::Step::NeedsBytes => match chunks.next() {
                Some(chunk) => run.feed(chunk),
                None => run.finish(),
            },
            import_engine::machine::Step::NeedsAnswers => {
                let answers =
                    import_engine::Lookup::answer(&mut lookup, &run.questions()).expect("answers");
                run.answer(&answers).expect("as many");
            }
            import_engine::machine::Step::Batch(batch) => batches.push(*batch),
            import_engine::machine::Step::Done(summary) => break *summary,
        }
    };
    (outcome(&schema(), &batches, summary), batches)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn chunks_and_batches_of_any_size_give_the_same_answer(
        file in file(), chunk in 1_usize..50, batch_rows in 1_usize..9,
    ) {
        let (whole, _) = all(&file, &Setup::default());
        let (parts, batches) = all(&file, &Setup { chunk, batch_rows, ..Setup::default() });
        prop_assert_eq!(&whole, &parts);
        let summary = &whole.summary;
        prop_assert_eq!(summary.records, summary.valid + summary.invalid);
        prop_assert_eq!(summary.valid, whole.rows.len() as u64);
        prop_assert_eq!(summary.invalid, whole.rejected.len() as u64);
        // Every rejected row has an error, every error a rejected row, and batches tell how far they reach.
        for (row, _) in &whole.rejected {
            prop_assert!(whole.issues.iter().any(|(of, _, _)| of == row));
        }
        prop_assert!(batches.windows(2).all(|pair| pair[0].last_row() < pair[1].first_row()));
        if let Some(last) = batches.last() {
            prop_assert_eq!(last.progress().records, summary.records);
        }
    }

    #[test]
    fn a_resumed_run_gives_exactly_what_was_still_missing(
        file in file(), batch_rows in 1_usize..6, stored in 0_usize..6,
    ) {
        let setup = Setup { batch_rows, ..Setup::default() };
        let (whole, batches) = all(&file, &setup);
        let stored = stored.min(batches.len());
        let resume_after = batches[..stored].last().map_or(0, Batch::last_row);
        let (rest, resumed) = all(&file, &Setup { resume_after, batch_rows: 4, ..Setup::default() });
        let missing: Vec<_> = whole.rows.iter().filter(|(row, _)| *row > resume_after).cloned().collect();
        prop_assert_eq!(&rest.rows, &missing);
        prop_assert_eq!(rest.summary.records, whole.summary.records);
        prop_assert_eq!(rest.summary.valid, whole.summary.valid);
        prop_assert!(resumed.iter().all(|batch| batch.first_row() > resume_after));
    }

    #[test]
    fn any_bytes_are_read_without_panic(file in prop::collection::vec(any::<u8>(), 0..400), columns in 1_usize..4) {
        let headers: Vec<String> = ["name", "email", "born"][..columns].iter().map(|h| (*h).to_owned()).collect();
        let schema = schema();
        let mapping = schema.map_headers(&headers).expect("headers");
        let dialect = Dialect { header_row: None, headers, ..Dialect::default() };
        let importer = Plan::new(schema, dialect, mapping).today(TODAY).surveyed(&file[..]).expect("no header to miss");
        let survey = importer.survey().expect("was surveyed");
        let (_, summary) = importer.import(&file[..]).collect().expect("no header to miss");
        prop_assert_eq!(summary.records, summary.valid + summary.invalid);
        prop_assert_eq!(summary.records, survey.records());
    }

    #[test]
    fn what_is_written_reads_back_cell_for_cell(
        table in prop::collection::vec(prop::collection::vec("[-+=@'a\"\n\r\t,;é ]{0,6}", 1..5), 1..6),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
    ) {
        let mut writer = CsvWriter::new(Vec::new()).delimiter(delimiter);
        for record in &table {
            writer.write_record(record).expect("memory");
        }
        let bytes = writer.finish().expect("memory");
        let mut reader = RecordReader::new(&Dialect { delimiter, ..Dialect::default() }, Limits::default());
        reader.feed(&bytes);
        reader.finish();
        let mut read = Vec::new();
        while let Some(record) = reader.next_record() {
            prop_assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])));
            read.push(record.iter().map(|cell| unguard(cell).to_owned()).collect::<Vec<_>>());
        }
        prop_assert_eq!(read, table);
    }

    #[test]
    fn a_file_to_correct_is_the_same_after_any_number_of_rounds(
        headers in prop::collection::vec("[-=+@＝＋－＠'a é]{0,5}", 1..5),
        cells in prop::collection::vec(prop::collection::vec("[-=+@＝＋－＠'a,é\"\n]{0,5}", 4), 1..4),
    ) {
        let schema = Schema::builder("rounds").locale(import_engine::Locale::INDONESIAN).field(Field::integer("angka")).build().expect("is sound");
        let messages = schema.messages(Language::INDONESIAN);
        let names: Vec<String> = headers.iter().cloned().chain(["angka".to_owned()]).collect();
        let mut file = CsvWriter::new(Vec::new());
        file.write_record(&names).expect("memory");
        for row in &cells {
            let row = row.iter().take(headers.len()).map(String::as_str);
            file.write_record(row.chain(["bukan"])).expect("memory");
        }
        let mut file = file.finish().expect("memory");
        let mut rounds = Vec::new();
        for _ in 0..4 {
            let dialect = Sniffer::new()
                .with_encoding(Encoding::UTF_8)
                .with_delimiter(b',')
                .with_quote(Some(b'"'))
                .with_escape(None)
                .with_header_row(Some(1))
                .sniff(&file[..]);
            let Ok(dialect) = dialect else { return Ok(()) };
            let columns = dialect.headers.clone();
            let mapping = schema.map_headers(&columns).expect("no overrides");
            let mut failed = FailedRows::new(Vec::new(), &columns).expect("memory");
            let sink = |batch: Batch| failed.write_batch(&batch, &messages);
            let summary = Plan::new(schema.clone(), dialect, mapping)
                .import(&file[..]).each(sink);
            let Ok(summary) = summary else { return Ok(()) };
            prop_assert_eq!(summary.invalid, cells.len() as u64);
            file = failed.finish().expect("memory");
            let kept: Vec<String> = columns.into_iter().filter(|name| !name.starts_with('_')).collect();
            rounds.push((kept, file.clone()));
        }
        prop_assert!(rounds.iter().all(|round| round.0 == rounds[0].0), "{:?}", rounds);
        // The first file has the rows where they stood in the original.
        prop_assert_eq!(&rounds[1].1, &rounds[2].1);
        prop_assert_eq!(&rounds[2].1, &rounds[3].1);
    }

    #[test]
    fn a_guard_is_taken_off_exactly_once(cell in "['=+@\\-＝＋－＠\t\r\na]{0,6}") {
        let guarded = guard(&cell);
        prop_assert_eq!(unguard(&guarded), cell.as_str());
    }

    #[test]
    fn failed_rows_give_the_same_errors_again(file in file()) {
        let (first, batches) = all(&file, &Setup::default());
        let messages = schema().messages(Language::INDONESIAN);
        let headers = ["name", "email", "born", "paid", "weight", "code", "kind", "group"];
        let mut failed = FailedRows::new(Vec::new(), &headers).expect("memory");
        for batch in &batches {
            failed.write_batch(batch, &messages).expect("memory");
        }
        let bytes = failed.finish().expect("memory");
        if first.rejected.is_empty() {
            return Ok(());
        }
        let again = run_with(&schema(), &bytes, &Setup { survey: false, ..Setup::default() }, Some(&mut system()));
        // What was wrong with a single cell is wrong again, in the same column.
        let Ok(again) = again else { return Ok(()) };
        let format = |code: &str| matches!(code, "required" | "email" | "number_groups" | "choice" | "digits_count" | "too_long");
        let expected = first.issues.iter().filter(|(_, _, code)| format(code)).count();
        let found = again.issues.iter().filter(|(_, _, code)| format(code)).count();
        prop_assert!(found >= expected, "{:?}\n{:?}", first.issues, again.issues);
    }

    #[test]
    fn a_row_whose_cells_were_out_of_place_is_not_taken_from_an_uncorrected_file(file in file(), spoiled in prop::collection::vec((0_usize..40, 0_usize..5), 1..6)) {
        let file = spoil(&file, &spoiled);
        let (first, batches) = all(&file, &Setup::default());
        let messages = schema().messages(Language::INDONESIAN);
        let headers = ["name", "email", "born", "paid", "weight", "code", "kind", "group"];
        let mut failed = FailedRows::new(Vec::new(), &headers).expect("memory");
        for batch in &batches {
            failed.write_batch(batch, &messages).expect("memory");
        }
        let whole = batches.iter().flat_map(Batch::issues).filter(|issue| issue.is_error() && issue.field().is_none());
        let damaged: std::collections::BTreeSet<u64> = whole.map(|issue| issue.row).collect();
        let bytes = failed.finish().expect("memory");
        if first.rejected.is_empty() {
            return Ok(());
        }
        // The header is the writer's own, whatever the rows look like.
        let mapping = schema().map_headers(&[&headers[..], &["_row_number", "_errors"]].concat()).expect("headers");
        let dialect = Dialect { headers: mapping.headers().map(str::to_owned).collect(), ..Dialect::default() };
        let mut system = system();
        let plan = Plan::new(schema(), dialect, mapping).today(TODAY);
        let (again, _) = plan
            .import(&bytes[..])
            .lookup(&mut system)
            .collect()
            .expect("readable");
        let numbers: Vec<u64> = csv::Reader::from_reader(&bytes[..])
            .byte_records()
            .filter_map(|record| std::str::from_utf8(record.ok()?.get(headers.len())?).ok()?.parse().ok())
            .collect();
        for row in again.iter().flat_map(Batch::rows) {
            let number = numbers[usize::try_from(row.row()).unwrap_or(0) - 2];
            prop_assert!(!damaged.contains(&number), "{number}\n{}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// The file with lines made too short, too long, or damaged.
fn spoil(file: &[u8], spoiled: &[(usize, usize)]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = file
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    for (line, how) in spoiled {
        if let Some(line) = lines.iter_mut().skip(1).nth(*line) {
            let cell = line
                .iter()
                .position(|byte| *byte == b',')
                .map_or(0, |at| at + 1);
            match how {
                0 => drop(line.drain(..cell)),
                1 => drop(line.splice(..0, *b"more,")),
                2 => drop(line.splice(..0, *b"\"open")),
                3 => drop(line.splice(..0, *b"\xFF")),
                _ => drop(line.splice(..0, *b"\0")),
            }
        }
    }
    lines.concat()
}

#[test]
fn the_observer_cancels_and_hears_what_was_done_so_far() {
    let mut file = "name\n".to_owned();
    for _ in 0..100 {
        file.push_str("Siti\n");
    }
    let plan = plan(&schema(), file.as_bytes(), &Setup::default()).expect("readable");
    let (batches, summary) = plan
        .import(&file)
        .batch_rows(4)
        .observe(|progress| match progress.records {
            10.. => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .collect()
        .expect("readable");
    assert_eq!(batches.len(), 3);
    assert!(!summary.is_complete());
    assert_eq!((summary.records, summary.valid), (12, 12));
}
