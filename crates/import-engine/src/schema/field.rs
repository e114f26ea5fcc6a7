//! A field of a schema and its builder: the headers that name it, the rules for its cells, its labels and its messages.
//! What only fields of one kind have is in `kind`. The builder stores the settings without checking them.

use std::{fmt, sync::Arc};

use super::{
    cell::Preset,
    kind::{Kind, builtin_expected},
    rule::Rule,
};
use crate::{
    issue::{IssueCode, Language, Override, Problem, Severity},
    value::{
        Value,
        locale::{EmptyWords, SharedLocale},
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
    /// The name that people use for it.
    pub(crate) fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

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
            None => builtin_expected(&self.kind, language),
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
