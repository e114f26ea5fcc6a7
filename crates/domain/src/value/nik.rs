//! NIK, the number of an Indonesian identity card: sixteen digits that never change.
//!
//! Its structure (`PPKKCC DDMMYY SSSS`) is that of the first registration: a wrong birth date or region stays for life,
//! so anything that does not fit is a warning and never an error (PP 40/2019, article 30).

use std::fmt;

use serde::{Serialize, Serializer};
use time::Date;

use super::{
    Gender, ValueError, Wording, masked,
    text::{is_invisible, narrowed},
};

/// Sixteen digits, kept as text throughout: some exceed what a double can represent exactly.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nik([u8; 16]);

/// Province codes of the interior ministry (Kemendagri), with 54 (East Timor), which is on older cards.
const PROVINCES: [u8; 39] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 54, 61, 62, 63, 64,
    65, 71, 72, 73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96,
];

/// The same by number, because it is checked for every row of a file.
const IS_PROVINCE: [bool; 100] = {
    let mut table = [false; 100];
    let mut index = 0;
    while index < PROVINCES.len() {
        table[PROVINCES[index] as usize] = true;
        index += 1;
    }
    table
};

/// A warning about a NIK that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NikWarning {
    /// Its first two digits are not those of a province.
    UnknownProvince,
    /// Digits seven to twelve are not a date.
    ImpossibleDate,
    /// Its birth date differs from that of the row.
    BirthDateDiffers,
    /// Its gender differs from that of the row.
    GenderDiffers,
    /// Serial 0000, which is not issued: spreadsheets replace the sixteenth digit by zero.
    ZeroSerial,
}

impl NikWarning {
    /// Its stable name in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownProvince => "nik_unknown_province",
            Self::ImpossibleDate => "nik_impossible_date",
            Self::BirthDateDiffers => "nik_birth_date_differs",
            Self::GenderDiffers => "nik_gender_differs",
            Self::ZeroSerial => "nik_zero_serial",
        }
    }

    /// All warnings.
    pub const ALL: [Self; 5] = [
        Self::UnknownProvince,
        Self::ImpossibleDate,
        Self::BirthDateDiffers,
        Self::GenderDiffers,
        Self::ZeroSerial,
    ];

    /// The messages for users.
    #[must_use]
    pub const fn wording(self) -> Wording {
        let (indonesian, english) = match self {
            Self::UnknownProvince => (
                "Kode provinsi pada NIK tidak dikenal",
                "No province has the first digits of the NIK",
            ),
            Self::ImpossibleDate => (
                "Tanggal pada NIK tidak mungkin",
                "The date within the NIK is impossible",
            ),
            Self::BirthDateDiffers => (
                "Tanggal lahir berbeda dengan NIK",
                "The NIK says another date of birth",
            ),
            Self::GenderDiffers => (
                "Jenis kelamin berbeda dengan NIK",
                "The NIK says another gender",
            ),
            Self::ZeroSerial => (
                "Nomor urut NIK 0000: mungkin dibulatkan oleh Excel",
                "The NIK ends in 0000: perhaps a spreadsheet rounded it",
            ),
        };
        Wording {
            code: self.code(),
            indonesian,
            english,
        }
    }
}

