//! `docs/api-conformance.md` names for each requirement the code that fulfils it and the tests that prove it: both exist.

use std::{fs, path::Path};

use crate::harness::workspace;

/// Texts in backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The file that `module::claim` or `crates/…/file.rs::claim` names, and the text to find in it: a function, or the beginning of the
/// name of a scenario.
fn test_of(name: &str) -> Option<(String, String)> {
    let (place, claim) = name.rsplit_once("::")?;
    let file = if place.contains('/') {
        place.to_owned()
    } else {
        format!("tests/it/{}.rs", place.replace("::", "/"))
    };
    let is_scenario = Path::new(&file).extension().is_some_and(|it| it == "mjs");
    let claim = if is_scenario {
        format!("name: '{claim}")
    } else {
        format!("fn {claim}(")
    };
    Some((file, claim))
}

/// What the web console needs beyond the published document.
const ADDITIONS: u32 = 23;

#[test]
fn every_place_and_test_that_the_table_names_exists() {
    let table = fs::read_to_string(workspace().join("docs/api-conformance.md")).unwrap();
    let mut wrong = Vec::new();
    let (mut places, mut tests) = (0, 0);
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [_, place, proof, ..] = cells[..] else {
            wrong.push(format!("a row with too few cells: {row}"));
            continue;
        };
        for path in quoted(place) {
            places += 1;
            if !workspace().join(path).exists() {
                wrong.push(format!("no such file: {path}"));
            }
        }
        for name in quoted(proof) {
            tests += 1;
            let found = test_of(name).is_some_and(|(file, claim)| {
                fs::read_to_string(workspace().join(file)).is_ok_and(|text| text.contains(&claim))
            });
            if !found {
                wrong.push(format!("no such test: {name}"));
            }
        }
    }
    for number in 1..=ADDITIONS {
        if !table.contains(&format!("\n| **A{number}** ")) {
            wrong.push(format!("addition A{number} has no row"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(places > 50 && tests > 80, "{places} places, {tests} tests");
}
