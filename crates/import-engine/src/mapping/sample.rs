//! The first records of a file, for those who judge columns by their cells. Judges nothing itself.

use std::io::Read;

use crate::{
    csv::{CHUNK, Dialect, Limits, RecordReader, fill},
    error::FileError,
    sniff::header::{is_blank, is_footer},
    value::text::normalise_header,
};

/// The first records below a file's header.
///
/// ```
/// use import_engine::recognise::{Sample, Sniffer};
///
/// let file = b"name,email\nAhmad,ahmad@example.com\n";
/// let dialect = Sniffer::new().sniff(file)?;
/// let sample = Sample::read(&file[..], &dialect)?;
/// assert_eq!(sample.cells(0).collect::<Vec<_>>(), ["Ahmad"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The row right above the header, if there is one.
    above: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Blanks line the columns up: the names of the header are told apart by any number of them, and no row can be.
    lined_up: bool,
}

/// This many records show what a column holds.
const ROWS: usize = 200;

/// Records that are kept of a table of any width.
const LEAST_ROWS: usize = 10;

/// Bytes that are read for them at most.
const BYTES: usize = 1 << 20;

/// Cells that are kept at most, so that a table of sixteen thousand columns costs some megabytes: an empty cell of it is one
/// byte in the file and 24 here. A table of a thousand columns still has all its rows.
const CELLS: usize = 200_000;

impl Sample {
    /// Reads the beginning of a file. Neither blank rows nor sums nor damaged records are taken.
    ///
    /// # Errors
    ///
    /// [`FileError::Read`].
    pub fn read<R: Read>(mut reader: R, dialect: &Dialect) -> Result<Self, FileError> {
        let mut records = RecordReader::new(dialect, Limits::default());
        records.expect_columns(dialect.headers.len());
        let names: Vec<String> = dialect
            .headers
            .iter()
            .map(|name| normalise_header(name))
            .collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let mut sample = Self::default();
        let most = ROWS.min((CELLS / names.len().max(1)).max(LEAST_ROWS));
        let mut chunk = vec![0; CHUNK];
        let mut bytes = 0;
        'file: while sample.rows.len() < most && bytes < BYTES {
            let read = fill(&mut reader, &mut chunk)?;
            if read == 0 {
                records.finish();
            }
            bytes += read;
            records.feed(&chunk[..read]);
            while let Some(record) = records.next_record() {
                let cells: Vec<&str> = record.iter().collect();
                if dialect.header_row == Some(record.row() + 1) {
                    sample.above = cells.iter().map(|&cell| cell.to_owned()).collect();
                }
                if dialect.header_row == Some(record.row()) {
                    sample.lined_up = dialect.delimiter == b' ' && cells.len() > names.len();
                }
                let is_data = record.row() >= dialect.first_data_row()
                    && record.damage().is_none()
                    && !cells.iter().all(|cell| is_blank(cell))
                    && !is_footer(&cells);
                if is_data && cells.len() == names.len() {
                    let again: Vec<String> =
                        cells.iter().map(|cell| normalise_header(cell)).collect();
                    if again == names {
                        continue;
                    }
                    let mut again = again;
                    again.sort_unstable();
                    // The header in another order: what follows stands in other columns.
                    if again == sorted {
                        break 'file;
                    }
                }
                if is_data && sample.rows.len() < most {
                    sample
                        .rows
                        .push(cells.into_iter().map(str::to_owned).collect());
                }
            }
            if read == 0 {
                break;
            }
        }
        Ok(sample)
    }

    /// The row right above the header; empty if there is none.
    pub(crate) fn above(&self) -> &[String] {
        &self.above
    }

    pub(crate) fn is_lined_up(&self) -> bool {
        self.lined_up
    }

    /// The records, in order.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The sample without its first records.
    pub(crate) fn without_first(&self, rows: usize) -> Self {
        Self {
            above: self.above.clone(),
            rows: self.rows.iter().skip(rows).cloned().collect(),
            lined_up: self.lined_up,
        }
    }

    /// The cells of a column that are not blank.
    ///
    /// See [`Sample`] for an example.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column))
            .map(String::as_str)
            .filter(|cell| !is_blank(cell))
    }
}
