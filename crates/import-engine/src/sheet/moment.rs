//! Days and times of a workbook, which counts days from an epoch.

use time::{Date, Duration, Month};

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
