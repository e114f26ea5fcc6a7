//! Workbooks for people who work in Excel. All cells are text, so that no identity number is rounded, no telephone number loses its
//! zero and no cell is evaluated, whatever it begins with. Rows are written to a temporary file as they arrive.

use std::{
    fs::File,
    io::{Seek, Write},
};

use futures_util::{StreamExt, TryStreamExt};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Note, Workbook,
    Worksheet, XlsxError,
};
use tokio_util::io::ReaderStream;

use super::Download;
use crate::ServiceError;

/// The media type of the files.
const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Rows of a sheet, less one for a note at its end.
const MOST_ROWS: u32 = 1_048_575;
/// Columns of a sheet.
pub(super) const MOST_COLUMNS: usize = 16_384;
/// UTF-16 units of a cell.
const LONGEST_CELL: usize = 32_767;
/// UTF-16 units of a note: a longer one hides the table.
const LONGEST_NOTE: usize = 1_000;
/// Notes of a sheet. They are kept in memory until the file is written, and more of them make Excel slow; the words are in the
/// column of errors as well.
const MOST_NOTES: u32 = 5_000;
/// Rows below the header that get the format of text and the lists of words, for those who fill in a template.
const PREPARED_ROWS: u32 = 10_000;
/// Width of a column in characters: wide enough for an identity number and a name, narrow enough that several are seen.
const WIDTH: f64 = 22.0;
/// Width of a column of sentences.
const WIDE: f64 = 60.0;
/// A reader of a file gets pieces of this size.
const PIECE: usize = 64 * 1024;
/// The author of notes, which Excel shows above the text.
const AUTHOR: &str = "Hijrah";
/// Ends a cell that is longer than Excel allows.
const CUT: &str = "…";

/// The format of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Header,
    /// It has an error.
    Bad,
}

/// A workbook that is being written, row by row.
pub(super) struct TextBook {
    book: Workbook,
    plain: Format,
    header: Format,
    bad: Format,
    notes: u32,
}

impl TextBook {
    pub(super) fn new() -> Self {
        let text = || {
            Format::new()
                .set_num_format("@")
                .set_align(FormatAlign::Top)
        };
        Self {
            book: Workbook::new(),
            plain: text(),
            header: text()
                .set_bold()
                .set_background_color("#DDEBF7")
                .set_text_wrap(),
            bad: text()
                .set_background_color("#FFC7CE")
                .set_font_color("#9C0006"),
            notes: 0,
        }
    }

    /// Begins a sheet with its header, which stays in view. Its rows come in their order.
    pub(super) fn sheet<'h>(
        &mut self,
        name: &str,
        headers: impl IntoIterator<Item = &'h str>,
        wide: &[&str],
    ) -> Result<TextSheet<'_>, ServiceError> {
        let sheet = self
            .book
            .add_worksheet_with_constant_memory()
            .map_err(broken)?;
        sheet.set_name(name).map_err(broken)?;
        sheet.set_freeze_panes(1, 0).map_err(broken)?;
        let headers: Vec<&str> = headers.into_iter().collect();
        for (column, header) in (0..).zip(&headers) {
            let width = if wide.contains(header) { WIDE } else { WIDTH };
            sheet.set_column_width(column, width).map_err(broken)?;
            // Cells that are filled in later are text as well.
            sheet
                .set_column_format(column, &self.plain)
                .map_err(broken)?;
        }
        let mut sheet = TextSheet {
            sheet,
            plain: &self.plain,
            header: &self.header,
            bad: &self.bad,
            notes: &mut self.notes,
            row: 0,
        };
        sheet.row(headers.iter().map(|header| (*header, Look::Header)))?;
        Ok(sheet)
    }

    /// Hides a sheet that only serves other sheets.
    pub(super) fn hide_last(&mut self) -> Result<(), ServiceError> {
        let last = self.book.worksheets().len().saturating_sub(1);
        self.book
            .worksheet_from_index(last)
            .map_err(broken)?
            .set_hidden(true);
        Ok(())
    }

    /// Packs the workbook into a temporary file, off the async threads, and streams it.
    pub(super) async fn download(self, file_name: String) -> Result<Download, ServiceError> {
        let mut book = self.book;
        let packed = tokio::task::spawn_blocking(move || -> Result<File, XlsxError> {
            let mut file = tempfile::tempfile()?;
            book.save_to_writer(&mut file)?;
            file.flush()?;
            file.rewind()?;
            Ok(file)
        });
        let file = packed.await?.map_err(broken)?;
        let content = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE);
        Ok(Download {
            file_name,
            media_type: MEDIA_TYPE,
            content: content
                .map_err(|error| ServiceError::Workbook(Box::new(error)))
                .boxed(),
        })
    }
}

