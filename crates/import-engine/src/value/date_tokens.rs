//! A date cut into numbers and names, its weekday and time of day set aside. Knows no order of day and month.

use time::UtcOffset;

use crate::{
    issue::{IssueCode, Problem},
    value::locale::Locale,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number and how many digits it was written with.
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
    /// Since midnight.
    pub(crate) seconds: i64,
    /// From UTC, where one is given.
    pub(crate) offset: Option<UtcOffset>,
}

impl Tokens {
    /// Three parts, in the order they stand.
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

/// One `/`, `-` or `.` with spaces around it, a comma and spaces, or spaces alone; nothing between a number and a name.
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

/// Why a text with something wrong at `rest` is not a date: parts missing, or nothing of the kind.
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

/// What follows the date: nothing, or a time. `None` when it is neither.
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

/// `None` if the text is not an offset. Indonesia's own zones are local time and shift nothing.
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
