//! A field of a schema and its builder: the kind of its cells and the options of that kind, the headers that name it, the
//! rules for its cells, its labels and its messages. The builder stores the settings without checking them.

use std::{fmt, sync::Arc};

use time::UtcOffset;

use super::kind::{Choices, Kind, Preset, Rule, TextOptions};
use crate::{
    issue::{IssueCode, Language, Override, Problem, Severity},
    value::{
        Value,
        locale::{
            DateBound, DateOptions, DateOrder, DecimalMark, EmptyWords, NumberOptions,
            SharedLocale, TwoDigitYears,
        },
        text::folded,
    },
};

/// A check of a typed value.
pub(crate) type ValueCheck = Arc<dyn for<'v> Fn(Value<'v>) -> Result<(), Problem> + Send + Sync>;

/// A field of a [`Schema`](crate::Schema): its name, its kind, its rules, and the headers that name it.
///
/// ```
/// use import_engine::Field;
///
/// let name = Field::text("name").label("Nama").required().max_chars(255).aliases(["nama", "nama lengkap"]);
/// let price = Field::money("price").min(0).aliases(["harga", "harga jual"]);
/// let status = Field::choice("status", ["draft", "published"]).choice_alias("published", "tayang");
/// ```
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent answers to independent questions"
)]
#[derive(Clone)]
pub struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) label: Option<Box<str>>,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) auxiliary: bool,
    pub(crate) sensitive: bool,
    pub(crate) min_chars: Option<usize>,
    pub(crate) max_chars: Option<usize>,
    pub(crate) pattern: Option<(Box<str>, regex_lite::Regex)>,
    /// Invalid settings of the builder, which are reported when the schema is built.
    pub(crate) faults: Vec<String>,
    /// The field's own words for "nothing", else the schema's; resolved when the schema is built.
    pub(crate) empty_words: Option<Arc<EmptyWords>>,
    pub(crate) rules: Vec<Arc<dyn Rule>>,
    pub(crate) checks: Vec<ValueCheck>,
    /// The value of an empty cell, as it would be written; it is read when the schema is built.
    pub(crate) default: Option<Box<str>>,
    pub(crate) preset: Option<Arc<Preset>>,
    pub(crate) unique: Option<Severity>,
    pub(crate) aliases: Vec<Box<str>>,
    pub(crate) natural_keys: Vec<Box<str>>,
    pub(crate) risky: Vec<Box<str>>,
    pub(crate) never: Vec<Box<str>>,
    /// Headers that are only ever suggested.
    pub(crate) perhaps: Vec<Box<str>>,
    /// Words that change nothing next to the field's names.
    pub(crate) tails: Vec<Box<str>>,
    /// Headers of columns that hold the field in parts.
    pub(crate) parts: Vec<Box<str>>,
    /// Headers of which a file may have two, so that it is unclear which one is the field.
    pub(crate) either: Vec<Box<str>>,
    /// Phrases that state the power of ten of a column.
    pub(crate) scales: Vec<(Box<str>, u8)>,
    /// Whether the first of several columns that differ only by a number is the field.
    pub(crate) numbered: bool,
    /// Words by which a column is recognised that no header names.
    pub(crate) cell_words: Option<Arc<EmptyWords>>,
    /// Pairs of words by which it is recognised if both occur.
    pub(crate) cell_pairs: Vec<(Box<str>, Box<str>)>,
    pub(crate) example: Option<Box<str>>,
    pub(crate) expected: Option<Box<str>>,
    pub(crate) messages: Vec<Override>,
    /// Whether the field has its own order of dates, or its own currency signs.
    pub(crate) own_order: bool,
    pub(crate) own_currency: bool,
    /// The schema's locale.
    pub(crate) locale: SharedLocale,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
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
}

// The headers that name a field.

/// # Headers
///
/// Headers and aliases are compared exactly after [normalisation](crate::recognise::normalise_header).
impl Field {
    /// Adds a header that names the field. Of several columns, the field's own name wins, then the alias that was added
    /// first.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").alias("nama");
    /// ```
    #[must_use]
    pub fn alias(self, alias: impl AsRef<str>) -> Self {
        self.aliases([alias])
    }

