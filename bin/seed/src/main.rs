//! The seed command line: the first tenant with its admin, another tenant, a new password, a demonstration. The work is done by
//! `services`.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Parser, Subcommand};
use repositories::{Database, DatabaseConfig};
use secrecy::{ExposeSecret, SecretString};
use services::{
    LEAST_CHARS_IN_PRODUCTION, NewTenant, ObjectStorage, SeedPlan, ServiceError, Services,
    ServicesConfig, StorageConfig, SystemClock, make_demo, remove_demo,
};
use settings::{AppEnv, DatabaseSettings, Environment, Reader};

/// What `ADMIN_PASSWORD` is in development when nothing says otherwise.
const DEVELOPMENT_PASSWORD: &str = "admin123";

/// Fills the database: default tenant, user `admin`, three sample packages. Doing it twice changes nothing.
///
/// The database is that of `DATABASE_URL` (or `DATABASE_CONN`), the admin's password that of `ADMIN_PASSWORD`; a `.env` file
/// is read too. Production gets no sample packages, and needs the tenant's name and a password of at least 12 characters.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The default tenant's name, if it has to be created; else that of `TENANT_NAME`. Production needs it.
    #[arg(long, value_name = "NAME")]
    tenant_name: Option<String>,
    /// Instead, create a demonstration: an agency with packages, pilgrims and payments. Not in production.
    #[arg(long)]
    demo: bool,
    /// Remove the demonstration with everything that belongs to it.
    #[arg(long, requires = "demo")]
    remove: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Create another tenant with its first admin, and print the tenant's id
    Tenant(TenantArgs),
    /// Give a user a new password, read from standard input or a file, and end their sessions
    ResetPassword(ResetArgs),
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
    /// The admin's password, at least 8 characters, in production 12. Without it `ADMIN_PASSWORD` is taken: arguments show in
    /// process lists.
    #[arg(long)]
    admin_password: Option<String>,
}

#[derive(Args)]
struct ResetArgs {
    /// The name the user logs in with.
    username: String,
    /// A file whose first line is the password; without it standard input is read.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// What the environment says.
struct Settings {
    app_env: AppEnv,
    database: DatabaseSettings,
    admin_password: Option<SecretString>,
    tenant_name: Option<String>,
    storage: StorageConfig,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes, without the backtrace that a user cannot use.
            settings::complain!("error: {error:#}");
            ExitCode::FAILURE
        }
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
        let admin_password = reader.secret("ADMIN_PASSWORD");
        let tenant_name = reader.text("TENANT_NAME");
        let storage = StorageConfig::read(&mut reader);
        Ok(reader.finish(|| Self {
            app_env,
            database,
            admin_password,
            tenant_name,
            storage,
        })?)
    }
}

async fn run(cli: Cli) -> Result<()> {
    let settings = Settings::read()?;
    let database = connect(&settings.database, if cli.demo { 8 } else { 2 }).await?;
    let done = match cli.command {
        Some(Command::Tenant(tenant)) => create_tenant(&database, tenant, settings).await,
        Some(Command::ResetPassword(reset)) => reset_password(&database, &reset, &settings).await,
        None if cli.demo => demo(&database, cli.remove, &settings).await,
        None => seed(&database, cli.tenant_name, settings).await,
    };
    database.close().await;
    done
}

