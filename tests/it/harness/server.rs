//! The real `server` program as a child process: started on port 0, its output read, ended by a signal.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::binaries::binary;
use super::janitor;

/// A loaded machine with a debug build needs seconds; more is a fault.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server process.
pub(crate) struct Server {
    /// `http://127.0.0.1:<port>`.
    pub(crate) base: String,
    process: Child,
    output: Arc<Mutex<String>>,
    ended: Option<ExitStatus>,
}

impl Server {
    /// Starts it in `directory` with these environment variables and no others of ours, and waits until it listens.
    pub(crate) fn start(directory: &Path, settings: &BTreeMap<String, String>) -> Result<Self> {
        // A limit on the size of files, which tests set to make writing fail, is an error of the write and not the end of the process.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\""])
            .arg(binary("server"))
            .current_dir(directory)
            .env_clear()
            .envs(
                ["PATH", "HOME", "TMPDIR"]
                    .iter()
                    .filter_map(|name| std::env::var_os(name).map(|value| (*name, value))),
            )
            .envs(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().context("could not start the server")?;
        janitor::watch("KILL", process.id());
        let output = Arc::new(Mutex::new(String::new()));
        let (announce, announced) = channel();
        let stdout = process.stdout.take().context("has a pipe")?;
        let stderr = process.stderr.take().context("has a pipe")?;
        for pipe in [Box::new(stdout) as Box<dyn Read + Send>, Box::new(stderr)] {
            let (output, announce) = (Arc::clone(&output), announce.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Some((_, address)) = line.split_once("listening on http://") {
                        let address = address.split_whitespace().next().unwrap_or_default();
                        // The receiver is dropped once the address is known.
                        let _ = announce.send(format!("http://{address}"));
                    }
                    let mut output = output.lock().expect("no writer panics");
                    output.push_str(&line);
                    output.push('\n');
                }
            });
        }
        drop(announce);
        let mut server = Self {
            base: String::new(),
            process,
            output,
            ended: None,
        };
        server.base = server.wait_for_address(&announced)?;
        Ok(server)
    }

    /// Everything the process has printed, both streams.
    pub(crate) fn output(&self) -> String {
        self.output.lock().expect("no writer panics").clone()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        let address = self.base.trim_start_matches("http://");
        address.parse().with_context(|| self.base.clone())
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if self.ended.is_none() {
            self.process.kill()?;
            self.ended = Some(self.process.wait()?);
            janitor::forget(self.process.id());
        }
        Ok(())
    }

    /// Sends SIGTERM and waits for the end, at most `limit`.
    pub(crate) fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.signal("TERM")?;
        let begun = Instant::now();
        while begun.elapsed() < limit {
            if let Some(status) = self.process.try_wait()? {
                self.ended = Some(status);
                janitor::forget(self.process.id());
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("still runs {limit:?} after SIGTERM:\n{}", self.output())
    }

    /// Sends a signal by name, without `SIG`.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status()?;
        anyhow::ensure!(status.success(), "kill -s {name} {pid}: {status}");
        Ok(())
    }

    /// From now on the process can make no file larger than this, or any, with `unlimited`: writing fails as on a broken disk.
    pub(crate) fn limit_files(&self, bytes: &str) -> Result<()> {
        let (pid, limit) = (self.pid().to_string(), format!("--fsize={bytes}:unlimited"));
        let status = Command::new("prlimit")
            .args(["--pid", &pid, &limit])
            .status()?;
        anyhow::ensure!(status.success(), "prlimit {limit}: {status}");
        Ok(())
    }

    fn wait_for_address(&mut self, announced: &Receiver<String>) -> Result<String> {
        match announced.recv_timeout(START_LIMIT) {
            Ok(address) => Ok(address),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.process.wait()?;
                bail!("the server ended with {status}:\n{}", self.output())
            }
            Err(RecvTimeoutError::Timeout) => {
                bail!(
                    "the server does not listen after {START_LIMIT:?}:\n{}",
                    self.output()
                )
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The test has ended; the janitor handles a process that cannot be killed.
        let _ = self.kill();
        if std::thread::panicking() {
            eprintln!("--- output of the server ---\n{}", self.output());
        }
    }
}
