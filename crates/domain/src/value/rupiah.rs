//! Amounts of rupiah: whole, from zero, written with points or commas, `jt` and `rb`. Amounts that can be read in two
//! ways are refused.

use std::fmt;

use serde::Serialize;

use super::ValueError;

/// Whole rupiah, zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Rupiah(i64);

impl Rupiah {
    /// The largest amount: fifteen digits, which every JSON reader keeps exactly.
    pub const MAX: i64 = 999_999_999_999_999;

    /// The likely price of a package. A price far below is in another currency or in millions; one far above has too many
    /// zeros.
    pub const LIKELY_PRICE: (i64, i64) = (1_000_000, 1_000_000_000);

    /// The likely amount of a single payment. `2` is a number of persons, `2150` an amount of dollars.
    pub const LIKELY_PAYMENT: (i64, i64) = (10_000, 2_000_000_000);

    /// An amount from a number.
    ///
    /// # Errors
    /// [`ValueError::NegativeMoney`] or [`ValueError::OutOfRange`].
    pub const fn new(amount: i64) -> Result<Self, ValueError> {
        match amount {
            ..0 => Err(ValueError::NegativeMoney),
            0..=Self::MAX => Ok(Self(amount)),
            _ => Err(ValueError::OutOfRange {
                min: 0,
                max: Self::MAX,
            }),
        }
    }

    /// An amount that was paid: more than zero.
    ///
    /// # Errors
    /// As for [`Self::new`], and [`ValueError::OutOfRange`] for zero.
    pub const fn paid(self) -> Result<Self, ValueError> {
        if self.0 == 0 {
            Err(ValueError::OutOfRange {
                min: 1,
                max: Self::MAX,
            })
        } else {
            Ok(self)
        }
    }

    /// Whole rupiah.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads an amount as spreadsheets write it.
    ///
    /// # Errors
    /// One of the variants about money; see the tests for the whole decision table.
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        let bytes = raw.as_bytes();
        if (1..=15).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
            return Self::new(
                bytes
                    .iter()
                    .fold(0, |sum, &digit| sum * 10 + i64::from(digit - b'0')),
            );
        }
        Self::parse_written(raw)
    }

    fn parse_written(raw: &str) -> Result<Self, ValueError> {
        let mut buffer = Compact {
            bytes: [0; Compact::MAX],
        };
        let text = buffer.fill(raw)?;
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        if text.iter().all(|&byte| byte == b'#') {
            return Err(ValueError::NarrowColumn);
        }
        let text = strip_currency(text)?;
        let (text, unit) = strip_unit(strip_dash_tail(text))?;
        match text.first() {
            Some(b'-' | b'(') if text.len() > 1 => return Err(ValueError::NegativeMoney),
            Some(digit) if digit.is_ascii_digit() => {}
            _ => return Err(ValueError::Money),
        }
        if super::nik::is_scientific(std::str::from_utf8(text).unwrap_or_default()) {
            return Err(ValueError::ScientificNotation);
        }
        let amount = if unit == 1 {
            whole(text)?
        } else {
            scaled(text, unit)?
        };
        Self::new(amount)
    }
}

/// The text in lower case without blanks, on the stack; blanks between two digits are kept as a grouping separator.
struct Compact {
    bytes: [u8; Compact::MAX],
}

impl Compact {
    /// No amount needs more, however it is written.
    const MAX: usize = 64;

    fn fill(&mut self, raw: &str) -> Result<&[u8], ValueError> {
        let mut len = 0;
        let mut gap = false;
        for letter in raw
            .trim_matches(|c: char| c.is_whitespace() || c == '\'')
            .chars()
        {
            let byte = match letter {
                '–' | '—' | '−' => b'-',
                blank if blank.is_whitespace() => {
                    gap = true;
                    continue;
                }
                letter if super::text::is_invisible(letter) => continue,
                letter => u8::try_from(letter)
                    .ok()
                    .filter(u8::is_ascii)
                    .ok_or(ValueError::Money)?
                    .to_ascii_lowercase(),
            };
            if gap && byte.is_ascii_digit() && len > 0 && self.bytes[len - 1].is_ascii_digit() {
                *self.bytes.get_mut(len).ok_or(ValueError::Money)? = b' ';
                len += 1;
            }
            gap = false;
            *self.bytes.get_mut(len).ok_or(ValueError::Money)? = byte;
            len += 1;
        }
        Ok(&self.bytes[..len])
    }
}

fn strip_currency(text: &[u8]) -> Result<&[u8], ValueError> {
    let (sign, text) = text
        .strip_prefix(b"-")
        .map_or((false, text), |rest| (true, rest));
    let rest = [b"rp.".as_slice(), b"rp", b"idr"]
        .iter()
        .find_map(|&word| text.strip_prefix(word))
        .unwrap_or(text);
    // `25.000.000 IDR`, `25 juta rupiah`
    let rest = [b"rupiah".as_slice(), b"idr", b"rp"]
        .iter()
        .find_map(|&word| rest.strip_suffix(word))
        .unwrap_or(rest);
    let foreign = [
        b"usd".as_slice(),
        b"us$",
        b"$",
        b"sar",
        b"myr",
        b"rm",
        b"eur",
    ];
    if foreign
        .iter()
        .any(|&word| rest.starts_with(word) || rest.ends_with(word))
    {
        return Err(ValueError::ForeignCurrency);
    }
    if sign && rest.first().is_some_and(u8::is_ascii_digit) {
        return Err(ValueError::NegativeMoney);
    }
    Ok(rest)
}

