//! Processes end at any moment: what was begun is finished after it, with every valid row exactly once.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::harness::{App, Client, JOBS, any_package, jamaah_file, on_both_engines};

on_both_engines! {
    a_killed_validation_is_finished_by_the_next_process,
    a_killed_import_is_finished_by_the_next_process,
    a_server_told_to_stop_ends_cleanly_and_the_next_one_goes_on,
    parallel_starts_are_one_run,
    readiness_needs_the_database,
}

on_both_engines! {
    ["WORKER_CONCURRENCY" = "0"]
    never_more_imports_of_a_tenant_than_the_limit,
}

const ROWS: usize = 20_000;

/// Every row of the file is there once, and the numbers of the job say so.
async fn is_whole(app: &App, admin: &Client, job: &str, rows: usize, invalid: usize) -> Result<()> {
    let status = admin.finished(job).await?;
    let valid = rows - invalid;
    ensure!(status["status"] == "completed", "{status:#}");
    ensure!(
        status["total_rows"] == rows
            && status["imported_rows"] == valid
            && status["failed_rows"] == invalid,
        "{status:#}"
    );
    let stored = app.number("SELECT count(*) FROM jamaah").await?;
    ensure!(stored == i64::try_from(valid)?, "{stored} rows of {valid}");
    let distinct = app
        .number("SELECT count(DISTINCT import_row_number) FROM jamaah")
        .await?;
    ensure!(
        distinct == stored,
        "{distinct} distinct rows among {stored}"
    );
    let errors = app.number("SELECT count(*) FROM migration_errors").await?;
    ensure!(
        errors == i64::try_from(invalid)?,
        "{errors} errors for {invalid} invalid rows"
    );
    let leases = app
        .number("SELECT count(*) FROM migration_jobs WHERE lease_owner IS NOT NULL")
        .await?;
    ensure!(leases == 0, "a finished job still has a lease");
    Ok(())
}

async fn a_killed_validation_is_finished_by_the_next_process(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job(
            "jamaah",
            "besar.csv",
            &jamaah_file(ROWS, &[7, 15_000], &package),
        )
        .await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| {
            status["status"] != "validating" || status["processed_rows"] != 0
        })
        .await?;
    app.restart()?;
    let admin = app.admin().await?;
    is_whole(app, &admin, &job, ROWS, 2).await
}

async fn a_killed_import_is_finished_by_the_next_process(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job(
            "jamaah",
            "besar.csv",
            &jamaah_file(ROWS, &[7, 15_000], &package),
        )
        .await?;
    admin.validate(&job).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| {
            status["status"] != "importing" || status["imported_rows"] != 0
        })
        .await?;
    app.restart()?;
    let admin = app.admin().await?;
    is_whole(app, &admin, &job, ROWS, 2).await
}

async fn a_server_told_to_stop_ends_cleanly_and_the_next_one_goes_on(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job("jamaah", "besar.csv", &jamaah_file(ROWS, &[0], &package))
        .await?;
    admin.validate(&job).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| {
            status["status"] != "importing" || status["imported_rows"] != 0
        })
        .await?;
    let ended = app.server.terminate(Duration::from_secs(30))?;
    ensure!(ended.success(), "{ended}: {}", app.server.output());
    let held = app
        .number("SELECT count(*) FROM migration_jobs WHERE lease_owner IS NOT NULL")
        .await?;
    ensure!(held == 0, "the lease was not given back");
    app.restart()?;
    let admin = app.admin().await?;
    is_whole(app, &admin, &job, ROWS, 1).await
}

async fn parallel_starts_are_one_run(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    for validated_before in [false, true] {
        app.execute("DELETE FROM jamaah").await?;
        app.execute("DELETE FROM migration_errors").await?;
        let job = admin
            .job("jamaah", "data.csv", &jamaah_file(500, &[3], &package))
            .await?;
        if validated_before {
            admin.validate(&job).await?;
        }
        let path = format!("{JOBS}/{job}/start");
        let starts = (0..50).map(|_| admin.post(&path));
        let mut accepted = 0;
        for reply in futures_util::future::join_all(starts).await {
            let reply = reply?;
            match reply.status {
                200 => accepted += 1,
                400 => ensure!(
                    reply.json()?["code"] == "invalid_state",
                    "{}",
                    reply.text()?
                ),
                _ => anyhow::bail!("{}", reply.text()?),
            }
        }
        ensure!(accepted >= 1, "nobody could start");
        is_whole(app, &admin, &job, 500, 1).await?;
    }
    Ok(())
}

async fn never_more_imports_of_a_tenant_than_the_limit(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let mut jobs = Vec::new();
    for number in 0..50 {
        let file = crate::harness::jamaah_file_from(number * 10, 2, &[], &package);
        jobs.push(admin.job("jamaah", "data.csv", &file).await?);
    }
    let starts = jobs.iter().map(|job| admin.act(job, "start"));
    let (mut accepted, mut refused) = (0, 0);
    for reply in futures_util::future::join_all(starts).await {
        let reply = reply?;
        match reply.status {
            200 => accepted += 1,
            429 => {
                ensure!(
                    reply.json()?["code"] == "too_many_imports",
                    "{}",
                    reply.text()?
                );
                ensure!(
                    reply
                        .header("retry-after")
                        .parse::<u64>()
                        .is_ok_and(|seconds| seconds > 0),
                    "no Retry-After"
                );
                refused += 1;
            }
            _ => anyhow::bail!("{}: {}", reply.status, reply.text()?),
        }
    }
    ensure!(
        (accepted, refused) == (10, 40),
        "{accepted} started, {refused} refused"
    );

    // With workers the ten end, and there is room again.
    let mut workers = app.another_server(&[("WORKER_CONCURRENCY", "2")])?;
    for job in &jobs {
        if admin.status(job).await?["status"] == "pending" {
            continue;
        }
        let done = admin.finished(job).await?;
        ensure!(done["status"] == "completed", "{done:#}");
    }
    for job in &jobs {
        if admin.status(job).await?["status"] == "pending" {
            admin.import(job).await?;
        }
    }
    workers.kill()?;
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 100);
    Ok(())
}

async fn readiness_needs_the_database(app: &mut App) -> Result<()> {
    let client = app.client();
    client.get("/health/live").await?.expect_status(200)?;
    client.get("/health/ready").await?.expect_status(200)?;
    // A schema that is not at its head is not ready either.
    app.execute(
        "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)",
    )
    .await?;
    let reply = client
        .get("/health/ready")
        .await?
        .expect_status(503)?
        .json()?;
    ensure!(
        reply["statusCode"] == 503 && reply["code"].is_string(),
        "{reply}"
    );
    client.get("/health/live").await?.expect_status(200)?;
    Ok(())
}
