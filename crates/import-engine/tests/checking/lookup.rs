//! What the system knows: references and keys, asked a batch at a time.

use std::collections::HashSet;

use import_engine::{
    Batch, Field, IssueCode, Language, Lookup, RunError, Schema, SetupError,
    fields::UniqueKey,
    lookup::{BoxError, Found, Question, QuestionKind},
    machine::Step,
};
use proptest::prelude::*;

use super::support::{Setup, System, issues, outcome, plan, rows, run_with};

fn payments() -> Schema {
    Schema::builder("payments")
        .locale(import_engine::Locale::INDONESIAN)
        .field(
            Field::reference("jamaah", "jamaah")
                .required()
                .natural_keys(["nik jamaah"])
                .message(
                    IssueCode::REFERENCE_NOT_FOUND,
                    Language::INDONESIAN,
                    "Jamaah dengan ID '{value}' tidak ditemukan",
                ),
        )
        .field(Field::money("jumlah").required().min(1))
        .field(Field::text("referensi"))
        .unique(
            UniqueKey::on(["jamaah", "referensi"])
                .named("receipt")
                .reported_on("referensi"),
        )
        .build()
        .expect("a sound schema")
}

fn system() -> System {
    let mut system = System::default();
    system.things.insert(("jamaah", "ahmad".into()), 1);
    system.things.insert(("jamaah", "siti".into()), 1);
    system.things.insert(("jamaah", "kembar".into()), 2);
    system
        .keys
        .push(("receipt", format!("{}+inv-9", System::id("siti"))));
    system
}

#[test]
fn references_become_ids_and_keys_are_asked_with_them() {
    let file = "NIK Jamaah,jumlah,referensi\n\
                Ahmad,5.000.000,INV-1\n\
                AHMAD,250.000,inv-1\n\
                Siti,250.000,INV-1\n\
                Siti,100.000,INV-9\n\
                Siapa,1,\n\
                Kembar,1,\n";
    let mut system = system();
    let found = run_with(
        &payments(),
        file.as_bytes(),
        &Setup::default(),
        Some(&mut system),
    )
    .expect("readable");
    assert_eq!(
        issues(&found),
        [
            // By two spellings the same person: the key is of what is meant, not of what is written.
            "3 referensi duplicate_in_file",
            "5 referensi duplicate_in_system",
            "6 jamaah reference_not_found",
            "7 jamaah reference_ambiguous",
        ]
    );
    assert_eq!(
        found.messages[2],
        "Jamaah dengan ID 'Siapa' tidak ditemukan"
    );
    assert_eq!(
        found.messages[3],
        "jamaah 'Kembar' cocok dengan 2 data; isi dengan ID"
    );
    assert_eq!(rows(&found).len(), 2);
    assert!(rows(&found)[0].starts_with(&System::id("ahmad").to_string()));
    assert_eq!(
        system.calls, 2,
        "one call for the references, one for the key that needs them"
    );
}

#[test]
fn a_row_the_system_refuses_claims_no_key() {
    let schema = Schema::builder("contacts")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("nama").required())
        .field(Field::email("email").unique())
        .field(Field::text("ktp").unique())
        .build()
        .expect("a sound schema");
    let mut system = System::default();
    system.keys.push(("email", "taken@b.co".into()));
    let file = "nama,email,ktp\nA,TAKEN@b.co,1\nB,b@b.co,1\nC,c@b.co,1\n";
    let found = run_with(
        &schema,
        file.as_bytes(),
        &Setup::default(),
        Some(&mut system),
    )
    .expect("readable");
    assert_eq!(
        issues(&found),
        ["2 email duplicate_in_system", "4 ktp duplicate_in_file"]
    );
    assert_eq!(found.messages[1], "Nilai 'ktp' sudah ada di baris 3");
    assert_eq!(system.calls, 1);
}

#[test]
fn each_text_is_asked_about_once_a_batch() {
    struct Counting(Vec<usize>);
    impl Lookup for Counting {
        fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
            self.0.extend(questions.iter().map(Question::len));
            assert_eq!(questions[0].header, Some("NIK Jamaah"));
            Ok(questions
                .iter()
                .map(|question| vec![Found::Unchecked; question.len()])
                .collect())
        }
    }
    let file = "NIK Jamaah,jumlah\nA,1\nB,1\nA,1\nA,1\nC,1\n";
    let mut lookup = Counting(Vec::new());
    let setup = Setup {
        batch_rows: 4,
        ..Setup::default()
    };
    let found =
        run_with(&payments(), file.as_bytes(), &setup, Some(&mut lookup)).expect("readable");
    assert_eq!(lookup.0, [2, 1]);
    assert_eq!(rows(&found)[0], "A|1|");
}

#[test]
fn a_lookup_that_answers_too_little_ends_the_import() {
    struct Mute;
    impl Lookup for Mute {
        fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
            Ok(vec![Vec::new(); questions.len()])
        }
    }
    let outcome = run_with(
        &payments(),
        b"jamaah,jumlah\nA,1\n",
        &Setup::default(),
        Some(&mut Mute),
    );
    assert!(
        matches!(
            outcome,
            Err(RunError::Setup(SetupError::LookupMismatch {
                asked: 1,
                given: 0,
                ..
            }))
        ),
        "{outcome:?}"
    );
}

