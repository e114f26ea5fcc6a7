//! Judges dialects: splits the sample by each on trial and scores the table that comes out, by how even its rows are and by
//! how much its cells look like whole cells of one kind per column. The idea is that of van den Burg, Nazábal and Sutton,
//! "Wrangling messy CSV files by detecting row and type patterns" (2019); the measure is our own.

use super::{
    Known,
    looks::shape_and_kinds,
    split::{Cell, Table, Trial, split},
};

/// Text on which every dialect is tried.
const FIRST_LOOK: usize = 12 * 1024;
/// Text on which the best few are compared.
const SECOND_LOOK: usize = 40 * 1024;
/// Stands for "no delimiter": never occurs in UTF-8 text.
const NONE: u8 = 0xFF;

/// How plausible each delimiter is before looking: how often files use it against how often text contains it.
const PRIORS: [(u8, f32); 26] = [
    (b',', 1.0),
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 0.98),
    (b'\x1F', 0.98),
    (b'\x01', 0.98),
    (b'\x1E', 0.9),
    (b'\x02', 0.9),
    (b'~', 0.9),
    (b'^', 0.88),
    (b':', 0.74),
    (b' ', 0.72),
    (b'#', 0.7),
    (b'*', 0.68),
    (b'!', 0.66),
    (b'&', 0.66),
    (b'=', 0.66),
    (b'$', 0.6),
    (b'%', 0.6),
    (b'@', 0.6),
    (b'`', 0.6),
    (b'+', 0.5),
    (b'<', 0.4),
    (b'/', 0.5),
    (b'\\', 0.5),
    (b'_', 0.4),
];

/// A dialect with its score, 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) trial: Trial,
    pub(super) score: f32,
    /// The score as if all delimiters were equally plausible.
    unbiased: f32,

    proper: usize,
    improper: usize,
    escaped: usize,
    doubled: usize,
    /// The quotes mark numbers as text and enclose nothing else.
    marks: bool,
}

/// The verdict on delimiter, quote and escape.
#[derive(Debug)]
#[allow(clippy::option_option, reason = "no rival, or a rival without a quote")]
pub(super) struct Verdict {
    pub(super) trial: Trial,
    pub(super) single_column: bool,
    pub(super) delimiter_confidence: f32,
    pub(super) delimiter_rival: Option<u8>,
    pub(super) delimiter_ambiguous: bool,
    pub(super) quote_confidence: f32,
    pub(super) quote_rival: Option<Option<u8>>,
    pub(super) quote_ambiguous: bool,
}

