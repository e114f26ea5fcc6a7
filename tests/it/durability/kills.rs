//! `kill -9` at random moments of a validation, of an import and of its last batch. The process is started again, or on PostgreSQL
//! a second one takes over; in both cases the job ends without help.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::harness::{
    App, Backend, Client, Direct, Events, Server, jamaah_file_from, on_both_engines,
};

use super::found::End;
use super::ledger::Ledger;
use super::size::{self, Chance};
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["LEASE_SECONDS" = "2", "WORKER_CONCURRENCY" = "1"]
    killed_while_validating,
    killed_while_importing,
    killed_in_the_last_batch,
}

async fn killed_while_validating(app: &mut App) -> Result<()> {
    kill_during(app, Phase::Validation).await
}

async fn killed_while_importing(app: &mut App) -> Result<()> {
    kill_during(app, Phase::Import).await
}

async fn killed_in_the_last_batch(app: &mut App) -> Result<()> {
    kill_during(app, Phase::LastBatch).await
}

/// Rows of a batch.
const BATCH: u64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Validation,
    Import,
    LastBatch,
}

async fn kill_during(app: &mut App, phase: Phase) -> Result<()> {
    let mut chance = Chance::new();
    let admin = app.admin().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let mut span = match phase {
        Phase::Validation => Duration::from_millis(150),
        Phase::Import => Duration::from_millis(400),
        Phase::LastBatch => Duration::from_millis(80),
    };
    let (mut kills, mut late) = (0, 0);
    while kills < size::kills() {
        // A kill after the end of the phase does not count, and the next one comes earlier.
        let begun = Instant::now();
        let hit = round(app, &mut ledger, phase, kills % 2 == 0, span, &mut chance)
            .await
            .with_context(|| format!("{phase:?}, round {}", kills + late))?;
        if hit {
            kills += 1;
            span = span.mul_f64(1.1);
        } else {
            late += 1;
            span = span.mul_f64(0.6);
        }
        println!(
            "{phase:?}: {kills} kills, {late} too late, {:?}",
            begun.elapsed()
        );
        ensure!(late <= 5 + 3 * size::kills(), "no kill comes in time");
    }
    Ok(())
}

/// One job whose worker is killed in a phase; whether the kill came within it.
async fn round(
    app: &mut App,
    ledger: &mut Ledger,
    phase: Phase,
    with_heir: bool,
    span: Duration,
    chance: &mut Chance,
) -> Result<bool> {
    let (admin, package) = app.admin_with_package().await?;
    let mut heir = if with_heir && app.backend == Backend::Postgres {
        Some(app.another_server(&[])?)
    } else {
        None
    };
    let truth = Truth::random(0, size::rows(), chance);
    let file = truth.file(&package);
    let job = admin.job("jamaah", "besar.csv", &file).await?;
    if phase != Phase::Validation {
        admin.validate(&job).await?;
    }
    let watch = Watch::begin(app);
    let mut direct = app.direct().await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    if let Some(heir) = &mut heir
        && owner_is(heir, &app.server, &job, phase).await?
    {
        std::mem::swap(heir, &mut app.server);
    }
    // A client of the surviving process gets the end once.
    let mut events = match &heir {
        Some(heir) => Some(Events::connect(&admin.at(&heir.base)).await?),
        None => None,
    };
    if phase == Phase::LastBatch {
        let first_of_last = (truth.rows as u64 - 1) / BATCH * BATCH;
        until(&mut direct, &job, |processed| processed >= first_of_last).await?;
    }
    tokio::time::sleep(chance.within(span)).await;
    app.server.kill()?;
    let hit = {
        let status = at(&mut direct, &job).await?.0;
        match phase {
            Phase::Validation => status == "validating",
            Phase::Import | Phase::LastBatch => status == "importing",
        }
    };
    match heir {
        Some(heir) => app.server = heir,
        None => app.restart()?,
    }
    let admin = admin.at(&app.server.base);
    let done = admin.finished(&job).await?;
    ensure!(done["status"] == "completed", "{done:#}");
    if let Some(events) = &mut events {
        let end = ended_once(events, &admin, &job, &package);
        let end = tokio::time::timeout(Duration::from_secs(30), end).await;
        end.context("the end was not sent")??;
    }
    let story = watch.end();
    story.holds()?;
    ledger.expect(&job, &truth, End::Completed);
    ledger.holds(app, &admin).await?;
    // The claim that was killed, and the one after it.
    let attempts = story.of(&job).last().map_or(0, |last| last.attempt);
    ensure!(attempts <= 2, "{attempts} claims of one job");
    ledger.clear(app).await?;
    Ok(hit)
}

/// Reads events until another file is validated: until then there was one `completed`, and progress did not decrease.
async fn ended_once(events: &mut Events, admin: &Client, job: &str, package: &str) -> Result<()> {
    let mut story = events.until("migration:completed").await?;
    let file = jamaah_file_from(8_000_000, 1, &[], package);
    let sentinel = admin.job("jamaah", "akhir.csv", &file).await?;
    admin.validate(&sentinel).await?;
    story.extend(events.until("migration:validated").await?);
    let of_job = |name: &'static str| {
        story
            .iter()
            .filter(move |(event, data)| event == name && data["job_id"] == job)
            .map(|(_, data)| data)
    };
    let completed = of_job("migration:completed").count();
    ensure!(completed == 1, "{completed} times completed: {story:#?}");
    let progress: Vec<u64> = of_job("migration:progress")
        .filter_map(|data| data["processed"].as_u64())
        .collect();
    ensure!(progress.is_sorted(), "progress fell: {progress:?}");
    Ok(())
}

/// Whether it is the first of two servers that has claimed the job.
async fn owner_is(one: &Server, other: &Server, job: &str, phase: Phase) -> Result<bool> {
    let status = match phase {
        Phase::Validation => "job.status=validating",
        Phase::Import | Phase::LastBatch => "job.status=importing",
    };
    let has_claimed = |server: &Server| {
        let said = ["claimed a job", status, job];
        let output = server.output();
        output
            .lines()
            .any(|line| said.iter().all(|words| line.contains(words)))
    };
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if has_claimed(one) {
            return Ok(true);
        }
        if has_claimed(other) {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!(
        "the job is not claimed:\n{}\n{}",
        one.output(),
        other.output()
    )
}

/// Status and processed rows, read directly from the database.
async fn at(direct: &mut Direct, job: &str) -> Result<(String, u64)> {
    let id = direct.uuid(job)?;
    let sql =
        format!("SELECT status, CAST(processed_rows AS TEXT) FROM migration_jobs WHERE id = {id}");
    let row = direct.rows(&sql).await?.into_iter().next();
    let [status, processed] = row
        .context("the job is missing")?
        .try_into()
        .expect("has two columns");
    Ok((status, processed.parse()?))
}

/// Waits until the import has processed this many rows or has ended.
async fn until(direct: &mut Direct, job: &str, reached: impl Fn(u64) -> bool) -> Result<()> {
    let begun = Instant::now();
    loop {
        let (status, processed) = at(direct, job).await?;
        if status != "importing" || reached(processed) {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < Duration::from_mins(1),
            "stays at {processed}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
