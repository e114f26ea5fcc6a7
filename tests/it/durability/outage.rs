//! The database fails: for a while random sessions of the servers are ended, then the database server crashes and restarts, all
//! during two imports. Requests are answered with 503 meanwhile, and the imports end by themselves.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::harness::{App, Client, Cluster, Direct, longest_test};

use super::found::End;
use super::ledger::Ledger;
use super::pressure::{Pressure, SMALL, small_file};
use super::size::{self, Chance};
use super::truth::Truth;
use super::watch::Watch;

/// How long the database is down after its crash.
const AWAY: Duration = Duration::from_secs(3);
/// Two files at a time, and the next one as one ends: enough for the whole storm.
const FILES_IN_TEN_SECONDS: u64 = 4;

#[test]
fn imports_survive_a_storm_and_a_crash_of_the_database() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("builds a runtime");
    let outage = async { tokio::time::timeout(longest_test(), outage()).await };
    runtime
        .block_on(outage)
        .expect("ends in time")
        .expect("survives");
}

async fn outage() -> Result<()> {
    let mut chance = Chance::new();
    let mut cluster = Cluster::make("outage", &[])?;
    cluster.start()?;
    let extra = [
        ("LEASE_SECONDS", "3"),
        ("WORKER_CONCURRENCY", "1"),
        // At the end all remaining ones are started at once.
        ("MAX_CONCURRENT_IMPORTS", "100"),
    ];
    let app = App::start_on_cluster(&cluster, &extra).await?;
    let other = app.another_server(&[])?;
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(&app, &admin).await?;
    let files = 2 + size::storm().as_secs() * FILES_IN_TEN_SECONDS / 10;
    let mut jobs = Vec::new();
    for number in 0..usize::try_from(files)? {
        let truth = Truth::random(number * 2 * size::rows(), 2 * size::rows(), &mut chance);
        let job = admin
            .job("jamaah", "besar.csv", &truth.file(&package))
            .await?;
        admin.validate(&job).await?;
        ledger.expect(&job, &truth, End::Completed);
        jobs.push(job);
    }
    let small = small_file(&package);
    let watch = Watch::begin(&app);
    let pressure = Pressure::begin(&[&admin, &admin.at(&other.base)], &jobs[0], &small);
    let mut waiting = jobs.clone();

    let ended = storm(&app, &admin, &mut waiting, &mut chance).await?;
    cluster.stop_immediately()?;
    let crashed = Instant::now();
    pressure.note("down");
    for client in [&admin, &admin.at(&other.base)] {
        let reply = client.get("/health/ready").await?.expect_status(503)?;
        ensure!(reply.json()?["details"]["checks"]["database"] == false);
    }
    tokio::time::sleep(AWAY).await;
    pressure.note("up");
    cluster.start()?;
    let back = Instant::now();
    for client in [&admin, &admin.at(&other.base)] {
        while client.get("/health/ready").await?.status != 200 {
            ensure!(
                back.elapsed() < Duration::from_secs(30),
                "is not ready again"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let ready = back.elapsed();
    // Those that had been started are left alone; the rest begins now.
    for job in &waiting {
        admin.act(job, "start").await?.expect_status(200)?;
    }
    for job in &jobs {
        let done = admin.finished(job).await?;
        ensure!(done["status"] == "completed", "{done:#}");
    }
    let answers = pressure.end().await?;
    println!(
        "storm of {:?}: {ended} sessions ended; away {:?}, ready again after {ready:?}; {} imports of {} rows; \
         answers {answers}",
        size::storm(),
        back.duration_since(crashed),
        jobs.len(),
        2 * size::rows(),
    );
    let story = watch.end();
    story.holds()?;
    // What was uploaded meanwhile is there with its file, whether or not the answer came through.
    for job in answers.uploaded {
        expect_small(&mut ledger, &job);
    }
    for job in small_jobs(&app).await? {
        expect_small(&mut ledger, &job);
    }
    ledger.holds(&app, &admin).await?;
    app.close().await
}

fn expect_small(ledger: &mut Ledger, job: &str) {
    ledger.expect(job, &Truth::new(0, SMALL, vec![]), End::Uploaded);
}

async fn small_jobs(app: &App) -> Result<Vec<String>> {
    let mut direct = app.direct().await?;
    let sql = "SELECT CAST(id AS TEXT) FROM migration_jobs WHERE file_name = 'kecil.csv'";
    Ok(direct.rows(sql).await?.concat())
}

/// Ends random sessions and keeps two imports running, for as long as there are any; how many sessions it ended. One file is kept
/// to the end, so that the crash finds an import however fast the machine is.
async fn storm(
    app: &App,
    admin: &Client,
    waiting: &mut Vec<String>,
    chance: &mut Chance,
) -> Result<i64> {
    let mut direct = app.direct().await?;
    let begun = Instant::now();
    let mut ended = 0;
    while begun.elapsed() < size::storm() {
        let running = running(&mut direct).await?;
        if running < 2 && waiting.len() > 1 {
            start_next(admin, waiting).await?;
        } else if running == 0 {
            break;
        }
        ended += direct
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
                 WHERE application_name LIKE 'hijrah%' AND datname = current_database() \
                 ORDER BY random() LIMIT 1) AS one",
            )
            .await?;
        tokio::time::sleep(chance.within(Duration::from_millis(200))).await;
    }
    ensure!(ended > 0, "no session was ended");
    while running(&mut direct).await? == 0 {
        ensure!(!waiting.is_empty(), "the storm found no import");
        start_next(admin, waiting).await?;
    }
    Ok(ended)
}

/// Starts the next file, unless the database is down at the moment.
async fn start_next(admin: &Client, waiting: &mut Vec<String>) -> Result<()> {
    let reply = admin.act(&waiting[0], "start").await?;
    // A repeated start after a lost answer is reported as under way.
    let body: Value = reply.json()?;
    if reply.status == 200 || body["code"] == "invalid_state" {
        waiting.remove(0);
    } else {
        reply.expect_status(503)?;
    }
    Ok(())
}

async fn running(direct: &mut Direct) -> Result<i64> {
    let sql = "SELECT count(*) FROM migration_jobs WHERE status IN ('validating', 'importing')";
    direct.number(sql).await.context("past the server")
}
