//! Import jobs as their users see them: upload, validate, start, follow, report, roll back, delete.

mod amendment;
mod book;
mod cause;
mod deadline;
mod draft;
mod file_name;
mod follow;
mod lifecycle;
pub(crate) mod notices;
mod original;
mod preview;
pub(crate) mod reading;
mod receive;
mod refusal;
mod remembered;
mod report;
mod report_book;
mod sheet;
mod template;
mod upload;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use domain::{ErrorType, ImportJob, ImportType, JobId, JobStatus, Severity, Timestamp, UserId};
use futures_util::stream::BoxStream;
use repositories::{ImportJobs, RememberedMappings, RowErrors, Users};
use time::Date;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
};

use self::deadline::Deadline;
use crate::{Context, RollbackExample, ServiceError, Sessions};

pub use amendment::{Amended, AmendedRow, AmendmentWishes, Finding};
pub use cause::{Cause, Causes, FailedRowsPart, ListedRow, ValueSuggestion};
pub use draft::{CellWishes, DraftChange, Wish};
pub use follow::LARGEST_PAGE_OF_ERRORS;
pub use preview::{DraftPreview, PreviewColumn, PreviewedRow};
pub use receive::ReceivedFile;
pub use report::{ErrorPage, ListedError};
pub use upload::UploadRequest;

/// Header of the file → field of the import type; the empty field leaves the column out.
pub type ColumnMapping = BTreeMap<String, String>;

/// What an upload answers.
#[derive(Debug, Clone)]
pub struct UploadedImport {
    /// The new job, pending. `job.metadata` has encoding, delimiter, quote, header row, mapping, unmapped columns, warnings.
    pub job: ImportJob,
    /// The file's headers, in its order.
    pub columns: Vec<String>,
    /// The cells of the first 10 records, in the file's order.
    pub rows: Vec<Vec<String>>,
    /// Cells of the preview were shortened, or records left out, so that the answer stays small.
    pub preview_is_cut: bool,
    /// Required fields without a column.
    pub missing: Vec<String>,
    /// Another type whose required columns are all there, while some of this one are not.
    pub looks_like: Option<ImportType>,
    /// An earlier job whose file has the same bytes.
    pub same_file: Option<SameFile>,
}

/// An earlier job with the same bytes, neither rolled back nor discarded.
#[derive(Debug, Clone)]
pub struct SameFile {
    /// The job.
    pub job: ImportJob,
}

/// A job as its users see it.
#[derive(Debug, Clone)]
pub struct JobView {
    /// The job.
    pub job: ImportJob,
    /// How long its parts are kept.
    pub expires: Expires,
    /// The jobs that correct it; `None` where they were not asked for.
    pub corrections: Option<Corrections>,
}

/// The jobs that correct the failed rows of another.
#[derive(Debug, Clone)]
pub struct Corrections {
    /// The jobs, the latest first.
    pub jobs: Vec<ImportJob>,
    /// Failed rows that none of them has imported.
    pub still_failed_rows: u64,
}

/// How long the parts of an ended job are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expires {
    /// Its file, if it still exists.
    pub file_at: Option<Timestamp>,
    /// Its row errors, if it has any.
    pub errors_at: Option<Timestamp>,
}

/// A byte stream with a name, for a download.
pub struct Download {
    /// The file name for `Content-Disposition`.
    pub file_name: String,
    /// For `Content-Type`.
    pub media_type: &'static str,
    /// The file.
    pub content: BoxStream<'static, Result<Bytes, ServiceError>>,
}

/// The media type of the texts.
const CSV: &str = "text/csv; charset=utf-8";

/// Workbooks that are written at the same time in a process: each has temporary files and notes in memory.
const BOOKS_AT_ONCE: usize = 2;

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

