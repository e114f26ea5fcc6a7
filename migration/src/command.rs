//! The commands and how each is carried out.

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::{Parser, Subcommand};
use migration::{Migrator, MigratorTrait};
use sea_orm_cli::{MigrateSubcommands, run_migrate_generate};
use sea_orm_migration::{
    cli,
    sea_orm::{ConnectOptions, Database, DbConn},
    seaql_migrations,
};
use settings::{DatabaseSettings, Environment};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Brings the schema of the database up, down, or to a revision.
///
/// The database is that of `DATABASE_OWNER_URL` (the tables' owner, where the application works as another role), else of
/// `DATABASE_URL`, else of `DATABASE_CONN`; a `.env` file is read too.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Which database, instead of the environment's.
    #[arg(short = 'u', long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Say more.
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Standard(MigrateSubcommands),
    /// Show the newest applied migration
    #[command(display_order = 61)]
    Current,
    /// Show all migrations, and when each was applied
    #[command(display_order = 62)]
    History,
    /// Go up or down to a revision: the name of a migration or its beginning, `base` or `head`
    #[command(display_order = 91)]
    To {
        /// The revision, which will be the newest applied one.
        revision: String,
    },
}

/// Carries out a command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Standard(MigrateSubcommands::Init) => {
            bail!("the migrations are here already; `generate` adds one")
        }
        Command::Standard(MigrateSubcommands::Generate {
            migration_name,
            local_time,
            ..
        }) => generate(&migration_name, !local_time),
        Command::Standard(standard) => {
            let db = connect(cli.database_url).await?;
            let done = cli::run_migrate(Migrator, &db, Some(standard), cli.verbose).await;
            done.map_err(|error| anyhow!("{error}"))
        }
        Command::Current => current(&connect(cli.database_url).await?).await,
        Command::History => history(&connect(cli.database_url).await?).await,
        Command::To { revision } => to(&connect(cli.database_url).await?, &revision).await,
    }
}

/// A connection of one: SQLite's `PRAGMA`s hold per connection.
async fn connect(url: Option<String>) -> anyhow::Result<DbConn> {
    let address = match url {
        Some(url) => {
            settings::database_address(&url).map_err(|error| anyhow!("--database-url {error}"))?
        }
        None => DatabaseSettings::alone(&Environment::of_process()?)?
            .0
            .owner()
            .clone(),
    };
    if let Some(folder) = address.file().as_deref().and_then(Path::parent) {
        std::fs::create_dir_all(folder).context("cannot make the database's folder")?;
    }
    let mut options = ConnectOptions::new(address.expose());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options)
        .await
        .context("cannot connect to the database")
}

/// Writes an empty migration into this crate, wherever the command is called from.
fn generate(message: &str, universal_time: bool) -> anyhow::Result<()> {
    let words: Vec<String> = message
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() {
        bail!("'{message}' has no letter or digit to name a migration by");
    }
    let done = run_migrate_generate(env!("CARGO_MANIFEST_DIR"), &words.join("_"), universal_time);
    done.map_err(|error| anyhow!("{error}"))
}

/// The applied migrations, oldest first; creates nothing.
async fn applied(db: &DbConn) -> anyhow::Result<Vec<String>> {
    let applied = Migrator::get_applied_migrations_read_only(db).await?;
    Ok(applied
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect())
}

async fn current(db: &DbConn) -> anyhow::Result<()> {
    let all = Migrator::migrations();
    let head = all.last().map(|migration| migration.name().to_owned());
    match applied(db).await?.last() {
        None => println!("base"),
        Some(name) if head.as_ref() == Some(name) => println!("{name} (head)"),
        Some(name) => println!("{name}"),
    }
    Ok(())
}

async fn history(db: &DbConn) -> anyhow::Result<()> {
    let rows: Vec<seaql_migrations::Model> = if applied(db).await?.is_empty() {
        Vec::new()
    } else {
        Migrator::get_migration_models(db).await?
    };
    for migration in Migrator::migrations() {
        let name = migration.name();
        match rows.iter().find(|row| row.version == name) {
            Some(row) => println!("{name}  applied {}", utc(row.applied_at)),
            None => println!("{name}  pending"),
        }
    }
    Ok(())
}

/// Seconds since 1970 as RFC 3339.
fn utc(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| "at an unknown time".to_owned())
}

async fn to(db: &DbConn, revision: &str) -> anyhow::Result<()> {
    let names: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let wanted = place(&names, revision)?;
    let present = applied(db).await?.len();
    let steps = u32::try_from(wanted.abs_diff(present))?;
    if wanted > present {
        Migrator::up(db, Some(steps)).await?;
    } else if wanted < present {
        Migrator::down(db, Some(steps)).await?;
    }
    current(db).await
}

/// How many migrations are applied at a revision.
fn place(names: &[String], revision: &str) -> anyhow::Result<usize> {
    match revision {
        "base" => return Ok(0),
        "head" => return Ok(names.len()),
        _ => {}
    }
    let known = |name: &String| name == revision || name.starts_with(revision);
    let mut hits = names.iter().enumerate().filter(|(_, name)| known(name));
    match (hits.next(), hits.next()) {
        (Some((at, _)), None) => Ok(at + 1),
        (Some(_), Some(_)) if names.iter().any(|name| name == revision) => {
            Ok(names.iter().take_while(|name| *name != revision).count() + 1)
        }
        (Some(_), Some(_)) => bail!("'{revision}' is the beginning of several migrations"),
        (None, _) => bail!("there is no migration '{revision}'; `history` shows them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_revisions_by_name_beginning_base_and_head() {
        let names = ["m1_a", "m2_b", "m2_bc"].map(str::to_owned);
        for (revision, expected) in [
            ("base", Some(0)),
            ("head", Some(3)),
            ("m1", Some(1)),
            ("m1_a", Some(1)),
            ("m2_b", Some(2)),
            ("m2_bc", Some(3)),
            ("m2", None),
            ("x", None),
        ] {
            assert_eq!(place(&names, revision).ok(), expected, "{revision}");
        }
    }

    #[test]
    fn prints_moments_as_dates() {
        assert_eq!(utc(1_709_164_800), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn the_command_line_is_well_formed_and_shows_no_password() {
        use clap::CommandFactory;
        let mut command = Cli::command();
        command.clone().debug_assert();
        let help = command.render_long_help().to_string();
        assert!(!help.contains("[env"), "{help}");
    }
}
