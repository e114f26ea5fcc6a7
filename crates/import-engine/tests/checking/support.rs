//! One funnel: a file and a schema in, everything that came out.

use std::{collections::HashMap, io::Read};

use import_engine::{
    Batch, Field, Import, Language, Lookup, Plan, RunError, Schema, Summary,
    fields::{DateBound, TwoDigitYears},
    lookup::{BoxError, Found, Question, QuestionKind},
    plans::Once,
    recognise::Sniffer,
};
use time::{Date, macros::date};
use uuid::Uuid;

pub(crate) const TODAY: Date = date!(2026 - 11 - 20);

/// All that a run gave.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// Row number and the values of all fields, joined by `|`.
    pub(crate) rows: Vec<(u64, String)>,
    /// Row number, field, code.
    pub(crate) issues: Vec<(u64, String, String)>,
    pub(crate) messages: Vec<String>,
    /// Row number and cells of the invalid rows, joined by `|`.
    pub(crate) rejected: Vec<(u64, String)>,
    pub(crate) summary: Summary,
}

/// What a run is given beside the file.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) chunk: usize,
    pub(crate) batch_rows: usize,
    pub(crate) resume_after: u64,
    pub(crate) survey: bool,
    pub(crate) today: Option<Date>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            chunk: usize::MAX,
            batch_rows: 5_000,
            resume_after: 0,
            survey: true,
            today: Some(TODAY),
        }
    }
}

/// Gives at most this many bytes at a time.
struct Slow<'f>(&'f [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let limit = into.len().min(self.1);
        self.0.read(&mut into[..limit])
    }
}

pub(crate) fn plan(schema: &Schema, file: &[u8], setup: &Setup) -> Result<Plan, RunError> {
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(file)
        .expect("a table");
    let mapping = schema.map_headers(&dialect.headers)?;
    let mut plan = Plan::new(schema.clone(), dialect, mapping);
    if let Some(today) = setup.today {
        plan = plan.today(today);
    }
    if setup.survey {
        plan = plan.surveyed(Once::new(Slow(file, setup.chunk)))?;
    }
    Ok(plan)
}

/// An import of a file by a plan, as the setup says.
pub(crate) fn import<'p, 'f>(
    plan: &'p Plan,
    file: &'f [u8],
    setup: &Setup,
) -> Import<'p, 'static, Once<impl Read + use<'f>>> {
    plan.import(Once::new(Slow(file, setup.chunk)))
        .batch_rows(setup.batch_rows)
        .resume_after(setup.resume_after)
}

pub(crate) fn run_with(
    schema: &Schema,
    file: &[u8],
    setup: &Setup,
    lookup: Option<&mut dyn Lookup>,
) -> Result<Outcome, RunError> {
    let plan = plan(schema, file, setup)?;
    let import = import(&plan, file, setup);
    let (batches, summary) = match lookup {
        Some(lookup) => import.lookup(lookup).collect(),
        None => import.collect(),
    }?;
    Ok(outcome(schema, &batches, summary))
}

pub(crate) fn outcome(schema: &Schema, batches: &[Batch], summary: Summary) -> Outcome {
    let messages = schema.messages(Language::INDONESIAN);
    let mut outcome = Outcome {
        rows: Vec::new(),
        issues: Vec::new(),
        messages: Vec::new(),
        rejected: Vec::new(),
        summary,
    };
    for batch in batches {
        for row in batch.rows() {
            let values: Vec<String> = row.values().map(|value| value.to_string()).collect();
            outcome.rows.push((row.row(), values.join("|")));
        }
        for issue in batch.issues() {
            outcome.issues.push((
                issue.row,
                issue.field().unwrap_or_default().to_owned(),
                issue.code.to_string(),
            ));
            outcome.messages.push(messages.message(issue));
        }
        for row in batch.rejected() {
            outcome
                .rejected
                .push((row.row(), row.cells().collect::<Vec<_>>().join("|")));
        }
    }
    outcome
}

pub(crate) fn run(schema: &Schema, file: &str) -> Outcome {
    run_with(schema, file.as_bytes(), &Setup::default(), None).expect("a readable file")
}

/// Issues as `row field code`.
pub(crate) fn issues(outcome: &Outcome) -> Vec<String> {
    outcome
        .issues
        .iter()
        .map(|(row, field, code)| format!("{row} {field} {code}"))
        .collect()
}

pub(crate) fn rows(outcome: &Outcome) -> Vec<&str> {
    outcome
        .rows
        .iter()
        .map(|(_, values)| values.as_str())
        .collect()
}

/// A system that has some things already.
#[derive(Clone, Debug, Default)]
pub(crate) struct System {
    /// Name of the reference target and text, and how many there are.
    pub(crate) things: HashMap<(&'static str, String), u64>,
    /// Name of the key and its values, joined by `+`.
    pub(crate) keys: Vec<(&'static str, String)>,
    /// Questions asked: number of calls.
    pub(crate) calls: usize,
}

impl System {
    pub(crate) fn id(text: &str) -> Uuid {
        let mut bytes = [7; 16];
        for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
            *byte = letter;
        }
        Uuid::from_bytes(bytes)
    }
}

impl Lookup for System {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        self.calls += 1;
        Ok(questions
            .iter()
            .map(|question| self.one(question))
            .collect())
    }

    /// It never learns of a row.
    fn sees_own_rows(&self) -> bool {
        false
    }
}

impl System {
    fn one(&self, question: &Question<'_>) -> Vec<Found> {
        match question.kind {
            QuestionKind::Reference { target } => question
                .texts()
                .map(|text| {
                    let known = self.things.iter().find(|((kind, name), _)| {
                        *kind == target && name.eq_ignore_ascii_case(text)
                    });
                    match known.map(|(_, count)| *count) {
                        None => Found::Nothing,
                        Some(1) => Found::one(Self::id(&text.to_lowercase())),
                        Some(count) => Found::Many(count),
                    }
                })
                .collect(),
            QuestionKind::Unique => question
                .keys()
                .map(|key| {
                    let key: Vec<String> = key.iter().map(ToString::to_string).collect();
                    let taken = self
                        .keys
                        .iter()
                        .any(|(name, known)| *name == question.name && *known == key.join("+"));
                    if taken {
                        Found::one(Uuid::nil())
                    } else {
                        Found::Nothing
                    }
                })
                .collect(),
        }
    }
}

/// People with a key each for their address and their number.
pub(crate) fn contacts() -> Schema {
    Schema::builder("contacts")
        .locale(import_engine::Locale::INDONESIAN)
        .field(
            Field::text("nama")
                .required()
                .max_chars(10)
                .aliases(["nama lengkap"]),
        )
        .field(Field::email("email").unique().label("Email"))
        .field(
            Field::date("lahir")
                .two_digit_years(TwoDigitYears::Past { max_age: 100 })
                .not_after(DateBound::Today),
        )
        .field(
            Field::digits("nik", 16, 16)
                .unique()
                .sensitive()
                .label("NIK"),
        )
        .ignore_columns(["no"])
        .build()
        .expect("a sound schema")
}
