//! What single rows become: values, errors, warnings.

use import_engine::{Field, ImportError, IssueCode, Language, Problem, Row, Schema};

use super::support::{Setup, contacts, issues, rows, run, run_with};

#[test]
fn all_errors_of_a_row_are_told_at_once() {
    let found = run(
        &contacts(),
        "nama,email,lahir,nik\n,ahmad@email,31/02/1970,\"3,17501E+15\"\n",
    );
    assert_eq!(
        issues(&found),
        [
            "2 nama required",
            "2 email email",
            "2 lahir date_impossible",
            "2 nik excel_scientific"
        ]
    );
    assert_eq!(
        found.messages,
        [
            "Field 'nama' wajib diisi",
            "Email tidak valid: ahmad@email",
            "Tanggal tidak ada di kalender: 31/02/1970",
            "NIK rusak oleh format Excel (3,17501E+15). Ubah kolom menjadi Teks lalu ekspor ulang",
        ]
    );
    assert_eq!(
        found.rejected,
        [(2, "|ahmad@email|31/02/1970|3,17501E+15".to_owned())]
    );
    assert_eq!(
        (
            found.summary.errors.missing_required,
            found.summary.errors.invalid_format
        ),
        (1, 3)
    );
}

#[test]
fn values_are_cleaned_and_empty_words_are_nothing() {
    let found = run(
        &contacts(),
        "nama;email;lahir;nik\n  Nu’man\u{a0} \u{200b}R ;-;tidak ada;'3175010505909001\n",
    );
    assert_eq!(rows(&found), ["Nu’man R|||3175010505909001"]);
}

#[test]
fn an_empty_word_in_a_required_field_is_missing() {
    let found = run(
        &contacts(),
        "nama,email,lahir,nik\n-,a@b.co,,\nN/A,b@b.co,,\n#N/A,c@b.co,,\n",
    );
    assert_eq!(
        issues(&found),
        ["2 nama required", "3 nama required", "4 nama excel_error"]
    );
}

#[test]
fn length_counts_characters_not_bytes() {
    let found = run(
        &contacts(),
        "nama,email\néééééééééé,a@b.co\nééééééééééé,b@b.co\n",
    );
    assert_eq!(issues(&found), ["3 nama too_long"]);
    assert_eq!(found.messages, ["nama maksimal 10 karakter (sekarang 11)"]);
}

#[test]
fn one_formula_guard_is_taken_off() {
    let found = run(
        &contacts(),
        "nama,email\n'+62,a@b.co\n''=x,b@b.co\n'Aisyah,c@b.co\n",
    );
    assert_eq!(
        rows(&found),
        ["+62|a@b.co||", "'=x|b@b.co||", "'Aisyah|c@b.co||"]
    );
}

#[test]
fn rules_across_cells_refuse_warn_and_clear() {
    const LATE: IssueCode = IssueCode::new("late");
    const SHORT: IssueCode = IssueCode::new("short");
    fn in_order(row: &mut Row<'_>) {
        let (Some(from), Some(until)) = (row.get("from").as_date(), row.get("until").as_date())
        else {
            return;
        };
        if until < from {
            row.refuse("until", Problem::new(LATE).with("from", from));
        } else if until == from {
            row.warn("until", SHORT);
        }
        if row.get("note").as_text() == Some("secret") {
            row.clear("note");
        }
    }
    let schema = Schema::builder("trips")
        .field(Field::date("from"))
        .field(Field::date("until"))
        .field(Field::text("note"))
        .row_rule(in_order)
        .message(LATE, Language::Indonesian, "{label} sebelum {from}")
        .build()
        .expect("a sound schema");
    let found = run(
        &schema,
        "from,until,note\n2027-01-02,2027-01-01,x\n2027-01-01,2027-01-01,secret\n",
    );
    assert_eq!(issues(&found), ["2 until late", "3 until short"]);
    assert_eq!(
        found.messages,
        ["until sebelum 2027-01-02", "until tidak valid: 2027-01-01"]
    );
    assert_eq!(rows(&found), ["2027-01-01|2027-01-01|"]);
}

#[test]
fn a_day_relative_to_today_needs_today() {
    let setup = Setup {
        today: None,
        survey: false,
        ..Setup::default()
    };
    let outcome = run_with(
        &contacts(),
        b"nama,email\nA,a@b.co\n",
        &setup,
        &mut import_engine::NoLookup,
    );
    assert!(matches!(outcome, Err(ImportError::TodayMissing { field }) if field == "lahir"));
}

#[test]
fn sensitive_values_are_covered_where_others_may_read() {
    let schema = contacts();
    let file = b"nama,nik\nA,31750105059090011\n";
    let importer = super::support::importer(&schema, file, &Setup::default()).expect("readable");
    let mut batches = Vec::new();
    importer
        .run(
            &file[..],
            &mut batches,
            &mut import_engine::NoLookup,
            &mut (),
        )
        .expect("readable");
    let issue = &batches[0].issues()[0];
    let messages = schema.messages(Language::Indonesian);
    assert_eq!(
        messages.message(issue),
        "NIK harus 16 digit (sekarang 17): 31750105059090011"
    );
    assert_eq!(
        messages.masked_message(issue),
        "NIK harus 16 digit (sekarang 17): 3175*********0011"
    );
    assert!(!format!("{issue:?}").contains("31750105059090011"));
    assert_eq!(messages.expected(issue).as_deref(), Some("16 digit"));
}
