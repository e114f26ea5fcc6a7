//! The dialects that are tried on a sample, and the score of each. Picks none: [`super::judge`] compares.

use super::{
    Known,
    judge::ratio,
    looks::shape_and_kinds,
    split::{Cell, NONE, Table, Trial, split},
};
use crate::text::weight::{Weight, weights};

/// How plausible each delimiter is before looking: how often files use it against how often text contains it.
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

/// As plausible as any.
const USUAL: Weight<f32> = Weight::new("USUAL", 1.0, 1.0);

/// Delimiters less plausible than this have to stand in most lines.
const FREQUENT: f32 = 0.88;

weights! { f32;
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
}

/// Delimiters that most files have.
pub(super) const COMMON: [u8; 4] = *b",;\t|";

/// A dialect with its score, 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) trial: Trial,
    pub(super) score: f32,
    /// The score as if all delimiters were equally plausible.
    pub(super) unbiased: f32,
    rows: usize,
    pub(super) proper: usize,
    pub(super) improper: usize,
    escaped: usize,
    pub(super) doubled: usize,
    /// The quotes mark numbers as text and enclose nothing else.
    marks: bool,
}

impl Judged {
    /// Where nothing could be tried: one column, without quotes.
    pub(super) const NOTHING: Self = Self {
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
    /// cost those rows. Where they are many, they are text: ditto marks, sayings.
    pub(super) fn has_quotes(&self) -> bool {
        self.trial.quote == Some(b'"') && has_quotes(self.proper, self.improper, self.rows)
    }
}

/// See [`Judged::has_quotes`].
pub(super) fn has_quotes(proper: usize, improper: usize, rows: usize) -> bool {
    proper + improper > 0 && improper <= proper.max(rows / 4).max(1)
}

pub(super) fn prior(delimiter: u8) -> f32 {
    PRIORS
        .iter()
        .find(|(d, _)| *d == delimiter)
        .map_or(1.0, |(_, prior)| prior.worth())
}

/// Delimiters that occur often enough to be one, and "none".
pub(super) fn delimiters(text: &[u8], known: &Known) -> Vec<(u8, f32)> {
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
            // A preamble or long quoted cells may make rows few among the lines, but a rare delimiter has to be frequent.
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

/// Lines that are not empty, at least one. Those inside quoted cells are left out, as far as pairs of quotes show them.
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
pub(super) fn try_out(
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
    // Doubled quotes inside a closed cell are what only a writer of quotes makes.
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

/// Whether only numbers are quoted although there is text: `'3175010505909001'` keeps a spreadsheet from rounding, and the
/// next cell may well be `'Aisyah`.
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
