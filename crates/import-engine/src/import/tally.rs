//! The evidence of one column: how it writes dates and numbers, and whether a spreadsheet rounded it.

use time::Date;

use crate::{
    csv::Record,
    issue::{Notice, NoticeCode},
    mapping::Mapping,
    schema::{Schema, cell::Decision, kind::Kind},
    value::{
        date::{self, Evidence, Pattern, Reading, YearPlace},
        locale::{DateOptions, DateOrder, DecimalMark, TwoDigitYears},
        number::{self, Style, Wanted},
        text::{self, SPREADSHEET_DIGITS},
    },
};

/// Evidence of the column of a field.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) field: usize,
    column: usize,
    /// Whether it holds dates.
    dated: bool,
    /// Whether it holds long numbers that are identifiers.
    digits: bool,
    pub(super) dates: DateTally,
    point: u64,
    comma: u64,
    long: u64,
    rounded: u64,
}

/// A column of the file that is not a field, examined for the order in which it writes dates.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    column: usize,
    pub(super) dates: DateTally,
}

/// Records in which such columns are examined: enough to see an order, and cheap for a large file.
pub(super) const WITNESSED: u64 = 1_000;

impl Witness {
    /// One for each column without a field, if a field of dates has a column.
    pub(super) fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        let fields = 0..schema.fields().len();
        let taken: Vec<usize> = fields
            .clone()
            .filter_map(|f| mapping.column_of(f))
            .collect();
        let dated = fields.clone().any(|field| {
            mapping.column_of(field).is_some() && is_dated(&schema.fields()[field].kind)
        });
        let columns = if dated { mapping.columns().len() } else { 0 };
        (0..columns)
            .filter(|column| !taken.contains(column))
            .map(|column| Self {
                column,
                dates: DateTally::default(),
            })
            .collect()
    }

    pub(super) fn look(&mut self, record: &Record<'_>, schema: &Schema, scratch: &mut String) {
        let cell = record.get(self.column).unwrap_or_default();
        // Most columns hold words, and no date of interest here begins with one. Digits alone are numbers unless the
        // column is known to hold dates.
        let is_digit = |c: char| c.is_ascii_digit();
        if cell.trim_start().starts_with(is_digit) && !cell.trim().chars().all(is_digit) {
            let cell = text::clean(crate::value::text::unguard(cell), false, scratch);
            self.dates
                .count(date::evidence(cell, schema.locale()), None);
        }
    }

    pub(super) fn header<'m>(&self, mapping: &'m Mapping) -> &'m str {
        mapping.name_of(self.column)
    }
}

fn is_dated(kind: &Kind) -> bool {
    matches!(kind, Kind::Date(_) | Kind::DateTime(_))
}

/// Whether the field's values are longer than what a spreadsheet keeps.
fn long_digits(kind: &Kind) -> bool {
    matches!(kind, Kind::Text(options) if options.digits.is_some_and(|(least, _)| least > SPREADSHEET_DIGITS))
}

/// This many long numbers are evidence about their column (one in ten ends in 0 by chance).
const LEAST_LONG: u64 = 20;

