//! Dates as people and spreadsheets write them: split into numbers and names, without weekday and time of day, then read.
//! The order of day and month comes from the column, never from the cell.

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

use super::{
    Value,
    locale::{self, DateBound, DateOptions, DateOrder, Locale, TwoDigitYears},
    text,
};
use crate::issue::{IssueCode, Problem};

/// How the dates of a field are read, by the field and its column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) options: &'a DateOptions,
    pub(crate) reading: Reading,
    pub(crate) today: Option<Date>,
    pub(crate) bounds: Bounds,
}

/// How the dates of a column are read, according to its header and its cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) struct Reading {
    /// The order of day and month, if the column shows one; else the field's own.
    pub(crate) order: Option<DateOrder>,
    /// Whether something in the file indicates the other order: cells that can be read both ways are refused.
    pub(crate) mixed: bool,
    /// The position of the year among three two-digit numbers.
    pub(crate) year: YearPlace,
}

/// The position of the year in `24-01-05`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum YearPlace {
    /// Last, as is usual.
    #[default]
    Last,
    /// First, as databases and old programs write it.
    First,
    /// The column does not show it: cells that can be read both ways are refused.
    Undecided,
}

/// The order that a header states: `MM/DD/YYYY`, `yy-mm-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum Pattern {
    DayThenMonth,
    MonthThenDay,
    YearThenMonth,
}

impl Pattern {
    /// The order of the letters or words for day, month and year in a text, if it has each of them once and otherwise
    /// only signs: `(dd/mm/yyyy)`, `tgl-bln-thn`.
    pub(crate) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Option<Self> {
        const DAY: &[&str] = &["d", "dd", "day", "hh", "tgl", "tanggal", "hari", "h"];
        const MONTH: &[&str] = &[
            "m", "mm", "mmm", "mmmm", "mon", "month", "bb", "bln", "bulan", "b",
        ];
        const YEAR: &[&str] = &[
            "y", "yy", "yyyy", "year", "t", "tt", "tttt", "th", "thn", "tahun",
        ];
        let mut order = Vec::with_capacity(3);
        for word in words {
            let kind = [DAY, MONTH, YEAR]
                .iter()
                .position(|names| names.contains(&word))?;
            order.push(kind);
        }
        match order.as_slice() {
            [0, 1, 2] => Some(Self::DayThenMonth),
            [1, 0, 2] => Some(Self::MonthThenDay),
            [2, 1, 0] => Some(Self::YearThenMonth),
            _ => None,
        }
    }

    /// The reading of a column whose own cells show nothing.
    pub(crate) fn reading(self) -> Reading {
        Reading {
            order: match self {
                Self::DayThenMonth => Some(DateOrder::DayFirst),
                Self::MonthThenDay => Some(DateOrder::MonthFirst),
                Self::YearThenMonth => None,
            },
            mixed: false,
            year: match self {
                Self::YearThenMonth => YearPlace::First,
                Self::DayThenMonth | Self::MonthThenDay => YearPlace::Last,
            },
        }
    }
}

/// What one cell shows about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// No numeric day and month, or both the same.
    Nothing,
    /// The day can only be the first number.
    DayFirst,
    /// The day can only be the second number.
    MonthFirst,
    /// Either.
    Ambiguous,
}

/// A date, and the time of day next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    pub(crate) time: Option<Tail>,
}

impl From<Date> for Moment {
    fn from(date: Date) -> Self {
        Self { date, time: None }
    }
}

/// Reads a date from a cell that is not empty, and whether it has a time of day other than midnight.
#[inline]
pub(crate) fn parse(text: &str, rules: &Rules<'_>) -> Result<(Date, bool), Problem> {
    if let Some((year, month, day)) = iso(text.as_bytes()) {
        let date = calendar(year, month, day)?;
        return Ok((rules.bounds.check(date)?, false));
    }
    let moment = read(text, rules)?;
    let date = day_of(moment, rules)?;
    let timed = moment.time.is_some_and(|time| {
        // Programs write a date as midnight of another zone.
        time.seconds != 0 && time.offset.is_none()
    });
    Ok((rules.bounds.check(date)?, timed))
}

