//! Converts bytes into records. This file has the plain data of that: what is known of a file before its records are read
//! ([`Dialect`]: encoding, delimiter, quote, escape and header row, each with the confidence of the sniffer), the limits
//! for reading it ([`Limits`]), and what is read ([`Record`], with its [`Damage`]). The module `reader` reads it.

mod buffer;
mod parse;
pub(crate) mod reader;
mod resync;

use std::{
    fmt,
    io::{ErrorKind, Read},
};

use crate::{
    error::{FileError, SetupError},
    issue::{IssueCode, Notice, NoticeCode, Problem},
    text::Encoding,
};

// How much of anything the engine accepts. What happens beyond a limit is decided by the reader and the importer.

/// Upper bounds that limit memory and time, whatever the file contains.
///
/// Beyond [`columns`](Self::columns), [`cell_bytes`](Self::cell_bytes) or [`record_bytes`](Self::record_bytes) a data
/// record is damaged and costs its own row; in the header they end the import. Beyond [`rows`](Self::rows) the file is
/// refused. Beyond [`issues`](Self::issues), issues are only counted and no longer passed on.
///
/// ```
/// use import_engine::Limits;
///
/// let limits = Limits { rows: 50_000, ..Limits::default() };
/// assert_eq!(limits.columns, 16_384);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limits {
    /// Cells of one record. Default 16 384, the width of an Excel sheet.
    pub columns: usize,
    /// UTF-8 bytes of one cell as it is in the file. Default 256 KiB; an Excel cell has at most 32 767 characters.
    pub cell_bytes: usize,
    /// UTF-8 bytes of one record, and how far the reader searches for the end of a quoted cell. Default 1 MiB.
    pub record_bytes: usize,
    /// Data records of a file. Default ten million.
    pub rows: u64,
    /// Issues of a file that are passed to the sink, including warnings. Default one million.
    pub issues: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            columns: 16_384,
            cell_bytes: 256 << 10,
            record_bytes: 1 << 20,
            rows: 10_000_000,
            issues: 1_000_000,
        }
    }
}

// Reads the bytes of a file in chunks.

/// Bytes read at a time: enough that calls do not matter, few enough to stay in the cache.
pub(crate) const CHUNK: usize = 64 << 10;

/// Reads the next chunk; 0 bytes at the end.
pub(crate) fn fill<R: Read>(reader: &mut R, chunk: &mut [u8]) -> Result<usize, FileError> {
    loop {
        match reader.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map_err(FileError::Read),
        }
    }
}

// How a file is written, with the confidence of each verdict. This is plain data, which the
// [`Sniffer`](crate::recognise::Sniffer) fills.