impl Tally {
    /// One for each column that can have evidence.
    pub(super) fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        let fields = schema.fields().iter().enumerate();
        let telling = fields.filter(|(_, field)| {
            let numeric = matches!(
                field.kind,
                Kind::Decimal(_) | Kind::Integer(_) | Kind::Money(_)
            );
            numeric || is_dated(&field.kind) || long_digits(&field.kind)
        });
        telling
            .filter_map(|(field, _)| {
                let kind = &schema.fields()[field].kind;
                mapping.column_of(field).map(|column| Self {
                    field,
                    column,
                    dated: is_dated(kind),
                    digits: matches!(kind, Kind::Text(_)),
                    ..Self::default()
                })
            })
            .collect()
    }

    #[inline]
    pub(super) fn look(
        &mut self,
        record: &Record<'_>,
        schema: &Schema,
        today: Option<Date>,
        scratch: &mut String,
    ) {
        let Some(bytes) = record.bytes(self.column).filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        // Most cells can be judged without cleaning.
        if self.dated {
            if date::is_iso(bytes) {
                return;
            }
        } else if self.digits && text::are_digits(bytes) {
            return self.count_digits(bytes);
        }
        self.look_closer(record, schema, today, scratch);
    }

    fn look_closer(
        &mut self,
        record: &Record<'_>,
        schema: &Schema,
        today: Option<Date>,
        scratch: &mut String,
    ) {
        let cell = record.get(self.column).unwrap_or_default();
        let cell = text::clean(crate::value::text::unguard(cell), false, scratch);
        if cell.is_empty() {
            return;
        }
        let narrow = if cell.is_ascii() {
            None
        } else {
            text::narrowed(cell)
        };
        let cell = narrow.as_deref().unwrap_or(cell);
        match &schema.fields()[self.field].kind {
            Kind::Date(options) | Kind::DateTime(options) => {
                let today = today
                    .filter(|_| options.two_digit_years == TwoDigitYears::From2000)
                    .map(|today| today.year() % 100);
                self.dates
                    .count(date::evidence(cell, schema.locale()), today);
            }
            Kind::Integer(options) => self.count(number::evidence(cell, Wanted::Integer, options)),
            Kind::Decimal(options) => self.count(number::evidence(cell, Wanted::Decimal, options)),
            Kind::Money(options) => self.count(number::evidence(cell, Wanted::Money, options)),
            // A number with blanks or points between its digits was rounded, too.
            _ => {
                let mut bare = String::new();
                if let Ok(digits) = text::digits(cell, (1, usize::MAX), &mut bare) {
                    self.count_digits(digits.as_bytes());
                }
            }
        }
    }

    fn count_digits(&mut self, cell: &[u8]) {
        if cell.len() > SPREADSHEET_DIGITS {
            self.long += 1;
            self.rounded += u64::from(cell.last() == Some(&b'0'));
        }
    }

    fn count(&mut self, evidence: number::Evidence) {
        match evidence {
            number::Evidence::Shows(DecimalMark::Point) => self.point += 1,
            number::Evidence::Shows(DecimalMark::Comma) => self.comma += 1,
            number::Evidence::Nothing | number::Evidence::Ambiguous => {}
        }
    }

    /// Turns the evidence into a decision and notices.
    pub(super) fn decide(
        &self,
        schema: &Schema,
        mapping: &Mapping,
        notices: &mut Vec<Notice>,
    ) -> Decision {
        let column = mapping.name_of(self.column);
        let notice = |code| Notice::new(code).with("column", column);
        let dates = match &schema.fields()[self.field].kind {
            Kind::Date(options) | Kind::DateTime(options) => {
                self.dates
                    .decide(options, mapping.pattern(self.field), column, notices)
            }
            _ => Reading::default(),
        };
        let style = match (self.point, self.comma) {
            (0, 0) => Style::Unknown,
            (_, 0) => Style::Known(DecimalMark::Point),
            (0, _) => Style::Known(DecimalMark::Comma),
            _ => {
                notices.push(notice(NoticeCode::NUMBER_FORMAT_MIXED));
                Style::Mixed
            }
        };
        if self.long >= LEAST_LONG && self.rounded * 2 >= self.long {
            notices.push(
                notice(NoticeCode::DIGITS_ROUNDED)
                    .with("cells", self.long)
                    .with("rounded", self.rounded),
            );
        }
        Decision {
            style,
            dates,
            power: mapping.power(self.field),
        }
    }

    /// The order in which a column of dates without its own evidence would be read.
    pub(super) fn order_without_evidence(
        &self,
        schema: &Schema,
        mapping: &Mapping,
    ) -> Option<DateOrder> {
        let (Kind::Date(options) | Kind::DateTime(options)) = &schema.fields()[self.field].kind
        else {
            return None;
        };
        let silent = self.dates.day_first == 0
            && self.dates.month_first == 0
            && self.dates.ambiguous > 0
            && mapping.pattern(self.field).is_none();
        silent.then_some(options.order)
    }

    pub(super) fn header<'m>(&self, mapping: &'m Mapping) -> &'m str {
        mapping.name_of(self.column)
    }
}

/// What the dates of a column show.
#[derive(Clone, Debug, Default)]
pub(super) struct DateTally {
    day_first: u64,
    month_first: u64,
    ambiguous: u64,
    years: YearTally,
}

/// What dates of three two-digit numbers show about the position of the year.
#[derive(Clone, Debug, Default)]
struct YearTally {
    /// The first number cannot be a day.
    only_first: u64,
    /// The last number cannot be a day.
    only_last: u64,
    /// Cells that can be read both ways, of which only the first or only the last number is a year near the present.
    near_first: u64,
    near_last: u64,
    /// The first and last numbers of cells that can be read both ways, one bit each.
    firsts: u32,
    lasts: u32,
    /// Whether the numbers are separated by slashes, as is usual with the year last.
    slashed: bool,
    /// What they would show with the year last.
    order: [u64; 3],
}

