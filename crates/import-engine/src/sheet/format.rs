//! Formats a number of a workbook as the sheet shows it. The number is kept as the decimal digits in the file, so that no
//! digit is lost or invented; its format is followed as far as it matters for the table: leading zeros, signs between the
//! digits, currencies, percent, dates. Thousands separators and rounding only concern the display and are omitted.

use time::{Date, Duration, Month};

// A number as the digits of the file, and as the date and time that it represents.

/// The digits that a spreadsheet keeps of a number. Further digits are noise of its arithmetic (`0.30000000000000004`),
/// except that whole numbers keep those in the file.
const PRECISION: usize = 15;

/// Digits before or after the mark beyond which a number is written with an exponent: no meaningful number is longer.
const LONGEST_PLAIN: i64 = 40;

/// `0.` and the digits, times ten to the power.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// How many of the digits are before the mark; may be negative or larger than their number.
    point: i64,
}

impl Decimal {
    /// Reads a number as files write it: `12`, `-1.5`, `3.175010505909E+15`.
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

    /// The shortest digits that represent this number.
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

    /// Multiplies by a power of ten.
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

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The nearest float, for arithmetic: dates and conditions.
    fn to_f64(&self) -> f64 {
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
        self.point <= LONGEST_PLAIN && after <= LONGEST_PLAIN
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

    /// The digits after the mark. Three digits get another zero, because many readers take `1.234` for more than a
    /// thousand.
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

    /// The number with a decimal point, without exponent and thousands separators; it ends in a point if a spreadsheet
    /// may have rounded it, by which the checks distinguish it from a text of digits.
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

    fn is_exponential(&self) -> bool {
        !self.is_printable()
    }
}

// Days and times of a workbook, which counts days from an epoch.

/// The epoch of the days of a workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    /// Day 1 is 1 January 1900, and day 60 is 29 February, which did not exist.
    #[default]
    Of1900,
    /// Day 0 is 1 January 1904: the epoch of old Excel versions for the Mac.
    Of1904,
}

const SECONDS_A_DAY: i64 = 86_400;

/// The last day of a spreadsheet, 31 December 9999.
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

