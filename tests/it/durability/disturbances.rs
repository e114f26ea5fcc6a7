//! A database that answers and refuses: it has no space or no memory, is read-only during a fail-over, or a statement of one job
//! fails every time. No job fails because of a disturbance that passes, and a job that failed half-way can be continued.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::harness::{App, Backend, JOBS, on_both_engines, on_postgres};

use super::found::End;
use super::ledger::Ledger;
use super::truth::Truth;
use super::watch::Watch;

on_both_engines! {
    ["MAX_CONCURRENT_IMPORTS" = "1"]
    an_import_that_failed_half_way_goes_on_where_it_stopped,
}

on_postgres! {
    ["MAX_CONCURRENT_IMPORTS" = "100"]
    faults_of_the_system_are_outlasted_and_answered_with_503,
    faults_of_the_system_are_outlasted_by_validations_and_refused_rollbacks_are_503,
    a_fail_over_to_a_read_only_server_and_back_is_outlasted,
}

/// No space, no memory, too many connections, configured limits; input and output, lost files; read only, starting, shutting
/// down, cancelled; a lock, a connection, an outcome that is not known, a transaction that lost too often, deadlocks, corruption.
const FAULTS: [&str; 19] = [
    "53100", "53200", "53300", "53400", "58030", "58P01", "25006", "57P01", "57P02", "57P03",
    "57014", "55P03", "08006", "40003", "40001", "40P01", "XX000", "XX001", "25P04",
];
/// More attempts than a job that never succeeds gets.
const ENOUGH_ATTEMPTS: i64 = 6;

/// Waits until each job has been tried more often than a job that always fails.
async fn every_job_is_tried_again(app: &App) -> Result<()> {
    let begun = Instant::now();
    let tried = format!("SELECT count(*) FROM migration_jobs WHERE attempt >= {ENOUGH_ATTEMPTS}");
    while app.number(&tried).await? < i64::try_from(FAULTS.len())? {
        ensure!(begun.elapsed() < Duration::from_mins(2), "not tried again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn faults_of_the_system_are_outlasted_and_answered_with_503(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    app.execute(
        "CREATE TABLE refusal (job uuid, code text); \
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE fault text; BEGIN \
         SELECT code INTO fault FROM refusal WHERE job IS NOT DISTINCT FROM NEW.migration_job_id; \
         IF fault IS NOT NULL THEN RAISE EXCEPTION 'a fault of the system' USING ERRCODE = fault; END IF; \
         RETURN NEW; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON jamaah FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .await?;
    let mut jobs = Vec::new();
    for (number, code) in FAULTS.into_iter().enumerate() {
        let truth = Truth::new(1_000 * number, 20, vec![3]);
        let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
        app.execute(&format!("INSERT INTO refusal VALUES ('{job}', '{code}')"))
            .await?;
        admin.act(&job, "start").await?.expect_status(200)?;
        ledger.expect(&job, &truth, End::Completed);
        jobs.push((code, job));
    }
    // Meanwhile requests that store something get 503 with a retry, and not 500.
    for (number, code) in FAULTS.into_iter().enumerate() {
        app.execute(&format!(
            "DELETE FROM refusal WHERE job IS NULL; INSERT INTO refusal VALUES (NULL, '{code}')"
        ))
        .await?;
        let record = json!({
            "nama": "Siti", "email": format!("siti{number}@contoh.id"), "paket_id": package,
        });
        let reply = admin.post_json("/api/v1/jamaah", &record).await?;
        reply.expect_error(503, "Service Unavailable", "unavailable")?;
    }
    // Each is tried more often than a failing job, and is still being tried.
    every_job_is_tried_again(app).await?;
    for (code, job) in &jobs {
        let status = admin.status(job).await?;
        ensure!(status["status"] == "importing", "{code}: {status:#}");
    }
    app.execute("DELETE FROM refusal").await?;
    for (code, job) in &jobs {
        let done = admin.finished(job).await?;
        ensure!(done["status"] == "completed", "{code}: {done:#}");
    }
    ledger.holds(app, &admin).await
}

async fn faults_of_the_system_are_outlasted_by_validations_and_refused_rollbacks_are_503(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    app.execute(
        "CREATE TABLE refusal (job uuid, code text); \
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE fault text; \
         touched record; BEGIN \
         IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF; \
         SELECT code INTO fault FROM refusal WHERE job = touched.migration_job_id; \
         IF fault IS NOT NULL THEN RAISE EXCEPTION 'a fault of the system' USING ERRCODE = fault; END IF; \
         RETURN touched; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON migration_errors FOR EACH ROW EXECUTE FUNCTION refuse(); \
         CREATE TRIGGER refuse BEFORE DELETE ON jamaah FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .await?;
    let mut jobs = Vec::new();
    for (number, code) in FAULTS.into_iter().enumerate() {
        let truth = Truth::new(1_000 * number, 20, vec![3]);
        let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
        app.execute(&format!("INSERT INTO refusal VALUES ('{job}', '{code}')"))
            .await?;
        admin.act(&job, "validate").await?.expect_status(200)?;
        jobs.push((code, job, truth));
    }
    every_job_is_tried_again(app).await?;
    for (code, job, _) in &jobs {
        let status = admin.status(job).await?;
        ensure!(status["status"] == "validating", "{code}: {status:#}");
    }
    app.execute("DELETE FROM refusal").await?;
    for (code, job, _) in &jobs {
        let done = admin
            .wait(job, |status| status["status"] != "validating")
            .await?;
        ensure!(
            done["status"] == "pending" && !done["validated_at"].is_null(),
            "{code}: {done:#}"
        );
        let done = admin.import(job).await?;
        ensure!(done["status"] == "completed", "{code}: {done:#}");
    }
    // A rollback is a request: it is refused as a whole, and works when it is repeated.
    for (code, job, truth) in &jobs {
        app.execute(&format!("INSERT INTO refusal VALUES ('{job}', '{code}')"))
            .await?;
        let refused = admin.act(job, "rollback").await?;
        refused.expect_error(503, "Service Unavailable", "unavailable")?;
        let status = admin.status(job).await?;
        ensure!(status["status"] == "completed", "{code}: {status:#}");
        app.execute("DELETE FROM refusal").await?;
        let reply = admin.roll_back(job).await?;
        ensure!(reply["removed_rows"] == truth.people.len(), "{code}");
        ledger.expect(job, truth, End::RolledBack);
    }
    ledger.holds(app, &admin).await
}

async fn a_fail_over_to_a_read_only_server_and_back_is_outlasted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let truth = Truth::new(0, 20_000, vec![3, 12_000]);
    let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
    let watch = Watch::begin(app);
    admin.act(&job, "start").await?.expect_status(200)?;
    admin
        .wait(&job, |status| status["imported_rows"] != 0)
        .await?;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name LIKE 'hijrah%' AND datname = current_database()";
    let switch = |setting: &str| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {setting}', \
             current_database()); END $$; {others}"
        )
    };
    app.execute(&switch("on")).await?;
    let begun = Instant::now();
    let mut refused = 0;
    while begun.elapsed() < Duration::from_secs(4) {
        let listed = admin.get(JOBS).await?.status;
        ensure!([200, 503].contains(&listed), "{listed}: reading is refused");
        let record = json!({"nama": "Siti", "email": "siti@contoh.id", "paket_id": package});
        let reply = admin.post_json("/api/v1/jamaah", &record).await?;
        reply.expect_error(503, "Service Unavailable", "unavailable")?;
        refused += 1;
    }
    ensure!(refused > 0, "nothing was refused");
    // New connections are read-only by default as well.
    let mut direct = app.direct().await?;
    direct
        .execute("SET default_transaction_read_only = off")
        .await?;
    direct.execute(&switch("off")).await?;
    // Sessions that were ended a moment ago may still be listed.
    let back = Instant::now();
    while admin.get(JOBS).await?.status != 200 {
        ensure!(back.elapsed() < Duration::from_secs(30), "still refused");
    }
    let done = admin.finished(&job).await?;
    ensure!(done["status"] == "completed", "{done:#}");
    watch.end().holds()?;
    ledger.expect(&job, &truth, End::Completed);
    ledger.holds(app, &admin).await
}

