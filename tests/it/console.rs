//! The web console in a real browser: the scenarios of `tests/node/console`, each group against a server of its own. Groups run
//! one after another, for a browser wants a processor to itself.

use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};

use crate::harness::{App, Backend, Claim, prove, workspace};

/// One browser at a time.
static BROWSER: Mutex<()> = Mutex::new(());

/// Runs a claim while no other browser is open.
fn alone(backend: Backend, claim: Claim) {
    let _alone = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    prove(backend, &[], claim);
}

/// Groups of scenarios, or scenarios by the beginning of their name.
async fn walk_through(app: &mut App, scenarios: &'static [&'static str]) -> Result<()> {
    let folder = workspace().join("tests/node");
    ensure!(
        folder.join("node_modules/playwright-core").exists(),
        "run `npm ci` in tests/node first; ./scripts/test does"
    );
    let mut node = Command::new("node");
    node.arg("console/run.mjs")
        .arg(&app.server.base)
        .args(scenarios)
        .current_dir(folder)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || node.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    ensure!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[test]
fn pages_are_served_under_their_policy_and_within_their_budgets() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["serving"]))
    });
}

#[test]
fn people_come_in_and_go_out() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["1 ", "26 ", "2 "]))
    });
}

#[test]
fn the_wizard_takes_what_real_programs_wrote() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["wizard"]))
    });
}

#[test]
fn the_wizard_does_the_same_on_postgres() {
    alone(Backend::Postgres, |app| {
        Box::pin(walk_through(app, &["3 ", "4 ", "19 "]))
    });
}

#[test]
fn each_sees_what_they_may() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["people"]))
    });
}

#[test]
fn imports_outlive_what_happens_to_the_page() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["recovery"]))
    });
}

#[test]
fn every_screen_can_be_read_by_everybody() {
    alone(Backend::Sqlite, |app| {
        Box::pin(walk_through(app, &["looks"]))
    });
}
