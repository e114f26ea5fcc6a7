//! Numbers and amounts as people write them, where `.` and `,` separate thousands or fractions. What only the column can
//! show is not decided per cell.

use super::{
    Decimal,
    locale::{self, DecimalMark, Locale, NumberOptions},
    text::{self, folded},
};
use crate::issue::{IssueCode, Problem};

/// The kind of number to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A whole number; a fraction of zero is accepted.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// Units of a currency, and its minor units if the field has them. Money has no fraction of three digits, so `25.000`
    /// is clear unless a cell of the column shows that the point begins a fraction.
    Money,
}

/// The meaning of `.` and `,` in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum Style {
    /// No cell shows it: the field's own mark applies, or numbers are ambiguous.
    #[default]
    Unknown,
    /// The decimal mark.
    Known(DecimalMark),
    /// Cells contradict each other.
    Mixed,
}

/// What one cell shows about the meaning of `.` and `,`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    Nothing,
    Ambiguous,
    Shows(DecimalMark),
}

/// Reads a cell that is not empty.
pub(crate) fn parse(
    text: &str,
    wanted: Wanted,
    options: &NumberOptions,
    style: Style,
) -> Result<Decimal, Problem> {
    if let Some(whole) = plain(text.as_bytes()) {
        return in_bounds(
            Decimal {
                mantissa: whole,
                scale: 0,
            },
            options,
        );
    }
    if let Some(code) = text::damage(text) {
        return Err(Problem::new(code));
    }
    let body = Body::new(text, wanted, options)?;
    let style = match style {
        Style::Unknown => options.mark.map_or(Style::Unknown, Style::Known),
        known => known,
    };
    let number = body.number(wanted, style, options.minor)?;
    let number = body.multiplied(number, wanted, options.minor)?;
    if number.mantissa < 0 && !options.negative {
        return Err(Problem::new(IssueCode::NUMBER_NEGATIVE));
    }
    in_bounds(number, options)
}

/// Reads a cell of a column whose header states a power of ten, such as `Harga (juta)`: 25,5 is 25 500 000. A cell that
/// is the whole amount, or states its unit itself, contradicts the header, and it is unknown which of them is right.
pub(crate) fn in_power(
    text: &str,
    power: u8,
    options: &NumberOptions,
    style: Style,
) -> Result<Decimal, Problem> {
    /// From this power on, three digits after a sign may be a fraction or thousands: 25.500 million can be both.
    const FRACTIONS_OF_THREE: u8 = 6;
    /// Without a likely range, a field has no number this large in thousands.
    const LIKELY: (i64, i64) = (100_000, i64::MAX);
    if let Some(code) = text::damage(text) {
        return Err(Problem::new(code));
    }
    let too_large = || Problem::new(IssueCode::NUMBER_TOO_LARGE);
    let factor = 10_i64.checked_pow(u32::from(power)).ok_or_else(too_large)?;
    let contradicted = || Problem::new(IssueCode::NUMBER_SCALE).with("factor", factor);
    let folded = folded(text);
    let signs = locale::of(&options.locale).signs_of_money();
    let body = Body::new(take_currency(&folded, &signs), Wanted::Decimal, options)
        .map_err(|_| contradicted())?;
    let written = match body.shape() {
        Shape::OneGroup(_) if style == Style::Unknown && power < FRACTIONS_OF_THREE => {
            body.decimal(0)?
        }
        _ => body.number(Wanted::Decimal, style, 0)?,
    };
    let number = Body {
        power: Some(power),
        ..body
    }
    .multiplied(written, Wanted::Integer, 0)?;
    let (least, most) = options.likely.unwrap_or(LIKELY);
    let (as_written, meant) = (
        written.trunc().saturating_abs(),
        number.trunc().saturating_abs(),
    );
    let is_whole_amount = as_written >= least && (meant > most || as_written / 10 >= least);
    if is_whole_amount {
        return Err(contradicted());
    }
    Ok(number)
}

/// What a cell shows about its column.
pub(crate) fn evidence(text: &str, wanted: Wanted, options: &NumberOptions) -> Evidence {
    if plain(text.as_bytes()).is_some() {
        return Evidence::Nothing;
    }
    Body::new(text, wanted, options).map_or(Evidence::Nothing, |body| body.shape().evidence())
}

