//! A copy of the repository in which a test changes the sources as a developer would, and builds and tests the result. What
//! the run that the test belongs to has compiled of other projects is used there too, so only the workspace itself is compiled.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::binaries::{cargo, workspace};

/// Folders of the repository that hold no sources, and the local data at its root.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];
const LOCAL_DATA: &str = "data";

/// A copy of the repository, with a target directory of its own.
pub(crate) struct RepositoryCopy {
    root: PathBuf,
    /// The target directory of this run.
    target: PathBuf,
}

/// What is built there runs once: no debug tables, and no optimisation of the engine.
const QUICK_PROFILE: [&str; 4] = [
    "--config",
    "profile.dev.debug=0",
    "--config",
    "profile.dev.package.import-engine.opt-level=0",
];

impl RepositoryCopy {
    /// Makes the copy, or brings that of the last run up to date: only what differs is written, so what was compiled there is
    /// compiled once.
    pub(crate) fn create() -> Result<Self> {
        let test = std::env::current_exe()?;
        let target = test
            .ancestors()
            .nth(3)
            .context("is in a target directory")?;
        let copy = Self {
            root: target.join("copy/repository"),
            target: target.to_owned(),
        };
        let mut wanted = BTreeSet::new();
        files_below(workspace(), Path::new(""), &mut wanted)?;
        let mut present = BTreeSet::new();
        if copy.root.exists() {
            files_below(&copy.root, Path::new(""), &mut present)?;
        }
        for stale in present.difference(&wanted) {
            fs::remove_file(copy.root.join(stale))?;
        }
        for file in &wanted {
            let content = fs::read(workspace().join(file))?;
            copy.write(file, &content)?;
        }
        copy.take_over_dependencies()?;
        Ok(copy)
    }

    /// Path of a file of the copy.
    pub(crate) fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.root.join(file)
    }

    /// Path of a program that was built there.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.build().join("debug").join(name)
    }

    /// Text of a file of the copy.
    pub(crate) fn read(&self, file: impl AsRef<Path>) -> Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// Writes a file of the copy, unless its content is the same.
    pub(crate) fn write(&self, file: impl AsRef<Path>, content: &[u8]) -> Result<()> {
        let path = self.path(file);
        if fs::read(&path).is_ok_and(|present| present == content) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().context("is in a folder")?)?;
        fs::write(&path, content).with_context(|| path.display().to_string())
    }

    /// Runs cargo there and expects success.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let output = cargo()
            .args(QUICK_PROFILE)
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.build())
            .env("CARGO_NET_OFFLINE", "true")
            .output()?;
        ensure!(
            output.status.success(),
            "cargo {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    fn build(&self) -> PathBuf {
        self.target.join("copy/target")
    }

    /// Takes over what cargo has compiled of other projects. The files are the same ones under another name, with their
    /// times, by which cargo knows them; those that cargo changes in place are copied.
    fn take_over_dependencies(&self) -> Result<()> {
        let from = self.target.join("debug");
        let to = self.build().join("debug");
        if to.exists() || !from.exists() {
            return Ok(());
        }
        fs::create_dir_all(to.join("deps"))?;
        let own = own_packages()?;
        for part in ["build", ".fingerprint"] {
            fs::create_dir_all(to.join(part))?;
            let folders = foreign_entries(&from.join(part), &own)?;
            copy_with_times(&folders, &to.join(part))?;
        }
        for file in foreign_entries(&from.join("deps"), &own)? {
            let is_library = file
                .extension()
                .is_some_and(|kind| ["rlib", "rmeta", "so"].iter().any(|known| kind == *known));
            if is_library {
                let name = file.file_name().context("has a name")?;
                fs::hard_link(&file, to.join("deps").join(name))?;
            }
        }
        Ok(())
    }
}

/// Names of the packages of the workspace, with `_` for `-`.
fn own_packages() -> Result<BTreeSet<String>> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let names = metadata
        .packages
        .iter()
        .map(|package| package.name.replace('-', "_"));
    Ok(names.collect())
}

/// Entries of a folder of cargo's that belong to other packages. Each is named after its package, with a hash at the end.
fn foreign_entries(folder: &Path, own: &BTreeSet<String>) -> Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let package = name.rsplit_once('-').map_or(name, |(package, _)| package);
        let package = package.replace('-', "_");
        let library = package.strip_prefix("lib").unwrap_or(&package);
        if !own.contains(&package) && !own.contains(library) {
            entries.push(path);
        }
    }
    Ok(entries)
}

fn copy_with_times(folders: &[PathBuf], to: &Path) -> Result<()> {
    for some in folders.chunks(500) {
        let status = Command::new("cp").arg("-a").args(some).arg(to).status()?;
        ensure!(status.success(), "cp: {status}");
    }
    Ok(())
}

/// All sources below a folder, by their paths in the repository.
fn files_below(root: &Path, folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            let is_skipped = SKIPPED.iter().any(|skipped| entry.file_name() == *skipped)
                || name == Path::new(LOCAL_DATA);
            if !is_skipped {
                files_below(root, &name, found)?;
            }
        } else {
            found.insert(name);
        }
    }
    Ok(())
}
