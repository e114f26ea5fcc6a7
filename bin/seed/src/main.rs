//! The seed command line: the first tenant with its admin and sample packages, or another tenant. The work is done by `services`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line answers there"
)]

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Parser, Subcommand};
use repositories::{Database, DatabaseConfig};
use secrecy::{ExposeSecret, SecretString};
use services::{NewTenant, ServiceError, SystemClock};
use settings::{AppEnv, DatabaseSettings, Environment, Reader};

/// What `ADMIN_PASSWORD` is in development when nothing says otherwise.
const DEVELOPMENT_PASSWORD: &str = "admin123";

/// Fills the database: default tenant, user `admin`, three sample packages. Doing it twice changes nothing.
///
/// The database is that of `DATABASE_URL` (or `DATABASE_CONN`), the admin's password that of `ADMIN_PASSWORD`; a `.env` file
/// is read too.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Make another tenant with its first admin, and print the tenant's id
    Tenant(TenantArgs),
}

#[derive(Args)]
struct TenantArgs {
    /// The agency's name.
    #[arg(long)]
    name: String,
    /// Its short name: lower-case letters, digits and hyphens.
    #[arg(long)]
    slug: String,
    /// The name its admin logs in with.
    #[arg(long)]
    admin_username: String,
    /// The admin's password, at least 8 characters. Without it `ADMIN_PASSWORD` is taken: arguments show in process lists.
    #[arg(long)]
    admin_password: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes, without the backtrace that a user cannot use.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the environment says.
struct Settings {
    app_env: AppEnv,
    database: DatabaseSettings,
    admin_password: Option<SecretString>,
}

impl Settings {
    fn read() -> Result<Self> {
        let environment = Environment::of_process()?;
        for remark in environment.remarks() {
            eprintln!("warning: {remark}");
        }
        let mut reader = Reader::new(&environment);
        let app_env = reader.app_env();
        let database = DatabaseSettings::read(&mut reader, app_env);
        let admin_password = reader.secret("ADMIN_PASSWORD");
        Ok(reader.finish(|| Self {
            app_env,
            database,
            admin_password,
        })?)
    }
}

async fn run(cli: Cli) -> Result<()> {
    let settings = Settings::read()?;
    let database = connect(&settings.database).await?;
    let done = match cli.command {
        None => seed(&database, settings).await,
        Some(Command::Tenant(tenant)) => create_tenant(&database, tenant, settings).await,
    };
    database.close().await;
    done
}

async fn seed(database: &Database, settings: Settings) -> Result<()> {
    let seeded = services::seed(database, &SystemClock, &admin_password(settings)?)
        .await
        .map_err(explained)?;
    if seeded.is_new {
        println!(
            "seeded: tenant '{}' ({}), user 'admin' (admin@aksara.ai), sample packages",
            seeded.tenant.name, seeded.tenant.id
        );
    } else {
        println!("nothing to do: the default tenant, its admin and the sample packages are there");
    }
    Ok(())
}

async fn create_tenant(database: &Database, args: TenantArgs, settings: Settings) -> Result<()> {
    let admin_password = match args.admin_password {
        Some(password) => password.into(),
        None => settings
            .admin_password
            .context("give --admin-password or set ADMIN_PASSWORD")?,
    };
    let new = NewTenant {
        name: args.name,
        slug: args.slug,
        admin_username: args.admin_username,
        admin_password,
    };
    let tenant = services::create_tenant(database, &SystemClock, &new)
        .await
        .map_err(explained)?;
    println!("{}", tenant.id);
    Ok(())
}

fn admin_password(settings: Settings) -> Result<SecretString> {
    if settings.app_env.is_production() {
        let password = settings
            .admin_password
            .context("production needs ADMIN_PASSWORD")?;
        ensure!(
            password.expose_secret() != DEVELOPMENT_PASSWORD,
            "production refuses the default ADMIN_PASSWORD"
        );
        return Ok(password);
    }
    Ok(settings
        .admin_password
        .unwrap_or_else(|| DEVELOPMENT_PASSWORD.into()))
}

async fn connect(settings: &DatabaseSettings) -> Result<Database> {
    let database = Database::connect(&DatabaseConfig {
        url: settings.url.expose().to_owned(),
        owner_url: settings
            .owner_url
            .as_ref()
            .map(|owner| owner.expose().to_owned()),
        max_connections: 2,
        lease: std::time::Duration::from_secs(30),
    })
    .await
    .context("could not connect to the database (DATABASE_URL)")?;
    if !database.schema_is_at_head().await? {
        bail!("the database schema is not what this version needs: run `migration up` first");
    }
    Ok(database)
}

/// A refusal names its fields; everything else keeps its causes.
fn explained(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::InvalidFields(fields) => {
            let fields: Vec<String> = fields
                .into_iter()
                .map(|refused| match refused.expected {
                    Some(expected) => format!("{} ({expected})", refused.field),
                    None => refused.field,
                })
                .collect();
            anyhow::anyhow!("not usable: {}", fields.join(", "))
        }
        ServiceError::Duplicate { field } => anyhow::anyhow!("this {field} is taken already"),
        other => anyhow::Error::new(other).context("could not seed the database"),
    }
}