/// Reads a point in time from a cell that is not empty: its date, its time of day, and the offset of its zone from UTC.
pub(crate) fn parse_moment(text: &str, rules: &Rules<'_>) -> Result<OffsetDateTime, Problem> {
    let moment = match iso(text.as_bytes()) {
        Some((year, month, day)) => calendar(year, month, day)?.into(),
        None => read(text, rules)?,
    };
    let time = moment
        .time
        .ok_or_else(|| problem(IssueCode::TIME_MISSING))?;
    let offset = time
        .offset
        .or(rules.options.zone)
        .ok_or_else(|| problem(IssueCode::TIME_ZONE))?;
    let read = moment
        .date
        .midnight()
        .assume_offset(offset)
        .checked_add(Duration::seconds(time.seconds))
        .ok_or_else(|| problem(IssueCode::DATE))?;
    // Compared with the bounds in the field's zone.
    let here = rules.options.zone.unwrap_or(offset);
    let day = read
        .checked_to_offset(here)
        .ok_or_else(|| problem(IssueCode::DATE))?;
    rules.bounds.check(day.date())?;
    read.checked_to_offset(UtcOffset::UTC)
        .ok_or_else(|| problem(IssueCode::DATE))
}

/// The date of a point in time in the field's zone.
fn day_of(moment: Moment, rules: &Rules<'_>) -> Result<Date, Problem> {
    let Some(Tail {
        seconds,
        offset: Some(offset),
    }) = moment.time
    else {
        return Ok(moment.date);
    };
    let zone = rules
        .options
        .zone
        .ok_or_else(|| problem(IssueCode::DATE_ZONE))?;
    moved(moment.date, seconds, offset, zone).ok_or_else(|| problem(IssueCode::DATE_ZONE))
}

/// What a cell shows about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) order: Evidence,
    /// Its first and last number, if all three have two digits.
    pub(crate) two_digits: Option<(u8, u8)>,
    /// Whether a `/` separates them: then the year is last unless the column shows that it is not.
    pub(crate) slashed: bool,
}

/// What a cell shows about its column.
pub(crate) fn evidence(text: &str, locale: &Locale) -> Shown {
    const NOTHING: Shown = Shown {
        order: Evidence::Nothing,
        two_digits: None,
        slashed: false,
    };
    if iso(text.as_bytes()).is_some() {
        return NOTHING;
    }
    if let Some((first, second, _)) = year_last(text) {
        return Shown {
            order: order_of(first, second),
            ..NOTHING
        };
    }
    let Ok(tokens) = Tokens::new(text, locale) else {
        return NOTHING;
    };
    let [
        Token::Number(a, first @ 1..=2),
        Token::Number(b, middle @ 1..=2),
        Token::Number(c, last @ (2 | 4)),
    ] = tokens.parts
    else {
        return NOTHING;
    };
    let two_digits = [first, middle, last] == [2, 2, 2];
    Shown {
        order: order_of(a, b),
        two_digits: two_digits.then(|| (small(a), small(c))),
        slashed: text.contains('/'),
    }
}

/// The order shown by two numbers, one of which is the day and the other the month.
fn order_of(first: u32, second: u32) -> Evidence {
    match (first, second) {
        (13..=31, 1..=12) => Evidence::DayFirst,
        (1..=12, 13..=31) => Evidence::MonthFirst,
        (1..=12, 1..=12) if first != second => Evidence::Ambiguous,
        _ => Evidence::Nothing,
    }
}

/// Whether a cell has the form that shows nothing about its column.
#[inline]
pub(crate) fn is_iso(bytes: &[u8]) -> bool {
    iso(bytes).is_some()
}

/// Reads `1990-05-05`, the form of databases, on a fast path.
#[inline]
fn iso(bytes: &[u8]) -> Option<(i32, u8, u8)> {
    let bytes: &[u8; 10] = bytes.try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let digits = [0, 1, 2, 3, 5, 6, 8, 9].map(|i: usize| bytes[i].wrapping_sub(b'0'));
    if digits.iter().copied().fold(0, u8::max) > 9 {
        return None;
    }
    let year = digits[..4]
        .iter()
        .fold(0, |year, digit| year * 10 + i32::from(*digit));
    Some((year, digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]))
}

fn problem(code: IssueCode) -> Problem {
    Problem::new(code)
}

