//! Files that programs keep for themselves or give one another: registries below a page of licence, lists of paths, tables of
//! symbols, exports whose first escaped quote comes late. Each trait was found in real files; the files here are made up.

use super::{
    file::{EXCEL, File, Quoting, UNIX, Writer},
    rng::Rng,
    table::{self, KINDS, PLAIN},
    vocabulary::language,
};

const PROSE: &[&str] = &[
    "This file is part of the registry. For terms of use, see the file LICENSE; all rights reserved.",
    "Entries are sorted by code, then by name; lines that begin with # are comments.",
    "To add an entry, write to the maintainers, with the code, the name, and a reference.",
    "Version: 14.0, date: 2027-01-05, 23:29:00 GMT [KW]",
    "Fields: see the documentation; empty ones are left out",
    "@missing: 0000..FFFF; none",
    "",
];

const PARTS: &[&str] = &[
    "usr", "share", "doc", "lib", "etc", "bin", "locale", "icons", "python", "mozilla",
];

fn prose(rng: &mut Rng, lines: usize) -> Vec<String> {
    (0..lines)
        .map(|_| format!("# {}", rng.pick(PROSE)))
        .collect()
}

fn path(rng: &mut Rng, depth: usize) -> String {
    let parts: Vec<&str> = (0..depth).map(|_| rng.pick(PARTS)).collect();
    parts.join("/")
}

pub(crate) fn listings(rng: &mut Rng) -> Option<File> {
    match rng.range(0, 10) {
        0 => below_prose(rng),
        1 => constant_codes(rng),
        2 => numbered_names(rng),
        3 => paths(rng),
        4 => pairs_of_paths(rng),
        5 => symbols(rng),
        6 => lone_pound(rng),
        7 => late_escape(rng),
        8 => title_with_delimiters(rng),
        9 => empty_export(rng),
        _ => escaped_apostrophes(rng),
    }
}

/// A table below a block of comments that may be longer than all that is looked at first.
fn below_prose(rng: &mut Rng) -> Option<File> {
    let kinds = table::kinds(rng, KINDS, 2, 6);
    let count = rng.size(12, 80);
    let rows = table::rows(rng, &kinds, count, language("en"), PLAIN);
    let header = rng.chance(50).then(|| table::names(rng, &kinds, false));
    let lines = rng.size(2, 250);
    let above = prose(rng, lines);
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    let delimiter = rng.one(&[',', ';', '\t']);
    Some(Writer { delimiter, ..UNIX }.file("below prose", &above, header.as_deref(), &rows))
}

/// Columns with the same code in every row, below names that look like codes.
fn constant_codes(rng: &mut Rng) -> Option<File> {
    let columns = rng.size(3, 15);
    let mut header = vec!["id".to_owned(), "date".to_owned()];
    header.extend((1..=columns).map(|i| format!("val{i}")));
    let count = rng.size(3, 40);
    let rows: Vec<Vec<String>> = (1..=count)
        .map(|row| {
            let mut cells = vec![format!("{row:014}"), format!("2017-01-{:02}", row % 28 + 1)];
            cells.extend((1..=columns).map(|i| format!("v{i}")));
            cells
        })
        .collect();
    Some(UNIX.file("constant codes", &[], Some(&header), &rows))
}

/// Names that differ by a number only, above codes that do not count up.
fn numbered_names(rng: &mut Rng) -> Option<File> {
    let columns = rng.size(3, 9);
    let stem = rng.pick(&["value", "col", "field", "q", "x"]);
    let header: Vec<String> = (1..=columns).map(|i| format!("{stem}{i}")).collect();
    let count = rng.size(4, 40);
    let rows: Vec<Vec<String>> = (0..count)
        .map(|_| {
            (0..columns)
                .map(|_| format!("{}{}", rng.pick(&["foo", "bar", "baz"]), rng.range(11, 99)))
                .collect()
        })
        .collect();
    let delimiter = rng.one(&[',', ';', '\t']);
    Some(Writer { delimiter, ..UNIX }.file("numbered names", &[], Some(&header), &rows))
}

/// One column of paths, the first as good as any.
fn paths(rng: &mut Rng) -> Option<File> {
    let count = rng.size(6, 80);
    let root = if rng.chance(60) { "/" } else { "" };
    let rows: Vec<Vec<String>> = (0..count)
        .map(|_| {
            let depth = rng.size(2, 5);
            vec![format!("{root}{}", path(rng, depth))]
        })
        .collect();
    Some(UNIX.file("paths", &[], None, &rows))
}

