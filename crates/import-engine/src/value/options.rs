//! How dates and numbers of a field are to be read. Reads nothing itself.

use time::{Date, UtcOffset};

use crate::value::locale::SharedLocale;

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