fn calendar(year: i32, month: u8, day: u8) -> Result<Date, Problem> {
    // Databases write year 0 for "no date".
    if year == 0 {
        return Err(problem(IssueCode::DATE_IMPOSSIBLE));
    }
    Month::try_from(month)
        .and_then(|month| Date::from_calendar_date(year, month, day))
        .map_err(|_| problem(IssueCode::DATE_IMPOSSIBLE))
}

/// The earliest and the latest day of a field, computed once for all its cells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    first: Option<Date>,
    last: Option<Date>,
}

impl Bounds {
    pub(crate) fn new(options: &DateOptions, today: Option<Date>) -> Self {
        let day = |bound: Option<DateBound>| bound.and_then(|bound| resolve(bound, today));
        Self {
            first: day(options.not_before),
            last: day(options.not_after),
        }
    }

    #[inline]
    fn check(self, date: Date) -> Result<Date, Problem> {
        if let Some(first) = self.first.filter(|first| date < *first) {
            return Err(problem(IssueCode::DATE_TOO_EARLY).with("limit", Value::Date(first)));
        }
        if let Some(last) = self.last.filter(|last| date > *last) {
            return Err(problem(IssueCode::DATE_TOO_LATE).with("limit", Value::Date(last)));
        }
        Ok(date)
    }
}

fn resolve(bound: DateBound, today: Option<Date>) -> Option<Date> {
    match bound {
        DateBound::Day(day) => Some(day),
        DateBound::Today => today,
        DateBound::DaysAhead(days) => today?.checked_add(Duration::days(i64::from(days))),
        DateBound::YearsAgo(years) => {
            let today = today?;
            let year = today.year() - i32::from(years);
            // 29 February may have no counterpart.
            today
                .replace_year(year)
                .or_else(|_| Date::from_calendar_date(year, Month::February, 28))
                .ok()
        }
    }
}

/// Reads every form except the ISO form.
fn read(text: &str, rules: &Rules<'_>) -> Result<Moment, Problem> {
    if let Some(serial) = serial(text) {
        return serial;
    }
    if let Some((first, second, year)) = year_last(text) {
        let (day, month) = in_order(small(first), small(second), rules)?;
        return calendar(signed(year), month, day).map(Moment::from);
    }
    if let Some(basic) = basic(text) {
        return basic;
    }
    if let Some(code) = text::damage(text) {
        return Err(problem(code));
    }
    let tokens = Tokens::new(text, locale::of(&rules.options.locale))?;
    let date = match tokens.parts {
        [
            Token::Number(year, 4),
            Token::Number(month, 1..=2),
            Token::Number(day, 1..=2),
        ] => calendar(signed(year), small(month), small(day))?,
        [
            Token::Number(year, 4),
            Token::Month(month),
            Token::Number(day, 1..=2),
        ] => calendar(signed(year), month, small(day))?,
        [
            Token::Number(day, 1..=2),
            Token::Month(month),
            Token::Number(year, digits @ (2 | 4)),
        ]
        | [
            Token::Month(month),
            Token::Number(day, 1..=2),
            Token::Number(year, digits @ (2 | 4)),
        ] => dated(year, digits, month, small(day), rules)?,
        [
            Token::Number(a, 2),
            Token::Number(b, 2),
            Token::Number(c, 2),
        ] if year_is_first(a, c, rules.reading.year)? => dated(a, 2, small(b), small(c), rules)?,
        [
            Token::Number(a, 1..=2),
            Token::Number(b, 1..=2),
            Token::Number(year, digits @ (2 | 4)),
        ] => {
            let (day, month) = in_order(small(a), small(b), rules)?;
            dated(year, digits, month, day, rules)?
        }
        // `15-22 Maret`: days of a month without its year.
        [
            Token::Number(_, 1..=2),
            Token::Number(_, 1..=2),
            Token::Month(_),
        ] => {
            return Err(problem(IssueCode::DATE_INCOMPLETE));
        }
        _ => return Err(problem(IssueCode::DATE)),
    };
    Ok(Moment {
        date,
        time: tokens.tail,
    })
}

