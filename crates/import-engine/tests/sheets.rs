//! Workbooks as people send them: what a sheet shows is what is read, under its row numbers, and what is hostile is refused
//! before it costs anything.
//!
//! The files in `tests/sheets` were written by `XlsxWriter`, openpyxl, xlwt and odfpy, or zipped by hand where no program writes
//! what is tested.

#![cfg(feature = "spreadsheet")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the files of these tests are readable"
)]

use std::{
    io::{Cursor, Write},
    ops::ControlFlow,
};

use import_engine::{
    Field, Issue, IssueCode, Plan, Schema,
    sheet::{self, SheetLimits, SheetTable, Workbook, WorkbookError, WorkbookFormat},
};
use zip::{ZipWriter, write::SimpleFileOptions};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("sheets/", $name)).to_vec()
    };
}

fn convert(file: Vec<u8>, sheet: Option<&str>) -> Result<(String, SheetTable), WorkbookError> {
    let mut csv = Vec::new();
    let mut book = Workbook::open(Cursor::new(file))?;
    let table = book.to_csv(sheet, &mut csv, || ControlFlow::Continue(()))?;
    Ok((String::from_utf8(csv).expect("UTF-8"), table))
}

fn notices(table: &SheetTable) -> Vec<String> {
    table
        .notices(None)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[track_caller]
fn refused(file: Vec<u8>, code: &str) {
    match convert(file, None) {
        Err(error) => assert_eq!(error.code(), code, "{error}"),
        Ok((csv, _)) => panic!("was read as {csv:?}"),
    }
}

/// A workbook of XML written by hand, one sheet.
fn by_hand(sheet: &str) -> Vec<u8> {
    let relationships = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            &relationships("r1", "officeDocument", "xl/workbook.xml"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relationships("r2", "worksheet", "worksheets/sheet1.xml"),
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"r2\"/></sheets></workbook>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ])
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text_cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn every_type_of_cell_says_what_the_sheet_shows_of_its_value() {
    let (csv, table) = convert(file!("types.xlsx"), None).unwrap();
    let expected = [
        "apa,isi",
        "teks,Siti",
        "angka teks,0812",
        "bulat,12",
        "pecahan,12.5",
        "tiga desimal,1.2340",
        "jumlah kasar,0.3",
        "besar,15000000000000",
        "nik,3175010505909001.",
        "persen,5%",
        "rupiah,Rp35000000",
        "akuntansi,Rp35000000",
        "dolar,$1500",
        "telepon,081234567890",
        "telepon2,0812-3456-7890",
        "telepon3,+6281234567890",
        "hari,9 hari",
        "juta,25.5jt",
        "tanggal,2024-01-05",
        "tanggal jam,2024-01-05 14:30:00",
        "jam,14:30:00",
        "durasi,36:00:00",
        "minus,-1500",
        "nol,0",
        "ya,Ya",
        "benar,TRUE",
        "rumus,2",
        "rumus teks,ab",
        "rumus galat,#DIV/0!",
        "kaya,Siti Aminah",
        "baris,\"Jl. Melati",
        "RT 01, \"\"B\"\"\"",
        "rumus bohong,=1+1",
        "tautan,lihat",
        "teks format,+62812",
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    assert_eq!(table.notices(None), []);
}

#[test]
fn rows_keep_their_numbers_and_the_first_shown_sheet_with_data_is_read() {
    let (csv, table) = convert(file!("layout.xlsx"), None).unwrap();
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "DAFTAR JAMAAH",
            "",
            "nama,kota,paket",
            "Siti,Bogor,Reguler",
            "",
            "Budi,Depok,Plus",
            "",
            "Ani,Bekasi,",
            "Tono,,Plus",
        ]
    );
    assert_eq!(table.sheet, "Data");
    let sheets: Vec<_> = table
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.rows, sheet.hidden))
        .collect();
    assert_eq!(
        sheets,
        [
            ("Kosong", 0, false),
            ("Rahasia", 1, true),
            ("Data", 6, false),
            ("Lain", 2, false)
        ]
    );
    assert_eq!(
        notices(&table),
        [
            "only the sheet 'Data' is read; there is data in other sheets, too: Rahasia, Lain",
            "'B' is blank below filled cells in 1 row, from row 9: perhaps merged cells",
            "1 hidden row is read as well, the first is row 6",
        ]
    );
}

