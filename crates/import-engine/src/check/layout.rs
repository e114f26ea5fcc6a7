//! The position of the table in the file: what is above the header, the header, and what is below. Independent of the fields.

use crate::{
    csv::{Damage, Dialect, Record, RecordReader},
    error::FileError,
    mapping::Mapping,
    value::text::header_text,
};

/// What the errors of a row begin with whose cells were out of place.
pub(crate) const MARK: &str = "[!]";

/// The prefix of a note about the file itself, in the column of the errors. A record with only such a note is not data.
pub(crate) const NOTE: &str = "[i]";

/// The column of the errors in a file to correct.
pub(crate) const ERRORS: &str = "_errors";

/// The column of the number that a row had in the file where it failed, in a file to correct.
pub const ROW_NUMBER: &str = "_row_number";

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Titles and the like.
    Above,
    /// The header; this many columns.
    Header(usize),
    /// The table.
    Below,
}

/// Decides where records are, and checks that the header is the one the mapping was made for.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    header_row: Option<u64>,
    rows_above: u64,
    headers: Vec<String>,
    passed_header: bool,
    prepared: bool,
}

impl Layout {
    pub(crate) fn new(dialect: &Dialect, mapping: &Mapping) -> Self {
        Self {
            header_row: dialect.header_row,
            rows_above: dialect.rows_above,
            headers: mapping.headers().map(header_text).collect(),
            passed_header: dialect.header_row.is_none(),
            prepared: false,
        }
    }

    /// Sets the reader's width of the table if no header is needed to know it.
    pub(crate) fn prepare(&mut self, reader: &mut RecordReader) {
        let at_once = self.header_row.is_none_or(|row| row == 1);
        if !std::mem::replace(&mut self.prepared, true) && at_once {
            reader.expect_columns(self.headers.len());
        }
    }

    #[inline]
    pub(crate) fn place(&mut self, record: &Record<'_>) -> Result<Place, FileError> {
        if self.passed_header && record.row() > self.rows_above.max(self.header_row.unwrap_or(0)) {
            return Ok(Place::Below);
        }
        self.place_above(record)
    }

    #[inline(never)]
    fn place_above(&mut self, record: &Record<'_>) -> Result<Place, FileError> {
        let Some(header_row) = self.header_row else {
            return Ok(Place::Above);
        };
        let row = header_row;
        if record.row() < row {
            return Ok(Place::Above);
        }
        if record.row() > row {
            return Err(FileError::HeaderChanged { row });
        }
        // A NUL is left out of a header as every control character is.
        if record.damage().is_some_and(|damage| damage != Damage::Nul) {
            return Err(FileError::HeaderDamaged { row });
        }
        let same = record.len() == self.headers.len()
            && record
                .iter()
                .zip(&self.headers)
                .all(|(cell, header)| is_same(cell, header));
        if !same {
            return Err(FileError::HeaderChanged { row });
        }
        self.passed_header = true;
        Ok(Place::Header(self.headers.len()))
    }

    /// At the end of the file.
    pub(crate) fn finish(&self) -> Result<(), FileError> {
        if self.passed_header {
            Ok(())
        } else {
            Err(FileError::HeaderMissing)
        }
    }
}

/// Headers are compared as they are recognised: without what surrounds them, and whatever the encoding made of a letter
/// that was not ASCII, as the survey may still change it.
fn is_same(cell: &str, header: &str) -> bool {
    let cell = header_text(cell);
    cell == header || (!cell.is_ascii() || !header.is_ascii()) && ascii(&cell).eq(ascii(header))
}

fn ascii(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric)
}
