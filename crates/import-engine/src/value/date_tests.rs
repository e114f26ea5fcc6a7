//! The forms of dates, cell by cell.

use time::{Date, UtcOffset, macros::date};

use super::{
    date::{Bounds, Evidence, Reading, Rules, YearPlace, evidence, parse, parse_moment},
    locale::{DateBound, DateOptions, DateOrder, TwoDigitYears},
};
use crate::{issue::IssueCode, value::locale::Locale};

const TODAY: Date = date!(2026 - 11 - 20);

fn read(text: &str, options: &DateOptions, mixed: bool) -> Result<String, IssueCode> {
    let rules = Rules {
        options,
        reading: Reading {
            mixed,
            ..Reading::default()
        },
        today: Some(TODAY),
        bounds: Bounds::new(options, Some(TODAY)),
    };
    parse(text, &rules)
        .map(|(date, _)| super::Value::Date(date).to_string())
        .map_err(|problem| problem.code())
}

fn check(text: &str, expected: Result<&str, IssueCode>) {
    let born = DateOptions {
        two_digit_years: TwoDigitYears::Past { max_age: 100 },
        ..DateOptions::default()
    };
    assert_eq!(
        read(text, &born, false),
        expected.map(str::to_owned),
        "{text:?}"
    );
}

#[test]
fn reads_every_form_that_is_clear() {
    for text in [
        "2025-08-07",
        "2025/08/07",
        "2025-8-7",
        "07/08/2025",
        "7/8/2025",
        "07-08-2025",
        "07.08.2025",
        "07 08 2025",
        "7 Agustus 2025",
        "7 agu 2025",
        "07 Agt 2025",
        "7 Ags 2025",
        "7 Agust. 2025",
        "7 AUG 2025",
        "7-Aug-2025",
        "7 August 2025",
        "August 7, 2025",
        "Kamis, 07 Agustus 2025",
        "Thursday, 7 August 2025",
        "Jum'at 7 Agustus 2025",
        "07/08/2025 00:00:00",
        "07/08/2025 14.30",
        "2025-08-07T00:00:00",
        "2025-08-07 09:15",
        "7/8/2025 2:30 PM",
        "2025-08-07 14:30:00.000",
        "7 Agustus 2025 14.30 WIB",
        "45876",
        "45876.0",
        "7agustus2025",
        "07 / 08 / 2025",
        "2025-Agu-07",
    ] {
        check(text, Ok("2025-08-07"));
    }
    check("12/05/1990", Ok("1990-05-12"));
    check("15 MEI 1990", Ok("1990-05-15"));
    check("21/04/79", Ok("1979-04-21"));
    check("20-Nop-2027", Ok("2027-11-20"));
    check("28 Pebruari 1980", Ok("1980-02-28"));
    check("29/02/2024", Ok("2024-02-29"));
}

#[test]
fn refuses_what_is_no_day() {
    for (text, code) in [
        ("31/02/1970", IssueCode::DATE_IMPOSSIBLE),
        ("1990-02-30", IssueCode::DATE_IMPOSSIBLE),
        ("1990-13-01", IssueCode::DATE_IMPOSSIBLE),
        ("1991-2-31", IssueCode::DATE_IMPOSSIBLE),
        ("31/31/1990", IssueCode::DATE_IMPOSSIBLE),
        ("0000-00-00", IssueCode::DATE_IMPOSSIBLE),
        ("00/01/1900", IssueCode::DATE_IMPOSSIBLE),
        ("29/02/2023", IssueCode::DATE_IMPOSSIBLE),
        ("05/25/1990", IssueCode::DATE_MONTH_FIRST),
        ("1990", IssueCode::DATE_INCOMPLETE),
        ("Agustus 2025", IssueCode::DATE_INCOMPLETE),
        ("05/1990", IssueCode::DATE_INCOMPLETE),
        ("15-22 Maret", IssueCode::DATE_INCOMPLETE),
        ("kemarin", IssueCode::DATE),
        ("19900101x", IssueCode::DATE),
        ("1 Ramadhan 1446", IssueCode::DATE),
        ("7 Agustsu 2025", IssueCode::DATE),
        ("15-22 Maret 2027", IssueCode::DATE),
        ("99999", IssueCode::DATE),
        ("07/08/2025 kira-kira", IssueCode::DATE),
        ("07/08/025", IssueCode::DATE),
        ("########", IssueCode::EXCEL_HASHES),
        ("4,5E+04", IssueCode::EXCEL_SCIENTIFIC),
        ("07/08/24", IssueCode::DATE_CENTURY),
        ("2027-03-14T17:00:00Z", IssueCode::DATE_ZONE),
    ] {
        check(text, Err(code));
    }
}