/// A system that knows what was there before, and every row that the sink stored.
#[derive(Default)]
struct Stored {
    /// Field and value.
    keys: HashSet<(String, String)>,
    /// Each question about a key: field and value.
    asked: Vec<(String, String)>,
}

impl Stored {
    fn take(&mut self, batch: &Batch) {
        for row in batch.rows() {
            for field in ["email", "ktp"] {
                let value = row.get(field).to_string();
                self.keys.insert((field.to_owned(), value));
            }
        }
    }
}

impl Lookup for Stored {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let one = |question: &Question<'_>| match question.kind {
            QuestionKind::Reference { .. } => question
                .texts()
                .map(|text| match text {
                    "known" => Found::one(uuid::Uuid::nil()),
                    _ => Found::Nothing,
                })
                .collect(),
            QuestionKind::Unique => question
                .texts()
                .map(|text| {
                    let key = (question.name.to_owned(), text.to_owned());
                    let known = self.keys.contains(&key);
                    self.asked.push(key);
                    if known {
                        Found::one(uuid::Uuid::nil())
                    } else {
                        Found::Nothing
                    }
                })
                .collect(),
        };
        Ok(questions.iter().map(one).collect())
    }
}

fn people() -> Schema {
    Schema::builder("people")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("email").required().unique())
        .field(Field::text("ktp").unique())
        .field(Field::reference("group", "group").required())
        .build()
        .expect("a sound schema")
}

/// Runs until this many batches are stored, as a program that is killed would.
fn run_until(file: &str, setup: &Setup, batches: usize, stored: &mut Stored) -> Vec<Batch> {
    let plan = plan(&people(), file.as_bytes(), setup).expect("readable");
    let mut run = plan
        .start()
        .expect("a complete mapping")
        .batch_rows(setup.batch_rows)
        .resume_after(setup.resume_after);
    run.feed(file.as_bytes());
    run.finish();
    let mut taken = Vec::new();
    while taken.len() < batches {
        match run.step().expect("readable") {
            Step::NeedsBytes => {}
            Step::NeedsAnswers => {
                let answers = stored.answer(&run.questions()).expect("answers");
                run.answer(&answers).expect("as many");
            }
            Step::Batch(batch) => {
                stored.take(&batch);
                taken.push(*batch);
            }
            Step::Done(_) => break,
        }
    }
    taken
}

proptest! {
    #[test]
    fn an_import_that_is_interrupted_and_resumed_takes_the_rows_of_one_that_is_not(
        cells in prop::collection::vec((0_u8..6, 0_u8..6, prop::bool::weighted(0.8)), 1..24),
        batch_rows in 1_usize..5,
        before in prop::collection::vec((prop::bool::ANY, 0_u8..6), 0..4),
    ) {
        let mut file = "email,ktp,group\n".to_owned();
        for (email, ktp, known) in &cells {
            let group = if *known { "known" } else { "strange" };
            file.push_str(&format!("e{email},k{ktp},{group}\n"));
        }
        let system = || Stored {
            keys: before
                .iter()
                .map(|(email, n)| if *email {
                    ("email".to_owned(), format!("e{n}"))
                } else {
                    ("ktp".to_owned(), format!("k{n}"))
                })
                .collect(),
            ..Stored::default()
        };
        let setup = Setup { batch_rows, ..Setup::default() };
        let seen = |batches: &[Batch]| outcome(&people(), batches, import_engine::Summary::default());
        let whole = seen(&run_until(&file, &setup, usize::MAX, &mut system()));
        for interrupted in 0..=cells.len().div_ceil(batch_rows) {
            let mut stored = system();
            let mut batches = run_until(&file, &setup, interrupted, &mut stored);
            let resume_after = batches.last().map_or(0, Batch::last_row);
            let setup = Setup { resume_after, ..setup.clone() };
            batches.extend(run_until(&file, &setup, usize::MAX, &mut stored));
            let resumed = seen(&batches);
            prop_assert_eq!(&resumed.rows, &whole.rows, "after batch {}", interrupted);
            prop_assert_eq!(&resumed.rejected, &whole.rejected);
        }
    }
}

#[test]
fn the_system_is_not_asked_about_what_the_file_has_claimed() {
    let file = "email,ktp,group\na,1,known\nb,2,known\na,3,known\nc,4,known\n";
    let setup = Setup {
        batch_rows: 2,
        ..Setup::default()
    };
    let mut stored = Stored::default();
    run_until(file, &setup, usize::MAX, &mut stored);
    let emails: Vec<&str> = stored
        .asked
        .iter()
        .filter(|(field, _)| field == "email")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(emails, ["a", "b", "c"]);

    let mut stored = Stored::default();
    let resumed = Setup {
        resume_after: 3,
        ..setup
    };
    run_until(file, &resumed, usize::MAX, &mut stored);
    assert!(!stored.asked.iter().any(|(_, value)| value == "b"));
}
