//! Uploads in a bucket of a real S3 server that checks signatures. Without the permission to list a bucket, the server answers
//! "forbidden" for an object that does not exist.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::harness::bucket::{Bucket, KEY, SECRET};
use crate::harness::{App, Backend, JOBS, Proxy, jamaah_file, jamaah_file_from};

#[test]
fn a_bucket_that_hides_what_is_absent_costs_one_job_on_sqlite() {
    prove(Backend::Sqlite, &async |app, bucket, _| {
        hides(app, bucket).await
    });
}

#[test]
fn a_bucket_that_hides_what_is_absent_costs_one_job_on_postgres() {
    prove(Backend::Postgres, &async |app, bucket, _| {
        hides(app, bucket).await
    });
}

/// The bucket gives neither an answer nor an error. The server answers while its client still waits.
#[test]
fn an_upload_to_a_silent_bucket_is_refused_in_time() {
    prove(Backend::Sqlite, &async |app, _, proxy| {
        refuses_in_time(app, proxy).await
    });
}

/// Runs a claim on an app whose uploads go through a proxy to a bucket.
fn prove(backend: Backend, claim: &impl AsyncFn(&mut App, &Bucket, &Proxy) -> Result<()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("builds a runtime");
    runtime.block_on(async {
        let root = tempfile::tempdir().expect("makes a folder");
        let bucket = Bucket::serve(root.path()).await.expect("serves S3");
        let proxy = Proxy::before(bucket.address).expect("relays");
        let endpoint = format!("http://{}", proxy.address());
        let settings = [
            ("STORAGE_URL", "s3://unggahan/hijrah"),
            ("S3_ENDPOINT", endpoint.as_str()),
            ("S3_ACCESS_KEY_ID", KEY),
            ("S3_SECRET_ACCESS_KEY", SECRET),
        ];
        let mut app = App::start(backend, &settings)
            .await
            .expect("starts a server");
        if let Err(error) = claim(&mut app, &bucket, &proxy).await {
            panic!("on {backend:?}: {error:?}");
        }
        app.close().await.expect("removes the database");
    });
}

async fn refuses_in_time(app: &mut App, proxy: &Proxy) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let small = jamaah_file(10, &[3], &package);
    // The file has several parts; each has to be refused in time, not only the first.
    let large = jamaah_file(60_000, &[], &package);
    let job = admin.job("jamaah", "ada.csv", &small).await?;
    for silent_from_the_start in [true, false] {
        if silent_from_the_start {
            proxy.silence();
        } else {
            proxy.silence_open_ones();
        }
        let begun = Instant::now();
        let replies = futures_util::future::join_all([
            admin.upload("jamaah", "a.csv", &small),
            admin.upload("jamaah", "b.csv", &large),
        ]);
        for reply in replies.await {
            let reply = reply?;
            if silent_from_the_start {
                reply.expect_error(503, "Service Unavailable", "unavailable")?;
            } else {
                // A new connection works as well.
                ensure!([200, 503].contains(&reply.status), "{}", reply.status);
            }
        }
        println!("answered after {:?}", begun.elapsed());
        ensure!(
            begun.elapsed() < Duration::from_secs(45),
            "answered after {:?}",
            begun.elapsed()
        );
        proxy.end_silence();
    }
    ensure!(admin.import(&job).await?["imported_rows"] == 9);
    Ok(())
}

async fn hides(app: &mut App, bucket: &Bucket) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(10, &[3], &package);
    let served = admin.job("jamaah", "lama.csv", &file).await?;
    ensure!(admin.import(&served).await?["imported_rows"] == 9);
    let before = bucket.objects()?;
    let lost = admin.job("jamaah", "hilang.csv", &file).await?;
    let waiting = admin.job("jamaah", "menunggu.csv", &file).await?;
    for object in bucket.objects()? {
        if !before.contains(&object) {
            std::fs::remove_file(object)?;
        }
    }
    bucket.hides.store(true, Ordering::SeqCst);

    // The job without its file ends, and says which permissions to look at; another one does not wait for it.
    admin.act(&lost, "start").await?.expect_status(200)?;
    let file = jamaah_file_from(100, 10, &[], &package);
    let sound = admin.job("jamaah", "sehat.csv", &file).await?;
    ensure!(admin.import(&sound).await?["status"] == "completed");
    let failed = admin.finished(&lost).await?;
    ensure!(failed["status"] == "failed", "{failed:#}");
    let message = failed["error_message"].as_str().unwrap_or_default();
    ensure!(message.contains("s3:ListBucket"), "{message}");
    let held = "SELECT count(*) FROM migration_jobs WHERE lease_owner IS NOT NULL";
    ensure!(app.number(held).await? == 0, "a lease is still held");

    // Housekeeping cannot list the bucket, and still deletes files whose retention is over. A hidden file is not a lost one.
    app.execute(
        "UPDATE migration_jobs SET created_at = '2026-01-01 00:00:00'; \
         UPDATE migration_jobs SET completed_at = '2026-01-01 00:00:00' WHERE completed_at IS NOT NULL",
    )
    .await?;
    app.restart()?;
    let begun = Instant::now();
    let errors = "SELECT count(*) FROM migration_errors";
    while app.number(errors).await? > 0 {
        ensure!(begun.elapsed() < Duration::from_secs(20), "errors stay");
    }
    ensure!(bucket.objects()?.is_empty(), "a file stays");
    let admin = app.admin().await?;
    ensure!(admin.status(&waiting).await?["status"] == "pending");
    admin.remove(&format!("{JOBS}/{lost}")).await?;
    Ok(())
}
