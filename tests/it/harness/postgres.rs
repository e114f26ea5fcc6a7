//! A PostgreSQL server for one test run: private directory, unix socket only, no port, gone with the run.
//! With `TEST_DATABASE_URL` set, that server is used instead and only databases are made on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, anyhow, bail, ensure};
use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use super::binaries::binary;
use super::janitor;

/// Databases of test runs are called `hijrah_test_<process>_<what>`.
const PREFIX: &str = "hijrah_test_";

/// A failure is kept as well: the tests after the first one should tell the reason, not its consequences.
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
    /// Where it is reached.
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

    /// Drops it with whatever is still connected.
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
            Err(_) => tokio::task::spawn_blocking(start).await??,
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

    /// On a server that outlives runs, databases of runs that are over stay behind when a run was killed.
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

/// Makes a cluster and starts the server on it. Call it once in a run.
pub(crate) fn start() -> Result<Url> {
    let programs = find_programs()?;
    let directory = janitor::run_directory().join("postgres");
    fs::create_dir(&directory)?;
    let user = unprivileged_user()?;
    if let Some((uid, gid)) = user {
        chown(&directory, Some(uid), Some(gid))?;
    }
    let command = |name: &str| {
        let mut command = Command::new(programs.join(name));
        command.current_dir(&directory).stdin(Stdio::null());
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        command
    };

    let data = directory.join("data");
    // C.UTF-8 knows the case of letters outside ASCII; not every system has it.
    let locale = if cfg!(target_os = "linux") {
        "C.UTF-8"
    } else {
        "C"
    };
    let output = command("initdb")
        .args(["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8"])
        .arg(format!("--locale={locale}"))
        .arg("-D")
        .arg(&data)
        .output()?;
    ensure!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut server = command("postgres");
    server.arg("-D").arg(&data).arg("-k").arg(&directory);
    for setting in [
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=200",
        "lc_messages=C",
        "log_destination=stderr",
        "logging_collector=off",
    ] {
        server.args(["-c", setting]);
    }
    // A group of its own: the janitor stops it in an orderly way, an interrupt from the terminal would not.
    let mut server = server
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    janitor::watch("QUIT", server.id());
    let mut log = BufReader::new(server.stderr.take().context("has a pipe")?).lines();
    let mut said = String::new();
    loop {
        let Some(line) = log.next().transpose()? else {
            bail!("postgres did not start:\n{said}");
        };
        if line.contains("database system is ready to accept connections") {
            break;
        }
        said = format!("{said}{line}\n");
    }
    // Somebody has to read on, or the server blocks when the pipe is full.
    std::thread::spawn(move || log.for_each(drop));

    let socket = directory.to_str().context("the path is text")?;
    let host = socket.replace('/', "%2F");
    Ok(format!("postgres://postgres@{host}/postgres").parse()?)
}

/// PostgreSQL refuses to run as root: then `postgres` or `nobody` runs it. `None` when this process is nobody special.
fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    let probe = tempfile::tempfile_in(janitor::run_directory())?;
    if std::os::unix::fs::MetadataExt::uid(&probe.metadata()?) != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, uid, gid, ..] = fields[..] else {
                return None;
            };
            (name == wanted).then_some((uid.parse().ok()?, gid.parse().ok()?))
        })
    };
    let user = find("postgres").or_else(|| find("nobody"));
    Ok(Some(user.context("neither postgres nor nobody is a user")?))
}

/// The directory with `initdb` and `postgres`: `PG_BINDIR`, the search path, or where packages put them (newest first).
fn find_programs() -> Result<PathBuf> {
    let given = std::env::var_os("PG_BINDIR").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut packaged: Vec<PathBuf> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"]
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    packaged.sort();
    given
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(packaged.into_iter().rev())
        .chain(["/usr/pgsql/bin".into(), "/usr/bin".into()])
        .find(|directory| directory.join("initdb").exists() && directory.join("postgres").exists())
        .context("PostgreSQL is not installed: neither initdb nor postgres was found; ./scripts/test installs it")
}

fn with_database(server: &Url, name: &str) -> String {
    let mut url = server.clone();
    url.set_path(name);
    url.into()
}
