//! The single-byte encodings, each with the letters of its languages, ready to be weighed against a sample.

use std::sync::LazyLock;

use super::{
    Encoding, Kind, letters,
    letters::Language,
    oem,
    weight::{Weight, weights},
};

weights! { f64;
    /// A control character, or a byte that is none of the encoding.
    CONTROL = -14.0, off 0.0;
    /// A sign that is rare in tables.
    SYMBOL = -8.5, off 0.0;
    /// A letter that the language has not.
    FOREIGN_LETTER = -8.0, off 0.0;
    /// A sign that tables have.
    PUNCTUATION = -4.5, off 0.0;
    /// A letter or sign where none of its kind stands.
    MISPLACED = -4.0, off 0.0;
    /// A sign beside what it belongs to.
    AT_HOME = 1.0, off 0.0;
    /// A sign elsewhere.
    NOT_AT_HOME = -2.0, off 0.0;
    /// A space that groups digits.
    SPACE_AT_DIGIT = 2.0, off 0.0;
    /// An apostrophe inside a word.
    APOSTROPHE = -2.0, off 0.0;
    /// A capital beside another.
    CAPITAL_AMONG_CAPITALS = -0.5, off 0.0;
    /// A capital at the beginning of a word.
    CAPITAL_IN_FRONT = -1.5, off 0.0;
    /// A capital inside a word.
    CAPITAL_INSIDE = -3.0, off 0.0;
    /// A letter beside a digit.
    AT_DIGIT = -1.5, off 0.0;
    /// The usual one, with which the others are compared.
    PRIOR_OF_WINDOWS_1252 = 0.0, off -3.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1250 = -1.6, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1251 = -1.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1253 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1254 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1255 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1256 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1257 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_1258 = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_WINDOWS_874 = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_2 = -2.2, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_3 = -5.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_4 = -4.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_5 = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_6 = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_7 = -2.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_8 = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_10 = -6.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_13 = -3.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_14 = -5.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_15 = -2.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_ISO_8859_16 = -4.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_KOI8_R = -1.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_KOI8_U = -2.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_MACINTOSH = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_X_MAC_CYRILLIC = -3.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM866 = -2.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM437 = -3.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM850 = -2.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM858 = -4.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM852 = -3.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM855 = -4.0, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM857 = -3.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM737 = -3.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM775 = -3.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM862 = -3.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM865 = -4.5, off 0.0;
    /// How much rarer it is than the usual one.
    PRIOR_OF_IBM860 = -4.5, off 0.0;
}

/// A single-byte encoding, ready to be weighed.
pub(super) struct Candidate {
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
        whatwg(e::WINDOWS_1252, PRIOR_OF_WINDOWS_1252, western),
        whatwg(e::WINDOWS_1250, PRIOR_OF_WINDOWS_1250, central),
        whatwg(e::WINDOWS_1251, PRIOR_OF_WINDOWS_1251, cyrillic),
        whatwg(e::WINDOWS_1253, PRIOR_OF_WINDOWS_1253, &[&letters::GREEK]),
        whatwg(e::WINDOWS_1254, PRIOR_OF_WINDOWS_1254, &[&letters::TURKISH]),
        whatwg(e::WINDOWS_1255, PRIOR_OF_WINDOWS_1255, &[&letters::HEBREW]),
        whatwg(e::WINDOWS_1256, PRIOR_OF_WINDOWS_1256, &[&letters::ARABIC]),
        whatwg(e::WINDOWS_1257, PRIOR_OF_WINDOWS_1257, &[&letters::BALTIC]),
        whatwg(
            e::WINDOWS_1258,
            PRIOR_OF_WINDOWS_1258,
            &[&letters::VIETNAMESE],
        ),
        whatwg(e::WINDOWS_874, PRIOR_OF_WINDOWS_874, &[&letters::THAI]),
        whatwg(e::ISO_8859_2, PRIOR_OF_ISO_8859_2, central),
        whatwg(
            e::ISO_8859_3,
            PRIOR_OF_ISO_8859_3,
            &[&letters::RARE_LATIN[..1], &letters::RARE_LATIN[2..]],
        ),
        whatwg(e::ISO_8859_4, PRIOR_OF_ISO_8859_4, &[&letters::BALTIC]),
        whatwg(e::ISO_8859_5, PRIOR_OF_ISO_8859_5, cyrillic),
        whatwg(e::ISO_8859_6, PRIOR_OF_ISO_8859_6, &[&letters::ARABIC]),
        whatwg(e::ISO_8859_7, PRIOR_OF_ISO_8859_7, &[&letters::GREEK]),
        whatwg(e::ISO_8859_8, PRIOR_OF_ISO_8859_8, &[&letters::HEBREW]),
        whatwg(
            e::ISO_8859_10,
            PRIOR_OF_ISO_8859_10,
            &[&letters::BALTIC, &letters::WESTERN[6..9]],
        ),
        whatwg(e::ISO_8859_13, PRIOR_OF_ISO_8859_13, &[&letters::BALTIC]),
        whatwg(
            e::ISO_8859_14,
            PRIOR_OF_ISO_8859_14,
            &[&letters::RARE_LATIN[1..2]],
        ),
        whatwg(e::ISO_8859_15, PRIOR_OF_ISO_8859_15, western),
        whatwg(e::ISO_8859_16, PRIOR_OF_ISO_8859_16, &[&letters::ROMANIAN]),
        whatwg(e::KOI8_R, PRIOR_OF_KOI8_R, &[&letters::CYRILLIC[..1]]),
        whatwg(e::KOI8_U, PRIOR_OF_KOI8_U, &[&letters::CYRILLIC[..2]]),
        whatwg(e::MACINTOSH, PRIOR_OF_MACINTOSH, western),
        whatwg(e::X_MAC_CYRILLIC, PRIOR_OF_X_MAC_CYRILLIC, cyrillic),
        whatwg(e::IBM866, PRIOR_OF_IBM866, &[&letters::CYRILLIC[..3]]),
        dos(&oem::IBM437, PRIOR_OF_IBM437, western),
        dos(&oem::IBM850, PRIOR_OF_IBM850, western),
        dos(&oem::IBM858, PRIOR_OF_IBM858, western),
        dos(&oem::IBM852, PRIOR_OF_IBM852, central),
        dos(&oem::IBM855, PRIOR_OF_IBM855, cyrillic),
        dos(&oem::IBM857, PRIOR_OF_IBM857, &[&letters::TURKISH]),
        dos(&oem::IBM737, PRIOR_OF_IBM737, &[&letters::GREEK]),
        dos(&oem::IBM775, PRIOR_OF_IBM775, &[&letters::BALTIC]),
        dos(&oem::IBM862, PRIOR_OF_IBM862, &[&letters::HEBREW]),
        dos(&oem::IBM865, PRIOR_OF_IBM865, &[&letters::WESTERN[6..8]]),
        dos(&oem::IBM860, PRIOR_OF_IBM860, &[&letters::WESTERN[3..4]]),
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

    /// No more than `weigh` can give for bytes that occur so often: letters where they belong.
    pub(super) fn bound(&self, counts: &[u32; 128]) -> f64 {
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
