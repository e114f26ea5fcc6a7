//! `docs/adding-a-resource.md` is followed to the letter, in a copy of the repository: its blocks of code go where they say, the
//! commands are run, and the result has to be formatted, free of warnings, and green. So has what `migration generate` writes.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::commands::{printed, start};
use crate::harness::{Backend, RepositoryCopy, run_directory, workspace};
use crate::migrations::{Empty, golden};

/// What the page's migration is called after its date.
const MIGRATION: &str = "_hotels.rs";

/// A block of code, and where the page says that it goes.
struct Block {
    place: Place,
    code: String,
}

enum Place {
    /// A new file.
    File(String),
    /// The line after, or before, the first one that begins with a text.
    Line {
        file: String,
        anchor: String,
        is_after: bool,
    },
}

#[tokio::test]
async fn the_guide_is_followed_to_the_letter() -> Result<()> {
    let blocks = blocks(&std::fs::read_to_string(
        workspace().join("docs/adding-a-resource.md"),
    )?)?;
    ensure!(blocks.len() > 15, "{} blocks", blocks.len());
    let copy = RepositoryCopy::create()?;
    // The page's command, and the other form of it.
    for arguments in [
        &["add rooms, at last"][..],
        &["--table", "hotels"],
        &["--table", "visas"],
    ] {
        generate(&copy, arguments)?;
    }
    copy.cargo(&["fmt", "--all", "--check"])
        .context("what is generated is not formatted")?;
    for block in &blocks {
        apply(&copy, block)?;
    }
    copy.cargo(&["fmt", "--all"])?;
    for block in &blocks {
        if let Place::File(file) = &block.place {
            let file = existing(&copy, file)?;
            ensure!(
                copy.read(&file)? == block.code,
                "the page's {file} is not formatted"
            );
        }
    }
    copy.cargo(&["build", "--quiet", "--workspace", "--bin", "migration"])?;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let empty = Empty::create(backend).await?;
        let made = migrated_there_and_back(&copy, &empty).await?;
        copy.write(golden(backend), made.as_bytes())?;
        empty.remove().await?;
    }
    let lints = ["clippy", "--quiet", "--workspace", "--all-targets"];
    copy.cargo(&[&lints[..], &["--", "-D", "warnings"]].concat())?;
    copy.cargo(&["build", "--quiet", "--workspace", "--bins"])?;
    let tests = [
        "test",
        "--quiet",
        "--workspace",
        "--lib",
        "--test",
        "it",
        "--",
    ];
    let touched = [
        "hotel",
        "documented",
        "roles::",
        "the_golden_catalogue",
        "a_sound_installation",
    ];
    copy.cargo(&[&tests[..], &touched].concat())
}

/// Runs `migration generate` in the copy.
fn generate(copy: &RepositoryCopy, arguments: &[&str]) -> Result<()> {
    let folder = copy.path("migration");
    let into = ["--into", folder.to_str().context("is text")?];
    let arguments = [&["generate"][..], arguments, &into].concat();
    let output = start("migration", &arguments, &[], run_directory())?;
    ensure!(output.status.success(), "{}", printed(&output));
    Ok(())
}

/// The schema that the copy's migrations make, after they were all applied, undone, and applied again.
async fn migrated_there_and_back(copy: &RepositoryCopy, empty: &Empty) -> Result<String> {
    let migrate = |arguments: &[&str]| -> Result<String> {
        let output = std::process::Command::new(copy.binary("migration"))
            .args(arguments)
            .current_dir(empty.folder.path())
            .env_clear()
            .env("DATABASE_URL", &empty.url)
            .output()?;
        ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            printed(&output)
        );
        Ok(printed(&output))
    };
    let up = migrate(&["up"])?;
    for name in ["_hotels", "_visas", "_add_rooms_at_last"] {
        ensure!(up.contains(name), "{up}");
    }
    let before = empty.schema().await?;
    let sql = migrate(&["sql", "--to", "base"])?;
    ensure!(sql.contains("DROP TABLE \"hotels\""), "{sql}");
    migrate(&["to", "base"])?;
    migrate(&["up"])?;
    let after = empty.schema().await?;
    ensure!(before == after, "up, down and up make another schema");
    Ok(after)
}

/// The blocks that say where they go: ` ```rust file=PATH `, ` ```rust in=PATH before="BEGINNING OF A LINE" `, or `after=`.
fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(words) = line.strip_prefix("```rust ") else {
            ensure!(line != "```rust", "a block that goes nowhere");
            continue;
        };
        let place = match words.strip_prefix("file=") {
            Some(file) => Place::File(file.to_owned()),
            None => line_of(words).with_context(|| line.to_owned())?,
        };
        let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            place,
            code: code.join("\n") + "\n",
        });
    }
    Ok(blocks)
}

fn line_of(words: &str) -> Option<Place> {
    let (file, anchor) = words.strip_prefix("in=")?.split_once(' ')?;
    let (side, text) = anchor.split_once('=')?;
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    Some(Place::Line {
        file: file.to_owned(),
        anchor: text.replace("\\\"", "\""),
        is_after: match side {
            "after" => true,
            "before" => false,
            _ => return None,
        },
    })
}

fn apply(copy: &RepositoryCopy, block: &Block) -> Result<()> {
    match &block.place {
        Place::File(file) => copy.write(existing(copy, file)?, block.code.as_bytes()),
        Place::Line {
            file,
            anchor,
            is_after,
        } => {
            let text = copy.read(file)?;
            let mut lines: Vec<&str> = text.lines().collect();
            let found = lines
                .iter()
                .position(|line| line.trim_start().starts_with(anchor.as_str()));
            let found = found.with_context(|| format!("{file} has no line '{anchor}'"))?;
            lines.insert(
                found + usize::from(*is_after),
                block.code.trim_end_matches('\n'),
            );
            copy.write(file, (lines.join("\n") + "\n").as_bytes())
        }
    }
}

/// The name of a file with what the page writes as `<date>`: that of the file which the page's command made.
fn existing(copy: &RepositoryCopy, file: &str) -> Result<String> {
    let Some((before, _)) = file.split_once("<date>") else {
        return Ok(file.to_owned());
    };
    let folder = Path::new(before).parent().context("is in a folder")?;
    for entry in std::fs::read_dir(copy.path(folder))? {
        let name = entry?.file_name().into_string().unwrap_or_default();
        if name.ends_with(MIGRATION) {
            return Ok(folder.join(name).display().to_string());
        }
    }
    anyhow::bail!("the command of the page made no {file}")
}