/// Media types and what they are aliases of, a space between.
fn pairs_of_paths(rng: &mut Rng) -> Option<File> {
    let count = rng.size(20, 90);
    let rows: Vec<Vec<String>> = (0..count)
        .map(|_| vec![path(rng, 2), path(rng, 2)])
        .collect();
    let spaced = Writer {
        delimiter: ' ',
        ..UNIX
    };
    Some(spaced.file("pairs of paths", &[], None, &rows))
}

/// Characters and what to write for them.
fn symbols(rng: &mut Rng) -> Option<File> {
    let signs = ["¡", "«", "»", "±", "×", "÷", "–", "—", "…", "→", "≤", "≥"];
    let plain = ["!", "<<", ">>", "+/-", "*", ":", "-", "--", "...", "->"];
    let count = rng.size(6, 12);
    let rows: Vec<Vec<String>> = (0..count)
        .map(|i| {
            vec![
                signs[i % signs.len()].to_owned(),
                rng.pick(&plain).to_owned(),
            ]
        })
        .collect();
    let tabbed = Writer {
        delimiter: '\t',
        quoting: Quoting::Never,
        ..UNIX
    };
    Some(tabbed.file("symbols", &[], None, &rows))
}

/// The only byte beyond ASCII is the pound sign of a title.
fn lone_pound(rng: &mut Rng) -> Option<File> {
    let kinds = ["serial", "person", "place", "date", "integer"];
    let header = table::names(rng, &kinds, false);
    let count = rng.size(5, 60);
    let rows = table::rows(rng, &kinds, count, language("id"), PLAIN);
    let title = rng.pick(&[
        "Payments of £ 500 or more,,,,",
        ",Spending over £ 25.000,,,",
        "All amounts in £,,,,",
    ]);
    EXCEL
        .file("lone pound", &[title], Some(&header), &rows)
        .encoded("windows-1252", false)
}

/// The first quote inside a cell stands far below what is looked at.
fn late_escape(rng: &mut Rng) -> Option<File> {
    let header = ["who", "said", "when"].map(str::to_owned);
    let id = language("id");
    let before = rng.size(700, 2000);
    let rows: Vec<Vec<String>> = (0..before + 5)
        .map(|i| {
            let said = format!("{} {}", rng.pick(id.words), rng.pick(id.words));
            vec![
                rng.pick(id.given).to_owned(),
                if i < before {
                    said
                } else {
                    format!("\"{said}\", so he said")
                },
                format!("2027-01-{:02}", i % 28 + 1),
            ]
        })
        .collect();
    let writer = Writer {
        quoting: Quoting::All,
        backslash: true,
        ..UNIX
    };
    Some(writer.file("late escape", &[], Some(&header), &rows))
}

/// Cells in apostrophes, with apostrophes behind a backslash in them.
fn escaped_apostrophes(rng: &mut Rng) -> Option<File> {
    let header = ["id", "name", "town"].map(str::to_owned);
    let count = rng.size(6, 50);
    let rows: Vec<Vec<String>> = (0..count)
        .map(|i| {
            vec![
                i.to_string(),
                format!(
                    "{}'{}",
                    rng.pick(&["O", "D", "Ma"]),
                    rng.pick(language("id").given)
                ),
                rng.pick(language("id").places).to_owned(),
            ]
        })
        .collect();
    let writer = Writer {
        delimiter: ';',
        quote: '\'',
        quoting: Quoting::Texts,
        backslash: true,
        ..UNIX
    };
    Some(writer.file("escaped apostrophes", &[], Some(&header), &rows))
}

/// Notes above the table that have nearly as many cells as it.
fn title_with_delimiters(rng: &mut Rng) -> Option<File> {
    let header = ["number", "text", "date"].map(str::to_owned);
    let count = rng.size(1, 40);
    let rows: Vec<Vec<String>> = (0..count)
        .map(|i| {
            vec![
                format!("{}.5", rng.range(1, 900)),
                rng.pick(language("en").words).to_owned(),
                format!("2000-12-{:02}", i % 28 + 1),
            ]
        })
        .collect();
    let title = rng.pick(&[
        "more notes,...",
        "Sales by day,all shops",
        "printed by,the office",
    ]);
    Some(UNIX.file(
        "title with delimiters",
        &["some notes...", title],
        Some(&header),
        &rows,
    ))
}

/// The names of the columns and nothing below them, as an export without rows has.
fn empty_export(rng: &mut Rng) -> Option<File> {
    let kinds = table::kinds(rng, KINDS, 3, 9);
    let header = table::names(rng, &kinds, false);
    let delimiter = rng.one(&[',', ';', '\t']);
    Some(Writer { delimiter, ..EXCEL }.file("empty export", &[], Some(&header), &[]))
}
