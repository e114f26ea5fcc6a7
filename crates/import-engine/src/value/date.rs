//! Days as people and spreadsheets write them. The order of day and month comes from the column, never from the cell.

use time::{Date, Duration, Month, UtcOffset};

use super::{
    date_tokens::{Tail, Token, Tokens},
    excel,
};
use crate::{
    issue::{IssueCode, Problem},
    schema::{DateBound, DateOrder, TwoDigitYears, kind::DateOptions},
};

/// What a field and its column decided about dates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) options: &'a DateOptions,
    /// Cells of the column show the other order: ambiguous ones are refused.
    pub(crate) mixed: bool,
    pub(crate) today: Option<Date>,
    pub(crate) bounds: Bounds,
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

/// Reads a cell that is not empty.
pub(crate) fn parse(text: &str, rules: &Rules<'_>) -> Result<Date, Problem> {
    let date = match iso(text.as_bytes()) {
        Some((year, month, day)) => calendar(year, month, day)?,
        None => read(text, rules)?,
    };
    rules.bounds.check(date)
}

/// What a cell shows about its column.
pub(crate) fn evidence(text: &str) -> Evidence {
    if iso(text.as_bytes()).is_some() {
        return Evidence::Nothing;
    }
    let Ok(tokens) = Tokens::new(text) else {
        return Evidence::Nothing;
    };
    match tokens.parts {
        [
            Token::Number(a, 1..=2),
            Token::Number(b, 1..=2),
            Token::Number(_, 2 | 4),
        ] => match (a, b) {
            (13..=31, 1..=12) => Evidence::DayFirst,
            (1..=12, 13..=31) => Evidence::MonthFirst,
            (1..=12, 1..=12) if a != b => Evidence::Ambiguous,
            _ => Evidence::Nothing,
        },
        _ => Evidence::Nothing,
    }
}

/// Whether a cell is written in the form that says nothing about its column.
#[inline]
pub(crate) fn is_iso(bytes: &[u8]) -> bool {
    iso(bytes).is_some()
}

/// `1990-05-05`, the form of databases, without any detour.
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
    // Year 0 is how databases write "no date".
    if year == 0 {
        return Err(problem(IssueCode::DATE_IMPOSSIBLE));
    }
    Month::try_from(month)
        .and_then(|month| Date::from_calendar_date(year, month, day))
        .map_err(|_| problem(IssueCode::DATE_IMPOSSIBLE))
}

/// The earliest and the latest day of a field, worked out once for all its cells.
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
            return Err(problem(IssueCode::DATE_TOO_EARLY).with("limit", super::Value::Date(first)));
        }
        if let Some(last) = self.last.filter(|last| date > *last) {
            return Err(problem(IssueCode::DATE_TOO_LATE).with("limit", super::Value::Date(last)));
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

/// Everything but the ISO form.
fn read(text: &str, rules: &Rules<'_>) -> Result<Date, Problem> {
    if let Some(serial) = serial(text) {
        return serial;
    }
    if let Some(code) = excel::damage(text) {
        return Err(problem(code));
    }
    let tokens = Tokens::new(text)?;
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
    match tokens.tail {
        None | Some(Tail { offset: None, .. }) => Ok(date),
        Some(Tail {
            seconds,
            offset: Some(offset),
        }) => {
            let zone = rules
                .options
                .zone
                .ok_or_else(|| problem(IssueCode::DATE_ZONE))?;
            moved(date, seconds, offset, zone).ok_or_else(|| problem(IssueCode::DATE_ZONE))
        }
    }
}

/// Which of two numbers is the day.
fn in_order(a: u8, b: u8, rules: &Rules<'_>) -> Result<(u8, u8), Problem> {
    let (day, month) = match rules.options.order {
        DateOrder::DayFirst => (a, b),
        DateOrder::MonthFirst => (b, a),
    };
    if month > 12 && (1..=12).contains(&day) && month <= 31 {
        return Err(problem(IssueCode::DATE_MONTH_FIRST));
    }
    if rules.mixed && day <= 12 && month <= 12 && day != month {
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
            // A reading a little older than the limit still makes the other one a guess.
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

/// Years by which the greatest age is blurred when a century is in question.
const AGE_MARGIN: i32 = 5;

/// A spreadsheet's day number, 10000 to 60000 (1927 to 2064), counted from 30 December 1899.
fn serial(text: &str) -> Option<Result<Date, Problem>> {
    let whole = text
        .strip_suffix(".0")
        .or_else(|| text.strip_suffix(",0"))
        .unwrap_or(text);
    if whole.len() != 5 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return (whole.len() == 4 && whole.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Err(problem(IssueCode::DATE_INCOMPLETE)));
    }
    let days: i64 = whole.parse().ok()?;
    let epoch = Date::from_calendar_date(1899, Month::December, 30).ok()?;
    match epoch.checked_add(Duration::days(days)) {
        Some(date) if (10_000..=60_000).contains(&days) => Some(Ok(date)),
        _ => Some(Err(problem(IssueCode::DATE))),
    }
}

/// The day in `zone` of a moment given at another offset.
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
