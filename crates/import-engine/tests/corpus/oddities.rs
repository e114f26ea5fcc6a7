//! Files that mislead: no header, all text, a few rows, one column, delimiters where none are meant, damage.

use super::{
    file::{EXCEL, File, Quoting, UNIX, Writer},
    rng::Rng,
    table::{self, ENGLISH, GERMAN, INDONESIAN, KINDS, PLAIN, TEXTS},
    vocabulary::{LANGUAGES, language},
};

fn any_writer(rng: &mut Rng) -> Writer {
    let delimiter = rng.one(&[',', ',', ',', ';', ';', '\t', '\t', '|', '~', '^']);
    let quoting = rng.one(&[Quoting::Needed, Quoting::Needed, Quoting::All]);
    let quote = if rng.chance(8) { '\'' } else { '"' };
    Writer {
        delimiter,
        quote,
        quoting,
        backslash: false,
        end: rng.one(&["\n", "\r\n"]),
    }
}

/// Ordinary tables without a header.
pub(crate) fn headless(rng: &mut Rng) -> Option<File> {
    let kinds = table::kinds(rng, KINDS, 2, 10);
    let code = rng.one(&["en", "id", "de", "es", "ru", "ja"]);
    let count = rng.size(4, 80);
    let writer = any_writer(rng);
    let style = if writer.delimiter == ',' {
        PLAIN
    } else {
        rng.one(&[PLAIN, GERMAN, INDONESIAN])
    };
    let rows = table::rows(rng, &kinds, count, language(code), style);
    Some(writer.file("headless", &[], None, &rows))
}

/// Nothing but text, with a header or without.
pub(crate) fn texts(rng: &mut Rng) -> Option<File> {
    let kinds = table::kinds(rng, TEXTS, 2, 7);
    let code = rng.one(&["en", "id", "de", "fr", "tr", "zh"]);
    let count = rng.size(6, 60);
    let rows = table::rows(rng, &kinds, count, language(code), PLAIN);
    let header = rng.chance(60).then(|| {
        let odd = rng.chance(40);
        table::names(rng, &kinds, odd)
    });
    Some(any_writer(rng).file(
        if header.is_some() {
            "texts headed"
        } else {
            "texts headless"
        },
        &[],
        header.as_deref(),
        &rows,
    ))
}

/// One to three rows.
pub(crate) fn short(rng: &mut Rng) -> Option<File> {
    let kinds = table::kinds(rng, KINDS, 3, 9);
    let count = rng.size(1, 3);
    let code = rng.one(&["en", "id", "de", "pl"]);
    let rows = table::rows(rng, &kinds, count, language(code), PLAIN);
    let header = rng.chance(75).then(|| table::names(rng, &kinds, false));
    Some(any_writer(rng).file("short", &[], header.as_deref(), &rows))
}

/// One column.
pub(crate) fn single(rng: &mut Rng) -> Option<File> {
    let kind = rng.pick(&[
        "person", "email", "integer", "date", "code", "url", "place", "decimal",
    ]);
    let count = rng.size(5, 60);
    let rows = table::rows(rng, &[kind], count, language("id"), PLAIN);
    let header = rng.chance(70).then(|| table::names(rng, &[kind], false));
    Some(UNIX.file("single", &[], header.as_deref(), &rows))
}