    /// Adds headers that name the field, the likeliest first.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let phone = Field::text("phone").aliases(["no hp", "telepon"]);
    /// ```
    #[must_use]
    pub fn aliases<I>(mut self, aliases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.aliases
            .extend(aliases.into_iter().map(|alias| Box::from(alias.as_ref())));
        self
    }

    /// Adds headers of columns that hold another key of a reference's target (`nama paket` for `paket_id`). They rank
    /// after the aliases.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let package = Field::reference("package_id", "package").natural_keys(["nama paket"]);
    /// ```
    #[must_use]
    pub fn natural_keys<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.natural_keys
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Adds headers that are used only if there is no better column.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").risky(["nama paspor"]);
    /// ```
    #[must_use]
    pub fn risky<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.risky
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Adds headers that are never matched with this field nor suggested for it.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").never(["nama ayah"]);
    /// ```
    #[must_use]
    pub fn never<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.never
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Adds headers that mean the field often enough to be suggested, and something else often enough never to be
    /// matched.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").perhaps(["harga quad", "harga double"]);
    /// ```
    #[must_use]
    pub fn perhaps<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.perhaps
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Adds words and phrases that change nothing next to a name of this field: `Jumlah (Rp)`, `Nama Peserta`. Those that
    /// change nothing anywhere belong to the schema's [`HeaderWords`](crate::fields::HeaderWords).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").header_tails(["rp", "per pax"]);
    /// ```
    #[must_use]
    pub fn header_tails<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.tails
            .extend(phrases.into_iter().map(|phrase| Box::from(phrase.as_ref())));
        self
    }

    /// Sets headers of which a file may have two, so that it is unclear which one is the field, such as `Debit` and
    /// `Kredit`: neither is used, both are suggested.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let paid = Field::money("paid").required().risky(["credit"]).either(["debit", "credit"]);
    /// let schema = Schema::builder("payments").field(paid).build()?;
    /// assert!(schema.map_headers(&["Credit"])?.missing().is_empty());
    /// assert_eq!(schema.map_headers(&["Debit", "Credit"])?.missing(), ["paid"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn either<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.either
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Adds phrases next to a name of this field that state the power of ten of the column: the numbers of `Price
    /// (million)` are multiplied, exactly. A cell that is a whole amount, or states its unit itself, is refused; a column
    /// of such cells is not used.
    ///
    /// ```
    /// use import_engine::{Field, Plan, Schema};
    ///
    /// let price = Field::integer("price").header_scales([("million", 6), ("in thousands", 3)]).likely(1_000_000, 1_000_000_000);
    /// let schema = Schema::builder("tours").field(price).build()?;
    /// let (batches, _) = Plan::of(&schema, "Price (million)\n25.5\n26\n")?.import("Price (million)\n25.5\n26\n").collect()?;
    /// let prices: Vec<_> = batches[0].rows().map(|row| row.value(0).to_string()).collect();
    /// assert_eq!(prices, ["25500000", "26000000"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header_scales<I, T>(mut self, phrases: I) -> Self
    where
        I: IntoIterator<Item = (T, u8)>,
        T: AsRef<str>,
    {
        let phrases: Vec<(Box<str>, u8)> = phrases
            .into_iter()
            .map(|(phrase, power)| (phrase.as_ref().into(), power))
            .collect();
        self.numbers("header_scales", |_| ());
        self.scales.extend(phrases);
        self
    }

    /// States that a file may have several columns of this field, of which the first is used: `HP 1` is the field, and
    /// `HP 2` only if no cell of the first one can be. Not for a field whose columns hold parts of it, nor for one that
    /// distinguishes records.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let phone = Field::text("phone").numbered();
    /// let schema = Schema::builder("contacts").field(phone).build()?;
    /// let mapping = schema.map_headers(&["Phone 2", "Phone 1"])?;
    /// assert_eq!(mapping.column_of(0), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn numbered(mut self) -> Self {
        self.numbered = true;
        self
    }

    /// Sets words by which a column is recognised whatever its header says, if it holds nothing else: `DB` and `CR` next
    /// to the amounts of a bank statement. For auxiliary fields, because such a column is used without asking.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let direction = Field::text("direction").auxiliary().known_by_cells(["db", "cr"]);
    /// ```
    #[must_use]
    pub fn known_by_cells<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.cell_words = Some(Arc::new(EmptyWords::new(words)));
        self
    }

    /// Sets pairs of words that have a meaning only together: `Received` and `Paid` are the two sides of a cash book,
    /// while a column full of `Paid` is a list of paid bills. A column is also [known by its cells](Self::known_by_cells)
    /// if it holds both words of one pair, and besides them only the field's words.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let direction = Field::text("direction").auxiliary().known_by_cells(["in", "out"]).known_by_pairs([("received", "paid")]);
    /// ```
    #[must_use]
    pub fn known_by_pairs<I, W>(mut self, pairs: I) -> Self
    where
        I: IntoIterator<Item = (W, W)>,
        W: Into<Box<str>>,
    {
        let pairs = pairs.into_iter();
        self.cell_pairs = pairs
            .map(|(one, other)| (one.into(), other.into()))
            .collect();
        self
    }

    /// Sets headers of columns that hold the field in parts; `#` is any number. If a file has two of them, no column is
    /// used as the field unless the caller says so: it would be their sum.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let paid = Field::money("paid").required().alias("total").parts(["deposit", "instalment #"]);
    /// let schema = Schema::builder("payments").field(paid).build()?;
    /// assert_eq!(schema.map_headers(&["Total", "Instalment 1", "Instalment 2"])?.missing(), ["paid"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn parts<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.parts
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }
}

