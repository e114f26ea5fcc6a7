//! Rows that repeat a key of an earlier one.

use import_engine::{Field, Schema, fields::UniqueKey};

use super::support::{contacts, issues, run};

#[test]
fn the_earlier_valid_row_wins_a_key() {
    let found = run(
        &contacts(),
        "nama,email,lahir,nik\n\
         ,dup@b.co,,\n\
         Siti,dup@b.co,,\n\
         Rina,DUP@B.CO,,\n\
         Ayu,x@b.co,,3175010505909001\n\
         Eko,y@b.co,,3175 0105 0590 9001\n",
    );
    // Row 2 is invalid for another reason and claims nothing, so row 3 is the first.
    assert_eq!(
        issues(&found),
        [
            "2 nama required",
            "4 email duplicate_in_file",
            "6 nik duplicate_in_file"
        ]
    );
    assert_eq!(found.messages[1], "Nilai 'email' sudah ada di baris 3");
}

#[test]
fn an_invalid_row_is_told_of_its_repeated_key_too() {
    let found = run(&contacts(), "nama,email\nSiti,dup@b.co\n,dup@b.co\n");
    assert_eq!(
        issues(&found),
        ["3 nama required", "3 email duplicate_in_file"]
    );
}

#[test]
fn a_repeated_key_may_be_a_warning() {
    let schema = Schema::builder("families")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("nama").required())
        .field(Field::text("telepon").unique_warning())
        .unique(UniqueKey::on(["nama", "telepon"]).in_file_only())
        .build()
        .expect("a sound schema");
    let found = run(&schema, "nama,telepon\nAli,081\nBudi,081\nali,081\n");
    assert_eq!(
        issues(&found),
        [
            "3 telepon duplicate_in_file",
            "4 telepon duplicate_in_file",
            "4 telepon duplicate_in_file"
        ]
    );
    assert_eq!((found.summary.valid, found.summary.warnings), (2, 2));
}