/// Reads digits alone, at most 18: most numbers.
#[inline]
fn plain(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0_i64, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

fn in_bounds(number: Decimal, options: &NumberOptions) -> Result<Decimal, Problem> {
    let scaled = |limit: i64| i128::from(limit) * 10_i128.pow(u32::from(number.scale));
    let mantissa = i128::from(number.mantissa);
    match (options.min, options.max) {
        (Some(min), _) if mantissa < scaled(min) => {
            Err(Problem::new(IssueCode::BELOW_MIN).with("limit", min))
        }
        (_, Some(max)) if mantissa > scaled(max) => {
            Err(Problem::new(IssueCode::ABOVE_MAX).with("limit", max))
        }
        _ => Ok(number),
    }
}

/// A number without its sign, currency and unit.
#[derive(Debug)]
struct Body {
    digits: String,
    negative: bool,
    /// The power of ten: `jt` is 6.
    power: Option<u8>,
}

/// The arrangement of a number's separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Digits alone.
    Whole,
    /// Several groups of thousands: `25.000.000`. The decimal mark is the other sign.
    Groups(DecimalMark),
    /// One sign and three digits after it: `25.000`. Thousands, or a fraction by this sign.
    OneGroup(DecimalMark),
    /// A fraction: the number of digits after the last sign, and of those before it without thousands separators.
    Fraction {
        mark: DecimalMark,
        behind: usize,
        before: usize,
        grouped: bool,
    },
    /// No valid arrangement.
    Wrong,
}

impl Shape {
    fn evidence(self) -> Evidence {
        match self {
            Self::Whole | Self::Wrong => Evidence::Nothing,
            Self::OneGroup(_) => Evidence::Ambiguous,
            Self::Groups(mark) | Self::Fraction { mark, .. } => Evidence::Shows(mark),
        }
    }
}

fn mark_of(sign: char) -> DecimalMark {
    if sign == '.' {
        DecimalMark::Point
    } else {
        DecimalMark::Comma
    }
}

fn other(mark: DecimalMark) -> DecimalMark {
    match mark {
        DecimalMark::Point => DecimalMark::Comma,
        DecimalMark::Comma => DecimalMark::Point,
    }
}

impl Body {
    fn new(text: &str, wanted: Wanted, options: &NumberOptions) -> Result<Self, Problem> {
        let folded = folded(text);
        let mut rest = folded.as_str();
        let mut negative = false;
        if let Some(inner) = rest
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
        {
            (negative, rest) = (true, inner.trim());
        }
        rest = take_sign(rest, &mut negative);
        rest = take_currency(rest, &options.currency);
        rest = take_sign(rest, &mut negative);
        if let Some(plain) = rest.strip_suffix(",-").or_else(|| rest.strip_suffix(".-")) {
            rest = plain.trim_end();
        } else if let Some(number) = rest.strip_suffix(['-', '\u{2212}']).filter(|number| {
            !negative && number.ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
        }) {
            // `3.25-`, as accounting programs write negative amounts.
            (negative, rest) = (true, number);
        }
        for unit in &options.units {
            if let Some(number) = rest
                .strip_suffix(&**unit)
                .filter(|number| ends_number(number))
            {
                rest = number.trim_end();
                break;
            }
        }
        let power = if wanted == Wanted::Money {
            take_multiplier(&mut rest, locale::of(&options.locale))
        } else {
            None
        };
        let digits: String = rest.chars().filter(|c| *c != ' ').collect();
        if digits.is_empty()
            || !digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
        {
            return Err(Problem::new(foreign(rest, options)));
        }
        Ok(Self {
            digits,
            negative,
            power,
        })
    }

    fn shape(&self) -> Shape {
        let Some(last) = self.digits.rfind(['.', ',']) else {
            return Shape::Whole;
        };
        let sign = if self.digits.as_bytes()[last] == b'.' {
            '.'
        } else {
            ','
        };
        let (before, behind) = (&self.digits[..last], &self.digits[last + 1..]);
        if before.is_empty() && behind.is_empty() {
            return Shape::Wrong;
        }
        let mark = mark_of(sign);
        let inner_sign = before.chars().find(|c| !c.is_ascii_digit());
        // `.99` and `5.`: thousands are not written like this.
        if before.is_empty() || behind.is_empty() && inner_sign.is_none() {
            return Shape::Fraction {
                mark,
                behind: behind.len(),
                before: before.len(),
                grouped: false,
            };
        }
        match inner_sign {
            // The only sign.
            None if behind.len() == 3 && before.len() <= 3 && !before.starts_with('0') => {
                Shape::OneGroup(mark)
            }
            None => Shape::Fraction {
                mark,
                behind: behind.len(),
                before: before.len(),
                grouped: false,
            },
            // The same sign again: thousands, or invalid.
            Some(inner) if inner == sign => {
                let groups = before.split(sign).chain([behind]);
                if is_grouping(groups) {
                    Shape::Groups(other(mark))
                } else {
                    Shape::Wrong
                }
            }
            // Another sign before it: thousands before, a fraction after.
            Some(inner) if is_grouping(before.split(inner)) => Shape::Fraction {
                mark,
                behind: behind.len(),
                before: before.chars().filter(char::is_ascii_digit).count(),
                grouped: true,
            },
            Some(_) => Shape::Wrong,
        }
    }

