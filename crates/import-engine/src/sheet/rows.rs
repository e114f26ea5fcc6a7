//! What every format of workbooks becomes: the cells of a sheet are turned into lines of a table, in their positions, on the
//! line of their row number, within limits, or there is an error that says why not. Also keeps the texts that cells share.
//! Independent of the file formats.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::{
    issue::{Language, Notice, NoticeCode},
    report::push_cell,
};

/// How much of a workbook is accepted.
///
/// ```
/// use import_engine::sheet::SheetLimits;
///
/// let limits = SheetLimits { rows: 50_000, ..SheetLimits::default() };
/// assert_eq!(limits.columns, 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetLimits {
    /// Bytes that are unpacked, for all sheets together, and bytes of the table that is written. Default 200 million.
    pub bytes: u64,
    /// The largest number of the last row with content. Default one million.
    pub rows: u32,
    /// The largest number of the last column with content. Default 500.
    pub columns: u32,
}

impl Default for SheetLimits {
    fn default() -> Self {
        Self {
            bytes: 200_000_000,
            rows: 1_000_000,
            columns: 500,
        }
    }
}

/// The limit of what may be unpacked, and what has been.
#[derive(Debug)]
pub(super) struct Meter {
    limit: u64,
    spent: AtomicU64,
    /// Bytes since the last piece of XML.
    piece: AtomicU64,
    exceeded: AtomicBool,
}

impl Meter {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            limit,
            spent: AtomicU64::new(0),
            piece: AtomicU64::new(0),
            exceeded: AtomicBool::new(false),
        })
    }

    /// Counts bytes that were unpacked or read.
    pub(super) fn spend(&self, bytes: u64) -> Result<(), WorkbookError> {
        if self.spent.fetch_add(bytes, Ordering::Relaxed) + bytes > self.limit {
            self.exceeded.store(true, Ordering::Relaxed);
            return Err(self.too_large());
        }
        Ok(())
    }

    /// Bytes that may be unpacked.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn too_large(&self) -> WorkbookError {
        WorkbookError::TooLarge { limit: self.limit }
    }

    /// Counts bytes of the current piece of XML, and returns how many it has.
    pub(super) fn spend_on_piece(&self, bytes: u64) -> Result<u64, WorkbookError> {
        let piece = self.piece.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.spend(bytes)?;
        Ok(piece)
    }

    /// Starts the count of a piece of XML.
    pub(super) fn begin_piece(&self) {
        self.piece.store(0, Ordering::Relaxed);
    }

    /// Whether the limit was exceeded: the error itself is lost in the readers between.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    /// Starts the count again, for another pass over the same file.
    pub(super) fn reset(&self) {
        self.spent.store(0, Ordering::Relaxed);
    }
}

/// A sheet of a workbook.
///
/// ```
/// # let bytes = include_bytes!("../../tests/sheets/contacts.xlsx").to_vec();
/// use import_engine::sheet::Workbook;
///
/// let book = Workbook::open(std::io::Cursor::new(bytes))?;
/// assert_eq!(book.sheets()[0].name, "Jamaah");
/// # Ok::<(), import_engine::sheet::WorkbookError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SheetInfo {
    /// The name on its tab.
    pub name: String,
    /// Rows with content, including the header. 0 before the workbook was read.
    pub rows: u64,
    /// Whether its tab is hidden.
    pub hidden: bool,
}

impl SheetInfo {
    pub(super) fn new(name: String, hidden: bool) -> Self {
        Self {
            name,
            rows: 0,
            hidden,
        }
    }
}

/// Cells and rows between two checks whether the caller wants to stop.
const TICKS: u32 = 4_096;

/// Rows of a table as CSV in UTF-8, each on the line of its number: rows without content are empty lines. A source of
/// records for anything that yields cells row by row, such as a workbook.
///
/// ```
/// use import_engine::sheet::{SheetLimits, TableWriter, WorkbookError};
///
/// let mut table = TableWriter::new(Vec::new(), SheetLimits::default());
/// table.write_row(0, &["nama", "telepon"])?;
/// table.write_row(2, &["Siti, Hj.", ""])?;
/// assert!(matches!(table.write_row(1, &["Ahmad", ""]), Err(WorkbookError::Damaged(_)))); // that row was passed
/// assert_eq!(table.finish()?, b"nama,telepon\n\n\"Siti, Hj.\",\n");
/// # Ok::<(), WorkbookError>(())
/// ```
#[derive(Debug)]
pub struct TableWriter<W> {
    out: W,
    limits: SheetLimits,
    line: Vec<u8>,
    /// The row of the next line.
    next: u32,
    /// The number of cells of the widest row so far: rows below a header get as many.
    width: usize,
    bytes: u64,
}

