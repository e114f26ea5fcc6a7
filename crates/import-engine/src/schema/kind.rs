//! What a field's cells are, with the options of each kind. Reads nothing itself.

use std::sync::Arc;

use time::{Date, UtcOffset};

use crate::{locale::SharedLocale, value::fold::folded};

/// Order of day and month in dates such as `05/04/2027`. The default is that of Indonesia.
///
/// ```
/// use import_engine::{Field, fields::DateOrder};
///
/// let field = Field::date("born").order(DateOrder::MonthFirst);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DateOrder {
    /// Day, month, year: Indonesia and most of the world.
    #[default]
    DayFirst,
    /// Month, day, year: the United States.
    MonthFirst,
    /// As the cells of the column show it. While they show nothing, or both, those that can be read two ways are refused.
    ByColumn,
}

/// What a year of two digits means.
///
/// ```
/// use import_engine::{Field, fields::TwoDigitYears};
///
/// let born = Field::date("born").two_digit_years(TwoDigitYears::Past { max_age: 100 });
/// let departs = Field::date("departs").two_digit_years(TwoDigitYears::From2000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TwoDigitYears {
    /// Nothing: the cell is refused.
    #[default]
    Refuse,
    /// 20yy: appointments, payments.
    From2000,
    /// The one year that is not in the future and at most `max_age` years ago: births. Where two years would do, the cell is refused.
    Past {
        /// Years.
        max_age: u16,
    },
}

/// The earliest or latest day of a field.
///
/// ```
/// use import_engine::{Field, fields::DateBound};
///
/// let born = Field::date("born").not_before(DateBound::YearsAgo(120)).not_after(DateBound::Today);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateBound {
    /// A day of the calendar.
    Day(Date),
    /// The day given by [`Planner::today`](crate::Planner::today).
    Today,
    /// That many days after today.
    DaysAhead(u16),
    /// That many years before today.
    YearsAgo(u16),
}

impl From<Date> for DateBound {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

/// Which of `.` and `,` separates a fraction.
///
/// ```
/// use import_engine::{Field, fields::DecimalMark};
///
/// let weight = Field::decimal("weight").decimal_mark(DecimalMark::Comma);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DecimalMark {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

/// The words that a choice field accepts, and what else they are called.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) words: Vec<Arc<str>>,
    /// Words and aliases, folded for comparison, with the index of their word.
    keys: Vec<(Box<str>, u16)>,
    /// The place of the first key with each [hint](hint): the right one for nearly every text.
    hints: Box<[u8; HINTS]>,
}

/// As many as [`hint`] distinguishes.
const HINTS: usize = 64;

/// No key with this hint, or none among the first.
const NO_KEY: u8 = u8::MAX;

impl Choices {
    pub(crate) fn new(words: Vec<Arc<str>>) -> Self {
        let mut choices = Self {
            words: Vec::new(),
            keys: Vec::new(),
            hints: Box::new([NO_KEY; HINTS]),
        };
        for (word, index) in words.iter().zip(0..) {
            choices.add(word, index);
        }
        choices.words = words;
        choices
    }

    /// Another spelling of the word with this index. Of two that are alike the first counts.
    pub(crate) fn add(&mut self, spelling: &str, index: u16) {
        let key = folded(spelling);
        let hinted = &mut self.hints[hint(&key)];
        if *hinted == NO_KEY {
            *hinted = u8::try_from(self.keys.len()).unwrap_or(NO_KEY);
        }
        self.keys.push((key.into(), index));
    }

    /// The index of the word that a text is or means. Without allocation for most texts.
    #[inline]
    pub(crate) fn find(&self, text: &str) -> Option<u16> {
        match self.keys.get(usize::from(self.hints[hint(text)])) {
            Some((key, index)) if is_same(key, text) => Some(*index),
            _ => self.search(text),
        }
    }

    fn search(&self, text: &str) -> Option<u16> {
        let first = |same: &dyn Fn(&str) -> bool| {
            let mut keys = self.keys.iter();
            keys.find(|(key, _)| same(key)).map(|(_, index)| *index)
        };
        let simple = text.is_ascii() && !text.contains("  ") && text.trim().len() == text.len();
        first(&|key| is_same(key, text)).or_else(|| {
            let folded = (!simple).then(|| folded(text))?;
            first(&|key| *key == folded)
        })
    }
}

#[inline]
fn is_same(key: &str, text: &str) -> bool {
    key.len() == text.len() && (key == text || key.eq_ignore_ascii_case(text))
}

/// Tells most words of a schema apart, whatever the case of their letters: by their length, two ends and middle.
#[inline]
fn hint(text: &str) -> usize {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(byte & 31));
    let sum = bytes.len()
        + 5 * letter(0)
        + 11 * letter(bytes.len() / 2)
        + 17 * letter(bytes.len().wrapping_sub(1));
    sum % HINTS
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text(TextOptions),
    Integer(NumberOptions),
    Decimal(NumberOptions),
    Money(NumberOptions),
    Date(DateOptions),
    /// A day with its time of day.
    DateTime(DateOptions),
    Email,
    Uuid,
    Bool,
    Choice(Choices),
    /// Text until the lookup makes it an id. What it refers to.
    Reference(Arc<str>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TextOptions {
    pub(crate) multiline: bool,
    /// Least and greatest number of digits; anything else than digits is refused.
    pub(crate) digits: Option<(usize, usize)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NumberOptions {
    /// In the number's own unit, fractions not counted.
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) negative: bool,
    /// Words that may follow the number, folded: `hari`, `pax`.
    pub(crate) units: Vec<Box<str>>,
    /// Signs and words that may stand before or after an amount, folded: `rp`, `idr`.
    pub(crate) currency: Vec<Box<str>>,
    /// The mark where the column itself gives no evidence.
    pub(crate) mark: Option<DecimalMark>,
    /// Between what a number is likely to be: others are warned about.
    pub(crate) likely: Option<(i64, i64)>,
    /// The number of decimals of money: 2 for cents.
    pub(crate) minor: u8,
    /// The schema's.
    pub(crate) locale: SharedLocale,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DateOptions {
    pub(crate) order: DateOrder,
    pub(crate) two_digit_years: TwoDigitYears,
    pub(crate) not_before: Option<DateBound>,
    pub(crate) not_after: Option<DateBound>,
    /// Where the dates were written, to convert times of another zone.
    pub(crate) zone: Option<UtcOffset>,
    /// The schema's.
    pub(crate) locale: SharedLocale,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_of_many_words_that_a_text_means() {
        let words: Vec<Arc<str>> = (0..600)
            .map(|n| format!("Word {}", n % 500).into())
            .collect();
        let mut choices = Choices::new(words);
        choices.add("Word 7", 9);
        choices.add("Laki\u{2010}laki", 8);
        for n in 0..500 {
            assert_eq!(choices.find(&format!("Word {n}")), Some(n));
            assert_eq!(choices.find(&format!("wORD  {n} ")), Some(n));
        }
        assert_eq!(choices.find("laki-LAKI"), Some(8));
        for text in ["", "Word", "Word 500", "word500"] {
            assert_eq!(choices.find(text), None, "{text}");
        }
    }
}