    fn number(&self, wanted: Wanted, style: Style, minor: u8) -> Result<Decimal, Problem> {
        let ambiguous = || Problem::new(IssueCode::NUMBER_AMBIGUOUS);
        match self.shape() {
            Shape::Whole | Shape::Groups(_) => self.decimal(0),
            Shape::Wrong => Err(Problem::new(IssueCode::NUMBER_GROUPS)),
            Shape::OneGroup(mark) => match (wanted, style) {
                (_, Style::Known(known)) if known != mark => self.decimal(0),
                (Wanted::Money, Style::Unknown) => self.decimal(0),
                (Wanted::Decimal | Wanted::Money, Style::Known(_)) => self.decimal(3),
                _ => Err(ambiguous()),
            },
            Shape::Fraction {
                mark,
                behind,
                before,
                grouped,
            } => match wanted {
                _ if behind == 0 => self.decimal(0),
                Wanted::Decimal => self.decimal(behind),
                Wanted::Integer if behind <= 2 => self.decimal(behind),
                Wanted::Money if self.power.is_some() => self.decimal(behind),
                // With the mark of the field or the column, nothing is guessed.
                Wanted::Money if style == Style::Known(mark) => self.decimal(behind),
                Wanted::Money if minor > 0 && style == Style::Unknown => self.decimal(behind),
                Wanted::Money if behind <= 2 && (grouped || before > 3) => self.decimal(behind),
                Wanted::Money if behind <= 2 => Err(ambiguous()),
                Wanted::Integer | Wanted::Money => Err(Problem::new(IssueCode::NUMBER_GROUPS)),
            },
        }
    }

    /// All digits as a decimal, the last `scale` of them as its fraction.
    fn decimal(&self, scale: usize) -> Result<Decimal, Problem> {
        let too_large = || Problem::new(IssueCode::NUMBER_TOO_LARGE);
        let mantissa = self
            .digits
            .bytes()
            .filter(u8::is_ascii_digit)
            .try_fold(0_i64, |sum, byte| {
                sum.checked_mul(10)?.checked_add(i64::from(byte - b'0'))
            })
            .ok_or_else(too_large)?;
        let scale = u8::try_from(scale)
            .ok()
            .filter(|scale| *scale <= 18)
            .ok_or_else(too_large)?;
        Ok(Decimal {
            mantissa: if self.negative { -mantissa } else { mantissa },
            scale,
        })
    }

    /// Multiplies by the unit's power of ten, and requires a whole number if the kind does.
    fn multiplied(&self, number: Decimal, wanted: Wanted, minor: u8) -> Result<Decimal, Problem> {
        let mut number = number;
        let mut power = self.power.unwrap_or(0);
        let spared = power.min(number.scale);
        number.scale -= spared;
        power -= spared;
        number.mantissa = 10_i64
            .checked_pow(u32::from(power))
            .and_then(|factor| number.mantissa.checked_mul(factor))
            .ok_or_else(|| Problem::new(IssueCode::NUMBER_TOO_LARGE))?;
        if wanted == Wanted::Decimal {
            return Ok(number);
        }
        // Zeros after the smallest unit are accepted.
        while number.scale > minor && number.mantissa % 10 == 0 {
            number.mantissa /= 10;
            number.scale -= 1;
        }
        if number.scale > minor {
            return Err(Problem::new(IssueCode::NUMBER_FRACTION));
        }
        Ok(number)
    }
}

/// An amount counted in its smallest units, as a field with `minor` decimals stores it.
pub(crate) fn in_minor_units(amount: Decimal, minor: u8) -> Result<i64, Problem> {
    10_i64
        .checked_pow(u32::from(minor.saturating_sub(amount.scale)))
        .and_then(|factor| amount.mantissa.checked_mul(factor))
        .ok_or_else(|| Problem::new(IssueCode::NUMBER_TOO_LARGE))
}

