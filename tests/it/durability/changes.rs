//! Imports that change records: killed with `kill -9`, and two of them at once. Each record is changed once, its earlier state is
//! kept, and a rollback restores it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use serde_json::Value;

use super::size::Chance;
use crate::harness::{App, Client, any_package, jamaah_file_from, on_both_engines};

on_both_engines! {
    ["LEASE_SECONDS" = "2", "WORKER_CONCURRENCY" = "2"]
    killed_while_changing_records,
    killed_while_restoring_records,
    two_files_change_the_same_records,
    two_files_with_the_same_new_people_create_each_once,
}

/// More than two batches.
const ROWS: usize = 11_000;
/// New people in a file that changes the others.
const NEW: usize = 500;
/// Kills that may come too early or too late before one comes in time.
const ROUNDS: usize = 12;

async fn job(client: &Client, file: &str) -> Result<String> {
    let choice = [("on_duplicate", "update")];
    let reply = client.upload_with("jamaah", &choice, "data.csv", file.as_bytes());
    reply.await?.job()
}

/// A file of people who live in this street.
fn people(rows: usize, street: &str, package: &str) -> Result<String> {
    let file = String::from_utf8(jamaah_file_from(0, rows, &[], package))?;
    Ok(file.replace("Jl. Melati", street))
}

async fn count(app: &App, condition: &str) -> Result<i64> {
    app.number(&format!("SELECT count(*) FROM jamaah WHERE {condition}"))
        .await
}

/// Imports the people, then starts the import of a file that changes all of them and contains new ones, without waiting for its end.
async fn begin(admin: &Client) -> Result<String> {
    let package = any_package(admin).await?;
    let first = admin
        .job(
            "jamaah",
            "data.csv",
            people(ROWS, "Jl. Lama", &package)?.as_bytes(),
        )
        .await?;
    admin.import(&first).await?;
    let changing = job(admin, &people(ROWS + NEW, "Jl. Baru", &package)?).await?;
    admin.validate(&changing).await?;
    Ok(changing)
}

fn is_done(status: &Value) -> Result<()> {
    ensure!(
        status["status"] == "completed"
            && status["updated_rows"] == ROWS
            && status["created_rows"] == NEW
            && status["skipped_rows"] == 0
            && status["failed_rows"] == 0,
        "{status:#}"
    );
    Ok(())
}

/// Every record was changed once, and its earlier state is kept once.
async fn is_changed(app: &App) -> Result<()> {
    ensure!(count(app, "alamat LIKE 'Jl. Baru%' AND version = 2").await? == i64::try_from(ROWS)?);
    ensure!(count(app, "alamat LIKE 'Jl. Baru%' AND version = 1").await? == i64::try_from(NEW)?);
    ensure!(count(app, "1 = 1").await? == i64::try_from(ROWS + NEW)?);
    let images =
        "SELECT count(*) FROM migration_updates WHERE before LIKE '%Jl. Lama%' AND version = 2";
    ensure!(app.number(images).await? == i64::try_from(ROWS)?);
    Ok(())
}

async fn is_as_before(app: &App) -> Result<()> {
    ensure!(
        count(
            app,
            "alamat LIKE 'Jl. Lama%' AND version = 1 AND updated_at = created_at"
        )
        .await?
            == i64::try_from(ROWS)?
    );
    ensure!(count(app, "1 = 1").await? == i64::try_from(ROWS)?);
    ensure!(app.number("SELECT count(*) FROM migration_updates").await? == 0);
    Ok(())
}

async fn killed_while_changing_records(app: &mut App) -> Result<()> {
    let mut chance = Chance::new();
    let admin = app.admin().await?;
    let mut changing = begin(&admin).await?;
    for round in 0.. {
        ensure!(round < ROUNDS, "no kill comes in time");
        admin
            .at(&app.server.base)
            .act(&changing, "start")
            .await?
            .expect_status(200)?;
        // After the first batch, so that there is a checkpoint to continue from.
        let processed = "SELECT coalesce(max(processed_rows), 0) FROM migration_jobs WHERE on_duplicate = 'update' AND status = 'importing'";
        let ended = "SELECT count(*) FROM migration_jobs WHERE on_duplicate = 'update' AND status = 'completed'";
        while app.number(processed).await? == 0 && app.number(ended).await? == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(chance.within(Duration::from_millis(60))).await;
        app.server.kill()?;
        let in_time = app.number(ended).await? == 0;
        app.restart()?;
        let admin = admin.at(&app.server.base);
        is_done(&admin.finished(&changing).await?)?;
        is_changed(app).await?;
        let answer = admin.roll_back(&changing).await?;
        ensure!(
            answer["restored_rows"] == ROWS && answer["removed_rows"] == NEW,
            "{answer:#}"
        );
        is_as_before(app).await?;
        if in_time {
            return Ok(());
        }
        let package = any_package(&admin).await?;
        changing = job(&admin, &people(ROWS + NEW, "Jl. Baru", &package)?).await?;
        admin.validate(&changing).await?;
    }
    Ok(())
}

