//! What single rows become: values, errors, warnings.

use import_engine::{
    Field, IssueCode, Language, RunError, Schema, SetupError, Value,
    fields::{DateBound, DateOrder, DecimalMark},
    rules::{Problem, Row},
};

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
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::date("from"))
        .field(Field::date("until"))
        .field(Field::text("note"))
        .row_rule(["from", "until", "note"], in_order)
        .codes([LATE])
        .message(LATE, Language::INDONESIAN, "{label} sebelum {from}")
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
    let outcome = run_with(&contacts(), b"nama,email\nA,a@b.co\n", &setup, None);
    assert!(
        matches!(outcome, Err(RunError::Setup(SetupError::TodayMissing { field })) if field == "lahir")
    );
}

#[test]
fn sensitive_values_are_covered_where_others_may_read() {
    let schema = contacts();
    let file = b"nama,nik\nA,31750105059090011\n";
    let importer = super::support::plan(&schema, file, &Setup::default()).expect("readable");
    let (batches, _) = importer.import(&file[..]).collect().expect("readable");
    let issue = &batches[0].issues()[0];
    let messages = schema.messages(Language::INDONESIAN);
    assert_eq!(
        messages.message(issue),
        "NIK harus 16 digit (sekarang 17): 31750105059090011"
    );
    assert_eq!(
        messages.masked_message(issue),
        "NIK harus 16 digit (sekarang 17): 317501*******0011"
    );
    assert!(!format!("{issue:?}").contains("31750105059090011"));
    assert_eq!(messages.expected(issue).as_deref(), Some("16 digit"));
}

#[test]
fn a_rule_that_names_no_field_is_refused_when_the_schema_is_built() {
    fn nothing(_: &mut Row<'_>) {}
    let trips = || {
        Schema::builder("trips")
            .locale(import_engine::Locale::INDONESIAN)
            .field(Field::text("from"))
    };
    assert!(trips().row_rule(["from"], nothing).build().is_ok());
    let wrong = trips().row_rule(["form"], nothing).build();
    assert!(
        matches!(&wrong, Err(SetupError::Schema { reason, .. }) if reason.contains("'form'")),
        "{wrong:?}"
    );
}

#[test]
fn what_a_rule_says_of_an_undeclared_field_is_about_the_row_and_never_lost() {
    const WRONG: IssueCode = IssueCode::new("wrong");
    let schema = Schema::builder("trips")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("from"))
        .field(Field::text("until"))
        .row_rule(["from"], |row: &mut Row<'_>| {
            if row.get("from").as_text() == Some("bad") {
                row.refuse("until", WRONG);
            } else {
                row.warn("unitl", WRONG);
            }
        })
        .build()
        .expect("a sound schema");
    let found = run(&schema, "from,until\nbad,x\ngood,x\n");
    assert_eq!(issues(&found), ["2  wrong", "3  wrong"]);
    assert_eq!(rows(&found), ["good|x"]);
}

#[test]
fn money_obeys_its_mark_and_its_column() {
    let dollars = || Field::money("price").currency(["$"]);
    let read = |field: Field, cells: &[&str]| {
        let schema = Schema::builder("prices")
            .locale(import_engine::Locale::INDONESIAN)
            .field(Field::text("name"))
            .field(field)
            .build()
            .expect("a sound schema");
        let lines = cells.iter().map(|cell| format!("a;{cell}\n"));
        let found = run(
            &schema,
            &format!("name;price\n{}", lines.collect::<String>()),
        );
        let prices = found.rows.iter().map(|(_, row)| row[2..].to_owned());
        let codes = found.issues.iter().map(|(_, _, code)| code.clone());
        prices.chain(codes).collect::<Vec<_>>()
    };
    let point = || dollars().decimal_mark(DecimalMark::Point);
    assert_eq!(
        read(point(), &["$1.250", "$12.50", "$1,234.50", "$1,234", "$12"]),
        [
            "1234",
            "12",
            "number_fraction",
            "number_fraction",
            "number_fraction"
        ]
    );
    assert_eq!(
        read(
            point().minor_units(2),
            &["$1.250", "$12.50", "$1,234.50", "$1,234", "$12", "$0.999"]
        ),
        ["125", "1250", "123450", "123400", "1200", "number_fraction"]
    );
    // One cell shows what the point means in all of them.
    assert_eq!(
        read(dollars().minor_units(2), &["$1.250", "$12.50"]),
        ["125", "1250"]
    );
    assert_eq!(
        read(dollars(), &["$1.250", "$12,250.00"]),
        ["12250", "number_fraction"]
    );
    assert_eq!(read(dollars(), &["$1.250"]), ["1250"]);
    assert_eq!(
        read(dollars(), &["$1.250,00", "$1,250.00", "$1.250"]),
        ["1250", "1250", "number_ambiguous"]
    );
}

