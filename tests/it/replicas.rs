//! Several server processes on one PostgreSQL: jobs spread, and events cross. What happens when one of
//! them dies or sleeps is in `durability`.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::harness::{App, Events, jamaah_file, on_postgres};

on_postgres! {
    ["HIJRAH_FAULTS" = "1", "WORKER_CONCURRENCY" = "0"]
    a_client_of_one_server_gets_the_events_of_a_job_on_another,
    a_process_without_workers_leaves_the_work_to_others,
    an_end_without_a_notice_is_delivered,
    the_process_that_imports_answers_what_the_database_has,
}

async fn a_client_of_one_server_gets_the_events_of_a_job_on_another(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    // One listens on a server without a worker, one where the work is done; both requested it from the other server.
    let mut far = Events::connect(&admin).await?;
    let mut near = Events::connect(&admin.at(&worker.base)).await?;
    let job = admin.people(150, &[3, 10], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    for events in [&mut far, &mut near] {
        let story = events.until("migration:completed").await?;
        let (_, validated) = story
            .iter()
            .find(|(name, _)| name == "migration:validated")
            .ok_or_else(|| anyhow::anyhow!("no validation in {story:#?}"))?;
        ensure!(
            validated["valid_rows"] == 148 && validated["errors"][0]["row_number"] == 5,
            "{validated:#}"
        );
        let (_, completed) = story.last().expect("ends with the expected event");
        ensure!(
            completed["imported"] == 148 && completed["failed"] == 2,
            "{completed:#}"
        );
    }
    worker.kill()
}

async fn a_process_without_workers_leaves_the_work_to_others(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(10, &[], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    ensure!(admin.status(&job).await?["status"] == "validating");
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    ensure!(admin.finished(&job).await?["imported_rows"] == 10);
    worker.kill()
}

async fn an_end_without_a_notice_is_delivered(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut events = Events::connect(&admin).await?;
    let job = admin.people(10, &[], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    // The state after a process died between its last commit and its notice.
    app.execute(
        "UPDATE migration_jobs SET status = 'completed', processed_rows = 10, imported_rows = 10, \
         completed_at = clock_timestamp() AT TIME ZONE 'UTC', \
         updated_at = clock_timestamp() AT TIME ZONE 'UTC'",
    )
    .await?;
    let story = events.until("migration:completed").await?;
    let (_, completed) = story.last().expect("ends with the expected event");
    ensure!(
        completed["job_id"] == job.as_str() && completed["imported"] == 10,
        "{completed:#}"
    );
    Ok(())
}

/// The process that holds the lease answers for the job without asking the database; the other one asks.
async fn the_process_that_imports_answers_what_the_database_has(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    let near = admin.at(&worker.base);
    let job = admin
        .job(
            "jamaah",
            "slow-1.csv",
            &jamaah_file(12_000, &[3, 7_000], &package),
        )
        .await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    let mut seen = BTreeSet::new();
    loop {
        let before = near.status(&job).await?;
        let stored = admin.status(&job).await?;
        let after = near.status(&job).await?;
        ensure!(
            before["processed_rows"].as_u64() <= after["processed_rows"].as_u64()
                || before["status"] != after["status"],
            "{before:#} {after:#}"
        );
        if before == after {
            ensure!(before == stored, "{before:#} {stored:#}");
        }
        match stored["status"].as_str() {
            Some("importing") => seen.extend(stored["imported_rows"].as_u64()),
            Some("validating") => {}
            _ => break,
        }
    }
    ensure!(
        seen.is_superset(&[4_999, 9_998].into()),
        "the batches of the import were not all seen: {seen:?}"
    );
    ensure!(near.finished(&job).await?["imported_rows"] == 11_998);
    worker.kill()
}
