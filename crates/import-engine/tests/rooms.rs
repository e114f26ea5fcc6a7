//! The rooms of the crate, its folders under `src/`: who knows whom. Each knows those below it, so that it can be read and changed
//! without those above. No arrow goes up.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the lowest to the highest.
const ROOMS: &[&str] = &[
    "issue", "error", "value", "text", "csv", "sniff", "schema", "mapping", "check", "import",
    "report", "sheet",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The first names after every `crate::` of a source without comments.
fn known(source: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (place, path) in source.match_indices("crate::") {
        let rest = &source[place + path.len()..];
        if source[..place].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let name = |text: &str| -> String {
            let word = text.trim_start().chars();
            word.take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        let Some(group) = rest.strip_prefix('{') else {
            rooms.insert(name(rest));
            continue;
        };
        rooms.insert(name(group));
        let mut depth = 0_i32;
        for (at, sign) in group.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    rooms.insert(name(&group[at + 1..]));
                }
                _ => {}
            }
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn each_room_knows_those_below_it() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&sources, &mut paths);
    let place = |room: &str| {
        let found = ROOMS.iter().position(|known| *known == room);
        found.unwrap_or_else(|| panic!("'{room}' is not among the rooms: say where it stands"))
    };
    let mut up = BTreeSet::new();
    let mut arrows = BTreeSet::new();
    for path in paths {
        let inside = path.strip_prefix(&sources).expect("inside");
        let first = inside.components().next().expect("a name").as_os_str();
        let room = first.to_string_lossy().trim_end_matches(".rs").to_owned();
        if room == "lib" {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source");
        let code: Vec<&str> = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for other in known(&code.join("\n")) {
            assert!(
                ROOMS.contains(&other.as_str()),
                "{} takes '{other}' from the root: take it from its room",
                inside.display()
            );
            if other == room {
                continue;
            }
            if place(&other) > place(&room) {
                up.insert((inside.display().to_string(), other.clone()));
            }
            arrows.insert((room.clone(), other));
        }
    }
    assert!(up.is_empty(), "arrows go up: {up:#?}");
    assert!(arrows.len() > 40, "only {} arrows were read", arrows.len());
}