#[test]
fn a_column_that_shows_both_orders_makes_ambiguous_cells_errors() {
    let options = DateOptions::default();
    assert_eq!(
        read("04/05/1990", &options, true),
        Err(IssueCode::DATE_ORDER)
    );
    assert_eq!(
        read("25/05/1990", &options, true).as_deref(),
        Ok("1990-05-25")
    );
    assert_eq!(
        read("05/05/1990", &options, true).as_deref(),
        Ok("1990-05-05")
    );
    assert_eq!(
        read("1990-05-04", &options, true).as_deref(),
        Ok("1990-05-04")
    );
    assert_eq!(
        read("4 Mei 1990", &options, true).as_deref(),
        Ok("1990-05-04")
    );
    let american = DateOptions {
        order: DateOrder::MonthFirst,
        ..DateOptions::default()
    };
    assert_eq!(
        read("05/25/1990", &american, false).as_deref(),
        Ok("1990-05-25")
    );
    assert_eq!(
        read("25/05/1990", &american, false),
        Err(IssueCode::DATE_MONTH_FIRST)
    );
}

#[test]
fn sees_what_a_cell_shows_about_its_column() {
    for (text, expected) in [
        ("25/05/1990", Evidence::DayFirst),
        ("05/25/1990", Evidence::MonthFirst),
        ("04/05/1990", Evidence::Ambiguous),
        ("05/05/1990", Evidence::Nothing),
        ("1990-05-04", Evidence::Nothing),
        ("4 Mei 1990", Evidence::Nothing),
        ("31/31/1990", Evidence::Nothing),
        ("x", Evidence::Nothing),
    ] {
        assert_eq!(
            evidence(text, crate::value::locale::Locale::usual()).order,
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_moment_elsewhere_is_a_day_here() {
    let jakarta = UtcOffset::from_hms(7, 0, 0).unwrap();
    let options = DateOptions {
        zone: Some(jakarta),
        ..DateOptions::default()
    };
    for (text, expected) in [
        ("2027-03-14T17:00:00.000Z", "2027-03-15"),
        ("2027-03-14T16:59:59Z", "2027-03-14"),
        ("2027-03-15T00:00:00+07:00", "2027-03-15"),
        ("2027-03-15 01:00:00 +0900", "2027-03-14"),
    ] {
        assert_eq!(
            read(text, &options, false).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn bounds_are_days_or_counted_from_today() {
    let options = DateOptions {
        not_before: Some(DateBound::YearsAgo(120)),
        not_after: Some(DateBound::DaysAhead(1)),
        ..DateOptions::default()
    };
    assert_eq!(
        read("2026-11-21", &options, false).as_deref(),
        Ok("2026-11-21")
    );
    assert_eq!(
        read("2026-11-22", &options, false),
        Err(IssueCode::DATE_TOO_LATE)
    );
    assert_eq!(
        read("1906-11-20", &options, false).as_deref(),
        Ok("1906-11-20")
    );
    assert_eq!(
        read("1906-11-19", &options, false),
        Err(IssueCode::DATE_TOO_EARLY)
    );
}

#[test]
fn two_digits_of_a_year_are_read_by_policy() {
    let future = DateOptions {
        two_digit_years: TwoDigitYears::From2000,
        ..DateOptions::default()
    };
    assert_eq!(
        read("15/03/27", &future, false).as_deref(),
        Ok("2027-03-15")
    );
    assert_eq!(
        read("07-Agt-25", &future, false).as_deref(),
        Ok("2025-08-07")
    );
    assert_eq!(
        read("15/03/27", &DateOptions::default(), false),
        Err(IssueCode::DATE_CENTURY)
    );
    check("31/02/90", Err(IssueCode::DATE_IMPOSSIBLE));
    check("12/05/90", Ok("1990-05-12"));
    check("12/05/30", Ok("1930-05-12"));
}

/// The date, and whether a time of day was dropped.
fn timed(text: &str) -> Option<(String, bool)> {
    let options = DateOptions {
        two_digit_years: TwoDigitYears::From2000,
        ..DateOptions::default()
    };
    let rules = Rules {
        options: &options,
        reading: Reading::default(),
        today: Some(TODAY),
        bounds: Bounds::default(),
    };
    let (date, timed) = parse(text, &rules).ok()?;
    Some((super::Value::Date(date).to_string(), timed))
}

#[test]
fn says_that_a_time_of_day_was_dropped_unless_it_is_midnight() {
    for (text, day, dropped) in [
        ("2024-01-05", "2024-01-05", false),
        ("2024-01-05 00:00:00", "2024-01-05", false),
        ("2024-01-05 10:00", "2024-01-05", true),
        ("05/01/2024 23:59:59", "2024-01-05", true),
        ("45296", "2024-01-05", false),
        ("45296,0", "2024-01-05", false),
        ("45296,604", "2024-01-05", true),
        ("45296.60416666667", "2024-01-05", true),
        ("20240105", "2024-01-05", false),
        ("20240105101500", "2024-01-05", true),
        ("20240105000000", "2024-01-05", false),
        ("05012024", "2024-01-05", false),
        ("31121999", "1999-12-31", false),
        ("20012024", "2024-01-20", false),
        ("20112010", "2010-11-20", false),
    ] {
        assert_eq!(timed(text), Some((day.to_owned(), dropped)), "{text}");
    }
    for text in [
        "20241305",
        "20240230",
        "01312024",
        "5012024",
        "05011824",
        "99999999",
        "20240105256000",
        "4529a,5",
    ] {
        assert_eq!(timed(text), None, "{text}");
    }
}

#[test]
fn a_moment_has_a_day_a_time_and_a_zone() {
    let jakarta = UtcOffset::from_hms(7, 0, 0).unwrap();
    let moment = |text: &str, zone: Option<UtcOffset>| {
        let options = DateOptions {
            zone,
            ..DateOptions::default()
        };
        let rules = Rules {
            options: &options,
            reading: Reading::default(),
            today: Some(TODAY),
            bounds: Bounds::default(),
        };
        parse_moment(text, &rules)
            .map(|moment| super::Value::DateTime(moment).to_string())
            .map_err(|problem| problem.code())
    };
    for (text, zone, expected) in [
        (
            "2027-03-15T00:30:00+07:00",
            None,
            Ok("2027-03-14T17:30:00Z"),
        ),
        (
            "15/03/2027 07:00",
            Some(jakarta),
            Ok("2027-03-15T00:00:00Z"),
        ),
        (
            "15/03/2027 07:00 UTC",
            Some(jakarta),
            Ok("2027-03-15T07:00:00Z"),
        ),
        ("45296,5", Some(UtcOffset::UTC), Ok("2024-01-05T12:00:00Z")),
        ("15/03/2027 07:00", None, Err(IssueCode::TIME_ZONE)),
        ("15/03/2027", Some(jakarta), Err(IssueCode::TIME_MISSING)),
        ("besok", Some(jakarta), Err(IssueCode::DATE)),
    ] {
        assert_eq!(moment(text, zone), expected.map(str::to_owned), "{text}");
    }
}

#[test]
fn the_year_stands_where_the_column_shows_it() {
    let options = DateOptions {
        two_digit_years: TwoDigitYears::From2000,
        ..DateOptions::default()
    };
    let read = |text: &str, year: YearPlace| {
        let rules = Rules {
            options: &options,
            reading: Reading {
                year,
                ..Reading::default()
            },
            today: Some(TODAY),
            bounds: Bounds::default(),
        };
        parse(text, &rules)
            .map(|(date, _)| super::Value::Date(date).to_string())
            .map_err(|problem| problem.code())
    };
    let cases: [(&str, YearPlace, Result<&str, IssueCode>); 7] = [
        ("24-01-31", YearPlace::First, Ok("2024-01-31")),
        ("24-01-31", YearPlace::Last, Ok("2031-01-24")),
        ("24-01-31", YearPlace::Undecided, Err(IssueCode::DATE_ORDER)),
        ("31-01-79", YearPlace::Undecided, Ok("2079-01-31")),
        ("79-01-31", YearPlace::Undecided, Ok("2079-01-31")),
        ("2024-01-31", YearPlace::First, Ok("2024-01-31")),
        ("31/01/2024", YearPlace::First, Ok("2024-01-31")),
    ];
    for (text, year, expected) in cases {
        assert_eq!(
            read(text, year),
            expected.map(str::to_owned),
            "{text} {year:?}"
        );
    }
}

#[test]
fn the_order_of_the_column_is_asked_of_the_column_alone() {
    let options = DateOptions {
        order: DateOrder::ByColumn,
        ..DateOptions::default()
    };
    let read = |text: &str, order: Option<DateOrder>| {
        let rules = Rules {
            options: &options,
            reading: Reading {
                order,
                ..Reading::default()
            },
            today: Some(TODAY),
            bounds: Bounds::default(),
        };
        parse(text, &rules)
            .map(|(date, _)| super::Value::Date(date).to_string())
            .map_err(|problem| problem.code())
    };
    assert_eq!(read("03/04/1990", None), Err(IssueCode::DATE_ORDER));
    assert_eq!(read("25/04/1990", None).as_deref(), Ok("1990-04-25"));
    assert_eq!(read("04/25/1990", None).as_deref(), Ok("1990-04-25"));
    let american = Some(DateOrder::MonthFirst);
    assert_eq!(read("03/04/1990", american).as_deref(), Ok("1990-03-04"));
}

#[test]
fn dates_without_separators_follow_the_order_of_their_column() {
    let options = DateOptions::default();
    let read_as = |text: &str, order, mixed| {
        let rules = Rules {
            options: &options,
            reading: Reading {
                order,
                mixed,
                ..Reading::default()
            },
            today: Some(TODAY),
            bounds: Bounds::default(),
        };
        parse(text, &rules)
            .map(|(date, _)| super::Value::Date(date).to_string())
            .map_err(|problem| problem.code())
    };
    let month_first = Some(DateOrder::MonthFirst);
    let read = |text, order| read_as(text, order, false);
    assert_eq!(read("05012024", month_first), Ok("2024-05-01".to_owned()));
    assert_eq!(read("20240105", month_first), Ok("2024-01-05".to_owned()));
    let by_column = Some(DateOrder::ByColumn);
    assert_eq!(read("05012024", by_column), Err(IssueCode::DATE_ORDER));
    assert_eq!(read("05312024", by_column), Ok("2024-05-31".to_owned()));
    assert_eq!(read_as("05012024", None, true), Err(IssueCode::DATE_ORDER));
    let shown = |text| evidence(text, Locale::usual()).order;
    assert_eq!(shown("31012024"), Evidence::DayFirst);
    assert_eq!(shown("01312024"), Evidence::MonthFirst);
    assert_eq!(shown("05012024"), Evidence::Ambiguous);
    assert_eq!(shown("20240105"), Evidence::Nothing);
    assert_eq!(shown("08123456"), Evidence::Nothing);
}
