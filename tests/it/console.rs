//! The web console in a real browser: the scenarios of `tests/node/console`, each group against a server of its own. Groups run
//! one after another, because a browser needs a processor to itself.
//!
//! A scenario requests what only the owner of the server can do by a line `>> stop` or `>> start` on its output, and continues when
//! `done` comes back on its input. It reaches the server through a relay, so that a server that was restarted has its old address.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::mpsc::unbounded_channel;

use crate::harness::{App, Backend, Claim, Proxy, prove, workspace};

/// One browser at a time.
static BROWSER: Mutex<()> = Mutex::new(());

/// The request budget of a user in production; an import needs a fraction of it.
const LIMITED: &[(&str, &str)] = &[("RATE_LIMIT_PER_MINUTE", "100")];

/// Runs a claim while no other browser is open.
fn alone(backend: Backend, extra: &[(&str, &str)], claim: Claim) {
    let _alone = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    prove(backend, extra, claim);
}

/// The process that runs the scenarios; it is ended with the test, even if that fails.
struct Runner(Child);

impl Drop for Runner {
    fn drop(&mut self) {
        // It has ended by itself, or is no longer needed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Groups of scenarios, or scenarios by the beginning of their name.
async fn walk_through(app: &mut App, scenarios: &'static [&'static str]) -> Result<()> {
    let folder = workspace().join("tests/node");
    ensure!(
        folder.join("node_modules/playwright-core").exists(),
        "run `npm ci` in tests/node first; ./scripts/test does"
    );
    let relay = Proxy::before(app.server.address()?)?;
    let mut command = Command::new("node");
    command
        .arg("console/run.mjs")
        .arg(format!("http://{}", relay.address()))
        .args(scenarios)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut runner = Runner(command.spawn()?);
    let mut answers = runner.0.stdin.take().context("has a pipe")?;
    let (heard, mut lines) = unbounded_channel();
    for pipe in [
        Box::new(runner.0.stdout.take().context("has a pipe")?) as Box<dyn Read + Send>,
        Box::new(runner.0.stderr.take().context("has a pipe")?),
    ] {
        let heard = heard.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                // The test has ended and no longer reads.
                let _ = heard.send(line);
            }
        });
    }
    drop(heard);
    while let Some(line) = lines.recv().await {
        let Some(wish) = line.strip_prefix(">> ") else {
            println!("{line}");
            continue;
        };
        match wish {
            "stop" => {
                // Killed rather than stopped: a server that is stopped would finish an import that is nearly complete.
                app.server.kill()?;
            }
            "start" => {
                app.restart()?;
                relay.lead_to(app.server.address()?);
            }
            wish => bail!("the scenarios ask for {wish}"),
        }
        writeln!(answers, "done")?;
    }
    let status = runner.0.wait()?;
    ensure!(status.success(), "the scenarios ended with {status}");
    Ok(())
}

#[test]
fn pages_are_served_under_their_policy_and_within_their_budgets() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["serving"]))
    });
}

#[test]
fn users_log_in_and_out() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["1 ", "26 ", "2 "]))
    });
}

#[test]
fn the_wizard_accepts_files_of_real_programs() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["wizard"]))
    });
}

#[test]
fn errors_are_corrected_in_the_table_and_by_a_corrected_file() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["repair"]))
    });
}

#[test]
fn the_wizard_does_the_same_on_postgres() {
    alone(Backend::Postgres, &[], |app| {
        Box::pin(walk_through(app, &["3 ", "4 ", "19 "]))
    });
}

#[test]
fn each_role_sees_what_it_is_allowed_to_see() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["people"]))
    });
}

#[test]
fn programs_are_connected_and_disconnected() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["machines"]))
    });
}

#[test]
fn imports_outlive_what_happens_to_the_page() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["recovery"]))
    });
}

#[test]
fn large_files_stay_within_the_budgets() {
    alone(Backend::Sqlite, LIMITED, |app| {
        Box::pin(walk_through(app, &["scale"]))
    });
}

#[test]
fn every_screen_is_accessible_in_indonesian() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(
            app,
            &["29 axe finds nothing on any screen in Indonesian"],
        ))
    });
}

#[test]
fn every_screen_is_accessible_in_english() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(
            app,
            &[
                "29 axe finds nothing on any screen in English",
                "29 what is said of a file in English",
            ],
        ))
    });
}

#[test]
fn small_screens_and_printouts_show_what_matters() {
    alone(Backend::Sqlite, &[], |app| {
        Box::pin(walk_through(app, &["28 ", "30 "]))
    });
}