impl<W: Write> TableWriter<W> {
    /// A table that is written to an output.
    pub fn new(out: W, limits: SheetLimits) -> Self {
        Self {
            out,
            limits,
            line: Vec::new(),
            next: 0,
            width: 0,
            bytes: 0,
        }
    }

    /// Writes a row by its index from 0. Rows must be in order; omitted ones are empty.
    ///
    /// # Errors
    ///
    /// [`WorkbookError::TooManyRows`], [`WorkbookError::TooManyColumns`] and [`WorkbookError::TooLarge`] by the limits,
    /// [`WorkbookError::Damaged`] for a row before the current one, [`WorkbookError::Write`].
    pub fn write_row<C: AsRef<str>>(&mut self, row: u32, cells: &[C]) -> Result<(), WorkbookError> {
        let used = cells
            .iter()
            .rposition(|cell| !cell.as_ref().is_empty())
            .map_or(0, |last| last + 1);
        if used == 0 {
            return Ok(());
        }
        if row < self.next {
            return Err(WorkbookError::Damaged("its rows are out of order"));
        }
        if row >= self.limits.rows {
            return Err(WorkbookError::TooManyRows {
                limit: self.limits.rows,
            });
        }
        if u32::try_from(used).unwrap_or(u32::MAX) > self.limits.columns {
            return Err(WorkbookError::TooManyColumns {
                limit: self.limits.columns,
            });
        }
        self.width = self.width.max(used);
        self.line.clear();
        self.line.resize((row - self.next) as usize, b'\n');
        for index in 0..self.width {
            if index > 0 {
                self.line.push(b',');
            }
            if let Some(cell) = cells.get(index) {
                push_cell(&mut self.line, cell.as_ref(), b',');
            }
        }
        self.line.push(b'\n');
        self.next = row + 1;
        self.bytes += self.line.len() as u64;
        if self.bytes > self.limits.bytes {
            return Err(WorkbookError::TooLarge {
                limit: self.limits.bytes,
            });
        }
        self.out.write_all(&self.line).map_err(WorkbookError::Write)
    }

    /// Flushes what is buffered, and returns the output.
    ///
    /// # Errors
    ///
    /// [`WorkbookError::Write`].
    pub fn finish(mut self) -> Result<W, WorkbookError> {
        self.out.flush().map_err(WorkbookError::Write)?;
        Ok(self.out)
    }
}

/// Which sheet is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Sheet(usize),
    /// The first that is not hidden and has content.
    FirstShown,
}

/// Rows with a finding: their number, and the row number of the first in the sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Noticed {
    rows: u64,
    first: u32,
}

impl Noticed {
    /// Counts rows from an index on.
    fn add(&mut self, from: u32, rows: u32) {
        if self.rows == 0 {
            self.first = from + 1;
        }
        self.rows += u64::from(rows);
    }
}

/// Ranges of merged cells in one column, from the top of the sheet.
#[derive(Clone, Debug, Default)]
struct Joined {
    /// The first ones.
    near: Vec<Noticed>,
    /// All that follow.
    far: Noticed,
}

/// Ranges of a column that may belong to the header, or be above it.
const MOST_NEAR: usize = 8;

impl Joined {
    fn add(&mut self, from: u32, rows: u32) {
        if self.near.len() < MOST_NEAR {
            let mut range = Noticed::default();
            range.add(from, rows);
            self.near.push(range);
        } else {
            self.far.add(from, rows);
        }
    }

    /// The ranges below a header, whose row counts from 1: cells that are merged with those of the header are part of it.
    fn below(&self, header: u64) -> Noticed {
        let ranges = self.near.iter().chain([&self.far]);
        // The first blank row is the one after the row with the cell.
        ranges
            .filter(|range| range.rows > 0 && u64::from(range.first) > header + 1)
            .fold(Noticed::default(), |mut all, range| {
                if all.rows == 0 {
                    all.first = range.first;
                }
                all.rows += range.rows;
                all
            })
    }
}

/// Columns with merged cells that are reported.
const MOST_MERGED: usize = 20;

