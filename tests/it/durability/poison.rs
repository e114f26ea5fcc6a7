//! A job whose processing always panics fails with a message after five attempts, and no other job is affected.

use anyhow::{Result, ensure};

use crate::harness::{App, JOBS, on_both_engines};

use super::found::End;
use super::ledger::Ledger;
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["HIJRAH_FAULTS" = "1", "MAX_CONCURRENT_IMPORTS" = "1", "WORKER_CONCURRENCY" = "1"]
    a_job_that_always_panics_fails_and_harms_no_other,
}

async fn a_job_that_always_panics_fails_and_harms_no_other(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let truth = Truth::new(0, 300, vec![3]);
    let file = truth.file(&package);
    let poison = admin.job("jamaah", "panic-1.csv", &file).await?;
    let sound = admin.job("jamaah", "sehat.csv", &file).await?;
    // A validation takes no slot, so this one runs at the same time.
    let other = admin.job("jamaah", "lain.csv", &file).await?;
    let watch = Watch::begin(app);
    admin.act(&poison, "start").await?.expect_status(200)?;
    ensure!(admin.validate(&other).await?["valid_rows"] == 299);
    let given_up = admin.finished(&poison).await?;
    ensure!(given_up["status"] == "failed", "{given_up:#}");
    ensure!(given_up["completed_at"].is_string(), "{given_up:#}");
    let message = given_up["error_message"].as_str().unwrap_or_default();
    ensure!(message.contains("5 kali"), "{message}");
    // The one slot of the tenant is free again.
    let done = admin.import(&sound).await?;
    ensure!(done["imported_rows"] == 299, "{done:#}");
    let story = watch.end();
    story.holds()?;
    let attempts = story.of(&poison).last().map_or(0, |last| last.attempt);
    ensure!(attempts == 5, "{attempts} attempts");
    let panics = app.server.output().matches("a job's run panicked").count();
    ensure!(panics == 5, "{panics} panics");
    admin.remove(&format!("{JOBS}/{poison}")).await?;
    ledger.expect(&sound, &truth, End::Completed);
    ledger.expect(&other, &truth, End::Validated);
    ledger.holds(app, &admin).await
}
