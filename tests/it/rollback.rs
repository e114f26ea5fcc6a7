//! Rollback of an import: exactly its rows, and none that users have changed since.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::harness::{App, jamaah_file_from, on_both_engines};

on_both_engines! {
    removes_exactly_the_rows_of_the_job,
    refuses_when_rows_were_changed_or_are_referred_to,
    a_deleted_job_leaves_its_rows,
}

async fn removes_exactly_the_rows_of_the_job(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let first = admin
        .job("jamaah", "a.csv", &jamaah_file_from(0, 30, &[2], &package))
        .await?;
    let second = admin
        .job("jamaah", "b.csv", &jamaah_file_from(100, 20, &[], &package))
        .await?;
    admin.import(&first).await?;
    admin.import(&second).await?;
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 49);

    let answer = admin.roll_back(&first).await?;
    ensure!(answer["removed_rows"] == 29, "{answer:#}");
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 20);
    let status = admin.status(&first).await?;
    ensure!(
        status["status"] == "rolled_back" && status["status_display"] == "Dibatalkan",
        "{status:#}"
    );
    ensure!(status["rollback_at"].is_string(), "{status:#}");

    // The same rows can be imported again.
    let again = admin
        .job("jamaah", "a.csv", &jamaah_file_from(0, 30, &[], &package))
        .await?;
    ensure!(admin.import(&again).await?["imported_rows"] == 30);
    Ok(())
}

async fn refuses_when_rows_were_changed_or_are_referred_to(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(10, &[], &package).await?;
    admin.import(&job).await?;
    let jamaah = admin.items("jamaah").await?;
    let id = |index: usize| jamaah[index]["id"].as_str().context("id");
    let change = json!({"catatan": "kursi roda"});
    admin
        .change(&format!("/api/v1/jamaah/{}", id(3)?), &change)
        .await?;
    let payment = json!({"jamaah_id": id(5)?, "jumlah": 1_000_000, "tanggal_bayar": "2025-01-05", "metode_pembayaran": "cash"});
    admin.create("/api/v1/payments", &payment).await?;

    let answer = admin
        .act(&job, "rollback")
        .await?
        .expect_status(409)?
        .json()?;
    ensure!(
        answer["code"] == "rollback_conflict" && answer["error"] == "Conflict",
        "{answer:#}"
    );
    ensure!(
        answer["details"]["changed"] == 1 && answer["details"]["referenced"] == 1,
        "{answer:#}"
    );
    ensure!(
        answer["details"]["examples"]
            .as_array()
            .is_some_and(|rows| rows.len() == 2),
        "{answer:#}"
    );
    ensure!(
        app.number("SELECT count(*) FROM jamaah").await? == 10,
        "a refused rollback removed something"
    );
    ensure!(admin.status(&job).await?["status"] == "completed");

    let answer = admin
        .act(&job, "rollback?keep_changed=true")
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        answer["removed_rows"] == 8
            && answer["kept_rows"]
                .as_array()
                .is_some_and(|rows| rows.len() == 2),
        "{answer:#}"
    );
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 2);
    ensure!(app.number("SELECT count(*) FROM payments").await? == 1);
    Ok(())
}

async fn a_deleted_job_leaves_its_rows(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(10, &[1], &package).await?;
    admin.import(&job).await?;
    ensure!(app.stored_files()? == 1);
    admin
        .remove(&format!("{}/{job}", crate::harness::JOBS))
        .await?;
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 9);
    ensure!(
        app.number("SELECT count(*) FROM jamaah WHERE migration_job_id IS NOT NULL")
            .await?
            == 0
    );
    ensure!(app.number("SELECT count(*) FROM migration_errors").await? == 0);
    ensure!(app.stored_files()? == 0);
    Ok(())
}
