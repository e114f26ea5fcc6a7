//! Several server processes on one PostgreSQL: jobs spread, and events cross. What happens when one of
//! them dies or sleeps is in `durability`.

use anyhow::{Result, ensure};

use crate::harness::{App, Events, any_package, jamaah_file, on_postgres};

on_postgres! {
    ["WORKER_CONCURRENCY" = "0"]
    a_client_of_one_server_hears_of_a_job_on_another,
    a_process_without_workers_leaves_the_work_to_others,
    an_end_of_which_nobody_tells_is_told,
}

async fn a_client_of_one_server_hears_of_a_job_on_another(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    // One listens where nobody works, one where the work is done; both asked the other server for it.
    let mut far = Events::connect(&admin).await?;
    let mut near = Events::connect(&admin.at(&worker.base)).await?;
    let job = admin
        .job("jamaah", "a.csv", &jamaah_file(150, &[3, 10], &package))
        .await?;
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
        let (_, completed) = story.last().expect("ends with what was waited for");
        ensure!(
            completed["imported"] == 148 && completed["failed"] == 2,
            "{completed:#}"
        );
    }
    worker.kill()
}

async fn a_process_without_workers_leaves_the_work_to_others(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job("jamaah", "a.csv", &jamaah_file(10, &[], &package))
        .await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    ensure!(admin.status(&job).await?["status"] == "validating");
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    ensure!(admin.finished(&job).await?["imported_rows"] == 10);
    worker.kill()
}

async fn an_end_of_which_nobody_tells_is_told(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let mut events = Events::connect(&admin).await?;
    let job = admin
        .job("jamaah", "a.csv", &jamaah_file(10, &[], &package))
        .await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    // What is left of a process that dies after its last commit, before it tells of it.
    app.execute(
        "UPDATE migration_jobs SET status = 'completed', processed_rows = 10, imported_rows = 10, \
         completed_at = clock_timestamp() AT TIME ZONE 'UTC', \
         updated_at = clock_timestamp() AT TIME ZONE 'UTC'",
    )
    .await?;
    let story = events.until("migration:completed").await?;
    let (_, completed) = story.last().expect("ends with what was waited for");
    ensure!(
        completed["job_id"] == job.as_str() && completed["imported"] == 10,
        "{completed:#}"
    );
    Ok(())
}
