//! Weighs the encodings that are not Unicode against each other: what letters would the file have, and do they stand where
//! letters stand? A naive Bayes sum of log probabilities over the sample, joined by chardetng's opinion. Knows no CSV.

use super::{
    Encoding, Kind,
    candidate::{CANDIDATES, Candidate},
    cjk,
    weight::weights,
};

/// The bytes that are weighed: more do not change the verdict, and chardetng is slow.
const WEIGHED: usize = 4096;

weights! { f64;
    /// What chardetng's opinion is worth, in nats: about one rare letter. It knows pairs of letters, which this sum does not.
    CHARDETNG = 3.5, off 0.0;
}

/// A verdict among the legacy encodings.
pub(super) struct Weighed {
    pub(super) encoding: Encoding,
    pub(super) runner_up: Option<Encoding>,
    /// Nats between the two.
    pub(super) margin: f64,
}

/// The best legacy encoding of a sample that has non-ASCII bytes and is not UTF-8.
pub(super) fn weigh(sample: &[u8]) -> Weighed {
    let sample = &sample[..sample.len().min(WEIGHED)];
    let mut counts = [0u32; 128];
    for &byte in sample.iter().filter(|b| **b >= 0x80) {
        counts[usize::from(byte - 0x80)] += 1;
    }
    let mut sums = cjk::weigh(sample);
    let mut bounds: Vec<(f64, &Candidate)> =
        CANDIDATES.iter().map(|c| (c.bound(&counts), c)).collect();
    bounds.sort_by(|a, b| b.0.total_cmp(&a.0));
    let second = |sums: &[(f64, Encoding)]| {
        let (mut first, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (sum, _) in sums {
            (first, second) = if *sum > first {
                (*sum, first)
            } else {
                (first, second.max(*sum))
            };
        }
        second
    };
    for (bound, candidate) in bounds {
        // What cannot even come second is not worth a closer look.
        if bound + CHARDETNG.worth() < second(&sums) {
            break;
        }
        sums.push((candidate.weigh(sample), candidate.encoding));
    }
    let descending = |sums: &mut Vec<(f64, Encoding)>| sums.sort_by(|a, b| b.0.total_cmp(&a.0));
    descending(&mut sums);
    if sums[0].0 - sums[1].0 < CHARDETNG.worth() {
        let opinion = chardetng(sample);
        for (sum, _) in sums.iter_mut().filter(|(_, encoding)| *encoding == opinion) {
            *sum += CHARDETNG.worth();
        }
        descending(&mut sums);
    }
    let (best, encoding) = sums[0];
    let rival = sums
        .iter()
        .skip(1)
        .take(6)
        .find(|(_, rival)| !same_text(encoding, *rival, sample));
    Weighed {
        encoding,
        runner_up: rival.map(|r| r.1),
        margin: rival.map_or(f64::INFINITY, |r| best - r.0),
    }
}

fn same_text(a: Encoding, b: Encoding, sample: &[u8]) -> bool {
    let decode = |e: Encoding| {
        let mut text = String::new();
        super::Decoder::new(e).feed(sample, &mut text);
        text
    };
    decode(a) == decode(b)
}

fn chardetng(sample: &[u8]) -> Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    Encoding(Kind::Whatwg(match guess {
        // chardetng gives the superset; the plain name is what such files are called.
        e if e == encoding_rs::KOI8_U => encoding_rs::KOI8_R,
        e => e,
    }))
}
