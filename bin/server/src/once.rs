//! Commands that perform one task and end: `storage rekey`, `backup`, `restore`. They report on standard output what they did.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use repositories::Database;
use services::{ObjectStorage, SystemClock};

use crate::config::Config;

/// Prints a line for the operator.
pub(crate) fn say(line: &str) {
    settings::say!("{line}");
}

/// The number with its noun: "1 file", "2 files".
fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

fn storage(config: &Config) -> Result<ObjectStorage> {
    ObjectStorage::open(&config.storage).context("could not open STORAGE_URL")
}

/// Encrypts every stored file, and the secrets of webhooks, with the key that writes.
pub(crate) async fn rekey(config: &Config) -> Result<()> {
    let key = config.storage.keys.writing();
    let key = key.context("STORAGE_KEYS is not set: there is no key to encrypt with")?;
    let done = storage(config)?.rekey().await?;
    say(&format!(
        "encrypted {} with key {key}; encrypted already: {}, deleted meanwhile: {}",
        counted(done.rewritten, "file"),
        done.kept,
        done.gone
    ));
    let database = Database::connect(&config.database)
        .await
        .context("could not connect to the database (DATABASE_URL)")?;
    let secrets = services::rekey_webhooks(&database, &config.storage.keys).await?;
    database.close().await;
    say(&format!(
        "encrypted the secrets of {} with key {key}",
        counted(secrets, "webhook")
    ));
    Ok(())
}

/// Writes a backup.
pub(crate) async fn back_up(config: &Config, folder: &Path) -> Result<()> {
    let storage = storage(config)?;
    let made = services::back_up(&config.database, &storage, folder, &SystemClock).await?;
    say(&format!(
        "backed up the database and {} to {}{}",
        counted(made.files.len() as u64, "file"),
        folder.display(),
        match made.missing.len() {
            0 => String::new(),
            gone => format!("; deleted meanwhile: {}", counted(gone as u64, "file")),
        }
    ));
    Ok(())
}

/// Restores a backup.
pub(crate) async fn restore(config: &Config, folder: &Path) -> Result<()> {
    ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    let made = services::restore(&config.database, &storage(config)?, folder, &SystemClock).await?;
    say(&format!(
        "restored the database and {} of {}, written by version {}; now run `migration up` and `validate`",
        counted(made.files.len() as u64, "file"),
        made.created_at,
        made.version
    ));
    Ok(())
}
