//! Asks whether a database is what the code expects: one line per check, exit 1 when one fails. Repairs nothing.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line answers there"
)]

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use migration::{Migration, Migrator, MigratorTrait};
use repositories::{Database, DatabaseConfig, SecondWall};
use settings::{DatabaseSettings, Environment};

/// Checks the connection, tables and columns, foreign keys and indexes, row-level security and the sample data.
///
/// The database is that of `DATABASE_URL` (else `DATABASE_CONN`); with `DATABASE_OWNER_URL` the tables are read as their
/// owner. A `.env` file is read too.
#[derive(Parser)]
#[command(version)]
struct Arguments {}

/// What a check found.
enum Finding {
    Good(String),
    Bad(String),
    /// Worth knowing, but no mistake.
    Note(String),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Arguments::parse();
    let settings = Environment::of_process().and_then(|environment| {
        for remark in environment.remarks() {
            eprintln!("warning: {remark}");
        }
        DatabaseSettings::alone(&environment)
    });
    let settings = match settings {
        Ok((settings, _)) => settings,
        Err(mistakes) => {
            eprintln!("error: {mistakes}");
            return ExitCode::from(2);
        }
    };
    let config = DatabaseConfig {
        url: settings.url.expose().to_owned(),
        owner_url: settings.owner_url.map(|owner| owner.expose().to_owned()),
        max_connections: 1,
        lease: Duration::from_secs(30),
    };
    let sound = match connect(&config).await {
        Ok(db) => {
            report(
                "connection",
                Ok(Finding::Good(format!("{:?}", db.backend()))),
            );
            check(&db, &config).await
        }
        Err(error) => report("connection", Err(error)),
    };
    if sound {
        println!("the database is what this version expects");
        ExitCode::SUCCESS
    } else {
        println!("the database is not what this version expects");
        ExitCode::FAILURE
    }
}

/// Connects to a database that is there: a missing SQLite file is a finding, not made.
async fn connect(config: &DatabaseConfig) -> Result<Database> {
    let path = config.url.strip_prefix("sqlite://").unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if !path.is_empty() && !path.contains(":memory:") && !std::path::Path::new(path).exists() {
        anyhow::bail!("there is no file {path}; `migration -- up` makes it");
    }
    let db = Database::connect(config).await?;
    db.ping().await?;
    Ok(db)
}

/// Runs every check; whether all are sound.
async fn check(db: &Database, config: &DatabaseConfig) -> bool {
    let checks = [
        ("migrations", migrations(config).await),
        ("tables and columns", missing(db.missing_columns().await)),
        ("foreign keys", missing(db.missing_foreign_keys().await)),
        ("indexes", missing(db.missing_indexes().await)),
        ("row-level security", wall(db).await),
        ("sample data", sample_data(db).await),
    ];
    let mut sound = true;
    for (name, finding) in checks {
        sound &= report(name, finding);
    }
    sound
}

/// Prints the line of a check; whether it is sound.
fn report(name: &str, finding: Result<Finding>) -> bool {
    let (mark, text, sound) = match finding {
        Ok(Finding::Good(text)) => ("ok  ", text, true),
        Ok(Finding::Note(text)) => ("note", text, true),
        Ok(Finding::Bad(text)) => ("FAIL", text, false),
        Err(error) => ("FAIL", format!("{error:#}"), false),
    };
    println!("{mark}  {name}: {text}");
    sound
}

async fn migrations(config: &DatabaseConfig) -> Result<Finding> {
    let connection = Database::migration_connection(config).await?;
    let pending = Migrator::get_pending_migrations_read_only(&connection).await?;
    connection.close().await?;
    let names: Vec<&str> = pending.iter().map(Migration::name).collect();
    Ok(if names.is_empty() {
        Finding::Good(format!("all {} applied", Migrator::migrations().len()))
    } else {
        Finding::Bad(format!("not applied: {}", names.join(", ")))
    })
}

fn missing(found: Result<Vec<String>, repositories::RepositoryError>) -> Result<Finding> {
    let missing = found?;
    Ok(if missing.is_empty() {
        Finding::Good("all there".to_owned())
    } else {
        Finding::Bad(format!("missing: {}", missing.join(", ")))
    })
}

async fn wall(db: &Database) -> Result<Finding> {
    Ok(match db.second_wall().await? {
        SecondWall::Standing => Finding::Good("stands behind the repositories".to_owned()),
        SecondWall::NotOnThisEngine => {
            Finding::Note("SQLite has none; the repositories' scope is the only wall".to_owned())
        }
        SecondWall::RolePasses => Finding::Note(
            "the second wall is not standing: the application's role owns the tables or bypasses the policies".to_owned(),
        ),
        SecondWall::Gaps(tables) => {
            Finding::Bad(format!("tables without a policy: {}", tables.join(", ")))
        }
    })
}

async fn sample_data(db: &Database) -> Result<Finding> {
    let found = db.sample_data().await?;
    let text = format!(
        "{} tenants, {} administrators, {} packages",
        found.tenants, found.admins, found.packages
    );
    Ok(if found.tenants > 0 && found.admins > 0 {
        Finding::Good(text)
    } else {
        Finding::Bad(format!("{text}; `seed` makes the first ones"))
    })
}
