//! What a job could not take, as files: the error report and the rows to correct. Streamed from the database page by page.

use auth::{Actor, ManageImports};
use bytes::Bytes;
use domain::{ImportJob, JobId, RowError};
use futures_util::{Stream, StreamExt, stream};
use import_types::engine::{CsvWriter, ErrorLine, ErrorReport, FailedRows, ImportError};
use repositories::{RowErrorCursor, RowErrors};

use super::{CsvDelimiter, Download, Imports};
use crate::ServiceError;

/// Errors per query: some hundred kilobytes of report.
const PAGE: u64 = 1_000;

impl Imports {
    /// The error report as a CSV stream: `row_number,error_type,field_name,error_message,received_value`, in UTF-8 with BOM.
    /// Between the columns stands a comma, as published, unless the caller wants a semicolon.
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
        tracing::info!(job.id = %id, user.id = %actor.user_id(), "handed out an error report");
        let report = ErrorReport::with(writer(delimiter.unwrap_or_default().byte()))
            .map_err(ServiceError::Engine)?;
        Ok(Download {
            file_name: format!("errors-{id}.csv"),
            content: written(self.row_errors.clone(), &job, report).boxed(),
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
        tracing::info!(job.id = %id, user.id = %actor.user_id(), "handed out failed rows");
        let delimiter = delimiter.map_or_else(|| source_delimiter(&job), CsvDelimiter::byte);
        let report = FailedRows::with(writer(delimiter), &job.metadata.columns)
            .map_err(ServiceError::Engine)?;
        let rows = RowsToCorrect { report, row: None };
        Ok(Download {
            file_name: format!("failed-rows-{id}.csv"),
            content: written(self.row_errors.clone(), &job, rows).boxed(),
        })
    }
}

/// Delimiters of a source that any spreadsheet takes back.
const COMMON_DELIMITERS: [&str; 4] = [",", ";", "\t", "|"];

/// What the spreadsheet of the source takes columns apart by: Excel does by the separator of the system's settings.
fn source_delimiter(job: &ImportJob) -> u8 {
    COMMON_DELIMITERS
        .into_iter()
        .find(|common| *common == job.metadata.delimiter)
        .and_then(|common| common.bytes().next())
        .unwrap_or(CsvDelimiter::Comma.byte())
}

/// For a file that people open: Excel takes letters for UTF-8 only behind a byte order mark.
fn writer(delimiter: u8) -> CsvWriter<Vec<u8>> {
    CsvWriter::new(Vec::new())
        .delimiter(delimiter)
        .byte_order_mark()
}

/// Takes errors in the order of the file and makes bytes of them.
trait Writer: Send + 'static {
    fn take(&mut self, error: RowError) -> Result<(), ImportError>;
    /// No error follows.
    fn end(&mut self) -> Result<(), ImportError>;
    fn bytes(&mut self) -> &mut Vec<u8>;
}

/// Where a stream is.
enum Place {
    Behind(Option<RowErrorCursor>),
    End,
}

/// A report as a stream of its pages.
fn written(
    rows: RowErrors,
    job: &ImportJob,
    writer: impl Writer,
) -> impl Stream<Item = Result<Bytes, ServiceError>> + Send + 'static {
    let (scope, id) = (job.tenant_id.into(), job.id);
    stream::try_unfold(
        (rows, writer, Place::Behind(None)),
        move |(rows, mut writer, place)| async move {
            let Place::Behind(after) = place else {
                return Ok(None);
            };
            let (errors, cursor) = rows.next(scope, id, after, PAGE).await?;
            let is_last = (errors.len() as u64) < PAGE;
            for error in errors {
                writer.take(error).map_err(ServiceError::Engine)?;
            }
            let place = if is_last || cursor.is_none() {
                writer.end().map_err(ServiceError::Engine)?;
                Place::End
            } else {
                Place::Behind(cursor)
            };
            let bytes = Bytes::from(std::mem::take(writer.bytes()));
            Ok(Some((bytes, (rows, writer, place))))
        },
    )
}

impl Writer for ErrorReport<Vec<u8>> {
    fn take(&mut self, error: RowError) -> Result<(), ImportError> {
        self.write(&ErrorLine {
            row_number: error.row_number,
            error_type: error.error_type.as_str(),
            field_name: error.field_name.as_deref(),
            error_message: &error.error_message,
            received_value: error.received_value.as_deref(),
        })
    }

    fn end(&mut self) -> Result<(), ImportError> {
        Ok(())
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }
}

/// One line per row: its errors follow each other, perhaps over two pages.
struct RowsToCorrect {
    report: FailedRows<Vec<u8>>,
    row: Option<(RowError, Vec<String>)>,
}

impl Writer for RowsToCorrect {
    fn take(&mut self, mut error: RowError) -> Result<(), ImportError> {
        let message = std::mem::take(&mut error.error_message);
        match &mut self.row {
            Some((first, messages)) if first.row_number == error.row_number => {
                // A row that was wrong as a whole is marked, whichever error came first.
                first.field_name = first
                    .field_name
                    .take()
                    .filter(|_| error.field_name.is_some());
                messages.push(message);
                Ok(())
            }
            _ => {
                self.end()?;
                self.row = Some((error, vec![message]));
                Ok(())
            }
        }
    }

    fn end(&mut self) -> Result<(), ImportError> {
        let Some((error, messages)) = self.row.take() else {
            return Ok(());
        };
        let cells = error.row_data.0.iter().map(|(_, cell)| cell);
        let messages = messages.join("; ");
        match error.field_name {
            Some(_) => self.report.write(error.row_number, cells, &messages),
            None => self
                .report
                .write_damaged(error.row_number, cells, &messages),
        }
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        self.report.get_mut()
    }
}
