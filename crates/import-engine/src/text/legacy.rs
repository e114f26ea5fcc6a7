//! Weighs the encodings that are not Unicode against each other: which letters would the file have, and are they where
//! letters can be? It is a naive Bayes sum of log probabilities over the sample, for single bytes and for pairs of bytes,
//! combined with chardetng's opinion. The letters of the languages of these encodings are listed at the end, most
//! frequent first.

use std::sync::LazyLock;

use super::{Decoder, Encoding, Kind, Weight, weights};

/// The bytes that are weighed: more do not change the verdict, and chardetng is slow.
const WEIGHED: usize = 4096;

weights! { f64;
    /// The weight of chardetng's opinion, in nats: about one rare letter. It knows pairs of letters, which this sum does
    /// not.
    CHARDETNG = 3.5, off 0.0;
    /// A language of few files.
    RARE_LANGUAGE = 1.5, off 0.0;

    /// A control character, or a byte that the encoding does not define.
    CONTROL = -14.0, off 0.0;
    /// A sign that is rare in tables.
    SYMBOL = -8.5, off 0.0;
    /// A letter that the language does not have.
    FOREIGN_LETTER = -8.0, off 0.0;
    /// A sign that occurs in tables.
    PUNCTUATION = -4.5, off 0.0;
    /// A letter or sign where none of its kind belongs.
    MISPLACED = -4.0, off 0.0;
    /// A sign next to what it belongs to.
    AT_HOME = 1.0, off 0.0;
    /// A sign elsewhere.
    NOT_AT_HOME = -2.0, off 0.0;
    /// A space that groups digits.
    SPACE_AT_DIGIT = 2.0, off 0.0;
    /// An apostrophe inside a word.
    APOSTROPHE = -2.0, off 0.0;
    /// A capital next to another.
    CAPITAL_AMONG_CAPITALS = -0.5, off 0.0;
    /// A capital at the beginning of a word.
    CAPITAL_IN_FRONT = -1.5, off 0.0;
    /// A capital inside a word.
    CAPITAL_INSIDE = -3.0, off 0.0;
    /// A letter next to a digit.
    AT_DIGIT = -1.5, off 0.0;
    /// The usual encoding, with which the others are compared.
    PRIOR_OF_WINDOWS_1252 = 0.0, off -3.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1250 = -1.6, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1251 = -1.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1253 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1254 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1255 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1256 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1257 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_1258 = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_WINDOWS_874 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_2 = -2.2, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_3 = -5.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_4 = -4.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_5 = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_6 = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_7 = -2.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_8 = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_10 = -6.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_13 = -3.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_14 = -5.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_15 = -2.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_ISO_8859_16 = -4.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_KOI8_R = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_KOI8_U = -2.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_MACINTOSH = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_X_MAC_CYRILLIC = -3.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM866 = -2.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM437 = -3.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM850 = -2.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM858 = -4.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM852 = -3.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM855 = -4.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM857 = -3.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM737 = -3.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM775 = -3.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM862 = -3.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM865 = -4.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_IBM860 = -4.5, off 0.0;

    /// An invalid pair: one may be damage, several mean another encoding.
    INVALID = -16.0, off -6.0;
    /// How much likelier a character of everyday names and words is than others of its zone.
    FREQUENT = 1.8, off 0.0;
    /// Half-width katakana next to an ASCII letter.
    KATAKANA_IN_WORD = -9.0, off 0.0;
    /// Half-width katakana elsewhere.
    KATAKANA = -4.5, off 0.0;
    /// A pair next to an ASCII letter, for each side.
    IN_WORD = -1.5, off 0.0;
    /// A sum per byte below which frequent characters are not searched.
    HOPELESS = -9.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_GBK = -1.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_BIG5 = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_SHIFT_JIS = -1.0, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_EUC_JP = -1.5, off 0.0;
    /// How much rarer it is than the usual encoding.
    PRIOR_OF_EUC_KR = -1.5, off 0.0;
    /// The pairs of this zone.
    GBK_SIGNS = -5.5, off -6.3;
    /// The pairs of this zone.
    GBK_EVERYDAY = -6.3, off -9.5;
    /// The pairs of this zone.
    GBK_RARE = -9.5, off -6.3;
    /// The pairs of this zone.
    GBK_PRIVATE = -12.0, off -6.3;
    /// The pairs of this zone.
    BIG5_SIGNS = -5.8, off -6.3;
    /// The pairs of this zone.
    BIG5_EVERYDAY = -6.3, off -9.5;
    /// The pairs of this zone.
    BIG5_RARE = -9.5, off -6.3;
    /// The pairs of this zone.
    BIG5_PRIVATE = -13.0, off -6.3;
    /// The pairs of this zone.
    EUC_KR_EVERYDAY = -5.4, off -6.3;
    /// The pairs of this zone.
    EUC_KR_SIGNS = -5.5, off -6.3;
    /// The pairs of this zone.
    EUC_KR_HANJA = -9.0, off -6.3;
    /// The pairs of this zone.
    EUC_KR_OTHER = -8.0, off -6.3;
    /// The pairs of this zone.
    EUC_KR_PRIVATE = -12.0, off -6.3;
    /// The pairs of this zone.
    EUC_JP_HALF_KATAKANA = -7.0, off -16.0;
    /// The pairs of this zone.
    EUC_JP_HIRAGANA = -4.0, off -6.3;
    /// The pairs of this zone.
    EUC_JP_KATAKANA = -4.3, off -6.3;
    /// The pairs of this zone.
    EUC_JP_SIGNS = -5.0, off -6.3;
    /// The pairs of this zone.
    EUC_JP_EVERYDAY = -6.6, off -6.3;
    /// The pairs of this zone.
    EUC_JP_RARE = -9.5, off -6.3;
    /// The pairs of this zone.
    EUC_JP_PRIVATE = -11.0, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_HIRAGANA = -4.0, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_KATAKANA = -4.3, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_SIGNS = -5.0, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_EVERYDAY = -6.6, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_RARE = -9.5, off -6.3;
    /// The pairs of this zone.
    SHIFT_JIS_PRIVATE = -12.0, off -6.3;
}

