//! The rows that a job refused, as files and as data: the error report, the rows to correct, pages of errors. Streamed from the
//! database in parts of bounded size, however wide a row is and however slowly the client reads.

use std::{collections::VecDeque, io, sync::Arc};

use auth::{Actor, ManageImports};
use bytes::Bytes;
use domain::{
    Action, FailedRow, ImportJob, JobId, LeftOut, RowCells, RowData, RowError, RowKeys, Severity,
    TenantId,
};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use import_types::engine::report::{CsvWriter, ErrorLine, ErrorReport, FailedRows};
use repositories::{Edits, RowErrorCursor, RowErrorQuery, RowErrors};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{CSV, CsvDelimiter, Download, ErrorQuery, Imports, cause::edited};
use crate::{ServiceError, activity::note_job};

/// Errors per query: some ten kilobytes of report, at most one megabyte.
const ERRORS: u64 = 250;
/// Failed rows per query, which ends earlier where they are wide.
const ROWS: u64 = 250;
/// Parts of reports that a process makes at the same time. Other requests need not wait for clients that read reports:
/// they hold neither a connection nor a thread between two parts.
const PARTS_AT_ONCE: usize = 2;

/// A page of errors as data.
pub struct ErrorPage {
    /// The errors in the order of the file.
    pub errors: BoxStream<'static, Result<ListedError, ServiceError>>,
    /// Errors of all pages.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Errors of a full page.
    pub limit: u64,
}

/// An error with what its job knows of it.
#[derive(Debug, Clone)]
pub struct ListedError {
    /// The error.
    pub error: RowError,
    /// The header of its column as it stands in the file.
    pub column: Option<String>,
    /// Its row by header; `None` where it was not asked for.
    pub row_data: Option<RowData>,
}

/// Where the reports of all jobs take their turns.
#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PARTS_AT_ONCE)))
    }

    async fn next(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        self.0.acquire().await.map_err(|_| ServiceError::Busy)
    }
}

impl Imports {
    /// Records that a user gets a file of a job.
    pub(super) async fn note_download(
        &self,
        actor: &Actor<ManageImports>,
        job: &ImportJob,
        action: Action,
    ) {
        tracing::info!(job.id = %job.id, user.id = %actor.user_id(), %action, "handed out a file");
        note_job(&self.context, actor, action, job, &[]).await;
    }

    /// The error report as a CSV stream: `row_number,error_type,field_name,error_message,received_value`, in UTF-8 with BOM.
    /// Columns are separated by commas, as published, unless the caller requests semicolons.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure; a failure half-way ends the stream with an error.
    pub async fn error_report(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        delimiter: Option<CsvDelimiter>,
    ) -> Result<Download, ServiceError> {
        let job = self.job(actor, id).await?;
        self.note_download(actor, &job, Action::ReportDownloaded)
            .await;
        let report = ErrorReport::with(writer(delimiter.unwrap_or_default().byte()))
            .map_err(ServiceError::Report)?;
        Ok(Download {
            file_name: format!("errors-{id}.csv"),
            media_type: CSV,
            content: parts(ErrorLines::new(self.report_of(&job), report)).boxed(),
        })
    }

    /// The failed rows with their original columns, then `_row_number` and `_errors`: the file to correct and upload again. Written
    /// as the error report is, so that the spreadsheet it came from opens it as columns and saves it as it can be read again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn failed_rows(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        delimiter: Option<CsvDelimiter>,
    ) -> Result<Download, ServiceError> {
        let job = self.job(actor, id).await?;
        self.note_download(actor, &job, Action::FailedRowsDownloaded)
            .await;
        let delimiter = delimiter.map_or_else(|| source_delimiter(&job), CsvDelimiter::byte);
        let report = FailedRows::with(writer(delimiter), &job.metadata.columns)
            .map_err(ServiceError::Report)?;
        Ok(Download {
            file_name: format!("failed-rows-{id}.csv"),
            media_type: CSV,
            content: parts(RowsToCorrect::new(
                self.report_of(&job),
                self.jobs.edits(job.tenant_id.into(), id).await?,
                report,
            ))
            .boxed(),
        })
    }

    /// A page of a job's errors as data; the CSV report has the same ones.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidQuery`] or a failure; a failure half-way ends the stream with an error.
    pub async fn errors(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        query: &ErrorQuery,
    ) -> Result<ErrorPage, ServiceError> {
        let job = self.job(actor, id).await?;
        let offset = query.offset()?;
        let source = self.report_of(&job);
        let wanted = RowErrorQuery {
            error_type: query.error_type,
            field_name: query.field_name.clone(),
            code: query.code.clone(),
            row_number: query.row_number,
            severity: query.severity,
            limit: query.limit,
            offset,
        };
        let found = {
            let _turn = source.turns.next().await?;
            source.rows.list(job.tenant_id.into(), id, &wanted).await?
        };
        let headers = job.metadata.columns.clone();
        let listed = Listed {
            source,
            keys: query.with_row_data.then(|| RowKeys::new(&headers)),
            headers,
            errors: found.items.into(),
            rows: VecDeque::new(),
        };
        let errors = stream::try_unfold(listed, async |mut listed| {
            let next = listed.next().await?;
            Ok(next.map(|error| (error, listed)))
        });
        Ok(ErrorPage {
            errors: errors.boxed(),
            total: found.total,
            page: query.page,
            limit: query.limit,
        })
    }

    pub(super) fn report_of(&self, job: &ImportJob) -> Source {
        Source {
            rows: self.row_errors.clone(),
            turns: self.report_turns.clone(),
            tenant: job.tenant_id,
            job: job.id,
            left_out: job.metadata.left_out,
        }
    }
}

