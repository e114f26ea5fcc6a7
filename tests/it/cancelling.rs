//! Stopping running jobs and discarding others: nothing that was stored is lost, and no job stays for ever.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::harness::{App, JOBS, jamaah_file, on_both_engines};

on_both_engines! {
    a_draft_is_discarded_and_deleted,
    a_job_without_a_valid_row_is_discarded_and_deleted,
    only_those_who_may_import_can_cancel,
}

on_both_engines! {
    ["WORKER_CONCURRENCY" = "0"]
    a_validation_that_is_stopped_can_begin_again,
}

on_both_engines! {
    ["HIJRAH_FAULTS" = "1"]
    an_import_stops_after_the_batch_in_work,
}

async fn a_draft_is_discarded_and_deleted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(3, &[1], &package).await?;
    admin
        .delete(&format!("{JOBS}/{job}"))
        .await?
        .expect_status(400)?;
    for _ in 0..2 {
        let answer = admin.act(&job, "cancel").await?.expect_status(200)?;
        let answer = answer.json()?;
        ensure!(
            answer["message"] == "Penghentian diminta" && answer["job_id"] == job.as_str(),
            "{answer}"
        );
    }
    let status = admin.status(&job).await?;
    let doer = &status["cancelled_by"];
    ensure!(
        status["status"] == "failed" && status["cancelled_at"].is_string(),
        "{status:#}"
    );
    ensure!(
        doer["username"] == "admin" && doer["id"].is_string(),
        "{doer}"
    );
    let name = doer["nama_lengkap"].as_str().unwrap_or_default();
    ensure!(status["error_message"] == format!("Dibuang oleh {name}"));
    // The file can still be imported; its job then no longer counts as discarded.
    let done = admin.import(&job).await?;
    ensure!(
        done["imported_rows"] == 2 && done["cancelled_at"].is_null(),
        "{done:#}"
    );
    let job = admin
        .job("jamaah", "b.csv", &jamaah_file(3, &[1], &package))
        .await?;
    admin.act(&job, "cancel").await?.expect_status(200)?;
    admin.remove(&format!("{JOBS}/{job}")).await?;
    admin
        .get(&format!("{JOBS}/{job}/status"))
        .await?
        .expect_status(404)?;
    Ok(())
}

async fn a_job_without_a_valid_row_is_discarded_and_deleted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(2, &[0, 1], &package).await?;
    ensure!(admin.validate(&job).await?["can_proceed"] == false);
    admin.act(&job, "start").await?.expect_status(400)?;
    admin.act(&job, "cancel").await?.expect_status(200)?;
    ensure!(admin.errors(&job).await?.len() == 2, "what was found stays");
    admin.remove(&format!("{JOBS}/{job}")).await?;
    for table in ["migration_errors", "migration_rows", "migration_jobs"] {
        let left = app.number(&format!("SELECT count(*) FROM {table}")).await?;
        ensure!(left == 0, "{left} rows of {table} are left");
    }
    Ok(())
}

async fn only_those_who_may_import_can_cancel(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(2, &[], &package).await?;
    let agent = app.user("agen", "agent").await?;
    agent.act(&job, "cancel").await?.expect_status(403)?;
    let other_tenant = app.other_tenant().await?;
    other_tenant.act(&job, "cancel").await?.expect_status(404)?;
    ensure!(admin.status(&job).await?["status"] == "pending");
    admin.import(&job).await?;
    admin.act(&job, "cancel").await?.expect_error(
        400,
        "Tidak dapat memproses import untuk status: completed",
        "invalid_state",
    )?;
    Ok(())
}

async fn a_validation_that_is_stopped_can_begin_again(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(3, &[1], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    admin.act(&job, "cancel").await?.expect_status(200)?;
    let status = admin.status(&job).await?;
    ensure!(
        status["status"] == "pending" && status["validated_at"].is_null(),
        "{status:#}"
    );
    let _workers = app.another_server(&[("WORKER_CONCURRENCY", "1")])?;
    let validated = admin.validate(&job).await?;
    ensure!(
        validated["status"] == "pending" && validated["valid_rows"] == 2,
        "the requested import is forgotten: {validated:#}"
    );
    Ok(())
}

async fn an_import_stops_after_the_batch_in_work(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let rows = 12_000;
    let file = jamaah_file(rows, &[3], &package);
    let job = admin.job("jamaah", "slow-a.csv", &file).await?;
    admin.validate(&job).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| status["processed_rows"].as_u64() > Some(0))
        .await?;
    admin.act(&job, "cancel").await?.expect_status(200)?;
    let stopped = admin.finished(&job).await?;
    let imported = stopped["imported_rows"].as_u64().unwrap_or_default();
    ensure!(
        stopped["status"] == "failed" && imported > 0 && imported < rows as u64 - 1,
        "{stopped:#}"
    );
    let message = stopped["error_message"].as_str().unwrap_or_default();
    ensure!(message.starts_with("Dihentikan oleh "), "{stopped:#}");
    ensure!(stopped["can_proceed"] == Value::Bool(true));
    let stored = app.number("SELECT count(*) FROM jamaah").await?;
    ensure!(
        stored == i64::try_from(imported)?,
        "{stored} and {imported}"
    );
    admin.roll_back(&job).await?;
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 0);
    Ok(())
}
