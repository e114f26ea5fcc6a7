//! Whole numbers with a unit: days and seats.

use std::fmt;

use serde::Serialize;

use super::{ValueError, clean};

/// `12`, `12.0`, `12 hari`: a whole number, perhaps with an empty fraction, perhaps with one of `units`.
fn whole_number(raw: &str, units: &[&str]) -> Result<i64, ValueError> {
    let text = clean(raw);
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    let end = text
        .rfind(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(0, |last| {
            last + text[last..].chars().next().map_or(1, char::len_utf8)
        });
    // `9 hari.`
    let (number, unit) = match text.strip_suffix('.') {
        Some(rest) if rest.ends_with(|last: char| last.is_ascii_alphabetic()) => {
            return whole_number(rest, units);
        }
        _ => text.split_at(end),
    };
    if !unit.is_empty() && !units.iter().any(|known| known.eq_ignore_ascii_case(unit)) {
        return Err(ValueError::Integer);
    }
    let number = number.trim_end().trim_start_matches('\'');
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(ValueError::Integer);
    }
    // Three zeros could be a group of thousands, which cannot be decided here.
    if fraction.len() > 2 || fraction.bytes().any(|byte| byte != b'0') {
        return Err(ValueError::Fraction);
    }
    whole.parse().map_err(|_| ValueError::Integer)
}

/// The days of `9 Hari 7 Malam`, `9H8M`, `7 malam 9 hari`, `12D/10N`: with as many nights, or one or two fewer, because
/// flights take them.
fn days_and_nights(raw: &str) -> Option<i64> {
    const DAYS: &[&str] = &["hari", "hr", "h", "days", "day", "d"];
    const NIGHTS: &[&str] = &["malam", "mlm", "m", "nights", "night", "n"];
    let text = clean(raw).to_ascii_lowercase().replace(['(', ')'], " ");
    let text = text.trim_end();
    let both = |first, second| {
        let (one, rest) = counted(text, first)?;
        let rest = rest.trim_start_matches([' ', '/', ',', '-', '+', '&']);
        let (other, rest) = counted(rest.strip_prefix("dan ").unwrap_or(rest), second)?;
        Some((one, other, rest))
    };
    let (days, nights, rest) = both(DAYS, NIGHTS).or_else(|| {
        let (nights, days, rest) = both(NIGHTS, DAYS)?;
        Some((days, nights, rest))
    })?;
    ((0..=2).contains(&(days - nights)) && rest.is_empty()).then_some(days)
}

/// A number followed by one of the units, and the rest of the text.
fn counted<'t>(text: &'t str, units: &[&str]) -> Option<(i64, &'t str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let number = text[..end].parse().ok()?;
    let rest = text[end..].trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    units
        .contains(&&rest[..end])
        .then(|| (number, rest[end..].trim_start()))
}

macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident, $min:literal..=$max:literal, $(#[$likely_doc:meta])* likely $likely:expr, $units:expr, $extra:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(i32);

        impl $name {
            /// The smallest value.
            pub const MIN: i32 = $min;
            /// The largest value.
            pub const MAX: i32 = $max;
            $(#[$likely_doc])*
            pub const LIKELY: (i64, i64) = $likely;
            /// The units that may follow the number.
            pub const UNITS: &'static [&'static str] = &$units;

            /// Checks a number.
            ///
            /// # Errors
            /// [`ValueError::OutOfRange`].
            pub fn new(number: i64) -> Result<Self, ValueError> {
                i32::try_from(number)
                    .ok()
                    .filter(|number| (Self::MIN..=Self::MAX).contains(number))
                    .map(Self)
                    .ok_or(ValueError::OutOfRange { min: $min, max: $max })
            }

            /// Reads a number as spreadsheets write it.
            ///
            /// # Errors
            /// If it is empty, not a whole number, or out of range.
            pub fn parse(raw: &str) -> Result<Self, ValueError> {
                whole_number(raw, Self::UNITS)
                    .or_else(|error| $extra(raw).ok_or(error))
                    .and_then(Self::new)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> i32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

amounts! {
    /// How many days a journey takes.
    DurationDays, 1..=365,
    /// The days of a journey to Mecca: flights alone take two days, and a visa ends after 90.
    likely (3, 90),
    ["hari", "hr", "days", "day"], days_and_nights;
    /// How many pilgrims can travel on a departure.
    Capacity, 1..=100_000,
    /// The pilgrims of one departure: two large aeroplanes. `45000` belongs to another column, or has too many zeros.
    likely (1, 1_000),
    ["pax", "seat", "seats", "kursi", "orang", "jamaah"], |_: &str| None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_numbers_with_their_unit() {
        for (raw, expected) in [
            ("12", Ok(12)),
            ("12 hari", Ok(12)),
            ("12hari", Ok(12)),
            (" 9 Hari ", Ok(9)),
            ("12.0", Ok(12)),
            ("12,0", Ok(12)),
            ("12.00 hari", Ok(12)),
            ("", Err(ValueError::Empty)),
            ("12.5", Err(ValueError::Fraction)),
            ("1.200", Err(ValueError::Fraction)),
            ("1.000", Err(ValueError::Fraction)),
            ("12 pax", Err(ValueError::Integer)),
            ("dua belas", Err(ValueError::Integer)),
            ("hari", Err(ValueError::Integer)),
            ("-9", Err(ValueError::Integer)),
            ("9 Hari 7 Malam", Ok(9)),
            ("9H8M", Ok(9)),
            ("12D/10N", Ok(12)),
            ("9 hari, 9 malam", Ok(9)),
            ("9 Hari 5 Malam", Err(ValueError::Integer)),
            ("7 Malam 9 Hari", Ok(9)),
            ("7N/9D", Ok(9)),
            ("9 hari dan 8 malam", Ok(9)),
            ("9 Hari (7 malam)", Ok(9)),
            ("12 hari.", Ok(12)),
            ("9 hari (3 malam)", Err(ValueError::Integer)),
            ("9 Malam 7 Hari", Err(ValueError::Integer)),
            ("9H7M lagi", Err(ValueError::Integer)),
            ("9—", Err(ValueError::Integer)),
            ("9.", Err(ValueError::Integer)),
            ("0", Err(ValueError::OutOfRange { min: 1, max: 365 })),
            ("400", Err(ValueError::OutOfRange { min: 1, max: 365 })),
        ] {
            assert_eq!(
                DurationDays::parse(raw).map(DurationDays::get),
                expected,
                "{raw:?}"
            );
        }
        for (raw, expected) in [
            ("40 pax", Some(40)),
            ("90 seat", Some(90)),
            ("45 Kursi", Some(45)),
            ("45", Some(45)),
            ("45 hari", None),
        ] {
            assert_eq!(
                Capacity::parse(raw).ok().map(Capacity::get),
                expected,
                "{raw:?}"
            );
        }
    }
}
