//! The verdict on delimiter, quote and escape, with its confidence and rivals, from the scores of the dialects tried.

use super::{
    Known,
    judge::ratio,
    split::{NONE, Trial, split},
    tried::{Judged, has_quotes},
};

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
