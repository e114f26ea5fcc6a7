//! Any bytes under a schema with every kind of field: no panic, records in = valid + invalid, and chunks and batches do not
//! change the answer.
#![no_main]

use std::{fmt::Write, sync::LazyLock};

use import_engine::{Batch, Field, Issue, Language, Limits, Lookup, Plan, Schema, Summary, fields::{DateBound, TwoDigitYears, UniqueKey}, issues::Messages, lookup::{BoxError, Found, Question}, machine::Step, recognise::{Dialect, Survey}};
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

/// The plan of this many columns from the first, and the words: made once, as the runs are many and their files small.
static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    let names: Vec<String> = SCHEMA.fields().iter().map(|field| field.name().to_owned()).collect();
    let plan = |columns: usize| {
        let headers = names[..columns].to_vec();
        let mapping = SCHEMA.map_headers(&headers).unwrap();
        let dialect = Dialect { header_row: None, headers, ..Dialect::default() };
        Plan::new(SCHEMA.clone(), dialect, mapping)
            .limits(Limits { columns: 20, cell_bytes: 64, record_bytes: 256, ..Limits::default() })
            .today(date!(2026 - 11 - 20))
    };
    (1..=names.len()).map(plan).collect()
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

/// What an import gave: rows with their values, refused rows with their cells, and issues.
#[derive(Default, Debug, PartialEq)]
struct Seen {
    rows: Vec<(u64, String)>,
    rejected: Vec<(u64, String)>,
    issues: Vec<Issue>,
}

impl Seen {
    fn look(&mut self, batch: &Batch) {
        for row in batch.rows() {
            let mut values = String::new();
            for value in row.values() {
                write!(values, "{value}|").unwrap();
            }
            self.rows.push((row.row(), values));
        }
        for row in batch.rejected() {
            assert!(batch.issues_of(row.row()).iter().any(|issue| issue.is_error()));
            self.rejected.push((row.row(), row.cells().collect::<Vec<_>>().join("|")));
        }
        self.issues.extend(batch.issues().iter().cloned());
    }
}

fn survey(plan: &Plan, file: &[u8], chunk: usize) -> Survey {
    let mut surveyor = plan.surveyor().unwrap();
    for bytes in file.chunks(chunk) {
        surveyor.feed(bytes).unwrap();
    }
    surveyor.finish().unwrap()
}

fn import(plan: &Plan, file: &[u8], chunk: usize, batch_rows: usize) -> (Seen, Summary) {
    let mut run = plan.start().unwrap().batch_rows(batch_rows);
    let mut chunks = file.chunks(chunk);
    let mut seen = Seen::default();
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
            Step::Batch(batch) => seen.look(&batch),
            Step::Done(summary) => break *summary,
        }
    };
    assert_eq!(summary.records, summary.valid + summary.invalid);
    assert!(plan.records().is_none_or(|records| records == summary.records));
    assert_eq!(summary.valid, seen.rows.len() as u64);
    assert_eq!(summary.invalid, seen.rejected.len() as u64);
    (seen, summary)
}

fuzz_target!(|data: &[u8]| {
    let [columns, chunk, how, file @ ..] = data else { return };
    let plan = &PLANS[usize::from(*columns) % PLANS.len()];
    let chunk = usize::from(*chunk).max(1);
    // Each pass over a file has its law, and no run makes all of them: a survey in chunks, an import without a survey, one with it.
    let (law, batch_rows) = (how % 4, usize::from(how / 4 % 7) + 1);
    let mut plan = plan.clone();
    if law != 1 {
        let whole = survey(&plan, file, usize::MAX);
        if law == 0 {
            assert_eq!(whole, survey(&plan, file, chunk));
            return;
        }
        plan = plan.with_survey(whole);
    }
    let (whole, summary) = import(&plan, file, usize::MAX, 5_000);
    for issue in &whole.issues {
        assert!(!MESSAGES.message(issue).is_empty());
    }
    let (parts, again) = import(&plan, file, chunk, batch_rows);
    assert_eq!(whole, parts);
    assert_eq!(summary, again);
});
