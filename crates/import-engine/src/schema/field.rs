//! A field of a schema and its builder. Holds what was asked for; checks nothing itself.

use std::{fmt, sync::Arc};

use time::UtcOffset;

use super::kind::{
    Choices, DateBound, DateOptions, DateOrder, DecimalMark, Kind, NumberOptions, TextOptions,
    TwoDigitYears,
};
use crate::{
    issue::{IssueCode, Language, Override, Problem, Severity},
    rule::Rule,
    value::{Value, fold::folded},
};

/// A check of a typed value.
pub(crate) type ValueCheck = Arc<dyn for<'v> Fn(Value<'v>) -> Result<(), Problem> + Send + Sync>;

/// A field of a [`Schema`](crate::Schema): its name, its kind, its rules, and the headers it goes by.
///
/// ```
/// use import_engine::Field;
///
/// let name = Field::text("name").label("Nama").required().max_chars(255).aliases(["nama", "nama lengkap"]);
/// let price = Field::money("price").min(0).aliases(["harga", "harga jual"]);
/// let status = Field::choice("status", ["draft", "published"]).choice_alias("published", "tayang");
/// ```
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
    /// A pattern that could not be compiled; told when the schema is built.
    pub(crate) pattern_error: Option<String>,
    pub(crate) empty_words: Option<Vec<Box<str>>>,
    pub(crate) rules: Vec<Arc<dyn Rule>>,
    pub(crate) checks: Vec<ValueCheck>,
    pub(crate) unique: Option<Severity>,
    pub(crate) aliases: Vec<Box<str>>,
    pub(crate) natural_keys: Vec<Box<str>>,
    pub(crate) risky: Vec<Box<str>>,
    pub(crate) never: Vec<Box<str>>,
    pub(crate) example: Option<Box<str>>,
    pub(crate) expected: Option<Box<str>>,
    pub(crate) messages: Vec<Override>,
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
            pattern_error: None,
            empty_words: None,
            rules: Vec::new(),
            checks: Vec::new(),
            unique: None,
            aliases: Vec::new(),
            natural_keys: Vec::new(),
            risky: Vec::new(),
            never: Vec::new(),
            example: None,
            expected: None,
            messages: Vec::new(),
        }
    }

    /// Text on one line: NFC, invisible characters removed, runs of white space one space, trimmed. [`Value::Text`].
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

    /// Text that keeps its line breaks (as `\n`). [`Value::Text`].
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

    /// A number that is a name: so many digits, kept as text, zeros in front included. What spreadsheets do to such cells
    /// (`'123`, `="123"`, `123.0`, spaces, dots, dashes) is cleaned, what they destroy (`1,23E+15`) is told. [`Value::Text`].
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

    /// A whole number. `12.0` is 12, `12.5` is refused, and `25.000` is refused unless the column groups thousands. [`Value::Integer`].
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

    /// A number with a fraction. Whether `1.234` is above a thousand is decided once for the whole column. [`Value::Decimal`].
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

    /// An amount in whole units of one currency, rupiah unless [`currency`](Self::currency) says otherwise: `Rp25.000.000,00`,
    /// `42 jt`, `26,000,000`. Fractions of a unit and negative amounts are refused. [`Value::Integer`].
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").min(1);
    /// ```
    #[must_use]
    pub fn money(name: impl Into<Arc<str>>) -> Self {
        let currency = ["rp", "rp.", "idr"].map(Box::from).to_vec();
        Self::new(
            name,
            Kind::Money(NumberOptions {
                currency,
                ..NumberOptions::default()
            }),
        )
    }

    /// A day of the calendar, in any form that is not ambiguous. [`Value::Date`].
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

    /// An e-mail address, kept as written, compared without case. [`Value::Text`].
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

    /// A UUID. [`Value::Uuid`].
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

    /// Yes or no, in English or Indonesian. [`Value::Bool`].
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

    /// One of some words, compared without case. [`Value::Choice`].
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
        let words: Vec<Arc<str>> = words.into_iter().map(|word| word.as_ref().into()).collect();
        let keys = words
            .iter()
            .zip(0..)
            .map(|(word, index)| (folded(word).into(), index))
            .collect();
        Self::new(name, Kind::Choice(Choices { words, keys }))
    }

    /// A reference to something of the kind `target` by its id or another key of it, answered by the
    /// [`Lookup`](crate::Lookup). [`Value::Uuid`] when answered, [`Value::Text`] when nobody was asked.
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

/// # Rules of every kind
impl Field {
    /// The cell must not be empty.
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

    /// No two rows, and no row and the system, may have the same value. Of two rows the earlier valid one wins.
    /// For several fields together see [`SchemaBuilder::unique`](crate::SchemaBuilder::unique).
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

    /// As [`unique`](Self::unique), but a repeated value is only a warning.
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

    /// Values are personal: `Debug` and [`Issue::masked_value`](crate::Issue::masked_value) cover them.
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

