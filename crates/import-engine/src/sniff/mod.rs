//! Recognition: which encoding, delimiter, quote, escape and header a file has. Reads a bounded sample of cells and, if
//! the whole file is fed, every byte for the encoding. The sample is decoded as its first writer meant it; plain facts in
//! it are read here: Excel's `sep=` line, line ends, texts of headers, warnings. Nothing is checked or converted.

pub(crate) mod header;
mod judge;
pub(crate) mod kind;
mod split;
#[cfg(test)]
mod weighed;

use std::collections::HashSet;

use crate::{
    csv::{Ambiguous, Confidence, Dialect, DialectWarning, LineEnding, RunnerUp},
    text::{
        Decoder, Encoding,
        detect::{Detected, Evidence, byte_order_mark, detect},
    },
    value::text::header_text,
};
use judge::{COMMON, Known};
use kind::normalise;
use split::{Table, Trial};

/// Recognises the [`Dialect`] of a delimited text file.
///
/// Two ways to use it: [`sniff`](Self::sniff) for a head of the file, or [`feed`](Self::feed) / [`finish`](Self::finish)
/// for the whole of it, in chunks of any size and constant memory, so that a late byte that is not UTF-8 is also seen.
/// What the caller already knows is given with the `with_…` functions and is not questioned; the rest follows from it.
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

