//! An S3 server that checks signatures, with one bucket in a folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, auth::SimpleAuth, s3_error};

/// The access key that it accepts.
pub(crate) const KEY: &str = "AKIATEST";
/// The secret of [`KEY`].
pub(crate) const SECRET: &str = "a secret of the bucket";

/// The bucket `unggahan` in a folder.
pub(crate) struct Bucket {
    /// Where it answers over HTTP.
    pub(crate) address: SocketAddr,
    folder: PathBuf,
    /// Whether reading what is absent is forbidden, as it is without the permission `s3:ListBucket`.
    pub(crate) hides: Arc<AtomicBool>,
}

impl Bucket {
    /// Serves the bucket for as long as the runtime lives.
    pub(crate) async fn serve(root: &Path) -> Result<Self> {
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
                    // A client that disconnects does not concern the server.
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
    pub(crate) fn objects(&self) -> Result<Vec<PathBuf>> {
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
