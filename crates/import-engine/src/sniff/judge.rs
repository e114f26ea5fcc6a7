//! Which delimiter, quote and escape a file has: the dialects that are tried on a sample, the score of each (how even its
//! rows are, and how much its cells look like whole ones), and the verdict with its confidence and rivals.

use std::collections::HashSet;

use super::{
    kind::{self, Kind, names_a_column, normalise},
    split::{Cell, NONE, Table, Trial, split},
};
use crate::text::{Encoding, Weight, weights};

/// What the caller gave. The inner `None` means "none", the outer "not given".
#[expect(clippy::option_option, reason = "both are real answers of a caller")]
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) encoding: Option<Encoding>,
    pub(super) delimiter: Option<u8>,
    pub(super) quote: Option<Option<u8>>,
    pub(super) escape: Option<Option<u8>>,
    pub(super) header_row: Option<Option<u64>>,
    /// Names of a schema, as [`normalise`] writes them.
    pub(super) names: HashSet<String>,
}

// The dialects that are tried on a sample, and the score of each.

/// How plausible each delimiter is in advance: how often files use it, relative to how often text contains it.
const PRIORS: [(u8, Weight<f32>); 26] = [
    (b',', USUAL),
    (b';', USUAL),
    (b'\t', USUAL),
    (b'|', BAR),
    (b'\x1F', UNIT_SEPARATOR),
    (b'\x01', START_OF_HEADING),
    (b'\x1E', RECORD_SEPARATOR),
    (b'\x02', START_OF_TEXT),
    (b'~', TILDE),
    (b'^', CARET),
    (b':', COLON),
    (b' ', SPACE),
    (b'#', HASH),
    (b'*', STAR),
    (b'!', EXCLAMATION),
    (b'&', AND),
    (b'=', EQUALS),
    (b'$', DOLLAR),
    (b'%', PERCENT),
    (b'@', AT),
    (b'`', BACKTICK),
    (b'+', PLUS),
    (b'<', LESS),
    (b'/', SLASH),
    (b'\\', BACKSLASH),
    (b'_', UNDERSCORE),
];

/// The plausibility of the most usual delimiters.
const USUAL: Weight<f32> = Weight::new("USUAL", 1.0, 1.0);

/// Delimiters less plausible than this must occur in most lines.
const FREQUENT: f32 = 0.88;

weights! { f32;
    /// A delimiter that finds fewer of the schema's names than another. One that finds them all above records without
    /// evidence (`name,email` above `Ada`) must not lose to a single column.
    FEWER_NAMES = 0.3, off 1.0;
    /// The share of commas between digits from which commas are decimal separators.
    BETWEEN_DIGITS = 0.95, off 2.0;

    /// The share of quotes that are damaged.
    IMPROPER = 0.6, off 0.0;
    /// How plausible `|` is.
    BAR = 0.98, off 1.0;
    /// How plausible `\x1F` is.
    UNIT_SEPARATOR = 0.98, off 1.0;
    /// How plausible `\x01` is.
    START_OF_HEADING = 0.98, off 1.0;
    /// How plausible `\x1E` is.
    RECORD_SEPARATOR = 0.9, off 1.0;
    /// How plausible `\x02` is.
    START_OF_TEXT = 0.9, off 1.0;
    /// How plausible `~` is.
    TILDE = 0.9, off 1.0;
    /// How plausible `^` is.
    CARET = 0.88, off 1.0;
    /// How plausible `:` is.
    COLON = 0.74, off 1.0;
    /// How plausible ` ` is.
    SPACE = 0.72, off 1.0;
    /// How plausible `#` is.
    HASH = 0.7, off 1.0;
    /// How plausible `*` is.
    STAR = 0.68, off 1.0;
    /// How plausible `!` is.
    EXCLAMATION = 0.66, off 1.0;
    /// How plausible `&` is.
    AND = 0.66, off 1.0;
    /// How plausible `=` is.
    EQUALS = 0.66, off 1.0;
    /// How plausible `$` is.
    DOLLAR = 0.6, off 1.0;
    /// How plausible `%` is.
    PERCENT = 0.6, off 1.0;
    /// How plausible `@` is.
    AT = 0.6, off 1.0;
    /// How plausible a backtick is.
    BACKTICK = 0.6, off 1.0;
    /// How plausible `+` is.
    PLUS = 0.5, off 1.0;
    /// How plausible `<` is.
    LESS = 0.4, off 1.0;
    /// How plausible `/` is.
    SLASH = 0.5, off 1.0;
    /// How plausible `\\` is.
    BACKSLASH = 0.5, off 1.0;
    /// How plausible `_` is.
    UNDERSCORE = 0.4, off 1.0;

    /// What a table of one column loses; with more columns, it is less.
    NARROW = 0.6, off 0.0;
    /// Several columns below a first line that is a single name.
    HEADED_BY_ONE = 0.75, off 1.0;
    /// The share of a single column that is numbers, dates and addresses.
    VALUES_IN_ONE_COLUMN = 0.7, off 0.0;
    /// Cells that are only words, split at characters that also occur between words.
    IN_SENTENCES = 0.45, off 1.0;
    /// Fewer than five rows of them.
    FEW_ROWS = 0.75, off 1.0;
    /// A row that has one empty cell too many.
    EMPTY_AT_THE_END = 0.8, off 0.0;
    /// A row that is too short.
    TOO_SHORT = 0.25, off 0.0;
    /// Only one row, among several, with the width of the table.
    ALONE = 0.5, off 1.0;
    /// The share of the rows above and below the table.
    OUTSIDE = 0.6, off 0.0;
    /// A column without a filled cell.
    EMPTY_COLUMN = 0.5, off 1.0;
    /// The share of a column that is of one kind.
    PURITY = 0.4, off 0.0;
}