/// A verdict among the legacy encodings.
pub(super) struct Weighed {
    pub(super) encoding: Encoding,
    pub(super) runner_up: Option<Encoding>,
    /// The difference between the two, in nats.
    pub(super) margin: f64,
}

/// The best legacy encoding of a sample that has non-ASCII bytes and is not UTF-8.
pub(super) fn weigh(sample: &[u8]) -> Weighed {
    let sample = &sample[..sample.len().min(WEIGHED)];
    let mut counts = [0u32; 128];
    for &byte in sample.iter().filter(|b| **b >= 0x80) {
        counts[usize::from(byte - 0x80)] += 1;
    }
    let mut sums = weigh_pairs(sample);
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
        // An encoding that cannot even come second is not weighed.
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
        Decoder::new(e).feed(sample, &mut text);
        text
    };
    decode(a) == decode(b)
}

fn chardetng(sample: &[u8]) -> Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    Encoding(Kind::Whatwg(match guess {
        // chardetng returns the superset; such files are known by the plain name.
        e if e == encoding_rs::KOI8_U => encoding_rs::KOI8_R,
        e => e,
    }))
}

// The single-byte encodings with the letters of their languages, to be weighed against a sample.

/// A single-byte encoding to be weighed.
struct Candidate {
    pub(super) encoding: Encoding,
    /// How much rarer than windows-1252 it is, in nats.
    prior: Weight<f64>,
    upper: [char; 128],
    class: [Class; 128],
    languages: Vec<Costs>,
}

/// A language in the bytes of one encoding.
struct Costs {
    /// The log probability of each byte that is one of its letters; 0 for other bytes.
    letters: [f64; 128],
    own_script: bool,
    rarity: Weight<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Upper,
    Lower,
    /// A letter without case, or a combining mark.
    Uncased,
    /// `’` and its like, at home inside a word.
    Apostrophe,
    /// Degree, currency, quotation marks, dashes: typical next to a space or digit.
    Punctuation,
    Space,
    Symbol,
    Control,
}

