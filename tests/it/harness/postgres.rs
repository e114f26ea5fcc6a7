//! A PostgreSQL server for one test run, in a private directory with a Unix socket and no port; it is removed with the run.
//! If `TEST_DATABASE_URL` is set, that server is used instead, and only databases are created on it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use super::binaries::binary;
use super::cluster::Cluster;
use super::janitor;

/// Databases of test runs are called `hijrah_test_<process>_<what>`.
const PREFIX: &str = "hijrah_test_";

/// A failure is kept as well: the tests after the first one should report the reason, not its consequences.
static SERVER: OnceCell<Result<Postgres, String>> = OnceCell::const_new();
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A running server with a migrated and seeded template database.
struct Postgres {
    /// URL of the maintenance database.
    admin: Url,
    template: String,
}

/// A database of one test, a clone of the template.
pub(crate) struct PostgresDatabase {
    /// Its address.
    pub(crate) url: String,
    name: String,
}

impl PostgresDatabase {
    /// Clones the template; the first call starts the server.
    pub(crate) async fn create() -> Result<Self> {
        let server = Postgres::shared().await?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}_{number}", std::process::id());
        let template = &server.template;
        server
            .execute(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
            ))
            .await?;
        Ok(Self {
            url: with_database(&server.admin, &name),
            name,
        })
    }

    /// An empty database: neither migrated nor seeded.
    pub(crate) async fn create_empty() -> Result<Self> {
        let database = Self::create().await?;
        let server = Postgres::shared().await?;
        let name = &database.name;
        server.execute(&format!("DROP DATABASE {name}")).await?;
        server
            .execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await?;
        Ok(database)
    }

    /// Drops it and ends its connections.
    pub(crate) async fn remove(self) -> Result<()> {
        let server = Postgres::shared().await?;
        server
            .execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await
    }
}

impl Postgres {
    async fn shared() -> Result<&'static Self> {
        let prepare = async || Self::prepare().await.map_err(|error| format!("{error:?}"));
        let server = SERVER.get_or_init(prepare).await;
        server.as_ref().map_err(|error| anyhow!(error.clone()))
    }

    async fn prepare() -> Result<Self> {
        let admin = match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => url.parse().context("TEST_DATABASE_URL is not a URL")?,
            Err(_) => tokio::task::spawn_blocking(start_shared).await??,
        };
        let server = Self {
            admin,
            template: format!("{PREFIX}{}_template", std::process::id()),
        };
        server.drop_leftovers().await?;
        let template = &server.template;
        server
            .execute(&format!("CREATE DATABASE {template} TEMPLATE template0"))
            .await?;
        let url = with_database(&server.admin, template);
        for (program, arguments) in [("migration", &["up"][..]), ("seed", &[])] {
            let url = url.clone();
            tokio::task::spawn_blocking(move || run(program, arguments, &url)).await??;
        }
        Ok(server)
    }

    /// On a server that outlives runs, databases of killed runs remain.
    async fn drop_leftovers(&self) -> Result<()> {
        let mut connection = PgConnection::connect(self.admin.as_str()).await?;
        let names: Vec<String> =
            sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE $1")
                .bind(format!("{PREFIX}%"))
                .fetch_all(&mut connection)
                .await?;
        for name in names {
            let process = name[PREFIX.len()..].split('_').next().unwrap_or_default();
            let is_over = Path::new("/proc").is_dir() && !Path::new("/proc").join(process).exists();
            if is_over {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                sqlx::raw_sql(AssertSqlSafe(drop))
                    .execute(&mut connection)
                    .await?;
            }
        }
        Ok(connection.close().await?)
    }

    async fn execute(&self, statement: &str) -> Result<()> {
        let mut connection = PgConnection::connect(self.admin.as_str()).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .with_context(|| statement.to_owned())?;
        Ok(connection.close().await?)
    }
}

/// The server of the run, which is not stopped in order: its data need not survive.
fn start_shared() -> Result<Url> {
    let mut cluster = Cluster::make(
        "postgres",
        &[
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ],
    )?;
    cluster.start()?;
    cluster.leave()
}

/// Runs one of the workspace's programs on a database and returns what it printed.
pub(crate) fn run(program: &str, arguments: &[&str], database_url: &str) -> Result<String> {
    let output = Command::new(binary(program))
        .args(arguments)
        .current_dir(janitor::run_directory())
        .env("DATABASE_URL", database_url)
        .env("APP_ENV", "development")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not run {program}"))?;
    ensure!(
        output.status.success(),
        "{program} {arguments:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn with_database(server: &Url, name: &str) -> String {
    let mut url = server.clone();
    url.set_path(name);
    url.into()
}
