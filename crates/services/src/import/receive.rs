//! Receives a file: stores it under a generated name while hashing and recognising it, in constant memory.

use auth::{Actor, ManageImports};
use bytes::Bytes;
use domain::ImportJob;
use futures_util::{Stream, StreamExt};
use import_types::engine::{
    recognise::{Dialect, Look, Sniffer},
    sheet::WorkbookKind,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Imports, file_name::safe_name, reading::sniffer, refusal::no_text, sheet::ReadSheet};
use crate::{
    ObjectStorage, ServiceError,
    storage::{ObjectWriter, upload_key, workbook_of, workbook_table_key},
};

/// A file that is stored but does not belong to a job yet. Dropping it deletes it.
#[derive(Debug)]
pub struct ReceivedFile {
    storage: ObjectStorage,
    key: Option<String>,
    pub(super) name: String,
    pub(super) size: u64,
    /// Of the table that is read: the file, or the sheet of a workbook.
    pub(super) sha256: String,
    /// Of that table.
    pub(super) dialect: Dialect,
    /// What the file is, if its first bytes are not those of a table.
    pub(super) look: Option<Look>,
    /// Of a workbook, once its sheet was read.
    pub(super) sheet: Option<ReadSheet>,
}

impl ReceivedFile {
    /// Where its table is stored; that of a workbook is still to be written.
    pub(super) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// A job owns it now.
    pub(super) fn keep(mut self) {
        self.key = None;
    }
}

impl ReceivedFile {
    /// What identifies equal files: name and SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> [&str; 2] {
        [&self.name, &self.sha256]
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
                        "could not delete a refused file, the sweep will"
                    );
                }
            });
        }
    }
}

impl Imports {
    /// A file under another key that holds what the file of a job does, once it was copied there. Dropping it deletes it.
    pub(super) fn stored_again(&self, job: &ImportJob, key: String) -> ReceivedFile {
        ReceivedFile {
            storage: self.context.storage.clone(),
            key: Some(key),
            name: job.file_name.clone(),
            size: job.file_size,
            sha256: job.file_sha256.clone(),
            dialect: Dialect::default(),
            look: None,
            sheet: None,
        }
    }

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
        let mut reception = Reception::new(self, actor);
        let mut content = std::pin::pin!(content);
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| ServiceError::UploadInterrupted(error.into()))?;
            if reception.size + piece.len() as u64 > limit {
                return Err(ServiceError::FileTooLarge { limit });
            }
            reception.take(piece).await?;
        }
        let Received {
            writer,
            key,
            size,
            sha256,
            sniffer,
            look,
        } = reception.end().await?;
        let dialect = if workbook_of(&key).is_some() {
            Dialect::default()
        } else {
            self.recognise(move |_| sniffer.finish())
                .await?
                .map_err(|error| no_text(error, look))?
        };
        // From here on there is something to delete, even if finishing fails or is interrupted half-way.
        let file = ReceivedFile {
            storage: self.context.storage.clone(),
            key: Some(key),
            name: safe_name(file_name),
            size,
            sha256,
            dialect,
            look,
            sheet: None,
        };
        writer.finish().await?;
        Ok(file)
    }
}

/// A file that arrives. Its first bytes distinguish a workbook from a text, and so decide where it is stored.
struct Reception<'a> {
    storage: &'a ObjectStorage,
    tenant: Uuid,
    upload: Uuid,
    size: u64,
    sha256: Sha256,
    sniffer: Sniffer,
    head: Vec<u8>,
    /// The bytes that arrived before the decision was possible.
    held: Vec<u8>,
    target: Option<(ObjectWriter, String)>,
}

/// A file that has arrived, but is not finished in the storage.
struct Received {
    writer: ObjectWriter,
    /// Of its table.
    key: String,
    size: u64,
    sha256: String,
    sniffer: Sniffer,
    look: Option<Look>,
}

impl<'a> Reception<'a> {
    fn new(imports: &'a Imports, actor: &Actor<ManageImports>) -> Self {
        Self {
            storage: &imports.context.storage,
            tenant: actor.tenant_id().as_uuid(),
            upload: imports.context.clock.mint_uuid(),
            size: 0,
            sha256: Sha256::new(),
            sniffer: sniffer(),
            head: Vec::with_capacity(HEAD),
            held: Vec::new(),
            target: None,
        }
    }

    async fn take(&mut self, piece: Bytes) -> Result<(), ServiceError> {
        self.size += piece.len() as u64;
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&piece[..piece.len().min(room)]);
        if self.target.is_some() {
            return self.store(piece).await;
        }
        self.held.extend_from_slice(&piece);
        if self.held.len() < SIGNATURE {
            return Ok(());
        }
        self.open().await
    }

    async fn open(&mut self) -> Result<(), ServiceError> {
        let held = std::mem::take(&mut self.held);
        let (key, stored_at) = if WorkbookKind::of_bytes(&held).is_some() {
            let table = workbook_table_key(self.tenant, self.upload);
            let workbook = workbook_of(&table).unwrap_or_default().to_owned();
            (table, workbook)
        } else {
            let key = upload_key(self.tenant, self.upload);
            (key.clone(), key)
        };
        self.target = Some((self.storage.create(&stored_at), key));
        self.store(held.into()).await
    }

    async fn store(&mut self, piece: Bytes) -> Result<(), ServiceError> {
        if let Some((writer, key)) = &mut self.target {
            // Of a workbook it is the table that counts, which is still to come.
            if workbook_of(key).is_none() {
                self.sha256.update(&piece);
                self.sniffer.feed(&piece);
            }
            writer.write(piece).await?;
        }
        Ok(())
    }

    async fn end(mut self) -> Result<Received, ServiceError> {
        if self.target.is_none() {
            self.open().await?;
        }
        let (writer, key) = self
            .target
            .ok_or(ServiceError::Broken("a received file is nowhere"))?;
        Ok(Received {
            writer,
            key,
            size: self.size,
            sha256: hex::encode(self.sha256.finalize()),
            sniffer: self.sniffer,
            look: Look::of_bytes(&self.head),
        })
    }
}

/// Bytes that distinguish a workbook from a text.
const SIGNATURE: usize = 8;

/// Bytes that are enough to recognise what a file is.
const HEAD: usize = 1_024;
