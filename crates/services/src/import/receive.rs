//! A file on its way in: stored under a generated name while it is hashed and recognised, in constant memory.

use auth::{Actor, ManageImports};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use import_types::{
    ImportType,
    engine::{Dialect, Look, SniffError, Sniffer},
};
use sha2::{Digest, Sha256};

use super::{Imports, file_name::safe_name};
use crate::{ObjectStorage, ServiceError, storage::upload_key};

/// A file that is stored but does not belong to a job yet. Dropping it erases it.
#[derive(Debug)]
pub struct ReceivedFile {
    storage: ObjectStorage,
    key: Option<String>,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) dialect: Dialect,
    /// What the file is, if its first bytes are of no table.
    pub(super) look: Option<Look>,
}

impl ReceivedFile {
    /// Where it is stored.
    pub(super) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// A job has it now.
    pub(super) fn keep(mut self) {
        self.key = None;
    }
}

impl Drop for ReceivedFile {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let storage = self.storage.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = storage.delete(&key).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not erase a refused file, the sweep will"
                    );
                }
            });
        }
    }
}

impl Imports {
    /// Streams a file into the storage while recognising and hashing it. The type of the import may not be known yet: form
    /// fields come in any order. The stream need not be `Send`.
    ///
    /// # Errors
    /// [`ServiceError::FileTooLarge`] as soon as one byte too many has arrived (the caller stops reading then),
    /// [`ServiceError::InvalidFile`], [`ServiceError::UploadInterrupted`] for an error of `content`, or a failure.
    /// In every case nothing stays in the storage, also when the future is dropped.
    pub async fn receive_file<S, E>(
        &self,
        actor: &Actor<ManageImports>,
        file_name: &str,
        content: S,
    ) -> Result<ReceivedFile, ServiceError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let limit = self.context.config.max_upload_bytes;
        let storage = &self.context.storage;
        let key = upload_key(actor.tenant_id().as_uuid(), self.context.clock.mint_uuid());
        let mut writer = storage.create(&key);
        let mut sha256 = Sha256::new();
        let mut sniffer = sniffer();
        let mut size = 0;
        let mut head = Vec::with_capacity(HEAD);
        let mut content = std::pin::pin!(content);
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| ServiceError::UploadInterrupted(error.into()))?;
            size += piece.len() as u64;
            if size > limit {
                return Err(ServiceError::FileTooLarge { limit });
            }
            sha256.update(&piece);
            head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
            sniffer.feed(&piece);
            writer.write(piece).await?;
        }
        let look = Look::of_bytes(&head);
        let dialect = self
            .recognise(move || sniffer.finish())
            .await?
            .map_err(|error| ServiceError::InvalidFile {
                reason: match error {
                    SniffError::Binary { .. } => "binary",
                    _ => "empty",
                },
                look,
            })?;
        // From here on there is something to erase, even if finishing fails or is interrupted half-way.
        let file = ReceivedFile {
            storage: storage.clone(),
            key: Some(key),
            name: safe_name(file_name),
            size,
            sha256: hex::encode(sha256.finalize()),
            dialect,
            look,
        };
        writer.finish().await?;
        Ok(file)
    }
}

/// Bytes that tell what a file is.
const HEAD: usize = 1_024;

/// Knows the headers of all three types: which of them the file is may come only after it.
fn sniffer() -> Sniffer {
    ImportType::ALL
        .iter()
        .fold(Sniffer::new(), |sniffer, import_type| {
            sniffer.with_known_headers(import_types::schema(*import_type).known_headers())
        })
}
