//! The commands and how each is carried out.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::{Parser, Subcommand};
use migration::{
    Difference, Direction, Done, Migrator, Patience, Runner, State, catalogue, connect, statements,
    transcript,
};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbConn, Statement};
use settings::{AppEnv, DatabaseAddress, DatabaseSettings, Engine, Environment};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::generate::generate;

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
    /// How long to wait for another migration of the same database, in seconds.
    #[arg(long, global = true, default_value_t = 600, value_name = "SECONDS")]
    wait: u64,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations
    Up {
        /// The most migrations to apply.
        #[arg(short, long, value_name = "NUMBER")]
        num: Option<u32>,
    },
    /// Roll back the newest migration
    Down {
        /// How many of the newest migrations.
        #[arg(short, long, default_value_t = 1, value_name = "NUMBER")]
        num: u32,
        #[command(flatten)]
        consent: Consent,
    },
    /// Go up or down to a revision: the name of a migration or its beginning, `base` or `head`
    To {
        /// The revision, which will be the newest applied one.
        revision: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Drop this application's tables, and apply all migrations
    Fresh {
        #[command(flatten)]
        consent: Consent,
    },
    /// Roll back all migrations, and apply them again
    Refresh {
        #[command(flatten)]
        consent: Consent,
    },
    /// Roll back all migrations
    Reset {
        #[command(flatten)]
        consent: Consent,
    },
    /// Show the newest applied migration, and what is pending below it
    Current,
    /// Show all migrations, and when each was applied
    History,
    /// Show all migrations and whether each is applied
    Status {
        /// End with 1 unless exactly this program's migrations are applied, unchanged.
        #[arg(long)]
        exit_code: bool,
    },
    /// Compare the database with the schema that the migrations make; each difference with its repair, and 1 if there is one
    Check,
    /// Print the statements that `up` would run, or `to` with --to; changes nothing
    Sql {
        /// The revision to go to.
        #[arg(long, value_name = "REVISION")]
        to: Option<String>,
    },
    /// Note the migrations up to a revision as applied, and those after it as not; runs none of them
    Stamp {
        /// The revision that the schema is at.
        revision: String,
    },
    /// Write a new migration into this crate
    Generate {
        /// What it does, in words, from which its name is formed.
        #[arg(required_unless_present = "table")]
        message: Option<String>,
        /// Let it create a table of tenant data.
        #[arg(long, value_name = "NAME")]
        table: Option<String>,
        /// The folder of this crate.
        #[arg(long, value_name = "FOLDER", default_value = env!("CARGO_MANIFEST_DIR"), hide = true)]
        into: PathBuf,
    },
}

/// The confirmation before data is deleted.
#[derive(clap::Args)]
struct Consent {
    /// Do it in production too.
    #[arg(long)]
    yes: bool,
}

/// The database of a call.
struct Target {
    db: DbConn,
    settings: Option<DatabaseSettings>,
    app_env: AppEnv,
    patience: Patience,
}

/// Carries out a command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Generate {
        message,
        table,
        into,
    } = &cli.command
    {
        generate(message.as_deref(), table.as_deref(), into)?;
        return Ok(ExitCode::SUCCESS);
    }
    let target = Target::open(&cli).await?;
    let done = target.run(cli.command).await;
    target.db.close().await?;
    done
}

impl Target {
    async fn open(cli: &Cli) -> anyhow::Result<Self> {
        let environment = Environment::of_process()?;
        for remark in environment.remarks() {
            settings::complain!("warning: {remark}");
        }
        let (address, settings, app_env) = if let Some(url) = &cli.database_url {
            let address = settings::database_address(url)
                .map_err(|error| anyhow!("--database-url {error}"))?;
            let mut reader = settings::Reader::new(&environment);
            let app_env = reader.app_env();
            (address, None, reader.finish(|| app_env)?)
        } else {
            let (settings, app_env) = DatabaseSettings::alone(&environment)?;
            (settings.owner().clone(), Some(settings), app_env)
        };
        Ok(Self {
            db: open(&address).await?,
            settings,
            app_env,
            patience: Patience {
                migrator: std::time::Duration::from_secs(cli.wait),
                ..Patience::default()
            },
        })
    }

