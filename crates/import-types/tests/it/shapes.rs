//! Files whose shape is not that of a plain table: letterheads, second headers, pages, wrapped lines, damage. Each gives the rows it
//! has, and names what it could not take; nothing is shifted, split or loaded from what is not a record.

use import_types::{
    ImportType,
    engine::{
        Batch, Lookup, Plan,
        lookup::{BoxError, Found, Question, QuestionKind},
        recognise::{Notice, NoticeCode, Sample, Sniffer},
    },
    schema,
};
use time::macros::date;
use uuid::Uuid;

/// A system in which every reference exists and no key is taken.
struct Everything;

impl Lookup for Everything {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        Ok(questions
            .iter()
            .map(|question| {
                let found = match question.kind {
                    QuestionKind::Reference { .. } => Found::one(Uuid::from_u128(1)),
                    QuestionKind::Unique => Found::Nothing,
                };
                vec![found; question.len()]
            })
            .collect())
    }
}

/// What became of a file.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    header_row: u64,
    /// Rows of the file that are valid.
    valid: Vec<u64>,
    /// Rows that are refused, one entry for each finding.
    refused: Vec<u64>,
    notices: Vec<&'static str>,
}

/// `None` when required columns are missing.
fn import(import_type: ImportType, name: &str) -> Option<(Outcome, Vec<String>)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/shape")
        .join(name);
    let bytes = std::fs::read(path).unwrap();
    let sniffer = ImportType::ALL.iter().fold(Sniffer::new(), |sniffer, one| {
        sniffer.with_known_headers(schema(*one).known_headers())
    });
    let mut sniffer = sniffer;
    sniffer.feed(&bytes);
    let dialect = sniffer.finish().unwrap();
    let header_row = dialect.header_row.unwrap_or(0);
    let schema = schema(import_type);
    let sample = Sample::read(&bytes[..], &dialect).unwrap();
    let mapping = schema.map_headers(&dialect.headers).unwrap();
    let mapping = mapping.weighed(schema, &sample, Some(date!(2026 - 11 - 20)));
    mapping.require_complete().ok()?;
    let importer = Plan::new(schema.clone(), dialect, mapping)
        .today(date!(2026 - 11 - 20))
        .surveyed(&bytes[..])
        .unwrap();
    let (batches, summary) = importer
        .import(&bytes[..])
        .lookup(&mut Everything)
        .collect()
        .unwrap();
    let issues = batches.iter().flat_map(Batch::issues);
    let rows = batches.iter().flat_map(Batch::rows);
    let first_text = schema
        .fields()
        .iter()
        .position(|field| field.name() == "nama")
        .unwrap_or(0);
    let outcome = Outcome {
        header_row,
        valid: batches
            .iter()
            .flat_map(Batch::rows)
            .map(|row| row.row())
            .collect(),
        refused: issues
            .filter(|issue| issue.is_error())
            .map(|issue| issue.row)
            .collect(),
        notices: summary
            .notices
            .iter()
            .map(Notice::code)
            .map(NoticeCode::as_str)
            .collect(),
    };
    let names = rows
        .map(|row| row.text(first_text).unwrap_or_default().to_owned())
        .collect();
    Some((outcome, names))
}

#[track_caller]
fn check(import_type: ImportType, name: &str, header_row: u64, valid: &[u64], refused: &[u64]) {
    let (outcome, names) = import(import_type, name).expect(name);
    assert_eq!(
        (
            outcome.header_row,
            outcome.valid.as_slice(),
            outcome.refused.as_slice()
        ),
        (header_row, valid, refused),
        "{name}: {names:?}, {:?}",
        outcome.notices
    );
    assert!(
        names
            .iter()
            .all(|name| !name.contains(['"', '“', '”', '+', '|', '<', ';'])),
        "{name}: {names:?}"
    );
}

fn jamaah(name: &str, header_row: u64, valid: &[u64], refused: &[u64]) {
    check(ImportType::Jamaah, name, header_row, valid, refused);
}

#[test]
fn letterheads_second_headers_and_pages_hide_and_load_nothing() {
    jamaah("s05-two-row-header.csv", 1, &[3, 4, 5, 6], &[2]);
    jamaah("s06-dapodik-parents.csv", 5, &[7, 8, 9, 10, 11], &[]);
    jamaah("s08-column-numbers-row.csv", 1, &[3, 4, 5, 6], &[]);
    jamaah(
        "s09-pages.csv",
        4,
        &[5, 6, 7, 8, 14, 15, 16, 17],
        &[9, 10, 11, 18, 19],
    );
    jamaah(
        "s16-letterhead-with-known-words.csv",
        7,
        &[8, 9, 10, 11],
        &[],
    );
    jamaah("x04-table-starts-at-c3.csv", 3, &[4, 5, 6, 7], &[]);
    jamaah("x14-bilingual-header.csv", 1, &[3, 4, 5], &[]);
    jamaah(
        "s17b-erpnext-template.csv",
        9,
        &[15, 16, 17],
        &[11, 12, 13, 14],
    );
    check(
        ImportType::Payment,
        "x15-padded-key-value-above.csv",
        4,
        &[5, 6],
        &[7, 7, 7],
    );
}

#[test]
fn frames_that_programs_draw_around_tables_are_no_records() {
    jamaah("s25-mysql-box.csv", 2, &[4, 5, 6, 7], &[3, 8, 9]);
    jamaah("s25b-psql-aligned.csv", 1, &[3, 4, 5, 6], &[2, 7]);
    jamaah("s26-markdown.csv", 1, &[3, 4, 5, 6], &[2]);
}

