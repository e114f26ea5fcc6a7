//! `kill -9` at random moments of work that a request does itself: an upload, and the rollback of an import.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use crate::harness::{App, Backend, any_package, files_below, on_both_engines};

use super::found::End;
use super::ledger::Ledger;
use super::size::{self, Chance};
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["LEASE_SECONDS" = "2", "WORKER_CONCURRENCY" = "1"]
    killed_while_uploading,
    killed_while_rolling_back,
}

async fn killed_while_uploading(app: &mut App) -> Result<()> {
    let mut chance = Chance::new();
    let admin = app.admin().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let package = any_package(&admin).await?;
    let mut span = Duration::from_millis(400);
    let (mut kills, mut late) = (0, 0);
    while kills < size::kills() {
        let admin = app.admin().await?;
        let truth = Truth::random(0, size::rows(), &mut chance);
        let file = truth.file(&package);
        let upload = admin.upload("jamaah", "besar.csv", &file);
        let reply = tokio::select! {
            reply = upload => Some(reply?),
            () = tokio::time::sleep(chance.within(span)) => None,
        };
        app.server.kill()?;
        // Leftovers of an upload are swept an hour later, so the clock is moved by an hour.
        for path in files_below(&app.uploads())? {
            let old = SystemTime::now() - Duration::from_hours(2);
            std::fs::File::open(path)?.set_modified(old)?;
        }
        app.restart()?;
        let admin = app.admin().await?;
        let round = format!("upload, round {}", kills + late);
        let jobs = jobs_of(&admin).await?;
        if let Some(reply) = reply {
            // The answer was faster than the kill, so the job is there.
            late += 1;
            span = span.mul_f64(0.6);
            let answer = reply.expect_status(200)?.json()?;
            ensure!(
                jobs.len() == 1 && answer["job_id"] == jobs[0].as_str(),
                "{round}: {answer:#}"
            );
        } else {
            kills += 1;
            span = span.mul_f64(1.1);
            ensure!(jobs.len() <= 1, "{round}: {jobs:?}");
        }
        ensure!(late <= 5 + 3 * size::kills(), "no kill comes in time");
        swept(app, jobs.len()).await.context(round.clone())?;
        // A job that exists is complete, and a file without a job can be uploaded again.
        let job = match jobs.first() {
            Some(job) => job.clone(),
            None => admin.job("jamaah", "besar.csv", &file).await?,
        };
        admin.import(&job).await?;
        ledger.expect(&job, &truth, End::Completed);
        ledger.holds(app, &admin).await.context(round)?;
        ledger.clear(app).await?;
    }
    println!("upload: {kills} kills, {late} too late");
    Ok(())
}

async fn jobs_of(admin: &crate::harness::Client) -> Result<Vec<String>> {
    let list = admin.get(crate::harness::JOBS).await?.expect_status(200)?;
    let list = list.json()?;
    let jobs = list["data"].as_array().context("no data")?;
    Ok(jobs
        .iter()
        .filter_map(|job| job["id"].as_str().or(job["job_id"].as_str()))
        .map(str::to_owned)
        .collect())
}

/// Waits until the sweep of the start has left the files of jobs alone: those of the tenant, and that of the neighbour.
async fn swept(app: &App, jobs: usize) -> Result<()> {
    let begun = std::time::Instant::now();
    loop {
        let files = files_below(&app.uploads())?;
        if files.len() == jobs + 1 {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < Duration::from_secs(20),
            "{jobs} jobs and one of the neighbour, but {files:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn killed_while_rolling_back(app: &mut App) -> Result<()> {
    let mut chance = Chance::new();
    let admin = app.admin().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let package = any_package(&admin).await?;
    let mut span = Duration::from_millis(200);
    let (mut kills, mut late) = (0, 0);
    let mut imported: Option<(String, Truth)> = None;
    while kills < size::kills() {
        let round = format!("rollback, round {}", kills + late);
        let admin = app.admin().await?;
        let (job, truth) = if let Some(left) = imported.take() {
            left
        } else {
            let truth = Truth::random(0, size::rows(), &mut chance);
            let file = truth.file(&package);
            let job = admin.job("jamaah", "besar.csv", &file).await?;
            admin.import(&job).await?;
            (job, truth)
        };
        let mut heir = (app.backend == Backend::Postgres && kills % 2 == 0)
            .then(|| app.another_server(&[]))
            .transpose()?;
        let watch = Watch::begin(app);
        let answered = tokio::select! {
            reply = admin.act(&job, "rollback") => Some(reply?),
            () = tokio::time::sleep(chance.within(span)) => None,
        };
        app.server.kill()?;
        match heir.take() {
            Some(heir) => app.server = heir,
            None => app.restart()?,
        }
        let admin = app.admin().await?;
        // All or nothing, and an answer that was given is true.
        let status = settled(app, &job).await?;
        ensure!(
            answered.is_none_or(|reply| reply.status == 200 && status == "rolled_back"),
            "{round}: {status} after the answer"
        );
        let end = match status.as_str() {
            "rolled_back" => End::RolledBack,
            _ => End::Completed,
        };
        watch.end().holds()?;
        ledger.expect(&job, &truth, end);
        ledger.holds(app, &admin).await.context(round)?;
        if end == End::Completed {
            kills += 1;
            span = span.mul_f64(1.1);
            imported = Some((job, truth));
        } else {
            late += 1;
            span = span.mul_f64(0.7);
            ledger.clear(app).await?;
        }
        ensure!(late <= 5 + 3 * size::kills(), "no kill comes in time");
    }
    if let Some((job, truth)) = imported {
        let admin = app.admin().await?;
        admin.roll_back(&job).await?;
        ledger.expect(&job, &truth, End::RolledBack);
        ledger.holds(app, &admin).await?;
    }
    println!("rollback: {kills} kills, {late} too late");
    Ok(())
}

/// The job's status once its row is not locked: PostgreSQL may still execute a statement of a dead process.
async fn settled(app: &App, job: &str) -> Result<String> {
    let mut direct = app.direct().await?;
    let id = direct.uuid(job)?;
    let lock = if app.backend == Backend::Postgres {
        "FOR UPDATE"
    } else {
        ""
    };
    let sql = format!("SELECT status FROM migration_jobs WHERE id = {id} {lock}");
    let row = direct.rows(&sql).await?.into_iter().next();
    Ok(row.context("the job is missing")?.remove(0))
}