/// Delimiters that every spreadsheet program reads.
const COMMON_DELIMITERS: [&str; 4] = [",", ";", "\t", "|"];

/// The delimiter that the source's spreadsheet program expects: Excel expects the list separator of the system's settings.
fn source_delimiter(job: &ImportJob) -> u8 {
    COMMON_DELIMITERS
        .into_iter()
        .find(|common| *common == job.metadata.delimiter)
        .and_then(|common| common.bytes().next())
        .unwrap_or(CsvDelimiter::Comma.byte())
}

/// For a file that people open: Excel reads text as UTF-8 only after a byte order mark.
fn writer(delimiter: u8) -> CsvWriter<Vec<u8>> {
    CsvWriter::new(Vec::new())
        .delimiter(delimiter)
        .byte_order_mark()
}

/// What a report is read from.
pub(super) struct Source {
    rows: RowErrors,
    turns: Turns,
    tenant: TenantId,
    job: JobId,
    left_out: Option<LeftOut>,
}

/// A report in parts.
pub(super) trait Parts: Send + 'static {
    /// The next part; `None` after the last.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, ServiceError>> + Send;

    /// What is wrong with single cells of that part, in the order of its rows.
    fn flaws(&mut self) -> Vec<Flaw> {
        Vec::new()
    }
}

/// An error of a cell of a report.
pub(super) struct Flaw {
    pub(super) row_number: u64,
    /// The column of the file.
    pub(super) column: u32,
    pub(super) message: String,
}

fn parts(report: impl Parts) -> impl Stream<Item = Result<Bytes, ServiceError>> + Send + 'static {
    stream::try_unfold(report, |mut report| async move {
        let part = report.next().await.inspect_err(|error| {
            // The client sees that the connection is closed early.
            tracing::error!(
                error = error as &dyn std::error::Error,
                "could not continue a report"
            );
        })?;
        Ok(part.map(|bytes| (Bytes::from(bytes), report)))
    })
}

/// One line for each error.
pub(super) struct ErrorLines {
    source: Source,
    report: ErrorReport<Vec<u8>>,
    place: Place,
}

/// The position in a report.
enum Place {
    Begin,
    After(RowErrorCursor),
    End,
}

impl ErrorLines {
    pub(super) fn new(source: Source, report: ErrorReport<Vec<u8>>) -> Self {
        Self {
            source,
            report,
            place: Place::Begin,
        }
    }
}

impl Parts for ErrorLines {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ServiceError> {
        let after = match self.place {
            Place::Begin => None,
            Place::After(cursor) => Some(cursor),
            Place::End => return Ok(None),
        };
        let Source {
            rows,
            turns,
            tenant,
            job,
            left_out,
        } = &self.source;
        let _turn = turns.next().await?;
        let (errors, end) = rows.next((*tenant).into(), *job, after, ERRORS).await?;
        for error in &errors {
            let line = ErrorLine {
                row_number: error.row_number,
                error_type: error.error_type.as_str(),
                field_name: error.field_name.as_deref(),
                error_message: &error.error_message,
                received_value: error.received_value.as_deref(),
            };
            self.report.write(&line).map_err(ServiceError::Report)?;
        }
        self.place = match end {
            Some(cursor) if errors.len() as u64 == ERRORS => Place::After(cursor),
            _ => Place::End,
        };
        if let (Place::End, Some(left_out)) = (&self.place, left_out) {
            self.report
                .write_note(&errors_left_out(*left_out))
                .map_err(ServiceError::Report)?;
        }
        Ok(Some(std::mem::take(self.report.get_mut())))
    }
}

/// One line for each failed row.
pub(super) struct RowsToCorrect {
    source: Source,
    edits: Edits,
    report: FailedRows<Vec<u8>>,
    /// The last row that was written; the largest number there is once the report is over.
    last_row: u64,
    /// What is wrong in the rows of the last part.
    flaws: Vec<Flaw>,
}

impl RowsToCorrect {
    pub(super) fn new(source: Source, edits: Edits, report: FailedRows<Vec<u8>>) -> Self {
        Self {
            source,
            edits,
            report,
            last_row: 0,
            flaws: Vec::new(),
        }
    }
}