/// Delimiters that most files have.
pub(super) const COMMON: [u8; 4] = *b",;\t|";

/// A dialect with its score, 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) trial: Trial,
    pub(super) score: f32,
    /// The score as if all delimiters were equally plausible.
    unbiased: f32,
    rows: usize,
    pub(super) proper: usize,
    pub(super) improper: usize,
    escaped: usize,
    pub(super) doubled: usize,
    /// Whether the quotes only mark numbers as text.
    marks: bool,
}

impl Judged {
    /// The result if nothing could be tried: one column, without quotes.
    const NOTHING: Self = Self {
        trial: Trial {
            delimiter: NONE,
            quote: None,
            escape: None,
            runs: false,
        },
        score: 0.0,
        unbiased: 0.0,
        rows: 0,
        proper: 0,
        improper: 0,
        escaped: 0,
        doubled: 0,
        marks: false,
    };
}

impl Judged {
    /// Whether `"` encloses cells, or would if a few rows were not damaged: quotes that do not close, or close too early,
    /// damage only those rows. If there are many of them, they are text: ditto marks, quotations.
    fn has_quotes(&self) -> bool {
        self.trial.quote == Some(b'"') && has_quotes(self.proper, self.improper, self.rows)
    }
}

/// See [`Judged::has_quotes`].
fn has_quotes(proper: usize, improper: usize, rows: usize) -> bool {
    proper + improper > 0 && improper <= proper.max(rows / 4).max(1)
}

fn prior(delimiter: u8) -> f32 {
    PRIORS
        .iter()
        .find(|(d, _)| *d == delimiter)
        .map_or(1.0, |(_, prior)| prior.worth())
}

/// Delimiters that occur often enough to be one, and "none".
fn delimiters(text: &[u8], known: &Known) -> Vec<(u8, f32)> {
    if let Some(delimiter) = known.delimiter {
        return vec![(delimiter, 1.0)];
    }
    let mut counts = [0usize; 256];
    for &b in text {
        counts[usize::from(b)] += 1;
    }
    let lines = lines(text);
    let mut found: Vec<(u8, f32)> = PRIORS
        .into_iter()
        .map(|(delimiter, prior)| (delimiter, prior.worth()))
        .filter(|(d, prior)| {
            let count = counts[usize::from(*d)];
            // With a preamble or long quoted cells, few of the lines may be rows, but a rare delimiter must be frequent.
            count > 0
                && if *prior >= FREQUENT {
                    count * 12 >= lines
                } else {
                    count * 4 >= lines * 3
                }
        })
        .collect();
    found.push((NONE, 1.0));
    found
}

