//! Files as programs and people export them: each function is one set of the corpus.

use super::{
    file::{EXCEL, File, Quoting, UNIX, Writer},
    rng::Rng,
    table::{self, DateStyle, ENGLISH, GERMAN, INDONESIAN, KINDS, PLAIN, STATISTIC, Style},
    vocabulary::language,
};

/// Excel, Google Sheets and LibreOffice in several countries.
pub(crate) fn spreadsheets(rng: &mut Rng) -> Option<File> {
    let (name, code, style, delimiter, encoding, bom) = rng.one(&[
        ("excel id", "id", INDONESIAN, ';', "windows-1252", false),
        ("excel id utf-8", "id", INDONESIAN, ';', "utf-8", true),
        ("excel de", "de", GERMAN, ';', "windows-1252", false),
        (
            "excel fr",
            "fr",
            Style {
                date: DateStyle::DaySlash,
                ..GERMAN
            },
            ';',
            "windows-1252",
            false,
        ),
        ("excel en", "en", ENGLISH, ',', "windows-1252", false),
        (
            "excel unicode text",
            "id",
            INDONESIAN,
            '\t',
            "utf-16le",
            true,
        ),
        ("excel ms-dos de", "de", GERMAN, ';', "ibm850", false),
        ("excel macintosh fr", "fr", GERMAN, ';', "macintosh", false),
        ("sheets", "id", INDONESIAN, ',', "utf-8", false),
        ("sheets en", "en", ENGLISH, ',', "utf-8", false),
        ("calc", "de", GERMAN, ',', "utf-8", false),
        ("calc tab", "pl", GERMAN, '\t', "utf-8", false),
    ]);
    let kinds = table::kinds(rng, KINDS, 3, 12);
    let count = rng.size(3, 80);
    let rows = table::rows(rng, &kinds, count, language(code), style);
    let odd = rng.chance(30);
    let header = table::names(rng, &kinds, odd);
    let quoting = if name.starts_with("calc") && rng.chance(50) {
        Quoting::Texts
    } else {
        Quoting::Needed
    };
    let end = if name == "excel macintosh fr" {
        "\r"
    } else {
        "\r\n"
    };
    let writer = Writer {
        delimiter,
        quoting,
        end,
        ..EXCEL
    };
    let sep = format!("sep={delimiter}");
    let above: Vec<&str> = if name.starts_with("excel") && encoding != "utf-16le" && rng.chance(10)
    {
        vec![&sep]
    } else {
        Vec::new()
    };
    let file = writer.file(name, &above, Some(&header), &rows);
    if file.text.is_ascii() && !encoding.starts_with("utf") {
        file.encoded("utf-8", false)
    } else {
        file.encoded(encoding, bom)
    }
}

/// Dumps of databases and data warehouses.
pub(crate) fn databases(rng: &mut Rng) -> Option<File> {
    let (name, delimiter, quoting, backslash, null, headed) = rng.one(&[
        ("mysqldump --tab", '\t', Quoting::Never, false, "\\N", false),
        ("mysql outfile", ',', Quoting::All, true, "\\N", false),
        ("postgres copy", '\t', Quoting::Never, false, "\\N", false),
        ("postgres csv", ',', Quoting::Needed, false, "", true),
        ("oracle", '|', Quoting::Never, false, "", true),
        ("sql developer", ',', Quoting::Texts, false, "", true),
        ("sqlite", ',', Quoting::Needed, false, "", true),
        ("mssql bcp", '|', Quoting::Never, false, "", false),
        ("hive", '\x01', Quoting::Never, false, "\\N", false),
        ("teradata", '~', Quoting::Never, false, "?", true),
        ("legacy caret", '^', Quoting::Never, false, "", true),
        ("phpmyadmin", ';', Quoting::All, true, "NULL", true),
    ]);
    let kinds = table::kinds(rng, KINDS, 3, 14);
    let style = Style { null, ..PLAIN };
    let code = rng.one(&["en", "id", "es", "ru", "de"]);
    let count = rng.size(4, 120);
    let mut rows = table::rows(rng, &kinds, count, language(code), style);
    if quoting != Quoting::Never && rng.chance(40) {
        let (row, column) = (rng.size(0, count - 1), rng.size(0, kinds.len() - 1));
        "said \"yes\", then left".clone_into(&mut rows[row][column]);
    }
    let odd = rng.chance(30);
    let header = table::names(rng, &kinds, odd);
    let writer = Writer {
        delimiter,
        quoting,
        backslash,
        ..UNIX
    };
    Some(writer.file(name, &[], headed.then_some(&header[..]), &rows))
}

