//! The evidence of one column: how it writes dates and numbers, and whether a spreadsheet rounded it. Reads no other column.

use crate::{
    check::Decision,
    mapping::Mapping,
    notice::Notice,
    read::Record,
    schema::{DateOrder, DecimalMark, Schema, kind::Kind},
    value::{
        date, digits,
        number::{self, Style, Wanted},
        text,
    },
};

/// Evidence of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) field: usize,
    column: usize,
    /// It holds dates.
    dated: bool,
    /// It holds long numbers that are names.
    digits: bool,
    day_first: u64,
    month_first: u64,
    ambiguous_dates: u64,
    point: u64,
    comma: u64,
    long: u64,
    rounded: u64,
}

fn long_digits(kind: &Kind) -> bool {
    matches!(kind, Kind::Text(options) if options.digits.is_some_and(|(least, _)| least > SPREADSHEET_DIGITS))
}

/// A spreadsheet keeps 15 digits of a number.
const SPREADSHEET_DIGITS: usize = 15;

/// So many long numbers say something about their column (one in ten ends in 0 by chance).
const LEAST_LONG: u64 = 20;

impl Tally {
    /// One for each column that has something to show.
    pub(super) fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        let fields = schema.fields().iter().enumerate();
        let telling = fields.filter(|(_, field)| {
            let numeric = matches!(
                field.kind,
                Kind::Date(_) | Kind::Decimal(_) | Kind::Integer(_)
            );
            numeric || long_digits(&field.kind)
        });
        telling
            .filter_map(|(field, _)| {
                let kind = &schema.fields()[field].kind;
                mapping.column_of(field).map(|column| Self {
                    field,
                    column,
                    dated: matches!(kind, Kind::Date(_)),
                    digits: matches!(kind, Kind::Text(_)),
                    ..Self::default()
                })
            })
            .collect()
    }

    #[inline]
    pub(super) fn look(&mut self, record: &Record<'_>, schema: &Schema, scratch: &mut String) {
        let Some(bytes) = record.bytes(self.column).filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        // Most cells need no cleaning to be judged.
        if self.dated {
            if date::is_iso(bytes) {
                return;
            }
        } else if self.digits && digits::are_digits(bytes) {
            return self.count_digits(bytes);
        }
        self.look_closer(record, schema, scratch);
    }

    fn look_closer(&mut self, record: &Record<'_>, schema: &Schema, scratch: &mut String) {
        let cell = record.get(self.column).unwrap_or_default();
        let cell = text::clean(crate::unguard(cell), false, scratch);
        if cell.is_empty() {
            return;
        }
        match &schema.fields()[self.field].kind {
            Kind::Date(_) => match date::evidence(cell) {
                date::Evidence::Nothing => {}
                date::Evidence::DayFirst => self.day_first += 1,
                date::Evidence::MonthFirst => self.month_first += 1,
                date::Evidence::Ambiguous => self.ambiguous_dates += 1,
            },
            Kind::Integer(options) => self.count(number::evidence(cell, Wanted::Integer, options)),
            Kind::Decimal(options) => self.count(number::evidence(cell, Wanted::Decimal, options)),
            _ if digits::are_digits(cell.as_bytes()) => self.count_digits(cell.as_bytes()),
            _ => {}
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

    pub(super) fn decide(&self, schema: &Schema, notices: &mut Vec<Notice>) -> Decision {
        let field = &schema.fields()[self.field];
        let name = || field.name().to_owned();
        let other_order = match &field.kind {
            Kind::Date(options) if options.order == DateOrder::DayFirst => self.month_first,
            Kind::Date(_) => self.day_first,
            _ => 0,
        };
        if other_order > 0 {
            notices.push(Notice::DateOrderMixed {
                field: name(),
                day_first: self.day_first,
                month_first: self.month_first,
                ambiguous: self.ambiguous_dates,
            });
        }
        let style = match (self.point, self.comma) {
            (0, 0) => Style::Unknown,
            (_, 0) => Style::Known(DecimalMark::Point),
            (0, _) => Style::Known(DecimalMark::Comma),
            _ => {
                notices.push(Notice::NumberFormatMixed { field: name() });
                Style::Mixed
            }
        };
        if self.long >= LEAST_LONG && self.rounded * 2 >= self.long {
            notices.push(Notice::DigitsRounded {
                field: name(),
                cells: self.long,
                rounded: self.rounded,
            });
        }
        Decision {
            style,
            mixed_dates: other_order > 0,
        }
    }
}
