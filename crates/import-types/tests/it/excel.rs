//! The file to correct, opened and saved by a spreadsheet under Indonesian settings, whose list separator is `;`.

use import_types::{
    ImportType,
    engine::{
        Language,
        report::{CsvWriter, FailedRows},
    },
    schema,
};

use crate::{
    import::{Imported, import_bytes, row},
    memory::Anybody,
};

/// The file to correct of an import, as the service writes it.
fn to_correct(imported: &Imported, delimiter: u8) -> Vec<u8> {
    let headers = &imported.dialect.headers;
    let writer = CsvWriter::new(Vec::new())
        .delimiter(delimiter)
        .byte_order_mark();
    let mut failed = FailedRows::with(writer, headers).unwrap();
    let messages = schema(ImportType::Jamaah).messages(Language::INDONESIAN);
    for batch in &imported.batches {
        failed.write_batch(batch, &messages).unwrap();
    }
    failed.finish().unwrap()
}

/// How the spreadsheet saves.
#[derive(Clone, Copy)]
enum Saved {
    /// "CSV (Comma delimited)": the code page of Windows.
    Windows,
    /// "CSV UTF-8": with a byte order mark.
    Utf8,
}

/// What such a spreadsheet makes of a file that is opened by a double click, corrected by `correct`, and saved.
fn through_excel(file: &[u8], saved: Saved, correct: impl Fn(&mut String)) -> Vec<u8> {
    let text = std::str::from_utf8(file.strip_prefix(b"\xEF\xBB\xBF").unwrap()).unwrap();
    let mut rows: Vec<Vec<String>> = text.lines().map(cells).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    for cell in rows.iter_mut().flatten() {
        *cell = as_shown(cell);
        correct(cell);
    }
    let mut lines = String::new();
    for mut row in rows {
        row.resize(width, String::new());
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        lines.push_str(&cells.join(";"));
        lines.push_str("\r\n");
    }
    match saved {
        Saved::Utf8 => [b"\xEF\xBB\xBF", lines.as_bytes()].concat(),
        Saved::Windows => lines
            .chars()
            .map(|c| u8::try_from(c).unwrap_or(b'?'))
            .collect(),
    }
}

/// A line cut at `;`, quotes being quotes only where they open a cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        let mut cell = String::new();
        if letters.peek() == Some(&'"') {
            letters.next();
            while let Some(c) = letters.next() {
                if c == '"' && letters.next_if_eq(&'"').is_none() {
                    break;
                }
                cell.push(c);
            }
        }
        cell.extend(std::iter::from_fn(|| letters.next_if(|c| *c != ';')));
        cells.push(cell);
        if letters.next().is_none() {
            return cells;
        }
    }
}

/// Numbers lose zeros in front and are written with an exponent from twelve digits on; days are written by the settings.
fn as_shown(cell: &str) -> String {
    let is_number = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    let day: Vec<&str> = cell.split('-').collect();
    match day.as_slice() {
        [year, month, day] if cell.len() == 10 && year.len() == 4 => {
            format!("{day}/{month}/{year}")
        }
        _ if is_number && cell.len() > 11 => {
            format!("{},{}E+{}", &cell[..1], &cell[1..6], cell.len() - 1)
        }
        _ if is_number => cell.trim_start_matches('0').to_owned(),
        _ => cell.to_owned(),
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([';', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Rows with one mistake and with two, quotes, delimiters of both kinds, and letters beyond ASCII.
fn source(delimiter: char) -> Vec<u8> {
    let rows = [
        ["Nama", "Email", "No HP", "Alamat", "Tanggal Lahir", "Paket"],
        [
            "Siti Aminah",
            "siti@",
            "+62 812-3456-7890",
            "Jl. \"Mawar\", No 5; Bogor",
            "1990-05-05",
            "Umroh Reguler",
        ],
        [
            "Renée",
            "renee@",
            "abc",
            "Depok",
            "1985-04-07",
            "Umroh Reguler",
        ],
        [
            "Budi",
            "budi@example.com",
            "+62 812-3456-7891",
            "Bogor",
            "1979-01-31",
            "Umroh Reguler",
        ],
    ];
    let mut writer = CsvWriter::new(Vec::new()).delimiter(u8::try_from(delimiter).unwrap());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn the_file_to_correct_reads_again_after_an_indonesian_excel_saved_it() {
    for delimiter in [';', ','] {
        for saved in [Saved::Utf8, Saved::Windows] {
            let first = import_bytes(ImportType::Jamaah, &source(delimiter), &mut Anybody);
            let errors = [
                (2, "email", "invalid_format"),
                (3, "email", "invalid_format"),
                (3, "telepon", "invalid_format"),
            ];
            assert_eq!(first.found(), errors, "{delimiter}");
            let to_correct = to_correct(&first, u8::try_from(delimiter).unwrap());
            assert!(to_correct.starts_with(b"\xEF\xBB\xBF"));

            let again = through_excel(&to_correct, saved, |_| ());
            let second = import_bytes(ImportType::Jamaah, &again, &mut Anybody);
            assert_eq!(
                second.found(),
                errors,
                "{delimiter}: {}",
                String::from_utf8_lossy(&again)
            );

            let corrected = through_excel(&to_correct, saved, |cell| {
                *cell = cell
                    .replace("siti@", "siti@example.com")
                    .replace("renee@", "renee@example.com")
                    .replace("abc", "+62 812-3456-7892");
            });
            let third = import_bytes(ImportType::Jamaah, &corrected, &mut Anybody);
            assert_eq!(
                third.errors,
                [],
                "{delimiter}: {}",
                String::from_utf8_lossy(&corrected)
            );
            let rows = third.jamaah();
            let siti = row(&rows, 2);
            assert_eq!(siti.nama.as_str(), "Siti Aminah");
            assert_eq!(siti.alamat.unwrap().as_str(), "Jl. \"Mawar\", No 5; Bogor");
            assert_eq!(row(&rows, 3).nama.as_str(), "Renée");
        }
    }
}

#[test]
fn what_excel_destroys_in_the_file_to_correct_is_told_and_never_loaded() {
    let source = "Nama;NIK;Email;Paket\nSiti;3175014505909001;siti@;P\n";
    let first = import_bytes(ImportType::Jamaah, source.as_bytes(), &mut Anybody);
    let again = through_excel(&to_correct(&first, b';'), Saved::Utf8, |cell| {
        *cell = cell.replace("siti@", "siti@example.com");
    });
    let second = import_bytes(ImportType::Jamaah, &again, &mut Anybody);
    assert_eq!(second.found(), [(2, "ktp", "invalid_format")]);
    assert!(
        second.message(2, "ktp").contains("Excel"),
        "{:?}",
        second.errors
    );
}
