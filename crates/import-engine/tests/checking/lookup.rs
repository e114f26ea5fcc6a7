//! What the system knows: references and keys, asked a batch at a time.

use import_engine::{
    BoxError, Field, Found, ImportError, IssueCode, Language, Lookup, Question, Schema, UniqueKey,
};

use super::support::{Setup, System, issues, rows, run_with};

fn payments() -> Schema {
    Schema::builder("payments")
        .field(
            Field::reference("jamaah", "jamaah")
                .required()
                .natural_keys(["nik jamaah"])
                .message(
                    IssueCode::REFERENCE_NOT_FOUND,
                    Language::Indonesian,
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
    let found =
        run_with(&payments(), file.as_bytes(), &Setup::default(), &mut system).expect("readable");
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
        .field(Field::text("nama").required())
        .field(Field::email("email").unique())
        .field(Field::text("ktp").unique())
        .build()
        .expect("a sound schema");
    let mut system = System::default();
    system.keys.push(("email", "taken@b.co".into()));
    let file = "nama,email,ktp\nA,TAKEN@b.co,1\nB,b@b.co,1\nC,c@b.co,1\n";
    let found =
        run_with(&schema, file.as_bytes(), &Setup::default(), &mut system).expect("readable");
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
    let found = run_with(&payments(), file.as_bytes(), &setup, &mut lookup).expect("readable");
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
        &mut Mute,
    );
    assert!(
        matches!(
            outcome,
            Err(ImportError::LookupMismatch {
                asked: 1,
                given: 0,
                ..
            })
        ),
        "{outcome:?}"
    );
}
