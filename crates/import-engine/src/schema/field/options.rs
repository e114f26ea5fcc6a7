//! What only fields of one kind ask of their cells.

use time::UtcOffset;

use super::Field;
use crate::{
    schema::kind::Kind,
    value::{
        fold::folded,
        options::{DateBound, DateOptions, DateOrder, DecimalMark, NumberOptions, TwoDigitYears},
    },
};

/// # Options of one kind
///
/// On a field of another kind they change nothing.
impl Field {
    /// Least number (integer, decimal, money), in whole units.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let seats = Field::integer("seats").min(1);
    /// ```
    #[must_use]
    pub fn min(mut self, limit: i64) -> Self {
        self.numbers("min", |options| {
            options.min = Some(limit);
            options.negative |= limit < 0;
        });
        self
    }

    /// Greatest number (integer, decimal, money), in whole units.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let seats = Field::integer("seats").max(1_000);
    /// ```
    #[must_use]
    pub fn max(mut self, limit: i64) -> Self {
        self.numbers("max", |options| options.max = Some(limit));
        self
    }

    /// Words that may follow the number: `hari`, `pax`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let days = Field::integer("days").units(["hari", "days"]);
    /// ```
    #[must_use]
    pub fn units<I>(mut self, units: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let units: Vec<Box<str>> = units
            .into_iter()
            .map(|unit| folded(unit.as_ref()).into())
            .collect();
        self.numbers("units", |options| options.units = units);
        self
    }

    /// The signs and words of the field's currency, instead of `Rp` and `IDR`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").currency(["€", "EUR"]);
    /// ```
    #[must_use]
    pub fn currency<I>(mut self, signs: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let signs: Vec<Box<str>> = signs
            .into_iter()
            .map(|sign| folded(sign.as_ref()).into())
            .collect();
        self.numbers("currency", |options| options.currency = signs);
        self.own_currency = true;
        self
    }

    /// What separates a fraction where the column gives no evidence. Without it such cells are refused as ambiguous.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let weight = Field::decimal("weight").decimal_mark(import_engine::fields::DecimalMark::Comma);
    /// ```
    #[must_use]
    pub fn decimal_mark(mut self, mark: DecimalMark) -> Self {
        self.numbers("decimal_mark", |options| options.mark = Some(mark));
        self
    }

    /// What the numbers of the field are likely to be. Others are taken with the warning
    /// [`IssueCode::IMPLAUSIBLE`](crate::IssueCode::IMPLAUSIBLE), and a column that is full of them gets a notice: it may be in
    /// another unit, or something else.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").likely(1_000_000, 1_000_000_000);
    /// ```
    #[must_use]
    pub fn likely(mut self, least: i64, most: i64) -> Self {
        self.numbers("likely", |options| options.likely = Some((least, most)));
        self
    }

    /// Money is counted in minor units: with 2 decimals `€12.50` is 1250. Finer fractions are refused.
    ///
    /// ```
    /// use import_engine::{Field, fields::DecimalMark};
    ///
    /// let price = Field::money("price").currency(["€", "EUR"]).minor_units(2).decimal_mark(DecimalMark::Point);
    /// ```
    #[must_use]
    pub fn minor_units(mut self, decimals: u8) -> Self {
        /// More would leave no room for amounts.
        const MOST: u8 = 9;
        match &mut self.kind {
            Kind::Money(options) if decimals <= MOST => options.minor = decimals,
            Kind::Money(_) => {
                let fault = format!("'{}' has more than {MOST} decimals", self.name);
                self.faults.push(fault);
            }
            _ => self
                .faults
                .extend(self.check_option(false, "minor_units", "amount of money")),
        }
        self
    }

    /// Order of day and month, day first by default. A column that shows the other order makes its ambiguous cells errors.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let born = Field::date("born").order(import_engine::fields::DateOrder::MonthFirst);
    /// ```
    #[must_use]
    pub fn order(mut self, order: DateOrder) -> Self {
        self.dates("order", |options| options.order = order);
        self.own_order = true;
        self
    }