/// The number of lines that are not empty, at least one. Lines inside quoted cells are not counted, as far as pairs of
/// quotes show them.
fn lines(text: &[u8]) -> usize {
    let (mut all, mut outside, mut is_open) = (0, 0, false);
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if !line.trim_ascii().is_empty() {
            all += 1;
            outside += usize::from(!is_open);
        }
        is_open ^= !memchr::memchr_iter(b'"', line).count().is_multiple_of(2);
    }
    outside.clamp(1, all.max(1))
}

pub(super) fn quotes(text: &[u8], known: &Known) -> Vec<Option<u8>> {
    if let Some(quote) = known.quote {
        return vec![quote];
    }
    let mut quotes: Vec<Option<u8>> = [b'"', b'\'']
        .into_iter()
        .filter(|q| memchr::memchr(*q, text).is_some())
        .map(Some)
        .collect();
    quotes.push(None);
    quotes
}

/// Scores one delimiter and quote, with the escape that fits better.
fn try_out(
    text: &[u8],
    delimiter: u8,
    quote: Option<u8>,
    prior: f32,
    cut_short: bool,
    known: &Known,
) -> Option<Judged> {
    let plain = Trial {
        delimiter,
        quote,
        escape: known.escape.flatten(),
        runs: false,
    };
    let mut one = assess(text, plain, prior, cut_short);
    if delimiter == b' ' && memchr::memmem::find(text, b"  ").is_some() {
        let lined_up = assess(
            text,
            Trial {
                runs: true,
                ..plain
            },
            prior,
            cut_short,
        );
        if lined_up.score > one.score {
            one = lined_up;
        }
    }
    let Some(q) = quote else { return Some(one) };
    if known.escape.is_none() && memchr::memmem::find(text, &[b'\\', q]).is_some() {
        let other = assess(
            text,
            Trial {
                escape: Some(b'\\'),
                ..plain
            },
            prior,
            cut_short,
        );
        let better = other.improper < one.improper
            || other.improper == one.improper && other.score > one.score;
        if other.escaped > 0 && better && other.escaped >= other.doubled {
            return Some(other);
        }
    }
    if known.quote.is_none() && (one.proper == 0 && one.improper == 0 || one.marks) {
        return None;
    }
    Some(one)
}

fn assess(text: &[u8], trial: Trial, prior: f32, cut_short: bool) -> Judged {
    let mut table = split(text, trial, usize::MAX, cut_short);
    if cut_short && (table.len() > 4 || table.is_cut && table.len() > 1) {
        table.drop_last();
    }
    let unbiased = shape_and_kinds(text, &table, trial.delimiter);
    let score = prior * unbiased;

    let total = table.proper + table.improper;
    // Doubled quotes inside a closed cell come only from a writer that quotes cells.
    let fair = if total == 0 {
        1.0
    } else {
        1.0 - IMPROPER.worth() * ratio(table.improper, total + 4 * table.doubled)
    };
    Judged {
        trial,
        score: score * fair,
        unbiased: unbiased * fair,
        rows: table.len(),
        proper: table.proper,
        improper: table.improper,
        escaped: table.escaped,
        doubled: table.doubled,
        marks: trial.quote == Some(b'\'') && marks_numbers(text, &table),
    }
}

/// Whether only numbers are quoted although there is text: `'3175010505909001'` keeps a spreadsheet from rounding, and
/// the next cell may be `'Aisyah`.
fn marks_numbers(text: &[u8], table: &Table) -> bool {
    let number = |cell: &Cell| {
        cell.of(text)
            .iter()
            .all(|b| b.is_ascii_digit() || b"+-., ".contains(b))
    };
    let wordy = |cell: &&Cell| cell.of(text).iter().any(u8::is_ascii_alphabetic);
    let (quoted, open): (Vec<&Cell>, Vec<&Cell>) = table.cells.iter().partition(|c| c.quoted);
    quoted.iter().all(|c| number(c)) && open.iter().filter(|c| wordy(c)).count() > quoted.len() / 2
}

// How much the cells of a dialect on trial form a table: how even its rows are, and how much its cells look like whole
// cells of one kind per column. This part scores one dialect; `judge` compares them.

/// The value of more columns: splitting further is right as long as the parts stay even and whole.
fn width_worth(width: usize) -> f32 {
    1.0 - NARROW.worth() * ratio(1, width)
}

