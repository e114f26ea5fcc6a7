//! What the file as a whole decides: which rows are data, how its columns are read, when it is refused, what damage costs.

use import_engine::{
    Field, FileError, IssueCode, Plan, RunError, Schema, SetupError,
    recognise::{Dialect, Notice, NoticeCode, Sniffer},
};

use super::support::{Setup, contacts, issues, rows, run, run_with};

#[test]
fn blank_rows_footers_and_repeated_headers_are_no_records() {
    let found = run(
        &contacts(),
        "No;Nama Lengkap;Email;NIK\n\
         1;Siti;s@b.co;\n\
         ;;;\n\
         \n\
         No;Nama Lengkap;Email;NIK\n\
         2;Total;t@b.co;\n\
         JUMLAH;2;;\n",
    );
    assert_eq!(rows(&found), ["Siti|s@b.co||", "Total|t@b.co||"]);
    assert_eq!(found.summary.records, 2);
    assert_eq!(
        (
            found.summary.blank_rows,
            found.summary.footers,
            found.summary.repeated_headers
        ),
        (2, 1, 1)
    );
    let footer = Notice::new(NoticeCode::FOOTER_SKIPPED);
    let header = Notice::new(NoticeCode::HEADER_REPEATED);
    assert_eq!(
        found.summary.notices,
        [
            header.with("row", 5),
            footer.with("row", 7).with("text", "JUMLAH")
        ]
    );
}

#[test]
fn too_few_and_too_many_cells_cost_their_row_alone() {
    let mut file = "email,nama\ns@b.co\nr@b.co,Rina,surplus\na@b.co,Ayu\n".to_owned();
    for i in 0..20 {
        file.push_str(&format!("e{i}@b.co,Eko\n"));
    }
    let found = run(&contacts(), &file);
    assert_eq!(issues(&found), ["2  too_few_cells", "3  too_many_cells"]);
    assert_eq!(rows(&found)[0], "Ayu|a@b.co||");
    assert_eq!(
        found.messages[0],
        "Jumlah kolom kurang: 1 dari 2 pada baris teks ke-2"
    );
}

#[test]
fn an_open_quote_is_told_with_its_line() {
    let file = "nama,paket,catatan\n\
                Budi Santoso,Umroh,baik\n\
                \"Joko Susilo,Umroh,kutip tidak ditutup\n\
                Dewi Lestari,Umroh,tetap terbaca\n\
                Rina \"Nina\" Wati,Umroh,kutip di tengah\n\
                \"Agus \"\"Gus\"\" Salim\",Umroh,kutip ganda benar\n";
    let schema = Schema::builder("jamaah")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("nama").required())
        .field(Field::text("paket").required())
        .field(Field::text("catatan"))
        .build()
        .expect("a sound schema");
    let found = run(&schema, file);
    assert_eq!(issues(&found), ["3  open_quote"]);
    assert_eq!(
        found.messages,
        ["Tanda kutip dibuka pada baris teks ke-3 tetapi tidak ditutup"]
    );
    assert_eq!(found.rows[2].1, "Rina \"Nina\" Wati|Umroh|kutip di tengah");
    assert_eq!(
        found.rows[3].1,
        "Agus \"Gus\" Salim|Umroh|kutip ganda benar"
    );
}

#[test]
fn a_column_that_shows_both_date_orders_makes_ambiguous_cells_errors() {
    let file = "nama,lahir\nAhmad,03/04/1990\nSiti,05/25/1985\nRina,25/05/1985\nAyu,1990-04-03\n";
    let found = run(&contacts(), file);
    assert_eq!(
        issues(&found),
        ["2 lahir date_order", "3 lahir date_month_first"]
    );
    let blind = Setup {
        survey: false,
        ..Setup::default()
    };
    let found = run_with(&contacts(), file.as_bytes(), &blind, None).expect("readable");
    assert_eq!(issues(&found), ["3 lahir date_month_first"]);
}

