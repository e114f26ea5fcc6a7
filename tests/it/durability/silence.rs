//! Connections that break without either end noticing. Requests are still answered in time, jobs continue over new connections, and
//! events of other processes arrive.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::harness::{App, Client, Events, JOBS, Proxy, on_postgres};

use super::found::End;
use super::ledger::Ledger;
use super::truth::Truth;
use super::watch::Watch;

on_postgres! {
    ["WORKER_CONCURRENCY" = "0", "LEASE_SECONDS" = "3"]
    connections_that_fall_silent_hold_neither_jobs_nor_requests,
    a_database_from_which_nothing_comes_is_reported_and_found_again,
    events_of_other_processes_come_though_the_listening_connection_is_silent,
}

/// The longest that a request may take.
const LONGEST: Duration = Duration::from_secs(20);
/// A job whose batch waits for a silent connection is put off and continued by another process.
const RECOVERY: Duration = Duration::from_secs(150);

async fn connections_that_fall_silent_hold_neither_jobs_nor_requests(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let (proxy, through) = Proxy::before_database(&app.database_url())?;
    let mut worker =
        app.another_server(&[("DATABASE_URL", &through), ("WORKER_CONCURRENCY", "2")])?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let near = admin.at(&worker.base);
    let mut jobs = Vec::new();
    for number in 0..2 {
        let truth = Truth::new(number * 30_000, 30_000, vec![3, 17_000]);
        let job = near.job("jamaah", "a.csv", &truth.file(&package)).await?;
        ledger.expect(&job, &truth, End::Completed);
        jobs.push(job);
    }
    let watch = Watch::begin(app);
    // One falls silent in the middle of its validation, the other one in that of its import.
    near.act(&jobs[1], "start").await?.expect_status(200)?;
    near.wait(&jobs[1], |status| status["imported_rows"] != 0)
        .await?;
    near.act(&jobs[0], "start").await?.expect_status(200)?;
    near.wait(&jobs[0], |status| status["processed_rows"] != 0)
        .await?;
    proxy.silence_open_ones();
    let silent = Instant::now();
    let mut longest = Duration::ZERO;
    let mut refused = 0;
    loop {
        for path in [JOBS, "/api/v1/jamaah?limit=5", "/health/ready"] {
            let (status, took) = timed(&near, path).await?;
            ensure!(took < LONGEST, "{path} took {took:?}");
            ensure!([200, 503].contains(&status), "{path}: {status}");
            longest = longest.max(took);
            refused += usize::from(status == 503);
        }
        let mut over = 0;
        for job in &jobs {
            let status = admin.status(job).await?;
            ensure!(status["status"] != "failed", "{status:#}");
            over += usize::from(status["status"] == "completed");
        }
        if over == jobs.len() {
            break;
        }
        ensure!(silent.elapsed() < RECOVERY, "jobs are held");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!(
        "both jobs completed {:?} after the silence; {refused} answers were 503, the longest took {longest:?}",
        silent.elapsed()
    );
    watch.end().holds()?;
    ledger.holds(app, &admin).await?;
    worker.kill()
}

async fn a_database_from_which_nothing_comes_is_reported_and_found_again(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let (proxy, through) = Proxy::before_database(&app.database_url())?;
    let mut server = app.another_server(&[("DATABASE_URL", &through)])?;
    let near = admin.at(&server.base);
    near.get(JOBS).await?.expect_status(200)?;
    proxy.silence();
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(8) {
        let asked = futures_util::future::join_all(
            (0..40).map(|number| timed(&near, PATHS[number % PATHS.len()])),
        );
        for answer in asked.await {
            let (status, took) = answer?;
            ensure!(status == 503 && took < LONGEST, "{status} after {took:?}");
            longest = longest.max(took);
        }
    }
    proxy.end_silence();
    let back = Instant::now();
    while timed(&near, "/health/ready").await?.0 != 200 {
        ensure!(back.elapsed() < LONGEST, "is not ready again");
    }
    let ready = back.elapsed();
    let (status, _) = timed(&near, JOBS).await?;
    ensure!(status == 200, "{status}");
    println!("the longest answer took {longest:?}; ready {ready:?} after the database");
    server.kill()
}

const PATHS: [&str; 4] = [
    JOBS,
    "/api/v1/jamaah?limit=5",
    "/api/v1/packages",
    "/health/ready",
];

/// The status of an answer, whose body has to be the documented one, and how long it took.
async fn timed(client: &Client, path: &str) -> Result<(u16, Duration)> {
    let begun = Instant::now();
    let reply = client.get(path).await?;
    if reply.status >= 400 {
        let body: Value = reply.json()?;
        ensure!(
            body["statusCode"] == reply.status && body["code"].is_string(),
            "{body}"
        );
    }
    Ok((reply.status, begun.elapsed()))
}

async fn events_of_other_processes_come_though_the_listening_connection_is_silent(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let (proxy, through) = Proxy::before_database(&app.database_url())?;
    let mut far = app.another_server(&[("DATABASE_URL", &through)])?;
    let mut worker = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    let truth = Truth::new(0, 12_000, vec![3]);
    let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
    let mut events = Events::connect(&admin.at(&far.base)).await?;
    proxy.silence_open_ones();
    admin.act(&job, "start").await?.expect_status(200)?;
    let begun = Instant::now();
    let done = tokio::spawn({
        let (admin, job) = (admin.clone(), job.clone());
        async move {
            admin.finished(&job).await?;
            Ok::<_, anyhow::Error>(begun.elapsed())
        }
    });
    let story = events.until("migration:completed").await?;
    let received = begun.elapsed();
    println!(
        "received the end {received:?} after the start, stored after {:?}",
        done.await??
    );
    let names: Vec<&str> = story.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["migration:validated", "migration:progress"] {
        ensure!(names.contains(&name), "no {name} in {names:?}");
    }
    let progress: Vec<u64> = story
        .iter()
        .filter(|(name, _)| name == "migration:progress")
        .filter_map(|(_, data)| data["processed"].as_u64())
        .collect();
    ensure!(
        progress.is_sorted() && progress.last() == Some(&12_000),
        "{progress:?}"
    );
    far.kill()?;
    worker.kill()
}
