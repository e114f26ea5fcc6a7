//! Tables of invented data: columns of many kinds, in the forms of a locale.

use super::{
    rng::Rng,
    vocabulary::{Language, NAMES, ODD_NAMES},
};

/// How a locale or program writes values.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) decimal: char,
    pub(crate) grouping: Option<char>,
    pub(crate) date: DateStyle,
    pub(crate) currency: &'static str,
    pub(crate) flags: [&'static str; 2],
    pub(crate) null: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum DateStyle {
    Iso,
    DaySlash,
    DayDot,
    MonthSlash,
    Worded,
}

pub(crate) const PLAIN: Style = Style {
    decimal: '.',
    grouping: None,
    date: DateStyle::Iso,
    currency: "",
    flags: ["true", "false"],
    null: "",
};
pub(crate) const ENGLISH: Style = Style {
    decimal: '.',
    grouping: Some(','),
    date: DateStyle::MonthSlash,
    currency: "$",
    flags: ["TRUE", "FALSE"],
    null: "",
};
pub(crate) const INDONESIAN: Style = Style {
    decimal: ',',
    grouping: Some('.'),
    date: DateStyle::DaySlash,
    currency: "Rp",
    flags: ["Ya", "Tidak"],
    null: "-",
};
pub(crate) const GERMAN: Style = Style {
    decimal: ',',
    grouping: Some('.'),
    date: DateStyle::DayDot,
    currency: "",
    flags: ["WAHR", "FALSCH"],
    null: "",
};
pub(crate) const STATISTIC: Style = Style {
    decimal: '.',
    grouping: None,
    date: DateStyle::Iso,
    currency: "",
    flags: ["TRUE", "FALSE"],
    null: "NA",
};

/// Kinds of columns that any table may have.
pub(crate) const KINDS: &[&str] = &[
    "person", "given", "place", "words", "address", "integer", "decimal", "money", "date", "time",
    "email", "phone", "code", "choice", "flag", "url", "percent",
];
/// Kinds of columns whose cells are text.
pub(crate) const TEXTS: &[&str] = &["person", "given", "place", "words", "choice"];

/// One value of a column.
pub(crate) fn value(
    rng: &mut Rng,
    kind: &str,
    row: usize,
    language: &Language,
    style: Style,
) -> String {
    match kind {
        "serial" => (row + 1).to_string(),
        "person" => format!("{} {}", rng.pick(language.given), rng.pick(language.family)),
        "given" => rng.pick(language.given).to_owned(),
        "place" => rng.pick(language.places).to_owned(),
        "words" => match rng.range(0, 9) {
            0..3 => String::new(),
            3..5 => format!("{}, {}", rng.pick(language.words), rng.pick(language.words)),
            _ => rng.pick(language.words).to_owned(),
        },
        "address" => format!(
            "Jl. {} No. {}, {}",
            rng.pick(language.family),
            rng.range(1, 200),
            rng.pick(language.places)
        ),
        "integer" => rng.range(0, 5000).to_string(),
        "decimal" => format!(
            "{}{}{:02}",
            rng.range(0, 900),
            style.decimal,
            rng.range(0, 99)
        ),
        "money" => format!(
            "{}{}",
            style.currency,
            grouped(rng.range(10, 9_999_999), style.grouping)
        ),
        "date" => {
            let form = if rng.chance(10) {
                DateStyle::Worded
            } else {
                style.date
            };
            date(rng, form)
        }
        "time" => format!(
            "{} {:02}:{:02}:{:02}",
            date(rng, style.date),
            rng.range(0, 23),
            rng.range(0, 59),
            rng.range(0, 59)
        ),
        "email" => format!(
            "{}{}@{}",
            rng.pick(&["budi", "anna", "info", "k.lee", "rina_w"]),
            rng.range(1, 999),
            rng.pick(&["example.com", "mail.example.org"])
        ),
        "phone" => match rng.range(0, 2) {
            0 => format!("08{}", rng.range(100_000_000, 9_999_999_999)),
            1 => format!(
                "+62 {}-{}-{}",
                rng.range(811, 899),
                rng.range(1000, 9999),
                rng.range(100, 9999)
            ),
            _ => format!(
                "({}) {}",
                rng.range(100, 999),
                rng.range(100_000, 9_999_999)
            ),
        },
        "code" => format!(
            "{}{}-{:04}",
            rng.pick(&["K", "PX", "INV"]),
            rng.pick(&["A", "B"]),
            rng.range(1, 9999)
        ),
        "choice" => rng.pick(&["published", "draft", "archived"]).to_owned(),
        "flag" => style.flags[rng.size(0, 1)].to_owned(),
        "url" => format!(
            "https://www.example.com/{}?id={}&lang=id",
            rng.pick(&["paket", "a/b", "item"]),
            rng.range(1, 99)
        ),
        "percent" => format!("{}{}{}%", rng.range(0, 99), style.decimal, rng.range(0, 9)),
        other => panic!("no such kind of column: {other}"),
    }
}

fn grouped(number: u64, sign: Option<char>) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if let Some(sign) = sign.filter(|_| i > 0 && (digits.len() - i).is_multiple_of(3)) {
            out.push(sign);
        }
        out.push(digit);
    }
    out
}

fn date(rng: &mut Rng, style: DateStyle) -> String {
    let (year, month, day) = (rng.range(1950, 2027), rng.range(1, 12), rng.range(1, 28));
    match style {
        DateStyle::Iso => format!("{year}-{month:02}-{day:02}"),
        DateStyle::DaySlash => format!("{day:02}/{month:02}/{year}"),
        DateStyle::DayDot => format!("{day:02}.{month:02}.{year}"),
        DateStyle::MonthSlash => format!("{month}/{day}/{year}"),
        DateStyle::Worded => format!(
            "{day} {} {year}",
            rng.pick(&["Januari", "Mei", "Agustus", "Desember"])
        ),
    }
}

/// A name for each column, each name once.
pub(crate) fn names(rng: &mut Rng, kinds: &[&str], odd: bool) -> Vec<String> {
    let table = if odd { ODD_NAMES } else { NAMES };
    let mut names: Vec<String> = Vec::new();
    for kind in kinds {
        let choices = table.iter().find(|(k, _)| k == kind).unwrap().1;
        let name = rng.pick(choices).to_owned();
        let name = if names.contains(&name) {
            format!("{name} {}", names.len())
        } else {
            name
        };
        names.push(name);
    }
    names
}

/// Rows of the given kinds of columns, some cells empty.
pub(crate) fn rows(
    rng: &mut Rng,
    kinds: &[&str],
    count: usize,
    language: &Language,
    style: Style,
) -> Vec<Vec<String>> {
    (0..count)
        .map(|row| {
            kinds
                .iter()
                .map(|kind| {
                    if *kind != "serial" && rng.chance(4) {
                        style.null.to_owned()
                    } else {
                        value(rng, kind, row, language, style)
                    }
                })
                .collect()
        })
        .collect()
}

/// Between `low` and `high` kinds of columns, perhaps with a serial number in front.
pub(crate) fn kinds(
    rng: &mut Rng,
    from: &[&'static str],
    low: usize,
    high: usize,
) -> Vec<&'static str> {
    let count = rng.size(low, high);
    let mut kinds: Vec<&'static str> = (0..count).map(|_| rng.pick(from)).collect();
    if rng.chance(40) && from.len() == KINDS.len() {
        kinds[0] = "serial";
    }
    kinds
}