async fn seed(database: &Database, tenant_name: Option<String>, settings: Settings) -> Result<()> {
    let is_production = settings.app_env.is_production();
    let tenant_name = tenant_name.or(settings.tenant_name);
    if is_production && !services::is_seeded(database).await? {
        ensure!(
            tenant_name.is_some(),
            "production needs the tenant's name: --tenant-name 'Nama Agensi', or TENANT_NAME"
        );
        ensure!(
            settings.admin_password.is_some(),
            "production needs ADMIN_PASSWORD, at least {LEAST_CHARS_IN_PRODUCTION} characters"
        );
    }
    let has_password = settings.admin_password.is_some();
    let plan = SeedPlan {
        tenant_name: tenant_name.clone(),
        admin_password: settings
            .admin_password
            .unwrap_or_else(|| DEVELOPMENT_PASSWORD.into()),
        has_samples: !is_production,
        is_production,
    };
    let seeded = services::seed(database, &SystemClock, &plan)
        .await
        .map_err(explained)?;
    let tenant = &seeded.tenant;
    if seeded.is_new_tenant {
        settings::say!("created tenant '{}' ({})", tenant.name, tenant.id);
    } else {
        settings::say!(
            "kept tenant '{}' ({}), which is there",
            tenant.name,
            tenant.id
        );
        if tenant_name.is_some_and(|name| name != tenant.name) {
            settings::say!("did not rename it");
        }
    }
    if seeded.is_new_admin {
        settings::say!("created user 'admin' (admin@aksara.ai)");
    } else if has_password {
        settings::say!(
            "kept user 'admin' and did not change the password: `seed reset-password admin` does"
        );
    } else {
        settings::say!("kept user 'admin', who is there");
    }
    match seeded.new_packages {
        _ if is_production => settings::say!("created no sample packages: this is production"),
        0 => settings::say!("kept the sample packages, which are there"),
        number => settings::say!("created {number} sample packages"),
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
    let is_production = settings.app_env.is_production();
    let tenant = services::create_tenant(database, &SystemClock, &new, is_production)
        .await
        .map_err(explained)?;
    settings::say!("{}", tenant.id);
    Ok(())
}

async fn reset_password(database: &Database, args: &ResetArgs, settings: &Settings) -> Result<()> {
    let mut text = String::new();
    match &args.password_file {
        Some(path) => {
            text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
        }
        None => {
            std::io::stdin()
                .read_to_string(&mut text)
                .context("cannot read standard input")?;
        }
    }
    // The whole line, because spaces are part of a password.
    let password: SecretString = text.lines().next().unwrap_or_default().into();
    ensure!(
        !password.expose_secret().is_empty(),
        "there is no password in standard input or the file"
    );
    let is_production = settings.app_env.is_production();
    let found = services::reset_password(
        database,
        &SystemClock,
        &args.username,
        &password,
        is_production,
    )
    .await
    .map_err(explained)?;
    ensure!(found, "there is no user '{}'", args.username);
    settings::say!(
        "changed the password of '{}' and ended their sessions",
        args.username
    );
    Ok(())
}

async fn demo(database: &Database, is_removal: bool, settings: &Settings) -> Result<()> {
    ensure!(
        !settings.app_env.is_production(),
        "production gets no demonstration"
    );
    let storage = ObjectStorage::open(&settings.storage).context("could not open STORAGE_URL")?;
    if is_removal {
        if remove_demo(database, &storage).await.map_err(explained)? {
            settings::say!("removed the demonstration");
        } else {
            settings::say!("nothing to do: there is no demonstration");
        }
        return Ok(());
    }
    let password = settings
        .admin_password
        .clone()
        .unwrap_or_else(|| DEVELOPMENT_PASSWORD.into());
    // Signs the one session of this process, which is over at its end.
    let secret = format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    let services = Services::new(
        database.clone(),
        storage,
        Arc::new(SystemClock),
        ServicesConfig::new(secret.into()),
    )
    .map_err(explained)?;
    let demo = Box::pin(make_demo(&services, database, &SystemClock, &password))
        .await
        .map_err(explained)?;
    if !demo.is_new {
        settings::say!(
            "nothing to do: tenant '{}' is there; --demo --remove takes it away",
            demo.tenant
        );
        return Ok(());
    }
    settings::say!("created tenant '{}', user '{}'", demo.tenant, demo.username);
    for (kind, imported, failed) in demo.imports {
        settings::say!("imported a file of type {kind}: {imported} rows, and {failed} with errors");
    }
    Ok(())
}

async fn connect(settings: &DatabaseSettings, max_connections: u32) -> Result<Database> {
    settings.url.prepare_file()?;
    let database = Database::connect(&DatabaseConfig {
        url: settings.url.expose().to_owned(),
        owner_url: settings
            .owner_url
            .as_ref()
            .map(|owner| owner.expose().to_owned()),
        max_connections,
        lease: Duration::from_secs(30),
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
