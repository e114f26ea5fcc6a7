//! The kinds of a field's cells: the constructors of fields of each kind, and the options that only they have.

use std::sync::Arc;

use time::UtcOffset;

use super::field::Field;
use crate::issue::Language;
use crate::value::{
    locale::{DateBound, DateOptions, DateOrder, DecimalMark, NumberOptions, TwoDigitYears},
    text::folded,
};

/// The words that a choice field accepts, and their aliases.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) words: Vec<Arc<str>>,
    /// Words and aliases, folded for comparison, with the index of their word.
    keys: Vec<(Box<str>, u16)>,
    /// The index of the first key with each [hint](hint): the right one for nearly every text.
    hints: Box<[u8; HINTS]>,
}

/// The number of values of [`hint`].
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

    /// Adds another spelling of the word with this index. Of two equal ones the first applies.
    pub(crate) fn add(&mut self, spelling: &str, index: u16) {
        let key = folded(spelling);
        let hinted = &mut self.hints[hint(&key)];
        if *hinted == NO_KEY {
            *hinted = u8::try_from(self.keys.len()).unwrap_or(NO_KEY);
        }
        self.keys.push((key.into(), index));
    }

    /// The index of the word that a text is or stands for. Does not allocate for most texts.
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

/// A hash that distinguishes most words of a schema regardless of case: by their length, both ends and the middle.
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
    /// A date with its time of day.
    DateTime(DateOptions),
    Email,
    Uuid,
    Bool,
    Choice(Choices),
    /// A reference with its target: text until the lookup turns it into an id.
    Reference(Arc<str>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TextOptions {
    pub(crate) multiline: bool,
    /// Least and greatest number of digits; anything other than digits is refused.
    pub(crate) digits: Option<(usize, usize)>,
}

// The kinds of fields: one constructor each.

/// # Kinds
impl Field {
    fn new(name: impl Into<Arc<str>>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: None,
            kind,
            required: false,
            auxiliary: false,
            sensitive: false,
            min_chars: None,
            max_chars: None,
            pattern: None,
            faults: Vec::new(),
            empty_words: None,
            rules: Vec::new(),
            checks: Vec::new(),
            default: None,
            preset: None,
            unique: None,
            aliases: Vec::new(),
            natural_keys: Vec::new(),
            risky: Vec::new(),
            never: Vec::new(),
            perhaps: Vec::new(),
            tails: Vec::new(),
            parts: Vec::new(),
            either: Vec::new(),
            scales: Vec::new(),
            numbered: false,
            cell_words: None,
            cell_pairs: Vec::new(),
            example: None,
            expected: None,
            messages: Vec::new(),
            own_order: false,
            own_currency: false,
            locale: None,
        }
    }

    /// Text on one line: NFC, invisible characters removed, runs of white space as one space, trimmed.
    /// [`Value::Text`](crate::Value::Text).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name");
    /// ```
    #[must_use]
    pub fn text(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Text(TextOptions::default()))
    }

    /// Text that keeps its line breaks (as `\n`). [`Value::Text`](crate::Value::Text).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let notes = Field::multiline("notes");
    /// ```
    #[must_use]
    pub fn multiline(name: impl Into<Arc<str>>) -> Self {
        Self::new(
            name,
            Kind::Text(TextOptions {
                multiline: true,
                digits: None,
            }),
        )
    }

    /// A number that is an identifier: this many digits, kept as text, including leading zeros. What spreadsheets do to
    /// such cells (`'123`, `="123"`, `123.0`, spaces, dots, dashes) is cleaned, what they destroy (`1,23E+15`) is
    /// reported. [`Value::Text`](crate::Value::Text).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let account = Field::digits("account", 10, 16);
    /// ```
    #[must_use]
    pub fn digits(name: impl Into<Arc<str>>, least: usize, most: usize) -> Self {
        Self::new(
            name,
            Kind::Text(TextOptions {
                multiline: false,
                digits: Some((least, most)),
            }),
        )
    }

    /// A whole number. `12.0` is 12, `12.5` is refused, and `25.000` is refused unless the column groups thousands.
    /// [`Value::Integer`](crate::Value::Integer).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let seats = Field::integer("seats").units(["pax", "kursi"]);
    /// ```
    #[must_use]
    pub fn integer(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Integer(NumberOptions::default()))
    }

    /// A number with a fraction. Whether `1.234` is more than a thousand is decided once for the whole column.
    /// [`Value::Decimal`](crate::Value::Decimal).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let weight = Field::decimal("weight");
    /// ```
    #[must_use]
    pub fn decimal(name: impl Into<Arc<str>>) -> Self {
        Self::new(
            name,
            Kind::Decimal(NumberOptions {
                negative: true,
                ..NumberOptions::default()
            }),
        )
    }

    /// An amount in whole units of one currency, which [`currency`](Self::currency) or the schema's locale defines:
    /// `Rp25.000.000,00`, `42 jt`, `26,000,000`. Fractions of a unit and negative amounts are refused.
    /// [`Value::Integer`](crate::Value::Integer).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").min(1);
    /// ```
    #[must_use]
    pub fn money(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Money(NumberOptions::default()))
    }

    /// A date, in any form that is not ambiguous. [`Value::Date`](crate::Value::Date). A time of day next to it is
    /// dropped: midnight silently, any other with the warning
    /// [`IssueCode::TIME_DROPPED`](crate::IssueCode::TIME_DROPPED).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let born = Field::date("born");
    /// ```
    #[must_use]
    pub fn date(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Date(DateOptions::default()))
    }

    /// A date with its time of day, in whole seconds. [`Value::DateTime`](crate::Value::DateTime). A cell without an
    /// offset from UTC is in the field's [`zone`](Self::zone); without one, it is refused.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let paid_at = Field::datetime("paid_at").zone(time::UtcOffset::UTC);
    /// ```
    #[must_use]
    pub fn datetime(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::DateTime(DateOptions::default()))
    }

    /// An e-mail address, kept as written, compared without case. [`Value::Text`](crate::Value::Text).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let email = Field::email("email");
    /// ```
    #[must_use]
    pub fn email(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Email)
    }

    /// A UUID. [`Value::Uuid`](crate::Value::Uuid).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let id = Field::uuid("id");
    /// ```
    #[must_use]
    pub fn uuid(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Uuid)
    }

    /// Yes or no, in the words of the schema's locale. [`Value::Bool`](crate::Value::Bool).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let paid = Field::boolean("paid");
    /// ```
    #[must_use]
    pub fn boolean(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Bool)
    }

    /// One of several words, compared without case. [`Value::Choice`](crate::Value::Choice).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let status = Field::choice("status", ["draft", "published"]);
    /// ```
    #[must_use]
    pub fn choice<I>(name: impl Into<Arc<str>>, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let words = words.into_iter().map(|word| word.as_ref().into());
        Self::new(name, Kind::Choice(Choices::new(words.collect())))
    }

    /// A reference to something of the kind `target` by its id or another key of it, answered by the
    /// [`Lookup`](crate::Lookup). [`Value::Uuid`](crate::Value::Uuid) if answered, [`Value::Text`](crate::Value::Text) if
    /// there was no lookup.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let package = Field::reference("package_id", "package");
    /// ```
    #[must_use]
    pub fn reference(name: impl Into<Arc<str>>, target: impl Into<Arc<str>>) -> Self {
        Self::new(name, Kind::Reference(target.into()))
    }
}