/// Whether the year is the first of three two-digit numbers.
fn year_is_first(first: u32, last: u32, place: YearPlace) -> Result<bool, Problem> {
    let is_day = |number: u32| (1..=31).contains(&number);
    match place {
        YearPlace::Last => Ok(false),
        YearPlace::First => Ok(true),
        YearPlace::Undecided if is_day(first) && is_day(last) => {
            Err(problem(IssueCode::DATE_ORDER))
        }
        YearPlace::Undecided => Ok(!is_day(first)),
    }
}

/// Which of two numbers is the day.
fn in_order(a: u8, b: u8, rules: &Rules<'_>) -> Result<(u8, u8), Problem> {
    let both = (1..=12).contains(&a) && (1..=12).contains(&b) && a != b;
    let (day, month) = match rules.reading.order.unwrap_or(rules.options.order) {
        // The column shows no order, or two: only what can be read in just one way is accepted.
        DateOrder::ByColumn if both => return Err(problem(IssueCode::DATE_ORDER)),
        DateOrder::ByColumn if b > 12 => (b, a),
        DateOrder::MonthFirst => (b, a),
        DateOrder::DayFirst | DateOrder::ByColumn => (a, b),
    };
    if month > 12 && (1..=12).contains(&day) && month <= 31 {
        return Err(problem(IssueCode::DATE_MONTH_FIRST));
    }
    if rules.reading.mixed && both {
        return Err(problem(IssueCode::DATE_ORDER));
    }
    Ok((day, month))
}

fn dated(year: u32, digits: u8, month: u8, day: u8, rules: &Rules<'_>) -> Result<Date, Problem> {
    if digits == 4 {
        return calendar(signed(year), month, day);
    }
    let century = |base: i32| calendar(base + signed(year), month, day);
    match (rules.options.two_digit_years, rules.today) {
        (TwoDigitYears::From2000, _) => century(2000),
        (TwoDigitYears::Past { max_age }, Some(today)) => {
            let (old, new) = (century(1900), century(2000));
            if old.is_err() && new.is_err() {
                return old;
            }
            let age = |date: &Date| today.year() - date.year();
            let past = new
                .ok()
                .filter(|date| *date <= today && age(date) <= i32::from(max_age));
            // If one reading is only slightly older than the limit, the other one would be a guess.
            let older = old
                .ok()
                .filter(|date| *date <= today && age(date) <= i32::from(max_age) + AGE_MARGIN);
            match (older, past) {
                (None, Some(date)) => Ok(date),
                (Some(date), None) if age(&date) <= i32::from(max_age) => Ok(date),
                _ => Err(problem(IssueCode::DATE_CENTURY)),
            }
        }
        _ => Err(problem(IssueCode::DATE_CENTURY)),
    }
}

/// Years by which the greatest age is extended when the century is in question.
const AGE_MARGIN: i32 = 5;

/// Reads a spreadsheet's day number, 10000 to 60000 (1927 to 2064), counted from 30 December 1899, with the time of day
/// as a fraction after a point or comma.
fn serial(text: &str) -> Option<Result<Moment, Problem>> {
    let are_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    if whole.len() != 5 {
        return (whole.len() == 4 && whole.len() == text.len())
            .then(|| Err(problem(IssueCode::DATE_INCOMPLETE)));
    }
    let days: i64 = whole.parse().ok()?;
    let epoch = Date::from_calendar_date(1899, Month::December, 30).ok()?;
    let Some(date) = epoch
        .checked_add(Duration::days(days))
        .filter(|_| (10_000..=60_000).contains(&days))
    else {
        return Some(Err(problem(IssueCode::DATE)));
    };
    let time = Tail {
        seconds: seconds_of(fraction),
        offset: None,
    };
    // A fraction of zero comes from a program that writes a whole number: no time of day was meant.
    let timed = fraction.bytes().any(|byte| byte != b'0');
    Some(Ok(Moment {
        date,
        time: timed.then_some(time),
    }))
}