// Rules that any field may have.

/// # Rules of every kind
impl Field {
    /// Requires that the cell is not empty.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(Field::text("name").required().is_required());
    /// ```
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the value of an empty cell, and of every cell if the file has no such column: a text as a cell of the file
    /// would hold it, read by the field's own rules when the schema is built. It replaces [`required`](Self::required),
    /// so the two exclude each other. Rules across cells, keys and the lookup see it; limits that are counted from today
    /// are not applied.
    ///
    /// ```
    /// use import_engine::{Field, Plan, Schema, Value};
    ///
    /// let schema = Schema::builder("orders")
    ///     .field(Field::text("article").required())
    ///     .field(Field::integer("pieces").min(1).default("1"))
    ///     .field(Field::choice("state", ["open", "paid"]).default("open"))
    ///     .build()?;
    /// let file = "article,pieces\nchair,4\ntable,\n";
    /// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
    /// assert_eq!((batches[0].value(0, 1), batches[0].value(1, 1)), (Value::Integer(4), Value::Integer(1)));
    /// assert_eq!(batches[0].value(0, 2), Value::Choice("open"));
    ///
    /// let none = Schema::builder("orders").field(Field::integer("pieces").min(1).default("0"));
    /// assert!(none.build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn default(mut self, text: impl Into<Box<str>>) -> Self {
        self.default = Some(text.into());
        self
    }

    /// Requires that no two rows, and no row and the system, have the same value. Of two rows, the earlier valid one
    /// wins. For several fields together see [`SchemaBuilder::unique`](crate::fields::SchemaBuilder::unique).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let email = Field::email("email").unique();
    /// ```
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = Some(Severity::Error);
        self
    }

    /// Like [`unique`](Self::unique), but a repeated value is only a warning.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let phone = Field::text("phone").unique_warning(); // families share one
    /// ```
    #[must_use]
    pub fn unique_warning(mut self) -> Self {
        self.unique = Some(Severity::Warning);
        self
    }

    /// Marks values as personal: `Debug` and [`Issue::masked_value`](crate::Issue::masked_value) mask them.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(Field::digits("id_number", 16, 16).sensitive().is_sensitive());
    /// ```
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Sets the least number of characters (not bytes).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").min_chars(2);
    /// ```
    #[must_use]
    pub fn min_chars(mut self, limit: usize) -> Self {
        self.min_chars = Some(limit);
        self.only_text("min_chars")
    }

    /// Sets the largest number of characters (not bytes).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").max_chars(255);
    /// ```
    #[must_use]
    pub fn max_chars(mut self, limit: usize) -> Self {
        self.max_chars = Some(limit);
        self.only_text("max_chars")
    }

    /// Requires that the whole text matches a regular expression (syntax of `regex-lite`). An invalid one is an error
    /// when the schema is built.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let code = Field::text("code").pattern("[A-Z]{2}-[0-9]{4}");
    /// ```
    #[must_use]
    pub fn pattern(mut self, pattern: &str) -> Self {
        match regex_lite::Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) => self.pattern = Some((pattern.into(), regex)),
            Err(error) => {
                let fault = format!(
                    "the pattern of '{}' is no regular expression: {error}",
                    self.name
                );
                self.faults.push(fault);
            }
        }
        self.only_text("pattern")
    }

    /// Adds a check or normaliser of the cell's text, run before the kind reads it.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let code = Field::text("code").rule(|cell: &mut import_engine::rules::Cell<'_>| {
    ///     cell.edit(|text| text.make_ascii_uppercase());
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn rule(mut self, rule: impl Rule + 'static) -> Self {
        self.rules.push(Arc::new(rule));
        self
    }

    /// Adds a check of the typed value, run after the kind has read it.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Value, rules::Problem};
    ///
    /// const ODD: IssueCode = IssueCode::new("odd");
    /// let pairs = Field::integer("shoes").check(|value| match value {
    ///     Value::Integer(n) if n % 2 == 1 => Err(Problem::new(ODD)),
    ///     _ => Ok(()),
    /// });
    /// ```
    #[must_use]
    pub fn check<F>(mut self, check: F) -> Self
    where
        F: for<'v> Fn(Value<'v>) -> Result<(), Problem> + Send + Sync + 'static,
    {
        self.checks.push(Arc::new(check));
        self
    }

    /// Sets the words that mean "nothing", instead of the schema's or the [locale's](crate::Locale::words_for_nothing).
    /// An empty cell always means it; the words of a choice never do.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let note = Field::text("note").empty_words(["x", "nihil"]);
    /// ```
    #[must_use]
    pub fn empty_words<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.empty_words = Some(Arc::new(EmptyWords::new(words)));
        self
    }

    /// Marks the field as one that only helps to judge others: it is read if the file has it, and is never requested nor
    /// part of a template.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let kind_of_id = Field::text("kind_of_id").auxiliary();
    /// ```
    #[must_use]
    pub fn auxiliary(mut self) -> Self {
        self.auxiliary = true;
        self
    }
}

