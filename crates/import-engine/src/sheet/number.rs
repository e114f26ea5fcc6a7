//! A number of a workbook as the decimal digits that stand in the file, so that no digit is lost or invented on the way; and as the
//! day and time that it counts from an epoch.

use time::{Date, Duration, Month};

/// What a spreadsheet keeps of a number. Digits beyond are noise of its arithmetic (`0.30000000000000004`), except that whole
/// numbers keep those that the file has.
const PRECISION: usize = 15;

/// Digits before or after the mark beyond which a number is written with an exponent: none that means something is longer.
const LONGEST: i64 = 40;

/// `0.` and the digits, times ten to the power.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// How many of the digits stand before the mark; may be negative or beyond them.
    point: i64,
}

impl Decimal {
    /// Reads what a file calls a number: `12`, `-1.5`, `3.175010505909E+15`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
        Some(Self::new(negative, digits, point).in_precision())
    }

    /// The shortest digits that are this number.
    pub(super) fn from_f64(number: f64) -> Option<Self> {
        number
            .is_finite()
            .then(|| Self::parse(&format!("{number:e}")))?
    }

    fn new(negative: bool, mut digits: Vec<u8>, mut point: i64) -> Self {
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        point -= i64::try_from(zeros).unwrap_or_default();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Self::default();
        }
        Self {
            negative,
            digits,
            point,
        }
    }

    fn in_precision(mut self) -> Self {
        let whole = usize::try_from(self.point).unwrap_or_default();
        let keep = PRECISION.max(whole);
        if self.digits.len() <= keep {
            return self;
        }
        let up = self.digits[keep] >= b'5';
        self.digits.truncate(keep);
        if up {
            if let Some(at) = self.digits.iter().rposition(|digit| *digit != b'9') {
                self.digits.truncate(at + 1);
                self.digits[at] += 1;
            } else {
                self.digits = vec![b'1'];
                self.point += 1;
            }
        }
        Self::new(self.negative, self.digits, self.point)
    }

    /// Times ten to a power.
    pub(super) fn shifted(mut self, places: i64) -> Self {
        if !self.digits.is_empty() {
            self.point += places;
        }
        self
    }

    pub(super) fn absolute(mut self) -> Self {
        self.negative = false;
        self
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The nearest float, for what is arithmetic: dates and conditions.
    pub(super) fn to_f64(&self) -> f64 {
        let digits = String::from_utf8_lossy(&self.digits);
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{digits}e{}", self.point)
            .parse()
            .unwrap_or_default()
    }

    /// Whether it has more digits before the mark than a spreadsheet keeps: its last ones may have been replaced by zeros.
    pub(super) fn is_beyond_precision(&self) -> bool {
        usize::try_from(self.point).is_ok_and(|whole| whole > PRECISION)
    }

    fn is_printable(&self) -> bool {
        let after = i64::try_from(self.digits.len()).unwrap_or(i64::MAX) - self.point;
        self.point <= LONGEST && after <= LONGEST
    }

    /// The digits before the mark, none for numbers below one.
    pub(super) fn whole(&self) -> String {
        if !self.is_printable() {
            return String::new();
        }
        let whole = usize::try_from(self.point).unwrap_or_default();
        let digits = self.digits.iter().map(|digit| char::from(*digit));
        digits.chain(std::iter::repeat('0')).take(whole).collect()
    }

    /// The digits after the mark. Three of them get a zero more: `1.234` is a thousand and some to half of the world.
    pub(super) fn fraction(&self) -> String {
        let before = usize::try_from(-self.point).unwrap_or_default();
        let skipped = usize::try_from(self.point).unwrap_or_default();
        let mut fraction: String = std::iter::repeat_n('0', before)
            .chain(self.digits.iter().skip(skipped).map(|d| char::from(*d)))
            .collect();
        if fraction.len() == 3 {
            fraction.push('0');
        }
        fraction
    }

    /// The number with a point, no exponent, no sign of thousands; its digits end in a point where a spreadsheet may have
    /// rounded it, which is how the checks tell it from a text of digits.
    pub(super) fn plain(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        if !self.is_printable() {
            let digits = String::from_utf8_lossy(&self.digits);
            let (first, rest) = digits.split_at(digits.len().min(1));
            return format!("{sign}{first}.{rest}0E{}", self.point - 1);
        }
        let whole = self.whole();
        let whole = if whole.is_empty() { "0" } else { &whole };
        if self.is_beyond_precision() {
            return format!("{sign}{whole}.");
        }
        let fraction = self.fraction();
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    pub(super) fn is_exponential(&self) -> bool {
        !self.is_printable()
    }
}

// Days and times of a workbook, which counts days from an epoch.

/// Where the days of a workbook begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    /// Day 1 is 1 January 1900, and day 60 is a 29 February that never was.
    #[default]
    Of1900,
    /// Day 0 is 1 January 1904: what Excel on the Mac once wrote.
    Of1904,
}