/// Statistical programs, sensors and logs.
pub(crate) fn science(rng: &mut Rng) -> Option<File> {
    let count = rng.size(5, 150);
    let en = language("en");
    match rng.range(0, 5) {
        0 => {
            // R: row names in front, all texts quoted, header of the row names empty.
            let kinds = ["serial", "decimal", "integer", "choice", "flag"];
            let rows = table::rows(rng, &kinds, count, en, STATISTIC);
            let rows: Vec<Vec<String>> = rows
                .into_iter()
                .map(|mut r| {
                    r[0] = format!("r{}", r[0]);
                    r
                })
                .collect();
            let header = ["", "carat", "depth", "cut", "ok"].map(str::to_owned);
            Some(
                Writer {
                    quoting: Quoting::Texts,
                    ..UNIX
                }
                .file("r write.csv", &[], Some(&header), &rows),
            )
        }
        1 => {
            // R's write.table: space-separated, the header one cell short.
            let kinds = ["serial", "decimal", "integer", "choice"];
            let rows = table::rows(rng, &kinds, count, en, STATISTIC);
            let header = ["weight", "height", "group"].map(str::to_owned);
            let writer = Writer {
                delimiter: ' ',
                quoting: Quoting::Texts,
                ..UNIX
            };
            Some(writer.file("r write.table", &[], Some(&header), &rows))
        }
        2 => {
            // pandas: the index in front, its name empty.
            let kinds = ["serial", "person", "decimal", "time", "flag"];
            let rows = table::rows(
                rng,
                &kinds,
                count,
                language("fr"),
                Style {
                    flags: ["True", "False"],
                    ..PLAIN
                },
            );
            let header = ["", "name", "score", "seen", "ok"].map(str::to_owned);
            Some(UNIX.file("pandas", &[], Some(&header), &rows))
        }
        3 => {
            let kinds = ["time", "decimal", "decimal", "decimal"];
            let style = if rng.chance(40) { GERMAN } else { PLAIN };
            let rows = table::rows(rng, &kinds, count, en, style);
            let header = ["Zeit", "Temp [°C]", "rF [%]", "Druck (hPa)"].map(str::to_owned);
            let above = ["# Station 7", "# Logger SN 0042, Firmware 1.3"];
            let above = &above[..rng.size(0, 2)];
            Writer {
                delimiter: ';',
                ..UNIX
            }
            .file("sensor", above, Some(&header), &rows)
            .encoded("windows-1252", false)
        }
        4 => {
            let kinds = ["decimal", "decimal", "integer"];
            let rows = table::rows(rng, &kinds, count, en, PLAIN);
            let delimiter = rng.one(&[' ', '\t', ',']);
            Some(Writer { delimiter, ..UNIX }.file("measurements", &[], None, &rows))
        }
        _ => {
            let rows: Vec<Vec<String>> = (0..count)
                .map(|row| {
                    let time = table::value(rng, "time", row, en, PLAIN);
                    let level = rng.pick(&["INFO", "WARN", "ERROR"]).to_owned();
                    vec![
                        time,
                        level,
                        format!("worker-{}", rng.range(1, 9)),
                        format!("request {} took {} ms: ok", row, rng.range(1, 900)),
                    ]
                })
                .collect();
            let delimiter = rng.one(&['|', '\t', ';']);
            Some(
                Writer {
                    delimiter,
                    quoting: Quoting::Never,
                    ..UNIX
                }
                .file("log", &[], None, &rows),
            )
        }
    }
}

/// Bank statements, ledgers, agencies and open data: titles above, sums below.
pub(crate) fn offices(rng: &mut Rng) -> Option<File> {
    let titled = rng.chance(60);
    let (name, code, style, delimiter, encoding) = rng.one(&[
        ("agency", "id", INDONESIAN, ';', "windows-1252"),
        ("agency sheets", "id", INDONESIAN, ',', "utf-8"),
        ("bank de", "de", GERMAN, ';', "windows-1252"),
        (
            "bank id",
            "id",
            Style {
                grouping: Some(','),
                ..ENGLISH
            },
            ',',
            "utf-8",
        ),
        ("sap", "de", GERMAN, '|', "windows-1252"),
        ("open data fr", "fr", GERMAN, ';', "utf-8"),
        ("open data pl", "pl", GERMAN, ';', "windows-1250"),
        ("open data en", "en", PLAIN, ',', "utf-8"),
    ]);
    let kinds: &[&str] = match name {
        "agency" | "agency sheets" => &[
            "serial", "person", "code", "choice", "date", "phone", "email", "address", "words",
        ],
        "bank de" | "bank id" | "sap" => &["date", "date", "words", "person", "money", "money"],
        _ => &["code", "place", "integer", "decimal", "percent"],
    };
    let count = rng.size(5, 60);
    let mut rows = table::rows(rng, kinds, count, language(code), style);
    let header = table::names(rng, kinds, false);
    let blank = || vec![String::new(); kinds.len()];
    if rng.chance(30) {
        rows.insert(rng.size(1, count - 1), blank());
    }
    if rng.chance(40) {
        let mut sum = blank();
        rng.pick(&["JUMLAH", "TOTAL", "Summe"])
            .clone_into(&mut sum[0]);
        sum[kinds.len() - 1] = rng.range(1, 999_999).to_string();
        rows.push(sum);
    }
    // A spreadsheet pads its title rows with delimiters, other programs do not.
    let padding = if rng.chance(50) {
        delimiter.to_string().repeat(kinds.len() - 1)
    } else {
        String::new()
    };
    let titles = [
        "DATA JAMAAH PT BAROKAH WISATA - MARET 2027",
        "Dicetak: 05/01/2027",
        "",
        "Periode 2027",
    ];
    let above: Vec<String> = titles
        .iter()
        .take(if titled { rng.size(1, 4) } else { 0 })
        .map(|t| format!("{t}{padding}"))
        .collect();
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    let file = Writer { delimiter, ..EXCEL }.file(name, &above, Some(&header), &rows);
    if file.text.is_ascii() {
        Some(file)
    } else {
        file.encoded(encoding, false)
    }
}