/// How a delimited text file is written, and the confidence of its recognition.
///
/// Every field is public and may be overwritten by a caller who knows better; for the *other* verdicts to follow from the
/// caller's knowledge (such as headers read again with another delimiter), give it to the
/// [`Sniffer`](crate::recognise::Sniffer) instead.
///
/// ```
/// use import_engine::recognise::{Encoding, Sniffer};
///
/// let dialect = Sniffer::new().sniff(b"name;born\nAhmad;1990-05-05\nSiti;1985-04-07\n")?;
/// assert_eq!(dialect.delimiter, b';');
/// assert_eq!(dialect.quote, Some(b'"'));
/// assert_eq!(dialect.encoding, Encoding::UTF_8);
/// assert_eq!(dialect.header_row, Some(1));
/// assert_eq!(dialect.headers, ["name", "born"]);
/// # Ok::<(), import_engine::recognise::SniffError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub struct Dialect {
    /// How bytes become text.
    pub encoding: Encoding,
    /// Whether the file begins with a byte order mark, which is not part of the first cell.
    pub bom: bool,
    /// Whether the file's first line is Excel's `sep=;`. It is not a record: row 1 is the line after it.
    pub sep_line: bool,
    /// The ASCII byte between two cells of the decoded text. In a one-column file, one that occurs in no cell.
    #[cfg_attr(feature = "serde", serde(with = "codec::sign"))]
    pub delimiter: u8,
    /// The delimiter of a spreadsheet that took every line for one cell, or split it at that delimiter, and saved it like
    /// that: `"Siti,""Jl. Mawar, 5"",Umroh";` by one that separates cells with `;`. Records are restored before they are
    /// read with [`delimiter`](Self::delimiter).
    #[cfg_attr(feature = "serde", serde(with = "codec::optional_sign"))]
    pub resaved_with: Option<u8>,
    /// The ASCII byte that may enclose a cell; `None` if quote characters of the file are ordinary text. A file without
    /// any quote character has `"`, as in RFC 4180.
    #[cfg_attr(feature = "serde", serde(with = "codec::optional_sign"))]
    pub quote: Option<u8>,
    /// The byte that escapes a quote inside a quoted cell (`\`); `None` if quotes are doubled instead.
    #[cfg_attr(feature = "serde", serde(with = "codec::optional_sign"))]
    pub escape: Option<u8>,
    /// The most frequent line ending. A reader must accept all three nevertheless.
    pub line_ending: LineEnding,
    /// Row number of the header: the first record of the file is row 1, blank rows count, quoted line breaks do not.
    /// `None` if the file has no header.
    pub header_row: Option<u64>,
    /// Rows above the table (titles, comments, blank rows), without the header. With a header, `header_row - 1`.
    pub rows_above: u64,
    /// The header's cells, trimmed, one per column. Empty if there is no header.
    pub headers: Vec<String>,
    /// Cells of an ordinary record.
    pub columns: usize,
    /// The confidence of each verdict, 0 to 1.
    pub confidence: Confidence,
    /// The best rejected value of each verdict, if there was a rival.
    pub runner_up: RunnerUp,
    /// Which verdicts are too close to call, so that the user should decide.
    pub ambiguous: Ambiguous,
    /// What the user should know before importing.
    pub warnings: Vec<DialectWarning>,
}

impl Default for Dialect {
    /// RFC 4180: UTF-8, comma, `"` doubled, header in row 1 (its cells unknown), full confidence, no warnings.
    fn default() -> Self {
        Self {
            encoding: Encoding::UTF_8,
            bom: false,
            sep_line: false,
            delimiter: b',',
            resaved_with: None,
            quote: Some(b'"'),
            escape: None,
            line_ending: LineEnding::Lf,
            header_row: Some(1),
            rows_above: 0,
            headers: Vec::new(),
            columns: 0,
            confidence: Confidence {
                encoding: 1.0,
                delimiter: 1.0,
                quote: 1.0,
                header: 1.0,
            },
            runner_up: RunnerUp::default(),
            ambiguous: Ambiguous::default(),
            warnings: Vec::new(),
        }
    }
}

impl Dialect {
    /// Row number of the first record that may be data: the one below the header, or below the rows above the table.
    ///
    /// ```
    /// use import_engine::recognise::Dialect;
    ///
    /// assert_eq!(Dialect::default().first_data_row(), 2);
    /// assert_eq!(Dialect { header_row: None, ..Dialect::default() }.first_data_row(), 1);
    /// ```
    #[must_use]
    pub fn first_data_row(&self) -> u64 {
        self.header_row.unwrap_or(self.rows_above) + 1
    }

    /// Refuses what no file can have: a delimiter that ends lines, is not a single byte of the text, or is also the
    /// quote.
    pub(crate) fn require_possible(&self) -> Result<(), SetupError> {
        let fault = |reason| Err(SetupError::Dialect { reason });
        let signs = [self.quote, self.escape, self.resaved_with];
        let all = signs.into_iter().flatten().chain([self.delimiter]);
        if all.clone().any(|sign| !sign.is_ascii()) {
            return fault("a delimiter, quote or escape is no ASCII character");
        }
        if all.clone().any(|sign| matches!(sign, 0 | b'\n' | b'\r')) {
            return fault("a line break or NUL cannot be a delimiter, quote or escape");
        }
        if [self.quote, self.escape, self.resaved_with].contains(&Some(self.delimiter)) {
            return fault("the delimiter is another sign as well");
        }
        Ok(())
    }