    /// What a year of two digits means.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let paid = Field::date("paid").two_digit_years(import_engine::fields::TwoDigitYears::From2000);
    /// ```
    #[must_use]
    pub fn two_digit_years(mut self, policy: TwoDigitYears) -> Self {
        self.dates("two_digit_years", |options| {
            options.two_digit_years = policy;
        });
        self
    }

    /// Earliest day.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let departs = Field::date("departs").not_before(import_engine::fields::DateBound::Today);
    /// ```
    #[must_use]
    pub fn not_before(mut self, bound: impl Into<DateBound>) -> Self {
        let bound = bound.into();
        self.dates("not_before", |options| options.not_before = Some(bound));
        self
    }

    /// Latest day.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let born = Field::date("born").not_after(import_engine::fields::DateBound::Today);
    /// ```
    #[must_use]
    pub fn not_after(mut self, bound: impl Into<DateBound>) -> Self {
        let bound = bound.into();
        self.dates("not_after", |options| options.not_after = Some(bound));
        self
    }

    /// Where the dates were written. With it `2027-03-14T17:00:00Z` becomes 15 March in Jakarta; without it such cells are refused.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let jakarta = time::UtcOffset::from_hms(7, 0, 0)?;
    /// let paid = Field::date("paid").zone(jakarta);
    /// # Ok::<(), time::error::ComponentRange>(())
    /// ```
    #[must_use]
    pub fn zone(mut self, zone: UtcOffset) -> Self {
        self.dates("zone", |options| options.zone = Some(zone));
        self
    }

    /// Another spelling of a choice's word: `Tunai` for `cash`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let method = Field::choice("method", ["cash"]).choice_alias("cash", "tunai");
    /// ```
    #[must_use]
    pub fn choice_alias(self, word: &str, alias: impl AsRef<str>) -> Self {
        self.choice_aliases(word, [alias])
    }

    /// Other spellings of a choice's word.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let sex = Field::choice("sex", ["L", "P"]).choice_aliases("L", ["laki-laki", "pria"]);
    /// ```
    #[must_use]
    pub fn choice_aliases<I>(mut self, word: &str, aliases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let Kind::Choice(choices) = &mut self.kind else {
            self.faults
                .extend(self.check_option(false, "choice_aliases", "choice"));
            return self;
        };
        let known = choices
            .words
            .iter()
            .zip(0..)
            .find(|(known, _)| &***known == word);
        let Some((_, index)) = known else {
            let fault = format!(
                "'{}' has aliases of '{word}', which it does not allow",
                self.name
            );
            self.faults.push(fault);
            return self;
        };
        for alias in aliases {
            choices.add(alias.as_ref(), index);
        }
        self
    }

    /// What the option is about has no text: it would do nothing.
    pub(super) fn only_text(mut self, option: &str) -> Self {
        let has_text = matches!(self.kind, Kind::Text(_) | Kind::Email | Kind::Reference(_));
        self.check_option(has_text, option, "text")
            .into_iter()
            .for_each(|fault| self.faults.push(fault));
        self
    }

    /// Why an option that needs another kind of field cannot work.
    fn check_option(&self, fits: bool, option: &str, needs: &str) -> Option<String> {
        (!fits).then(|| format!("'{}' is no {needs}, so '{option}' does nothing", self.name))
    }

    pub(super) fn numbers(&mut self, option: &str, change: impl FnOnce(&mut NumberOptions)) {
        match &mut self.kind {
            Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) => {
                change(options);
            }
            _ => self
                .faults
                .extend(self.check_option(false, option, "number")),
        }
    }

    fn dates(&mut self, option: &str, change: impl FnOnce(&mut DateOptions)) {
        match &mut self.kind {
            Kind::Date(options) | Kind::DateTime(options) => change(options),
            _ => self.faults.extend(self.check_option(false, option, "date")),
        }
    }
}