impl Sniffer {
    /// A sniffer without any settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the encoding, which is known.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.known.encoding = Some(encoding);
        self
    }

    /// Sets the delimiter, which is known: an ASCII byte.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.known.delimiter = Some(delimiter);
        self
    }

    /// Sets the quote, which is known; with `None`, quote characters are ordinary text.
    #[must_use]
    pub fn with_quote(mut self, quote: Option<u8>) -> Self {
        self.known.quote = Some(quote);
        self
    }

    /// Sets the escape, which is known; with `None`, a quote inside a quoted cell is doubled.
    #[must_use]
    pub fn with_escape(mut self, escape: Option<u8>) -> Self {
        self.known.escape = Some(escape);
        self
    }

    /// Sets the header row, which is known, counting from 1 for the first record; `None` means that there is no header.
    #[must_use]
    pub fn with_header_row(mut self, row: Option<u64>) -> Self {
        self.known.header_row = Some(row);
        self
    }

    /// Sets the header texts that a table of this kind usually has (a schema's names and aliases). The first of the rows
    /// with most of them is the header, if it has at least two, and the delimiter that finds most of them in a line is
    /// preferred.
    #[must_use]
    pub fn with_known_headers<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.known.names.extend(
            headers
                .into_iter()
                .map(|name| normalise(name.as_ref().as_bytes())),
        );
        self
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.evidence.feed(bytes);
    }

    /// Returns the verdict on everything that was fed.
    ///
    /// # Errors
    ///
    /// [`SniffError`] if the bytes are not text.
    pub fn finish(self) -> Result<Dialect, SniffError> {
        self.conclude(true)
    }

    /// Returns the verdict on a head of the file (64 KiB is enough), or on all of it.
    ///
    /// # Errors
    ///
    /// [`SniffError`] if the bytes are not text.
    pub fn sniff(&self, head: &[u8]) -> Result<Dialect, SniffError> {
        let mut sniffer = self.clone();
        sniffer.feed(head);
        sniffer.conclude(false)
    }

    fn conclude(&self, whole: bool) -> Result<Dialect, SniffError> {
        let evidence = &self.evidence;
        refuse_binary(&evidence.head)?;
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
        let mut sample = read_sample(evidence, encoding.encoding, whole)?;
        let mut known = self.known.clone();
        known.delimiter = known.delimiter.or(sample.sep);
        let resaved = resaved(&sample.text, known.delimiter);
        let resaved_with = resaved.as_ref().map(|(outer, _)| *outer);
        sample.text = match resaved {
            Some((_, text)) => text,
            None => plain(sample.text, &self.known.names),
        };
        let text = sample.text.as_bytes();
        let mut verdict = judge::judge(text, sample.complete, &known);
        let seen = memchr::memchr(b'\\', judge::looked_at(text)).is_some();
        // A quote that is first escaped far down in the file; the check of backslashes has already decided.
        if evidence.escaped_quotes > 0 && !seen && verdict.doubled == 0 && known.escape.is_none() {
            verdict.trial.escape = verdict.trial.quote.filter(|q| *q == b'"').map(|_| b'\\');
        }
        let comments = &text[..text.len() - judge::below_comments(text).len()];
        let rows = HEADER_ROWS + memchr::memchr_iter(b'\n', comments).count();
        let mut table = split::split(text, verdict.trial, rows, !sample.complete);
        if !sample.complete && (table.len() > 20 || table.is_cut && table.len() > 1) {
            table.drop_last();
        }
        let forced = known.header_row.map(|row| {
            row.and_then(|r| usize::try_from(r).ok())
                .map(|r| r.saturating_sub(1))
        });
        let found = header::find(text, &table, &known.names, forced);
        let headers = headers(text, &table, found.row, verdict.trial);
        let row = |index: usize| index as u64 + 1;
        let mut dialect = Dialect {
            encoding: encoding.encoding,
            bom: encoding.bom,
            sep_line: sample.sep.is_some(),
            delimiter: verdict.trial.delimiter,
            // Such a spreadsheet puts quotes around its cells.
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
        dialect.warnings = warnings(&dialect, &encoding, &sample, &table, verdict.single_column);
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
    /// No bytes, or only white space.
    #[error("the file is empty")]
    Empty,
    /// The bytes of a spreadsheet, archive, picture or program.
    #[error("the file is not text but {kind}")]
    Binary {
        /// What it is, according to its first bytes.
        kind: &'static str,
    },
}

// The decoded sample that recognition examines, and the facts that are read directly from it.

/// Decoded text that is examined: some hundred rows of an ordinary file.
const TEXT: usize = 64 * 1024;
/// Records in which the header is searched, with the body that it is compared with.
const HEADER_ROWS: usize = 120;
/// Warnings of one kind that are kept: a wide file without headers would have thousands.
const MAX_PER_KIND: usize = 10;

/// Callers read larger heads of larger files.
const SHORT: u64 = 1024;

/// The decoded sample.
struct Sample {
    text: String,
    /// Whether the file ends with this text.
    complete: bool,
    /// The delimiter of a `sep=` line, which is cut off.
    sep: Option<u8>,
    line_ending: LineEnding,
    mixed: bool,
}

/// First bytes of files that people upload by mistake.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"PK\x03\x04", "zip or xlsx"),
    (b"PK\x05\x06", "zip or xlsx"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an old Excel or Word document",
    ),
    (b"%PDF-", "pdf"),
    (b"\x1F\x8B", "gzip"),
    (b"\x89PNG\r\n", "png"),
    (b"\xFF\xD8\xFF", "jpeg"),
    (b"GIF8", "gif"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"Rar!\x1A", "rar"),
    (b"\x7FELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "parquet"),
];

fn refuse_binary(head: &[u8]) -> Result<(), SniffError> {
    match SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature))
    {
        Some((_, kind)) => Err(SniffError::Binary { kind }),
        None => Ok(()),
    }
}

/// Decodes the head of the file, as far as it is examined.
fn read_sample(evidence: &Evidence, encoding: Encoding, whole: bool) -> Result<Sample, SniffError> {
    let mut text = String::new();
    let mut decoder = Decoder::new(encoding);
    let mut taken = 0;
    for chunk in evidence.head.chunks(16 * 1024) {
        if text.len() >= TEXT {
            break;
        }
        decoder.feed(chunk, &mut text);
        taken += chunk.len() as u64;
    }
    // A head that ends with a line, or that is smaller than any caller's, has no line cut in two.
    let uncut = evidence.total < SHORT || text.ends_with(['\n', '\r']);
    let complete = (whole || uncut) && taken == evidence.total;
    let control = text
        .bytes()
        .take(4096)
        .filter(|b| matches!(b, 0 | 3..=8 | 0x0E..=0x1A | 0x7F))
        .count();
    let seen = text.len().min(4096);
    // In random bytes a twentieth are control characters; text has none, and a damaged cell has a few.
    if control * 10 > seen || (control > 8 && control * 40 > seen) {
        return Err(SniffError::Binary {
            kind: "binary data",
        });
    }
    let sep = sep_line(&text);
    if let Some((_, length)) = sep {
        text.drain(..length);
    }
    if text.trim().is_empty() {
        return Err(SniffError::Empty);
    }
    let (line_ending, mixed) = line_endings(&text);
    Ok(Sample {
        text,
        complete,
        sep: sep.map(|s| s.0),
        line_ending,
        mixed,
    })
}