/// A sheet that is being written.
pub(super) struct TextSheet<'b> {
    sheet: &'b mut Worksheet,
    plain: &'b Format,
    header: &'b Format,
    bad: &'b Format,
    notes: &'b mut u32,
    row: u32,
}

impl TextSheet<'_> {
    /// Whether another row fits, and a note after it.
    pub(super) fn has_room(&self) -> bool {
        self.row < MOST_ROWS
    }

    /// Writes the next row.
    pub(super) fn row<'c>(
        &mut self,
        cells: impl IntoIterator<Item = (&'c str, Look)>,
    ) -> Result<(), ServiceError> {
        for (column, (text, look)) in (0..).zip(cells) {
            if text.is_empty() && look == Look::Plain {
                continue;
            }
            let format = match look {
                Look::Plain => self.plain,
                Look::Header => self.header,
                Look::Bad => self.bad,
            };
            self.sheet
                .write_string_with_format(self.row, column, cut(text, LONGEST_CELL), format)
                .map_err(broken)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Adds a note to a cell of the row that was written last, if the sheet has room for one.
    pub(super) fn note(&mut self, column: u16, text: &str) -> Result<(), ServiceError> {
        if *self.notes >= MOST_NOTES || text.is_empty() {
            return Ok(());
        }
        *self.notes += 1;
        let note = Note::new(cut(text, LONGEST_NOTE))
            .set_author(AUTHOR)
            .add_author_prefix(false);
        self.sheet
            .insert_note(self.row - 1, column, &note)
            .map_err(broken)?;
        Ok(())
    }

    /// Offers the words for a column, from another sheet's first column of this many rows. Others may be typed all the same, after
    /// a question: the import understands more than the list.
    pub(super) fn offer(
        &mut self,
        column: u16,
        source: &str,
        first: u32,
        last: u32,
    ) -> Result<(), ServiceError> {
        let source = Formula::new(format!("='{source}'!$A${first}:$A${last}"));
        let words = DataValidation::new()
            .allow_list_formula(source)
            .ignore_blank(true)
            .set_error_style(DataValidationErrorStyle::Warning);
        self.sheet
            .add_data_validation(1, column, PREPARED_ROWS, column, &words)
            .map_err(broken)?;
        Ok(())
    }
}

fn broken(error: XlsxError) -> ServiceError {
    ServiceError::Workbook(Box::new(error))
}

/// As much of a text as Excel holds, which counts UTF-16.
fn cut(text: &str, most: usize) -> String {
    // A byte of UTF-8 is at most one unit.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut units = CUT.encode_utf16().count();
    let kept: String = text
        .chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= most
        })
        .collect();
    kept + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_excel_ends() {
        assert_eq!(cut("Siti", 4), "Siti");
        assert_eq!(cut("ééé", 3), "ééé");
        for (text, most) in [
            ("x".repeat(40_000), LONGEST_CELL),
            ("😀".repeat(20_000), 1_000),
        ] {
            let kept = cut(&text, most);
            assert!(kept.ends_with(CUT) && kept.encode_utf16().count() <= most);
        }
    }
}
