//! Processes and the directory of a test run, which have to be removed when it ends, even if it is killed. `janitor.sh`, a child that
//! survives a killed run for a moment, cleans up; this file reports to it what exists.

use std::fmt::Display;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex};

#[expect(
    clippy::zombie_processes,
    reason = "it outlives this process on purpose"
)]
static JANITOR: LazyLock<Mutex<ChildStdin>> = LazyLock::new(|| {
    let mut janitor = Command::new("/bin/sh")
        .args(["-c", include_str!("janitor.sh")])
        // It has its own process group: a signal to the group of the test run must not reach it.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts the janitor");
    Mutex::new(janitor.stdin.take().expect("has a pipe"))
});

static RUN_DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = tempfile::Builder::new()
        .prefix("hijrah-tests-")
        .tempdir()
        .expect("creates the directory of the run")
        .keep();
    report(format_args!("directory {}", directory.display()));
    // The database server runs as another user and has to pass through.
    fs::set_permissions(&directory, Permissions::from_mode(0o711)).expect("opens the directory");
    directory
});

/// The directory that holds everything of this run.
pub(crate) fn run_directory() -> &'static Path {
    &RUN_DIRECTORY
}

/// Makes the janitor end the process with `signal` when the run has ended.
pub(crate) fn watch(signal: &str, pid: u32) {
    report(format_args!("process {signal} {pid}"));
}

/// The process has ended; its number may soon be used by another one.
pub(crate) fn forget(pid: u32) {
    report(format_args!("ended {pid}"));
}

fn report(message: impl Display) {
    let mut pipe = JANITOR.lock().expect("no writer panics");
    writeln!(pipe, "{message}").expect("the janitor listens");
}
