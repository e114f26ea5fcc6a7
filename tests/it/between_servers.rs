//! What servers on one database have to agree on: the request budget of a user, and where uploads are stored.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::harness::{App, JOBS, any_package, jamaah_file_from, on_both_engines, on_postgres};

on_postgres! {
    ["RATE_LIMIT_PER_MINUTE" = "100"]
    a_user_has_one_budget_on_all_servers,
}

on_both_engines! {
    a_server_with_other_uploads_is_not_ready_and_imports_nothing,
}

async fn a_user_has_one_budget_on_all_servers(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let other = app.another_server(&[])?;
    let servers = [admin.clone(), admin.at(&other.base)];
    let begun = Instant::now();
    let mut served = 0;
    let mut refused = 0;
    let mut remaining = Vec::new();
    // However the requests are distributed: in turns, then in blocks.
    for round in 0..260 {
        let client = &servers[if round < 80 {
            round % 2
        } else {
            round / 20 % 2
        }];
        let reply = client.get(JOBS).await?;
        ensure!(
            reply.header("x-ratelimit-limit") == "100",
            "{:?}",
            reply.headers
        );
        let left: u64 = reply.header("x-ratelimit-remaining").parse()?;
        match reply.status {
            200 => {
                served += 1;
                remaining.push(left);
            }
            429 => {
                refused += 1;
                ensure!(left == 0 && !reply.header("retry-after").is_empty());
            }
            status => anyhow::bail!("{status}"),
        }
    }
    // What the budget regained in the meantime may be spent as well.
    let back = begun.elapsed().as_millis() as usize / 600 + 1;
    ensure!(served >= 100.min(260 - refused), "{served} served");
    ensure!(
        served <= 105 + back,
        "{served} served in {:?}",
        begun.elapsed()
    );
    ensure!(remaining.first() >= Some(&94), "{remaining:?}");
    Ok(())
}

async fn a_server_with_other_uploads_is_not_ready_and_imports_nothing(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.client()
        .get("/health/ready")
        .await?
        .expect_status(200)?;
    let elsewhere = app.directory().join("tempat-lain");
    let elsewhere = format!("file://{}", elsewhere.display());
    let other = app.another_server(&[("STORAGE_URL", &elsewhere)])?;
    let there = admin.at(&other.base);
    let reply = there.get("/health/ready").await?.expect_status(503)?;
    let checks = reply.json()?["details"]["checks"].clone();
    ensure!(
        checks["storage"] == false && checks["database"] == true,
        "{checks}"
    );
    ensure!(other.output().contains("does not belong to the database"));

    let package = any_package(&admin).await?;
    for round in 0..6 {
        let people = jamaah_file_from(round * 10, 2, &[], &package);
        let job = admin.job("jamaah", "a.csv", &people).await?;
        let end = admin.import(&job).await?;
        ensure!(end["status"] == "completed", "{end:#}");
    }
    app.client()
        .get("/health/ready")
        .await?
        .expect_status(200)?;

    // The remedy that the log names works: it creates the missing folder.
    let log = other.output();
    let path = log
        .split("missing=")
        .nth(1)
        .and_then(|rest| rest.split([' ', '\n']).next())
        .context("the log names the folder")?
        .to_owned();
    std::fs::create_dir_all(&path)?;
    let begun = Instant::now();
    while there.get("/health/ready").await?.status != 200 {
        ensure!(
            begun.elapsed() < Duration::from_secs(20),
            "not ready after the remedy"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