#[test]
fn a_sheet_is_found_by_its_name() {
    let (csv, table) = convert(file!("layout.xlsx"), Some("lain")).unwrap();
    assert_eq!(
        (csv.as_str(), table.sheet.as_str()),
        ("catatan\nx\n", "Lain")
    );
    match convert(file!("layout.xlsx"), Some("Grafik")) {
        Err(WorkbookError::NoSuchSheet { sheets, .. }) => {
            assert_eq!(sheets, ["Kosong", "Rahasia", "Data", "Lain"]);
        }
        other => panic!("{other:?}"),
    }
    let empty = convert(file!("layout.xlsx"), Some("Kosong"));
    assert!(matches!(empty, Err(WorkbookError::Empty)), "{empty:?}");
}

#[test]
fn a_hidden_sheet_is_read_where_no_other_holds_anything() {
    let (csv, table) = convert(file!("hidden_only.xlsx"), None).unwrap();
    assert_eq!(
        (csv.as_str(), table.sheet.as_str()),
        ("nama\nSiti\n", "Belakang")
    );
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so() {
    for file in [file!("date1904.xlsx"), file!("date1904.xls")] {
        assert_eq!(convert(file, None).unwrap().0, "lahir\n2024-01-05\n");
    }
}

#[test]
fn texts_in_their_cells_are_read_and_rows_may_lack_their_numbers() {
    let (csv, _) = convert(file!("inline.xlsx"), None).unwrap();
    assert_eq!(
        csv,
        "nama,no hp\n\n\n\"Siti & Ali <b> 'x'\ndua\",2024-01-05,,1000\n"
    );
}

#[test]
fn links_to_other_files_are_not_followed() {
    let (csv, _) = convert(file!("external.xlsx"), None).unwrap();
    assert_eq!(csv, "nama\ndari luar\n");
}

#[test]
fn old_workbooks_are_read_like_new_ones() {
    let (csv, table) = convert(file!("old.xls"), None).unwrap();
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "nama,nik,lahir,harga,telepon",
            "Siti Ĉamillé,0375010505909001,1990-05-05,Rp35000000,0812-3456-7890",
            "",
            "Budi,3175010505909001.,2024-01-05 14:30:00,1.5,TRUE",
            ",3175010505909001,,,",
            "Ani,,,,",
            ",x,,,",
            "19,13,14.25,,",
            "20,13,14.25,,",
            "21,13,14.25,,",
            "22,13,14.25,,",
            "23,13,14.25,,",
        ]
    );
    assert_eq!(
        notices(&table)[1..],
        [
            "'A' is blank below filled cells in 1 row, from row 7: perhaps merged cells",
            "1 hidden row is read as well, the first is row 7",
        ]
    );
    let (csv, _) = convert(file!("old.xls"), Some("Panjang")).unwrap();
    for (row, line) in csv.lines().enumerate() {
        assert_eq!(
            line.trim_matches('"'),
            format!("panjang é Ĉ{row} ").repeat(400)
        );
    }
}

#[test]
fn open_documents_are_read_with_their_repetitions() {
    let mut book = Workbook::open(Cursor::new(file!("sheet.ods"))).unwrap();
    assert_eq!(book.format(), WorkbookFormat::Ods);
    let mut csv = Vec::new();
    let table = book
        .to_csv(None, &mut csv, || ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "nama,hp,lahir,harga\n\
         \"Siti\nAminah\",081234567890,1990-05-05,Rp35000000\n\n\n\n\
         Budi,,,25.5\n\
         Ani,x,x,\n\
         Ani,x,x,\n\
         Gabung,,,\n\
         ,y,,\n\
         a   b,5%,14:30:00,TRUE\n"
    );
    assert_eq!(
        (table.sheet.as_str(), table.sheets[0].hidden),
        ("Jamaah", true)
    );
    assert_eq!(table.notices(None).len(), 3, "{:?}", table.notices(None));
}