/// Excel's `sep=;`, alone in the first line, perhaps quoted; the delimiter and the length of the line.
fn sep_line(text: &str) -> Option<(u8, usize)> {
    let end = text.find(['\r', '\n'])?;
    let line = text[..end].trim_matches('"');
    let (name, delimiter) = line.split_at_checked(4)?;
    let &[delimiter] = delimiter
        .trim_end_matches(['"', ',', ';', ' '])
        .as_bytes()
        .first_chunk::<1>()
        .or(delimiter.as_bytes().first_chunk::<1>())?;
    let alone = delimiter.is_ascii() && delimiter != 0 && line.len() <= 8;
    let after = if text[end..].starts_with("\r\n") {
        end + 2
    } else {
        end + 1
    };
    (name.eq_ignore_ascii_case("sep=") && alone).then_some((delimiter, after))
}

fn line_endings(text: &str) -> (LineEnding, bool) {
    let bytes = text.as_bytes();
    let (mut lf, mut crlf, mut cr) = (0usize, 0usize, 0usize);
    for i in memchr::memchr2_iter(b'\r', b'\n', bytes) {
        match bytes[i] {
            b'\n' if i > 0 && bytes[i - 1] == b'\r' => crlf += 1,
            b'\n' => lf += 1,
            _ if bytes.get(i + 1) == Some(&b'\n') => {}
            _ => cr += 1,
        }
    }
    let most = [
        (crlf, LineEnding::CrLf),
        (lf, LineEnding::Lf),
        (cr, LineEnding::Cr),
    ]
    .into_iter()
    .max_by_key(|(n, kind)| (*n, *kind == LineEnding::Lf));
    let mixed = usize::from(lf > 0) + usize::from(crlf > 0) + usize::from(cr > 0) > 1;
    (most.map_or(LineEnding::Lf, |m| m.1), mixed)
}

/// The cells of the header row, without their quotes, control characters and surrounding white space.
fn headers(text: &[u8], table: &Table, row: Option<usize>, trial: Trial) -> Vec<String> {
    let Some(row) = row.filter(|r| *r < table.len()) else {
        return Vec::new();
    };
    table
        .row(row)
        .iter()
        .map(|cell| {
            let raw = String::from_utf8_lossy(cell.of(text));
            let mut name = raw.into_owned();
            if let Some(quote) = trial.quote.filter(|_| cell.quoted).map(char::from) {
                name = name.replace(&format!("{quote}{quote}"), &quote.to_string());
                if let Some(escape) = trial.escape.map(char::from) {
                    name = name.replace(&format!("{escape}{quote}"), &quote.to_string());
                }
            }
            header_text(&name)
        })
        .collect()
}