fn shape_and_kinds(text: &[u8], table: &Table, delimiter: u8) -> f32 {
    let rows: Vec<&[Cell]> = table
        .rows()
        .filter(|r| r.iter().any(|c| !c.of(text).trim_ascii().is_empty()))
        .collect();
    let Some(width) = body_width(&rows) else {
        return 0.0;
    };
    let even = evenness(&rows, width, text);
    let looks = kinds(text, &rows, width);
    let mut score = even * even * looks.whole.powi(2) * width_worth(width);
    // A first line with a single cell that names a column is the header of one column, not of several.
    let named = rows[0].len() == 1 && rows.len() > 2 && names_a_column(rows[0][0].of(text));
    if named && width > 1 {
        score *= HEADED_BY_ONE.worth();
    }
    if width == 1 {
        // A column of dates or addresses is not a coincidence either.
        score *= 1.0 + VALUES_IN_ONE_COLUMN.worth() * looks.strong;
    } else if NATIVE.contains(&delimiter) {
        // Cells that are all words are a sentence; a table has numbers and the like among them.
        let wordy = IN_SENTENCES.worth();
        score *= wordy + (1.0 - wordy) * (looks.strong * 2.0).min(1.0);
        if rows.len() < 5 {
            score *= FEW_ROWS.worth();
        }
    }
    score
}

/// The number of cells that an ordinary record has.
pub(super) fn body_width(rows: &[&[Cell]]) -> Option<usize> {
    let mut widths: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match widths.iter_mut().find(|(w, _)| *w == row.len()) {
            Some((_, count)) => *count += 1,
            None => widths.push((row.len(), 1)),
        }
    }
    let weight = |(width, count): (usize, usize)| ratio(count, 1) * width_worth(width);
    widths
        .into_iter()
        .max_by(|a, b| weight(*a).total_cmp(&weight(*b)).then(a.0.cmp(&b.0)))
        .map(|(width, _)| width)
}

/// How even the rows are, 0 to 1. Rows above and below the table count less than odd rows inside it.
fn evenness(rows: &[&[Cell]], width: usize, text: &[u8]) -> f32 {
    let n = rows.len();
    let fits = |row: &&[Cell]| row.len() == width;
    let first = rows.iter().position(fits).unwrap_or(0);
    let last = rows.iter().rposition(fits).unwrap_or(0);
    let inside = &rows[first..=last];
    let mut sum = 0.0;
    for row in inside {
        sum += if row.len() == width {
            1.0
        } else if row.len() == width + 1
            && row
                .last()
                .is_some_and(|c| c.of(text).trim_ascii().is_empty())
        {
            EMPTY_AT_THE_END.worth()
        } else if row.len() > 1 && row.len() < width {
            TOO_SHORT.worth()
        } else {
            0.0
        };
    }
    // A header without a name for the row numbers (R) is one cell short.
    let short_header = first == 1 && width > 2 && rows[0].len() + 1 == width;
    let outside = n - inside.len() - usize::from(short_header);
    let inner = sum / ratio(inside.len(), 1);
    // A single row of that width among many is not a table.
    let alone = if first == last && n > 2 {
        ALONE.worth()
    } else {
        1.0
    };
    inner * alone * (1.0 - OUTSIDE.worth() * ratio(outside, n))
}

/// How the cells of a table look, each 0 to 1.
struct Looks {
    /// How much they look whole and of one kind per column.
    whole: f32,
    /// The share of numbers, dates and the like, and of quoted cells.
    strong: f32,
}