// The labels and messages of a field.

/// # Words for people
impl Field {
    /// Sets the name of the field in messages, `{label}`. By default its name.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let email = Field::email("email").label("E-mail");
    /// ```
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the cell of the template's example row.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").example("Ahmad Rizki");
    /// ```
    #[must_use]
    pub fn example(mut self, example: impl Into<Box<str>>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// Sets the expected format, in the words of the field's users: `16 digit`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let id = Field::digits("id_number", 16, 16).expected("16 digit");
    /// ```
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Box<str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Sets the message of a code for this field, instead of the catalogue's. `{field}`, `{label}`, `{value}` and the
    /// code's parameters are placeholders.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language};
    ///
    /// let package = Field::reference("paket_id", "package").message(
    ///     IssueCode::REFERENCE_NOT_FOUND,
    ///     Language::INDONESIAN,
    ///     "Paket dengan ID '{value}' tidak ditemukan",
    /// );
    /// ```
    #[must_use]
    pub fn message(
        mut self,
        code: IssueCode,
        language: Language,
        text: impl Into<Box<str>>,
    ) -> Self {
        self.messages.push(Override {
            code,
            language,
            text: text.into(),
        });
        self
    }

    /// The field's name.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::text("name").name(), "name");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a cell must not be empty.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_required());
    /// ```
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// The words of a choice; `None` if the field is not one.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let field = Field::choice("size", ["S", "M"]);
    /// assert_eq!(field.choices().unwrap()[1].as_ref(), "M");
    /// ```
    #[must_use]
    pub fn choices(&self) -> Option<&[Arc<str>]> {
        match &self.kind {
            Kind::Choice(choices) => Some(&choices.words),
            _ => None,
        }
    }

    /// The target of a reference; `None` if the field is not one.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::reference("owner", "person").refers_to(), Some("person"));
    /// ```
    #[must_use]
    pub fn refers_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::Reference(target) => Some(target),
            _ => None,
        }
    }

    /// The cell that a template shows, if the field has one.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::text("name").example("Siti").example_text(), Some("Siti"));
    /// ```
    #[must_use]
    pub fn example_text(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// The value of an empty cell, if the field has one.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::integer("pieces").default("1").default_text(), Some("1"));
    /// ```
    #[must_use]
    pub fn default_text(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// Whether the field only helps to judge others and is not stored.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_auxiliary());
    /// ```
    #[must_use]
    pub fn is_auxiliary(&self) -> bool {
        self.auxiliary
    }

    /// Whether values are personal.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_sensitive());
    /// ```
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// The kind of the cells, as a stable word: `text`, `multiline`, `digits`, `integer`, `decimal`, `money`, `date`,
    /// `date_time`, `email`, `uuid`, `bool`, `choice` or `reference`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::digits("id_number", 16, 16).kind_word(), "digits");
    /// ```
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        match &self.kind {
            Kind::Text(options) if options.digits.is_some() => "digits",
            Kind::Text(options) if options.multiline => "multiline",
            Kind::Text(_) => "text",
            Kind::Integer(_) => "integer",
            Kind::Decimal(_) => "decimal",
            Kind::Money(_) => "money",
            Kind::Date(_) => "date",
            Kind::DateTime(_) => "date_time",
            Kind::Email => "email",
            Kind::Uuid => "uuid",
            Kind::Bool => "bool",
            Kind::Choice(_) => "choice",
            Kind::Reference(_) => "reference",
        }
    }

    /// Whether no two records may have the same value.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(Field::email("email").unique().is_unique());
    /// ```
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.unique.is_some()
    }

    /// The name of the field in messages.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::email("email").label("E-mail").shown_label(), "E-mail");
    /// ```
    #[must_use]
    pub fn shown_label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// The format that a cell should have: the field's own words, in their language, else those of its kind.
    ///
    /// ```
    /// use import_engine::{Field, Language};
    ///
    /// let seats = Field::integer("seats");
    /// assert_eq!(seats.expected_format(Language::ENGLISH).as_deref(), Some("a whole number"));
    /// ```
    #[must_use]
    pub fn expected_format(&self, language: Language) -> Option<String> {
        match &self.expected {
            Some(expected) => Some(expected.to_string()),
            None => self.kind.expected_format(language),
        }
    }

    /// The field's own message texts, with their placeholders.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language};
    ///
    /// let name = Field::text("name").message(IssueCode::REQUIRED, Language::ENGLISH, "who is it?");
    /// assert_eq!(name.own_messages().next(), Some((IssueCode::REQUIRED, Language::ENGLISH, "who is it?")));
    /// ```
    pub fn own_messages(&self) -> impl Iterator<Item = (IssueCode, Language, &str)> {
        self.messages
            .iter()
            .map(|own| (own.code, own.language, &*own.text))
    }
}

// Options that do not fit the kind.

impl Field {
    /// Reports an option that would have no effect because the kind has no text.
    fn only_text(mut self, option: &str) -> Self {
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

    fn numbers(&mut self, option: &str, change: impl FnOnce(&mut NumberOptions)) {
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
