//! The single-byte encodings, each with the letters of its languages, ready to be weighed against a sample.

use std::sync::LazyLock;

use super::{Encoding, Kind, letters, letters::Language, oem};

/// Costs, in nats, of what a byte beyond ASCII may mean. Estimates, tuned on the corpus.
const CONTROL: f64 = -14.0;

const SYMBOL: f64 = -8.5;

const FOREIGN_LETTER: f64 = -8.0;

const PUNCTUATION: f64 = -4.5;

const MISPLACED: f64 = -4.0;

/// A single-byte encoding, ready to be weighed.
pub(super) struct Candidate {
    pub(super) encoding: Encoding,
    /// How much rarer than windows-1252 it is, in nats.
    prior: f64,
    upper: [char; 128],
    class: [Class; 128],
    languages: Vec<Costs>,
}

/// A language in the bytes of one encoding.
struct Costs {
    /// The log probability of each byte that is one of its letters; 0 for other bytes.
    letters: [f64; 128],
    own_script: bool,
    rarity: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Upper,
    Lower,
    /// A letter without case, or a mark upon one.
    Uncased,
    /// `’` and its like, at home inside a word.
    Apostrophe,
    /// Degree, currency, quotation marks, dashes: typical next to a space or digit.
    Punctuation,
    Space,
    Symbol,
    Control,
}

pub(super) static CANDIDATES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    use encoding_rs as e;
    let whatwg = |encoding, prior, groups: &[&'static [Language]]| {
        Candidate::new(Kind::Whatwg(encoding), prior, groups)
    };
    let dos = |page, prior, groups: &[&'static [Language]]| {
        Candidate::new(Kind::Oem(page), prior, groups)
    };
    let western: &[&[Language]] = &[&letters::WESTERN];
    let central: &[&[Language]] = &[&letters::CENTRAL, &letters::WESTERN[..1]];
    let cyrillic: &[&[Language]] = &[&letters::CYRILLIC];
    vec![
        whatwg(e::WINDOWS_1252, 0.0, western),
        whatwg(e::WINDOWS_1250, -1.6, central),
        whatwg(e::WINDOWS_1251, -1.0, cyrillic),
        whatwg(e::WINDOWS_1253, -1.5, &[&letters::GREEK]),
        whatwg(e::WINDOWS_1254, -1.5, &[&letters::TURKISH]),
        whatwg(e::WINDOWS_1255, -1.5, &[&letters::HEBREW]),
        whatwg(e::WINDOWS_1256, -1.5, &[&letters::ARABIC]),
        whatwg(e::WINDOWS_1257, -1.5, &[&letters::BALTIC]),
        whatwg(e::WINDOWS_1258, -2.5, &[&letters::VIETNAMESE]),
        whatwg(e::WINDOWS_874, -1.5, &[&letters::THAI]),
        whatwg(e::ISO_8859_2, -2.2, central),
        whatwg(
            e::ISO_8859_3,
            -5.0,
            &[&letters::RARE_LATIN[..1], &letters::RARE_LATIN[2..]],
        ),
        whatwg(e::ISO_8859_4, -4.0, &[&letters::BALTIC]),
        whatwg(e::ISO_8859_5, -2.5, cyrillic),
        whatwg(e::ISO_8859_6, -2.5, &[&letters::ARABIC]),
        whatwg(e::ISO_8859_7, -2.0, &[&letters::GREEK]),
        whatwg(e::ISO_8859_8, -2.5, &[&letters::HEBREW]),
        whatwg(
            e::ISO_8859_10,
            -6.0,
            &[&letters::BALTIC, &letters::WESTERN[6..9]],
        ),
        whatwg(e::ISO_8859_13, -3.0, &[&letters::BALTIC]),
        whatwg(e::ISO_8859_14, -5.0, &[&letters::RARE_LATIN[1..2]]),
        whatwg(e::ISO_8859_15, -2.0, western),
        whatwg(e::ISO_8859_16, -4.0, &[&letters::ROMANIAN]),
        whatwg(e::KOI8_R, -1.5, &[&letters::CYRILLIC[..1]]),
        whatwg(e::KOI8_U, -2.0, &[&letters::CYRILLIC[..2]]),
        whatwg(e::MACINTOSH, -2.5, western),
        whatwg(e::X_MAC_CYRILLIC, -3.0, cyrillic),
        whatwg(e::IBM866, -2.0, &[&letters::CYRILLIC[..3]]),
        dos(&oem::IBM437, -3.0, western),
        dos(&oem::IBM850, -2.5, western),
        dos(&oem::IBM858, -4.0, western),
        dos(&oem::IBM852, -3.0, central),
        dos(&oem::IBM855, -4.0, cyrillic),
        dos(&oem::IBM857, -3.5, &[&letters::TURKISH]),
        dos(&oem::IBM737, -3.5, &[&letters::GREEK]),
        dos(&oem::IBM775, -3.5, &[&letters::BALTIC]),
        dos(&oem::IBM862, -3.5, &[&letters::HEBREW]),
        dos(&oem::IBM865, -4.5, &[&letters::WESTERN[6..8]]),
        dos(&oem::IBM860, -4.5, &[&letters::WESTERN[3..4]]),
    ]
});