/// Examines the cells of the ordinary rows.
fn kinds(text: &[u8], rows: &[&[Cell]], width: usize) -> Looks {
    let rows: Vec<&&[Cell]> = rows
        .iter()
        .filter(|r| r.len() == width)
        .take((TYPED_CELLS / width).clamp(12, TYPED_ROWS))
        .collect();
    let mut whole = vec![0.0f32; width];
    let (mut strong, mut filled) = (0, 0);
    let mut groups = vec![[0usize; kind::GROUPS]; width];
    for (i, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let bytes = cell.of(text);
            let kind = kind::kind(bytes);
            whole[column] += kind::wholeness(bytes, kind, cell.quoted);
            filled += usize::from(kind != Kind::Empty);
            strong += usize::from(
                kind.is_strong()
                    || width > 1 && (kind == Kind::Code || is_path(bytes, kind))
                    || cell.quoted,
            );
            if i > 0 || rows.len() == 1 {
                groups[column][kind.group()] += 1;
            }
        }
    }
    let mut sum = 0.0;
    for (whole, groups) in whole.iter().zip(&groups) {
        let filled: usize = groups[1..].iter().sum();
        // Words and phrases mix freely in a column of text.
        let text = groups[Kind::Word.group()]
            + groups[Kind::Phrase.group()]
            + groups[Kind::Code.group()] / 2;
        let most = groups[1..].iter().copied().max().unwrap_or(0).max(text);
        let pure = if filled == 0 {
            EMPTY_COLUMN.worth()
        } else {
            ratio(most.min(filled), filled)
        };
        sum += whole / ratio(rows.len(), 1) * (1.0 - PURITY.worth() + PURITY.worth() * pure);
    }
    Looks {
        whole: sum / ratio(width, 1),
        strong: ratio(strong, filled),
    }
}

/// `text/html`, `usr/lib`: a word with a slash inside is not part of a sentence.
fn is_path(cell: &[u8], kind: Kind) -> bool {
    kind == Kind::Word && {
        let cell = cell.trim_ascii();
        memchr::memrchr(b'/', cell).is_some_and(|at| at > 0 && at + 1 < cell.len())
    }
}

/// Delimiters that are frequent in running text, web addresses and formulas.
const NATIVE: [u8; 8] = *b" =/@+_\\<";

/// Records whose cells are examined one by one.
const TYPED_ROWS: usize = 100;
/// The same for wide tables: their cells in total.
const TYPED_CELLS: usize = 1500;

// Compares the scores of the dialects that were tried.

/// Text on which every dialect is tried.
const FIRST_LOOK: usize = 12 * 1024;
/// Text on which the best few are compared.
const SECOND_LOOK: usize = 40 * 1024;

/// Share of the best score: a dialect with less in the first look does not win in the second.
const HOPELESS: f32 = 0.75;
/// If nearly all commas are between digits, another delimiter must have this many times the score of the comma.
const BETTER_LOOKS: f32 = 1.1;