#[test]
fn what_is_no_workbook_or_cannot_be_opened_says_what_it_is() {
    for (file, code) in [
        (file!("encrypted.xlsx"), "encrypted_workbook"),
        (file!("encrypted.ods"), "encrypted_workbook"),
        (file!("binary.xlsb"), "unsupported_workbook"),
        (file!("letter.docx"), "binary"),
        (file!("files.zip"), "binary"),
        (b"<html><table>".to_vec(), "binary"),
        (Vec::new(), "binary"),
        (by_hand(""), "empty"),
        (by_hand(&"<row><c s=\"1\"/></row>".repeat(1_000)), "empty"),
        (by_hand("<row><c"), "damaged_workbook"),
        (by_hand("<row r=\"0\"/>"), "damaged_workbook"),
        (
            by_hand("<row><c t=\"s\"><v>7</v></c></row>"),
            "damaged_workbook",
        ),
        (
            by_hand(&format!(
                "<row r=\"9\">{}</row><row r=\"2\">{0}</row>",
                text_cell("A1", "x")
            )),
            "damaged_workbook",
        ),
    ] {
        refused(file, code);
    }
}

#[test]
fn a_workbook_that_is_cut_off_or_changed_anywhere_is_an_error_or_a_table_and_never_a_panic() {
    for file in [
        file!("types.xlsx"),
        file!("old.xls"),
        file!("sheet.ods"),
        file!("encrypted.xlsx"),
    ] {
        let step = (file.len() / 400).max(1);
        for at in (0..file.len()).step_by(step) {
            drop(convert(file[..at].to_vec(), None));
            for change in [0x00, 0x7F, 0xFF] {
                let mut changed = file.clone();
                changed[at] = change;
                drop(convert(changed, None));
            }
        }
    }
}

#[test]
fn a_sheet_is_taken_up_to_its_limits_and_refused_beyond() {
    let limits = SheetLimits {
        rows: 5,
        columns: 3,
        ..SheetLimits::default()
    };
    let within = |cell: &str| {
        let row: String = cell.chars().filter(char::is_ascii_digit).collect();
        let sheet = format!("<row r=\"{row}\">{}</row>", text_cell(cell, "x"));
        let mut book = Workbook::open_within(Cursor::new(by_hand(&sheet)), limits)?;
        book.to_csv(None, &mut Vec::new(), || ControlFlow::Continue(()))
    };
    assert!(within("C5").is_ok());
    assert!(matches!(
        within("A6"),
        Err(WorkbookError::TooManyRows { limit: 5 })
    ));
    assert!(matches!(
        within("D1"),
        Err(WorkbookError::TooManyColumns { limit: 3 })
    ));
}

#[test]
fn formats_down_to_the_last_row_and_column_are_no_data() {
    let mut rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}</row>",
        text_cell("A1", "nama"),
        text_cell("A2", "Siti"),
    );
    for row in 3..=1_048_576 {
        use std::fmt::Write;
        write!(rows, "<row r=\"{row}\"><c r=\"XFD{row}\" s=\"1\"/></row>").unwrap();
    }
    let file = by_hand(&rows);
    let (csv, table) = convert(file, None).unwrap();
    assert_eq!((csv.as_str(), table.sheets[0].rows), ("nama\nSiti\n", 2));
}

/// The file with every place where its zip gives the size of a part changed to another.
fn with_size(file: &[u8], size: usize, told: u32) -> Vec<u8> {
    let size = u32::try_from(size).unwrap().to_le_bytes();
    let mut changed = file.to_vec();
    let places: Vec<usize> = (0..file.len() - 4)
        .filter(|at| file[*at..at + 4] == size)
        .collect();
    assert_eq!(places.len(), 2, "the part and the directory");
    for at in places {
        changed[at..at + 4].copy_from_slice(&told.to_le_bytes());
    }
    changed
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let sheet = format!("<row>{}</row>", text_cell("A1", &"x".repeat(1_000))).repeat(3_000);
    let size = sheet.len() + "<worksheet><sheetData></sheetData></worksheet>".len();
    let file = by_hand(&sheet);
    assert!(file.len() < 30_000, "{}", file.len());
    // Its directory says so.
    refused(with_size(&file, size, 3_000_000_000), "workbook_too_large");
    // Its directory lies: what counts is what comes out.
    let limits = SheetLimits {
        bytes: 1_000_000,
        ..SheetLimits::default()
    };
    for told in [1_000, 999_999] {
        let lying = Cursor::new(with_size(&file, size, told));
        let mut written = Vec::new();
        let outcome = Workbook::open_within(lying, limits)
            .and_then(|mut book| book.to_csv(None, &mut written, || ControlFlow::Continue(())));
        let code = outcome.expect_err("a bomb").code();
        assert!(
            ["workbook_too_large", "damaged_workbook"].contains(&code),
            "{code}"
        );
        assert!(written.len() <= 1_000_000);
    }
}