/// The direction of a listing.
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
    /// Only corrections of this job.
    pub corrects: Option<JobId>,
    /// Only these statuses; none are all.
    pub status: Vec<JobStatus>,
    /// Only files whose name contains this text.
    pub search: Option<String>,
    /// Only of this user.
    pub user_id: Option<UserId>,
    /// Only jobs that were uploaded then or later.
    pub created_from: Option<Moment>,
    /// Only jobs that were uploaded then or earlier.
    pub created_to: Option<Moment>,
    /// The page, from 1.
    pub page: u64,
    /// Rows a page, 1 to 100.
    pub limit: u64,
    /// A column of the allow-list; anything else is [`ServiceError::InvalidQuery`]. Default `created_at`.
    pub sort_by: Option<String>,
    /// Default descending.
    pub sort_order: SortOrder,
}

/// A bound of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A moment.
    At(Timestamp),
    /// A whole day, as the tenant's time zone has it.
    Day(Date),
}

/// What a listing of row errors asks for.
#[derive(Debug, Clone)]
pub struct ErrorQuery {
    /// Only this type.
    pub error_type: Option<ErrorType>,
    /// Only this field.
    pub field_name: Option<String>,
    /// Only this code.
    pub code: Option<String>,
    /// Only this row.
    pub row_number: Option<u64>,
    /// Findings of this severity; `None` are the errors.
    pub severity: Option<Severity>,
    /// Whether each error includes its row.
    pub with_row_data: bool,
    /// The page, from 1.
    pub page: u64,
    /// Errors a page, 1 to 100; without their rows 1 to 1 000.
    pub limit: u64,
}

/// What a rollback answers.
#[derive(Debug, Clone)]
pub struct RolledBack {
    /// The job, now rolled back.
    pub job: ImportJob,
    /// Rows that were removed.
    pub removed_rows: u64,
    /// Records that the import had changed, and that were restored.
    pub restored_rows: u64,
    /// With `keep_changed`: how many rows stayed because they were changed or are referenced.
    pub kept_rows_total: u64,
    /// The first of them.
    pub kept_rows: Vec<RollbackExample>,
}

/// The delimiter of a file that users download.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CsvDelimiter {
    /// The delimiter that Google Sheets and most programs expect.
    #[default]
    Comma,
    /// The delimiter that Excel expects under Indonesian settings.
    Semicolon,
}

impl CsvDelimiter {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
        }
    }
}

/// The use cases of import jobs. Cheap to clone.
#[derive(Clone)]
pub struct Imports {
    context: Arc<Context>,
    sessions: Sessions,
    jobs: ImportJobs,
    users: Users,
    row_errors: RowErrors,
    remembered: RememberedMappings,
    /// One per core: a hostile file makes the engine hold some twenty megabytes, and as many uploads as clients like may
    /// arrive at once.
    recognising: Arc<Semaphore>,
    report_turns: report::Turns,
    book_turns: Arc<Semaphore>,
}

impl Imports {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            jobs: ImportJobs::new(&context.database),
            users: Users::new(&context.database),
            row_errors: RowErrors::new(&context.database),
            remembered: RememberedMappings::new(&context.database),
            recognising: Arc::new(Semaphore::new(
                std::thread::available_parallelism().map_or(1, usize::from),
            )),
            report_turns: report::Turns::new(),
            book_turns: Arc::new(Semaphore::new(BOOKS_AT_ONCE)),
        }
    }

    /// Waits until a workbook may be written.
    async fn book_turn(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        self.book_turns
            .acquire()
            .await
            .map_err(|_| ServiceError::Busy)
    }

    /// Runs the engine on an upload off the async threads, when its turn has come, with one deadline for whatever it does there.
    /// If the client disconnects, its turn is freed only when the work has ended.
    async fn recognise<T: Send + 'static>(
        &self,
        work: impl FnOnce(Deadline) -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let turn = Arc::clone(&self.recognising)
            .acquire_owned()
            .await
            .map_err(|_| ServiceError::Busy)?;
        let done = spawn_blocking(move || {
            let done = work(Deadline::starting_now());
            drop(turn);
            done
        });
        Ok(done.await?)
    }
}
