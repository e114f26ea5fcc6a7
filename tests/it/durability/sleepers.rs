//! The process that owns a job is stopped for three lease times and continues after another process has done its work: it writes nothing.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::harness::{App, Backend, Events, Wire, on_both_engines, on_postgres};

use super::found::End;
use super::ledger::Ledger;
use super::size::{self, Chance};
use super::truth::Truth;
use super::watch::Watch;

const LEASE: Duration = Duration::from_secs(2);

on_both_engines! {
    ["LEASE_SECONDS" = "2", "WORKER_CONCURRENCY" = "1"]
    an_owner_that_slept_writes_nothing_when_it_wakes,
}

on_postgres! {
    ["LEASE_SECONDS" = "2", "WORKER_CONCURRENCY" = "1"]
    the_clients_of_a_process_that_slept_get_each_end_once,
}

/// How long a process that wakes may look back for ends without a notice.
const LOOKING_BACK: Duration = Duration::from_secs(12);

async fn the_clients_of_a_process_that_slept_get_each_end_once(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    for round in 0..size::number("DURABILITY_SLEEPS", 1) {
        let first = usize::try_from(round)? * 2 * size::rows();
        let truth = Truth::new(first, 2 * size::rows(), vec![3]);
        let job = admin
            .job("jamaah", "besar.csv", &truth.file(&package))
            .await?;
        let mut listeners = [
            Events::connect(&admin).await?,
            Events::connect_over(Wire::SocketIo, &admin).await?,
        ];
        admin.act(&job, "start").await?.expect_status(200)?;
        admin
            .wait(&job, |status| status["imported_rows"] != 0)
            .await?;
        put_to_sleep(app).await?;
        let asleep = Instant::now();
        let mut heir = app.another_server(&[])?;
        let at_heir = admin.at(&heir.base);
        let done = at_heir.finished(&job).await?;
        ensure!(done["status"] == "completed", "{done:#}");
        tokio::time::sleep((3 * LEASE).saturating_sub(asleep.elapsed())).await;
        app.server.signal("CONT")?;
        for events in &mut listeners {
            let mut story = events.until("migration:completed").await?;
            let awake = Instant::now();
            while let Ok(event) =
                tokio::time::timeout(LOOKING_BACK.saturating_sub(awake.elapsed()), events.next())
                    .await
            {
                story.push(event?);
            }
            let times = |wanted: &str| story.iter().filter(|(name, _)| name == wanted).count();
            ensure!(times("migration:completed") == 1, "{story:#?}");
            ensure!(times("migration:validated") == 1, "{story:#?}");
            let progress: Vec<_> = story
                .iter()
                .filter(|(name, _)| name == "migration:progress")
                .map(|(_, data)| data["processed"].as_u64())
                .collect();
            ensure!(progress.is_sorted(), "{progress:?}");
        }
        heir.kill()?;
    }
    Ok(())
}

async fn an_owner_that_slept_writes_nothing_when_it_wakes(app: &mut App) -> Result<()> {
    let mut chance = Chance::new();
    let (admin, package) = app.admin_with_package().await?;
    // Each time the process that took over becomes the owner.
    let mut ledger = Ledger::open(app, &admin).await?;
    for _ in 0..size::number("DURABILITY_SLEEPS", 1) {
        let truth = Truth::random(0, 2 * size::rows(), &mut chance);
        let admin = app.admin().await?;
        let job = admin
            .job("jamaah", "besar.csv", &truth.file(&package))
            .await?;
        admin.validate(&job).await?;
        let watch = Watch::begin(app);
        admin.act(&job, "start").await?.expect_status(200)?;
        admin
            .wait(&job, |status| {
                status["status"] != "importing" || status["imported_rows"] != 0
            })
            .await?;
        tokio::time::sleep(chance.within(Duration::from_millis(100))).await;
        put_to_sleep(app).await?;
        let asleep = Instant::now();
        let heir = app.another_server(&[])?;
        let at_heir = admin.at(&heir.base);
        let done = at_heir.finished(&job).await?;
        ensure!(done["status"] == "completed", "{done:#}");
        // The whole of the three lease times.
        tokio::time::sleep((3 * LEASE).saturating_sub(asleep.elapsed())).await;
        let said = app.server.output().len();
        app.server.signal("CONT")?;
        // It ends in order, so it has written whatever it was going to write.
        let begun = Instant::now();
        while !has_noticed(&app.server.output()[said..]) {
            ensure!(
                begun.elapsed() < Duration::from_secs(20),
                "{}",
                app.server.output()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // On a connection of its own: the old one may have been closed for having slept.
        let awake = app.client().with_token(admin.token());
        ensure!(
            awake.status(&job).await? == done,
            "the job changed after its end"
        );
        let ended = app.server.terminate(Duration::from_secs(30))?;
        ensure!(ended.success(), "{ended}");
        app.server = heir;
        ensure!(
            at_heir.status(&job).await? == done,
            "the job changed after its end"
        );
        let story = watch.end();
        story.holds()?;
        ensure!(
            story.of(&job).last().is_some_and(|last| last.attempt == 2),
            "{story:?}"
        );
        ledger.expect(&job, &truth, End::Completed);
        ledger.holds(app, &at_heir).await?;
        ledger.clear(app).await?;
    }
    Ok(())
}

/// What a worker logs when it finds that another process has its lease, or that its session was ended meanwhile.
fn has_noticed(output: &str) -> bool {
    [
        "lost the lease",
        "could not prolong the lease in time",
        "the queue is out of reach",
    ]
    .iter()
    .any(|said| output.contains(said))
}

/// Stops the server. On SQLite at a moment when it does not hold the one lock of the file: no other process could take the lock from
/// a stopped one, so none would take over, and there would be nothing to test.
async fn put_to_sleep(app: &App) -> Result<()> {
    for _ in 0..200 {
        app.server.signal("STOP")?;
        if app.backend == Backend::Postgres {
            return Ok(());
        }
        let mut direct = app.direct().await?;
        let free = direct
            .execute("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK")
            .await;
        if free.is_ok() {
            return Ok(());
        }
        app.server.signal("CONT")?;
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    bail!("the server holds the lock of the file all the time")
}
