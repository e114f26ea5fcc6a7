//! One record as the reader gives it: cells borrowed from the reader's text. Knows no types.

use crate::csv::limits::Limits;

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
    /// With its neighbours it has the number of cells that it lacks: a line break inside a cell without quotes cut it.
    pub(crate) is_broken: bool,
    /// Its cells do not stand in the order of the text.
    pub(crate) is_arranged: bool,
}

/// Where a cell stands: in the reader's text, or among the unescaped cells. Offsets are from the start of the record.
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

/// Offsets within a record, which the record limit bounds far below this.
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

    /// The record as it is in the file, decoded, without its line break. For a damaged record the text that is damaged.
    #[must_use]
    pub fn raw(&self) -> &'r str {
        self.text.get(self.raw.0..self.raw.1).unwrap_or_default()
    }

    /// All text that the cells may point into, without what follows the record.
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

    /// What is wrong with the record. Cells of a damaged record are a best guess, to be shown and not to be stored.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// The bytes of a cell: for looks that need no text.
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

/// Why a record cannot be trusted. It costs that record alone.
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
    /// A quote is opened and not closed before the file, the limit, or the sense of the following lines ends.
    OpenQuote,
    /// Text stands between a closing quote and the next delimiter.
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
    pub(crate) fn problem(self, limits: &Limits) -> crate::issue::Problem {
        use crate::issue::{IssueCode, Problem};
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