impl Parts for RowsToCorrect {
    fn flaws(&mut self) -> Vec<Flaw> {
        std::mem::take(&mut self.flaws)
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, ServiceError> {
        if self.last_row == u64::MAX {
            return Ok(None);
        }
        let Source {
            rows,
            turns,
            tenant,
            job,
            left_out,
        } = &self.source;
        let (scope, job) = ((*tenant).into(), *job);
        let _turn = turns.next().await?;
        let found = rows.rows_after(scope, job, self.last_row, ROWS).await?;
        let (Some(first), Some(last)) = (found.first(), found.last()) else {
            if let Some(left_out) = left_out {
                self.report
                    .write_note(&rows_left_out(*left_out))
                    .map_err(ServiceError::Report)?;
            }
            self.last_row = u64::MAX;
            return Ok(Some(std::mem::take(self.report.get_mut())));
        };
        self.last_row = last.row_number;
        let range = (first.row_number, last.row_number);
        let errors = rows.of_rows(scope, job, range, Severity::Error).await?;
        self.flaws = errors
            .iter()
            .filter_map(|error| {
                Some(Flaw {
                    row_number: error.row_number,
                    column: error.column_index?,
                    message: error.error_message.clone(),
                })
            })
            .collect();
        let mut errors = errors.iter().peekable();
        for row in &found {
            let of_row =
                std::iter::from_fn(|| errors.next_if(|error| error.row_number <= row.row_number));
            let cells = edited(row, &self.edits);
            write_row(&mut self.report, row.row_number, &cells, of_row)
                .map_err(ServiceError::Report)?;
        }
        Ok(Some(std::mem::take(self.report.get_mut())))
    }
}

/// Writes a row with all its errors. One that was wrong as a whole is marked.
fn write_row<'e>(
    report: &mut FailedRows<Vec<u8>>,
    row_number: u64,
    cells: &[String],
    errors: impl Iterator<Item = &'e RowError>,
) -> io::Result<()> {
    let mut messages = String::new();
    let mut is_damaged = false;
    for error in errors {
        if !messages.is_empty() {
            messages.push_str("; ");
        }
        messages.push_str(&error.error_message);
        is_damaged |= error.field_name.is_none();
    }
    if is_damaged {
        report.write_damaged(row_number, cells, &messages)
    } else {
        report.write(row_number, cells, &messages)
    }
}

/// A page of errors on its way out, each with its row.
struct Listed {
    source: Source,
    /// `None` unless the rows were asked for.
    keys: Option<RowKeys>,
    headers: Vec<String>,
    errors: VecDeque<RowError>,
    /// The rows of the next errors.
    rows: VecDeque<FailedRow>,
}

impl Listed {
    async fn next(&mut self) -> Result<Option<ListedError>, ServiceError> {
        let Some(error) = self.errors.pop_front() else {
            return Ok(None);
        };
        let row_data = match &self.keys {
            None => None,
            Some(_) => Some(self.row_data(&error).await?),
        };
        let column = error
            .column_index
            .and_then(|index| self.headers.get(index as usize).cloned());
        Ok(Some(ListedError {
            error,
            column,
            row_data,
        }))
    }

    /// The row of an error: the errors come in the order of their rows, and so do these.
    async fn row_data(&mut self, error: &RowError) -> Result<RowData, ServiceError> {
        let number = error.row_number;
        while self.rows.front().is_some_and(|row| row.row_number < number) {
            self.rows.pop_front();
        }
        if self.rows.is_empty() {
            let mut numbers = vec![number];
            numbers.extend(self.errors.iter().map(|error| error.row_number));
            numbers.dedup();
            let _turn = self.source.turns.next().await?;
            let scope = self.source.tenant.into();
            self.rows = self
                .source
                .rows
                .rows_with(scope, self.source.job, &numbers)
                .await?
                .into();
        }
        let cells = match self.rows.front() {
            Some(row) if row.row_number == number => Some(&row.cells),
            // A row that was taken is in the table that it was taken into.
            _ => None,
        };
        let row = |keys: &RowKeys| cells.map(|cells: &RowCells| keys.row(cells));
        Ok(self.keys.as_ref().and_then(row).unwrap_or_default())
    }
}

/// The note at the end of a report that does not list every error.
fn errors_left_out(left_out: LeftOut) -> String {
    format!(
        "{} kesalahan lain pada {} baris tidak dirinci di laporan ini, tetapi tetap dihitung. \
         Perbaiki dulu kesalahan yang berulang di file asli, lalu unggah ulang file itu.",
        left_out.errors, left_out.rows
    )
}

/// The note at the end of a file to correct that does not contain every failed row.
fn rows_left_out(left_out: LeftOut) -> String {
    format!(
        "{} baris gagal lainnya tidak dimuat di file ini. Perbaiki baris-baris itu di file asli; \
         baris catatan ini dilewati saat file diunggah ulang.",
        left_out.rows
    )
}