/// `2024-01-05`, with a time of day if there is one; only the time for less than a day in a format of times. `None` if it
/// is not a point in time.
fn moment(serial: f64, epoch: Epoch, time_only: bool) -> Option<String> {
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
fn time_of(serial: f64) -> Option<String> {
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
        // What a spreadsheet shows; these days do not exist, which the checks report.
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

// How a number format writes a number.

/// Characters of a format that are read: Excel allows 255.
const LONGEST_CODE: usize = 1_000;
/// Digits that a format pads to at most.
const MOST_PADDING: usize = 40;

/// A number format, read once for all cells that have it.
#[derive(Clone, Debug, Default)]
pub(super) struct Format {
    sections: Vec<Section>,
}

#[derive(Clone, Debug)]
struct Section {
    condition: Option<(Relation, f64)>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// The number as it is, between literals.
    Number {
        prefix: String,
        suffix: String,
        /// Powers of ten by which the display multiplies: 2 for percent, −3 for each comma at the end.
        shift: i64,
    },
    /// Digits in fixed positions, such as `0000` or `0000-0000`.
    Placed {
        prefix: String,
        places: Vec<Place>,
        suffix: String,
    },
    Moment(Clock),
    /// Words instead of the number.
    Words(String),
    /// `@` between literals.
    Text {
        prefix: String,
        suffix: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// Shown as `0` without a digit.
    Zero,
    /// Shown only with a digit.
    Free,
    Literal(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    Day,
    Time,
    /// `[h]:mm`, hours beyond 24.
    Elapsed,
}

enum Token {
    Literal(String),
    Digit(char),
    Point,
    Comma,
    Percent,
    Exponent,
    At,
    General,
    Date(char),
    Time(char),
    /// Month or minute.
    M(char),
    Elapsed,
}

impl Format {
    /// Parses a format's code, such as `"Rp"#,##0;[Red]-"Rp"#,##0`.
    pub(super) fn parse(code: &str) -> Self {
        let code: Vec<char> = code.chars().take(LONGEST_CODE).collect();
        let mut sections = Vec::new();
        let mut at = 0;
        while at < code.len() && sections.len() < 4 {
            sections.push(Section::parse(&code, &mut at));
        }
        Self { sections }
    }

    /// The format of one of the numbers of built-in formats. Their currencies are those of the reader's system and not of
    /// the file, so that they have no meaning.
    pub(super) fn builtin(id: u16) -> Self {
        let code = match id {
            14..=17 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => "yyyy-mm-dd",
            18..=21 | 32 | 33 | 45 | 47 | 55 | 56 => "hh:mm:ss",
            22 => "yyyy-mm-dd hh:mm",
            46 => "[h]:mm:ss",
            9 | 10 => "0%",
            _ => "General",
        };
        Self::parse(code)
    }

    /// The text of a cell with this number.
    pub(super) fn number(&self, number: Decimal, epoch: Epoch) -> String {
        let plain_sign = |section: Option<&Section>, number: Decimal| match section {
            Some(section) => section.shape.show(number, epoch),
            None => number.plain(),
        };
        let numeric: Vec<&Section> = {
            let is_text = |section: &Section| matches!(section.shape, Shape::Text { .. });
            let mut sections: Vec<&Section> = self.sections.iter().take(3).collect();
            if sections.len() > 1 {
                sections.retain(|section| !is_text(section));
            }
            sections
        };
        if numeric.iter().any(|section| section.condition.is_some()) {
            let value = number.to_f64();
            let found = numeric.iter().find(|section| match section.condition {
                Some((relation, bound)) => relation.holds(value, bound),
                None => true,
            });
            return plain_sign(found.copied(), number);
        }
        let index = match numeric.len() {
            0 | 1 => 0,
            _ if number.negative => 1,
            3 if number.is_zero() => 2,
            _ => 0,
        };
        plain_sign(numeric.get(index).copied(), number)
    }

    /// The text of a cell with this text, if it is not the text alone.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        // The fourth section is for texts, and so is any section that contains the text.
        match &self.sections.last()?.shape {
            Shape::Text { prefix, suffix } if !(prefix.is_empty() && suffix.is_empty()) => {
                Some(format!("{prefix}{text}{suffix}"))
            }
            _ => None,
        }
    }
}

impl Relation {
    #[expect(clippy::float_cmp, reason = "a format compares exactly")]
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Equal => value == bound,
            Self::NotEqual => value != bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Greater => value > bound,
        }
    }

    /// Parses `[<=9999]`, without the brackets.
    fn parse(text: &str) -> Option<(Self, f64)> {
        [
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("<>", Self::NotEqual),
            ("<", Self::Less),
            (">", Self::Greater),
            ("=", Self::Equal),
        ]
        .into_iter()
        .find_map(|(sign, relation)| {
            let bound = text.strip_prefix(sign)?.trim().parse().ok()?;
            Some((relation, bound))
        })
    }
}

impl Section {
    /// Reads up to the next `;` and past it.
    fn parse(code: &[char], at: &mut usize) -> Self {
        let mut tokens = Vec::new();
        let mut condition = None;
        let push_literal = |tokens: &mut Vec<Token>, text: &str| match tokens.last_mut() {
            Some(Token::Literal(literal)) => literal.push_str(text),
            _ => tokens.push(Token::Literal(text.to_owned())),
        };
        while let Some(&sign) = code.get(*at) {
            *at += 1;
            match sign {
                ';' => break,
                '"' => {
                    let rest = &code[*at..];
                    let end = rest.iter().position(|c| *c == '"').unwrap_or(rest.len());
                    push_literal(&mut tokens, &rest[..end].iter().collect::<String>());
                    *at += end + 1;
                }
                '\\' => {
                    if let Some(literal) = code.get(*at) {
                        push_literal(&mut tokens, literal.encode_utf8(&mut [0; 4]));
                    }
                    *at += 1;
                }
                // As wide as the next character.
                '_' => {
                    push_literal(&mut tokens, " ");
                    *at += 1;
                }
                // Filled with the next character.
                '*' => *at += 1,
                '[' => {
                    let rest = &code[*at..];
                    let end = rest.iter().position(|c| *c == ']').unwrap_or(rest.len());
                    let inner: String = rest[..end].iter().collect();
                    *at += end + 1;
                    if let Some(found) = Relation::parse(&inner) {
                        condition = Some(found);
                    } else if let Some(currency) = inner.strip_prefix('$') {
                        let symbol = currency.split('-').next().unwrap_or_default();
                        push_literal(&mut tokens, symbol);
                    } else if !inner.is_empty()
                        && inner
                            .chars()
                            .all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S'))
                    {
                        tokens.push(Token::Elapsed);
                    }
                }
                '0' | '#' | '?' => tokens.push(Token::Digit(sign)),
                '.' => tokens.push(Token::Point),
                ',' => tokens.push(Token::Comma),
                '%' => tokens.push(Token::Percent),
                '@' => tokens.push(Token::At),
                'E' | 'e' if matches!(code.get(*at), Some('+' | '-')) => {
                    *at += 1;
                    tokens.push(Token::Exponent);
                }
                'G' | 'g' if starts_with(&code[*at - 1..], "general") => {
                    *at += "general".len() - 1;
                    tokens.push(Token::General);
                }
                'A' | 'a' if starts_with(&code[*at - 1..], "am/pm") => {
                    *at += "am/pm".len() - 1;
                    tokens.push(Token::Time(sign));
                }
                'A' | 'a' if starts_with(&code[*at - 1..], "a/p") => {
                    *at += "a/p".len() - 1;
                    tokens.push(Token::Time(sign));
                }
                'y' | 'Y' | 'd' | 'D' => tokens.push(Token::Date(sign)),
                'h' | 'H' | 's' | 'S' => tokens.push(Token::Time(sign)),
                'm' | 'M' => tokens.push(Token::M(sign)),
                other => push_literal(&mut tokens, other.encode_utf8(&mut [0; 4])),
            }
        }
        Self {
            condition,
            shape: Shape::of(&tokens),
        }
    }
}

fn starts_with(code: &[char], word: &str) -> bool {
    let mut word_chars = word.chars();
    let mut code = code.iter();
    word_chars.all(|wanted| code.next().is_some_and(|c| c.eq_ignore_ascii_case(&wanted)))
}

impl Shape {
    fn of(tokens: &[Token]) -> Self {
        if let Some(clock) = clock_in(tokens) {
            return Self::Moment(clock);
        }
        let is_number = |token: &Token| matches!(token, Token::Digit(_) | Token::General);
        let Some(first) = tokens.iter().position(is_number) else {
            return Self::without_digits(tokens);
        };
        let last = tokens.iter().rposition(is_number).unwrap_or(first);
        let prefix = literals(&tokens[..first]);
        let mut suffix = literals(&tokens[last + 1..]);
        let percent = tokens.iter().any(|token| matches!(token, Token::Percent));
        if percent && !suffix.contains('%') && !prefix.contains('%') {
            suffix.insert(0, '%');
        }
        // The digits before the mark; those after it only round.
        let whole_end = tokens[first..=last]
            .iter()
            .position(|token| matches!(token, Token::Point | Token::Exponent))
            .map_or(last, |point| first + point - 1);
        let is_fraction =
            |token: &Token| matches!(token, Token::Literal(text) if text.trim() == "/");
        let whole = tokens.get(first..=whole_end).unwrap_or_default();
        if whole.iter().any(is_fraction) {
            return Self::Number {
                prefix: String::new(),
                suffix: String::new(),
                shift: 0,
            };
        }
        // Commas directly after the digits divide by a thousand each.
        let commas = tokens[last + 1..]
            .iter()
            .take_while(|token| matches!(token, Token::Comma))
            .count();
        let zeros = whole
            .iter()
            .filter(|token| matches!(token, Token::Digit('0')))
            .count();
        let parted = whole.iter().any(|token| matches!(token, Token::Literal(_)));
        if (zeros >= 2 || parted) && !percent && commas == 0 && zeros <= MOST_PADDING {
            let mut seen_zero = false;
            let places = whole
                .iter()
                .filter_map(|token| match token {
                    Token::Digit('0') => {
                        seen_zero = true;
                        Some(Place::Zero)
                    }
                    Token::Digit(_) if seen_zero => Some(Place::Zero),
                    Token::Digit(_) => Some(Place::Free),
                    Token::Literal(text) => Some(Place::Literal(text.clone())),
                    _ => None,
                })
                .collect();
            return Self::Placed {
                prefix: prefix.trim_start().to_owned(),
                places,
                suffix: suffix.trim_end().to_owned(),
            };
        }
        Self::Number {
            prefix: prefix.trim_start().to_owned(),
            suffix: suffix.trim_end().to_owned(),
            shift: 2 * i64::from(percent) - 3 * i64::try_from(commas).unwrap_or_default(),
        }
    }

    fn without_digits(tokens: &[Token]) -> Self {
        if let Some(at) = tokens.iter().position(|token| matches!(token, Token::At)) {
            return Self::Text {
                prefix: literals(&tokens[..at]).trim_start().to_owned(),
                suffix: literals(&tokens[at + 1..]).trim_end().to_owned(),
            };
        }
        let words = literals(tokens);
        // A dash for zero, or nothing to hide the number, is less informative than the number.
        if words.chars().any(char::is_alphanumeric) {
            Self::Words(words.trim().to_owned())
        } else {
            Self::Number {
                prefix: String::new(),
                suffix: String::new(),
                shift: 0,
            }
        }
    }

    fn show(&self, number: Decimal, epoch: Epoch) -> String {
        match self {
            Self::Text { .. } => number.plain(),
            Self::Words(words) => words.clone(),
            Self::Moment(clock) => {
                let serial = number.to_f64();
                let shown = match clock {
                    Clock::Day => moment(serial, epoch, false),
                    Clock::Time => moment(serial, epoch, true),
                    Clock::Elapsed => time_of(serial),
                };
                shown.unwrap_or_else(|| number.plain())
            }
            Self::Number {
                prefix,
                suffix,
                shift,
            } => {
                let number = number.shifted(*shift);
                if !number.negative {
                    return format!("{prefix}{}{suffix}", number.plain());
                }
                // The number has its sign; the format may have its own, or parentheses.
                let bare = |literal: &str| literal.replace(['(', ')', '-'], "");
                let (prefix, suffix) = (bare(prefix), bare(suffix));
                format!("-{prefix}{}{suffix}", number.absolute().plain())
            }
            Self::Placed {
                prefix,
                places,
                suffix,
            } => placed(&number, prefix, places, suffix),
        }
    }
}

/// Puts the digits into their positions from the right, and excess ones before the first position.
fn placed(number: &Decimal, prefix: &str, places: &[Place], suffix: &str) -> String {
    if number.is_exponential() {
        return number.plain();
    }
    let whole = number.whole();
    let mut digits = whole.chars().rev();
    // Built from its end.
    let mut pieces: Vec<String> = Vec::new();
    let first_digit = places
        .iter()
        .position(|place| !matches!(place, Place::Literal(_)));
    for (index, place) in places.iter().enumerate().rev() {
        match place {
            Place::Literal(text) => pieces.push(text.clone()),
            Place::Zero => pieces.push(digits.next().unwrap_or('0').to_string()),
            Place::Free => pieces.extend(digits.next().map(String::from)),
        }
        if Some(index) == first_digit {
            pieces.extend(digits.by_ref().map(String::from));
        }
    }
    let mut shown: String = pieces.iter().rev().map(String::as_str).collect();
    if number.is_beyond_precision() {
        shown.push('.');
    }
    let fraction = number.fraction();
    if !fraction.is_empty() {
        shown.push('.');
        shown.push_str(&fraction);
    }
    let sign = if number.negative && !prefix.contains(['-', '(']) {
        "-"
    } else {
        ""
    };
    format!("{sign}{prefix}{shown}{suffix}")
}

fn literals(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Literal(literal) => text.push_str(literal),
            Token::Percent => text.push('%'),
            // Letters that a program did not quote.
            Token::Date(letter) | Token::Time(letter) | Token::M(letter) => text.push(*letter),
            _ => {}
        }
    }
    text
}

