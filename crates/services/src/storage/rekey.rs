//! Encrypts stored files again with the current key, so that an older key can be retired.

use std::io::Read;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::ObjectStoreExt;

use super::{ObjectStorage, StorageError, cipher::Sealing, key::is_upload_key};

/// A file is read and written in chunks of this size, and is never in memory as a whole.
const PIECE: usize = 256 * 1024;

/// The result of [`ObjectStorage::rekey`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// Files that were encrypted with the writing key already.
    pub kept: u64,
    /// Files that were encrypted again.
    pub rewritten: u64,
    /// Files that were deleted while this ran.
    pub gone: u64,
}

impl ObjectStorage {
    /// Rewrites every stored file that is not encrypted with the first of the keys. May run while servers run, and
    /// again after an interruption: each file is replaced as a whole. Other objects in the same folder or bucket are left alone.
    ///
    /// # Errors
    /// The first file that cannot be read or written; those before it are done.
    pub async fn rekey(&self) -> Result<Rekeyed, StorageError> {
        let mut done = Rekeyed::default();
        let mut objects = self.list();
        while let Some(object) = objects.try_next().await? {
            if !is_upload_key(&object.key) {
                continue;
            }
            match self.rekey_one(&object.key).await {
                Ok(true) => done.rewritten += 1,
                Ok(false) => done.kept += 1,
                Err(StorageError::Missing) => done.gone += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    async fn rekey_one(&self, key: &str) -> Result<bool, StorageError> {
        let wanted = self.keys.writing().map_or(Sealing::Plain, Sealing::With);
        if self.sealing(key).await? == wanted {
            return Ok(false);
        }
        self.copy(key, key).await?;
        Ok(true)
    }

    /// Stores an object under another name, or again under its own: encrypted with the first of the keys.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let mut reader = self.read(from).await?;
        let mut writer = self.create(to);
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = Vec::with_capacity(PIECE);
                let read = reader.by_ref().take(PIECE as u64).read_to_end(&mut piece);
                read.map(|_| (reader, piece))
            });
            let (rest, piece) = read
                .await
                .map_err(|error| StorageError::Store(error.into()))?
                .map_err(StorageError::Io)?;
            reader = rest;
            if piece.is_empty() {
                break;
            }
            writer.write(Bytes::from(piece)).await?;
        }
        writer.finish().await
    }

    /// How an object is encrypted, by its first bytes.
    async fn sealing(&self, key: &str) -> Result<Sealing, StorageError> {
        let path = self.path(key);
        let size = self.store.head(&path).await?.size;
        let head = size.min(Sealing::HEAD as u64);
        Ok(Sealing::of(&self.store.get_range(&path, 0..head).await?))
    }
}