/// Traps of delimiters and quotes.
pub(crate) fn traps(rng: &mut Rng) -> Option<File> {
    let id = language("id");
    let count = rng.size(6, 60);
    let trap = rng.range(0, 9);
    let strings = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
    let file = match trap {
        0 => {
            // Addresses full of commas in a file of semicolons.
            let kinds = ["serial", "address", "words", "address", "money"];
            let header = table::names(rng, &kinds, false);
            let rows = table::rows(rng, &kinds, count, id, INDONESIAN);
            Writer {
                delimiter: ';',
                ..EXCEL
            }
            .file("addresses", &[], Some(&header), &rows)
        }
        1 => {
            // Two decimal commas in every row.
            let kinds = ["decimal", "decimal", "words", "decimal"];
            let header = table::names(rng, &kinds, true);
            let rows = table::rows(rng, &kinds, count, id, GERMAN);
            let delimiter = rng.one(&[';', '\t', '|']);
            Writer { delimiter, ..UNIX }.file("decimal commas", &[], Some(&header), &rows)
        }
        2 => {
            // Lists of semicolons inside quoted cells of a comma file.
            let header = strings(&["id", "tags", "title"]);
            let rows: Vec<Vec<String>> = (0..count)
                .map(|i| {
                    vec![
                        i.to_string(),
                        format!(
                            "{};{};{}",
                            rng.pick(id.words),
                            rng.pick(id.words),
                            rng.pick(id.places)
                        ),
                        rng.pick(id.words).to_owned(),
                    ]
                })
                .collect();
            Writer {
                quoting: Quoting::All,
                ..UNIX
            }
            .file("lists", &[], Some(&header), &rows)
        }
        3 => {
            // Line breaks and doubled quotes in quoted cells.
            let header = strings(&["Nama", "Deskripsi", "Harga"]);
            let rows: Vec<Vec<String>> = (0..count)
                .map(|i| {
                    vec![
                        rng.pick(id.given).to_owned(),
                        format!("{}\n\"{}\", {}", rng.pick(id.words), rng.pick(id.words), i),
                        rng.range(1, 99_999).to_string(),
                    ]
                })
                .collect();
            EXCEL.file("line breaks", &[], Some(&header), &rows)
        }
        4 => {
            // Ragged: some rows lack their last cells, one has too many.
            let kinds = ["serial", "person", "date", "place", "integer"];
            let header = table::names(rng, &kinds, false);
            let mut rows = table::rows(rng, &kinds, count, id, PLAIN);
            for row in &mut rows {
                if rng.chance(15) {
                    row.truncate(3);
                }
            }
            rows[count / 2].push("extra".to_owned());
            UNIX.file("ragged", &[], Some(&header), &rows)
        }
        5 => {
            // Apostrophes everywhere, none a quote.
            let header = strings(&["Name", "Street", "Since"]);
            let rows: Vec<Vec<String>> = (0..count)
                .map(|_| {
                    vec![
                        rng.pick(&["O'Brien", "'t Hart", "D'Arc", "Ma'ruf"])
                            .to_owned(),
                        rng.pick(&["'s-Gravenweg 1", "King's Road", "Jl. Jum'at"])
                            .to_owned(),
                        rng.range(1990, 2026).to_string(),
                    ]
                })
                .collect();
            let mut file = UNIX.file("apostrophes", &[], Some(&header), &rows);
            file.quote = None;
            file
        }
        6 => {
            // Inches: quote characters that quote nothing.
            let header = strings(&["part", "size", "price"]);
            let rows: Vec<Vec<String>> = (0..count)
                .map(|i| {
                    vec![
                        format!("pipe {i}"),
                        format!("{}\"", rng.range(1, 9)),
                        format!("{}.50", rng.range(1, 90)),
                    ]
                })
                .collect();
            Writer {
                delimiter: ';',
                quoting: Quoting::Never,
                ..UNIX
            }
            .file("inches", &[], Some(&header), &rows)
        }
        7 => {
            // Times, URLs and paths bring colons, slashes and equals signs.
            let kinds = ["time", "url", "time", "percent"];
            let header = table::names(rng, &kinds, false);
            let rows = table::rows(rng, &kinds, count, id, ENGLISH);
            any_writer(rng).file("colons", &[], Some(&header), &rows)
        }
        8 => {
            // Quotes escaped by a backslash.
            let header = strings(&["who", "said", "when"]);
            let rows: Vec<Vec<String>> = (0..count)
                .map(|i| {
                    vec![
                        rng.pick(id.given).to_owned(),
                        format!("\"{}\", and {}", rng.pick(id.words), rng.pick(id.words)),
                        format!("2027-01-{:02}", i % 28 + 1),
                    ]
                })
                .collect();
            Writer {
                quoting: Quoting::All,
                backslash: true,
                ..UNIX
            }
            .file("backslash", &[], Some(&header), &rows)
        }
        _ => {
            // A space after every comma.
            let kinds = ["serial", "person", "place", "integer"];
            let header = table::names(rng, &kinds, false);
            let rows = table::rows(rng, &kinds, count, id, PLAIN);
            let mut file = Writer {
                quoting: Quoting::Never,
                ..UNIX
            }
            .file("comma and space", &[], Some(&header), &rows);
            file.text = file.text.replace(',', ", ");
            file.bytes = file.text.clone().into_bytes();
            file
        }
    };
    Some(file)
}

/// Every language in every encoding its files come in; from three rows up.
pub(crate) fn encodings(rng: &mut Rng) -> Option<File> {
    let language = &LANGUAGES[rng.size(0, LANGUAGES.len() - 1)];
    let kinds = ["serial", "person", "place", "words", "date", "integer"];
    let count = rng.size(3, 60);
    let rows = table::rows(rng, &kinds, count, language, PLAIN);
    let header = table::names(rng, &kinds, false);
    let file = Writer {
        delimiter: rng.one(&[',', ';', '\t']),
        ..EXCEL
    }
    .file(language.code, &[], Some(&header), &rows);
    let (label, bom) = match rng.range(0, 9) {
        0 => ("utf-8", rng.chance(50)),
        1 => ("utf-16le", rng.chance(30)),
        2 => ("utf-16be", rng.chance(30)),
        _ => (rng.pick(language.encodings), false),
    };
    file.encoded(label, bom)
}

/// Encodings told late or by little: ASCII for long, then a few letters.
pub(crate) fn late_letters(rng: &mut Rng) -> Option<File> {
    let language = language(rng.one(&["de", "fr", "es", "sv", "pl", "cs", "ru", "tr"]));
    let kinds = ["serial", "code", "choice", "integer", "date"];
    let count = rng.size(300, 2500);
    let mut rows = table::rows(rng, &kinds, count, language, PLAIN);
    for row in rows.iter_mut().rev().take(rng.size(2, 12)) {
        rng.pick(language.words).clone_into(&mut row[2]);
    }
    let header = table::names(rng, &kinds, false);
    let label = if rng.chance(30) {
        "utf-8"
    } else {
        language.encodings[0]
    };
    EXCEL
        .file("late", &[], Some(&header), &rows)
        .encoded(label, false)
}
