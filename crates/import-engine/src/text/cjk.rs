//! Weighs the multi-byte encodings of China, Japan and Korea: are the pairs of bytes of the frequent kind? Same scale as
//! [`super::legacy`]: nats, two bytes beyond ASCII costing about what two letters cost.

use super::{Encoding, Kind, letters, weight::weights};

weights! { f64;
    /// A pair that is not valid: one may be damage, more mean another encoding.
    INVALID = -16.0, off -6.0;
    /// A character of everyday names and words is that much likelier than its zone says.
    FREQUENT = 1.8, off 0.0;
    /// Half-width katakana beside an ASCII letter.
    KATAKANA_IN_WORD = -9.0, off 0.0;
    /// Half-width katakana elsewhere.
    KATAKANA = -4.5, off 0.0;
    /// A pair beside an ASCII letter, on each side.
    IN_WORD = -1.5, off 0.0;
    /// A byte, at which frequent characters are not looked for.
    HOPELESS = -9.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_GBK = -1.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_BIG5 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_SHIFT_JIS = -1.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_EUC_JP = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_EUC_KR = -1.5, off 0.0;
    /// Of the pairs of this zone.
    GBK_SIGNS = -5.5, off -6.3;
    /// Of the pairs of this zone.
    GBK_EVERYDAY = -6.3, off -9.5;
    /// Of the pairs of this zone.
    GBK_RARE = -9.5, off -6.3;
    /// Of the pairs of this zone.
    GBK_PRIVATE = -12.0, off -6.3;
    /// Of the pairs of this zone.
    BIG5_SIGNS = -5.8, off -6.3;
    /// Of the pairs of this zone.
    BIG5_EVERYDAY = -6.3, off -9.5;
    /// Of the pairs of this zone.
    BIG5_RARE = -9.5, off -6.3;
    /// Of the pairs of this zone.
    BIG5_PRIVATE = -13.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_KR_EVERYDAY = -5.4, off -6.3;
    /// Of the pairs of this zone.
    EUC_KR_SIGNS = -5.5, off -6.3;
    /// Of the pairs of this zone.
    EUC_KR_HANJA = -9.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_KR_OTHER = -8.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_KR_PRIVATE = -12.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_HALF_KATAKANA = -7.0, off -16.0;
    /// Of the pairs of this zone.
    EUC_JP_HIRAGANA = -4.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_KATAKANA = -4.3, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_SIGNS = -5.0, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_EVERYDAY = -6.6, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_RARE = -9.5, off -6.3;
    /// Of the pairs of this zone.
    EUC_JP_PRIVATE = -11.0, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_HIRAGANA = -4.0, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_KATAKANA = -4.3, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_SIGNS = -5.0, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_EVERYDAY = -6.6, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_RARE = -9.5, off -6.3;
    /// Of the pairs of this zone.
    SHIFT_JIS_PRIVATE = -12.0, off -6.3;
}

/// Both names mean the same text: where there are characters of four bytes, the one that has them is said.
const FOUR_BYTES: f64 = 1.0;

type Zones = fn(u8, u8) -> f64;