impl Nik {
    /// Reads a NIK as spreadsheets write it: with apostrophes, `="…"`, blanks, dots, hyphens or a `.0` around the digits,
    /// in full-width or Arabic digits.
    ///
    /// # Errors
    /// [`ValueError::Empty`], [`ValueError::ScientificNotation`] if Excel dropped digits, [`ValueError::Rounded`] if a
    /// number with zero decimals may have lost its last digit, else [`ValueError::Nik`].
    #[inline]
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        if let Ok(digits) = <[u8; 16]>::try_from(raw.as_bytes())
            && digits.iter().all(u8::is_ascii_digit)
        {
            return Ok(Self(digits));
        }
        Self::parse_decorated(raw)
    }

    #[cold]
    fn parse_decorated(raw: &str) -> Result<Self, ValueError> {
        let core = narrowed(undress(raw));
        let core = core.as_ref();
        if core.is_empty() {
            return Err(ValueError::Empty);
        }
        if is_scientific(core) {
            return Err(ValueError::ScientificNotation);
        }
        if core.bytes().all(|byte| byte == b'#') {
            return Err(ValueError::NarrowColumn);
        }
        let number = without_zero_decimals(core);
        let core = number.unwrap_or(core);
        let mut digits = [0; 16];
        let mut len = 0;
        let mut since_separator = 16;
        for letter in core.chars().filter(|&letter| !is_invisible(letter)) {
            match letter {
                '0'..='9' if len < 16 => {
                    digits[len] = u8::try_from(letter).map_err(|_| ValueError::Nik)?;
                    len += 1;
                    since_separator += 1;
                }
                '.' | ',' => since_separator = 0,
                '-' | '\u{2011}' => {}
                blank if blank.is_whitespace() => {}
                _ => return Err(ValueError::Nik),
            }
        }
        // One or two digits after a point are a fraction: the number before it is not a NIK.
        if len < 16 || since_separator < 3 {
            return Err(ValueError::Nik);
        }
        if number.is_some() && !is_kept_by_a_double(&digits) {
            return Err(ValueError::Rounded);
        }
        Ok(Self(digits))
    }

    /// Whether a text is a number with zero decimals, as written by a program that took the NIK for a number:
    /// `3175010505909001.0`.
    #[must_use]
    pub fn is_written_as_number(raw: &str) -> bool {
        without_zero_decimals(narrowed(undress(raw)).as_ref()).is_some()
    }

    /// How many digits it has.
    pub const DIGITS: usize = 16;

    /// The sixteen digits.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The warnings about it, given the birth date and gender of its row.
    #[inline]
    pub fn warnings(
        &self,
        birth: Option<Date>,
        gender: Option<Gender>,
    ) -> impl Iterator<Item = NikWarning> {
        let (day, female) = match self.two(6) {
            day @ 41.. => (day - 40, true),
            day => (day, false),
        };
        let (month, year) = (self.two(8), self.two(10));
        let possible = (1..=31).contains(&day) && (1..=12).contains(&month);
        let same_birth = birth.is_none_or(|birth| {
            let (birth_year, birth_month, birth_day) = birth.to_calendar_date();
            birth_day == day
                && u8::from(birth_month) == month
                && birth_year.rem_euclid(100) == i32::from(year)
        });
        let same_gender = gender.is_none_or(|gender| (gender == Gender::Female) == female);
        [
            (
                !IS_PROVINCE[usize::from(self.two(0))],
                NikWarning::UnknownProvince,
            ),
            (!possible, NikWarning::ImpossibleDate),
            (possible && !same_birth, NikWarning::BirthDateDiffers),
            (possible && !same_gender, NikWarning::GenderDiffers),
            (self.0.ends_with(b"0000"), NikWarning::ZeroSerial),
        ]
        .into_iter()
        .filter_map(|(odd, warning)| odd.then_some(warning))
    }

    const fn two(&self, at: usize) -> u8 {
        (self.0[at] - b'0') * 10 + (self.0[at + 1] - b'0')
    }
}

/// The sixteen digits of a number, grouped as they are, without its zero decimals; `None` if it has none.
fn without_zero_decimals(core: &str) -> Option<&str> {
    let mark = core.rfind(['.', ','])?;
    let (whole, zeros) = (&core[..mark], &core[mark + 1..]);
    let digits = whole.bytes().filter(u8::is_ascii_digit).count();
    let is_fraction = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    (is_fraction && digits == Nik::DIGITS).then_some(whole)
}

/// Whether these digits are certainly those that were typed, although a program took them for a number. Excel keeps
/// fifteen and makes the last a zero; other programs keep a double, which holds every whole number up to 2⁵³ exactly.
/// Beyond that, as in a NIK of Papua, every second number becomes another.
fn is_kept_by_a_double(digits: &[u8; 16]) -> bool {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    number < EXACT && !number.is_multiple_of(10)
}