/// Finds the dialect. `text` is the decoded sample; `complete` means that it includes the end of the file.
pub(super) fn judge(text: &[u8], complete: bool, known: &Known) -> Verdict {
    let text = below_comments(text);
    let first = cut(text, FIRST_LOOK);
    let cut_short = !complete || first.len() < text.len();
    let mut judged: Vec<Judged> = Vec::new();
    for (delimiter, prior) in delimiters(first, known) {
        for quote in quotes(first, known) {
            judged.extend(try_out(first, delimiter, quote, prior, cut_short, known));
        }
    }
    let named = Named::by(first, known);
    named.weigh(&mut judged);
    judged.sort_by(|a, b| b.score.total_cmp(&a.score));
    if text.len() > first.len() && judged.len() > 1 {
        let second = cut(text, SECOND_LOOK);
        let cut_short = !complete || second.len() < text.len();
        // Only delimiters that may still win; quotes may first occur beyond the first look.
        let hopeless = judged[0].score * HOPELESS;
        judged.retain(|j| j.score >= hopeless);
        judged.truncate(3);
        let mut again: Vec<(u8, Option<u8>)> = Vec::new();
        for j in &judged {
            for quote in quotes(second, known) {
                if !again.contains(&(j.trial.delimiter, quote)) {
                    again.push((j.trial.delimiter, quote));
                }
            }
        }
        judged = again
            .into_iter()
            .filter_map(|(delimiter, quote)| {
                let prior = if known.delimiter.is_some() {
                    1.0
                } else {
                    prior(delimiter)
                };
                try_out(second, delimiter, quote, prior, cut_short, known)
            })
            .collect();
        named.weigh(&mut judged);
        judged.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    if let Some(better) = behind_decimal_commas(text, &judged) {
        judged.swap(0, better);
    }
    conclude(text, !complete, &judged, known)
}

/// How many names of the schema each delimiter finds in the line where it finds the most.
struct Named(Vec<(u8, usize)>);

/// Lines in which names are searched.
const NAMED_LINES: usize = 120;

impl Named {
    fn by(text: &[u8], known: &Known) -> Self {
        let mut found = Vec::new();
        if known.delimiter.is_none() && known.names.len() > 1 {
            for delimiter in COMMON {
                let most = text
                    .split(|byte| matches!(byte, b'\n' | b'\r'))
                    .filter(|line| memchr::memchr(delimiter, line).is_some())
                    .take(NAMED_LINES)
                    .map(|line| {
                        line.split(|byte| *byte == delimiter)
                            .filter(|cell| known.names.contains(&normalise(cell)))
                            .count()
                    })
                    .max();
                found.push((delimiter, most.unwrap_or(0)));
            }
        }
        Self(found)
    }

    /// Two names in a line are not a coincidence; one may be a word of a sentence.
    fn weigh(&self, judged: &mut [Judged]) {
        let most = self.0.iter().map(|(_, names)| *names).max().unwrap_or(0);
        if most < 2 {
            return;
        }
        for other in judged {
            let names = self.0.iter().find(|(d, _)| *d == other.trial.delimiter);
            if names.is_none_or(|(_, names)| *names < most) {
                other.score *= FEWER_NAMES.worth();
                other.unbiased *= FEWER_NAMES.worth();
            }
        }
    }
}

/// The dialect that wins without bias if the comma leads, but occurs only between digits: `1:29,64` has decimal commas.
fn behind_decimal_commas(text: &[u8], judged: &[Judged]) -> Option<usize> {
    let best = judged.first().filter(|j| j.trial.delimiter == b',')?;
    let digit = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(u8::is_ascii_digit);
    let (mut between, mut all) = (0, 0);
    for i in memchr::memchr_iter(b',', cut(text, FIRST_LOOK)) {
        all += 1;
        between += usize::from(digit(i.checked_sub(1)) && digit(Some(i + 1)));
    }
    if ratio(between, all) < BETWEEN_DIGITS.worth() {
        return None;
    }
    let rival = judged
        .iter()
        .enumerate()
        .filter(|(_, j)| {
            !matches!(j.trial.delimiter, b',' | NONE) && j.unbiased > best.unbiased * BETTER_LOOKS
        })
        .max_by(|a, b| a.1.unbiased.total_cmp(&b.1.unbiased))?;
    Some(rival.0)
}

/// The part of the sample on which the verdict on quotes and escapes is based.
pub(super) fn looked_at(text: &[u8]) -> &[u8] {
    cut(below_comments(text), SECOND_LOOK)
}

/// The text below a block of `#` lines at its top: a licence text would fill the first look, and prose is full of commas.
pub(super) fn below_comments(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
        let line = rest[..end].trim_ascii();
        if !line.is_empty() && !line.starts_with(b"#") {
            break;
        }
        rest = &rest[end + 1..];
    }
    // A head that consists of comments, or a table whose rows begin with `#`, is judged as it is.
    if memchr::memchr2_iter(b'\n', b'\r', rest).nth(1).is_some() {
        rest
    } else {
        text
    }
}

/// A prefix of at most `limit` bytes that ends with a line, if there is one.
fn cut(text: &[u8], limit: usize) -> &[u8] {
    if text.len() <= limit {
        return text;
    }
    let head = &text[..limit];
    memchr::memrchr2(b'\n', b'\r', head).map_or(head, |end| &head[..=end])
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts within a sample of some ten thousand bytes"
)]
pub(super) fn ratio(part: usize, whole: usize) -> f32 {
    if whole == 0 {
        0.0
    } else {
        part as f32 / whole as f32
    }
}

// The verdict on delimiter, quote and escape, with its confidence and rivals, from the scores of the dialects tried.

/// The limits of confidence.
const LEAST_SURE: f32 = 0.05;
pub(super) const SUREST: f32 = 0.99;
/// The factor by which damaged quotes reduce the confidence in them.
const DAMAGED: f32 = 0.6;
/// The share of the best score from which a rival is as good.
const AS_GOOD: f32 = 0.93;
const AS_GOOD_QUOTED: f32 = 0.97;