    /// At least so many characters (not bytes).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").min_chars(2);
    /// ```
    #[must_use]
    pub fn min_chars(mut self, limit: usize) -> Self {
        self.min_chars = Some(limit);
        self
    }

    /// At most so many characters (not bytes).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").max_chars(255);
    /// ```
    #[must_use]
    pub fn max_chars(mut self, limit: usize) -> Self {
        self.max_chars = Some(limit);
        self
    }

    /// The whole text must match a regular expression (syntax of `regex-lite`). A wrong one is told when the schema is built.
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
            Err(error) => self.pattern_error = Some(error.to_string()),
        }
        self
    }

    /// A check or normaliser of the cell's text, run before the kind reads it.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let code = Field::text("code").rule(|cell: &mut import_engine::Cell<'_>| {
    ///     cell.edit(|text| text.make_ascii_uppercase());
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn rule(mut self, rule: impl Rule + 'static) -> Self {
        self.rules.push(Arc::new(rule));
        self
    }

    /// A check of the typed value, run after the kind has read it.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Problem, Value};
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

    /// The words that mean "nothing", instead of the engine's own (`-`, `n/a`, `tidak ada`, …). An empty cell always does.
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
        self.empty_words = Some(
            words
                .into_iter()
                .map(|word| folded(word.as_ref()).into())
                .collect(),
        );
        self
    }

    /// The field helps to judge others: it is read when the file has it, and is never asked for nor part of a template.
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
        self.numbers(|options| {
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
        self.numbers(|options| options.max = Some(limit));
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
        self.numbers(|options| options.units = units);
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
        self.numbers(|options| options.currency = signs);
        self
    }

    /// What separates a fraction where the column gives no evidence. Without it such cells are refused as ambiguous.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let weight = Field::decimal("weight").decimal_mark(import_engine::DecimalMark::Comma);
    /// ```
    #[must_use]
    pub fn decimal_mark(mut self, mark: DecimalMark) -> Self {
        self.numbers(|options| options.mark = Some(mark));
        self
    }

    /// Order of day and month, day first unless told. A column that shows the other order makes its ambiguous cells errors.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let born = Field::date("born").order(import_engine::DateOrder::MonthFirst);
    /// ```
    #[must_use]
    pub fn order(mut self, order: DateOrder) -> Self {
        self.dates(|options| options.order = order);
        self
    }

    /// What a year of two digits means.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let paid = Field::date("paid").two_digit_years(import_engine::TwoDigitYears::From2000);
    /// ```
    #[must_use]
    pub fn two_digit_years(mut self, policy: TwoDigitYears) -> Self {
        self.dates(|options| options.two_digit_years = policy);
        self
    }

    /// Earliest day.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let departs = Field::date("departs").not_before(import_engine::DateBound::Today);
    /// ```
    #[must_use]
    pub fn not_before(mut self, bound: impl Into<DateBound>) -> Self {
        let bound = bound.into();
        self.dates(|options| options.not_before = Some(bound));
        self
    }

    /// Latest day.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let born = Field::date("born").not_after(import_engine::DateBound::Today);
    /// ```
    #[must_use]
    pub fn not_after(mut self, bound: impl Into<DateBound>) -> Self {
        let bound = bound.into();
        self.dates(|options| options.not_after = Some(bound));
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
        self.dates(|options| options.zone = Some(zone));
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
        if let Kind::Choice(choices) = &mut self.kind
            && let Some((_, index)) = choices
                .words
                .iter()
                .zip(0..)
                .find(|(known, _)| &***known == word)
        {
            choices.keys.extend(
                aliases
                    .into_iter()
                    .map(|alias| (folded(alias.as_ref()).into(), index)),
            );
        }
        self
    }

    fn numbers(&mut self, change: impl FnOnce(&mut NumberOptions)) {
        if let Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) =
            &mut self.kind
        {
            change(options);
        }
    }

    fn dates(&mut self, change: impl FnOnce(&mut DateOptions)) {
        if let Kind::Date(options) = &mut self.kind {
            change(options);
        }
    }
}

/// # Headers
///
/// Headers and aliases are compared exactly after [normalisation](crate::normalise_header).
impl Field {
    /// A header the field goes by. Of several columns the field's own name wins, then the alias that was added first.
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

    /// Headers the field goes by, the likeliest first.
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

    /// Headers of columns that hold another key of what a reference points at (`nama paket` for `paket_id`). After the aliases.
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

    /// Headers that are taken only when no better column is there.
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

    /// Headers that are never taken for this field nor suggested for it.
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
}

/// # Words for people
impl Field {
    /// What messages call the field, `{label}`. Its name unless told.
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

    /// The cell of the template's example row.
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

    /// The expected format, in the words of the field's users: `16 digit`.
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

    /// The message of a code for this field, instead of the catalogue's. `{field}`, `{label}`, `{value}` and the code's
    /// parameters stand for themselves.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language};
    ///
    /// let package = Field::reference("paket_id", "package").message(
    ///     IssueCode::REFERENCE_NOT_FOUND,
    ///     Language::Indonesian,
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
}
