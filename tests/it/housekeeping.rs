//! What housekeeping has to find by itself: files without jobs, jobs without files, data whose retention is over.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, ensure};

use crate::harness::{App, files_below, jamaah_file, on_both_engines};

on_both_engines! {
    files_without_jobs_and_jobs_without_files_are_found_at_the_start,
    files_and_errors_are_deleted_after_their_retention,
    an_abandoned_draft_is_discarded,
    a_failed_job_without_its_file_fails_again,
    a_job_whose_file_cannot_be_read_fails,
    a_job_that_cannot_be_swept_does_not_stop_the_sweep,
}

const HOUR: Duration = Duration::from_hours(1);

async fn files_without_jobs_and_jobs_without_files_are_found_at_the_start(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(10, &[], &package);
    let uploads = app.uploads();
    let kept = admin.job("jamaah", "ada.csv", &file).await?;
    let before = files_below(&uploads)?;
    let lost = admin.job("jamaah", "hilang.csv", &file).await?;
    for path in files_below(&uploads)?.difference(&before) {
        std::fs::remove_file(path)?;
    }
    app.execute("UPDATE migration_jobs SET created_at = '2026-01-01 00:00:00'")
        .await?;
    let uuid = uuid::Uuid::from_u128;
    let tenant = uploads.join(uuid(1).to_string());
    std::fs::create_dir(&tenant)?;
    let orphan = stray(&tenant, &format!("{}.csv", uuid(2)), 2 * HOUR)?;
    let half = stray(&tenant, &format!("{}.csv#1", uuid(3)), 2 * HOUR)?;
    let young = stray(&tenant, &format!("{}.csv", uuid(4)), Duration::ZERO)?;
    let others = [
        stray(&uploads, "hijrah.db", 2 * HOUR)?,
        stray(&uploads, "catatan.csv#1", 2 * HOUR)?,
        stray(&tenant, "laporan.csv", 2 * HOUR)?,
    ];
    app.restart()?;
    let admin = app.admin().await?;
    let failed = admin.finished(&lost).await?;
    ensure!(failed["status"] == "failed", "{failed:#}");
    ensure!(!orphan.exists() && !half.exists() && young.exists());
    ensure!(
        others.iter().all(|file| file.exists()),
        "a file of another job"
    );
    ensure!(files_below(&uploads)?.is_superset(&before));
    ensure!(admin.import(&kept).await?["imported_rows"] == 10);
    Ok(())
}

async fn an_abandoned_draft_is_discarded(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(10, &[2], &package);
    let forgotten = admin.job("jamaah", "lupa.csv", &file).await?;
    app.execute("UPDATE migration_jobs SET updated_at = '2026-01-01 00:00:00'")
        .await?;
    let young = admin.job("jamaah", "baru.csv", &file).await?;
    app.restart()?;
    let admin = app.admin().await?;
    let discarded = admin.finished(&forgotten).await?;
    let message = discarded["error_message"].as_str().unwrap_or_default();
    ensure!(
        discarded["status"] == "failed" && message.starts_with("Dibuang otomatis"),
        "{discarded:#}"
    );
    ensure!(admin.status(&young).await?["status"] == "pending");
    // The file is still there for a week.
    ensure!(admin.import(&forgotten).await?["imported_rows"] == 9);
    Ok(())
}

async fn files_and_errors_are_deleted_after_their_retention(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "lama.csv", &jamaah_file(10, &[2], &package))
        .await?;
    admin.import(&job).await?;
    ensure!(app.stored_files()? == 1);
    app.execute("UPDATE migration_jobs SET completed_at = '2026-01-01 00:00:00'")
        .await?;
    app.restart()?;
    let begun = Instant::now();
    let left =
        "SELECT (SELECT count(*) FROM migration_errors) + (SELECT count(*) FROM migration_rows)";
    while app.number(left).await? > 0 {
        ensure!(begun.elapsed() < Duration::from_secs(20), "errors stay");
    }
    ensure!(app.stored_files()? == 0, "the file stays");
    let admin = app.admin().await?;
    ensure!(admin.status(&job).await?["imported_rows"] == 9);
    admin
        .remove(&format!("{}/{job}", crate::harness::JOBS))
        .await?;
    Ok(())
}

async fn a_failed_job_without_its_file_fails_again(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(10, &[], &package);
    let job = admin.job("jamaah", "lama.csv", &file).await?;
    app.execute(
        "UPDATE migration_jobs SET status = 'failed', file_url = '', \
         completed_at = '2026-01-01 00:00:00'",
    )
    .await?;
    let failed = admin.import(&job).await?;
    ensure!(failed["status"] == "failed", "{failed:#}");
    let message = failed["error_message"].as_str().unwrap_or_default();
    ensure!(message.contains("tidak ada lagi"), "{message}");
    Ok(())
}

async fn a_job_whose_file_cannot_be_read_fails(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(10, &[], &package);
    let job = admin.job("jamaah", "rusak.csv", &file).await?;
    for path in files_below(&app.uploads())? {
        std::fs::remove_file(&path)?;
        // A link to itself: it exists, and cannot be opened.
        std::os::unix::fs::symlink(&path, &path)?;
    }
    let failed = admin.import(&job).await?;
    ensure!(failed["status"] == "failed", "{failed:#}");
    let message = failed["error_message"].as_str().unwrap_or_default();
    ensure!(message.contains("5 kali"), "{message}");
    Ok(())
}

async fn a_job_that_cannot_be_swept_does_not_stop_the_sweep(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let uploads = app.directory().join("data/uploads");
    let file = jamaah_file(10, &[], &package);
    // The first of each pair is the faulty one.
    let stuck = admin.job("jamaah", "macet.csv", &file).await?;
    admin.import(&stuck).await?;
    for path in files_below(&uploads)? {
        std::fs::remove_file(&path)?;
        // A folder that is not empty cannot be deleted as a file.
        std::fs::create_dir(&path)?;
        std::fs::write(path.join("isi"), b"")?;
    }
    let before = files_below(&uploads)?;
    let served = admin.job("jamaah", "lama.csv", &file).await?;
    admin.import(&served).await?;
    admin.job("jamaah", "rusak.csv", &file).await?;
    admin.job("jamaah", "hilang.csv", &file).await?;
    for path in files_below(&uploads)?.difference(&before) {
        std::fs::remove_file(path)?;
    }
    app.execute(
        "UPDATE migration_jobs SET created_at = '2026-01-01 00:00:00'; \
         UPDATE migration_jobs SET completed_at = '2026-01-01 00:00:00' WHERE completed_at IS NOT NULL; \
         UPDATE migration_jobs SET metadata = '[1]' WHERE file_name = 'rusak.csv'",
    )
    .await?;
    app.restart()?;
    let begun = Instant::now();
    for swept in [
        "SELECT count(*) FROM migration_jobs WHERE file_name = 'lama.csv' AND file_url = ''",
        "SELECT count(*) FROM migration_jobs WHERE file_name = 'hilang.csv' AND error_message LIKE '%tidak ada lagi%'",
    ] {
        while app.number(swept).await? == 0 {
            ensure!(begun.elapsed() < Duration::from_secs(30), "{swept}");
        }
    }
    Ok(())
}

/// A file that the server did not create, last changed this long ago.
fn stray(uploads: &Path, name: &str, age: Duration) -> Result<PathBuf> {
    let path = uploads.join(name);
    let file = std::fs::File::create(&path)?;
    file.set_modified(SystemTime::now() - age)?;
    Ok(path)
}