/// What the user should know.
fn warnings(
    dialect: &Dialect,
    encoding: &Detected,
    sample: &Sample,
    table: &Table,
    single: bool,
) -> Vec<DialectWarning> {
    let mut warnings = Vec::new();
    if let Some((count, first_offset)) = encoding
        .invalid
        .filter(|_| dialect.encoding == Encoding::UTF_8)
    {
        warnings.push(DialectWarning::InvalidBytes {
            count,
            first_offset,
        });
    }
    if encoding.ambiguous {
        warnings.push(DialectWarning::UncertainEncoding);
    }
    if sample.mixed {
        warnings.push(DialectWarning::MixedLineEndings);
    }
    if dialect.rows_above > 0 {
        warnings.push(DialectWarning::RowsAboveHeader {
            rows: dialect.rows_above,
        });
    }
    if dialect.header_row.is_none() {
        warnings.push(DialectWarning::NoHeader);
    }
    let (headers, columns) = (dialect.headers.len(), dialect.columns);
    if headers > 0 && headers < columns {
        warnings.push(DialectWarning::ShortHeader { headers, columns });
    }
    let mut named = std::collections::HashSet::new();
    let repeated = dialect
        .headers
        .iter()
        .filter(|h| !h.is_empty() && !named.insert(h.to_lowercase()));
    warnings.extend(
        repeated
            .take(MAX_PER_KIND)
            .map(|header| DialectWarning::RepeatedHeader {
                header: header.clone(),
            }),
    );
    let empty = dialect
        .headers
        .iter()
        .enumerate()
        .filter(|(_, h)| h.is_empty());
    warnings.extend(
        empty
            .take(MAX_PER_KIND)
            .map(|(i, _)| DialectWarning::EmptyHeader { column: i + 1 }),
    );
    let start =
        usize::try_from(dialect.first_data_row()).map_or(usize::MAX, |r| r.saturating_sub(1));
    let ragged = table
        .rows()
        .skip(start)
        .filter(|r| r.len() != dialect.columns && r.iter().any(|c| c.start < c.end))
        .count();
    if ragged > 0 {
        warnings.push(DialectWarning::RaggedRows {
            rows: ragged as u64,
        });
    }
    if single {
        warnings.push(DialectWarning::SingleColumn);
    }
    warnings
}

// Restores a sample as its first writer meant it: lines that a spreadsheet wrapped in quotes as a whole, and cells in
// typographic quotes, so that recognition sees the table. The reader does the same, record by record.

/// Lines that are examined.
const LINES: usize = 200;
const OPENING: [char; 5] = ['\u{201c}', '\u{201e}', '\u{2018}', '\u{201a}', '\u{ab}'];
const CLOSING: [char; 4] = ['\u{201d}', '\u{201c}', '\u{2019}', '\u{bb}'];

/// The sample without what was put around its lines or cells; unchanged if nothing was.
fn plain(text: String, names: &HashSet<String>) -> String {
    if let Some(unwrapped) = unwrapped(&text, names) {
        return unwrapped;
    }
    if is_typographic(&text) {
        return straightened(&text);
    }
    text
}

/// Restores a sample whose lines a spreadsheet cut or wrapped with its own delimiter, and returns that delimiter: the
/// header is one cell, followed by others that are empty, and the records inside have one width.
fn resaved(text: &str, delimiter: Option<u8>) -> Option<(u8, String)> {
    RESAVED.iter().find_map(|&(outer, inner)| {
        let wanted = delimiter.is_none_or(|delimiter| delimiter == inner);
        let first = text.lines().find(|line| !line.trim().is_empty())?;
        let is_padded = first.trim_end().ends_with(char::from(outer));
        if !wanted || !is_padded || !text.contains(char::from(inner)) {
            return None;
        }
        let header = together(first, outer)?;
        let width = header.matches(char::from(inner)).count() + 1;
        if width < 2 || header.contains(char::from(outer)) {
            return None;
        }
        let mut plain = String::with_capacity(text.len());
        let (mut all, mut even) = (0, 0);
        for line in text.split_inclusive(['\n', '\r']) {
            let end = line.trim_end_matches(['\n', '\r']).len();
            let whole = together(&line[..end], outer).unwrap_or_else(|| line[..end].to_owned());
            if !whole.trim().is_empty() {
                all += 1;
                even += usize::from(width_of(&whole, inner) == width);
            }
            plain.push_str(&whole);
            plain.push_str(&line[end..]);
        }
        (even * 5 >= all * 4).then_some((outer, plain))
    })
}

/// The delimiter of the spreadsheet, and that of the file it opened.
const RESAVED: [(u8, u8); 3] = [(b';', b','), (b',', b';'), (b';', b'\t')];

