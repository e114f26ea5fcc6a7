//! The commands of the documents for operators work: they are read from the document and run, one after the other, in a separate
//! installation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::harness::{Client, Server, binary, files_below, run_directory, sample_path, workspace};

const PASSWORD: &str = "halaman-operasi-7";

/// A fenced block of a page: its info string and its commands.
struct Block {
    info: String,
    text: String,
}

fn blocks(page: &str) -> Result<Vec<Block>> {
    let text = fs::read_to_string(workspace().join(page))?;
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                blocks.push(Block {
                    info: info.to_owned(),
                    text: String::new(),
                });
            }
        } else if is_open && let Some(block) = blocks.last_mut() {
            block.text += line;
            block.text.push('\n');
        }
    }
    ensure!(!is_open, "{page}: a block is not closed");
    Ok(blocks)
}

/// Runs commands as an operator's shell would.
fn sh(commands: &str, folder: &Path, settings: &BTreeMap<String, String>) -> Result<String> {
    let programs = binary("server");
    let programs = programs.parent().context("lies in a folder")?.display();
    let output = Command::new("sh")
        .args(["-eu", "-c", commands])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{programs}:{}", std::env::var("PATH")?))
        .envs(settings)
        .stdin(Stdio::null())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{commands}\n{printed}");
    Ok(printed)
}

#[tokio::test]
async fn the_commands_of_the_operations_page_work() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let mut settings: BTreeMap<String, String> = [
        ("APP_ENV", "production"),
        ("DATABASE_URL", "sqlite://data/hijrah.db?mode=rwc"),
        ("JWT_SECRET", "8c4f0e1bb1a94d7c9a3d52f6e07b4c21d95f"),
        ("ADMIN_PASSWORD", PASSWORD),
        ("TENANT_NAME", "Agensi Contoh"),
        ("STORAGE_KEYS", &"5a".repeat(32)),
        ("PORT", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let blocks = blocks("docs/OPERATIONS.md")?;
    let mut ran = 0;
    for block in &blocks {
        match block.info.as_str() {
            "sh" => {}
            "sh host" => {
                let grammar = Command::new("sh")
                    .args(["-n", "-c", &block.text])
                    .status()?;
                ensure!(grammar.success(), "{}", block.text);
                continue;
            }
            other => anyhow::bail!("a block of kind '{other}' is neither run nor checked"),
        }
        if block.text.contains("server backup") {
            import_packages(folder.path(), &settings).await?;
        }
        let printed = sh(&block.text, folder.path(), &settings)?;
        ran += 1;
        if block.text.contains("server restore") {
            let restored = folder.path().join("restored");
            ensure!(restored.join("hijrah.db").exists(), "{printed}");
            ensure!(
                files_below(&restored.join("uploads"))?.len() == 1,
                "{printed}"
            );
        }
        if block.text.contains("storage rekey") {
            ensure!(printed.contains("encrypted 1 file "), "{printed}");
        }
    }
    ensure!(ran >= 6, "only {ran} blocks were run");

    // A server starts with the restored data.
    settings.insert(
        "DATABASE_URL".to_owned(),
        "sqlite://restored/hijrah.db".to_owned(),
    );
    settings.insert(
        "STORAGE_URL".to_owned(),
        "file://restored/uploads".to_owned(),
    );
    let server = Server::start(folder.path(), &settings)?;
    let admin = Client::new(&server.base).login("admin", PASSWORD).await?;
    // Production is seeded without sample packages: these are the imported ones.
    ensure!(admin.items("packages").await?.len() == 5);
    Ok(())
}

async fn import_packages(folder: &Path, settings: &BTreeMap<String, String>) -> Result<()> {
    let server = Server::start(folder, settings)?;
    let admin = Client::new(&server.base).login("admin", PASSWORD).await?;
    let file = fs::read(sample_path("paket-google-sheets.csv"))?;
    let job = admin.job("package", "paket.csv", &file).await?;
    ensure!(admin.import(&job).await?["imported_rows"] == 5);
    Ok(())
}

#[test]
fn links_of_the_operations_page_lead_to_existing_files() -> Result<()> {
    let docs = workspace().join("docs");
    for page in ["OPERATIONS.md", "SECURITY.md"] {
        let text = fs::read_to_string(docs.join(page))?;
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.contains("://") && !target.is_empty()) {
            ensure!(docs.join(target).exists(), "{page} points to {target}");
        }
    }
    Ok(())
}
