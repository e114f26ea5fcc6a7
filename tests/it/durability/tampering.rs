//! The checker is checked itself: it distinguishes a tampered database from a sound one, and reports what was changed.

use anyhow::{Result, ensure};

use crate::harness::{App, Backend, files_below, on_both_engines};

use super::found::End;
use super::ledger::Ledger;
use super::truth::Truth;

on_both_engines! { the_checker_reports_what_was_tampered_with }

/// A change made directly in the database, the statements that undo it, and what the checker must report.
const TAMPERED: [(&str, &str, &str); 8] = [
    (
        "CREATE TABLE kept AS SELECT * FROM jamaah WHERE import_row_number = 2 AND migration_job_id = (JOB); \
         DELETE FROM jamaah WHERE import_row_number = 2 AND migration_job_id = (JOB)",
        "INSERT INTO jamaah SELECT * FROM kept; DROP TABLE kept",
        "row 2 is missing",
    ),
    (
        "UPDATE jamaah SET migration_job_id = NULL WHERE import_row_number = 3 AND migration_job_id = (JOB)",
        "UPDATE jamaah SET migration_job_id = (JOB) WHERE migration_job_id IS NULL",
        "rows of jamaah without a known job: 1",
    ),
    (
        "UPDATE jamaah SET import_row_number = 5 WHERE import_row_number = 4 AND migration_job_id = (JOB)",
        "UPDATE jamaah SET import_row_number = 4 WHERE import_row_number = 5 AND migration_job_id = (JOB)",
        "row 5 must not be there",
    ),
    (
        "UPDATE jamaah SET nama = nama || ' Lain' WHERE import_row_number = 6 AND migration_job_id = (JOB)",
        "UPDATE jamaah SET nama = substr(nama, 1, length(nama) - 5) WHERE import_row_number = 6 AND migration_job_id = (JOB)",
        "row 6 is Person",
    ),
    (
        "UPDATE migration_jobs SET lease_owner = 'x' WHERE id = (JOB)",
        "UPDATE migration_jobs SET lease_owner = NULL WHERE id = (JOB)",
        "jobs at rest with a lease: 1",
    ),
    (
        "UPDATE migration_jobs SET imported_rows = imported_rows + 1 WHERE id = (JOB)",
        "UPDATE migration_jobs SET imported_rows = imported_rows - 1 WHERE id = (JOB)",
        "counts 39 rows and has 38",
    ),
    (
        "UPDATE migration_errors SET row_number = 7 WHERE row_number = 5 AND migration_job_id = (JOB)",
        "UPDATE migration_errors SET row_number = 5 WHERE row_number = 7 AND migration_job_id = (JOB)",
        "(5, \"email\", \"invalid_format\") is missing",
    ),
    (
        "UPDATE jamaah SET version = 2 WHERE import_row_number = 2 AND migration_job_id <> (JOB)",
        "UPDATE jamaah SET version = 1 WHERE version = 2",
        "the rows of another tenant have changed",
    ),
];

async fn the_checker_reports_what_was_tampered_with(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut ledger = Ledger::open(app, &admin).await?;
    let truth = Truth::new(0, 40, vec![3, 9]);
    let job = admin.job("jamaah", "a.csv", &truth.file(&package)).await?;
    ledger.expect(&job, &truth, End::Validated);
    let wrong = ledger.check(app, &admin).await?;
    ensure!(
        mentions(&wrong, "processed_rows is 0 instead of 40"),
        "{wrong:#?}"
    );
    admin.validate(&job).await?;
    ledger.holds(app, &admin).await?;
    ledger.expect(&job, &truth, End::Completed);
    let wrong = ledger.check(app, &admin).await?;
    ensure!(
        mentions(&wrong, "pending instead of completed"),
        "{wrong:#?}"
    );
    admin.import(&job).await?;
    ledger.holds(app, &admin).await?;

    let id = app.direct().await?.uuid(&job)?;
    for (tamper, repair, said) in TAMPERED {
        app.execute(&tamper.replace("(JOB)", &id)).await?;
        let wrong = ledger.check(app, &admin).await?;
        ensure!(mentions(&wrong, said), "{tamper}: {wrong:#?}");
        app.execute(&repair.replace("(JOB)", &id)).await?;
        ledger.holds(app, &admin).await?;
    }

    // The database itself refuses a second copy of a row; the checker does not rely on that.
    let unguard = match app.backend {
        Backend::Sqlite => {
            "PRAGMA foreign_keys = OFF; CREATE TABLE bare AS SELECT * FROM jamaah; \
             DROP TABLE jamaah; ALTER TABLE bare RENAME TO jamaah"
        }
        Backend::Postgres => {
            "ALTER TABLE jamaah DROP CONSTRAINT pk_jamaah CASCADE; \
             DROP INDEX uq_jamaah_ktp; DROP INDEX uq_jamaah_email; \
             ALTER TABLE jamaah DROP CONSTRAINT IF EXISTS uq_jamaah_import_row; \
             DROP INDEX IF EXISTS uq_jamaah_import_row"
        }
    };
    app.execute(&format!(
        "{unguard}; INSERT INTO jamaah SELECT * FROM jamaah \
         WHERE import_row_number = 8 AND migration_job_id = {id}"
    ))
    .await?;
    let wrong = ledger.check(app, &admin).await?;
    ensure!(mentions(&wrong, "row 8 is there twice"), "{wrong:#?}");

    let files = files_below(&app.uploads())?;
    let own = files.first().expect("there are uploads");
    let stray = own.with_file_name("sisa.csv#1");
    std::fs::write(&stray, "sisa")?;
    let wrong = ledger.check(app, &admin).await?;
    ensure!(
        mentions(&wrong, "sisa.csv#1 belongs to no job"),
        "{wrong:#?}"
    );
    std::fs::rename(own, &stray)?;
    let wrong = ledger.check(app, &admin).await?;
    ensure!(mentions(&wrong, "of a job is missing"), "{wrong:#?}");
    Ok(())
}

fn mentions(wrong: &[String], what: &str) -> bool {
    wrong.iter().any(|line| line.contains(what))
}