/// `text` is the decoded sample; `complete` says that the file ends where it ends.
pub(super) fn judge(text: &[u8], complete: bool, known: &Known) -> Verdict {
    let first = cut(text, FIRST_LOOK);
    let cut_short = !complete || first.len() < text.len();
    let mut judged: Vec<Judged> = Vec::new();
    for (delimiter, prior) in delimiters(first, known) {
        for quote in quotes(first, known) {
            judged.extend(try_out(first, delimiter, quote, prior, cut_short, known));
        }
    }
    judged.sort_by(|a, b| b.score.total_cmp(&a.score));
    if text.len() > first.len() && judged.len() > 1 {
        let second = cut(text, SECOND_LOOK);
        let cut_short = !complete || second.len() < text.len();
        // Only delimiters that may still win; quotes may first occur beyond the first look.
        let hopeless = judged[0].score * 0.75;
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
        judged.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    if let Some(better) = behind_decimal_commas(text, &judged) {
        judged.swap(0, better);
    }
    conclude(text, &judged, known)
}

/// The dialect that wins without bias where the comma leads, but stands between digits only: `1:29,64` has decimal commas.
fn behind_decimal_commas(text: &[u8], judged: &[Judged]) -> Option<usize> {
    let best = judged.first().filter(|j| j.trial.delimiter == b',')?;
    let digit = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(u8::is_ascii_digit);
    let (mut between, mut all) = (0, 0);
    for i in memchr::memchr_iter(b',', cut(text, FIRST_LOOK)) {
        all += 1;
        between += usize::from(digit(i.checked_sub(1)) && digit(Some(i + 1)));
    }
    if ratio(between, all) < 0.95 {
        return None;
    }
    let rival = judged
        .iter()
        .enumerate()
        .filter(|(_, j)| {
            !matches!(j.trial.delimiter, b',' | NONE) && j.unbiased > best.unbiased * 1.1
        })
        .max_by(|a, b| a.1.unbiased.total_cmp(&b.1.unbiased))?;
    Some(rival.0)
}

/// A prefix of at most `limit` bytes that ends with a line, where there is one.
fn cut(text: &[u8], limit: usize) -> &[u8] {
    if text.len() <= limit {
        return text;
    }
    let head = &text[..limit];
    memchr::memrchr2(b'\n', b'\r', head).map_or(head, |end| &head[..=end])
}

fn prior(delimiter: u8) -> f32 {
    PRIORS
        .iter()
        .find(|(d, _)| *d == delimiter)
        .map_or(1.0, |(_, prior)| *prior)
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
    let lines = counts[usize::from(b'\n')]
        .max(counts[usize::from(b'\r')])
        .max(1);
    let mut found: Vec<(u8, f32)> = PRIORS
        .into_iter()
        .filter(|(d, prior)| {
            let count = counts[usize::from(*d)];
            // A preamble or long quoted cells may make rows few among the lines, but a rare delimiter has to be frequent.
            count > 0
                && if *prior >= 0.88 {
                    count * 12 >= lines
                } else {
                    count * 4 >= lines * 3
                }
        })
        .collect();
    found.push((NONE, 1.0));
    found
}

fn quotes(text: &[u8], known: &Known) -> Vec<Option<u8>> {
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
    if known.quote.is_none() && (one.proper == 0 && one.improper == 0 || one.marks) {
        return None;
    }
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
    Some(one)
}

fn assess(text: &[u8], trial: Trial, prior: f32, cut_short: bool) -> Judged {
    let mut table = split(text, trial, usize::MAX);
    if cut_short && table.len() > 4 {
        table.drop_last();
    }
    let unbiased = shape_and_kinds(text, &table, trial.delimiter);
    let score = prior * unbiased;

    let total = table.proper + table.improper;
    // Doubled quotes inside a closed cell are what only a writer of quotes makes.
    let fair = if total == 0 {
        1.0
    } else {
        1.0 - 0.6 * ratio(table.improper, total + 4 * table.doubled)
    };
    Judged {
        trial,
        score: score * fair,
        unbiased: unbiased * fair,

        proper: table.proper,
        improper: table.improper,
        escaped: table.escaped,
        doubled: table.doubled,
        marks: trial.quote == Some(b'\'') && marks_numbers(text, &table),
    }
}

#[allow(
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

fn conclude(text: &[u8], judged: &[Judged], known: &Known) -> Verdict {
    let fallback = Judged {
        trial: Trial {
            delimiter: NONE,
            quote: None,
            escape: None,
            runs: false,
        },
        score: 0.0,
        unbiased: 0.0,

        proper: 0,
        improper: 0,
        escaped: 0,
        doubled: 0,
        marks: false,
    };
    let best = judged.first().copied().unwrap_or(fallback);
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
        // One quote that is never closed spoils every table read with quotes; a closed cell with doubled quotes in it is
        // proof all the same, and the reader contains the damage.
        None if judged.iter().any(|j| proves_quotes(j, &best)) => Some(b'"'),
        // Quotes occur, but enclose nothing: they are inches or apostrophes.
        None if judged
            .iter()
            .any(|j| j.trial.delimiter == best.trial.delimiter && j.proper > 0) =>
        {
            best.trial.quote
        }
        None if memchr::memchr(b'"', text).is_none() => Some(b'"'),
        // None among the rows that were looked at; the rest of the sample decides.
        None => {
            let table = split(
                text,
                Trial {
                    quote: Some(b'"'),
                    ..best.trial
                },
                usize::MAX,
            );
            (table.proper > table.improper).then_some(b'"')
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
            (1.0 - share * share).clamp(0.05, 0.99)
        },
        delimiter_rival: rival.map(|r| r.trial.delimiter).filter(|d| *d != NONE),
        delimiter_ambiguous: known.delimiter.is_none() && share > 0.93,
        quote_confidence: if quote_known {
            1.0
        } else {
            (1.0 - ratio(best.improper, quoted) * 0.6).clamp(0.05, 0.99)
        },
        quote_rival: quote_rival.map(|r| r.trial.quote),
        quote_ambiguous: !quote_known && quote_share > 0.97 && quoted > 0 && best.improper > 0,
    }
}

/// Whether cells of a table with the same delimiter were written by something that doubles quotes.
fn proves_quotes(other: &Judged, best: &Judged) -> bool {
    other.trial.delimiter == best.trial.delimiter
        && other.trial.quote == Some(b'"')
        && other.proper > 0
        && other.doubled > 0
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

/// A delimiter that leaves the cells of a one-column file whole.
fn unused(text: &[u8], quoted: bool) -> u8 {
    let candidates = [b',', b';', b'\t', b'|', b'\x1F'];
    candidates
        .into_iter()
        .find(|d| quoted || memchr::memchr(*d, text).is_none())
        .unwrap_or(b'\x1F')
}