// Options of fields of one kind.

/// # Options of one kind
///
/// On a field of another kind they have no effect.
impl Field {
    /// Sets the least number (integer, decimal, money), in whole units.
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

    /// Sets the greatest number (integer, decimal, money), in whole units.
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

    /// Sets words that may follow the number: `hari`, `pax`.
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

    /// Sets the signs and words of the field's currency, instead of those of the schema's locale.
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

    /// Sets the decimal mark for columns without evidence. Without it, such cells are refused as ambiguous.
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

    /// Sets the likely range of the field's numbers. Others are accepted with the warning
    /// [`IssueCode::IMPLAUSIBLE`](crate::IssueCode::IMPLAUSIBLE), and a column full of them gets a notice: it may be in
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

    /// Counts money in minor units: with 2 decimals, `€12.50` is 1250. Finer fractions are refused.
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

    /// Sets the order of day and month, by default that of the schema's locale. A column that shows the other order makes
    /// its ambiguous cells errors.
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

    /// Sets what a two-digit year means.
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

    /// Sets the earliest day.
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

    /// Sets the latest day.
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

    /// Sets the zone in which the dates were written. With it, `2027-03-14T17:00:00Z` becomes 15 March in Jakarta;
    /// without it, such cells are refused.
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

    /// Adds another spelling of a choice's word: `Tunai` for `cash`.
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

    /// Adds other spellings of a choice's word.
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

    /// Reports an option that would have no effect because the kind has no text.
    pub(super) fn only_text(mut self, option: &str) -> Self {
        let has_text = matches!(self.kind, Kind::Text(_) | Kind::Email | Kind::Reference(_));
        self.check_option(has_text, option, "text")
            .into_iter()
            .for_each(|fault| self.faults.push(fault));
        self
    }

    /// Returns why an option that needs another kind of field cannot work.
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

/// The format of a kind, for a field without its own.
pub(super) fn builtin_expected(kind: &Kind, language: Language) -> Option<String> {
    let indonesian = language == Language::INDONESIAN;
    let words = |id: &str, en: &str| Some(if indonesian { id } else { en }.to_owned());
    match kind {
        Kind::Text(options) => options.digits.map(|(least, most)| {
            let word = if indonesian || most == 1 {
                "digit"
            } else {
                "digits"
            };
            if least == most {
                format!("{least} {word}")
            } else {
                format!("{least}-{most} {word}")
            }
        }),
        Kind::Integer(_) => words("bilangan bulat", "a whole number"),
        Kind::Decimal(_) => words("angka", "a number"),
        Kind::Money(_) => words("jumlah, contoh 25000000", "an amount such as 25000000"),
        Kind::Date(_) => words("YYYY-MM-DD atau DD/MM/YYYY", "YYYY-MM-DD or DD/MM/YYYY"),
        Kind::DateTime(_) => words(
            "YYYY-MM-DD HH:MM dengan zona waktu",
            "YYYY-MM-DD HH:MM with its time zone",
        ),
        Kind::Email => words("nama@domain.com", "name@domain.com"),
        Kind::Uuid => Some("UUID".to_owned()),
        Kind::Bool => words("ya / tidak", "yes / no"),
        Kind::Choice(choices) => Some(choices.words.join(", ")),
        Kind::Reference(_) => words("ID atau nama yang terdaftar", "an id or a registered name"),
    }
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