    /// Whether any verdict is too close to call.
    ///
    /// ```
    /// assert!(!import_engine::recognise::Dialect::default().is_ambiguous());
    /// ```
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        let Ambiguous {
            encoding,
            delimiter,
            quote,
            header,
        } = self.ambiguous;
        encoding || delimiter || quote || header
    }

    /// The least of the four confidences, 0 to 1, as a single number for the whole recognition.
    ///
    /// ```
    /// assert!((import_engine::recognise::Dialect::default().overall_confidence() - 1.0).abs() < f32::EPSILON);
    /// ```
    #[must_use]
    pub fn overall_confidence(&self) -> f32 {
        let Confidence {
            encoding,
            delimiter,
            quote,
            header,
        } = self.confidence;
        encoding.min(delimiter).min(quote).min(header)
    }
}

/// The confidence of each verdict, from 0 (a guess) to 1 (certain, or given by the caller).
///
/// ```
/// let dialect = import_engine::recognise::Sniffer::new().with_delimiter(b'|').sniff(b"a|b\n1|2\n")?;
/// assert!((dialect.confidence.delimiter - 1.0).abs() < f32::EPSILON);
/// # Ok::<(), import_engine::recognise::SniffError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub struct Confidence {
    /// Of the encoding.
    pub encoding: f32,
    /// Of the delimiter.
    pub delimiter: f32,
    /// Of quote and escape together.
    pub quote: f32,
    /// Of the header: its row, or that there is none.
    pub header: f32,
}

/// The best rejected value of each verdict; `None` if there was no serious rival.
///
/// ```
/// let dialect = import_engine::recognise::Dialect::default();
/// assert_eq!(dialect.runner_up.delimiter, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub struct RunnerUp {
    /// The second-best encoding.
    pub encoding: Option<Encoding>,
    /// The second-best delimiter.
    pub delimiter: Option<u8>,
    /// The second-best quote; the inner `None` means "no quote".
    #[cfg_attr(feature = "serde", serde(with = "codec::nested"))]
    pub quote: Option<Option<u8>>,
    /// The second-best header row; the inner `None` means "no header".
    #[cfg_attr(feature = "serde", serde(with = "codec::nested"))]
    pub header_row: Option<Option<u64>>,
}

/// Which verdicts are too close to call. A caller should ask the user if it can.
///
/// ```
/// assert!(!import_engine::recognise::Dialect::default().ambiguous.header);
/// ```
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent verdicts, each with its own flag"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub struct Ambiguous {
    /// The encoding could equally be the runner-up.
    pub encoding: bool,
    /// The delimiter could equally be the runner-up.
    pub delimiter: bool,
    /// Quote characters could equally be ordinary text, or vice versa.
    pub quote: bool,
    /// The first row could equally be data, or another row the header.
    pub header: bool,
}

/// How lines end.
///
/// ```
/// let dialect = import_engine::recognise::Sniffer::new().sniff(b"a,b\r\n1,2\r\n")?;
/// assert_eq!(dialect.line_ending, import_engine::recognise::LineEnding::CrLf);
/// # Ok::<(), import_engine::recognise::SniffError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum LineEnding {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r` alone, old Macintosh and "CSV (Macintosh)" of Excel
    Cr,
}

