//! A file comes in: stored, recognised, counted, mapped. A job row appears only when all of that is right.

use auth::{Actor, ManageImports};
use bytes::Bytes;
use domain::ImportType;
use futures_util::Stream;

use super::{ColumnMapping, Imports, ReceivedFile, UploadedImport};
use crate::ServiceError;

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
        unimplemented!()
    }

    /// Makes a job of a received file: counts its records, previews it, resolves the mapping, and stores the row only when
    /// all of that is right.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFile`], [`ServiceError::MissingColumns`], [`ServiceError::InvalidMapping`] or a failure; the
    /// file is erased then.
    pub async fn upload(
        &self,
        actor: &Actor<ManageImports>,
        file: ReceivedFile,
        import_type: ImportType,
        mapping: &ColumnMapping,
    ) -> Result<UploadedImport, ServiceError> {
        unimplemented!()
    }
}
