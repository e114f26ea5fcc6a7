//! Checks for `validate`: whether the storage works, and whether it holds the files of all jobs and no others.

use std::collections::HashSet;
use std::io::Read;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::ObjectStoreExt;
use repositories::StoredFile;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ObjectStorage, StorageError, is_upload_key, job_key, upload_key, workbook_of};

/// The content of the file that tests the storage.
const PROBE: &[u8] = b"written by validate";

/// Bytes that are read at once.
const READ_AT_ONCE: usize = 64 * 1024;

/// What is wrong with a job's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFlaw {
    /// It is not there.
    Missing,
    /// It exists, but is shorter than recorded in the job.
    Size,
    /// It exists with other content than was uploaded.
    Content,
}

impl ObjectStorage {
    /// Writes a small file, reads it, and deletes it again.
    ///
    /// # Errors
    /// The operation that failed.
    pub async fn try_out(&self) -> Result<(), StorageError> {
        // An upload's name without a tenant: if the deletion fails, housekeeping deletes the file later.
        let key = upload_key(Uuid::nil(), Uuid::new_v4());
        let mut writer = self.create(&key);
        writer.write(Bytes::from_static(PROBE)).await?;
        writer.finish().await?;
        let mut reader = self.read(&key).await?;
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<Vec<u8>> {
            let mut content = Vec::new();
            reader.read_to_end(&mut content)?;
            Ok(content)
        });
        let read = read.await.map_err(|error| StorageError::Io(error.into()))?;
        self.delete(&key).await?;
        if read.map_err(StorageError::Io)? == PROBE {
            Ok(())
        } else {
            let kind = std::io::ErrorKind::InvalidData;
            Err(StorageError::Io(kind.into()))
        }
    }

    /// What is wrong with a job's file; with `deep`, its content is read and its digest compared.
    ///
    /// # Errors
    /// When the storage does not answer, or denies access.
    pub async fn inspect(
        &self,
        file: &StoredFile,
        deep: bool,
    ) -> Result<Option<FileFlaw>, StorageError> {
        // The job has the size of what was uploaded, and the digest of the table that is read.
        let uploaded = workbook_of(&file.key).unwrap_or(&file.key);
        let Some(size) = self.stored_size(uploaded).await? else {
            return Ok(Some(FileFlaw::Missing));
        };
        // What is stored may have more bytes than the file, never fewer.
        if i64::try_from(size).is_ok_and(|size| size < file.size) {
            return Ok(Some(FileFlaw::Size));
        }
        if uploaded != file.key && self.stored_size(&file.key).await?.is_none() {
            return Ok(Some(FileFlaw::Missing));
        }
        if !deep {
            return Ok(None);
        }
        let mut reader = self.read(&file.key).await?;
        let digest = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut hash = Sha256::new();
            let mut buffer = vec![0; READ_AT_ONCE];
            loop {
                match reader.read(&mut buffer)? {
                    0 => return Ok(hex::encode(hash.finalize())),
                    read => hash.update(buffer.get(..read).unwrap_or_default()),
                }
            }
        });
        match digest
            .await
            .map_err(|error| StorageError::Io(error.into()))?
        {
            Ok(digest) if digest == file.sha256 => Ok(None),
            // A file that cannot be read to its end is not what was uploaded.
            Ok(_) | Err(_) => Ok(Some(FileFlaw::Content)),
        }
    }

    /// Bytes of an object as it is stored; `None` if it is not there.
    async fn stored_size(&self, key: &str) -> Result<Option<u64>, StorageError> {
        let object = self.store.get(&self.path(key)).await;
        match object.map_err(StorageError::from) {
            Ok(found) => Ok(Some(found.meta.size)),
            Err(StorageError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Uploads of no job, by their keys. Files that are named otherwise are not ours.
    ///
    /// # Errors
    /// When the storage cannot be listed.
    pub async fn strays(&self, files: &[StoredFile]) -> Result<Vec<String>, StorageError> {
        let known: HashSet<&str> = files.iter().map(|file| file.key.as_str()).collect();
        let mut strays = Vec::new();
        let mut objects = self.list();
        while let Some(object) = objects.try_next().await? {
            if is_upload_key(&object.key) && !known.contains(&*job_key(&object.key)) {
                strays.push(object.key);
            }
        }
        strays.sort_unstable();
        Ok(strays)
    }

    /// Deletes an upload that [`Self::strays`] has found.
    ///
    /// # Errors
    /// When the storage refuses it.
    pub async fn remove_stray(&self, key: &str) -> Result<(), StorageError> {
        if is_upload_key(key) {
            self.delete(key).await?;
        }
        Ok(())
    }
}