/// Restores a line that a spreadsheet cut into cells and wrapped: its cells are joined, without empty ones at the end.
fn together(line: &str, outer: u8) -> Option<String> {
    let outer = char::from(outer);
    let mut cells: Vec<String> = Vec::new();
    let mut rest = line;
    loop {
        let mut cell = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (inner, behind) = quoted.split_once('"')?;
                cell.push_str(inner);
                let Some(more) = behind.strip_prefix('"') else {
                    rest = behind;
                    break;
                };
                cell.push('"');
                quoted = more;
            }
        } else {
            let end = rest.find(outer).unwrap_or(rest.len());
            cell.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        cells.push(cell);
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(outer)?;
    }
    while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    Some(cells.join(&outer.to_string()))
}

/// The number of cells of a record without line breaks.
fn width_of(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    let mut cells = 1;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        cells += usize::from(byte == delimiter && !quoted);
    }
    cells
}

/// Unwraps a text whose lines are each one quoted cell with a record inside: a quote next to a delimiter, or known names,
/// show it.
fn unwrapped(text: &str, names: &HashSet<String>) -> Option<String> {
    if !text.starts_with('"') {
        return None;
    }
    let lines = || {
        text.split_inclusive(['\n', '\r'])
            .filter(|line| !line.trim().is_empty())
    };
    // The last line may be cut off.
    let count = lines().take(LINES).count();
    let looked = || lines().take(LINES).take(count.saturating_sub(1).max(1));
    let mut proof = false;
    for line in looked() {
        let inner = inside(line)?;
        proof |= COMMON.iter().any(|delimiter| {
            let delimiter = char::from(*delimiter);
            inner.contains(&format!("{delimiter}\"\""))
                || inner.contains(&format!("\"\"{delimiter}"))
        });
    }
    let first = inside(lines().next()?)?;
    let delimiter = COMMON
        .into_iter()
        .map(char::from)
        .max_by_key(|delimiter| first.matches(*delimiter).count())
        .filter(|delimiter| first.contains(*delimiter))?;
    let known = first
        .split(delimiter)
        .filter(|cell| names.contains(&normalise(cell.as_bytes())))
        .count();
    if !proof && known < 2 {
        return None;
    }
    let plain = text.split_inclusive(['\n', '\r']).map(|line| {
        let end = line.trim_end_matches(['\n', '\r']).len();
        let inner = line[..end].strip_prefix('"').unwrap_or(&line[..end]);
        inner
            .strip_suffix('"')
            .unwrap_or(inner)
            .replace("\"\"", "\"")
            + &line[end..]
    });
    Some(plain.collect())
}

/// The content of a line that is one quoted cell.
fn inside(line: &str) -> Option<&str> {
    let inner = line.trim_end().strip_prefix('"')?.strip_suffix('"')?;
    let mut quotes = inner.split("\"\"");
    quotes.all(|piece| !piece.contains('"')).then_some(inner)
}

/// Replaces typographic quotes at the ends of cells with straight ones. Those inside words are apostrophes.
fn straightened(text: &str) -> String {
    let is_edge = |c: Option<char>| {
        c.is_none_or(|c| {
            matches!(c, ' ' | '\n' | '\r') || COMMON.contains(&u8::try_from(c).unwrap_or_default())
        })
    };
    let mut straight = String::with_capacity(text.len());
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let opens = OPENING.contains(&c) && is_edge(before);
        let closes = CLOSING.contains(&c) && is_edge(letters.peek().copied());
        straight.push(if opens || closes { '"' } else { c });
        before = Some(c);
    }
    straight
}

/// Whether at least half of the lines have a cell that opens with a typographic quote.
fn is_typographic(text: &str) -> bool {
    if !text.contains(OPENING) {
        return false;
    }
    let (mut all, mut quoted) = (0, 0);
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
    {
        all += 1;
        let is_quoted = line
            .split(|c: char| COMMON.contains(&u8::try_from(c).unwrap_or_default()))
            .any(|cell| cell.trim_start_matches(' ').starts_with(OPENING));
        quoted += usize::from(is_quoted);
    }
    quoted * 2 >= all
}
