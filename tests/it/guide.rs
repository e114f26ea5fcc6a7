//! `docs/adding-a-resource.md` is followed to the letter: its blocks of code go into a copy of the repository, which is built, and
//! the tests of the layers are run there. Whoever changes what the page shows, changes the page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::harness::workspace;

/// What of the repository the copy needs.
const PARTS: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "rustfmt.toml",
    "bin",
    "crates",
    "migration",
    "tests",
];
/// What the date in the name of the page's migration stands for: later than every other.
const DATE: &str = "29990101_000000";
/// The crates whose own tests are run in every run.
const LAYERS: [&str; 4] = ["domain", "migration", "repositories", "http"];

/// A block of code, and where the page says that it goes.
struct Block<'p> {
    place: Place<'p>,
    code: String,
}

enum Place<'p> {
    File(&'p str),
    Before(&'p str, String),
    After(&'p str, String),
}

#[test]
fn the_guide_is_followed_to_the_letter() -> Result<()> {
    let page = std::fs::read_to_string(workspace().join("docs/adding-a-resource.md"))?;
    let blocks = blocks(&page)?;
    ensure!(blocks.len() > 15, "{} blocks", blocks.len());
    let target = std::env::current_exe()?;
    let target = target
        .ancestors()
        .nth(3)
        .context("lies in a target directory")?
        .join("generated");
    // Always the same folder, in which only what differs is written: what was built there is built once.
    let copy = target.join("guide");
    let mut wanted = BTreeSet::new();
    for part in PARTS {
        files_of(&workspace().join(part), Path::new(part), &mut wanted);
    }
    let mut changed = Changed::default();
    for block in &blocks {
        changed.apply(block)?;
    }
    changed.enter_migration()?;
    let kept: BTreeSet<PathBuf> = wanted
        .iter()
        .cloned()
        .chain(changed.files.keys().cloned())
        .collect();
    for file in &kept {
        let text = match changed.files.get(file) {
            Some(text) => text.clone().into_bytes(),
            None => std::fs::read(workspace().join(file))?,
        };
        write_if_other(&copy.join(file), &text)?;
    }
    let mut there = BTreeSet::new();
    for part in PARTS {
        files_of(&copy.join(part), Path::new(part), &mut there);
    }
    for stale in there.difference(&kept) {
        std::fs::remove_file(copy.join(stale))?;
    }
    let cargo = |arguments: &[&str], environment: &[(&str, &str)]| -> Result<()> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", &target)
            .envs(environment.iter().copied())
            .output()?;
        ensure!(
            output.status.success(),
            "cargo {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    };
    let layers = LAYERS.iter().flat_map(|layer| ["-p", layer]);
    let test: Vec<&str> = ["test", "--offline", "--quiet", "--lib"]
        .into_iter()
        .chain(layers)
        .collect();
    cargo(&test, &[])?;
    if std::env::var_os("GUIDE_IN_FULL").is_some() {
        let end_to_end = [
            "test",
            "--offline",
            "--quiet",
            "-p",
            "tests",
            "--test",
            "it",
            "--",
        ];
        let run = |filters: &[&str], environment: &[(&str, &str)]| {
            cargo(&[&end_to_end[..], filters].concat(), environment)
        };
        run(&["catalogue"], &[("UPDATE_CATALOGUE", "1")])?;
        run(&["catalogue", "roles::", "a_hotel_lives"], &[])?;
        cargo(&["fmt", "--all"], &[])?;
        let lints = [
            "clippy",
            "--offline",
            "--quiet",
            "--workspace",
            "--all-targets",
        ];
        cargo(&[&lints[..], &["--", "-D", "warnings"]].concat(), &[])?;
    }
    Ok(())
}

/// The blocks that say where they go.
fn blocks(page: &str) -> Result<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(words) = line.strip_prefix("```rust ") else {
            continue;
        };
        let place = if let Some(file) = words.strip_prefix("file=") {
            Place::File(file)
        } else {
            let inside = words.strip_prefix("in=").with_context(|| line.to_owned())?;
            let (file, anchor) = inside.split_once(' ').with_context(|| line.to_owned())?;
            let (side, text) = anchor.split_once('=').with_context(|| line.to_owned())?;
            let text = text.trim_matches('"').replace("\\\"", "\"");
            match side {
                "before" => Place::Before(file, text),
                "after" => Place::After(file, text),
                _ => anyhow::bail!("{line}"),
            }
        };
        let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            place,
            code: code.join("\n") + "\n",
        });
    }
    Ok(blocks)
}

/// The files that the page makes or changes, by their paths in the repository.
#[derive(Default)]
struct Changed {
    files: std::collections::BTreeMap<PathBuf, String>,
}

impl Changed {
    fn apply(&mut self, block: &Block<'_>) -> Result<()> {
        let (file, anchor, offset) = match &block.place {
            Place::File(file) => {
                let path = PathBuf::from(file.replace("<date>", DATE));
                self.files.insert(path, block.code.clone());
                return Ok(());
            }
            Place::Before(file, anchor) => (*file, anchor, 0),
            Place::After(file, anchor) => (*file, anchor, 1),
        };
        let text = self.text(file)?;
        let mut lines: Vec<&str> = text.lines().collect();
        let found = lines
            .iter()
            .position(|line| line.trim_start().starts_with(anchor.as_str()));
        let found = found.with_context(|| format!("{file} has no line '{anchor}'"))?;
        lines.insert(found + offset, block.code.trim_end_matches('\n'));
        let changed = lines.join("\n") + "\n";
        self.files.insert(file.into(), changed);
        Ok(())
    }

    /// What `migration generate` does to the list of migrations, which has a test of its own.
    fn enter_migration(&mut self) -> Result<()> {
        const LIST: &str = "migration/src/lib.rs";
        let mut lines: Vec<String> = self.text(LIST)?.lines().map(str::to_owned).collect();
        for (begins, line) in [
            ("mod m", format!("mod m{DATE}_hotels;")),
            (
                "            Box::new(m",
                format!("            Box::new(m{DATE}_hotels::Migration),"),
            ),
        ] {
            let last = lines.iter().rposition(|line| line.starts_with(begins));
            lines.insert(last.context("a list of migrations")? + 1, line);
        }
        self.files.insert(LIST.into(), lines.join("\n") + "\n");
        Ok(())
    }

    fn text(&self, file: &str) -> Result<String> {
        match self.files.get(Path::new(file)) {
            Some(text) => Ok(text.clone()),
            None => std::fs::read_to_string(workspace().join(file))
                .with_context(|| format!("the page names {file}")),
        }
    }
}

/// All files of a part, by their paths in the repository.
fn files_of(part: &Path, name: &Path, found: &mut BTreeSet<PathBuf>) {
    if part.is_file() {
        found.insert(name.to_owned());
    }
    // Not every part has to be there.
    let Ok(entries) = std::fs::read_dir(part) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name() != "node_modules" {
            files_of(&entry.path(), &name.join(entry.file_name()), found);
        }
    }
}

fn write_if_other(path: &Path, content: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    std::fs::create_dir_all(path.parent().context("a folder")?)?;
    std::fs::write(path, content)?;
    Ok(())
}
