//! Files as a hostile reviewer varies them, of every kind of misunderstanding: each row is read rightly, refused with a reason, or
//! taken with a word. What is expected of each stands in `expected.jsonl` beside them; `walked.jsonl` and its companions have
//! further ones with their text.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use import_types::{
    ImportType,
    engine::{
        Batch, FileError, Planner, RunError,
        recognise::{Encoding, Look, Notice},
        rules::Severity,
        sheet::{SheetTable, Workbook},
    },
    schema,
};
use time::macros::date;

use crate::memory::Anybody;

#[derive(serde::Deserialize)]
struct Expected {
    file: String,
    #[serde(rename = "type")]
    import_type: String,
    /// The file itself, where it does not stand in the folder.
    text: Option<String>,
    encoding: Option<String>,
    /// Rows that are taken, with values of some of their fields.
    #[serde(default)]
    rows: BTreeMap<u64, BTreeMap<String, String>>,
    /// Rows that are refused, or skipped with a notice.
    #[serde(default)]
    refused: Vec<u64>,
    /// Rows that are refused, or taken with a warning; columns of them may have a notice instead.
    #[serde(default)]
    doubtful: Vec<u64>,
    /// Rows that are refused, or taken with the values given.
    #[serde(default)]
    either: Vec<u64>,
    /// The required columns that the file is refused for.
    missing: Option<Vec<String>>,
    /// What the file is instead.
    found: Option<String>,
    /// Among the notices.
    #[serde(default)]
    notices: Vec<String>,
    /// Not among them.
    #[serde(default)]
    silent: Vec<String>,
}

impl Expected {
    fn is_workbook(&self) -> bool {
        let extension = Path::new(&self.file).extension();
        extension.is_some_and(|extension| extension == "xlsx" || extension == "xls")
    }

    fn bytes(&self) -> Vec<u8> {
        let Some(text) = &self.text else {
            let folder = if self.is_workbook() {
                "workbooks"
            } else {
                "reviewed"
            };
            return std::fs::read(fixtures().join(folder).join(&self.file)).unwrap();
        };
        match self.encoding.as_deref() {
            Some("windows-1252") => text.chars().map(in_windows_1252).collect(),
            _ => text.clone().into_bytes(),
        }
    }
}

/// The table of a workbook's first sheet, as a text, with what was written of it.
fn table(workbook: Vec<u8>) -> (Vec<u8>, SheetTable) {
    let mut text = Vec::new();
    let mut book = Workbook::open(Cursor::new(workbook)).unwrap();
    let table = book.to_csv(None, &mut text, || ControlFlow::Continue(()));
    (text, table.unwrap())
}

fn in_windows_1252(c: char) -> u8 {
    match c {
        '\u{2019}' => 0x92,
        '\u{201C}' => 0x93,
        '\u{201D}' => 0x94,
        other => u8::try_from(other).unwrap(),
    }
}

#[test]
fn a_row_is_read_rightly_or_refused_or_taken_with_a_word_and_never_in_silence() {
    let expected = std::fs::read_to_string(fixtures().join("reviewed/expected.jsonl")).unwrap();
    check(&expected);
}

#[test]
fn siblings_of_every_sentence_about_meaning_are_read_rightly_or_refused_or_taken_with_a_word() {
    check(include_str!("../fixtures/walked.jsonl"));
    check(include_str!("../fixtures/walked-more.jsonl"));
    check(include_str!("../fixtures/walked-again.jsonl"));
}

/// The same as people make them with spreadsheets: cells that are joined, days and numbers that are typed, rows that are hidden.
#[test]
fn workbooks_are_read_rightly_or_refused_or_taken_with_a_word() {
    check(include_str!("../fixtures/workbooks/expected.jsonl"));
}