/// Whether these are groups of exactly three digits after a first one of one to three.
fn is_grouping<'a>(groups: impl Iterator<Item = &'a str>) -> bool {
    groups.enumerate().all(|(i, group)| {
        let digits = group.bytes().all(|byte| byte.is_ascii_digit());
        digits
            && if i == 0 {
                (1..=3).contains(&group.len())
            } else {
                group.len() == 3
            }
    })
}

/// Removes a leading sign; a plus has no effect.
fn take_sign<'a>(text: &'a str, negative: &mut bool) -> &'a str {
    if let Some(rest) = text.strip_prefix('+')
        && rest.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
    {
        return rest;
    }
    match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) if !rest.is_empty() && !*negative => {
            *negative = true;
            rest.trim_start()
        }
        _ => text,
    }
}

/// Removes the currency, trying the longest sign first so that `rp.` is not `rp` and a dot.
fn take_currency<'a>(text: &'a str, signs: &[Box<str>]) -> &'a str {
    let mut signs: Vec<&str> = signs.iter().map(AsRef::as_ref).collect();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
    for sign in signs {
        if let Some(rest) = text.strip_prefix(sign) {
            return rest.trim_start();
        }
        if let Some(rest) = text.strip_suffix(sign).filter(|rest| ends_number(rest)) {
            return rest.trim_end();
        }
    }
    text
}

fn ends_number(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| c.is_ascii_digit())
}

/// Removes a word for thousand, million or billion. `M` is refused: it means miliar (billion) in Indonesian, and million
/// elsewhere.
fn take_multiplier(text: &mut &str, locale: &Locale) -> Option<u8> {
    for (unit, power) in locale.powers() {
        if let Some(number) = text.strip_suffix(unit).filter(|number| ends_number(number)) {
            *text = number.trim_end();
            return Some(power);
        }
    }
    None
}