#[test]
fn a_column_of_numbers_is_read_in_one_way() {
    let schema = || {
        Schema::builder("weights")
            .locale(import_engine::Locale::INDONESIAN)
            .field(Field::text("id"))
            .field(Field::decimal("kg"))
            .build()
            .expect("a sound schema")
    };
    let found = run(&schema(), "id;kg\na;1.234\nb;2.345.678\nc;7,5\n");
    assert_eq!(rows(&found), ["a|1234", "b|2345678", "c|7.5"]);
    let found = run(&schema(), "id;kg\na;1.234\nb;2.50\n");
    assert_eq!(rows(&found), ["a|1.234", "b|2.50"]);
    let found = run(&schema(), "id;kg\na;1.234\nb;2.50\nc;7,5\n");
    assert_eq!(issues(&found), ["2 kg number_ambiguous"]);
    assert_eq!(
        found.summary.notices[0].code(),
        NoticeCode::NUMBER_FORMAT_MIXED
    );
}

#[test]
fn a_late_byte_of_windows_1252_changes_the_whole_file_not_one_row() {
    let mut file = b"nama,email\n".to_vec();
    for i in 0..2_000 {
        file.extend_from_slice(format!("Siti,s{i}@b.co\n").as_bytes());
    }
    file.extend_from_slice(b"Nu\x92man,n@b.co\n");
    let schema = contacts();
    let head = &file[..1_000];
    let dialect = import_engine::recognise::Sniffer::new()
        .sniff(head)
        .expect("a table");
    assert_eq!(dialect.encoding, import_engine::recognise::Encoding::UTF_8);
    let mapping = schema.map_headers(&dialect.headers).expect("headers");
    let importer = import_engine::Plan::new(schema.clone(), dialect, mapping)
        .today(super::support::TODAY)
        .surveyed(&file[..])
        .expect("readable");
    let survey = importer.survey().expect("was surveyed");
    assert_eq!(
        survey.encoding(),
        import_engine::recognise::Encoding::WINDOWS_1252
    );
    let (batches, summary) = importer.import(&file[..]).collect().expect("readable");
    assert_eq!(summary.invalid, 0);
    let last = batches.last().expect("has rows").rows().last();
    assert_eq!(last.and_then(|row| row.text(0)), Some("Nu’man"));
}

#[test]
fn a_stray_byte_in_a_utf8_file_costs_its_row() {
    let found = run_with(
        &contacts(),
        "nama,email\nRenée,a@b.co\nZoë,b@b.co\nN\u{fffd}u,c@b.co\n".as_bytes(),
        &Setup::default(),
        None,
    )
    .expect("readable");
    // A U+FFFD that stands in the file was lost before: the row is imported with a warning.
    assert_eq!((found.summary.invalid, found.summary.warnings), (0, 1));
    let mut file = "nama,email\nRenée,a@b.co\nZoë,b@b.co\n".as_bytes().to_vec();
    file.extend_from_slice(b"N\xffu,c@b.co\nAyu,d@b.co\n");
    let schema = contacts();
    let dialect = import_engine::recognise::Sniffer::new()
        .with_encoding(import_engine::recognise::Encoding::UTF_8)
        .sniff(&file)
        .expect("a table");
    let mapping = schema.map_headers(&dialect.headers).expect("headers");
    let importer = import_engine::Plan::new(schema.clone(), dialect, mapping)
        .today(super::support::TODAY)
        .surveyed(&file[..])
        .expect("readable");
    let (batches, summary) = importer.import(&file[..]).collect().expect("readable");
    assert_eq!((summary.records, summary.invalid), (4, 1));
    assert_eq!(batches[0].issues()[0].code, IssueCode::INVALID_BYTES);
}

