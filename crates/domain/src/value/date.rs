//! What dates mean in an agency: bounds of births, payments and departures. The engine reads the forms of a column.

use time::{Date, Month, macros::date};

use super::ValueError;

/// The oldest age that a birth date may give.
pub const MAX_AGE_YEARS: u16 = 120;

/// The oldest age that a two-digit birth year may give: a little above a hundred, so that `24` stays ambiguous between an
/// infant and a very old pilgrim instead of being guessed.
pub const MAX_AGE_OF_TWO_DIGIT_YEARS: u16 = 105;

/// The first possible day of a payment or a departure: agencies bring their history.
pub const FIRST_PLAUSIBLE_DAY: Date = date!(1980 - 01 - 01);

/// The last possible day: agencies plan ahead, but a later date is a typing error.
pub const LAST_PLAUSIBLE_DAY: Date = date!(2099 - 12 - 31);

/// Reads `YYYY-MM-DD`, the form of JSON bodies.
///
/// # Errors
/// [`ValueError::Empty`] or [`ValueError::Date`].
pub fn iso_date(raw: &str) -> Result<Date, ValueError> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(ValueError::Date);
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u16::from(byte - b'0'))
        })
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return Err(ValueError::Date);
    };
    let month = u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok())
        .ok_or(ValueError::Date)?;
    u8::try_from(day)
        .ok()
        .and_then(|day| Date::from_calendar_date(year.into(), month, day).ok())
        .ok_or(ValueError::Date)
}

/// A date of birth: not after today, not more than [`MAX_AGE_YEARS`] ago.
///
/// # Errors
/// [`ValueError::FutureDate`] or [`ValueError::ImplausibleDate`].
pub fn birth_date(date: Date, today: Date) -> Result<Date, ValueError> {
    if date > today {
        return Err(ValueError::FutureDate);
    }
    let earliest = (today.year() - i32::from(MAX_AGE_YEARS), today.ordinal());
    if (date.year(), date.ordinal()) < earliest {
        return Err(ValueError::ImplausibleDate);
    }
    Ok(date)
}

/// A date of payment. A date in the future is plausible: a plan of instalments.
///
/// # Errors
/// [`ValueError::ImplausibleDate`].
pub fn payment_date(date: Date) -> Result<Date, ValueError> {
    plausible(date)
}

/// A date of departure; the past is as plausible as the future, because agencies bring their history.
///
/// # Errors
/// [`ValueError::ImplausibleDate`].
pub fn departure_date(date: Date) -> Result<Date, ValueError> {
    plausible(date)
}

fn plausible(date: Date) -> Result<Date, ValueError> {
    if (FIRST_PLAUSIBLE_DAY..=LAST_PLAUSIBLE_DAY).contains(&date) {
        Ok(date)
    } else {
        Err(ValueError::ImplausibleDate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = date!(2026 - 11 - 20);

    #[test]
    fn reads_iso_days_that_exist() {
        for (raw, expected) in [
            ("1990-05-05", Ok(date!(1990 - 05 - 05))),
            ("2024-02-29", Ok(date!(2024 - 02 - 29))),
            ("", Err(ValueError::Empty)),
            ("1990-02-30", Err(ValueError::Date)),
            ("1990-13-01", Err(ValueError::Date)),
            ("0000-00-00", Err(ValueError::Date)),
            ("1990-2-3", Err(ValueError::Date)),
            ("+990-02-03", Err(ValueError::Date)),
            ("05/05/1990", Err(ValueError::Date)),
        ] {
            assert_eq!(iso_date(raw), expected, "{raw}");
        }
    }

    #[test]
    fn bounds_what_a_date_can_mean() {
        assert!(birth_date(TODAY, TODAY).is_ok());
        assert_eq!(
            birth_date(date!(2026 - 11 - 21), TODAY),
            Err(ValueError::FutureDate)
        );
        assert!(birth_date(date!(1906 - 11 - 20), TODAY).is_ok());
        assert_eq!(
            birth_date(date!(1906 - 11 - 18), TODAY),
            Err(ValueError::ImplausibleDate)
        );
        assert!(departure_date(date!(2019 - 03 - 01)).is_ok());
        assert_eq!(
            departure_date(date!(1905 - 06 - 12)),
            Err(ValueError::ImplausibleDate)
        );
        assert!(payment_date(date!(2027 - 01 - 05)).is_ok());
    }
}