/// The multi-byte encodings with their sums.
pub(super) fn weigh(sample: &[u8]) -> Vec<(f64, Encoding)> {
    let table: [(&'static encoding_rs::Encoding, f64, Zones, &str); 5] = [
        (
            encoding_rs::GBK,
            PRIOR_OF_GBK.worth(),
            gbk,
            letters::SIMPLIFIED,
        ),
        (
            encoding_rs::BIG5,
            PRIOR_OF_BIG5.worth(),
            big5,
            letters::TRADITIONAL,
        ),
        (
            encoding_rs::SHIFT_JIS,
            PRIOR_OF_SHIFT_JIS.worth(),
            shift_jis,
            letters::KANJI,
        ),
        (
            encoding_rs::EUC_JP,
            PRIOR_OF_EUC_JP.worth(),
            euc_jp,
            letters::KANJI,
        ),
        (encoding_rs::EUC_KR, PRIOR_OF_EUC_KR.worth(), euc_kr, ""),
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
                sum += if beside(i.checked_sub(1)) || beside(Some(i + 1)) {
                    KATAKANA_IN_WORD.worth()
                } else {
                    KATAKANA.worth()
                };
                i += 1;
            } else if let Some(&trail) = sample.get(i + 1) {
                let mut cost = zones(lead, trail);
                // Such characters are not inside words of ASCII letters.
                let beside = |j: Option<usize>| {
                    j.and_then(|j| sample.get(j))
                        .is_some_and(u8::is_ascii_alphabetic)
                };
                cost += IN_WORD.worth()
                    * f64::from(u8::from(beside(i.checked_sub(1))) + u8::from(beside(Some(i + 2))));
                sum += cost;
                // An invalid trail may itself be a delimiter or line end.
                i += if cost <= INVALID.worth() { 1 } else { 2 };
            } else {
                break;
            }
        }
        if sum > HOPELESS.worth() * count(sample.len()) && !frequent.is_empty() {
            let (text, _) = encoding.decode_without_bom_handling(sample);
            sum += FREQUENT.worth()
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
                sums[0].0.max(-6.0 * count(sample.len())) + FOUR_BYTES,
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
        (0x80 | 0xFF, _) | (_, 0..=0x3F | 0x7F | 0xFF) => INVALID.worth(),
        (0xA1 | 0xA3, 0xA1..) => GBK_SIGNS.worth(),
        (0xB0..=0xD7, 0xA1..) => GBK_EVERYDAY.worth(),
        (0xD8..=0xF7, 0xA1..) => GBK_RARE.worth(),
        _ => GBK_PRIVATE.worth(),
    }
}

fn big5(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xFF, _) | (_, 0..=0x3F | 0x7F..=0xA0 | 0xFF) => INVALID.worth(),
        (0xA1..=0xA3, _) => BIG5_SIGNS.worth(),
        (0xA4..=0xC6, _) => BIG5_EVERYDAY.worth(),
        (0xC9..=0xF9, _) => BIG5_RARE.worth(),
        _ => BIG5_PRIVATE.worth(),
    }
}

fn euc_kr(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xFF, _) | (_, 0..=0x40 | 0x5B..=0x60 | 0x7B..=0x80 | 0xFF) => INVALID.worth(),
        (0xB0..=0xC8, 0xA1..) => EUC_KR_EVERYDAY.worth(),
        (0xA1 | 0xA3, 0xA1..) => EUC_KR_SIGNS.worth(),
        (0xCA..=0xFD, 0xA1..) => EUC_KR_HANJA.worth(),
        (0xA2..=0xAC, 0xA1..) => EUC_KR_OTHER.worth(),
        _ => EUC_KR_PRIVATE.worth(),
    }
}

fn euc_jp(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x8E, 0xA1..=0xDF) => EUC_JP_HALF_KATAKANA.worth(),
        (0x80..=0xA0 | 0xFF, _) | (_, 0..=0xA0 | 0xFF) => INVALID.worth(),
        (0xA4, _) => EUC_JP_HIRAGANA.worth(),
        (0xA5, _) => EUC_JP_KATAKANA.worth(),
        (0xA1 | 0xA3, _) => EUC_JP_SIGNS.worth(),
        (0xB0..=0xCF, _) => EUC_JP_EVERYDAY.worth(),
        (0xD0..=0xF4, _) => EUC_JP_RARE.worth(),
        _ => EUC_JP_PRIVATE.worth(),
    }
}

fn shift_jis(lead: u8, trail: u8) -> f64 {
    match (lead, trail) {
        (0x80 | 0xA0 | 0xFD..=0xFF, _) | (_, 0..=0x3F | 0x7F | 0xFD..=0xFF) => INVALID.worth(),
        (0x82, 0x9F..=0xF1) => SHIFT_JIS_HIRAGANA.worth(),
        (0x83, 0x40..=0x96) => SHIFT_JIS_KATAKANA.worth(),
        (0x81, _) | (0x82, 0x4F..=0x9A) => SHIFT_JIS_SIGNS.worth(),
        (0x88..=0x97, _) => SHIFT_JIS_EVERYDAY.worth(),
        (0x98..=0x9F | 0xE0..=0xEA, _) => SHIFT_JIS_RARE.worth(),
        _ => SHIFT_JIS_PRIVATE.worth(),
    }
}
