//! The harness cleans up: a killed test run leaves no process and no file.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Cluster, run_directory};

/// Set in the run that is going to be killed.
const VICTIM: &str = "HIJRAH_TEST_VICTIM";

/// In an ordinary run this does nothing; the test below starts it once more as the run to be killed.
#[test]
fn victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let mut cluster = Cluster::make("postgres", &["fsync=off"]).expect("makes a cluster");
    cluster.start().expect("starts PostgreSQL");
    println!("\nrun directory: {}", run_directory().display());
    // Ends when it is killed.
    std::thread::park();
}

#[test]
fn a_killed_run_leaves_no_server_and_no_file() {
    let mut run = Command::new(std::env::current_exe().expect("knows its own path"))
        .args(["--exact", "supervision::victim", "--nocapture"])
        .env(VICTIM, "1")
        .env_remove("TEST_DATABASE_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts another run");
    let output = BufReader::new(run.stdout.take().expect("has a pipe"));
    let directory: PathBuf = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("run directory: ").map(PathBuf::from))
        .expect("PostgreSQL starts");
    let pid_file = directory.join("postgres/data/postmaster.pid");
    assert!(pid_file.exists(), "{}", pid_file.display());
    let pid = std::fs::read_to_string(pid_file).expect("is readable");
    let pid = pid
        .lines()
        .next()
        .expect("has the process id first")
        .to_owned();

    run.kill().expect("kills the run");
    run.wait().expect("the run is over");

    let begun = Instant::now();
    while directory.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{} is still there",
            directory.display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let alive = Command::new("kill")
        .args(["-0", &pid])
        .stderr(Stdio::null())
        .status();
    assert!(
        !alive.expect("checks the process").success(),
        "PostgreSQL still runs as {pid}"
    );
}
