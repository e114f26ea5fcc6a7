//! What has to be gone when the test run is: processes and the directory of the run. The clean-up itself is `janitor.sh`,
//! a child that survives a killed run for a moment; this file only reports to it what exists.

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
        // A group of its own: a signal to the group of the test run must not hit the one who cleans up after it.
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

/// The directory under which everything of this run lives.
pub(crate) fn run_directory() -> &'static Path {
    &RUN_DIRECTORY
}

/// Has the process ended with `signal` when the run is over.
pub(crate) fn watch(signal: &str, pid: u32) {
    report(format_args!("process {signal} {pid}"));
}

/// The process is gone already; its number may soon be another's.
pub(crate) fn forget(pid: u32) {
    report(format_args!("ended {pid}"));
}

fn report(message: impl Display) {
    let mut pipe = JANITOR.lock().expect("no writer panics");
    writeln!(pipe, "{message}").expect("the janitor listens");
}