    fn runner(&self) -> Runner<'_> {
        Runner::new(&self.db, self.patience)
    }

    async fn run(&self, command: Command) -> anyhow::Result<ExitCode> {
        match command {
            Command::Up { num } => report(&self.runner().up(num).await?),
            Command::Down { num, consent } => {
                let state = State::read(&self.db).await?;
                let mut going = applied(&state);
                going.reverse();
                going.truncate(usize::try_from(num)?);
                self.ask(&consent, &going).await?;
                report(&self.runner().down(Some(num)).await?);
            }
            Command::To { revision, consent } => {
                let count = place(&Migrator::names(), &revision)?;
                let state = State::read(&self.db).await?;
                let going = Migrator::names().split_off(count);
                let going: Vec<String> = going
                    .into_iter()
                    .filter(|name| state.is_applied(name))
                    .collect();
                if !going.is_empty() {
                    self.ask(&consent, &going).await?;
                }
                report(&self.runner().to(count).await?);
                self.current().await?;
            }
            Command::Fresh { consent } => {
                self.ask(&consent, &Migrator::names()).await?;
                report(&self.runner().fresh().await?);
            }
            Command::Refresh { consent } => {
                let state = State::read(&self.db).await?;
                self.ask(&consent, &applied(&state)).await?;
                report(&self.runner().refresh().await?);
            }
            Command::Reset { consent } => {
                let state = State::read(&self.db).await?;
                self.ask(&consent, &applied(&state)).await?;
                report(&self.runner().down(None).await?);
            }
            Command::Current => self.current().await?,
            Command::History => self.history().await?,
            Command::Status { exit_code } => {
                let is_even = self.status().await?;
                if exit_code && !is_even {
                    return Ok(ExitCode::FAILURE);
                }
            }
            Command::Check => return self.check().await,
            Command::Sql { to } => self.sql(to.as_deref()).await?,
            Command::Stamp { revision } => {
                let count = place(&Migrator::names(), &revision)?;
                self.runner().stamp(count).await?;
                self.current().await?;
            }
            Command::Generate { .. } => bail!("a migration is written without a database"),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Lists what is deleted with these migrations, and requires `--yes` in production.
    async fn ask(&self, consent: &Consent, going: &[String]) -> anyhow::Result<()> {
        let mut losses = Vec::new();
        for statement in down_statements(self.db.get_database_backend(), going).await? {
            if let Some(table) = dropped_table(&statement) {
                let rows = self.rows(&table).await;
                losses.extend(rows.map(|rows| format!("table {table} with {rows} rows")));
            } else if statement.contains("DROP COLUMN") {
                losses.push(statement);
            }
        }
        losses.dedup();
        for loss in &losses {
            settings::complain!("going: {loss}");
        }
        if self.app_env.is_production() && !consent.yes {
            bail!("production changes nothing that loses data without --yes; make a backup first");
        }
        Ok(())
    }

    /// How many rows a table has; `None` if there is no such table.
    async fn rows(&self, table: &str) -> Option<i64> {
        let sql = format!(
            "SELECT count(*) AS number FROM \"{}\"",
            table.replace('"', "")
        );
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await.ok()??;
        row.try_get("", "number").ok()
    }

    async fn current(&self) -> anyhow::Result<()> {
        let state = State::read(&self.db).await?;
        let head = Migrator::names().pop();
        let pending = state.pending();
        match state.newest() {
            None => settings::say!("base"),
            Some(name) if pending.is_empty() && head.as_ref() == Some(&name) => {
                settings::say!("{name} (head)");
            }
            Some(name) => settings::say!("{name}"),
        }
        for name in state.holes() {
            settings::say!("pending below it: {name}");
        }
        for name in state.unknown() {
            settings::say!("of a newer program: {name}");
        }
        Ok(())
    }

    async fn history(&self) -> anyhow::Result<()> {
        let state = State::read(&self.db).await?;
        for name in Migrator::names() {
            match state.applied.iter().find(|row| row.name == name) {
                Some(row) => settings::say!("{name}  applied {}", utc(row.applied_at)),
                None => settings::say!("{name}  pending"),
            }
        }
        for row in &state.applied {
            if state.unknown().contains(&row.name) {
                settings::say!(
                    "{}  applied {} by a newer program",
                    row.name,
                    utc(row.applied_at)
                );
            }
        }
        Ok(())
    }

    /// Prints every migration; whether exactly this program's migrations are applied, unchanged.
    async fn status(&self) -> anyhow::Result<bool> {
        let state = State::read(&self.db).await?;
        let (changed, holes) = (state.changed(), state.holes());
        for name in Migrator::names() {
            let status = if changed.contains(&name) {
                "applied, and changed since"
            } else if state.is_applied(&name) {
                "applied"
            } else if holes.contains(&name) {
                "pending, though newer ones are applied"
            } else {
                "pending"
            };
            settings::say!("{name}  {status}");
        }
        for name in state.unknown() {
            settings::say!("{name}  applied by a newer program");
        }
        for name in state.repeated() {
            settings::say!("{name}  stands in the table of migrations more than once");
        }
        Ok(state.pending().is_empty()
            && state.unknown().is_empty()
            && changed.is_empty()
            && state.repeated().is_empty())
    }

    async fn check(&self) -> anyhow::Result<ExitCode> {
        let state = State::read(&self.db).await?;
        let mut is_sound = true;
        for name in state.pending() {
            is_sound = false;
            settings::say!("migration {name} is pending; `up` applies it");
        }
        for name in state.changed() {
            is_sound = false;
            settings::say!(
                "migration {name} has changed since it was applied; undo the change, or `stamp` if the schema is right"
            );
        }
        let mut differences = catalogue::check(&self.db).await?;
        if self.db.get_database_backend() == DbBackend::Postgres {
            differences.extend(catalogue::roles(&self.db, &self.application().await?).await?);
        }
        for Difference { what, repair } in &differences {
            settings::say!("{what}");
            for statement in repair {
                settings::say!("    {statement}");
            }
        }
        let unknown = state.unknown();
        if !unknown.is_empty() {
            settings::say!(
                "the database is newer than this program: {}",
                unknown.join(", ")
            );
        }
        if is_sound && differences.is_empty() {
            settings::say!("the schema is what the migrations make");
            return Ok(ExitCode::SUCCESS);
        }
        Ok(ExitCode::FAILURE)
    }

    /// The role that the application works as.
    async fn application(&self) -> anyhow::Result<String> {
        match &self.settings {
            Some(settings) if settings.owner_url.is_some() => {
                let db = open(&settings.url).await?;
                let role = catalogue::role_of(&db).await?;
                db.close().await?;
                Ok(role)
            }
            _ => Ok(catalogue::role_of(&self.db).await?),
        }
    }

    async fn sql(&self, to: Option<&str>) -> anyhow::Result<()> {
        let state = State::read(&self.db).await?;
        let names = Migrator::names();
        let count = place(&names, to.unwrap_or("head"))?;
        let mut steps: Vec<(String, Direction)> = names[count..]
            .iter()
            .rev()
            .filter(|name| state.is_applied(name))
            .map(|name| (name.clone(), Direction::Down))
            .collect();
        let pending = names[..count].iter().filter(|name| !state.is_applied(name));
        steps.extend(pending.map(|name| (name.clone(), Direction::Up)));
        if steps.is_empty() {
            settings::say!("-- nothing to do");
        }
        for (name, direction) in steps {
            for line in transcript(self.db.get_database_backend(), &name, direction).await? {
                settings::say!("{line}");
            }
        }
        Ok(())
    }
}

/// Connects, and creates the folder of a SQLite file.
async fn open(address: &DatabaseAddress) -> anyhow::Result<DbConn> {
    address.prepare_file()?;
    let what = match address.engine() {
        Engine::Postgres => "cannot connect to the database",
        Engine::Sqlite => "cannot open the database",
    };
    connect(address.expose()).await.context(what)
}

/// This program's applied migrations, oldest first.
fn applied(state: &State) -> Vec<String> {
    let names = Migrator::names().into_iter();
    names.filter(|name| state.is_applied(name)).collect()
}

/// The statements by which these migrations are rolled back.
async fn down_statements(backend: DbBackend, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for migration in Migrator::migrations() {
        if names.iter().any(|name| name == migration.name()) {
            found.extend(statements(backend, migration.as_ref(), Direction::Down).await?);
        }
    }
    Ok(found)
}

/// The table that a statement drops.
fn dropped_table(statement: &str) -> Option<String> {
    let rest = statement.strip_prefix("DROP TABLE ")?;
    let rest = rest.strip_prefix("IF EXISTS ").unwrap_or(rest);
    Some(
        rest.split_whitespace()
            .next()?
            .trim_matches(['"', ';'])
            .to_owned(),
    )
}

fn report(done: &Done) {
    if done.is_nothing() {
        settings::say!("nothing to do");
    }
    for name in &done.rolled_back {
        settings::say!("rolled back {name}");
    }
    for name in &done.applied {
        settings::say!("applied {name}");
    }
}

/// Seconds since 1970 as RFC 3339.
fn utc(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| "at an unknown time".to_owned())
}

/// How many migrations are applied at a revision.
fn place(names: &[String], revision: &str) -> anyhow::Result<usize> {
    match revision {
        "base" => return Ok(0),
        "head" => return Ok(names.len()),
        "" => bail!("a revision has a name"),
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
            ("", None),
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

    #[test]
    fn knows_which_table_a_statement_drops() {
        assert_eq!(
            dropped_table("DROP TABLE \"user\"").as_deref(),
            Some("user")
        );
        assert_eq!(dropped_table("DROP INDEX \"x\""), None);
    }
}