#[test]
fn a_header_that_comes_again_on_every_page_is_found_without_known_names() {
    let bytes = include_bytes!("../fixtures/shape/x16-repeated-header-many-pages.csv");
    let dialect = Sniffer::new().sniff(bytes).unwrap();
    assert_eq!(dialect.header_row, Some(1));
    let schema = schema(ImportType::Jamaah);
    let mapping = schema.map_headers(&dialect.headers).unwrap();
    assert_eq!(mapping.missing(), ["nama", "paket_id"]);
}

#[test]
fn repeated_headers_are_skipped_and_a_header_in_another_order_shifts_nothing() {
    jamaah(
        "s10-repeated-header-variants.csv",
        1,
        &[2, 3, 5, 6, 8, 9],
        &[],
    );
    jamaah("s11-second-table-other-order.csv", 1, &[2, 3, 6, 7], &[]);
    jamaah("s12-side-by-side.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah(
        "s20b-concatenated-no-newline.csv",
        1,
        &[2, 3, 5, 6, 7],
        &[4],
    );
    let (outcome, _) = import(ImportType::Jamaah, "s11-second-table-other-order.csv").unwrap();
    assert_eq!(outcome.notices, ["header_moved"]);
}

#[test]
fn what_programs_put_around_cells_and_lines_is_taken_off() {
    jamaah("s01b-some-lines-quoted.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah("s02-trailing-delimiter-data.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah("s22-bom-in-quotes.csv", 1, &[2, 3, 4], &[]);
    jamaah("s23-powershell-type.csv", 2, &[3, 4, 5], &[]);
    jamaah("s29-smart-quotes.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah("s30-space-before-quote.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah(
        "s32-backslash-before-quote.csv",
        1,
        &[2, 3, 4, 5, 6, 7, 8, 9],
        &[],
    );
    jamaah("s35-unicode-line-breaks.csv", 1, &[2, 3, 4, 5], &[]);
    jamaah("x01-php-warning-on-top.csv", 3, &[4, 5, 6, 7], &[]);
    jamaah(
        "x02-html-page-below.csv",
        1,
        &[2, 3, 4, 5],
        &[6, 7, 8, 9, 10],
    );
}

#[test]
fn damage_costs_the_rows_where_it_stands_and_is_told() {
    jamaah("x11-lone-open-quote.csv", 1, &[2, 4, 5], &[3]);
    jamaah("s33-raw-newline.csv", 1, &[2, 5], &[3, 4]);
    jamaah("s33b-raw-newline-first-col.csv", 1, &[2, 4, 5], &[3]);
    jamaah(
        "s21-two-delimiters.csv",
        1,
        &[2, 3, 4, 5],
        &[6, 7, 8, 9, 10],
    );
    for name in [
        "s03-row-names-header-short.csv",
        "s03b-row-names-first-words.csv",
    ] {
        let (outcome, _) = import(ImportType::Jamaah, name).unwrap();
        assert!(
            outcome.valid.is_empty() && outcome.refused.len() == 6,
            "{name}: {outcome:?}"
        );
    }
}

#[test]
fn a_line_break_that_a_database_escaped_splits_no_row() {
    let (outcome, names) = import(ImportType::Jamaah, "s36-mysql-outfile.csv").unwrap();
    let rows: Vec<u64> = outcome
        .valid
        .iter()
        .chain(&outcome.refused)
        .copied()
        .collect();
    assert!(rows.iter().all(|row| (2..=5).contains(row)), "{outcome:?}");
    assert!(names.iter().all(|name| name != "Blok C"), "{names:?}");
}

#[test]
fn rows_below_a_merged_cell_are_refused_with_a_hint() {
    jamaah("s14-merged-package-cell.csv", 1, &[2], &[3, 4, 5]);
    let (outcome, _) = import(ImportType::Jamaah, "s14-merged-package-cell.csv").unwrap();
    assert_eq!(outcome.notices, ["merged_cells"]);
    for name in [
        "x02-html-page-below.csv",
        "s21-two-delimiters.csv",
        "s05-two-row-header.csv",
    ] {
        let (outcome, _) = import(ImportType::Jamaah, name).unwrap();
        assert!(
            !outcome.notices.contains(&"merged_cells"),
            "{name}: {outcome:?}"
        );
    }
}

#[test]
fn whole_sheets_of_agencies_give_their_records_and_one_finding_for_every_other_row() {
    let (outcome, names) = import(ImportType::Jamaah, "r1-jamaah-sheet.csv").unwrap();
    assert_eq!(outcome.header_row, 4);
    let records = [7, 8, 9, 13, 14, 15, 16, 17, 18];
    assert!(
        outcome.valid.iter().all(|row| records.contains(row)),
        "{names:?}"
    );
    // Row 8 has two telephone numbers.
    assert_eq!(outcome.valid.len(), records.len() - 1, "{names:?}");
    let others: Vec<u64> = outcome
        .refused
        .iter()
        .copied()
        .filter(|row| !records.contains(row))
        .collect();
    assert_eq!(others, [5, 6, 10, 21, 22, 23]);
    let sap = import(ImportType::Payment, "b02-sap-list.csv");
    assert!(sap.is_none_or(|(sap, _)| sap.valid.iter().all(|row| [6, 8].contains(row))));
    check(ImportType::Payment, "b03-myob.csv", 2, &[3, 5, 7], &[]);
    // Of a cash book the money that came in; what went out lacks its amount or says so.
    check(
        ImportType::Payment,
        "r2-pembayaran-sheet.csv",
        3,
        &[5, 6, 8, 10],
        &[4, 7, 7, 9, 9, 11],
    );
    // A bank's statement names no pilgrim and no means of payment.
    assert_eq!(import(ImportType::Payment, "b01-bca-mutasi.csv"), None);
}