impl DateTally {
    /// Counts a cell. `today` is the current year in two digits, if the field's dates are near the present.
    fn count(&mut self, shown: date::Shown, today: Option<i32>) {
        if let Some((first, last)) = shown.two_digits {
            self.years.slashed |= shown.slashed;
            self.years.count(first, last, shown.order, today);
            return;
        }
        match shown.order {
            Evidence::Nothing => {}
            Evidence::DayFirst => self.day_first += 1,
            Evidence::MonthFirst => self.month_first += 1,
            Evidence::Ambiguous => self.ambiguous += 1,
        }
    }

    /// The only order that the cells show.
    pub(super) fn shows(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (1.., 0) => Some(DateOrder::DayFirst),
            (0, 1..) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    fn decide(
        &self,
        options: &DateOptions,
        pattern: Option<Pattern>,
        column: &str,
        notices: &mut Vec<Notice>,
    ) -> Reading {
        let notice = |code| Notice::new(code).with("column", column);
        let mut counts = [self.day_first, self.month_first, self.ambiguous];
        let mut reading = pattern.map_or_else(
            || Reading {
                year: self.years.place(),
                ..Reading::default()
            },
            Pattern::reading,
        );
        match reading.year {
            YearPlace::Undecided => notices.push(notice(NoticeCode::DATE_YEAR_UNDECIDED)),
            YearPlace::First if pattern.is_none() => {
                let taken = notice(NoticeCode::DATE_ORDER_TAKEN);
                notices.push(taken.with("order", "YY-MM-DD"));
            }
            YearPlace::First => {}
            YearPlace::Last => {
                for (count, more) in counts.iter_mut().zip(self.years.order) {
                    *count += more;
                }
            }
        }
        let [day_first, month_first, ambiguous] = counts;
        let order = reading.order.unwrap_or(options.order);
        let against = match order {
            DateOrder::DayFirst => month_first,
            DateOrder::MonthFirst => day_first,
            DateOrder::ByColumn => {
                reading.order = match (day_first, month_first) {
                    (1.., 0) => Some(DateOrder::DayFirst),
                    (0, 1..) => Some(DateOrder::MonthFirst),
                    _ => None,
                };
                day_first.min(month_first)
            }
        };
        reading.mixed = against > 0;
        if reading.mixed {
            notices.push(
                notice(NoticeCode::DATE_ORDER_MIXED)
                    .with("day_first", day_first)
                    .with("month_first", month_first)
                    .with("ambiguous", ambiguous),
            );
        } else if order == DateOrder::MonthFirst && options.order != DateOrder::MonthFirst {
            let taken = notice(NoticeCode::DATE_ORDER_TAKEN);
            notices.push(taken.with("order", "MM/DD/YYYY"));
        }
        reading
    }
}

impl YearTally {
    fn count(&mut self, first: u8, last: u8, order: Evidence, today: Option<i32>) {
        let is_day = |number: u8| (1..=31).contains(&number);
        match order {
            Evidence::Nothing => {}
            Evidence::DayFirst => self.order[0] += 1,
            Evidence::MonthFirst => self.order[1] += 1,
            Evidence::Ambiguous => self.order[2] += 1,
        }
        match (is_day(first), is_day(last)) {
            (false, true) => self.only_first += 1,
            (true, false) => self.only_last += 1,
            (false, false) => {}
            (true, true) => {
                self.firsts |= 1 << first;
                self.lasts |= 1 << last;
                let near =
                    |year: u8| today.is_some_and(|today| NEAR.contains(&(i32::from(year) - today)));
                match (near(first), near(last)) {
                    (true, false) => self.near_first += 1,
                    (false, true) => self.near_last += 1,
                    _ => {}
                }
            }
        }
    }

    /// The position of the year: the one that cells prove; else the one with years near the present; else the one with
    /// few different numbers, because days vary and years do not.
    fn place(&self) -> YearPlace {
        match (self.only_first, self.only_last) {
            (1.., 0) => return YearPlace::First,
            (0, 1..) => return YearPlace::Last,
            (1.., 1..) => return YearPlace::Undecided,
            (0, 0) => {}
        }
        match (self.near_first, self.near_last) {
            (1.., 0) => return YearPlace::First,
            (0, 1..) => return YearPlace::Last,
            _ => {}
        }
        let (firsts, lasts) = (self.firsts.count_ones(), self.lasts.count_ones());
        if firsts == 0 && lasts == 0 || firsts >= VARIED && firsts >= 2 * lasts {
            YearPlace::Last
        } else if lasts >= VARIED && lasts >= 2 * firsts {
            YearPlace::First
        } else if self.slashed {
            YearPlace::Last
        } else {
            YearPlace::Undecided
        }
    }
}

/// Years from this one in which payments and departures of a file usually lie.
const NEAR: std::ops::RangeInclusive<i32> = -10..=3;

/// This many different numbers are days rather than years.
const VARIED: u32 = 3;
