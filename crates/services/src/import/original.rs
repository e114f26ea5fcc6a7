//! The file of a job as it was uploaded, for users who want to look at it again.

use std::io::Read;

use auth::{Actor, ManageImports};
use bytes::Bytes;
use domain::{Action, JobId};
use futures_util::{StreamExt, stream};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{Download, Imports};
use crate::{
    ServiceError, StorageError,
    storage::{ObjectReader, workbook_of},
};

/// Bytes of a piece: a segment of the cipher.
const PIECE: usize = 64 * 1024;
/// Chunks that are read ahead for a slow client.
const AHEAD: usize = 2;

impl Imports {
    /// The original file, byte for byte.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::FileExpired`] or a failure; a failure half-way ends the stream with an error.
    pub async fn original(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        let job = self.job(actor, id).await?;
        if job.file_url.is_empty() {
            return Err(ServiceError::FileExpired);
        }
        // Of a workbook the job reads a table; the original lies beside it.
        let original = workbook_of(&job.file_url).unwrap_or(&job.file_url);
        let file = match self.context.storage.read(original).await {
            Ok(file) => file,
            Err(StorageError::Missing) => return Err(ServiceError::FileExpired),
            Err(error) => return Err(error.into()),
        };
        self.note_download(actor, &job, Action::FileDownloaded)
            .await;
        let (sender, receiver) = mpsc::channel(AHEAD);
        spawn_blocking(move || read_into(file, &sender));
        let content = stream::unfold(receiver, |mut receiver| async move {
            let piece = receiver.recv().await?;
            Some((piece, receiver))
        });
        Ok(Download {
            file_name: job.file_name.clone(),
            media_type: "application/octet-stream",
            content: content.boxed(),
        })
    }
}

/// Reads a file to its end, or until the receiver has been dropped.
fn read_into(mut file: ObjectReader, sender: &mpsc::Sender<Result<Bytes, ServiceError>>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match file.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => Ok(Bytes::copy_from_slice(&buffer[..read])),
            Err(error) => Err(ServiceError::Storage(StorageError::Io(error))),
        };
        let is_last = piece.is_err();
        if sender.blocking_send(piece).is_err() || is_last {
            return;
        }
    }
}