static CANDIDATES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    use encoding_rs as e;
    let whatwg = |encoding, prior, groups: &[&'static [Language]]| {
        Candidate::new(Kind::Whatwg(encoding), prior, groups)
    };
    let dos = |page, prior, groups: &[&'static [Language]]| {
        Candidate::new(Kind::Oem(page), prior, groups)
    };
    let western: &[&[Language]] = &[&WESTERN];
    let central: &[&[Language]] = &[&CENTRAL, &WESTERN[..1]];
    let cyrillic: &[&[Language]] = &[&CYRILLIC];
    vec![
        whatwg(e::WINDOWS_1252, PRIOR_OF_WINDOWS_1252, western),
        whatwg(e::WINDOWS_1250, PRIOR_OF_WINDOWS_1250, central),
        whatwg(e::WINDOWS_1251, PRIOR_OF_WINDOWS_1251, cyrillic),
        whatwg(e::WINDOWS_1253, PRIOR_OF_WINDOWS_1253, &[&GREEK]),
        whatwg(e::WINDOWS_1254, PRIOR_OF_WINDOWS_1254, &[&TURKISH]),
        whatwg(e::WINDOWS_1255, PRIOR_OF_WINDOWS_1255, &[&HEBREW]),
        whatwg(e::WINDOWS_1256, PRIOR_OF_WINDOWS_1256, &[&ARABIC]),
        whatwg(e::WINDOWS_1257, PRIOR_OF_WINDOWS_1257, &[&BALTIC]),
        whatwg(e::WINDOWS_1258, PRIOR_OF_WINDOWS_1258, &[&VIETNAMESE]),
        whatwg(e::WINDOWS_874, PRIOR_OF_WINDOWS_874, &[&THAI]),
        whatwg(e::ISO_8859_2, PRIOR_OF_ISO_8859_2, central),
        whatwg(
            e::ISO_8859_3,
            PRIOR_OF_ISO_8859_3,
            &[&RARE_LATIN[..1], &RARE_LATIN[2..]],
        ),
        whatwg(e::ISO_8859_4, PRIOR_OF_ISO_8859_4, &[&BALTIC]),
        whatwg(e::ISO_8859_5, PRIOR_OF_ISO_8859_5, cyrillic),
        whatwg(e::ISO_8859_6, PRIOR_OF_ISO_8859_6, &[&ARABIC]),
        whatwg(e::ISO_8859_7, PRIOR_OF_ISO_8859_7, &[&GREEK]),
        whatwg(e::ISO_8859_8, PRIOR_OF_ISO_8859_8, &[&HEBREW]),
        whatwg(
            e::ISO_8859_10,
            PRIOR_OF_ISO_8859_10,
            &[&BALTIC, &WESTERN[6..9]],
        ),
        whatwg(e::ISO_8859_13, PRIOR_OF_ISO_8859_13, &[&BALTIC]),
        whatwg(e::ISO_8859_14, PRIOR_OF_ISO_8859_14, &[&RARE_LATIN[1..2]]),
        whatwg(e::ISO_8859_15, PRIOR_OF_ISO_8859_15, western),
        whatwg(e::ISO_8859_16, PRIOR_OF_ISO_8859_16, &[&ROMANIAN]),
        whatwg(e::KOI8_R, PRIOR_OF_KOI8_R, &[&CYRILLIC[..1]]),
        whatwg(e::KOI8_U, PRIOR_OF_KOI8_U, &[&CYRILLIC[..2]]),
        whatwg(e::MACINTOSH, PRIOR_OF_MACINTOSH, western),
        whatwg(e::X_MAC_CYRILLIC, PRIOR_OF_X_MAC_CYRILLIC, cyrillic),
        whatwg(e::IBM866, PRIOR_OF_IBM866, &[&CYRILLIC[..3]]),
        dos(&super::IBM437, PRIOR_OF_IBM437, western),
        dos(&super::IBM850, PRIOR_OF_IBM850, western),
        dos(&super::IBM858, PRIOR_OF_IBM858, western),
        dos(&super::IBM852, PRIOR_OF_IBM852, central),
        dos(&super::IBM855, PRIOR_OF_IBM855, cyrillic),
        dos(&super::IBM857, PRIOR_OF_IBM857, &[&TURKISH]),
        dos(&super::IBM737, PRIOR_OF_IBM737, &[&GREEK]),
        dos(&super::IBM775, PRIOR_OF_IBM775, &[&BALTIC]),
        dos(&super::IBM862, PRIOR_OF_IBM862, &[&HEBREW]),
        dos(&super::IBM865, PRIOR_OF_IBM865, &[&WESTERN[6..8]]),
        dos(&super::IBM860, PRIOR_OF_IBM860, &[&WESTERN[3..4]]),
    ]
});

