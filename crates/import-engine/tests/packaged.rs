//! The crate as others get it: what is in its package, and what it depends on where there is no operating system.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::process::Command;

/// What cargo prints.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("names are text")
}

fn dependencies(features: &[&str]) -> Vec<String> {
    let tree = [
        "tree",
        "--offline",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--target",
        "wasm32-unknown-unknown",
    ];
    let lines = cargo(&[&tree[..], features].concat());
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

/// Crates that need an operating system, or a browser.
const OF_A_SYSTEM: [&str; 6] = ["getrandom", "libc", "js-sys", "wasm-bindgen", "rand", "mio"];

/// The feature `spreadsheet` is another matter: what unpacks a workbook asks a browser for the time.
#[test]
fn without_workbooks_neither_random_numbers_nor_a_libc_are_needed() {
    for features in [&["--no-default-features"][..], &["--features", "derive"]] {
        let found = dependencies(features);
        assert!(found.iter().any(|name| name == "encoding_rs"), "{found:?}");
        let asked: Vec<_> = found
            .iter()
            .filter(|name| OF_A_SYSTEM.contains(&name.as_str()))
            .collect();
        assert!(asked.is_empty(), "{features:?}: {asked:?}");
    }
}

#[test]
fn the_package_has_what_a_crate_needs_and_no_more() {
    let list = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
    let files: Vec<&str> = list.lines().collect();
    for needed in [
        "Cargo.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "guide/tutorial.md",
        "guide/cookbook.md",
        "src/lib.rs",
        "examples/contacts.rs",
    ] {
        assert!(files.contains(&needed), "{needed} is missing: {files:#?}");
    }
    let other: Vec<_> = files
        .iter()
        .filter(|file| file.starts_with("fuzz/") || file.starts_with("target/"))
        .collect();
    assert!(other.is_empty(), "{other:?}");
}
