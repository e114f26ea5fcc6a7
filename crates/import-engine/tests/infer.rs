//! Schemas that are proposed from files: what is clear is proposed, what is open stays text, and the proposal reads its file.

#![cfg(feature = "serde")]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use import_engine::{
    Field, Locale, Plan, Planner,
    fields::SchemaSpec,
    recognise::{Sniffer, infer_schema},
};

fn proposed_in(locale: &Locale, file: &str) -> SchemaSpec {
    let dialect = Sniffer::new().sniff(file.as_bytes()).expect("a table");
    infer_schema("file", locale, &dialect, file).expect("readable")
}

fn proposed(file: &str) -> SchemaSpec {
    proposed_in(&Locale::INTERNATIONAL, file)
}

/// Each field as `name kind` and what was said of it.
fn kinds(spec: &SchemaSpec) -> Vec<String> {
    let said = |spec: &import_engine::fields::FieldSpec| {
        let mut words = vec![spec.name.clone(), spec.kind.clone()];
        words.extend(spec.format.clone());
        words.extend(spec.constraints.required.then(|| "required".to_owned()));
        words.extend(spec.constraints.unique.then(|| "unique".to_owned()));
        words.extend(spec.constraints.allowed.as_ref().map(|all| all.join("/")));
        words.extend(spec.constraints.minimum.map(|least| format!(">={least}")));
        words.extend(spec.decimal_char.map(|mark| format!("mark{mark}")));
        words.extend(spec.date_order.map(|order| format!("{order:?}")));
        words.extend(spec.currency.as_ref().map(|signs| signs.join("/")));
        words.extend(spec.minor_units.map(|decimals| format!("minor{decimals}")));
        words.join(" ")
    };
    spec.fields.iter().map(said).collect()
}

/// A table of one column, below a header.
fn column(header: &str, cells: &[&str]) -> String {
    let lines = cells.iter().map(|cell| format!("x;{cell}\n"));
    format!("Key;{header}\n{}", lines.collect::<String>())
}

#[track_caller]
fn check(cells: &[&str], expected: &str) {
    let file = column("Value", cells);
    assert_eq!(kinds(&proposed(&file))[1], expected, "{cells:?}");
}

#[test]
fn each_kind_is_known_by_its_cells() {
    check(
        &["a@example.org", "b@example.org", ""],
        "value string email unique",
    );
    check(
        &[
            "2f1a4e0c-0000-4000-8000-000000000007",
            "2f1a4e0c-0000-4000-8000-000000000008",
        ],
        "value string uuid required unique",
    );
    check(&["yes", "no", "Yes"], "value boolean required");
    check(&["1", "0", "1"], "value integer required");
    check(&["7", "-", "1200"], "value integer");
    check(&["7", "-3", "1200"], "value integer required >=-10");
    check(&["0.5", "12.25", "3"], "value number required mark.");
    check(
        &["0,5", "12,25", "-300"],
        "value number required >=-1000 mark,",
    );
    check(
        &["1.234,5", "-1.200.300,25"],
        "value number required >=-10000000 mark,",
    );
    check(&["$5", "$12", "$3"], "value money required $");
    check(
        &["$5.00", "$12.50", "$1,300.00"],
        "value money required mark. $ minor2",
    );
    check(&["0012", "0345", "9999"], "value digits required unique");
    check(
        &["3175012345670001", "3175012345670002"],
        "value digits required unique",
    );
    check(&["2027-01-31", "2027-02-01"], "value date required");
    check(
        &["31/01/2027", "01/02/2027"],
        "value date required DayFirst",
    );
    check(
        &["01/31/2027", "02/01/2027"],
        "value date required MonthFirst",
    );
    check(
        &["2027-01-31T10:15:00Z", "2027-02-01T11:00:00+07:00"],
        "value datetime required",
    );
    check(&["Ada", "Alan", "Grace"], "value string required");
    let sizes = ["S", "M", "s", "S", "M", "S", "S", "M", "L", "L", "S", "L"];
    check(&sizes, "value string required S/M/L");
}

