//! The programs under test, next to the test executable in the target directory. Builds them when they are missing or older
//! than the sources, so that no test runs against an outdated server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

static DIRECTORY: LazyLock<Result<PathBuf, &str>> = LazyLock::new(|| {
    // target/<profile>/deps/it-<hash>
    let test = std::env::current_exe().expect("knows its own path");
    let directory = test
        .ancestors()
        .nth(2)
        .expect("lies in a target directory")
        .to_owned();
    if is_stale(&directory) && !build(&directory) {
        return Err("the programs under test do not build");
    }
    Ok(directory)
});

/// Path of a program of the workspace, up to date.
pub(crate) fn binary(name: &str) -> PathBuf {
    let directory = DIRECTORY.as_ref().unwrap_or_else(|error| panic!("{error}"));
    directory.join(name)
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
}

fn is_stale(directory: &Path) -> bool {
    let oldest = ["server", "seed", "validate", "migration", "hijrah"]
        .iter()
        .map(|name| modified(&directory.join(name)))
        .min()
        .flatten();
    let newest = ["bin", "crates", "migration", "Cargo.lock"]
        .iter()
        .filter_map(|part| newest_of(&workspace().join(part), &SOURCES))
        .max();
    // Pages are in the server alone.
    let newest_page = newest_of(&workspace().join("crates/console/assets"), &PAGES);
    oldest < newest || modified(&directory.join("server")) < newest_page
}

/// Whether it worked.
fn build(directory: &Path) -> bool {
    let mut cargo = cargo();
    cargo
        .current_dir(workspace())
        .args(["build", "--workspace", "--bins"]);
    if directory.ends_with("release") {
        cargo.arg("--release");
    }
    let target = directory.parent().expect("target/<profile>");
    let status = cargo.env("CARGO_TARGET_DIR", target).status();
    status.is_ok_and(|status| status.success())
}

/// The cargo that runs the tests, or the one on the search path. What cargo has set in this process about the crate `tests` is
/// removed: build scripts that depend on such variables would run again, and half of the dependencies would be compiled again.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let of_crate = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        let text = name.to_string_lossy();
        if of_crate.iter().any(|beginning| text.starts_with(beginning)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|file| file.modified()).ok()
}

/// Rust sources, manifests, and what they include.
const SOURCES: [&str; 4] = ["rs", "toml", "lock", "json"];
/// Of the console.
const PAGES: [&str; 4] = ["mjs", "css", "html", "svg"];

/// When the newest file with one of these extensions at or below `path` was written.
fn newest_of(path: &Path, kinds: &[&str]) -> Option<SystemTime> {
    if let Ok(entries) = path.read_dir() {
        let entries = entries.filter_map(Result::ok);
        return entries
            .filter_map(|entry| newest_of(&entry.path(), kinds))
            .max();
    }
    let is_source = path
        .extension()
        .is_some_and(|kind| kinds.iter().any(|known| kind == *known));
    is_source.then(|| modified(path)).flatten()
}