#[test]
fn a_text_that_many_cells_share_does_not_make_a_small_file_a_large_table() {
    let text = text_cell("A1", &"x".repeat(30_000));
    let row = |n: u32| {
        format!(
            "<row r=\"{n}\">{}</row>",
            text.replace("A1", &format!("A{n}"))
        )
    };
    let sheet: String = (1..=100).map(row).collect();
    let limits = SheetLimits {
        bytes: 1_000_000,
        ..SheetLimits::default()
    };
    let refused = Workbook::open_within(Cursor::new(by_hand(&sheet)), limits)
        .and_then(|mut book| book.to_csv(None, &mut Vec::new(), || ControlFlow::Continue(())));
    assert!(
        matches!(refused, Err(WorkbookError::TooLarge { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_tag_or_a_text_without_end_is_refused_before_it_fills_the_memory() {
    refused(
        by_hand(&format!("<row {}", "a".repeat(10_000_000))),
        "damaged_workbook",
    );
    refused(
        by_hand(&format!(
            "<row>{}</row>",
            text_cell("A1", &"x".repeat(10_000_000))
        )),
        "damaged_workbook",
    );
}

#[test]
fn a_caller_can_stop_while_nothing_but_formats_is_read() {
    let file = by_hand(&"<row><c s=\"1\"/></row>".repeat(100_000));
    let mut book = Workbook::open(Cursor::new(file)).unwrap();
    let stopped = book.to_csv(None, &mut Vec::new(), || ControlFlow::Break(()));
    assert!(
        matches!(stopped, Err(WorkbookError::Cancelled)),
        "{stopped:?}"
    );
}

/// Issues of a sheet that is imported as contacts: row and code.
fn issues(file: Vec<u8>) -> Vec<(u64, IssueCode)> {
    let (csv, _) = convert(file, None).unwrap();
    let schema = Schema::builder("contacts")
        .field(Field::text("nama").required())
        .field(Field::digits("nik", 16, 16))
        .field(Field::text("catatan"))
        .build()
        .unwrap();
    let dialect = sheet::sniffer()
        .with_known_headers(schema.known_headers())
        .sniff(csv.as_bytes())
        .unwrap();
    let mapping = schema.map_headers(&dialect.headers).unwrap();
    let plan = Plan::new(schema, dialect, mapping)
        .surveyed(csv.as_bytes())
        .unwrap();
    let (batches, _) = plan.import(csv.as_bytes()).collect().unwrap();
    let mut found: Vec<(u64, IssueCode)> = batches
        .iter()
        .flat_map(|batch| {
            batch
                .issues()
                .iter()
                .map(|issue: &Issue| (issue.row, issue.code))
        })
        .collect();
    found.sort_by_key(|(row, _)| *row);
    found
}

#[test]
fn checks_speak_of_the_rows_of_the_sheet_and_of_digits_that_a_spreadsheet_replaced() {
    let number = |place: &str, number: &str| format!("<c r=\"{place}\"><v>{number}</v></c>");
    let sheet = format!(
        "<row r=\"3\">{}{}{}</row><row r=\"5\">{}{}</row><row r=\"9\">{}{}{}</row><row r=\"11\">{}{}</row>",
        text_cell("A3", "nama"),
        text_cell("B3", "nik"),
        text_cell("C3", "catatan"),
        text_cell("A5", "Siti"),
        number("B5", "3.175010505909E+15"),
        text_cell("A9", "Budi"),
        number("B9", "3175010505909001"),
        number("C9", "1234567890123456"),
        text_cell("B11", "3175010505909002"),
        text_cell("C11", "x"),
    );
    assert_eq!(
        issues(by_hand(&sheet)),
        [
            (5, IssueCode::EXCEL_ROUNDED),
            // Excel would have made the last digit a zero.
            (9, IssueCode::STORED_AS_NUMBER),
            (11, IssueCode::REQUIRED),
        ]
    );
}