/// The seconds of a fraction of a day, given by its digits. Always less than a whole day.
fn seconds_of(fraction: &str) -> i64 {
    /// Nine digits are finer than a millisecond.
    const DIGITS: usize = 9;
    const SECONDS: i64 = 86_400;
    let billionths = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(DIGITS)
        .fold(0_i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    ((billionths * SECONDS + 500_000_000) / 1_000_000_000).min(SECONDS - 1)
}

/// Years that eight digits may begin or end with.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;

/// The numbers of `05012024`: day and month, or month and day, and the year. `None` for anything but eight digits, and
/// for those that begin with a year: `20240105`. The forms are distinct, because no month begins like a year.
fn year_last(text: &str) -> Option<(u32, u32, u32)> {
    let bytes: &[u8; 8] = text.as_bytes().try_into().ok()?;
    if !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [first, second, year] = [&bytes[..2], &bytes[2..4], &bytes[4..]].map(number_of);
    let begins_with_year =
        YEARS.contains(&number_of(&bytes[..4])) && (1..=12).contains(&number_of(&bytes[4..6]));
    (YEARS.contains(&year) && !begins_with_year).then_some((first, second, year))
}

fn number_of(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
}

/// `20240105` and `20240105103000`, as banks and old programs write them. `None` for anything but this many digits.
fn basic(text: &str) -> Option<Result<Moment, Problem>> {
    let bytes = text.as_bytes();
    if !matches!(bytes.len(), 8 | 14) || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| number_of(&bytes[from..to]);
    let year = number(0, 4);
    if !YEARS.contains(&year) {
        return Some(Err(problem(IssueCode::DATE)));
    }
    let date = match calendar(signed(year), small(number(4, 6)), small(number(6, 8))) {
        Ok(date) => date,
        Err(problem) => return Some(Err(problem)),
    };
    if bytes.len() == 8 {
        return Some(Ok(date.into()));
    }
    let (hour, minute, second) = (number(8, 10), number(10, 12), number(12, 14));
    if hour > 23 || minute > 59 || second > 59 {
        return Some(Err(problem(IssueCode::DATE)));
    }
    Some(Ok(Moment {
        date,
        time: Some(Tail {
            seconds: i64::from(hour * 3600 + minute * 60 + second),
            offset: None,
        }),
    }))
}

/// The date in `zone` of a point in time given at another offset.
fn moved(date: Date, seconds: i64, offset: UtcOffset, zone: UtcOffset) -> Option<Date> {
    let shift = i64::from(zone.whole_seconds()) - i64::from(offset.whole_seconds());
    let days = (seconds + shift).div_euclid(86_400);
    date.checked_add(Duration::days(days))
}

fn signed(year: u32) -> i32 {
    i32::try_from(year).unwrap_or(0)
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

// A date split into numbers and names, without its weekday and time of day. The order of day and month does not matter
// here.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number, and the number of its digits.
    Number(u32, u8),
    /// A month by name.
    Month(u8),
}

#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) parts: [Token; 3],
    pub(super) tail: Option<Tail>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Seconds since midnight.
    pub(crate) seconds: i64,
    /// Offset from UTC, if one is given.
    pub(crate) offset: Option<UtcOffset>,
}

impl Tokens {
    /// Splits a text into three parts, in their order.
    pub(super) fn new(text: &str, locale: &Locale) -> Result<Self, Problem> {
        let mut rest = without_weekday(text, locale);
        let mut parts = [Token::Number(0, 0); 3];
        for (i, part) in parts.iter_mut().enumerate() {
            if i > 0 {
                rest = separator(rest).ok_or_else(|| incomplete(text, locale))?;
            }
            (*part, rest) =
                token(rest, locale).ok_or_else(|| Problem::new(unreadable(text, rest)))?;
        }
        Ok(Self {
            parts,
            tail: tail(rest).ok_or_else(|| Problem::new(IssueCode::DATE))?,
        })
    }
}

/// `Kamis, 7 Agustus 2025`
fn without_weekday<'t>(text: &'t str, locale: &Locale) -> &'t str {
    let end = text
        .find(|c: char| !c.is_alphabetic() && c != '\'' && c != '\u{2019}')
        .unwrap_or(0);
    if end == 0 || !locale.is_weekday(&text[..end]) {
        return text;
    }
    text[end..].trim_start_matches([',', '.', ' '])
}

/// One `/`, `-` or `.` with spaces around it, a comma and spaces, or spaces alone; or nothing between a number and a
/// name.
fn separator(text: &str) -> Option<&str> {
    let inner = text.trim_start();
    let rest = inner
        .strip_prefix(['/', '-', '.', ',', '\u{2013}'])
        .unwrap_or(inner);
    let rest = rest.trim_start();
    (!rest.is_empty()).then_some(rest)
}