/// Why a text is not a number: it has another currency, if the field has currencies at all, or it is something else.
fn foreign(text: &str, options: &NumberOptions) -> IssueCode {
    const CURRENCIES: &[&str] = &[
        "usd", "us$", "$", "€", "eur", "sar", "sr", "£", "¥", "myr", "rm", "sgd", "idr", "rp",
    ];
    let text = text.trim();
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let named = CURRENCIES.iter().any(|sign| {
        let rest = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign));
        rest.is_some_and(|rest| !rest.contains(char::is_alphabetic))
    });
    if has_digit && named && !options.currency.is_empty() {
        IssueCode::NUMBER_CURRENCY
    } else {
        IssueCode::NUMBER
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Style, Wanted, evidence, parse};
    use crate::{
        issue::IssueCode,
        value::locale::{DecimalMark, NumberOptions},
    };

    // The decision table for numbers, cell by cell.

    fn options(wanted: Wanted) -> NumberOptions {
        NumberOptions {
            negative: wanted == Wanted::Decimal,
            units: ["hari", "pax", "seat", "kursi"].map(Box::from).to_vec(),
            currency: ["rp", "rp.", "idr"].map(Box::from).to_vec(),
            ..NumberOptions::default()
        }
    }

    fn check(wanted: Wanted, style: Style, text: &str, expected: Result<&str, IssueCode>) {
        let found = parse(text, wanted, &options(wanted), style);
        let found = found
            .map(|number| number.to_string())
            .map_err(|problem| problem.code());
        assert_eq!(found, expected.map(str::to_owned), "{text:?} as {wanted:?}");
    }

    fn money(text: &str, expected: Result<&str, IssueCode>) {
        check(Wanted::Money, Style::Unknown, text, expected);
    }

    #[test]
    fn reads_amounts_as_agencies_write_them() {
        for text in [
            "25000000",
            "25.000.000",
            "25,000,000",
            "Rp25.000.000",
            "Rp 25.000.000",
            "rp. 25.000.000,-",
            "IDR25,000,000.00",
            "25.000.000,00",
            "25,000,000.00",
            "25000000.00",
            "25000000,0",
            "25 jt",
            "25jt",
            "25 Juta",
            "25.000 rb",
            "25000 ribu",
            "Rp\u{a0}25.000.000",
            "25.000.000.-",
            "25 000 000",
            "0,025 miliar",
            "25.000.000 IDR",
        ] {
            money(text, Ok("25000000"));
        }
        money("25.000", Ok("25000"));
        money("25,000", Ok("25000"));
        money("0", Ok("0"));
        money("1,5 jt", Ok("1500000"));
        money("42 jt", Ok("42000000"));
        money("39.500.000,-", Ok("39500000"));
    }

    #[test]
    fn refuses_amounts_that_can_be_read_in_two_ways() {
        money("25.5", Err(IssueCode::NUMBER_AMBIGUOUS));
        money("25,50", Err(IssueCode::NUMBER_AMBIGUOUS));
    }

    #[test]
    fn refuses_what_is_no_amount() {
        money("25.00.000", Err(IssueCode::NUMBER_GROUPS));
        money("1,234.567,89", Err(IssueCode::NUMBER_GROUPS));
        money("25.000.000.00", Err(IssueCode::NUMBER_GROUPS));
        money("1.2.3", Err(IssueCode::NUMBER_GROUPS));
        money("1234.5678", Err(IssueCode::NUMBER_GROUPS));
        money("-5000000", Err(IssueCode::NUMBER_NEGATIVE));
        money("(5.000.000)", Err(IssueCode::NUMBER_NEGATIVE));
        money("Rp -5.000", Err(IssueCode::NUMBER_NEGATIVE));
        money("USD 500", Err(IssueCode::NUMBER_CURRENCY));
        money("$500", Err(IssueCode::NUMBER_CURRENCY));
        money("500 SAR", Err(IssueCode::NUMBER_CURRENCY));
        money("5e6", Err(IssueCode::EXCEL_SCIENTIFIC));
        money("2,5E+07", Err(IssueCode::EXCEL_SCIENTIFIC));
        money("#######", Err(IssueCode::EXCEL_HASHES));
        money("25000000,50", Err(IssueCode::NUMBER_FRACTION));
        money("99999999999999999999", Err(IssueCode::NUMBER_TOO_LARGE));
        money("9999999999999 miliar", Err(IssueCode::NUMBER_TOO_LARGE));
        for text in [
            "lima juta",
            "Rp",
            "1O0000",
            "5-10 jt",
            "NaN",
            "0x10",
            "1_000",
            "2 M",
            "Rp -",
            ",5",
            "12,5jt x",
        ] {
            let found = parse(text, Wanted::Money, &options(Wanted::Money), Style::Unknown);
            assert!(found.is_err(), "{text}");
        }
    }

    #[test]
    fn reads_whole_numbers_without_ever_multiplying_by_ten() {
        for (text, expected) in [
            ("12", Ok("12")),
            ("12.0", Ok("12")),
            ("12,0", Ok("12")),
            ("12 hari", Ok("12")),
            ("40 PAX", Ok("40")),
            ("40pax", Ok("40")),
            ("1.000.000", Ok("1000000")),
            ("12.5", Err(IssueCode::NUMBER_FRACTION)),
            ("25.000", Err(IssueCode::NUMBER_AMBIGUOUS)),
            ("dua belas", Err(IssueCode::NUMBER)),
            ("12 malam", Err(IssueCode::NUMBER)),
            ("12 jt", Err(IssueCode::NUMBER)),
        ] {
            check(Wanted::Integer, Style::Unknown, text, expected);
        }
        check(
            Wanted::Integer,
            Style::Known(DecimalMark::Comma),
            "25.000",
            Ok("25000"),
        );
    }

    #[test]
    fn the_column_decides_what_one_cell_cannot() {
        for (style, expected) in [
            (Style::Known(DecimalMark::Point), Ok("1.234")),
            (Style::Known(DecimalMark::Comma), Ok("1234")),
            (Style::Unknown, Err(IssueCode::NUMBER_AMBIGUOUS)),
            (Style::Mixed, Err(IssueCode::NUMBER_AMBIGUOUS)),
        ] {
            check(Wanted::Decimal, style, "1.234", expected);
        }
        check(Wanted::Decimal, Style::Mixed, "1.234,5", Ok("1234.5"));
        check(Wanted::Decimal, Style::Unknown, "-7,25", Ok("-7.25"));
        check(Wanted::Decimal, Style::Unknown, "0.125", Ok("0.125"));
    }

    #[test]
    fn sees_what_a_cell_shows_about_its_column() {
        for (text, expected) in [
            ("1234", Evidence::Nothing),
            ("1.234", Evidence::Ambiguous),
            ("1.234.567", Evidence::Shows(DecimalMark::Comma)),
            ("1.234,5", Evidence::Shows(DecimalMark::Comma)),
            ("7.25", Evidence::Shows(DecimalMark::Point)),
            ("0.125", Evidence::Shows(DecimalMark::Point)),
            ("abc", Evidence::Nothing),
        ] {
            assert_eq!(
                evidence(text, Wanted::Decimal, &options(Wanted::Decimal)),
                expected,
                "{text}"
            );
        }
    }
}
