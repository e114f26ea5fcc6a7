//! Writes one object chunk by chunk. It is invisible until it is finished, and leaves nothing behind if it is dropped.

use std::{
    path::Path as FsPath,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use object_store::{ObjectStore, buffered::BufWriter, path::Path};
use tokio::io::AsyncWriteExt;

use super::{
    StorageError,
    cipher::Sealer,
    failures::counted,
    key::{is_upload_name, is_uuid},
};
use crate::observe::StorageOperation;

/// 5 MiB: the least that S3 accepts as a part that is not the last.
const BUCKET_PART: usize = 5 * 1024 * 1024;
/// 256 KiB: a folder takes parts of any size, and this much is held per running upload.
const FOLDER_PART: usize = 256 * 1024;

/// An object that is being written.
#[derive(Debug)]
pub(crate) struct ObjectWriter {
    writer: Option<BufWriter>,
    /// Encrypts, where there are keys.
    sealer: Option<Sealer>,
}

impl ObjectWriter {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        path: Path,
        is_folder: bool,
        sealer: Option<Sealer>,
    ) -> Self {
        let part = if is_folder { FOLDER_PART } else { BUCKET_PART };
        // One part in flight: an upload takes the memory of two parts, whatever the size of the file.
        let writer = BufWriter::with_capacity(store, path, part).with_max_concurrency(1);
        Self {
            writer: Some(writer),
            sealer,
        }
    }

    /// Appends a piece.
    pub(crate) async fn write(&mut self, piece: Bytes) -> Result<(), StorageError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let piece = match &mut self.sealer {
            Some(sealer) => sealer.push(&piece).map_err(StorageError::Io)?.into(),
            None => piece,
        };
        counted(StorageOperation::Write, writer.put(piece).await)
    }

    /// Makes the object visible.
    pub(crate) async fn finish(mut self) -> Result<(), StorageError> {
        if let Some(writer) = &mut self.writer {
            if let Some(sealer) = self.sealer.take() {
                let rest = sealer.finish().map_err(StorageError::Io)?;
                counted(StorageOperation::Write, writer.put(rest.into()).await)?;
            }
            // A failed shutdown has consumed the upload: there is nothing left to abort.
            let result = writer.shutdown().await;
            self.writer = None;
            counted(StorageOperation::Write, result.map_err(StorageError::Io))?;
        }
        Ok(())
    }
}

impl Drop for ObjectWriter {
    /// Removes the parts that were sent, because the client disconnected or the file was rejected.
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = writer.abort().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not abort an upload"
                    );
                }
            });
        }
    }
}

/// The local store writes to `name#number` and renames at the end. Only names of uploads are looked at.
pub(super) fn remove_unfinished(folder: &FsPath, age: Duration) -> std::io::Result<usize> {
    let now = SystemTime::now();
    let mut removed = 0;
    for tenant in std::fs::read_dir(folder)? {
        let tenant = tenant?;
        let is_tenant = tenant.file_name().to_str().is_some_and(is_uuid);
        if !is_tenant || !tenant.file_type()?.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(tenant.path())? {
            let entry = entry?;
            let is_unfinished = entry.file_name().to_str().is_some_and(is_unfinished);
            if is_unfinished
                && entry.file_type()?.is_file()
                && now
                    .duration_since(entry.metadata()?.modified()?)
                    .is_ok_and(|old| old >= age)
            {
                std::fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

fn is_unfinished(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(name, number)| {
        is_upload_name(name)
            && !number.is_empty()
            && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}