#[test]
fn garbled_text_and_rounded_numbers_are_warned_of() {
    let found = run(&contacts(), "nama,email\nNuâ€™man,a@b.co\n");
    assert_eq!(issues(&found), ["2 nama mojibake"]);
    assert_eq!((found.summary.valid, found.summary.warnings), (1, 1));

    let lost = "nama,email\nRen\u{fffd}e,a@b.co\nZo&#xFFFD;,b@b.co\n\u{fffd}\u{fffd}\u{fffd} a,c@b.co\nZoë,d@b.co\n";
    let found = run(&contacts(), lost);
    let expected = [
        "2 nama lost_character",
        "3 nama html_entities",
        "3 nama lost_character",
        "4 nama lost_character",
    ];
    assert_eq!(issues(&found), expected);
    assert_eq!((found.summary.valid, found.summary.warnings), (4, 4));

    let mut file = "nama,nik\n".to_owned();
    for i in 0..30 {
        file.push_str(&format!("Siti,31750105059{i:04}0\n"));
    }
    let found = run(&contacts(), &file);
    let rounded = Notice::new(NoticeCode::DIGITS_ROUNDED);
    assert_eq!(
        found.summary.notices,
        [rounded
            .with("column", "nik")
            .with("cells", 30)
            .with("rounded", 30)]
    );
}

#[test]
fn a_missing_required_column_refuses_the_file_with_suggestions() {
    let outcome = run_with(
        &contacts(),
        b"nma,email\nA,a@b.co\n",
        &Setup::default(),
        None,
    );
    let Err(RunError::File(FileError::MissingColumns {
        missing,
        suggestions,
        ..
    })) = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(missing, ["nama"]);
    assert_eq!(suggestions[0].header, "nma");
}

#[test]
fn another_header_than_the_recognised_one_refuses_the_file() {
    let schema = contacts();
    let importer = super::support::plan(&schema, b"nama,email\nA,a@b.co\n", &Setup::default())
        .expect("readable");
    let outcome = importer.import(&b"email,nama\na@b.co,A\n"[..]).collect();
    assert!(matches!(
        outcome,
        Err(RunError::File(FileError::HeaderChanged { row: 1 }))
    ));
    let outcome = importer.import(&b""[..]).collect();
    assert!(matches!(
        outcome,
        Err(RunError::File(FileError::HeaderMissing))
    ));
}

#[test]
fn limits_of_rows_and_issues_are_told() {
    use import_engine::Limits;
    let schema = contacts();
    let file = b"nama,email\nA,a@\nB,b@\nC,c@\n";
    let importer = super::support::plan(&schema, file, &Setup::default()).expect("readable");
    let limited = importer.clone().limits(Limits {
        rows: 2,
        ..Limits::default()
    });
    let outcome = limited.import(&file[..]).collect();
    assert!(matches!(
        outcome,
        Err(RunError::File(FileError::TooManyRows { limit: 2 }))
    ));
    let limited = importer.limits(Limits {
        issues: 2,
        ..Limits::default()
    });
    let (batches, summary) = limited.import(&file[..]).collect().expect("readable");
    assert_eq!(
        (
            summary.invalid,
            summary.issues_cut,
            batches[0].issues().len()
        ),
        (3, 1, 2)
    );
    assert!(
        summary
            .notices
            .contains(&Notice::new(NoticeCode::ISSUES_CUT).with("limit", 2))
    );
}

#[test]
fn a_delimiter_that_cannot_be_one_is_refused_before_anything_is_read() {
    let file = b"name,born\nAhmad,1990-05-05\n";
    let schema = Schema::builder("contacts")
        .field(Field::text("name"))
        .build()
        .expect("a sound schema");
    let dialect = Sniffer::new().sniff(file).expect("a table");
    let mapping = schema.map_headers(&dialect.headers).expect("headers");
    for wrong in [b'\n', b'\r', 0, b'"', 0xA7] {
        let dialect = Dialect {
            delimiter: wrong,
            ..dialect.clone()
        };
        let plan = Plan::new(schema.clone(), dialect, mapping.clone());
        let refused = plan.start();
        assert!(matches!(
            refused,
            Err(RunError::Setup(SetupError::Dialect { .. }))
        ));
    }
}
