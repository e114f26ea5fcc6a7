//! Uploads in an S3 bucket, a real S3 server that checks signatures: one that may not be listed, and so says of an object that
//! is not there that it is forbidden.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, auth::SimpleAuth, s3_error};

use crate::harness::{App, Backend, JOBS, Proxy, any_package, jamaah_file, jamaah_file_from};

const KEY: &str = "AKIATEST";
const SECRET: &str = "a secret of the bucket";

#[test]
fn a_bucket_that_hides_what_is_absent_costs_one_job_on_sqlite() {
    prove(Backend::Sqlite);
}

#[test]
fn a_bucket_that_hides_what_is_absent_costs_one_job_on_postgres() {
    prove(Backend::Postgres);
}

fn prove(backend: Backend) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("builds a runtime");
    runtime.block_on(async {
        let root = tempfile::tempdir().expect("makes a folder");
        let bucket = Bucket::serve(root.path()).await.expect("serves S3");
        let endpoint = format!("http://{}", bucket.address);
        let settings = [
            ("STORAGE_URL", "s3://unggahan/hijrah"),
            ("S3_ENDPOINT", endpoint.as_str()),
            ("S3_ACCESS_KEY_ID", KEY),
            ("S3_SECRET_ACCESS_KEY", SECRET),
        ];
        let mut app = App::start(backend, &settings)
            .await
            .expect("starts a server");
        if let Err(error) = hides(&mut app, &bucket).await {
            panic!("on {backend:?}: {error:?}");
        }
        app.close().await.expect("removes the database");
    });
}

/// Requests get no answer and no error. The server answers while its client still waits.
#[test]
fn an_upload_to_a_silent_bucket_is_refused_in_time() {
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
        let mut app = App::start(Backend::Sqlite, &settings)
            .await
            .expect("starts a server");
        refuses_in_time(&mut app, &proxy).await.expect("refuses");
        app.close().await.expect("removes the database");
    });
}

async fn refuses_in_time(app: &mut App, proxy: &Proxy) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let small = jamaah_file(10, &[3], &package);
    // In several parts: each has to be refused in time, not only the first.
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
                // A new connection serves as well.
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
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
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
    admin
        .delete(&format!("{JOBS}/{lost}"))
        .await?
        .expect_status(200)?;
    Ok(())
}

/// The bucket `unggahan` in a folder.
struct Bucket {
    address: SocketAddr,
    folder: PathBuf,
    hides: Arc<AtomicBool>,
}

impl Bucket {
    /// Serves the bucket for as long as the runtime lives.
    async fn serve(root: &Path) -> Result<Self> {
        let folder = root.join("unggahan");
        std::fs::create_dir_all(&folder)?;
        let files = s3s_fs::FileSystem::new(root)
            .map_err(|error| anyhow::anyhow!("the folder serves no bucket: {error:?}"))?;
        let hides = Arc::new(AtomicBool::new(false));
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        service.set_access(Policy {
            root: root.to_owned(),
            hides: Arc::clone(&hides),
        });
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let connection = auto::Builder::new(TokioExecutor::new());
                    // A client that goes away is nothing to a server.
                    let _ = connection
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Ok(Self {
            address,
            folder,
            hides,
        })
    }

    /// The files of the stored objects.
    fn objects(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "csv") {
                    found.push(path);
                }
            }
        }
        Ok(found)
    }
}

/// What a bucket without the permission `s3:ListBucket` allows.
struct Policy {
    root: PathBuf,
    hides: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl S3Access for Policy {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = context.s3_op().name();
        let is_hidden = match context.s3_path() {
            S3Path::Object { bucket, key } => {
                matches!(operation, "GetObject" | "HeadObject")
                    && !self.root.join(&**bucket).join(&**key).exists()
            }
            _ => operation.starts_with("List"),
        };
        if context.credentials().is_none() || (is_hidden && self.hides.load(Ordering::SeqCst)) {
            return Err(s3_error!(AccessDenied));
        }
        Ok(())
    }
}