async fn killed_while_restoring_records(app: &mut App) -> Result<()> {
    let mut chance = Chance::new();
    let admin = app.admin().await?;
    let changing = begin(&admin).await?;
    is_done(&admin.import(&changing).await?)?;
    let request = {
        let (admin, changing) = (admin.clone(), changing.clone());
        tokio::spawn(async move { admin.act(&changing, "rollback").await.is_ok() })
    };
    tokio::time::sleep(chance.within(Duration::from_millis(400))).await;
    app.server.kill()?;
    request.await?;
    app.restart()?;
    let admin = admin.at(&app.server.base);
    if admin.status(&changing).await?["status"] == "completed" {
        // All or nothing, and the request can be repeated.
        is_changed(app).await?;
        admin.roll_back(&changing).await?;
    }
    is_as_before(app).await
}

async fn two_files_change_the_same_records(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let first = admin
        .job(
            "jamaah",
            "data.csv",
            people(ROWS, "Jl. Lama", &package)?.as_bytes(),
        )
        .await?;
    admin.import(&first).await?;
    let there = people(ROWS, "Jl. Maju", &package)?;
    let back = reversed(&people(ROWS, "Jl. Mundur", &package)?);
    let jobs = [job(&admin, &there).await?, job(&admin, &back).await?];
    for job in &jobs {
        admin.validate(job).await?;
    }
    for reply in join_all(jobs.iter().map(|job| admin.act(job, "start"))).await {
        reply?.expect_status(200)?;
    }
    for job in &jobs {
        let done = admin.finished(job).await?;
        ensure!(
            done["status"] == "completed"
                && done["updated_rows"] == ROWS
                && done["failed_rows"] == 0,
            "{done:#}"
        );
    }
    ensure!(
        count(app, "version = 3").await? == i64::try_from(ROWS)?,
        "a change was lost"
    );
    // Each import read records that the other one changed.
    let images = "SELECT count(*) FROM migration_updates WHERE";
    let first = app
        .number(&format!(
            "{images} version = 2 AND before LIKE '%Jl. Lama%'"
        ))
        .await?;
    let second = app
        .number(&format!(
            "{images} version = 3 AND before NOT LIKE '%Jl. Lama%'"
        ))
        .await?;
    ensure!(
        first == i64::try_from(ROWS)? && second == first,
        "{first} and {second}"
    );
    Ok(())
}

async fn two_files_with_the_same_new_people_create_each_once(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let there = people(ROWS, "Jl. Maju", &package)?;
    let back = reversed(&people(ROWS, "Jl. Mundur", &package)?);
    let jobs = [job(&admin, &there).await?, job(&admin, &back).await?];
    for job in &jobs {
        admin.validate(job).await?;
    }
    for reply in join_all(jobs.iter().map(|job| admin.act(job, "start"))).await {
        reply?.expect_status(200)?;
    }
    let (mut created, mut updated) = (0, 0);
    for job in &jobs {
        let done = admin.finished(job).await?;
        ensure!(
            done["status"] == "completed" && done["failed_rows"] == 0,
            "{done:#}"
        );
        created += done["created_rows"].as_u64().context("created_rows")?;
        updated += done["updated_rows"].as_u64().context("updated_rows")?;
    }
    ensure!(
        created == ROWS as u64 && updated == ROWS as u64,
        "{created} and {updated}"
    );
    ensure!(count(app, "version = 2").await? == i64::try_from(ROWS)?);
    Ok(())
}

/// The same rows, the last one first.
fn reversed(file: &str) -> String {
    let mut lines = file.lines();
    let header = lines.next().unwrap_or_default();
    let rows: Vec<&str> = lines.rev().collect();
    format!("{header}\n{}\n", rows.join("\n"))
}