/// Whether these are the signs of a date or a time. Among digits they are letters that a program did not quote (`0 hari`),
/// except for the digits of `ss.000`.
fn clock_in(tokens: &[Token]) -> Option<Clock> {
    let mut dated = false;
    let mut timed = false;
    let mut months = false;
    let mut elapsed = false;
    let mut after_seconds = false;
    for token in tokens {
        match token {
            Token::Date(_) => dated = true,
            Token::Time(_) => timed = true,
            Token::M(_) => months = true,
            Token::Elapsed => elapsed = true,
            Token::Digit('0') if after_seconds => {}
            Token::Digit(_) | Token::General | Token::Percent | Token::Exponent => return None,
            _ => {}
        }
        after_seconds = matches!(token, Token::Time(_) | Token::Elapsed)
            || after_seconds && matches!(token, Token::Point | Token::Digit('0'));
    }
    if elapsed && !dated {
        Some(Clock::Elapsed)
    } else if dated || months && !timed {
        Some(Clock::Day)
    } else {
        timed.then_some(Clock::Time)
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

    fn check(code: &str, number: &str, shown: &str) {
        let number = Decimal::parse(number).unwrap_or_default();
        let found = Format::parse(code).number(number, Epoch::Of1900);
        assert_eq!(found, shown, "{code}");
    }

    #[test]
    fn what_a_format_adds_is_kept_and_what_it_hides_is_not_lost() {
        for (code, number, shown) in [
            ("General", "12.5", "12.5"),
            ("", "12.5", "12.5"),
            ("0", "1234.567", "1234.5670"),
            ("#,##0.00", "1500000", "1500000"),
            ("0.00E+00", "1500000", "1500000"),
            // Leading zeros and signs between the digits.
            ("0000000000000000", "375010505909001", "0375010505909001"),
            ("0000000000000000", "3175010505909001", "3175010505909001."),
            (
                "0000 0000 0000 0000",
                "3175010505909000",
                "3175 0105 0590 9000.",
            ),
            ("00000", "7", "00007"),
            ("0000\\-0000\\-0000", "81234567890", "0812-3456-7890"),
            ("\"0\"#", "81234567890", "081234567890"),
            ("\"+62\"0", "81234567890", "+6281234567890"),
            ("\\+00", "6281234567890", "+6281234567890"),
            (
                "[<=9999999]###\\-####;\\(###\\) ###\\-####",
                "5551234",
                "555-1234",
            ),
            (
                "[<=9999999]###\\-####;\\(###\\) ###\\-####",
                "2025551234",
                "(202) 555-1234",
            ),
            ("000,000", "1234", "001234"),
            ("#\".\"###\".\"##0", "1500000", "1.500.000"),
            ("000", "-7", "-007"),
            ("000", "1.5", "001.5"),
            // Currencies, percent, units, scales.
            ("\"Rp\"#,##0", "35000000", "Rp35000000"),
            ("[$Rp-421]#,##0", "35000000", "Rp35000000"),
            ("[$$-409]#,##0.00", "1500", "$1500"),
            (
                "_-\"Rp\"* #,##0_-;\\-\"Rp\"* #,##0_-;_-\"Rp\"* \"-\"_-;_-@_-",
                "35000000",
                "Rp35000000",
            ),
            (
                "_-\"Rp\"* #,##0_-;\\-\"Rp\"* #,##0_-;_-\"Rp\"* \"-\"_-;_-@_-",
                "-5",
                "-Rp5",
            ),
            ("#,##0 ;(#,##0)", "-1500", "-1500"),
            ("0%", "0.05", "5%"),
            ("0.0%", "0.055", "5.5%"),
            ("#,##0,,\"jt\"", "25500000", "25.5jt"),
            ("0 \"hari\"", "9", "9 hari"),
            ("0 hari", "9", "9 hari"),
            ("# ?/?", "0.5", "0.5"),
            ("[Red]0", "4", "4"),
            // Words, and formats that hide.
            ("[=1]\"Ya\";[=0]\"Tidak\";0", "1", "Ya"),
            ("[=1]\"Ya\";[=0]\"Tidak\";0", "0", "Tidak"),
            ("[=1]\"Ya\";[=0]\"Tidak\";0", "7", "7"),
            (";;;", "5", "5"),
            ("@", "81234", "81234"),
            // Dates and times.
            ("dd/mm/yyyy", "45296", "2024-01-05"),
            ("dd/mm/yyyy", "45296.604166666664", "2024-01-05 14:30:00"),
            ("[$-421]dd mmmm yyyy;@", "45296", "2024-01-05"),
            ("mmm-yy", "45296", "2024-01-05"),
            ("h:mm AM/PM", "0.604166666666667", "14:30:00"),
            ("mm:ss.0", "0.000694444444444444", "00:01:00"),
            ("[h]:mm", "1.5", "36:00:00"),
            ("h:mm", "45296.5", "2024-01-05 12:00:00"),
            ("yyyy-mm-dd", "-1", "-1"),
        ] {
            check(code, number, shown);
        }
    }

    #[test]
    fn a_text_format_shows_its_literals() {
        assert_eq!(
            Format::parse("\"+62\"@").text("812").as_deref(),
            Some("+62812")
        );
        assert_eq!(
            Format::parse("0;0;0;\"ID-\"@").text("7").as_deref(),
            Some("ID-7")
        );
        assert_eq!(Format::parse("@").text("812"), None);
        assert_eq!(Format::parse("General").text("812"), None);
    }

    #[test]
    fn no_format_is_too_odd() {
        for code in [
            "\"",
            "\\",
            "[",
            "_",
            "*",
            "[<",
            ";;;;;;",
            "0;\"",
            "[$",
            "E+",
            "😀0😀",
            "0.0.0",
            "/0/",
        ] {
            let shown =
                Format::parse(code).number(Decimal::parse("5").unwrap_or_default(), Epoch::Of1900);
            assert!(shown.contains('5'), "{code}: {shown}");
        }
    }
}
