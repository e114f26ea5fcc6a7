//! Any bytes under a schema with every kind of field: no panic, records in = valid + invalid, and chunks and batches do not
//! change the answer.
#![no_main]

use std::sync::LazyLock;

use import_engine::{Batch, Field, Language, Limits, Lookup, Plan, Schema, Summary, fields::{DateBound, TwoDigitYears, UniqueKey}, issues::Messages, lookup::{BoxError, Found, Question}, machine::Step, recognise::{Dialect, Mapping}};
use libfuzzer_sys::fuzz_target;
use time::macros::date;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builder("all").locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("a").required().min_chars(2).max_chars(9))
        .field(Field::multiline("b"))
        .field(Field::digits("c", 3, 16).unique().sensitive())
        .field(Field::integer("d").min(-5).max(1_000_000).units(["hari"]))
        .field(Field::decimal("e"))
        .field(Field::money("f").min(1))
        .field(
            Field::date("g")
                .two_digit_years(TwoDigitYears::Past { max_age: 100 })
                .not_before(DateBound::YearsAgo(120))
                .not_after(DateBound::DaysAhead(1)),
        )
        .field(Field::email("h").unique())
        .field(Field::uuid("i"))
        .field(Field::boolean("j"))
        .field(Field::choice("k", ["x", "y"]).choice_alias("x", "eks"))
        .field(Field::reference("l", "thing"))
        .unique(UniqueKey::on(["l", "a"]).warning())
        .build()
        .unwrap()
});

/// The mapping of this many columns from the first, and the words: made once, as the runs are many and their files small.
static MAPPINGS: LazyLock<Vec<(Vec<String>, Mapping)>> = LazyLock::new(|| {
    let names: Vec<String> = SCHEMA.fields().iter().map(|field| field.name().to_owned()).collect();
    (0..=names.len()).map(|columns| (names[..columns].to_vec(), SCHEMA.map_headers(&names[..columns]).unwrap())).collect()
});
static MESSAGES: LazyLock<Messages> = LazyLock::new(|| SCHEMA.messages(Language::INDONESIAN));

/// Knows what begins with `a`, and two of what begins with `b`.
struct Some3;

impl Lookup for Some3 {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let found = |key: &[import_engine::Value<'_>]| match key[0].to_string().as_bytes().first() {
            Some(b'a') => Found::one(uuid::Uuid::nil()),
            Some(b'b') => Found::Many(2),
            Some(b'c') => Found::Unchecked,
            _ => Found::Nothing,
        };
        Ok(questions.iter().map(|question| question.keys().map(found).collect()).collect())
    }
}

fn run(file: &[u8], columns: usize, chunk: usize, batch_rows: usize) -> (Vec<String>, Summary) {
    let (headers, mapping) = MAPPINGS[columns].clone();
    let dialect = Dialect { header_row: None, headers, ..Dialect::default() };
    let mut importer = Plan::new(SCHEMA.clone(), dialect, mapping)
        .limits(Limits { columns: 20, cell_bytes: 64, record_bytes: 256, ..Limits::default() })
        .today(date!(2026 - 11 - 20));
    let mut surveyor = importer.surveyor().unwrap();
    for bytes in file.chunks(chunk) {
        surveyor.feed(bytes).unwrap();
    }
    let survey = surveyor.finish().unwrap();
    let records = survey.records();
    importer = importer.with_survey(survey);
    let mut run = importer.start().unwrap().batch_rows(batch_rows);
    let mut chunks = file.chunks(chunk);
    let mut seen = Vec::new();
    let summary = loop {
        match run.step().unwrap() {
            Step::NeedsBytes => match chunks.next() {
                Some(chunk) => run.feed(chunk),
                None => run.finish(),
            },
            Step::NeedsAnswers => {
                let answers = Some3.answer(&run.questions()).unwrap();
                run.answer(&answers).unwrap();
            }
            Step::Batch(batch) => look(&batch, &mut seen),
            Step::Done(summary) => break *summary,
        }
    };
    assert_eq!(summary.records, summary.valid + summary.invalid);
    assert_eq!(summary.records, records);
    (seen, summary)
}

fn look(batch: &Batch, seen: &mut Vec<String>) {
    for row in batch.rows() {
        let values: Vec<String> = row.values().map(|value| value.to_string()).collect();
        seen.push(format!("{} {}", row.row(), values.join("|")));
    }
    for row in batch.rejected() {
        assert!(batch.issues_of(row.row()).iter().any(|issue| issue.is_error()));
        seen.push(format!("{} {}", row.row(), row.cells().collect::<Vec<_>>().join("|")));
    }
    seen.extend(batch.issues().iter().map(|issue| format!("{issue:?} {}", MESSAGES.message(issue))));
    seen.sort();
}

fuzz_target!(|data: &[u8]| {
    let [columns, chunk, batch_rows, file @ ..] = data else { return };
    let columns = usize::from(columns % 12) + 1;
    let (mut whole, summary) = run(file, columns, usize::MAX, 5_000);
    let (mut parts, again) = run(file, columns, usize::from(*chunk).max(1), usize::from(batch_rows % 7) + 1);
    whole.sort();
    parts.sort();
    assert_eq!(whole, parts);
    assert_eq!(summary, again);
});