#[test]
fn the_words_of_a_choice_are_never_nothing() {
    let schema = Schema::builder("regions")
        .locale(import_engine::Locale::INDONESIAN)
        .field(
            Field::choice("region", ["NA", "EU"])
                .required()
                .choice_alias("EU", "none"),
        )
        .field(Field::text("name").empty_words(["-"]))
        .field(Field::text("note"))
        .build()
        .expect("a sound schema");
    let found = run(
        &schema,
        "region,name,note\nNA,Null,NULL\nnone,Na,\\N\nn/a,Ada,(null)\n-,-,-\n",
    );
    assert_eq!(rows(&found), ["NA|Null|", "EU|Na|"]);
    assert_eq!(issues(&found), ["4 region required", "5 region required"]);
    let schema = Schema::builder("names")
        .locale(import_engine::Locale::INDONESIAN)
        .empty_words(["ohne"])
        .field(Field::text("name"))
        .field(Field::text("kept").empty_words(["weg"]))
        .build()
        .expect("a sound schema");
    let found = run(&schema, "name,kept\nOhne,ohne\nNull,WEG\n");
    assert_eq!(rows(&found), ["|ohne", "Null|"]);
}

#[test]
fn a_time_of_day_is_never_dropped_without_a_word() {
    let schema = Schema::builder("visits")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::date("day"))
        .field(Field::datetime("at").zone(time::UtcOffset::UTC))
        .field(Field::datetime("exact"))
        .build()
        .expect("a sound schema");
    let found = run(
        &schema,
        "day,at,exact\n\
         2027-01-05 10:30,2027-01-05 10:30,2027-01-05T10:30:00+07:00\n\
         2027-01-05 00:00,2027-01-05,2027-01-05 10:30\n",
    );
    assert_eq!(
        rows(&found),
        ["2027-01-05|2027-01-05T10:30:00Z|2027-01-05T03:30:00Z"]
    );
    assert_eq!(
        issues(&found),
        [
            "2 day time_dropped",
            "3 at time_missing",
            "3 exact time_zone"
        ]
    );
    assert_eq!(
        found.messages[0],
        "Jam pada day tidak disimpan: 2027-01-05 10:30 dibaca sebagai 2027-01-05"
    );
}

#[test]
fn a_file_in_american_order_is_read_by_what_its_column_shows() {
    let born = |order| {
        Schema::builder("people")
            .locale(import_engine::Locale::INDONESIAN)
            .field(Field::text("name"))
            .field(Field::date("born").order(order))
            .build()
            .expect("a sound schema")
    };
    let american = "name,born\nA,03/04/1990\nB,05/25/1985\nC,12/11/1979\n";
    assert_eq!(
        rows(&run(&born(DateOrder::ByColumn), american)),
        ["A|1990-03-04", "B|1985-05-25", "C|1979-12-11"]
    );
    let unclear = "name,born\nA,03/04/1990\nB,1985-05-25\n";
    assert_eq!(
        issues(&run(&born(DateOrder::ByColumn), unclear)),
        ["2 born date_order"]
    );
    let both = "name,born\nA,03/04/1990\nB,05/25/1985\nC,25/05/1985\n";
    let found = run(&born(DateOrder::ByColumn), both);
    assert_eq!(rows(&found), ["B|1985-05-25", "C|1985-05-25"]);
    assert_eq!(issues(&found), ["2 born date_order"]);
}

#[test]
fn numbers_with_a_plus_a_bare_point_or_a_minus_behind_are_numbers() {
    let schema = Schema::builder("numbers")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("name"))
        .field(Field::decimal("n"))
        .field(Field::integer("whole").min(-10))
        .build()
        .expect("a sound schema");
    let found = run(
        &schema,
        "name,n,whole\na,+3,+3\na,.99,5.\na,5.,3-\na,3.25-,-3\na,-.5,+\na,+-3,-3-\na,.,--3\n",
    );
    assert_eq!(rows(&found), ["a|3|3", "a|0.99|5", "a|5|-3", "a|-3.25|-3"]);
    assert_eq!(issues(&found)[..1], ["6 whole number"]);
    assert_eq!(found.rejected.len(), 3);
}

