//! Weighs the multi-byte encodings of China, Japan and Korea: are the pairs of bytes of the frequent kind? Same scale as
//! [`super::legacy`]: nats, two bytes beyond ASCII costing about what two letters cost.

use super::{Encoding, Kind, letters};

/// A pair that is not valid: one may be damage, more mean another encoding.
const INVALID: f64 = -16.0;
/// A character of everyday names and words is that much likelier than its zone says.
const FREQUENT: f64 = 1.8;

type Zones = fn(u8, u8) -> f64;

/// The multi-byte encodings with their sums.
pub(super) fn weigh(sample: &[u8]) -> Vec<(f64, Encoding)> {
    let table: [(&'static encoding_rs::Encoding, f64, Zones, &str); 5] = [
        (encoding_rs::GBK, -1.0, gbk, letters::SIMPLIFIED),
        (encoding_rs::BIG5, -1.5, big5, letters::TRADITIONAL),
        (encoding_rs::SHIFT_JIS, -1.0, shift_jis, letters::KANJI),
        (encoding_rs::EUC_JP, -1.5, euc_jp, letters::KANJI),
        (encoding_rs::EUC_KR, -1.5, euc_kr, ""),
    ];
    let mut sums = Vec::with_capacity(table.len());
    for (encoding, prior, zones, frequent) in table {
        let single = encoding == encoding_rs::SHIFT_JIS;
        let mut sum = prior;
        let mut i = 0;
        while i < sample.len() {
            let lead = sample[i];
            if lead < 0x80 {
                i += 1;
            } else if single && (0xA1..=0xDF).contains(&lead) {
                // Half-width katakana: whole words of it, and never inside a word of ASCII letters.
                let beside = |j: Option<usize>| {
                    j.and_then(|j| sample.get(j))
                        .is_some_and(u8::is_ascii_alphabetic)
                };
                sum -= if beside(i.checked_sub(1)) || beside(Some(i + 1)) {
                    9.0
                } else {
                    4.5
                };
                i += 1;
            } else if let Some(&trail) = sample.get(i + 1) {
                let mut cost = zones(lead, trail);
                // Such characters are not inside words of ASCII letters.
                let beside = |j: Option<usize>| {
                    j.and_then(|j| sample.get(j))
                        .is_some_and(u8::is_ascii_alphabetic)
                };
                cost -= 1.5
                    * f64::from(u8::from(beside(i.checked_sub(1))) + u8::from(beside(Some(i + 2))));
                sum += cost;
                // An invalid trail may itself be a delimiter or line end.
                i += if cost <= INVALID { 1 } else { 2 };
            } else {
                break;
            }
        }
        if sum > -9.0 * count(sample.len()) && !frequent.is_empty() {
            let (text, _) = encoding.decode_without_bom_handling(sample);
            sum += FREQUENT
                * count(
                    text.chars()
                        .filter(|c| *c > '\u{3000}' && frequent.contains(*c))
                        .count(),
                );
        }
        sums.push((sum, Encoding(Kind::Whatwg(encoding))));
    }
    // Four-byte characters exist in gb18030 alone.
    if sample
        .windows(4)
        .any(|w| matches!(w, [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39]))
    {
        let gb18030 = encoding_rs::GB18030;
        if !gb18030.decode_without_bom_handling(sample).1 {
            sums.push((
                sums[0].0.max(-6.0 * count(sample.len())) + 1.0,
                Encoding(Kind::Whatwg(gb18030)),
            ));
        }
    }
    sums
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn gbk(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xFF, _) | (_, 0..=0x3F | 0x7F | 0xFF) => INVALID,
        (0xA1 | 0xA3, 0xA1..) => -5.5,
        (0xB0..=0xD7, 0xA1..) => -6.3,
        (0xD8..=0xF7, 0xA1..) => -9.5,
        _ => -12.0,
    }
}

fn big5(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xFF, _) | (_, 0..=0x3F | 0x7F..=0xA0 | 0xFF) => INVALID,
        (0xA1..=0xA3, _) => -5.8,
        (0xA4..=0xC6, _) => -6.3,
        (0xC9..=0xF9, _) => -9.5,
        _ => -13.0,
    }
}

fn euc_kr(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xFF, _) | (_, 0..=0x40 | 0x5B..=0x60 | 0x7B..=0x80 | 0xFF) => INVALID,
        (0xB0..=0xC8, 0xA1..) => -5.4,
        (0xA1 | 0xA3, 0xA1..) => -5.5,
        (0xCA..=0xFD, 0xA1..) => -9.0,
        (0xA2..=0xAC, 0xA1..) => -8.0,
        _ => -12.0,
    }
}

fn euc_jp(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x8E, 0xA1..=0xDF) => -7.0,
        (0x8F, 0xA1..=0xFE) => -12.0,
        (0x80..=0xA0 | 0xFF, _) | (_, 0..=0xA0 | 0xFF) => INVALID,
        (0xA4, _) => -4.0,
        (0xA5, _) => -4.3,
        (0xA1 | 0xA3, _) => -5.0,
        (0xB0..=0xCF, _) => -6.6,
        (0xD0..=0xF4, _) => -9.5,
        _ => -11.0,
    }
}

fn shift_jis(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xA0 | 0xFD..=0xFF, _) | (_, 0..=0x3F | 0x7F | 0xFD..=0xFF) => INVALID,
        (0x82, 0x9F..=0xF1) => -4.0,
        (0x83, 0x40..=0x96) => -4.3,
        (0x81, _) | (0x82, 0x4F..=0x9A) => -5.0,
        (0x88..=0x97, _) => -6.6,
        (0x98..=0x9F | 0xE0..=0xEA, _) => -9.5,
        _ => -12.0,
    }
}