/// What the user should know about the recognition before importing.
///
/// ```
/// use import_engine::recognise::{DialectWarning, Sniffer};
///
/// let dialect = Sniffer::new().sniff(b"DAFTAR JAMAAH;;\nNo;Nama;Usia\n1;Ahmad;40\n2;Siti;35\n3;Rina;20\n")?;
/// assert_eq!(dialect.warnings, [DialectWarning::RowsAboveHeader { rows: 1 }]);
/// assert_eq!(dialect.warnings[0].code(), "rows_above_header");
/// # Ok::<(), import_engine::recognise::SniffError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DialectWarning {
    /// The file looks like UTF-8 but some bytes are not; those cells will be reported.
    InvalidBytes {
        /// Byte sequences that are not valid in the encoding.
        count: u64,
        /// Offset of the first one from the start of the file, in bytes.
        first_offset: u64,
    },
    /// The encoding was guessed from little evidence, so that letters with accents may be wrong.
    UncertainEncoding,
    /// The file has more than one kind of line ending.
    MixedLineEndings,
    /// There are titles, comments or blank rows above the table, which are skipped.
    RowsAboveHeader {
        /// How many rows.
        rows: u64,
    },
    /// No row looks like a header.
    NoHeader,
    /// Two header cells have the same text.
    RepeatedHeader {
        /// The text.
        header: String,
    },
    /// A column has no header text.
    EmptyHeader {
        /// Its position, from 1.
        column: usize,
    },
    /// The header has fewer cells than an ordinary record, so that it is unknown which column has no name.
    ShortHeader {
        /// Cells of the header.
        headers: usize,
        /// Cells of an ordinary record.
        columns: usize,
    },
    /// Rows of the sample differ in their number of cells.
    RaggedRows {
        /// How many rows differ from the ordinary number.
        rows: u64,
    },
    /// The file has one column.
    SingleColumn,
}

impl DialectWarning {
    /// A stable `snake_case` word for programs.
    ///
    /// ```
    /// assert_eq!(import_engine::recognise::DialectWarning::SingleColumn.code(), "single_column");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidBytes { .. } => "invalid_bytes",
            Self::UncertainEncoding => "uncertain_encoding",
            Self::MixedLineEndings => "mixed_line_endings",
            Self::RowsAboveHeader { .. } => "rows_above_header",
            Self::NoHeader => "no_header",
            Self::RepeatedHeader { .. } => "repeated_header",
            Self::EmptyHeader { .. } => "empty_header",
            Self::ShortHeader { .. } => "short_header",
            Self::RaggedRows { .. } => "ragged_rows",
            Self::SingleColumn => "single_column",
        }
    }
}

impl fmt::Display for DialectWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Notice::from(self))?;
        if let Self::InvalidBytes { first_offset, .. } = self {
            write!(f, ", the first at byte {first_offset}")?;
        }
        Ok(())
    }
}

impl From<&DialectWarning> for Notice {
    fn from(warning: &DialectWarning) -> Self {
        match warning {
            DialectWarning::InvalidBytes { count, .. } => {
                Self::new(NoticeCode::INVALID_BYTES).with("count", count)
            }
            DialectWarning::UncertainEncoding => Self::new(NoticeCode::UNCERTAIN_ENCODING),
            DialectWarning::MixedLineEndings => Self::new(NoticeCode::MIXED_LINE_ENDINGS),
            DialectWarning::RowsAboveHeader { rows } => {
                Self::new(NoticeCode::ROWS_ABOVE_HEADER).with("rows", rows)
            }
            DialectWarning::NoHeader => Self::new(NoticeCode::NO_HEADER),
            DialectWarning::RepeatedHeader { header } => {
                Self::new(NoticeCode::REPEATED_HEADER).with("column", header)
            }
            DialectWarning::EmptyHeader { column } => {
                Self::new(NoticeCode::EMPTY_HEADER).with("number", column)
            }
            DialectWarning::ShortHeader { headers, columns } => Self::new(NoticeCode::SHORT_HEADER)
                .with("headers", headers)
                .with("cells", columns),
            DialectWarning::RaggedRows { rows } => {
                Self::new(NoticeCode::RAGGED_ROWS).with("rows", rows)
            }
            DialectWarning::SingleColumn => Self::new(NoticeCode::SINGLE_COLUMN),
        }
    }
}

// One record as a reader returns it: cells borrowed from the reader's text, and what is damaged of it.

