//! Many requests at once: fifty starts of one job, fifty imports of one tenant, two files with the same people.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;

use crate::harness::{App, Backend, Client, JOBS, Server, on_both_engines};

use super::found::End;
use super::ledger::Ledger;
use super::size;
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["WORKER_CONCURRENCY" = "2"]
    parallel_starts_are_one_run,
    two_files_with_the_same_people_share_them,
}

on_both_engines! {
    ["WORKER_CONCURRENCY" = "0"]
    never_more_imports_of_a_tenant_than_the_limit,
}

async fn parallel_starts_are_one_run(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let second = (app.backend == Backend::Postgres)
        .then(|| app.another_server(&[]))
        .transpose()?;
    let servers: Vec<&Server> = [Some(&app.server), second.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    for validated_before in [false, true] {
        let truth = Truth::new(0, 500, vec![3]);
        let job = admin
            .job("jamaah", "data.csv", &truth.file(&package))
            .await?;
        if validated_before {
            admin.validate(&job).await?;
        }
        let claims_before = claims(&servers, &job, "importing");
        let path = format!("{JOBS}/{job}/start");
        let watch = Watch::begin(app);
        let callers: Vec<Client> = (0..50)
            .map(|caller| admin.at(&servers[caller % servers.len()].base))
            .collect();
        let starts = callers.iter().map(|caller| caller.post(&path));
        let mut accepted = 0;
        for reply in join_all(starts).await {
            let reply = reply?;
            match reply.status {
                200 => accepted += 1,
                400 => ensure!(
                    reply.json()?["code"] == "invalid_state",
                    "{}",
                    reply.text()?
                ),
                _ => bail!("{}", reply.text()?),
            }
        }
        ensure!(accepted >= 1, "no start was accepted");
        let done = admin.finished(&job).await?;
        ensure!(done["status"] == "completed", "{done:#}");
        let story = watch.end();
        story.holds()?;
        let attempts = story.of(&job).last().map_or(0, |last| last.attempt);
        ensure!(attempts == 1, "{attempts} claims");
        // The validation that precedes it is part of the same claim.
        let claimed = claims(&servers, &job, "importing") - claims_before;
        ensure!(
            claimed == usize::from(validated_before),
            "{claimed} imports"
        );
        ledger.expect(&job, &truth, End::Completed);
        ledger.holds(app, &admin).await?;
        ledger.clear(app).await?;
    }
    Ok(())
}

/// How often the servers have claimed a job in a status.
fn claims(servers: &[&Server], job: &str, status: &str) -> usize {
    let said = ["claimed a job", job, &format!("job.status={status}")];
    servers
        .iter()
        .map(|server| {
            let output = server.output();
            let lines = output.lines();
            lines
                .filter(|line| said.iter().all(|words| line.contains(words)))
                .count()
        })
        .sum()
}

async fn never_more_imports_of_a_tenant_than_the_limit(app: &mut App) -> Result<()> {
    const JOBS_AT_ONCE: usize = 50;
    const LIMIT: usize = 10;
    let mut workers = app.another_server(&[("WORKER_CONCURRENCY", "2")])?;
    let (admin, package) = app.admin_with_package().await?;
    let at_workers = admin.at(&workers.base);
    let mut ledger = open_at(app, &workers).await?;
    let mut jobs = Vec::new();
    for number in 0..JOBS_AT_ONCE {
        let truth = Truth::new(number * 40, 40, vec![number % 40]);
        let job = admin
            .job("jamaah", "data.csv", &truth.file(&package))
            .await?;
        at_workers.validate(&job).await?;
        ledger.expect(&job, &truth, End::Completed);
        jobs.push(job);
    }
    workers.kill()?;

    // Without workers nothing ends, so exactly ten of the fifty get a slot.
    let watch = Watch::begin(app);
    let mut waiting = start_all(&admin, jobs).await?;
    ensure!(
        waiting.len() == JOBS_AT_ONCE - LIMIT,
        "{} wait",
        waiting.len()
    );
    // With workers the ten end and free their slots; the other forty are started again until none is left.
    let workers = app.another_server(&[("WORKER_CONCURRENCY", "2")])?;
    let begun = Instant::now();
    while !waiting.is_empty() {
        ensure!(
            begun.elapsed() < Duration::from_mins(1),
            "{} still wait",
            waiting.len()
        );
        waiting = start_all(&admin, waiting).await?;
    }
    let running = "SELECT count(*) FROM migration_jobs WHERE status = 'importing'";
    while app.number(running).await? > 0 {
        ensure!(
            begun.elapsed() < Duration::from_mins(1),
            "imports do not end"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let story = watch.end();
    story.holds()?;
    let most = story.most_importing();
    ensure!(most == LIMIT, "{most} imports of one tenant at once");
    ledger.holds(app, &admin.at(&workers.base)).await
}

/// A ledger whose second tenant is imported by the process that has workers.
async fn open_at(app: &mut App, workers: &Server) -> Result<Ledger> {
    let own = std::mem::replace(&mut app.server.base, workers.base.clone());
    let admin = app.admin().await?;
    let ledger = Ledger::open(app, &admin).await;
    app.server.base = own;
    ledger
}

/// Starts all of them at once, and those that got 429 again later.
async fn start_all(admin: &Client, jobs: Vec<String>) -> Result<Vec<String>> {
    let starts = jobs.iter().map(|job| admin.act(job, "start"));
    let mut waiting = Vec::new();
    for (job, reply) in jobs.iter().zip(join_all(starts).await) {
        let reply = reply?;
        match reply.status {
            200 => {}
            429 => {
                let body = reply.json()?;
                ensure!(body["code"] == "too_many_imports", "{body}");
                let pause: u64 = reply.header("retry-after").parse().context("Retry-After")?;
                ensure!(pause > 0, "no pause");
                waiting.push(job.clone());
            }
            _ => bail!("{}: {}", reply.status, reply.text()?),
        }
    }
    Ok(waiting)
}

/// People that two files share. Each may cause two errors in the file that comes second, and the first 2 000 errors of a job are always
/// kept: the test reads from the errors which rows were refused.
const SHARED_PEOPLE: usize = 1_000;

async fn two_files_with_the_same_people_share_them(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    for _ in 0..size::number("DURABILITY_TWINS", 1) {
        let there = Truth::new(0, SHARED_PEOPLE, vec![]);
        let back = there.clone().reversed();
        let mut jobs = Vec::new();
        for truth in [&there, &back] {
            let job = admin
                .job("jamaah", "sama.csv", &truth.file(&package))
                .await?;
            ensure!(admin.validate(&job).await?["valid_rows"] == truth.rows);
            jobs.push(job);
        }
        let watch = Watch::begin(app);
        for reply in join_all(jobs.iter().map(|job| admin.act(job, "start"))).await {
            reply?.expect_status(200)?;
        }
        let mut shares = Vec::new();
        for (job, mut truth) in jobs.iter().zip([there, back]) {
            let done = admin.finished(job).await?;
            ensure!(
                done["status"] == "completed" && done["error_message"].is_null(),
                "{done:#}"
            );
            // The row that comes second is reported as a duplicate of one key or of both.
            for cells in admin.errors(job).await? {
                let row: u64 = cells[0].parse()?;
                ensure!(
                    cells[1] == "duplicate" && ["ktp", "email"].contains(&cells[2].as_str()),
                    "{cells:?}"
                );
                truth.people.remove(&row);
                let fault = (row, cells[2].clone(), cells[1].clone());
                ensure!(truth.faults.insert(fault), "said twice: {cells:?}");
            }
            shares.push(truth.people.len());
            ledger.expect(job, &truth, End::Completed);
        }
        watch.end().holds()?;
        ensure!(
            shares.iter().sum::<usize>() == SHARED_PEOPLE,
            "{shares:?} of {SHARED_PEOPLE}"
        );
        println!("the two files share the people {shares:?}");
        ledger.holds(app, &admin).await?;
        ensure!(
            !app.server.output().contains("ERROR"),
            "{}",
            app.server.output()
        );
        ledger.clear(app).await?;
    }
    Ok(())
}
