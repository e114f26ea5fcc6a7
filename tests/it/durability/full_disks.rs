//! A disk that is full for a while: that of the uploads, and on SQLite also that of the database. The server answers that it is not
//! available, confirms no row that is missing afterwards, and continues by itself when there is space again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Backend, Client, JOBS, Reply, any_package, on_both_engines, prove};

use super::found::End;
use super::ledger::Ledger;
use super::size::{Chance, number};
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! { a_disk_that_cannot_be_written_is_outlasted }

#[test]
fn a_row_that_was_promised_while_the_disk_was_full_is_there_after_a_crash() {
    prove(Backend::Sqlite, &[], |app| Box::pin(promised(app)));
}

/// A limit at which no file of the server can grow by a page.
const NO_ROOM: u64 = 4_096;
/// No request waits longer; on an idle machine none waits half as long.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

async fn a_disk_that_cannot_be_written_is_outlasted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let truth = Truth::new(0, 20_000, vec![3, 12_000]);
    let file = truth.file(&package);
    let job = admin.job("jamaah", "a.csv", &file).await?;
    let watch = Watch::begin(app);
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| status["imported_rows"] != 0)
        .await?;
    app.server.limit_files(&NO_ROOM.to_string())?;
    let begun = Instant::now();
    let mut refused = 0;
    while begun.elapsed() < Duration::from_secs(4) {
        let listed = soon(admin.get(JOBS)).await?.status;
        ensure!([200, 503].contains(&listed), "{listed}: reading is refused");
        let upload = soon(admin.upload("jamaah", "b.csv", &file)).await?;
        upload.expect_error(503, "Service Unavailable", "unavailable")?;
        // PostgreSQL has a disk of its own.
        if app.backend == Backend::Sqlite {
            let reply = soon(admin.post_json("/api/v1/jamaah", &person(refused, &package))).await?;
            reply.expect_error(503, "Service Unavailable", "unavailable")?;
        }
        refused += 1;
    }
    ensure!(refused > 0, "nothing was refused");
    app.server.limit_files("unlimited")?;
    let done = admin.finished(&job).await?;
    ensure!(done["status"] == "completed", "{done:#}");
    watch.end().holds()?;
    ledger.expect(&job, &truth, End::Completed);
    ledger.holds(app, &admin).await
}

/// The files of the database may grow a little and then no more, while several clients store rows; then there is space again, or the
/// server is killed.
async fn promised(app: &mut App) -> Result<()> {
    let rounds = number("DURABILITY_FULL_DISKS", 6);
    let package = any_package(&app.admin().await?).await?;
    let mut chance = Chance::new();
    let (mut promised, mut refused) = (Vec::new(), 0);
    for round in 0..rounds {
        let admin = app.admin().await?;
        let log = app.directory().join("hijrah.db-wal");
        let size = log.metadata().map_or(0, |file| file.len());
        // At first nothing fits; then some rows do, until the file is full.
        let limit = if round % 3 == 0 {
            NO_ROOM
        } else {
            size + chance.below(300_000)
        };
        app.server.limit_files(&limit.to_string())?;
        let mut clients = Vec::new();
        for client in 0..4 {
            let (admin, package) = (admin.clone(), package.clone());
            clients.push(tokio::spawn(async move {
                store(&admin, &package, round * 1_000 + client * 100).await
            }));
        }
        for client in clients {
            let (stored, failed) = client.await??;
            promised.extend(stored);
            refused += failed;
        }
        if round % 2 == 0 {
            app.restart()?;
        } else {
            app.server.limit_files("unlimited")?;
        }
        let mut direct = app.direct().await?;
        for email in &promised {
            let found = format!("SELECT count(*) FROM jamaah WHERE email = '{email}'");
            ensure!(direct.number(&found).await? == 1, "{email} is not there");
        }
        // With space the next row is stored at once.
        let admin = app.admin().await?;
        let reply = admin
            .post_json("/api/v1/jamaah", &person(round * 1_000 + 999, &package))
            .await?;
        promised.push(created(&reply)?.context("there is room again")?);
    }
    ensure!(refused > 0, "the disk was never full");
    Ok(())
}

/// Stores twenty people one after the other. Returns the addresses of those who were answered with 201, and how many were not.
async fn store(admin: &Client, package: &str, first: u64) -> Result<(Vec<String>, u64)> {
    let (mut stored, mut failed) = (Vec::new(), 0);
    for number in first..first + 20 {
        let reply = soon(admin.post_json("/api/v1/jamaah", &person(number, package))).await?;
        if let Some(email) = created(&reply)? {
            stored.push(email);
        } else {
            reply.expect_error(503, "Service Unavailable", "unavailable")?;
            failed += 1;
        }
    }
    Ok((stored, failed))
}

/// The address of the person that an answer says was stored.
fn created(reply: &Reply) -> Result<Option<String>> {
    match reply.status {
        201 => Ok(reply.json()?["email"].as_str().map(str::to_owned)),
        503 => Ok(None),
        other => bail!("{other}: {}", String::from_utf8_lossy(&reply.body)),
    }
}

fn person(number: u64, package: &str) -> Value {
    json!({
        "nama": "Siti", "email": format!("siti{number}@contoh.id"), "paket_id": package,
        "alamat": "Jl. Melati ".repeat(20),
    })
}

async fn soon(request: impl Future<Output = Result<Reply>>) -> Result<Reply> {
    tokio::time::timeout(LONGEST_REQUEST, request)
        .await
        .context("a request hung")?
}
