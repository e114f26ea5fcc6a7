//! A PostgreSQL cluster in a private directory, with a Unix socket and no port. It can be stopped as by `pg_ctl stop -m immediate` and
//! started again on its data.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Url;

use super::janitor;

/// The settings of every cluster.
const SETTINGS: [&str; 5] = [
    "listen_addresses=",
    "max_connections=200",
    "lc_messages=C",
    "log_destination=stderr",
    "logging_collector=off",
];

/// A cluster, running or not.
pub(crate) struct Cluster {
    programs: PathBuf,
    directory: PathBuf,
    /// The user who runs it, if this process may not.
    user: Option<(u32, u32)>,
    settings: Vec<String>,
    server: Option<Child>,
}

impl Cluster {
    /// Creates a cluster in a folder of the run without starting it; `settings` are `name=value`.
    pub(crate) fn make(name: &str, settings: &[&str]) -> Result<Self> {
        let directory = janitor::run_directory().join(name);
        fs::create_dir(&directory)?;
        let cluster = Self {
            programs: find_programs()?,
            user: unprivileged_user()?,
            settings: SETTINGS
                .iter()
                .chain(settings)
                .map(|setting| (*setting).to_owned())
                .collect(),
            directory,
            server: None,
        };
        if let Some((uid, gid)) = cluster.user {
            chown(&cluster.directory, Some(uid), Some(gid))?;
        }
        // C.UTF-8 knows the case of letters outside ASCII; not every system has it.
        let locale = if cfg!(target_os = "linux") {
            "C.UTF-8"
        } else {
            "C"
        };
        let output = cluster
            .command("initdb")
            .args(["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8"])
            .arg(format!("--locale={locale}"))
            .arg("-D")
            .arg(cluster.data())
            .output()?;
        ensure!(
            output.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(cluster)
    }

    /// Starts the server and waits until it accepts connections.
    pub(crate) fn start(&mut self) -> Result<()> {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        command.arg("-k").arg(&self.directory);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        // It has its own process group: the janitor stops it in an orderly way, an interrupt from the terminal would not.
        let mut server = command
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
        // The output has to be read, or the server blocks when the pipe is full.
        std::thread::spawn(move || log.for_each(drop));
        self.server = Some(server);
        Ok(())
    }

    /// Stops it without a checkpoint, as a crash would: the next start recovers.
    pub(crate) fn stop_immediately(&mut self) -> Result<()> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        let pid = server.id().to_string();
        let status = Command::new("kill").args(["-s", "QUIT", &pid]).status()?;
        ensure!(status.success(), "kill -s QUIT {pid}: {status}");
        server.wait()?;
        janitor::forget(server.id());
        Ok(())
    }

    /// Keeps it running until the end of the run, and returns the address of its maintenance database.
    pub(crate) fn leave(mut self) -> Result<Url> {
        self.server = None;
        self.url()
    }

    /// Of the maintenance database.
    pub(crate) fn url(&self) -> Result<Url> {
        let socket = self.directory.to_str().context("the path is text")?;
        let host = socket.replace('/', "%2F");
        Ok(format!("postgres://postgres@{host}/postgres").parse()?)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.directory).stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The janitor stops what cannot be stopped here.
        let _ = self.stop_immediately();
    }
}

/// PostgreSQL refuses to run as root: then `postgres` or `nobody` runs it. `None` if this process is not root.
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
