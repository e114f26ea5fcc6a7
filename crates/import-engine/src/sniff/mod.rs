//! Recognition: which encoding, delimiter, quote, escape and header a file has. Reads a bounded sample of cells and, when
//! the whole file is fed, every byte for the encoding. Checks and converts nothing.

use crate::{Dialect, Encoding};

/// Recognises the [`Dialect`] of a delimited text file.
///
/// Two ways to use it: [`sniff`](Self::sniff) for a head of the file, or [`feed`](Self::feed) / [`finish`](Self::finish) for
/// the whole of it, in chunks of any size and constant memory, so that a late byte that is not UTF-8 is seen too.
/// Whatever the caller already knows is given by the `with_…` functions and is not questioned; the rest follows from it.
///
/// ```
/// use import_engine::Sniffer;
///
/// let mut sniffer = Sniffer::new();
/// for chunk in [&b"Tanggal\tJumlah\n05/01/20"[..], &b"27\t5.000.000\n06/01/2027\t250.000\n"[..]] {
///     sniffer.feed(chunk);
/// }
/// let dialect = sniffer.finish()?;
/// assert_eq!(dialect.delimiter, b'\t');
/// assert_eq!(dialect.headers, ["Tanggal", "Jumlah"]);
/// # Ok::<(), import_engine::SniffError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sniffer {
    known: Known,
    head: Vec<u8>,
}

/// What the caller gave.
#[derive(Clone, Debug, Default)]
struct Known {
    encoding: Option<Encoding>,
    delimiter: Option<u8>,
    quote: Option<Option<u8>>,
    escape: Option<Option<u8>>,
    header_row: Option<Option<u64>>,
    headers: Vec<String>,
}

impl Sniffer {
    /// A sniffer that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The encoding is known.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.known.encoding = Some(encoding);
        self
    }

    /// The delimiter is known: an ASCII byte.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.known.delimiter = Some(delimiter);
        self
    }

    /// The quote is known; `None`: quote characters are ordinary text.
    #[must_use]
    pub fn with_quote(mut self, quote: Option<u8>) -> Self {
        self.known.quote = Some(quote);
        self
    }

    /// The escape is known; `None`: a quote inside a quoted cell is doubled.
    #[must_use]
    pub fn with_escape(mut self, escape: Option<u8>) -> Self {
        self.known.escape = Some(escape);
        self
    }

    /// The header row is known, the first record being row 1; `None`: there is no header.
    #[must_use]
    pub fn with_header_row(mut self, row: Option<u64>) -> Self {
        self.known.header_row = Some(row);
        self
    }

    /// Header texts that a table of this kind usually has (a schema's names and aliases). The row among the first ten with
    /// most of them is the header, if it has at least two.
    #[must_use]
    pub fn with_known_headers<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.known
            .headers
            .extend(headers.into_iter().map(|h| h.as_ref().to_owned()));
        self
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.head.extend_from_slice(bytes);
    }

    /// The verdict on everything fed.
    ///
    /// # Errors
    ///
    /// [`SniffError`] when the bytes are no text at all.
    pub fn finish(self) -> Result<Dialect, SniffError> {
        unimplemented!()
    }

    /// The verdict on a head of the file (64 KiB is plenty), or on all of it.
    ///
    /// # Errors
    ///
    /// [`SniffError`] when the bytes are no text at all.
    pub fn sniff(&self, head: &[u8]) -> Result<Dialect, SniffError> {
        let mut sniffer = self.clone();
        sniffer.feed(head);
        sniffer.finish()
    }
}

/// Why bytes are not a delimited text file.
///
/// ```
/// use import_engine::{SniffError, Sniffer};
///
/// assert_eq!(Sniffer::new().sniff(b"  \r\n "), Err(SniffError::Empty));
/// assert_eq!(Sniffer::new().sniff(b"PK\x03\x04\x14\x00\x06\x00"), Err(SniffError::Binary { kind: "zip or xlsx" }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SniffError {
    /// No bytes, or white space alone.
    #[error("the file is empty")]
    Empty,
    /// The bytes of a spreadsheet, archive, picture or program.
    #[error("the file is not text but {kind}")]
    Binary {
        /// What it is, as far as its first bytes tell.
        kind: &'static str,
    },
}