#[test]
fn what_the_cells_leave_open_stays_text() {
    // Either 1 250 or 1.25; March or April; a moment of no place.
    check(&["1.250", "2.750", "3.125"], "value string required");
    check(&["03/04/2027", "05/06/2027"], "value string required");
    check(
        &["2027-01-31 10:15", "2027-02-01 11:00"],
        "value string required",
    );
    // More than a slip of the pen.
    check(&["7", "eight", "9"], "value string required");
    check(&["", "", ""], "value string");
}

#[test]
fn a_slip_of_the_pen_changes_no_kind() {
    let mut cells: Vec<String> = (1..=60).map(|number| number.to_string()).collect();
    cells[30] = "3l".to_owned();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    check(&cells, "value integer required");
}

#[test]
fn what_comes_late_in_a_long_file_is_heard() {
    let cells: Vec<String> = (0..50_000)
        .map(|row| {
            if row < 30_000 {
                row.to_string()
            } else {
                format!("n{row}")
            }
        })
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    check(&cells, "value string required");
    let ids: Vec<String> = (0..30_000)
        .map(|row| format!("p{}@example.org", row.min(29_998)))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    check(&ids, "value string email required");
}

#[test]
fn names_are_for_programs_and_headers_are_kept_unless_two_are_the_same() {
    let spec = proposed(
        "Full Name;%;Amount (EUR);Tanggal Lahir;Name;Name\nAda;1;2;x;y;z\nAlan;1;2;x;y;z\n",
    );
    let names: Vec<_> = spec
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "full_name",
            "column_2",
            "amount_eur",
            "tanggal_lahir",
            "name",
            "name_2"
        ]
    );
    assert_eq!(spec.fields[2].aliases, ["Amount (EUR)"]);
    assert_eq!(spec.fields[2].title.as_deref(), Some("Amount (EUR)"));
    assert!(spec.fields[4].aliases.is_empty() && spec.fields[5].aliases.is_empty());
}

#[test]
fn words_for_yes_and_for_months_are_those_of_the_locale() {
    let file = "Aktif;Tgl Lahir\nya;5 Agustus 1990\ntidak;17 Mei 1985\n";
    let indonesian = proposed_in(&Locale::INDONESIAN, file);
    assert_eq!(
        kinds(&indonesian),
        ["aktif boolean required", "tgl_lahir date required"]
    );
    assert_eq!(
        kinds(&proposed(file)),
        ["aktif string required", "tgl_lahir string required"]
    );
}

#[test]
fn a_file_without_a_header_is_mapped_by_its_positions() {
    let file = "17;a@example.org\n21;b@example.org\n35;c@example.org\n";
    let dialect = Sniffer::new()
        .with_header_row(None)
        .sniff(file.as_bytes())
        .expect("a table");
    let spec = infer_schema("file", &Locale::INTERNATIONAL, &dialect, file).expect("readable");
    assert_eq!(
        kinds(&spec),
        [
            "column_1 integer required",
            "column_2 string email required unique"
        ]
    );
    let schema = spec.builder().expect("kinds").build().expect("sound");
    let plan = schema.fields().iter().map(Field::name).zip(1..).fold(
        Planner::new(&schema).header_row(None),
        |planner, (name, number)| planner.column(number, name),
    );
    assert_eq!(plan.plan(file).expect("its own file").records(), Some(3));
}

#[test]
fn titles_and_sums_are_no_cells_of_a_column() {
    let file = "Members of the club;;\n\nName;Fee;Paid\nAda;5;yes\nAlan;7;no\nTOTAL;12;\n";
    let spec = proposed(file);
    assert_eq!(
        kinds(&spec),
        [
            "name string required",
            "fee integer required",
            "paid boolean required"
        ]
    );
    let schema = spec.builder().expect("kinds").build().expect("sound");
    let plan = Plan::of(&schema, file).expect("its own file");
    let (_, summary) = plan.import(file).collect().expect("readable");
    assert_eq!((summary.valid, summary.invalid), (2, 0));
}