/// `25.000,-`: the dash means no cents.
fn strip_dash_tail(text: &[u8]) -> &[u8] {
    [b",-".as_slice(), b".-", b",--"]
        .iter()
        .find_map(|&tail| text.strip_suffix(tail))
        .unwrap_or(text)
}

fn strip_unit(text: &[u8]) -> Result<(&[u8], i64), ValueError> {
    const UNITS: [(&[u8], i64); 6] = [
        (b"jt", 1_000_000),
        (b"juta", 1_000_000),
        (b"rb", 1_000),
        (b"ribu", 1_000),
        (b"miliar", 1_000_000_000),
        (b"milyar", 1_000_000_000),
    ];
    let end = text
        .iter()
        .rposition(|byte| !byte.is_ascii_alphabetic())
        .map_or(0, |last| last + 1);
    let (number, word) = text.split_at(end);
    if word.is_empty() {
        return Ok((number, 1));
    }
    UNITS
        .iter()
        .find(|(unit, _)| *unit == word)
        .map(|&(_, factor)| (number, factor))
        .ok_or(ValueError::Money)
}

/// A number without a unit, by the decision table of the data formats.
fn whole(text: &[u8]) -> Result<i64, ValueError> {
    let is_separator = |byte: &u8| matches!(byte, b'.' | b',' | b' ');
    let Some(last) = text.iter().rposition(is_separator) else {
        return digits(text);
    };
    let (head, tail) = (&text[..last], &text[last + 1..]);
    let separator = text[last];
    let before = head.iter().copied().filter(|byte| is_separator(byte));
    let alone = before.clone().next().is_none();
    if before.clone().all(|other| other == separator) {
        if is_grouped(text, separator) {
            return digits_without(text, separator);
        }
        if alone && separator != b' ' && matches!(tail.len(), 1 | 2) {
            // 25.5 may be 25 500 or 25.5 million, which cannot be decided here. 25000000.00 is unambiguous.
            let cents = digits(tail)?;
            let amount = digits(head)?;
            if head.len() <= 3 {
                return Err(ValueError::AmbiguousMoney);
            }
            return if cents == 0 {
                Ok(amount)
            } else {
                Err(ValueError::FractionOfRupiah)
            };
        }
        return Err(ValueError::Money);
    }
    let grouping = head[head.iter().rposition(is_separator).unwrap_or_default()];
    if separator != b' '
        && matches!(tail.len(), 1 | 2)
        && before.clone().all(|other| other == grouping)
        && is_grouped(head, grouping)
    {
        if digits(tail)? != 0 {
            return Err(ValueError::FractionOfRupiah);
        }
        return digits_without(head, grouping);
    }
    Err(ValueError::Money)
}

/// A number before `jt` or `rb`: whole, or with one or two decimals. Three could be a group, so they are refused.
fn scaled(text: &[u8], unit: i64) -> Result<i64, ValueError> {
    let overflow = ValueError::OutOfRange {
        min: 0,
        max: Rupiah::MAX,
    };
    let Some(last) = text
        .iter()
        .position(|byte| matches!(byte, b'.' | b',' | b' '))
    else {
        return digits(text)?.checked_mul(unit).ok_or(overflow);
    };
    let (head, tail) = (&text[..last], &text[last + 1..]);
    if text[last] == b' ' {
        return Err(ValueError::Money);
    }
    match tail.len() {
        1 | 2 => {
            let part = digits(tail)? * if tail.len() == 1 { 10 } else { 1 };
            digits(head)?
                .checked_mul(unit)
                .and_then(|amount| amount.checked_add(part * (unit / 100)))
                .ok_or(overflow)
        }
        3 if digits(tail).is_ok() => Err(ValueError::AmbiguousMoney),
        _ => Err(ValueError::Money),
    }
}

/// Whether there are one to three digits, then groups of exactly three.
fn is_grouped(text: &[u8], separator: u8) -> bool {
    text.split(|&byte| byte == separator)
        .enumerate()
        .all(|(index, group)| {
            group.iter().all(u8::is_ascii_digit)
                && if index == 0 {
                    (1..=3).contains(&group.len())
                } else {
                    group.len() == 3
                }
        })
}

fn digits(text: &[u8]) -> Result<i64, ValueError> {
    digits_without(text, b' ')
}

fn digits_without(text: &[u8], separator: u8) -> Result<i64, ValueError> {
    let mut amount = 0_i64;
    let mut any = false;
    for &byte in text {
        if byte == separator {
            continue;
        }
        if !byte.is_ascii_digit() {
            return Err(ValueError::Money);
        }
        any = true;
        amount = amount
            .checked_mul(10)
            .and_then(|sum| sum.checked_add(i64::from(byte - b'0')))
            .ok_or(ValueError::OutOfRange {
                min: 0,
                max: Rupiah::MAX,
            })?;
    }
    if any {
        Ok(amount)
    } else {
        Err(ValueError::Money)
    }
}

impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
