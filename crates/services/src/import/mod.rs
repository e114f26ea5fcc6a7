//! Import jobs as their users see them: upload, validate, start, follow, report, roll back, delete.

use std::{collections::BTreeMap, sync::Arc};

use auth::{Actor, DownloadTemplates, Identity, ManageImports, ViewImports};
use bytes::Bytes;
use domain::{ErrorType, ImportJob, ImportType, JobId, JobStatus, RowError};
use futures_util::{Stream, stream::BoxStream};

use crate::{Context, ServiceError, Sessions, Subscription};

/// Header of the file → field of the import type; the empty field leaves the column out.
pub type ColumnMapping = BTreeMap<String, String>;

/// A file that is stored but does not belong to a job yet. Dropping it erases it.
#[derive(Debug)]
pub struct ReceivedFile {
}

/// What an upload answers.
#[derive(Debug, Clone)]
pub struct UploadedImport {
    /// The new job, pending. `job.metadata` has encoding, delimiter, quote, header row, mapping, unmapped columns, warnings.
    pub job: ImportJob,
    /// The file's headers, in its order.
    pub columns: Vec<String>,
    /// The first 10 records, each a list of (header, cell) in the file's order.
    pub preview_rows: Vec<Vec<(String, String)>>,
}

/// A byte stream with a name, for a download.
pub struct Download {
    /// The file name for `Content-Disposition`, plain ASCII.
    pub file_name: String,
    /// CSV in UTF-8.
    pub content: BoxStream<'static, Result<Bytes, ServiceError>>,
}

/// One page of a numbered listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub data: Vec<T>,
    /// Rows of all pages.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Rows of a full page.
    pub limit: u64,
}

/// Which way a listing runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    #[default]
    Descending,
}

/// What a listing of jobs asks for.
#[derive(Debug, Clone)]
pub struct JobQuery {
    /// Only this type.
    pub import_type: Option<ImportType>,
    /// Only this status.
    pub status: Option<JobStatus>,
    /// The page, from 1.
    pub page: u64,
    /// Rows a page, 1 to 100.
    pub limit: u64,
    /// A column of the allow-list; anything else is [`ServiceError::InvalidQuery`]. Default `created_at`.
    pub sort_by: String,
    /// Default descending.
    pub sort_order: SortOrder,
}

/// What a listing of row errors asks for.
#[derive(Debug, Clone)]
pub struct ErrorQuery {
    /// Only this type.
    pub error_type: Option<ErrorType>,
    /// Only this field.
    pub field_name: Option<String>,
    /// The page, from 1.
    pub page: u64,
    /// Rows a page, 1 to 100.
    pub limit: u64,
}

/// What a rollback answers.
#[derive(Debug, Clone)]
pub struct RolledBack {
    /// The job, now rolled back.
    pub job: ImportJob,
    /// Rows that were removed.
    pub removed_rows: u64,
    /// With `keep_changed`: rows that stayed because they were changed or are referenced.
    pub kept_rows: u64,
}

/// Between the columns of a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TemplateDelimiter {
    /// What Google Sheets and most programs expect.
    #[default]
    Comma,
    /// What Excel expects under Indonesian settings.
    Semicolon,
}

/// The use cases of import jobs. Cheap to clone.
#[derive(Clone)]
pub struct Imports {
    context: Arc<Context>,
    sessions: Sessions,
}

impl Imports {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
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

    /// Puts the job into the queue for validation. Asking twice is one run.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`] or a failure.
    pub async fn validate(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        unimplemented!()
    }

    /// Puts the job into the queue for import, with the validation first where there was none.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`], [`ServiceError::NothingToImport`],
    /// [`ServiceError::TooManyImports`] or a failure.
    pub async fn start(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        unimplemented!()
    }

    /// The job as it is now. An agent sees only its own.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn status(
        &self,
        actor: &Actor<ViewImports>,
        id: JobId,
    ) -> Result<ImportJob, ServiceError> {
        unimplemented!()
    }

    /// A page of jobs. An agent sees only its own.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ViewImports>,
        query: &JobQuery,
    ) -> Result<Page<ImportJob>, ServiceError> {
        unimplemented!()
    }

    /// The error report as a CSV stream: `row_number,error_type,field_name,error_message,received_value`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure; a failure half-way ends the stream with an error.
    pub async fn error_report(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        unimplemented!()
    }

    /// A page of the same errors as data.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidQuery`] or a failure.
    pub async fn errors(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        query: &ErrorQuery,
    ) -> Result<Page<RowError>, ServiceError> {
        unimplemented!()
    }

    /// The failed rows with their original columns, then `_row_number` and `_errors`: the file to correct and upload again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn failed_rows(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        unimplemented!()
    }

    /// Takes back what the job stored, in one transaction. With `keep_changed`, rows that were changed or are referenced stay.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::CannotRollBack`], [`ServiceError::RollbackExpired`],
    /// [`ServiceError::RollbackConflict`] or a failure.
    pub async fn roll_back(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        keep_changed: bool,
    ) -> Result<RolledBack, ServiceError> {
        unimplemented!()
    }

    /// Erases a finished job, its errors and its file. Imported rows stay.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::JobNotFinished`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<(), ServiceError> {
        unimplemented!()
    }

    /// The template of an import type: UTF-8 with BOM, the headers, and one example row that validates in the caller's tenant.
    ///
    /// # Errors
    /// Only failures.
    pub async fn template(
        &self,
        actor: &Actor<DownloadTemplates>,
        import_type: ImportType,
        delimiter: TemplateDelimiter,
    ) -> Result<Download, ServiceError> {
        unimplemented!()
    }

    /// Subscribes to the caller's events; first comes one `migration:status` per job of theirs that is running.
    ///
    /// # Errors
    /// Only failures.
    pub async fn watch(&self, identity: Identity) -> Result<Subscription, ServiceError> {
        unimplemented!()
    }
}
