//! What the engine and `domain` must spell alike although neither knows the other: which characters a reader cannot see, and how
//! much of a personal value is shown.

use std::fmt::Write;

use domain::value::{is_invisible, masked};
use import_types::engine::{Batch, Field, Planner, Schema};

/// The batches of a file with the one column `field`.
fn import(field: Field, cells: impl IntoIterator<Item = String>) -> Vec<Batch> {
    let name = field.name().to_owned();
    let mut file = format!("{name},more\n");
    for cell in cells {
        writeln!(file, "{cell},x").unwrap();
    }
    let schema = Schema::builder("spelling").field(field).build().unwrap();
    let plan = Planner::new(&schema)
        .delimiter(b',')
        .header_row(Some(1))
        .plan(&file)
        .unwrap();
    let (batches, _) = plan.import(&file).collect().unwrap();
    batches
}

#[test]
fn a_file_loses_the_invisible_characters_that_the_api_loses() {
    let letters: Vec<char> = ('\u{A0}'..='\u{FFFF}')
        .filter(|letter| !matches!(letter, '\u{2028}' | '\u{2029}'))
        .collect();
    let cells = letters.iter().map(|letter| format!("a{letter}b"));
    let batches = import(Field::text("text"), cells);
    let read = batches.iter().flat_map(Batch::rows);
    let mut checked = 0;
    for row in read {
        let letter = letters[usize::try_from(row.row()).unwrap() - 2];
        let is_dropped = row.text(0) == Some("ab");
        assert_eq!(is_dropped, is_invisible(letter), "{letter:?}");
        checked += 1;
    }
    assert_eq!(checked, letters.len());
}

#[test]
fn an_issue_masks_a_value_as_an_event_does() {
    let digits = "3175010505909001é7654321";
    let cells = (1..digits.chars().count()).map(|length| {
        let text: String = digits.chars().take(length).collect();
        format!("{text}x")
    });
    let batches = import(Field::integer("number").sensitive(), cells);
    let issues: Vec<_> = batches.iter().flat_map(Batch::issues).collect();
    assert_eq!(issues.len(), digits.chars().count() - 1);
    for issue in issues {
        let value = issue.value.as_deref().unwrap();
        assert_eq!(issue.masked_value(), Some(masked(value)));
    }
}
