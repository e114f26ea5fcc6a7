//! What goes back to the people whose rows were refused: the file to correct. Reads nothing.

use std::io::{self, Write};

use super::CsvWriter;
use crate::{
    check::{
        batch::{Batch, RejectedRow},
        layout::{ERRORS, MARK, NOTE, ROW_NUMBER},
    },
    schema::Messages,
    sniff::footer::is_blank,
};

/// Writes the file to correct: the original columns of the rows that failed, then `_row_number` and `_errors`. Importing it
/// again ignores columns that begin with `_`.
///
/// A row whose cells were out of place (too few, too many, a quote that never closes, bytes that are not text) looks sound in
/// this file, as every row of it has the right number of cells. Its errors therefore begin with the mark `[!]`, and a row that
/// still has it is refused when the file is imported again: who has put the cells right removes the mark.
///
/// ```
/// use import_engine::report::FailedRows;
///
/// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
/// failed.write(5, ["Ahmad", "ahmad@email"], "Email tidak valid: ahmad@email")?;
/// let text = String::from_utf8(failed.finish()?)?;
/// assert_eq!(text, "nama,email,_row_number,_errors\r\nAhmad,ahmad@email,5,Email tidak valid: ahmad@email\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FailedRows<W> {
    writer: CsvWriter<W>,
    /// Columns of the original file that are written; earlier `_row_number` and `_errors` are not.
    kept: Vec<usize>,
    columns: usize,
}

impl<W: Write> FailedRows<W> {
    /// Writes the header: the file's own, without columns that an earlier such file had added.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn new<H: AsRef<str>>(out: W, headers: &[H]) -> io::Result<Self> {
        Self::with(CsvWriter::new(out), headers)
    }

    /// The same onto a writer with other options.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn with<H: AsRef<str>>(mut writer: CsvWriter<W>, headers: &[H]) -> io::Result<Self> {
        let added = [ROW_NUMBER, ERRORS];
        let kept: Vec<usize> = (0..headers.len())
            .filter(|&column| !added.contains(&headers[column].as_ref().trim()))
            .collect();
        writer.write_record(
            kept.iter()
                .map(|&column| headers[column].as_ref())
                .chain(added),
        )?;
        Ok(Self {
            writer,
            kept,
            columns: headers.len(),
        })
    }

    /// Writes a row: its cells as received, and what is wrong with it.
    ///
    /// Cells that are missing are written empty; cells beyond the header are put, joined by `|`, into the last column, so
    /// that nothing is lost. Both get the mark.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write<I>(&mut self, row: u64, cells: I, errors: &str) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(row, cells, errors, false)
    }

    /// Writes a row that was wrong as a whole, with the mark that must be removed before it is taken.
    ///
    /// ```
    /// use import_engine::report::FailedRows;
    ///
    /// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
    /// failed.write_damaged(5, ["Ahmad \u{FFFD}", ""], "bytes that are not text")?;
    /// let text = String::from_utf8(failed.finish()?)?;
    /// assert!(text.ends_with("Ahmad \u{FFFD},,5,[!] bytes that are not text\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_damaged<I>(&mut self, row: u64, cells: I, errors: &str) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(row, cells, errors, true)
    }

    /// Writes a note about the file itself, such as which rows it leaves out: a record without cells. When the file is
    /// imported again it is passed over as an empty row is.
    ///
    /// ```
    /// use import_engine::report::FailedRows;
    ///
    /// let mut failed = FailedRows::new(Vec::new(), &["nama", "email"])?;
    /// failed.write_note("7 rows more")?;
    /// assert!(failed.finish()?.ends_with(b",,,[i] 7 rows more\r\n"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        let note = format!("{NOTE} {note}");
        let cells = self.kept.iter().map(|_| "");
        self.writer.write_record(cells.chain(["", note.as_str()]))
    }

    fn put<I>(&mut self, row: u64, cells: I, errors: &str, is_damaged: bool) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut cells: Vec<String> = cells
            .into_iter()
            .map(|cell| cell.as_ref().to_owned())
            .collect();
        // Blank cells after the last column were accepted when they were read, and would not be columns again.
        while cells.len() > self.columns && cells.last().is_some_and(|cell| is_blank(cell)) {
            cells.pop();
        }
        let is_uneven = cells.len() > self.columns;
        if cells.len() > self.columns && self.columns > 0 {
            let surplus = cells.split_off(self.columns - 1).join("|");
            cells.push(surplus);
        }
        let errors = if (is_damaged || is_uneven) && !errors.starts_with(MARK) {
            format!("{MARK} {errors}")
        } else {
            errors.to_owned()
        };
        let row = row.to_string();
        let original = self
            .kept
            .iter()
            .map(|&column| cells.get(column).map_or("", String::as_str));
        self.writer
            .write_record(original.chain([row.as_str(), errors.as_str()]))
    }

    /// Writes the invalid rows of a batch, messages joined by `; `.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn write_batch(&mut self, batch: &Batch, messages: &Messages) -> io::Result<()> {
        for rejected in batch.rejected() {
            self.write_rejected(rejected, batch, messages)?;
        }
        Ok(())
    }

    fn write_rejected(
        &mut self,
        row: RejectedRow<'_>,
        batch: &Batch,
        messages: &Messages,
    ) -> io::Result<()> {
        let errors: Vec<String> = batch
            .issues_of(row.row())
            .iter()
            .filter(|issue| issue.is_error())
            .map(|issue| messages.message(issue))
            .collect();
        let is_damaged = batch
            .issues_of(row.row())
            .iter()
            .any(|issue| issue.is_error() && issue.field_name.is_none());
        self.put(row.row(), row.cells(), &errors.join("; "), is_damaged)
    }

    /// Flushes, and gives the output back.
    ///
    /// # Errors
    ///
    /// [`an error of the output`].
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }

    /// The output, to drain it between rows.
    pub fn get_mut(&mut self) -> &mut W {
        self.writer.get_mut()
    }
}