/// Receives the cells of all sheets of a workbook, counts the rows of each, and writes those of one.
pub(super) struct Collector<'a> {
    table: TableWriter<&'a mut dyn Write>,
    watch: &'a mut dyn FnMut() -> ControlFlow<()>,
    ticks: u32,
    limits: SheetLimits,
    sheets: Vec<SheetInfo>,
    chosen: Option<usize>,
    current: usize,
    row: u32,
    /// Whether the row has content.
    filled: bool,
    row_hidden: bool,
    cells: Vec<String>,
    used: usize,
    hidden_rows: Noticed,
    /// Rows that merged cells leave blank, by column.
    merged: BTreeMap<u32, Joined>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        wanted: Wanted,
        sheets: Vec<SheetInfo>,
        limits: SheetLimits,
        out: &'a mut dyn Write,
        watch: &'a mut dyn FnMut() -> ControlFlow<()>,
    ) -> Self {
        Self {
            table: TableWriter::new(out, limits),
            watch,
            ticks: 0,
            limits,
            sheets,
            chosen: match wanted {
                Wanted::Sheet(index) => Some(index),
                Wanted::FirstShown => None,
            },
            current: usize::MAX,
            row: 0,
            filled: false,
            row_hidden: false,
            cells: Vec::new(),
            used: 0,
            hidden_rows: Noticed::default(),
            merged: BTreeMap::new(),
        }
    }

    /// Called whenever something was read: checks regularly whether to continue.
    pub(super) fn tick(&mut self) -> Result<(), WorkbookError> {
        self.ticks += 1;
        if self.ticks >= TICKS {
            self.ticks = 0;
            if (self.watch)().is_break() {
                return Err(WorkbookError::Cancelled);
            }
        }
        Ok(())
    }

    pub(super) fn begin_sheet(&mut self, index: usize) {
        self.current = index;
        self.row = 0;
        if let Some(sheet) = self.sheets.get_mut(index) {
            sheet.rows = 0;
        }
    }

    pub(super) fn begin_row(&mut self, row: u32, hidden: bool) -> Result<(), WorkbookError> {
        self.tick()?;
        self.row = row;
        self.row_hidden = hidden;
        self.used = 0;
        self.filled = false;
        Ok(())
    }

    /// Adds a cell of the current row, by its column from 0.
    pub(super) fn cell(&mut self, column: u32, text: &str) -> Result<(), WorkbookError> {
        self.tick()?;
        if text.trim().is_empty() {
            return Ok(());
        }
        self.filled = true;
        if !self.may_be_wanted() {
            return Ok(());
        }
        if column >= self.limits.columns {
            return Err(WorkbookError::TooManyColumns {
                limit: self.limits.columns,
            });
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, String::new);
        }
        for cell in self.cells.iter_mut().take(column + 1).skip(self.used) {
            cell.clear();
        }
        self.used = self.used.max(column + 1);
        let cell = &mut self.cells[column];
        cell.clear();
        push_lines(cell, text);
        Ok(())
    }

    /// Whether the current row would be written if it had content.
    fn may_be_wanted(&self) -> bool {
        match self.chosen {
            Some(chosen) => chosen == self.current,
            None => self
                .sheets
                .get(self.current)
                .is_some_and(|sheet| !sheet.hidden),
        }
    }

    /// Ends the row, which is repeated this many times in the sheet.
    pub(super) fn end_row(&mut self, times: u32) -> Result<(), WorkbookError> {
        if !self.filled {
            return Ok(());
        }
        self.filled = false;
        let wanted = self.may_be_wanted();
        if wanted {
            self.chosen = Some(self.current);
        }
        if let Some(sheet) = self.sheets.get_mut(self.current) {
            sheet.rows += u64::from(times);
        }
        if !wanted {
            return Ok(());
        }
        for row in self.row..self.row.saturating_add(times) {
            self.tick()?;
            if self.row_hidden {
                self.hidden_rows.add(row, 1);
            }
            self.table.write_row(row, &self.cells[..self.used])?;
        }
        Ok(())
    }

    /// Records merged cells, of which the rows below the first are blank.
    pub(super) fn merge(&mut self, (row, column): (u32, u32), last_row: u32) {
        let covered = last_row.saturating_sub(row);
        if covered > 0
            && self.may_be_wanted()
            && (self.merged.len() < MOST_MERGED || self.merged.contains_key(&column))
        {
            let noticed = self.merged.entry(column).or_default();
            noticed.add(row.saturating_add(1), covered);
        }
    }

    pub(super) fn finish(self) -> Result<Collected, WorkbookError> {
        self.table.finish()?;
        Ok(Collected {
            sheets: self.sheets,
            chosen: self.chosen,
            oddities: Oddities {
                hidden_rows: self.hidden_rows,
                merged: self.merged,
            },
        })
    }
}