/// A record of the file.
///
/// ```
/// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
///
/// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
/// reader.feed(b"name,note\nAhmad,\"two\nlines\"\n");
/// reader.finish();
/// reader.next_record();
/// let record = reader.next_record().unwrap();
/// assert_eq!((record.row(), record.line(), record.len()), (2, 2, 2));
/// assert_eq!(record.get(1), Some("two\nlines"));
/// assert!(record.damage().is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) text: &'r str,
    pub(crate) unescaped: &'r str,
    pub(crate) cells: &'r [Span],
    pub(crate) raw: (usize, usize),
    pub(crate) damage: Option<Damage>,
    /// Whether its neighbours have exactly the cells that it lacks: a line break inside a cell without quotes cut it.
    pub(crate) is_broken: bool,
    /// Whether its cells are not in the order of the text.
    pub(crate) is_arranged: bool,
}

/// The position of a cell: in the reader's text, or among the unescaped cells. Offsets are from the start of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    /// The highest bit: among the unescaped cells. Records are bounded to a quarter of the rest.
    end: u32,
}

const UNESCAPED: u32 = 1 << 31;

impl Span {
    #[inline]
    pub(crate) fn plain(start: usize, end: usize) -> Self {
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    /// A cell of a record that is known to be within the limit, which is far below 4 GiB.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a longer record is read again, and its spans with it"
    )]
    pub(crate) fn within(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    #[inline]
    pub(crate) fn unescaped(start: usize, end: usize) -> Self {
        Self {
            start: narrow(start),
            end: narrow(end) | UNESCAPED,
        }
    }

    #[inline]
    pub(crate) fn is_unescaped(self) -> bool {
        self.end & UNESCAPED != 0
    }

    #[inline]
    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end & !UNESCAPED
    }

    #[inline]
    pub(crate) fn end(self) -> usize {
        (self.end & !UNESCAPED) as usize
    }
}

/// Offsets within a record, which the record limit keeps far below this.
#[inline]
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX).min(UNESCAPED - 1)
}

impl<'r> Record<'r> {
    /// Row number as a spreadsheet shows it: the file's first record is row 1, blank rows count, quoted line breaks do not.
    #[must_use]
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Physical line where the record begins, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells; every record has some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell, decoded, without its quotes.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&'r str> {
        self.cells.get(column).map(|span| self.at(*span))
    }

    /// The cells.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'r str> + use<'r> {
        let record = *self;
        self.cells.iter().map(move |span| record.at(*span))
    }

    /// The record as it is in the file, decoded, without its line break. For a damaged record, the damaged text.
    #[must_use]
    pub fn raw(&self) -> &'r str {
        self.text.get(self.raw.0..self.raw.1).unwrap_or_default()
    }

    /// All text that the cells may refer to, without what follows the record.
    pub(crate) fn extent(&self) -> &'r str {
        let last = self.cells.iter().rfind(|span| !span.is_unescaped());
        let end = if self.is_arranged {
            self.raw.1
        } else {
            last.map_or(0, |span| span.end())
        };
        self.text.get(..end).unwrap_or_default()
    }

    /// The record with its cells in another order.
    pub(crate) fn arranged(self, cells: &'r [Span]) -> Self {
        Self {
            cells,
            is_arranged: true,
            ..self
        }
    }

    /// What is wrong with the record. Cells of a damaged record are a best guess, which may be shown but must not be
    /// stored.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// The bytes of a cell, for checks that need no text.
    #[inline]
    pub(crate) fn bytes(&self, column: usize) -> Option<&'r [u8]> {
        let span = self.cells.get(column)?;
        let text = if span.is_unescaped() {
            self.unescaped
        } else {
            self.text
        };
        text.as_bytes().get(span.start()..span.end())
    }

    /// Whether one of its cells is quoted.
    pub(crate) fn has_quotes(&self, quote: u8) -> bool {
        let opens = |span: &Span| {
            let before = span.start().checked_sub(1);
            span.is_unescaped()
                || before.is_some_and(|at| self.text.as_bytes().get(at) == Some(&quote))
        };
        self.cells.iter().any(opens)
    }

    #[inline]
    pub(crate) fn at(&self, span: Span) -> &'r str {
        let text = if span.is_unescaped() {
            self.unescaped
        } else {
            self.text
        };
        text.get(span.start()..span.end()).unwrap_or_default()
    }
}