#[test]
fn a_field_without_a_currency_speaks_of_none() {
    let schema = Schema::builder("numbers")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("name"))
        .field(Field::integer("seats"))
        .field(Field::money("price"))
        .build()
        .expect("a sound schema");
    let found = run(&schema, "name,seats,price\na,$5,$5\n");
    assert_eq!(
        issues(&found),
        ["2 seats number", "2 price number_currency"]
    );
}

#[test]
fn what_cannot_work_is_refused_when_the_schema_is_built() {
    const ODD: IssueCode = IssueCode::new("odd");
    let day = |day| time::Date::from_calendar_date(2027, time::Month::May, day).expect("a day");
    let refused = |field: Field, word: &str| {
        let built = Schema::builder("wrong")
            .locale(import_engine::Locale::INDONESIAN)
            .field(field)
            .build();
        assert!(
            matches!(&built, Err(SetupError::Schema { reason, .. }) if reason.contains(word)),
            "{word}: {built:?}"
        );
    };
    refused(Field::digits("a", 5, 2), "digits");
    refused(Field::digits("a", 0, 0), "digits");
    refused(Field::choice("a", [""; 0]), "no words");
    refused(Field::choice("a", ["x"]).choice_alias("y", "z"), "'y'");
    refused(Field::text("a").choice_alias("y", "z"), "choice");
    refused(
        Field::date("a").not_before(day(2)).not_after(day(1)),
        "later",
    );
    refused(
        Field::date("a")
            .not_before(DateBound::Today)
            .not_after(DateBound::YearsAgo(1)),
        "later",
    );
    refused(Field::text("a").min(1), "number");
    refused(Field::integer("a").order(DateOrder::MonthFirst), "date");
    refused(Field::integer("a").max_chars(3), "text");
    refused(Field::integer("a").minor_units(2), "money");
    refused(Field::money("a").minor_units(12), "decimals");
    refused(Field::reference("a", ""), "nothing");
    refused(
        Field::text("a").message(ODD, Language::ENGLISH, "x"),
        "'odd'",
    );
    let message = |builder: import_engine::fields::SchemaBuilder| {
        builder
            .field(Field::text("a"))
            .message(ODD, Language::ENGLISH, "x")
            .build()
    };
    assert!(message(Schema::builder("wrong").locale(import_engine::Locale::INDONESIAN)).is_err());
    assert!(
        message(
            Schema::builder("right")
                .locale(import_engine::Locale::INDONESIAN)
                .codes([ODD])
        )
        .is_ok()
    );
    assert!(
        Schema::builder("right")
            .locale(import_engine::Locale::INDONESIAN)
            .field(
                Field::date("a")
                    .not_before(DateBound::YearsAgo(120))
                    .not_after(DateBound::Today)
            )
            .build()
            .is_ok()
    );
}

#[test]
fn a_rule_computes_values_that_keys_see_and_that_fit_their_kind() {
    const MISFIT: IssueCode = IssueCode::new("misfit");

    fn complete(row: &mut Row<'_>) {
        let code = row.get("name").as_text().map(str::to_lowercase);
        if let Some(code) = code
            && row.set("code", Value::Text(&code)).is_err()
        {
            row.refuse("code", MISFIT);
        }
        if row.get("size").is_absent() && row.set("size", Value::Text("M")).is_err() {
            row.refuse("size", MISFIT);
        }
        // None of these can be stored: the rule is told, and nothing changes.
        let wrong = [
            ("size", Value::Text("XL")),
            ("size", Value::Integer(1)),
            ("code", Value::Bool(true)),
            ("pieces", Value::Text("1")),
            ("other", Value::Text("x")),
        ];
        for (field, value) in wrong {
            if row.set(field, value).is_ok() {
                row.refuse("name", MISFIT);
            }
        }
    }

    let schema = Schema::builder("articles")
        .field(Field::text("name"))
        .field(Field::text("code").unique())
        .field(Field::choice("size", ["S", "M"]))
        .field(Field::integer("pieces").required())
        .field(Field::text("other"))
        .codes([MISFIT])
        .row_rule(["name", "code", "size", "pieces"], complete)
        .build()
        .unwrap();
    let found = run(&schema, "name,size,pieces\nAB,s,1\nab,,2\nCd,,3\nEf,,\n");
    assert_eq!(rows(&found), ["AB|ab|S|1|", "Cd|cd|M|3|"]);
    assert_eq!(
        issues(&found),
        ["3 code duplicate_in_file", "5 pieces required"]
    );
}