/// What was read of a workbook.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) sheets: Vec<SheetInfo>,
    /// The sheet that was written.
    pub(super) chosen: Option<usize>,
    pub(super) oddities: Oddities,
}

/// The findings about the rows of a sheet that were written.
#[derive(Clone, Debug)]
pub(super) struct Oddities {
    hidden_rows: Noticed,
    /// Rows that merged cells leave blank, by column.
    merged: BTreeMap<u32, Joined>,
}

impl Oddities {
    /// What the user should know about the rows of a sheet, and about other sheets of its workbook with content.
    pub(super) fn notices(
        &self,
        chosen: &str,
        sheets: &[SheetInfo],
        header_row: Option<u64>,
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        let others: Vec<&str> = sheets
            .iter()
            .filter(|sheet| sheet.name != chosen && sheet.rows > 0)
            .map(|sheet| sheet.name.as_str())
            .collect();
        if !others.is_empty() {
            notices.push(
                Notice::new(NoticeCode::OTHER_SHEETS)
                    .with("sheet", chosen)
                    .with("others", others.join(", ")),
            );
        }
        let header_row = header_row.unwrap_or_default();
        let merged = self.merged.iter();
        let below = merged.map(|(column, joined)| (column, joined.below(header_row)));
        for (column, noticed) in below.filter(|(_, noticed)| noticed.rows > 0) {
            notices.push(
                Notice::new(NoticeCode::MERGED_CELLS)
                    .with("column", letters(*column))
                    .with("rows", noticed.rows)
                    .with("row", noticed.first),
            );
        }
        if self.hidden_rows.rows > 0 {
            notices.push(
                Notice::new(NoticeCode::HIDDEN_ROWS)
                    .with("rows", self.hidden_rows.rows)
                    .with("first", self.hidden_rows.first),
            );
        }
        notices
    }
}

/// Appends text with `\n` as its line ends, however the program wrote them.
fn push_lines(cell: &mut String, text: &str) {
    if text.contains('\r') {
        cell.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        cell.push_str(text);
    }
}

/// The letters of a column from 0, such as `AB`.
fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(
            b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default(),
        ));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Row and column from 0 of `A1`; `None` if it is not a position in a sheet.
pub(super) fn parse_place(place: &[u8]) -> Option<(u32, u32)> {
    let letters = place.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let (letters, digits) = place.split_at(letters);
    if letters.is_empty() || letters.len() > 3 || digits.is_empty() || digits.len() > 7 {
        return None;
    }
    let column = letters.iter().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = digits.iter().try_fold(0, |row: u32, digit| {
        digit
            .is_ascii_digit()
            .then(|| row * 10 + u32::from(digit - b'0'))
    })?;
    Some((row.checked_sub(1)?, column - 1))
}

// The texts that cells share, one after the other in one buffer.

/// Bytes of all texts: a workbook of ten megabytes with only different texts has some forty.
const MOST_BYTES: usize = 96 << 20;

/// Texts by their number.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn push(&mut self, text: &str) -> Result<(), WorkbookError> {
        // The end of each is counted, so that millions of empty texts count, too.
        if self.text.len() + text.len() + self.ends.len() * 4 > MOST_BYTES {
            return Err(WorkbookError::TooLarge {
                limit: MOST_BYTES as u64,
            });
        }
        self.text.push_str(text);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}

// Why a workbook cannot be read, for programs and for users.