/// Why a record cannot be trusted. Only that record is affected.
///
/// ```
/// use import_engine::{Limits, raw::{Damage, RecordReader}, recognise::Dialect};
///
/// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
/// reader.feed(b"a,b\n\"open,1\nSiti,2\n");
/// reader.finish();
/// reader.next_record();
/// assert_eq!(reader.next_record().unwrap().damage(), Some(Damage::OpenQuote));
/// assert_eq!(reader.next_record().unwrap().get(0), Some("Siti"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Damage {
    /// A quote is opened and not closed before the end of the file, the limit, or lines that make sense by themselves.
    OpenQuote,
    /// There is text between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A NUL character.
    Nul,
    /// Bytes that are not valid in the encoding.
    InvalidBytes,
    /// A cell beyond [`Limits::cell_bytes`].
    CellTooLarge,
    /// A record beyond [`Limits::record_bytes`].
    RecordTooLarge,
    /// More cells than [`Limits::columns`].
    TooManyColumns,
}

impl Damage {
    /// The issue it becomes.
    pub(crate) fn problem(self, limits: &Limits) -> Problem {
        match self {
            Self::OpenQuote => Problem::new(IssueCode::OPEN_QUOTE),
            Self::TextAfterQuote => Problem::new(IssueCode::TEXT_AFTER_QUOTE),
            Self::Nul => Problem::new(IssueCode::NUL),
            Self::InvalidBytes => Problem::new(IssueCode::INVALID_BYTES),
            Self::CellTooLarge => {
                Problem::new(IssueCode::CELL_TOO_LARGE).with("limit", limits.cell_bytes)
            }
            Self::RecordTooLarge => {
                Problem::new(IssueCode::RECORD_TOO_LARGE).with("limit", limits.record_bytes)
            }
            Self::TooManyColumns => {
                Problem::new(IssueCode::TOO_MANY_COLUMNS).with("limit", limits.columns)
            }
        }
    }
}

/// How a plan is written where serde's own way would lose something, or would not be read by a person.
#[cfg(feature = "serde")]
pub(crate) mod codec {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// An optional answer that may be "none": nothing, `[]`, or `[answer]`. As options in options all but the last would be `null`.
    #[expect(clippy::option_option, reason = "both are real answers of a caller")]
    pub(crate) mod nested {
        use super::{Deserialize, Deserializer, Serialize, Serializer};

        #[expect(clippy::ref_option, reason = "serde hands on references")]
        pub(crate) fn serialize<T: Serialize, S: Serializer>(
            answer: &Option<Option<T>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            answer
                .as_ref()
                .map(|answer| answer.iter().collect::<Vec<_>>())
                .serialize(serializer)
        }

        pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Option<T>>, D::Error> {
            let answer = Option::<Vec<T>>::deserialize(deserializer)?;
            Ok(answer.map(|answer| answer.into_iter().next()))
        }
    }

    /// A sign of a file as the character that it is.
    pub(crate) mod sign {
        use serde::de::Error;

        use super::{Deserialize, Deserializer, Serialize, Serializer};

        #[expect(
            clippy::trivially_copy_pass_by_ref,
            reason = "serde hands on references"
        )]
        pub(crate) fn serialize<S: Serializer>(
            sign: &u8,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            char::from(*sign).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<u8, D::Error> {
            let sign = char::deserialize(deserializer)?;
            u8::try_from(sign).map_err(|_| D::Error::custom("not the character of one byte"))
        }
    }

    /// The same, where there may be none.
    pub(crate) mod optional_sign {
        use super::{Deserialize, Deserializer, Serialize, Serializer};

        #[expect(
            clippy::trivially_copy_pass_by_ref,
            clippy::ref_option,
            reason = "serde hands on references"
        )]
        pub(crate) fn serialize<S: Serializer>(
            sign: &Option<u8>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            sign.map(char::from).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<u8>, D::Error> {
            #[derive(Deserialize)]
            struct Sign(#[serde(with = "super::sign")] u8);
            Ok(Option::<Sign>::deserialize(deserializer)?.map(|Sign(sign)| sign))
        }
    }
}
