//! Recognition: which encoding, delimiter, quote, escape and header a file has. Reads a bounded sample of cells and, when
//! the whole file is fed, every byte for the encoding. Checks and converts nothing.

mod column;
pub(crate) mod header;
mod judge;
mod kind;
mod sample;
mod split;
mod tried;
#[cfg(test)]
mod weighed;

use std::collections::HashSet;

use crate::{
    csv::{Ambiguous, Confidence, Dialect, RunnerUp},
    text::{
        Encoding,
        detect::{Detected, Evidence, byte_order_mark, detect},
    },
};

pub(crate) use kind::{is_quantity, looks_like_data};

/// Recognises the [`Dialect`] of a delimited text file.
///
/// Two ways to use it: [`sniff`](Self::sniff) for a head of the file, or [`feed`](Self::feed) / [`finish`](Self::finish) for
/// the whole of it, in chunks of any size and constant memory, so that a late byte that is not UTF-8 is seen too.
/// Whatever the caller already knows is given by the `with_…` functions and is not questioned; the rest follows from it.
///
/// ```
/// use import_engine::recognise::Sniffer;
///
/// let mut sniffer = Sniffer::new();
/// for chunk in [&b"Tanggal\tJumlah\n05/01/20"[..], &b"27\t5.000.000\n06/01/2027\t250.000\n"[..]] {
///     sniffer.feed(chunk);
/// }
/// let dialect = sniffer.finish()?;
/// assert_eq!(dialect.delimiter, b'\t');
/// assert_eq!(dialect.headers, ["Tanggal", "Jumlah"]);
/// # Ok::<(), import_engine::recognise::SniffError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sniffer {
    known: Known,
    evidence: Evidence,
}

/// What the caller gave. The inner `None` is "none", the outer "not given".
#[expect(clippy::option_option, reason = "both are real answers of a caller")]
#[derive(Clone, Debug, Default)]
struct Known {
    encoding: Option<Encoding>,
    delimiter: Option<u8>,
    quote: Option<Option<u8>>,
    escape: Option<Option<u8>>,
    header_row: Option<Option<u64>>,
    /// Names of a schema, as [`header::normalise`] writes them.
    names: HashSet<String>,
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

    /// Header texts that a table of this kind usually has (a schema's names and aliases). The first of the rows with most of
    /// them is the header, if it has at least two; and the delimiter that finds most of them in a line is preferred.
    #[must_use]
    pub fn with_known_headers<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.known.names.extend(
            headers
                .into_iter()
                .map(|name| header::normalise(name.as_ref().as_bytes())),
        );
        self
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.evidence.feed(bytes);
    }

    /// The verdict on everything fed.
    ///
    /// # Errors
    ///
    /// [`SniffError`] when the bytes are not text at all.
    pub fn finish(self) -> Result<Dialect, SniffError> {
        self.conclude(true)
    }

    /// The verdict on a head of the file (64 KiB is plenty), or on all of it.
    ///
    /// # Errors
    ///
    /// [`SniffError`] when the bytes are not text at all.
    pub fn sniff(&self, head: &[u8]) -> Result<Dialect, SniffError> {
        let mut sniffer = self.clone();
        sniffer.feed(head);
        sniffer.conclude(false)
    }

    fn conclude(&self, whole: bool) -> Result<Dialect, SniffError> {
        let evidence = &self.evidence;
        sample::refuse_binary(&evidence.head)?;
        let mut encoding = detect(evidence);
        if let Some(known) = self.known.encoding {
            let bom = byte_order_mark(&evidence.head).is_some_and(|(marked, _)| marked == known);
            encoding = Detected {
                encoding: known,
                bom,
                confidence: 1.0,
                runner_up: None,
                ambiguous: false,
                invalid: encoding.invalid,
            };
        }
        let mut sample = sample::read(evidence, encoding.encoding, whole)?;
        let mut known = self.known.clone();
        known.delimiter = known.delimiter.or(sample.sep);
        let resaved = sample::resaved(&sample.text, known.delimiter);
        let resaved_with = resaved.as_ref().map(|(outer, _)| *outer);
        sample.text = match resaved {
            Some((_, text)) => text,
            None => sample::plain(sample.text, &self.known.names),
        };
        let text = sample.text.as_bytes();
        let mut verdict = judge::judge(text, sample.complete, &known);
        let seen = memchr::memchr(b'\\', judge::looked_at(text)).is_some();
        // A quote that is escaped for the first time far down the file; the check of backslashes has decided already.
        if evidence.escaped_quotes > 0 && !seen && verdict.doubled == 0 && known.escape.is_none() {
            verdict.trial.escape = verdict.trial.quote.filter(|q| *q == b'"').map(|_| b'\\');
        }
        let comments = &text[..text.len() - judge::below_comments(text).len()];
        let rows = sample::HEADER_ROWS + memchr::memchr_iter(b'\n', comments).count();
        let mut table = split::split(text, verdict.trial, rows, !sample.complete);
        if !sample.complete && (table.len() > 20 || table.is_cut && table.len() > 1) {
            table.drop_last();
        }
        let forced = known.header_row.map(|row| {
            row.and_then(|r| usize::try_from(r).ok())
                .map(|r| r.saturating_sub(1))
        });
        let found = header::find(text, &table, &known.names, forced);
        let headers = sample::headers(text, &table, found.row, verdict.trial);
        let row = |index: usize| index as u64 + 1;
        let mut dialect = Dialect {
            encoding: encoding.encoding,
            bom: encoding.bom,
            sep_line: sample.sep.is_some(),
            delimiter: verdict.trial.delimiter,
            // Quotes are what such a spreadsheet puts around its cells.
            resaved_with: resaved_with.filter(|_| verdict.trial.quote == Some(b'"')),
            quote: verdict.trial.quote,
            escape: verdict.trial.escape,
            line_ending: sample.line_ending,
            header_row: found.row.map(row),
            rows_above: found.above as u64,
            columns: found.width.max(1),
            headers,
            confidence: Confidence {
                encoding: encoding.confidence,
                delimiter: if sample.sep.is_some() {
                    1.0
                } else {
                    verdict.delimiter_confidence
                },
                quote: verdict.quote_confidence,
                header: found.confidence,
            },
            runner_up: RunnerUp {
                encoding: encoding.runner_up,
                delimiter: verdict.delimiter_rival,
                quote: verdict.quote_rival,
                header_row: (found.confidence < 1.0).then(|| {
                    if found.row.is_some() {
                        None
                    } else {
                        Some(row(found.above))
                    }
                }),
            },
            ambiguous: Ambiguous {
                encoding: encoding.ambiguous,
                delimiter: verdict.delimiter_ambiguous,
                quote: verdict.quote_ambiguous,
                header: found.ambiguous,
            },
            warnings: Vec::new(),
        };
        dialect.warnings =
            sample::warnings(&dialect, &encoding, &sample, &table, verdict.single_column);
        Ok(dialect)
    }
}

/// Why bytes are not a delimited text file.
///
/// ```
/// use import_engine::recognise::{SniffError, Sniffer};
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