#[track_caller]
fn check(expected: &str) {
    let mut wrong = Vec::new();
    for line in expected.lines() {
        let one: Expected = serde_json::from_str(line).unwrap();
        let problems = problems(&one);
        if !problems.is_empty() {
            wrong.push(format!("{}: {}", one.file, problems.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What differs from what is expected of a file.
fn problems(one: &Expected) -> Vec<String> {
    let bytes = one.bytes();
    let import_type: ImportType = one.import_type.parse().unwrap();
    let schema = schema(import_type);
    let mut plan = Planner::new(schema).today(date!(2026 - 11 - 20));
    let (bytes, sheet) = if one.is_workbook() {
        plan = plan
            .encoding(Encoding::UTF_8)
            .delimiter(b',')
            .quote(Some(b'"'));
        let (text, table) = table(bytes);
        (text, Some(table))
    } else {
        (bytes, None)
    };
    let plan = match plan.plan(&bytes[..]) {
        Ok(plan) => plan,
        Err(RunError::File(error)) => return problems_of_refusal(one, &error),
        Err(error) => panic!("{}: {error}", one.file),
    };
    if let Some(missing) = &one.missing {
        return vec![format!("taken without {missing:?}")];
    }
    let mut anybody = Anybody;
    let import = plan.import(&bytes[..]).lookup(&mut anybody);
    let (batches, summary) = import.collect().unwrap();
    let dialect = plan.dialect().warnings.iter().map(Notice::from);
    let notices: Vec<Notice> = dialect
        .chain(plan.mapping().notices().iter().cloned())
        .chain(summary.notices)
        .chain(
            sheet
                .iter()
                .flat_map(|sheet| sheet.notices(plan.dialect().header_row)),
        )
        .collect();
    let mut problems = lacking(one, &notices);
    let skipped = notices
        .iter()
        .filter_map(|notice| notice.param("row")?.parse().ok());
    let issues = || batches.iter().flat_map(Batch::issues);
    let of = |severity| issues().filter(move |issue| issue.severity == severity);
    let refused: BTreeSet<u64> = of(Severity::Error)
        .map(|issue| issue.row)
        .chain(skipped)
        .collect();
    let warned: BTreeSet<u64> = of(Severity::Warning).map(|issue| issue.row).collect();
    let taken: BTreeMap<u64, _> = batches
        .iter()
        .flat_map(Batch::rows)
        .map(|row| (row.row(), row))
        .collect();
    for (number, values) in &one.rows {
        let Some(row) = taken.get(number) else {
            let may_be_refused = one.doubtful.contains(number) || one.either.contains(number);
            if !(may_be_refused && refused.contains(number)) {
                problems.push(format!("row {number} is lost"));
            }
            continue;
        };
        for (field, value) in values {
            let found = row.value(schema.index_of(field).unwrap()).to_string();
            if found != *value {
                problems.push(format!("row {number}, {field}: {found}"));
            }
        }
    }
    for number in &one.refused {
        if taken.contains_key(number) || !refused.contains(number) {
            problems.push(format!("row {number} is not refused"));
        }
    }
    for number in &one.doubtful {
        if taken.contains_key(number) && !warned.contains(number) && one.notices.is_empty() {
            problems.push(format!("row {number} is taken without a word"));
        }
    }
    let is_expected =
        |number: &&u64| one.rows.contains_key(number) || one.doubtful.contains(number);
    let others = taken.keys().filter(|number| !is_expected(number));
    problems.extend(others.map(|number| format!("row {number} is taken")));
    problems
}

fn problems_of_refusal(one: &Expected, error: &FileError) -> Vec<String> {
    let FileError::MissingColumns {
        missing,
        look,
        notices,
        ..
    } = error
    else {
        return vec![error.to_string()];
    };
    let mut problems = lacking(one, notices);
    if one.missing.as_ref() != Some(missing) {
        problems.push(format!("refused without {missing:?}"));
    }
    if let Some(found) = &one.found
        && look.map(Look::as_str) != Some(found.as_str())
    {
        problems.push(format!("is {look:?}"));
    }
    problems
}

/// Notices that are expected and not there.
fn lacking(one: &Expected, notices: &[Notice]) -> Vec<String> {
    let is_there = |code: &&String| notices.iter().any(|n| n.code().as_str() == code.as_str());
    let missing = one.notices.iter().filter(|code| !is_there(code));
    let spare = one.silent.iter().filter(is_there);
    missing
        .map(|code| format!("no notice {code}"))
        .chain(spare.map(|code| format!("a notice {code}")))
        .collect()
}
