//! Four tenants at once take no longer than one after another, and a small file of a fifth does not wait for them. Correctness is
//! asserted in every run; the times are meaningful only for a release build and are printed.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use crate::harness::{App, Client, jamaah_file, new_package, on_both_engines};

use super::size;

on_both_engines! { tenants_share_the_workers }

const TENANTS: [&str; 4] = ["satu", "dua", "tiga", "empat"];

async fn tenants_share_the_workers(app: &mut App) -> Result<()> {
    let rows = usize::try_from(size::number("FAIRNESS_ROWS", 1_000))?;
    let mut tenants = Vec::new();
    for name in TENANTS {
        let admin = app.tenant(name).await?;
        let package = new_package(&admin).await?;
        tenants.push((admin, package));
    }
    let fifth = app.tenant("lima").await?;
    let small = jamaah_file(100, &[], &new_package(&fifth).await?);

    let mut alone = Duration::ZERO;
    for (admin, package) in &tenants {
        let file = jamaah_file(rows, &[], package);
        let job = admin.job("jamaah", "a.csv", &file).await?;
        let begun = Instant::now();
        whole(admin, &job, rows).await?;
        alone += begun.elapsed();
    }
    app.execute("DELETE FROM jamaah").await?;

    let mut jobs = Vec::new();
    for (admin, package) in &tenants {
        let file = jamaah_file(rows, &[], package);
        jobs.push((admin, admin.job("jamaah", "b.csv", &file).await?));
    }
    let begun = Instant::now();
    let large = try_join_all(jobs.iter().map(|(admin, job)| whole(admin, job, rows)));
    let meanwhile = async {
        // Once all four are under way.
        let running =
            "SELECT count(*) FROM migration_jobs WHERE status IN ('validating', 'importing')";
        while app.number(running).await? == 0 {
            tokio::task::yield_now().await;
        }
        let begun = Instant::now();
        let job = fifth.job("jamaah", "kecil.csv", &small).await?;
        whole(&fifth, &job, 100).await?;
        Ok(begun.elapsed())
    };
    let (_, small) = tokio::try_join!(large, meanwhile)?;
    let together = begun.elapsed();
    println!(
        "{} tenants of {rows} rows on {:?}: one after another {alone:.2?}, at once {together:.2?} ({:.2}); \
         100 rows of a fifth at the same time, upload to completed: {small:.2?}",
        tenants.len(),
        app.backend,
        together.as_secs_f64() / alone.as_secs_f64(),
    );
    let stored = app.number("SELECT count(*) FROM jamaah").await?;
    ensure!(stored == i64::try_from(4 * rows + 100)?, "{stored} rows");
    Ok(())
}

/// Validates and imports.
async fn whole(admin: &Client, job: &str, rows: usize) -> Result<()> {
    let done = admin.import(job).await?;
    ensure!(done["imported_rows"] == rows, "{done:#}");
    Ok(())
}
