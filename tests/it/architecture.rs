//! The dependencies that `docs/ARCHITECTURE.md` allows, checked against what cargo resolves and against the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::harness::workspace;

/// A crate of the workspace, which crates of the workspace it may use, and which other crates it must not use.
struct Rule {
    name: &'static str,
    may_use: &'static [&'static str],
    must_not_use: &'static [&'static str],
}

/// A trailing `*` matches any ending.
const RULES: &[Rule] = &[
    Rule {
        name: "domain",
        may_use: &[],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*", "tracing*", "rand"],
    },
    Rule {
        name: "import-engine",
        may_use: &[],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*"],
    },
    Rule {
        name: "import-engine-derive",
        may_use: &[],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*"],
    },
    Rule {
        name: "import-types",
        may_use: &["domain", "import-engine"],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*"],
    },
    Rule {
        name: "settings",
        may_use: &[],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*", "tracing*"],
    },
    Rule {
        name: "auth",
        may_use: &["domain"],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*"],
    },
    Rule {
        name: "repositories",
        may_use: &["domain", "migration"],
        must_not_use: &["actix*", "http"],
    },
    Rule {
        name: "services",
        may_use: &["auth", "domain", "import-types", "repositories", "settings"],
        must_not_use: &["actix*", "sea-orm", "sqlx"],
    },
    Rule {
        name: "http-api",
        may_use: &["auth", "console", "domain", "services"],
        must_not_use: &["sea-orm", "sqlx", "argon2"],
    },
    Rule {
        name: "console",
        may_use: &[],
        must_not_use: &["tokio", "sea-orm", "sqlx", "actix*"],
    },
    Rule {
        name: "migration",
        may_use: &[],
        must_not_use: &["actix*"],
    },
    Rule {
        name: "server",
        may_use: &[
            "http-api",
            "migration",
            "repositories",
            "services",
            "settings",
        ],
        must_not_use: &["sea-orm", "sqlx"],
    },
    Rule {
        name: "seed",
        may_use: &["repositories", "services", "settings"],
        must_not_use: &["actix*", "sea-orm", "sqlx"],
    },
    Rule {
        name: "validate",
        may_use: &["migration", "repositories", "services", "settings"],
        must_not_use: &["actix*", "sea-orm", "sqlx"],
    },
    Rule {
        name: "hijrah",
        may_use: &["import-types"],
        must_not_use: &["tokio", "actix*", "sea-orm", "sqlx"],
    },
    Rule {
        name: "tests",
        may_use: &[],
        must_not_use: &[],
    },
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo describes the workspace")
}

/// Names of what the package uses in its ordinary build; optional dependencies are not part of it.
fn uses(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal && !dependency.optional)
        .map(|dependency| dependency.name.as_str())
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[test]
fn there_are_no_other_arrows_between_the_crates_of_the_house() {
    let metadata = metadata();
    let rules: BTreeMap<&str, &Rule> = RULES.iter().map(|rule| (rule.name, rule)).collect();
    let house: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(rule) = rules.get(package.name.as_str()) else {
            wrong.push(format!(
                "{} has no rule: add it here and to docs/ARCHITECTURE.md",
                package.name
            ));
            continue;
        };
        let arrows = uses(package).filter(|name| house.contains(name));
        wrong.extend(
            arrows
                .filter(|name| !rule.may_use.contains(name))
                .map(|name| format!("{} must not use {name}", package.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_crate_uses_what_its_layer_must_not() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for rule in RULES {
        let package = metadata
            .packages
            .iter()
            .find(|package| package.name.as_str() == rule.name);
        let package = package.expect("every rule is about a package");
        for name in uses(package) {
            if rule
                .must_not_use
                .iter()
                .any(|pattern| matches(pattern, name))
            {
                wrong.push(format!("{} must not use {name}", rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_has_no_asynchronous_runtime_by_default() {
    let metadata = metadata();
    let engine = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "import-engine");
    let defaults = engine.expect("the engine is there").features.get("default");
    let defaults = defaults.cloned().unwrap_or_default();
    assert!(
        !defaults.iter().any(|feature| feature.contains("tokio")),
        "{defaults:?}"
    );
}

/// Rust files below `part` of the workspace with their text.
fn sources(part: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![workspace().join(part)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                files.push((path, text));
            }
        }
    }
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(workspace())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The text before the first module of tests. Single items for tests may stand above it.
fn outside_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

/// Lines of code, without comments and documentation.
fn code(text: &str) -> impl Iterator<Item = &str> {
    outside_tests(text)
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn every_file_says_first_what_it_is() {
    let silent: Vec<String> = ["bin", "crates", "docs", "migration", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| relative(&path))
        .collect();
    assert!(
        silent.is_empty(),
        "no `//!` at the top of:\n{}",
        silent.join("\n")
    );
}

#[test]
fn the_time_is_read_in_one_place() {
    let readers: Vec<String> = ["bin", "crates"]
        .into_iter()
        .flat_map(sources)
        .filter(|(path, text)| {
            // Examples and benchmarks are programs of their own.
            relative(path).contains("/src/")
                && code(text).any(|line| line.contains("now_utc()") || line.contains("now_v7()"))
        })
        .map(|(path, _)| relative(&path))
        .collect();
    assert_eq!(readers, ["crates/services/src/clock.rs"]);
}

/// Each of these functions has one owner in the workspace and one in the engine, which depends on no other crate;
/// `import-types` tests that the two agree.
#[test]
fn texts_are_shortened_masked_and_cleaned_by_their_owners_alone() {
    for (mark, owners) in [
        (
            "\"{}…\"",
            [
                "crates/domain/src/value/shown.rs",
                "crates/import-engine/src/issue/catalogue.rs",
            ],
        ),
        (
            "16.. => (6, 4)",
            [
                "crates/domain/src/value/shown.rs",
                "crates/import-engine/src/issue/mod.rs",
            ],
        ),
        (
            "'\\u{2060}'..='\\u{2064}'",
            [
                "crates/domain/src/value/text.rs",
                "crates/import-engine/src/value/text.rs",
            ],
        ),
    ] {
        let mut found: Vec<String> = ["bin", "crates"]
            .into_iter()
            .flat_map(sources)
            .filter(|(path, text)| {
                relative(path).contains("/src/") && code(text).any(|line| line.contains(mark))
            })
            .map(|(path, _)| relative(&path))
            .collect();
        found.sort();
        assert_eq!(found, owners, "{mark}");
    }
}

#[test]
fn one_crate_reads_the_environment() {
    let readers: Vec<String> = ["bin", "crates", "migration"]
        .into_iter()
        .flat_map(sources)
        .filter(|(path, text)| {
            relative(path).contains("src/") && code(text).any(|line| line.contains("env::var"))
        })
        .map(|(path, _)| relative(&path))
        // Switches for tests are in files of this name.
        .filter(|path| !path.starts_with("crates/settings/") && !path.ends_with("/fault.rs"))
        // Where PostgreSQL's tools are depends on the machine, not on this application.
        .filter(|path| path != "crates/services/src/backup.rs")
        // A test inside the engine, whose corpus is large.
        .filter(|path| path != "crates/import-engine/src/sniff/weighed.rs")
        .collect();
    assert!(readers.is_empty(), "{}", readers.join("\n"));
}