/// The verdict on delimiter, quote and escape.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "no rival, or a rival without a quote")]
pub(super) struct Verdict {
    pub(super) trial: Trial,
    pub(super) single_column: bool,
    pub(super) delimiter_confidence: f32,
    pub(super) delimiter_rival: Option<u8>,
    pub(super) delimiter_ambiguous: bool,
    pub(super) quote_confidence: f32,
    pub(super) quote_rival: Option<Option<u8>>,
    pub(super) quote_ambiguous: bool,
    /// Doubled quotes inside cells.
    pub(super) doubled: usize,
}

pub(super) fn conclude(text: &[u8], cut_short: bool, judged: &[Judged], known: &Known) -> Verdict {
    let best = judged.first().copied().unwrap_or(Judged::NOTHING);
    let rival = judged
        .iter()
        .find(|j| j.trial.delimiter != best.trial.delimiter);
    let share = rival.map_or(0.0, |r| {
        if best.score > 0.0 {
            r.score / best.score
        } else {
            1.0
        }
    });
    let single_column = best.trial.delimiter == NONE;
    let quote_rival = judged
        .iter()
        .find(|j| j.trial.delimiter == best.trial.delimiter && j.trial.quote != best.trial.quote);
    let quote_share = quote_rival.map_or(0.0, |r| {
        if best.score > 0.0 {
            r.score / best.score
        } else {
            1.0
        }
    });
    let quote = match known.quote {
        Some(quote) => quote,
        None if best.proper > 0 => best.trial.quote,
        // A single quote that is never closed spoils every table that is read with quotes; a closed cell with doubled
        // quotes in it is proof nevertheless, and the reader limits the damage.
        None if judged.iter().any(|j| proves_quotes(j, &best)) => Some(b'"'),
        None if judged
            .iter()
            .any(|j| j.trial.delimiter == best.trial.delimiter && j.has_quotes()) =>
        {
            Some(b'"')
        }
        // Quotes occur, but enclose nothing: they are inches or apostrophes.
        None if judged
            .iter()
            .any(|j| j.trial.delimiter == best.trial.delimiter && j.proper > 0) =>
        {
            best.trial.quote
        }
        None if memchr::memchr(b'"', text).is_none() => Some(b'"'),
        // There are none in the rows that were examined; the rest of the sample decides.
        None => {
            let trial = Trial {
                quote: Some(b'"'),
                ..best.trial
            };
            let table = split(text, trial, usize::MAX, cut_short);
            has_quotes(table.proper, table.improper, table.len()).then_some(b'"')
        }
    };
    let delimiter = if single_column {
        unused(text, best.proper > 0)
    } else {
        best.trial.delimiter
    };
    let quoted = best.proper + best.improper;
    let quote_known = known.quote.is_some();
    Verdict {
        trial: Trial {
            delimiter,
            quote,
            escape: known.escape.unwrap_or(best.trial.escape),
            runs: best.trial.runs,
        },
        single_column,
        delimiter_confidence: if known.delimiter.is_some() {
            1.0
        } else {
            (1.0 - share * share).clamp(LEAST_SURE, SUREST)
        },
        delimiter_rival: rival.map(|r| r.trial.delimiter).filter(|d| *d != NONE),
        delimiter_ambiguous: known.delimiter.is_none() && share > AS_GOOD,
        quote_confidence: if quote_known {
            1.0
        } else {
            (1.0 - ratio(best.improper, quoted) * DAMAGED).clamp(LEAST_SURE, SUREST)
        },
        quote_rival: quote_rival.map(|r| r.trial.quote),
        doubled: best.doubled,
        quote_ambiguous: !quote_known
            && quote_share > AS_GOOD_QUOTED
            && quoted > 0
            && best.improper > 0,
    }
}

/// Whether cells of a table with the same delimiter were written by something that doubles quotes.
fn proves_quotes(other: &Judged, best: &Judged) -> bool {
    other.trial.delimiter == best.trial.delimiter
        && other.trial.quote == Some(b'"')
        && other.proper > 0
        && other.doubled > 0
}

/// A delimiter that leaves the cells of a one-column file whole.
fn unused(text: &[u8], quoted: bool) -> u8 {
    let candidates = [b',', b';', b'\t', b'|', b'\x1F'];
    candidates
        .into_iter()
        .find(|d| quoted || memchr::memchr(*d, text).is_none())
        .unwrap_or(b'\x1F')
}
