//! The reports of a job as workbooks: the same records as the CSV, as cells of text; cells that are wrong are tinted and say why.

use auth::{Actor, ManageImports};
use domain::{Action, JobId};
use import_types::engine::{
    Limits,
    raw::RecordReader,
    recognise::Dialect,
    report::{CsvWriter, ErrorReport, FailedRows, unguard},
};

use super::{
    Download, Imports,
    book::{Look, MOST_COLUMNS, TextBook, TextSheet},
    report::{ErrorLines, Flaw, Parts, RowsToCorrect},
};
use crate::ServiceError;

/// Larger than any record that is stored: what the reports wrote is read whole.
const RECORD_BYTES: usize = 1 << 30;

impl Imports {
    /// The error report as a workbook.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn error_report_workbook(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        let job = self.job(actor, id).await?;
        let _turn = self.book_turn().await?;
        self.note_download(actor, &job, Action::ReportDownloaded)
            .await;
        let report = ErrorReport::with(CsvWriter::new(Vec::new())).map_err(ServiceError::Report)?;
        let lines = ErrorLines::new(self.report_of(&job), report);
        let mut book = TextBook::new();
        copy(lines, &mut book, "Kesalahan", &["error_message"], &[]).await?;
        book.download(format!("errors-{id}.xlsx")).await
    }

    /// The failed rows as a workbook: the file to correct and upload again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidQuery`] for a file with more columns than a sheet has, or a failure.
    pub async fn failed_rows_workbook(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        let job = self.job(actor, id).await?;
        let headers = &job.metadata.columns;
        if headers.len() + 2 > MOST_COLUMNS {
            return Err(ServiceError::InvalidQuery {
                message:
                    "Parameter 'format': kolom file terlalu banyak untuk xlsx, unduh sebagai csv"
                        .to_owned(),
            });
        }
        let _turn = self.book_turn().await?;
        self.note_download(actor, &job, Action::FailedRowsDownloaded)
            .await;
        let report =
            FailedRows::with(CsvWriter::new(Vec::new()), headers).map_err(ServiceError::Report)?;
        let edits = self.jobs.edits(job.tenant_id.into(), id).await?;
        let rows = RowsToCorrect::new(self.report_of(&job), edits, report);
        let mut book = TextBook::new();
        copy(rows, &mut book, "Perbaikan", &["_errors"], headers).await?;
        book.download(format!("failed-rows-{id}.xlsx")).await
    }
}

/// Copies the records of a report into a sheet. The flaws of a part belong to its records, whose last cell but one is the row
/// number; they name columns of the file, whose headers are given.
async fn copy(
    mut report: impl Parts,
    book: &mut TextBook,
    name: &str,
    wide: &[&str],
    file: &[String],
) -> Result<(), ServiceError> {
    let limits = Limits {
        cell_bytes: RECORD_BYTES,
        record_bytes: RECORD_BYTES,
        ..Limits::default()
    };
    let mut reader = RecordReader::new(&Dialect::default(), limits);
    let mut sheet: Option<TextSheet<'_>> = None;
    let mut places: Vec<Option<u16>> = Vec::new();
    let mut book = Some(book);
    loop {
        let part = report.next().await?;
        let flaws = report.flaws();
        let mut flaws = flaws.iter().peekable();
        match &part {
            Some(bytes) => reader.feed(bytes),
            None => reader.finish(),
        }
        while let Some(record) = reader.next_record() {
            let cells: Vec<&str> = record.iter().map(unguard).collect();
            let Some(sheet) = &mut sheet else {
                places = kept_places(file, &cells);
                if let Some(book) = book.take() {
                    sheet = Some(book.sheet(name, cells, wide)?);
                }
                continue;
            };
            if !sheet.has_room() {
                sheet.row([(
                    "Baris selebihnya tidak muat; unduh sebagai CSV",
                    Look::Plain,
                )])?;
                return Ok(());
            }
            let number = cells.len().checked_sub(2).and_then(|at| cells.get(at));
            let number: Option<u64> = number.and_then(|number| number.parse().ok());
            let of_row: Vec<&Flaw> = std::iter::from_fn(|| {
                flaws.next_if(|flaw| number.is_some_and(|number| flaw.row_number <= number))
            })
            .collect();
            write_row(sheet, &cells, &of_row, &places)?;
        }
        if part.is_none() {
            return Ok(());
        }
    }
}

fn write_row(
    sheet: &mut TextSheet<'_>,
    cells: &[&str],
    flaws: &[&Flaw],
    places: &[Option<u16>],
) -> Result<(), ServiceError> {
    // The errors of each column, in the order of the columns.
    let mut bad: Vec<(u16, String)> = Vec::new();
    for flaw in flaws {
        let Some(Some(place)) = places.get(flaw.column as usize) else {
            continue;
        };
        match bad.iter_mut().find(|(column, _)| column == place) {
            Some((_, words)) => {
                words.push('\n');
                words.push_str(&flaw.message);
            }
            None => bad.push((*place, flaw.message.clone())),
        }
    }
    let is_bad = |column: u16| bad.iter().any(|(place, _)| *place == column);
    sheet.row((0..).zip(cells).map(|(column, cell)| {
        let look = if is_bad(column) {
            Look::Bad
        } else {
            Look::Plain
        };
        (*cell, look)
    }))?;
    for (column, words) in &bad {
        sheet.note(*column, words)?;
    }
    Ok(())
}

/// Where each column of the file is in the report, which leaves out those that an earlier report added.
fn kept_places(file: &[String], report: &[&str]) -> Vec<Option<u16>> {
    let mut kept = (0..).zip(report).peekable();
    file.iter()
        .map(|header| {
            kept.next_if(|(_, kept)| *kept == header)
                .map(|(place, _)| place)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_file_are_found_in_the_report() {
        let file = ["nama", "_row_number", "email", "_errors"].map(str::to_owned);
        let report = ["nama", "email", "_row_number", "_errors"];
        assert_eq!(kept_places(&file, &report), [Some(0), None, Some(1), None]);
    }
}
