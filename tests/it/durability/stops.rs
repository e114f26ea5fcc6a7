//! SIGTERM in the middle of an import, and readiness.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::harness::{App, Backend, on_both_engines};

use super::found::End;
use super::ledger::Ledger;
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["HIJRAH_FAULTS" = "1", "WORKER_CONCURRENCY" = "1"]
    a_stopped_server_hands_its_job_over,
    readiness_needs_the_database,
}

async fn a_stopped_server_hands_its_job_over(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    // Four batches with a second's rest after each: it is not over when the two seconds are in which load balancers turn away.
    let truth = Truth::new(0, 20_000, vec![0, 7_000]);
    let file = truth.file(&package);
    let job = admin.job("jamaah", "slow-1.csv", &file).await?;
    admin.validate(&job).await?;
    let watch = Watch::begin(app);
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| {
            status["status"] != "importing" || status["imported_rows"] != 0
        })
        .await?;
    // On PostgreSQL the other process is there already; a file of SQLite has one at a time.
    let mut other = (app.backend == Backend::Postgres)
        .then(|| app.another_server(&[]))
        .transpose()?;
    let stopped = Instant::now();
    app.server.signal("TERM")?;
    let stopping = app.client();
    let mut turned_away = false;
    while let Ok(reply) = stopping.get("/health/ready").await {
        let body = reply.json()?;
        if reply.status == 503 {
            ensure!(
                body["statusCode"] == 503 && body["details"]["checks"]["draining"] == true,
                "{body}"
            );
            turned_away = true;
            break;
        }
        ensure!(
            stopped.elapsed() < Duration::from_secs(5),
            "still ready: {body}"
        );
    }
    ensure!(
        turned_away,
        "it ended without answering that it is not ready"
    );
    let left = Duration::from_secs(30).saturating_sub(stopped.elapsed());
    let ended = app.server.terminate(left)?;
    ensure!(ended.success(), "{ended}: {}", app.server.output());
    let gone = Instant::now();
    let mut direct = app.direct().await?;
    let id = direct.uuid(&job)?;
    if other.is_none() {
        let free =
            format!("SELECT count(*) FROM migration_jobs WHERE id = {id} AND lease_owner IS NULL");
        ensure!(
            direct.number(&free).await? == 1,
            "the lease was not given back"
        );
        let whole = format!(
            "SELECT count(*) FROM jamaah WHERE migration_job_id = {id} AND 1 = (SELECT 1 FROM migration_jobs \
             WHERE id = {id} AND processed_rows < total_rows)"
        );
        ensure!(
            direct.number(&whole).await? > 0,
            "nothing was committed, or everything was"
        );
        other = Some(app.another_server(&[])?);
    }
    // The lease was released rather than left to expire: the next claim comes within five seconds of the end.
    let taken = format!("SELECT attempt FROM migration_jobs WHERE id = {id}");
    while direct.number(&taken).await? < 2 {
        ensure!(
            gone.elapsed() < Duration::from_secs(5),
            "no process continues the job"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.server = other.context("there is another one")?;
    let admin = admin.at(&app.server.base);
    let done = admin.finished(&job).await?;
    ensure!(done["status"] == "completed", "{done:#}");
    let story = watch.end();
    story.holds()?;
    ensure!(
        story
            .of(&job)
            .iter()
            .any(|seen| !seen.leased && seen.status == "importing"),
        "the lease was not given back: {story:?}"
    );
    ledger.expect(&job, &truth, End::Completed);
    ledger.holds(app, &admin).await
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