fn token<'t>(text: &'t str, locale: &Locale) -> Option<(Token, &'t str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = text[..digits].parse().ok().filter(|_| digits <= 4)?;
        return Some((
            Token::Number(number, u8::try_from(digits).ok()?),
            &text[digits..],
        ));
    }
    let letters = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let month = locale.month(&text[..letters])?;
    let rest = &text[letters..];
    Some((Token::Month(month), rest.strip_prefix('.').unwrap_or(rest)))
}

/// Why a text that cannot be read from `rest` on is not a date: parts are missing, or it is something else.
fn unreadable(text: &str, rest: &str) -> IssueCode {
    if rest.is_empty() || is_range(text) {
        IssueCode::DATE_INCOMPLETE
    } else {
        IssueCode::DATE
    }
}

fn incomplete(text: &str, locale: &Locale) -> Problem {
    let known = token(without_weekday(text, locale), locale).is_some();
    Problem::new(if known {
        IssueCode::DATE_INCOMPLETE
    } else {
        IssueCode::DATE
    })
}

/// `15-22 Maret`, `15 s/d 22 Maret 2027`
fn is_range(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["s/d", "s.d", " sd ", " sampai ", " to ", " until "]
        .iter()
        .any(|word| lower.contains(word))
        && lower.starts_with(|c: char| c.is_ascii_digit())
}

/// What follows the date: nothing, or a time. `None` if it is neither.
#[expect(clippy::option_option, reason = "no tail and no sense are two things")]
fn tail(text: &str) -> Option<Option<Tail>> {
    let rest = text.trim();
    if rest.is_empty() {
        return Some(None);
    }
    let rest = match rest.strip_prefix(['T', 't', ',']) {
        Some(rest) => rest.trim_start(),
        None if text.starts_with(' ') => rest,
        None => return None,
    };
    let rest = rest
        .strip_prefix("pukul ")
        .or_else(|| rest.strip_prefix("jam "))
        .unwrap_or(rest);
    let (hour, rest) = two_digits(rest)?;
    let (minute, mut rest) = two_digits(rest.strip_prefix([':', '.'])?)?;
    let mut second = 0;
    if let Some(more) = rest.strip_prefix([':', '.']) {
        (second, rest) = two_digits(more)?;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    let (afternoon, rest) = half_of_day(rest.trim_start());
    let hour = match afternoon {
        None => hour,
        Some(_) if hour > 12 || hour == 0 => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let offset = offset(rest.trim_start())?;
    Some(Some(Tail {
        seconds: i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second),
        offset,
    }))
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

fn half_of_day(text: &str) -> (Option<bool>, &str) {
    for (word, afternoon) in [("am", false), ("a.m.", false), ("pm", true), ("p.m.", true)] {
        if text
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
        {
            return (Some(afternoon), &text[word.len()..]);
        }
    }
    (None, text)
}

/// `None` if the text is not an offset. Indonesia's own zones are local time and cause no shift.
#[expect(
    clippy::option_option,
    reason = "no offset and no sense are two things"
)]
fn offset(text: &str) -> Option<Option<UtcOffset>> {
    if text.is_empty()
        || ["WIB", "WITA", "WIT"]
            .iter()
            .any(|zone| zone.eq_ignore_ascii_case(text))
    {
        return Some(None);
    }
    if ["Z", "UTC", "GMT"]
        .iter()
        .any(|zone| zone.eq_ignore_ascii_case(text))
    {
        return Some(Some(UtcOffset::UTC));
    }
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-'])?.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i8 = digits[..2].parse().ok()?;
    let minutes: i8 = digits.get(2..4).map_or(Ok(0), str::parse).ok()?;
    let sign = if negative { -1 } else { 1 };
    UtcOffset::from_hms(sign * hours, sign * minutes, 0)
        .ok()
        .map(Some)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

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
            .map(|(date, _)| Value::Date(date).to_string())
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
            assert_eq!(evidence(text, Locale::usual()).order, expected, "{text}");
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
        Some((Value::Date(date).to_string(), timed))
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
                .map(|moment| Value::DateTime(moment).to_string())
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
                .map(|(date, _)| Value::Date(date).to_string())
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
                .map(|(date, _)| Value::Date(date).to_string())
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
                .map(|(date, _)| Value::Date(date).to_string())
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
}