/// Why a workbook cannot be read.
///
/// ```
/// use import_engine::{Language, sheet::WorkbookError};
///
/// let error = WorkbookError::Encrypted;
/// assert_eq!(error.code(), "encrypted_workbook");
/// assert_eq!(error.hint(Language::ENGLISH), Some("Open it with its password and save it without one"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbookError {
    /// The bytes could not be read.
    #[error("could not read the workbook")]
    Read(#[source] io::Error),
    /// The table could not be written.
    #[error("could not write the table of the sheet")]
    Write(#[source] io::Error),
    /// It needs a password.
    #[error("the workbook is encrypted")]
    Encrypted,
    /// It is a container of the same kind, but not a workbook: a text document, a zip of other files.
    #[error("the file is not a workbook")]
    NotAWorkbook,
    /// It is a workbook of an unsupported kind, such as `.xlsb`.
    #[error("workbooks of this kind are not read")]
    Unsupported,
    /// Something in it is missing or contradicts itself.
    #[error("the workbook is damaged: {0}")]
    Damaged(&'static str),
    /// It unpacks to more than [`SheetLimits::bytes`](SheetLimits::bytes).
    #[error("the workbook unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The sheet extends below [`SheetLimits::rows`](SheetLimits::rows).
    #[error("the sheet has more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: u32,
    },
    /// The sheet extends beyond [`SheetLimits::columns`](SheetLimits::columns).
    #[error("the sheet has more than {limit} columns")]
    TooManyColumns {
        /// The limit.
        limit: u32,
    },
    /// No sheet has this name.
    #[error("the workbook has no sheet '{sheet}'")]
    NoSuchSheet {
        /// The name as given.
        sheet: String,
        /// The existing names.
        sheets: Vec<String>,
    },
    /// No sheet has content.
    #[error("no sheet of the workbook holds anything")]
    Empty,
    /// The caller asked to stop.
    #[error("reading the workbook was cancelled")]
    Cancelled,
}

impl WorkbookError {
    /// A stable word for programs.
    ///
    /// ```
    /// assert_eq!(import_engine::sheet::WorkbookError::Empty.code(), "empty");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Write(_) => "write",
            Self::Encrypted => "encrypted_workbook",
            Self::NotAWorkbook => "binary",
            Self::Unsupported => "unsupported_workbook",
            Self::Damaged(_) => "damaged_workbook",
            Self::TooLarge { .. } => "workbook_too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::NoSuchSheet { .. } => "no_such_sheet",
            Self::Empty => "empty",
            Self::Cancelled => "cancelled",
        }
    }

    /// What its owner may do about it, if anything.
    ///
    /// ```
    /// use import_engine::{Language, sheet::WorkbookError};
    ///
    /// assert_eq!(WorkbookError::Cancelled.hint(Language::ENGLISH), None);
    /// ```
    #[must_use]
    pub fn hint(&self, language: Language) -> Option<&'static str> {
        let words = match self {
            Self::Encrypted => [
                "Buka dengan kata sandinya, lalu simpan tanpa kata sandi",
                "Open it with its password and save it without one",
            ],
            Self::NotAWorkbook => [
                "File ini bukan buku kerja. Unggah .xlsx, .xls, .ods, atau CSV",
                "This is not a workbook. Send .xlsx, .xls, .ods or CSV",
            ],
            Self::Unsupported => [
                "Buka di Excel, lalu Simpan Sebagai > Buku Kerja Excel (.xlsx)",
                "Open it in a spreadsheet and save it as .xlsx",
            ],
            Self::Damaged(_) => [
                "File rusak. Buka di Excel, perbaiki bila diminta, lalu simpan ulang",
                "Open it in a spreadsheet, let it repair the file, and save it again",
            ],
            Self::TooLarge { .. } | Self::TooManyRows { .. } | Self::TooManyColumns { .. } => [
                "Salin hanya tabel datanya ke buku kerja baru, atau bagi menjadi beberapa file",
                "Copy the table alone into a new workbook, or split it into several files",
            ],
            Self::NoSuchSheet { .. } => [
                "Periksa nama sheet; huruf dan spasi harus sama persis",
                "Check the name of the sheet; letters and blanks count",
            ],
            Self::Empty => ["Semua sheet kosong", "All sheets are empty"],
            Self::Read(_) | Self::Write(_) | Self::Cancelled => return None,
        };
        Some(language.pick(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written_as_sheets_show_them() {
        for (text, row, column) in [
            ("A1", 0, 0),
            ("Z9", 8, 25),
            ("AA10", 9, 26),
            ("XFD1048576", 1_048_575, 16_383),
        ] {
            assert_eq!(parse_place(text.as_bytes()), Some((row, column)), "{text}");
            assert_eq!(format!("{}{}", letters(column), row + 1), text);
        }
        for wrong in ["", "A", "1", "A0", "AAAA1", "A12345678", "A1B", "$A$1"] {
            assert_eq!(parse_place(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn texts_are_found_by_their_number() -> Result<(), WorkbookError> {
        let mut strings = Strings::default();
        for text in ["Siti", "", "é"] {
            strings.push(text)?;
        }
        assert_eq!(
            [0, 1, 2, 3].map(|at| strings.get(at)),
            [Some("Siti"), Some(""), Some("é"), None]
        );
        Ok(())
    }

    #[test]
    fn more_text_than_a_workbook_can_hold_is_refused() {
        let mut strings = Strings::default();
        let large = "x".repeat(1 << 20);
        let outcome = (0..100).try_for_each(|_| strings.push(&large));
        assert!(matches!(outcome, Err(WorkbookError::TooLarge { .. })));
    }
}
