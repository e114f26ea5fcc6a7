//! Judges dialects: compares the scores of those tried, and gives the verdict on delimiter, quote and escape with its confidence and
//! rivals.

use super::{
    Known,
    header::normalise,
    split::{NONE, Trial, split},
    tried::{COMMON, Judged, delimiters, has_quotes, prior, quotes, try_out},
};
use crate::text::weight::weights;

/// Text on which every dialect is tried.
const FIRST_LOOK: usize = 12 * 1024;
/// Text on which the best few are compared.
const SECOND_LOOK: usize = 40 * 1024;

weights! { f32;
    /// A delimiter that finds fewer of the schema's names than another. One that finds them all among records that say nothing
    /// (`name,email` above `Ada`) must not lose to a single column.
    FEWER_NAMES = 0.3, off 1.0;
    /// Of all commas, so that they separate fractions.
    BETWEEN_DIGITS = 0.95, off 2.0;
}

/// Of the best score: what has less in the first look does not win in the second.
const HOPELESS: f32 = 0.75;
/// Times the looks of a comma: what another delimiter must have where all commas stand between digits.
const BETTER_LOOKS: f32 = 1.1;

/// `text` is the decoded sample; `complete` says that the file ends where it ends.
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

/// How many names of the schema each delimiter finds in the line where it finds most.
struct Named(Vec<(u8, usize)>);

/// Lines in which names are looked for.
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

    /// Two names in a line are not an accident; one may be a word of a sentence.
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

/// The dialect that wins without bias where the comma leads, but stands between digits only: `1:29,64` has decimal commas.
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

/// The part of the sample that has a say in the verdict on quotes and escapes.
pub(super) fn looked_at(text: &[u8]) -> &[u8] {
    cut(below_comments(text), SECOND_LOOK)
}

/// The text below a block of `#` lines at its top: a page of licence would fill the first look, and prose is full of commas.
pub(super) fn below_comments(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
        let line = rest[..end].trim_ascii();
        if !line.is_empty() && !line.starts_with(b"#") {
            break;
        }
        rest = &rest[end + 1..];
    }
    // A head that is all comments, or a table whose rows begin with `#`, is judged as it stands.
    if memchr::memchr2_iter(b'\n', b'\r', rest).nth(1).is_some() {
        rest
    } else {
        text
    }
}

/// A prefix of at most `limit` bytes that ends with a line, where there is one.
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

/// Confidence is never less or more.
const LEAST_SURE: f32 = 0.05;
pub(super) const SUREST: f32 = 0.99;
/// What damaged quotes take of the confidence in them.
const DAMAGED: f32 = 0.6;
/// Shares of the best score with which a rival is as good.
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
        // One quote that is never closed spoils every table read with quotes; a closed cell with doubled quotes in it is
        // proof all the same, and the reader contains the damage.
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
        // None among the rows that were looked at; the rest of the sample decides.
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