/// Removes what spreadsheets put around digits to keep them text: blanks, apostrophes on both sides, `="…"`.
pub(super) fn undress(raw: &str) -> &str {
    let blank = |letter: char| letter.is_whitespace() || is_invisible(letter);
    let mut core = raw.trim_matches(blank);
    if let Some(formula) = core.strip_prefix('=') {
        core = formula;
    }
    core.trim_matches(|letter: char| {
        blank(letter) || matches!(letter, '\'' | '"' | '‘' | '’' | '`')
    })
}

/// `3,17501E+15`: what a spreadsheet shows of a number too long for its column.
pub(super) fn is_scientific(text: &str) -> bool {
    text.split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let number =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            number(exponent)
                && mantissa.starts_with(|first: char| first.is_ascii_digit())
                && mantissa.splitn(2, ['.', ',']).all(number)
        })
}

/// Personal data: the middle stays out of logs.
impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nik({})", masked(self.as_str()))
    }
}

impl fmt::Display for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Nik {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const PLAIN: &str = "3175010505909001";

    #[test]
    fn reads_sixteen_digits_however_a_spreadsheet_dressed_them() {
        for raw in [
            PLAIN,
            "'3175010505909001",
            "'3175010505909001'",
            "=\"3175010505909001\"",
            " 3175010505909001\u{A0}",
            "3175 0105 0590 9001",
            "3175.0105.0590.9001",
            "317501-050590-9001",
            "3175010505909001.0",
            "3175010505909001,0",
            "\u{200B}3175010505909001",
            "3,175,010,505,909,001",
        ] {
            assert_eq!(Nik::parse(raw).unwrap().as_str(), PLAIN, "{raw:?}");
        }
    }

    #[test]
    fn never_pads_truncates_or_repairs() {
        for (raw, expected) in [
            ("", ValueError::Empty),
            ("  '", ValueError::Empty),
            ("317501050590900", ValueError::Nik),
            ("31750105059090011", ValueError::Nik),
            ("317501050590900.0", ValueError::Nik),
            ("31750105059090,01", ValueError::Nik),
            ("31710112345678AB", ValueError::Nik),
            ("NIK belum ada", ValueError::Nik),
            ("3175010505909002,5", ValueError::Nik),
            ("3175010505909000,0", ValueError::Rounded),
            ("3.175.010.505.909.010,00", ValueError::Rounded),
            ("9171010505909002.0", ValueError::Rounded),
            ("3,17501E+15", ValueError::ScientificNotation),
            ("3.17501E+15", ValueError::ScientificNotation),
            ("'3.17501e15", ValueError::ScientificNotation),
            ("################", ValueError::NarrowColumn),
        ] {
            assert_eq!(Nik::parse(raw), Err(expected), "{raw:?}");
        }
    }

    #[test]
    fn warns_of_what_does_not_fit_and_accepts_it() {
        let check = |digits: &str, birth, gender, expected: &[NikWarning]| {
            let found: Vec<_> = Nik::parse(digits)
                .unwrap()
                .warnings(birth, gender)
                .collect();
            assert_eq!(found, expected, "{digits}");
        };
        check(PLAIN, Some(date!(1990 - 05 - 05)), Some(Gender::Male), &[]);
        check(
            "3204014704859002",
            Some(date!(1985 - 04 - 07)),
            Some(Gender::Female),
            &[],
        );
        check(
            PLAIN,
            Some(date!(1990 - 05 - 06)),
            None,
            &[NikWarning::BirthDateDiffers],
        );
        check(
            PLAIN,
            None,
            Some(Gender::Female),
            &[NikWarning::GenderDiffers],
        );
        check(
            "9999999999999999",
            None,
            None,
            &[NikWarning::UnknownProvince, NikWarning::ImpossibleDate],
        );
        check("3175010505900000", None, None, &[NikWarning::ZeroSerial]);
        check("5401010505909001", None, None, &[]);
    }

    #[test]
    fn hides_the_middle_in_logs() {
        assert_eq!(
            format!("{:?}", Nik::parse(PLAIN).unwrap()),
            "Nik(317501******9001)"
        );
    }
}