/// In the second batch of a file.
const REFUSED_ROW: u64 = 6_000;

async fn an_import_that_failed_half_way_goes_on_where_it_stopped(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let truth = Truth::new(0, 7_000, vec![3, 6_500]);
    let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
    app.execute(&match app.backend {
        Backend::Postgres => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'refused'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON jamaah FOR EACH ROW \
             WHEN (NEW.import_row_number = {REFUSED_ROW}) EXECUTE FUNCTION refuse()"
        ),
        Backend::Sqlite => format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON jamaah WHEN NEW.import_row_number = {REFUSED_ROW} \
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ),
    })
    .await?;
    let watch = Watch::begin(app);
    let begun = Instant::now();
    let failed = admin.import(&job).await?;
    ensure!(
        failed["status"] == "failed" && failed["imported_rows"] == 4_999,
        "{failed:#}"
    );
    ensure!(
        begun.elapsed() > Duration::from_secs(20),
        "given up within {:?}: a short disturbance would have cost the job",
        begun.elapsed()
    );
    ensure!(!failed["rollback_deadline"].is_null(), "{failed:#}");
    // It can still be rolled back; a validation would report its own rows as duplicates.
    admin.act(&job, "validate").await?.expect_status(400)?;
    app.execute(match app.backend {
        Backend::Postgres => "DROP TRIGGER refuse ON jamaah",
        Backend::Sqlite => "DROP TRIGGER refuse",
    })
    .await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    let done = admin.finished(&job).await?;
    ensure!(
        done["status"] == "completed" && done["error_message"].is_null(),
        "{done:#}"
    );
    ensure!(done["started_at"] == failed["started_at"], "{done:#}");
    let story = watch.end();
    story.holds()?;
    let restarted = story.of(&job).iter().filter(|seen| seen.imported > 0);
    ensure!(
        restarted.map(|seen| seen.imported).min() == Some(4_999),
        "the rows of the first batch were imported again: {story:?}"
    );
    ledger.expect(&job, &truth, End::Completed);
    ledger.holds(app, &admin).await?;
    // Both halves belong to the job and are removed together.
    let reply = admin.roll_back(&job).await?;
    ensure!(reply["removed_rows"] == truth.people.len());
    ledger.expect(&job, &truth, End::RolledBack);
    ledger.holds(app, &admin).await?;
    admin.remove(&format!("{JOBS}/{job}")).await?;
    Ok(())
}