impl Candidate {
    fn new(kind: Kind, prior: Weight<f64>, groups: &[&'static [Language]]) -> Self {
        let upper = upper_half(kind);
        let class = upper.map(classify);
        let costs = |l: &Language| Costs {
            letters: byte_costs(l, &upper),
            own_script: l.own_script,
            rarity: l.rarity,
        };
        let languages = groups.iter().flat_map(|g| g.iter()).map(costs).collect();
        Self {
            encoding: Encoding(kind),
            prior,
            upper,
            class,
            languages,
        }
    }

    /// An upper bound of `weigh` for bytes with these frequencies: letters where they belong.
    fn bound(&self, counts: &[u32; 128]) -> f64 {
        let mut common = self.prior.worth();
        let mut sums: Vec<f64> = self.languages.iter().map(|l| -l.rarity.worth()).collect();
        for (index, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = f64::from(count);
            match self.class[index] {
                Class::Control => common += CONTROL.worth() * count,
                Class::Symbol => common += SYMBOL.worth() * count,
                Class::Space => common += (PUNCTUATION.worth() + SPACE_AT_DIGIT.worth()) * count,
                Class::Punctuation => common += (PUNCTUATION.worth() + AT_HOME.worth()) * count,
                Class::Apostrophe => common += APOSTROPHE.worth() * count,
                Class::Upper | Class::Lower | Class::Uncased => {
                    for (sum, language) in sums.iter_mut().zip(&self.languages) {
                        let cost = language.letters[index];
                        *sum += count
                            * if cost < 0.0 {
                                cost
                            } else {
                                FOREIGN_LETTER.worth()
                            };
                    }
                }
            }
        }
        common + sums.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The best sum over the languages of this encoding, in nats.
    pub(super) fn weigh(&self, sample: &[u8]) -> f64 {
        let mut common = self.prior.worth();
        let mut sums: Vec<f64> = self.languages.iter().map(|l| -l.rarity.worth()).collect();
        for (i, &byte) in sample.iter().enumerate() {
            let Some(index) = byte.checked_sub(0x80).map(usize::from) else {
                continue;
            };
            let before = i.checked_sub(1).map_or(b'\n', |j| sample[j]);
            let after = sample.get(i + 1).copied().unwrap_or(b'\n');
            let (left, right) = (self.class_of(before), self.class_of(after));
            let class = self.class[index];
            match class {
                Class::Control => common += CONTROL.worth(),
                Class::Symbol => {
                    common += SYMBOL.worth()
                        + if left.is_letter() && right.is_letter() {
                            MISPLACED.worth()
                        } else {
                            0.0
                        }
                }
                Class::Space => {
                    common += PUNCTUATION.worth()
                        + if before.is_ascii_digit() || after.is_ascii_digit() {
                            SPACE_AT_DIGIT.worth()
                        } else {
                            0.0
                        }
                }
                Class::Punctuation => common += self.punctuation(index, before, after, left, right),
                Class::Apostrophe if left.is_letter() && right.is_letter() => {
                    common += APOSTROPHE.worth();
                }
                Class::Apostrophe => common += PUNCTUATION.worth() + NOT_AT_HOME.worth(),
                Class::Upper | Class::Lower | Class::Uncased => {
                    common += misplaced(class, left, right, before, after);
                    for (sum, language) in sums.iter_mut().zip(&self.languages) {
                        let cost = language.letters[index];
                        *sum += if cost < 0.0 {
                            cost
                        } else {
                            FOREIGN_LETTER.worth()
                        };
                        if language.own_script
                            && (before.is_ascii_alphabetic() || after.is_ascii_alphabetic())
                        {
                            *sum += MISPLACED.worth();
                        }
                    }
                }
            }
        }
        common + sums.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    fn class_of(&self, byte: u8) -> Class {
        match byte {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            0x80.. => self.class[usize::from(byte - 0x80)],
            _ => Class::Space,
        }
    }

    fn punctuation(&self, index: usize, before: u8, after: u8, left: Class, right: Class) -> f64 {
        let digit = before.is_ascii_digit() || after.is_ascii_digit();
        let at_home = match self.upper[index] {
            '€' | '£' | '¥' => digit || !left.is_letter() && !right.is_letter(),
            '°' | '²' | '³' | '½' | '¼' => {
                digit || (!left.is_letter() && matches!(after, b'C' | b'F' | b' ' | b'\n'))
            }
            'º' | 'ª' => digit || matches!(before, b'N' | b'n'),
            '–' | '—' => !left.is_letter() && !right.is_letter() || digit,
            '“' | '„' | '«' | '‘' | '¿' | '¡' => !left.is_letter(),
            '”' | '»' | '®' | '™' | '…' => !right.is_letter(),
            '©' | '§' | '•' | '·' => !left.is_letter() || !right.is_letter(),
            _ => false,
        };
        let between = left.is_letter() && right.is_letter();
        if at_home {
            PUNCTUATION.worth() + AT_HOME.worth()
        } else {
            PUNCTUATION.worth()
                + NOT_AT_HOME.worth()
                + if between { MISPLACED.worth() } else { 0.0 }
        }
    }
}

impl Class {
    fn is_letter(self) -> bool {
        matches!(self, Self::Upper | Self::Lower | Self::Uncased)
    }
}

/// The characters of 0x80..=0xFF.
fn upper_half(kind: Kind) -> [char; 128] {
    let bytes: Vec<u8> = (0x80..=0xFF).collect();
    let mut upper = ['\u{FFFD}'; 128];
    let mut text = String::new();
    Decoder::new(Encoding(kind)).feed(&bytes, &mut text);
    for (slot, c) in upper.iter_mut().zip(text.chars()) {
        *slot = c;
    }
    upper
}

/// The cost of a capital inside a lower-case word, or a lower-case letter inside capitals.
fn misplaced(class: Class, left: Class, right: Class, before: u8, after: u8) -> f64 {
    let mut cost = 0.0;
    match class {
        Class::Upper => {
            if left == Class::Lower || alone(left, right, after) {
                cost += MISPLACED.worth();
            }
            if right == Class::Upper || left == Class::Upper {
                cost += CAPITAL_AMONG_CAPITALS.worth();
            } else if !left.is_letter() {
                cost += CAPITAL_IN_FRONT.worth();
            } else {
                cost += CAPITAL_INSIDE.worth();
            }
        }
        Class::Lower if left == Class::Upper && right == Class::Upper => cost += MISPLACED.worth(),
        _ => {}
    }
    if before.is_ascii_digit() || after.is_ascii_digit() {
        cost += AT_DIGIT.worth();
    }
    cost
}

/// Whether a letter is a single capital that is not an initial: `£ 500` is not `Ł 500`.
fn alone(left: Class, right: Class, after: u8) -> bool {
    !left.is_letter() && !right.is_letter() && after != b'.'
}

fn classify(c: char) -> Class {
    match c {
        '\u{A0}' | '\u{AD}' => Class::Space,
        '’' | 'ʼ' => Class::Apostrophe,
        '“' | '”' | '„' | '‘' | '‚' | '–' | '—' | '…' | '«' | '»' | '€' | '£' | '¥' | '°' | '§'
        | '®' | '©' | '™' | '·' | '•' | '½' | '¼' | '¾' | '²' | '³' | '¿' | '¡' | 'º' | 'ª'
        | '±' | '×' | '฿' | '₪' => Class::Punctuation,
        '\u{80}'..='\u{9F}' | '\u{FFFD}' => Class::Control,
        'ƒ' | 'µ' | 'π' | 'Ω' => Class::Symbol,
        _ if c.is_uppercase() => Class::Upper,
        _ if c.is_lowercase() => Class::Lower,
        _ if c.is_alphabetic() || is_mark(c) => Class::Uncased,
        _ => Class::Symbol,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{5B0}'..='\u{5C7}' | '\u{64B}'..='\u{652}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
}

/// Letters by rank: the probability of the r-th is proportional to 1/(r + 2), which is accurate enough for every
/// language. Capitals are recognised by their position, not here.
fn byte_costs(language: &Language, upper: &[char; 128]) -> [f64; 128] {
    let mut bytes: Vec<(char, usize)> = upper.iter().copied().zip(0..).collect();
    bytes.sort_unstable();
    let count = language.letters.chars().count();
    let weight = |rank: usize| 1.0 / (f64::from(u32::try_from(rank).unwrap_or(u32::MAX)) + 2.0);
    let total: f64 = (0..count).map(weight).sum();
    let mut costs = [0.0; 128];
    for (rank, letter) in language.letters.chars().enumerate() {
        for form in std::iter::once(letter).chain(letter.to_uppercase()) {
            if let Ok(at) = bytes.binary_search_by_key(&form, |(c, _)| *c) {
                costs[bytes[at].1] = (weight(rank) / total).ln().min(-0.1);
            }
        }
    }
    costs
}

// Weighs the multi-byte encodings of China, Japan and Korea: are their pairs of bytes frequent ones? The scale is the
// same as for single bytes: nats, and two bytes beyond ASCII cost about as much as two letters.

/// Both names mean the same text: if there are characters of four bytes, the encoding that has them is reported.
const FOUR_BYTES: f64 = 1.0;

type Zones = fn(u8, u8) -> f64;

/// The multi-byte encodings with their sums.
fn weigh_pairs(sample: &[u8]) -> Vec<(f64, Encoding)> {
    let table: [(&'static encoding_rs::Encoding, f64, Zones, &str); 5] = [
        (encoding_rs::GBK, PRIOR_OF_GBK.worth(), gbk, SIMPLIFIED),
        (encoding_rs::BIG5, PRIOR_OF_BIG5.worth(), big5, TRADITIONAL),
        (
            encoding_rs::SHIFT_JIS,
            PRIOR_OF_SHIFT_JIS.worth(),
            shift_jis,
            KANJI,
        ),
        (encoding_rs::EUC_JP, PRIOR_OF_EUC_JP.worth(), euc_jp, KANJI),
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
                // Such characters do not occur inside words of ASCII letters.
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
    // Four-byte characters exist only in gb18030.
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

const USUAL: Weight<f64> = Weight::new("USUAL", 0.0, 0.0);

// The letters beyond ASCII in the languages of these encodings, most frequent first.

/// The letters of one language beyond ASCII.
struct Language {
    /// Lower-case letters, most frequent first.
    letters: &'static str,
    /// Whether letters of this script do not mix with others: next to an ASCII letter they are out of place.
    own_script: bool,
    /// How much rarer files in this language are than its neighbours', in nats.
    rarity: Weight<f64>,
}

const fn latin(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: false,
        rarity: USUAL,
    }
}

const fn rare(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: false,
        rarity: RARE_LANGUAGE,
    }
}

const fn own(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: true,
        rarity: USUAL,
    }
}

/// Western Europe.
static WESTERN: [Language; 11] = [
    latin("üäöß"),
    latin("éèàêçôîâûùïëœ"),
    latin("óíáéñúü"),
    latin("ãçáéíóõêâúàô"),
    latin("àèòùéì"),
    latin("ëéïöüèáó"),
    latin("åäöéü"),
    latin("øåæéöäü"),
    rare("áíóéðúþæöý"),
    rare("äöõüšž"),
    // Names of many countries in one list.
    rare("éáíóüöãçèñäâøåêôàëïæúõßîýðþ"),
];
/// Central Europe.
static CENTRAL: [Language; 6] = [
    latin("łóążęśćńź"),
    latin("íáéřýčžěšůúťďňó"),
    latin("áíéčýžšľúťôňäďĺóŕ"),
    latin("áéőöíóüúű"),
    latin("ăâîşţ"),
    latin("čšžćđ"),
];
/// The Baltic.
static BALTIC: [Language; 3] = [latin("ėšžįųūčąę"), latin("āīēšņūļžčģķ"), latin("äõüöšž")];
/// Turkey.
static TURKISH: [Language; 1] = [latin("ıİşğüçöâ")];
/// Vietnam, composed and with the combining marks of its code page.
static VIETNAMESE: [Language; 1] = [latin(
    "\u{300}\u{301}\u{323}\u{309}\u{303}đâôưêơăàáạảãíìịóòọúùụéèẹýỳĩũõ",
)];
/// Romania with commas below, which only ISO-8859-16 has.
static ROMANIAN: [Language; 1] = [latin("ăâîșț")];
/// Malta, Wales and Esperanto.
static RARE_LATIN: [Language; 3] = [latin("ħżġċà"), latin("ŵŷâôîêäï"), latin("ĉĝŭŝĵĥ")];
/// Cyrillic.
static CYRILLIC: [Language; 4] = [
    own("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё№"),
    own("оанивтеірсклумдпязьбгйчхцїжєюшфщґ№"),
    own("аиоентрсвлкдпмузябгчъщжцшхюфй№"),
    own("аоиентсрјвуклдпмзгбњчшћцљхжђџф"),
];
/// Greek.
static GREEK: [Language; 1] = [own("αοιετσνηυρπκμλςίωόάέήγδύθχφώβξζψϊϋΐΰ")];
/// Hebrew.
static HEBREW: [Language; 1] = [own("יוהלאתרבשמנםכעחקפדגטזסצןךףץ")];
/// Arabic and Persian.
static ARABIC: [Language; 2] = [
    own("اليمنرتبةوسدعفهكقحجشأطصىخإذزثضغئءظؤآ"),
    own("اینردمتهوبسلشکزفگعخقجآپحطصچضذظغثژئ"),
];
/// Thai.
static THAI: [Language; 1] = [own(
    "านรอกเง\u{e48}มยลว\u{e49}ทสต\u{e31}ด\u{e35}\u{e34}ะบหปคแไจพชขใ\u{e38}โ\u{e37}\u{e39}\u{e33}\u{e4c}ผณธซศ\u{e36}ถภษ\u{e47}ญฟๆฐฉฝฎฏฑฒฬฮฯฆฤ",
)];

/// Han of names, places, headers and everyday words, simplified.
const SIMPLIFIED: &str = "的一是不了在人有我他这中大来上国个到说们为子和地出道也时年得就那要下以生会自着去之过家学对可里后么起多小心方没成无发动事理好天经想开现长于行见力前手公司部有限责任科技电话号码名称姓地址省市县区路街镇村楼室编日期时间价格数量金额产品类型备注单位客户订合计总序性别男女身份证邮箱联系北京上海广州深圳杭南东西江苏浙山河湖四川福安徽重庆天津王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤军华明平丽红建国志文伟强娟敏静芳英桂兰玲杰磊涛超勇艳辉刚建华信息业务工程师经销售管设备材料服务质量检测报告分析系统网络软件";
/// The same, traditional.
const TRADITIONAL: &str = "的一是不了在人有我他這中大來上國個到說們為子和地出道也時年得就那要下以生會自著去之過家學對可裡後麼起多小心方沒成無發動事理好天經想開現長於行見力前手公司部有限責任科技電話號碼名稱姓地址省市縣區路街鎮村樓室編日期時間價格數量金額產品類型備註單位客戶訂合計總序性別男女身份證郵箱聯絡臺北灣高雄中南新竹桃園嘉義東西王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜崔鍾譚陸汪范金石廖賈夏韋付方白鄒孟熊秦邱尹薛閆段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴覃武戴莫孔向湯軍華明平麗紅建國志文偉強娟敏靜芳英桂蘭玲傑磊濤超勇艷輝剛資訊業務工程師經銷售管設備材料服務質檢測報告分析系統網路軟體段號巷弄里鄰";
/// Kanji of names, places and headers in Japanese.
const KANJI: &str = "日一人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤沢佐木村鈴高橋渡辺伊藤山本中村小林加藤吉田松井清水斎森池橋阿部石川郎美恵健太愛翔優花町丁目番号株式会社郵便住所氏名電話商品名称数量単価金額備考注文顧客日付";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_letter_of_a_language_once() {
        let groups: [&[Language]; 12] = [
            &WESTERN,
            &CENTRAL,
            &BALTIC,
            &TURKISH,
            &VIETNAMESE,
            &ROMANIAN,
            &RARE_LATIN,
            &CYRILLIC,
            &GREEK,
            &HEBREW,
            &ARABIC,
            &THAI,
        ];
        for language in groups.into_iter().flatten() {
            let mut letters: Vec<char> = language.letters.chars().collect();
            letters.sort_unstable();
            let count = letters.len();
            letters.dedup();
            assert_eq!(letters.len(), count, "{}", language.letters);
        }
    }
}