const SECONDS_A_DAY: i64 = 86_400;

/// The last day that a spreadsheet knows, 31 December 9999.
const LAST_DAY: f64 = 2_958_466.0;

/// Days and seconds of a serial number, to the nearest second.
#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn parts(serial: f64) -> Option<(i64, i64)> {
    if !(0.0..LAST_DAY).contains(&serial) {
        return None;
    }
    let seconds = (serial * 86_400.0).round() as i64;
    Some((seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY))
}

/// `2024-01-05`, with a time of day where there is one; the time alone for less than a day in a format of times. `None` if it
/// is not a moment.
pub(super) fn moment(serial: f64, epoch: Epoch, time_only: bool) -> Option<String> {
    let (days, seconds) = parts(serial)?;
    if time_only && days == 0 {
        return Some(clock(seconds));
    }
    let day = day(days, epoch)?;
    Some(if seconds == 0 {
        day
    } else {
        format!("{day} {}", clock(seconds))
    })
}

/// Hours, minutes and seconds, also beyond a day.
pub(super) fn time_of(serial: f64) -> Option<String> {
    let (days, seconds) = parts(serial)?;
    Some(clock(days * SECONDS_A_DAY + seconds))
}

fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

fn day(days: i64, epoch: Epoch) -> Option<String> {
    let (first, offset) = match (epoch, days) {
        (Epoch::Of1904, _) => ((1904, Month::January, 1), days),
        // What a spreadsheet shows; no calendar has these days, and the checks say so.
        (Epoch::Of1900, 0) => return Some("1900-01-00".to_owned()),
        (Epoch::Of1900, 60) => return Some("1900-02-29".to_owned()),
        (Epoch::Of1900, ..60) => ((1899, Month::December, 31), days),
        (Epoch::Of1900, _) => ((1899, Month::December, 30), days),
    };
    let first = Date::from_calendar_date(first.0, first.1, first.2).ok()?;
    let day = first.checked_add(Duration::days(offset))?;
    let (year, month, day) = day.to_calendar_date();
    Some(format!("{year:04}-{:02}-{day:02}", u8::from(month)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_lose_their_exponents() {
        for (file, plain) in [
            ("12", "12"),
            ("12.0", "12"),
            ("-1.50", "-1.5"),
            ("0", "0"),
            ("-0", "0"),
            ("1E3", "1000"),
            ("1.2E-3", "0.0012"),
            ("0.30000000000000004", "0.3"),
            ("0.1", "0.1"),
            ("2.9999999999999996", "3"),
            ("9.9999999999999999", "10"),
            ("45296.604166666664", "45296.6041666667"),
            ("1.234", "1.2340"),
            ("81234567890", "81234567890"),
            ("317501050590900", "317501050590900"),
            ("3175010505909001", "3175010505909001."),
            ("3.175010505909E+15", "3175010505909000."),
            ("1e300", "1.0E300"),
            ("1.5e-90", "1.50E-90"),
        ] {
            let parsed = Decimal::parse(file).map(|number| number.plain());
            assert_eq!(parsed.as_deref(), Some(plain), "{file}");
        }
        for wrong in [
            "",
            "-",
            ".",
            "1,5",
            "1e",
            "12a",
            "NaN",
            "∞",
            "1e99999999999",
        ] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
        let float = |number| Decimal::from_f64(number).map(|number| number.plain());
        assert_eq!(float(0.1 + 0.2).as_deref(), Some("0.3"));
        assert_eq!(
            float(3_175_010_505_909_001.0).as_deref(),
            Some("3175010505909001.")
        );
        assert_eq!(float(f64::NAN), None);
    }
}

#[cfg(test)]
mod moment_tests {
    use super::*;

    #[test]
    fn days_are_those_that_a_spreadsheet_shows() {
        for (serial, epoch, shown) in [
            (1.0, Epoch::Of1900, "1900-01-01"),
            (59.0, Epoch::Of1900, "1900-02-28"),
            (60.0, Epoch::Of1900, "1900-02-29"),
            (61.0, Epoch::Of1900, "1900-03-01"),
            (45_296.0, Epoch::Of1900, "2024-01-05"),
            (43_834.0, Epoch::Of1904, "2024-01-05"),
            (0.0, Epoch::Of1904, "1904-01-01"),
            (0.0, Epoch::Of1900, "1900-01-00"),
            (45_296.999_999_999, Epoch::Of1900, "2024-01-06"),
            (45_296.25, Epoch::Of1900, "2024-01-05 06:00:00"),
            (2_958_465.0, Epoch::Of1900, "9999-12-31"),
        ] {
            assert_eq!(moment(serial, epoch, false).as_deref(), Some(shown));
        }
        for none in [-1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(moment(none, Epoch::Of1900, false), None);
        }
        assert_eq!(
            moment(0.25, Epoch::Of1900, true).as_deref(),
            Some("06:00:00")
        );
        assert_eq!(time_of(1.5).as_deref(), Some("36:00:00"));
    }
}