impl Candidate {
    fn new(kind: Kind, prior: f64, groups: &[&'static [Language]]) -> Self {
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

    /// No more than `weigh` can give for bytes that occur so often: letters where they belong.
    pub(super) fn bound(&self, counts: &[u32; 128]) -> f64 {
        let mut common = self.prior;
        let mut sums: Vec<f64> = self.languages.iter().map(|l| -l.rarity).collect();
        for (index, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = f64::from(count);
            match self.class[index] {
                Class::Control => common += CONTROL * count,
                Class::Symbol => common += SYMBOL * count,
                Class::Space => common += (PUNCTUATION + 2.0) * count,
                Class::Punctuation => common += (PUNCTUATION + 1.0) * count,
                Class::Apostrophe => common -= 2.0 * count,
                Class::Upper | Class::Lower | Class::Uncased => {
                    for (sum, language) in sums.iter_mut().zip(&self.languages) {
                        let cost = language.letters[index];
                        *sum += count * if cost < 0.0 { cost } else { FOREIGN_LETTER };
                    }
                }
            }
        }
        common + sums.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The best sum over the languages of this encoding, in nats.
    pub(super) fn weigh(&self, sample: &[u8]) -> f64 {
        let mut common = self.prior;
        let mut sums: Vec<f64> = self.languages.iter().map(|l| -l.rarity).collect();
        for (i, &byte) in sample.iter().enumerate() {
            let Some(index) = byte.checked_sub(0x80).map(usize::from) else {
                continue;
            };
            let before = i.checked_sub(1).map_or(b'\n', |j| sample[j]);
            let after = sample.get(i + 1).copied().unwrap_or(b'\n');
            let (left, right) = (self.class_of(before), self.class_of(after));
            let class = self.class[index];
            match class {
                Class::Control => common += CONTROL,
                Class::Symbol => {
                    common += SYMBOL
                        + if left.is_letter() && right.is_letter() {
                            MISPLACED
                        } else {
                            0.0
                        }
                }
                Class::Space => {
                    common += PUNCTUATION
                        + if before.is_ascii_digit() || after.is_ascii_digit() {
                            2.0
                        } else {
                            0.0
                        }
                }
                Class::Punctuation => common += self.punctuation(index, before, after, left, right),
                Class::Apostrophe if left.is_letter() && right.is_letter() => common -= 2.0,
                Class::Apostrophe => common += PUNCTUATION - 2.0,
                Class::Upper | Class::Lower | Class::Uncased => {
                    common += misplaced(class, left, right, before, after);
                    for (sum, language) in sums.iter_mut().zip(&self.languages) {
                        let cost = language.letters[index];
                        *sum += if cost < 0.0 { cost } else { FOREIGN_LETTER };
                        if language.own_script
                            && (before.is_ascii_alphabetic() || after.is_ascii_alphabetic())
                        {
                            *sum += MISPLACED;
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
            PUNCTUATION + 1.0
        } else {
            PUNCTUATION - 2.0 + if between { MISPLACED } else { 0.0 }
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
    super::Decoder::new(Encoding(kind)).feed(&bytes, &mut text);
    for (slot, c) in upper.iter_mut().zip(text.chars()) {
        *slot = c;
    }
    upper
}

/// A capital inside a small word, or a small letter inside capitals.
fn misplaced(class: Class, left: Class, right: Class, before: u8, after: u8) -> f64 {
    let mut cost = 0.0;
    match class {
        Class::Upper => {
            if left == Class::Lower || alone(left, right, after) {
                cost += MISPLACED;
            }
            if right == Class::Upper || left == Class::Upper {
                cost -= 0.5;
            } else if !left.is_letter() {
                cost -= 1.5;
            } else {
                cost -= 3.0;
            }
        }
        Class::Lower if left == Class::Upper && right == Class::Upper => cost += MISPLACED,
        _ => {}
    }
    if before.is_ascii_digit() || after.is_ascii_digit() {
        cost -= 1.5;
    }
    cost
}

/// A single capital that is not an initial: `£ 500` is not `Ł 500`.
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
        'ƒ' | 'µ' | 'π' | 'Ω' | 'ı' if c != 'ı' => Class::Symbol,
        _ if c.is_uppercase() => Class::Upper,
        _ if c.is_lowercase() => Class::Lower,
        _ if c.is_alphabetic() || is_mark(c) => Class::Uncased,
        _ => Class::Symbol,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{5B0}'..='\u{5C7}' | '\u{64B}'..='\u{652}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
}

/// Letters by rank: the r-th has probability in proportion to 1/(r + 2), which is near enough in every language. Capitals
/// are recognised by their position, not here.
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
