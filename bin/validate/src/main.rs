//! Checks whether an installation is what the code expects: the schema, the roles, the rows, the stored files. Prints one line per
//! finding with its remedy. The exit code is 0 if the installation is sound, 1 if it is not, 2 if it could not be checked.

mod database;
mod file;
mod report;
mod storage;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use repositories::{Database, DatabaseConfig, Repair};
use services::{ObjectStorage, ServicesConfig, StorageConfig};
use settings::{AppEnv, DatabaseSettings, Engine, Environment, Reader};

use report::Report;

/// Checks the database (schema, rows, roles) and the storage of an installation.
///
/// The database is that of `DATABASE_URL` (else `DATABASE_CONN`), its tables are read as the role of `DATABASE_OWNER_URL`; the
/// storage is that of `STORAGE_URL`. A `.env` file is read too. The exit code is 0 for a sound installation, 1 for one that is
/// not, and 2 for one that could not be looked at.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
    /// Read every stored file too and compare its content with what was uploaded.
    #[arg(long)]
    deep: bool,
    /// Correct counters and leases of jobs, and delete uploads of no job; what is done is shown first.
    #[arg(long)]
    repair: bool,
}

/// The settings from the environment.
struct Settings {
    app_env: AppEnv,
    database: DatabaseSettings,
    storage: StorageConfig,
    /// How long errors of jobs are kept.
    error_retention: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = match Settings::read() {
        Ok(settings) => settings,
        Err(error) => {
            settings::complain!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::new(arguments.json);
    let looked = look(&settings, &arguments, &mut report).await;
    if let Err(error) = &looked {
        report.could_not(error);
    }
    report.finish();
    match looked {
        Err(_) => ExitCode::from(2),
        Ok(()) if report.is_sound() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

impl Settings {
    fn read() -> Result<Self> {
        let environment = Environment::of_process()?;
        for remark in environment.remarks() {
            settings::complain!("warning: {remark}");
        }
        let mut reader = Reader::new(&environment);
        let app_env = reader.app_env();
        let database = DatabaseSettings::read(&mut reader, app_env);
        let storage = StorageConfig::read(&mut reader);
        let error_retention = reader.days("ERROR_RETENTION_DAYS", ServicesConfig::ERROR_RETENTION);
        Ok(reader.finish(|| Self {
            app_env,
            database,
            storage,
            error_retention,
        })?)
    }
}

/// Checks everything and adds the findings to the report. An error means that the installation could not be checked.
async fn look(settings: &Settings, arguments: &Arguments, report: &mut Report) -> Result<()> {
    if settings.database.url.engine() == Engine::Sqlite
        && let Some(path) = settings.database.url.file()
        && !file::check(&path, report)?
    {
        // It is no longer a database, so nothing else can be checked.
        return Ok(());
    }
    let owner = migration::connect(settings.database.owner().expose()).await;
    if owner.is_err() && report.failures() > 0 {
        // An incomplete file cannot be opened either; that has been reported.
        return Ok(());
    }
    let owner = owner.context("cannot connect to the database as its owner")?;
    let db = Database::connect(&DatabaseConfig {
        url: settings.database.url.expose().to_owned(),
        owner_url: settings
            .database
            .owner_url
            .as_ref()
            .map(|owner| owner.expose().to_owned()),
        max_connections: 1,
        lease: Duration::from_secs(30),
    })
    .await
    .context("cannot connect to the database")?;
    if arguments.repair {
        repair(&db, settings, report).await?;
    }
    database::check(&db, &owner, settings, report).await?;
    let storage = ObjectStorage::open(&settings.storage);
    storage::check(&db, storage, arguments, report).await?;
    owner.close().await?;
    db.close().await;
    Ok(())
}

/// Repairs what can be derived from other rows, and shows each flaw that it repairs.
async fn repair(db: &Database, settings: &Settings, report: &mut Report) -> Result<()> {
    let kept = settings.error_retention;
    for flaw in db.flaws(kept).await? {
        if flaw.remedy.contains("--repair") {
            report.say(&format!(
                "repairing {}: {} found: {}",
                flaw.check, flaw.rows, flaw.what
            ));
        }
    }
    for (repair, name) in [(Repair::Leases, "leases"), (Repair::Counters, "counters")] {
        let changed = db.repair(repair, kept).await?;
        if changed > 0 {
            report.say(&format!("repaired {name}: {changed} changes"));
        }
    }
    Ok(())
}
