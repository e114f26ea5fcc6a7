//! What the rows of a file should be: fields, keys, rules across cells, and the texts of their issues.

pub(crate) mod cell;
mod field;
pub(crate) mod header;
pub(crate) mod kind;
pub(crate) mod rule;
#[cfg(feature = "serde")]
pub(crate) mod spec;
pub(crate) mod typed;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, OnceLock},
};

use time::Date;

use crate::{
    error::{FileError, SetupError},
    issue::{Issue, IssueCode, IssueKind, Language, Notice, Override, builtin, fill},
    value::{
        locale::{DateBound, EmptyWords, Locale, Translation, TwoDigitYears},
        text::{folded, normalise_header},
    },
};
use header::{Asides, FieldPhrases};
use kind::Kind;
use rule::{Beginnings, Beside, Heard, Key, RowRule};

pub use field::Field;
pub use header::HeaderWords;
pub use rule::UniqueKey;

/// The fields, keys and rules that a file is checked against. Cheap to clone.
///
/// ```
/// use import_engine::{Field, IssueCode, Language, Schema, fields::UniqueKey};
///
/// let schema = Schema::builder("payments")
///     .field(Field::reference("customer", "customer").required())
///     .field(Field::money("amount").required().min(1).alias("sum"))
///     .field(Field::text("receipt"))
///     .unique(UniqueKey::on(["customer", "receipt"]).reported_on("receipt"))
///     .build()?;
/// assert_eq!(schema.name(), "payments");
/// assert_eq!(schema.fields()[1].name(), "amount");
/// assert_eq!((schema.index_of("amount"), schema.index_of("sum")), (Some(1), None));
/// assert_eq!(schema.known_headers().collect::<Vec<_>>(), ["customer", "amount", "sum", "receipt"]);
/// assert!(schema.codes().any(|code| code == IssueCode::REQUIRED));
/// let messages = schema.messages(Language::ENGLISH);
/// assert_eq!(messages.template(IssueCode::REQUIRED), "Field '{field}' is required");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Schema {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) name: Box<str>,
    pub(crate) fields: Vec<Field>,
    pub(crate) keys: Vec<Key>,
    pub(crate) row_rules: Vec<DeclaredRule>,
    pub(crate) ignored_columns: Vec<Box<str>>,
    pub(crate) footer_words: Vec<Box<str>>,
    /// Headers of tables of other kinds.
    pub(crate) other_headers: Vec<Box<str>>,
    pub(crate) header_words: HeaderWords,
    /// What columns besides the fields may show about a row, with the fields on which it is reported.
    pub(crate) beside: Vec<(usize, Heard)>,
    pub(crate) messages: Vec<Override>,
    pub(crate) locale: Arc<Locale>,
    translations: Vec<Translation>,
    /// What the files of the schema are compared with, built for the first of them: there are hundreds of words to fold.
    pub(crate) phrases: OnceLock<Vec<FieldPhrases>>,
    pub(crate) asides: OnceLock<Asides>,
    compared_headers: OnceLock<HashSet<String>>,
    compared_others: OnceLock<HashSet<String>>,
}

/// A rule across cells, and the indexes of the fields that it declared.
pub(crate) struct DeclaredRule {
    pub(crate) rule: Arc<dyn RowRule>,
    pub(crate) fields: Vec<usize>,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("name", &self.inner.name)
            .field("fields", &self.inner.fields)
            .finish_non_exhaustive()
    }
}

impl Schema {
    /// Starts a schema. The name is used in errors and templates.
    pub fn builder(name: impl Into<Box<str>>) -> SchemaBuilder {
        SchemaBuilder {
            name: name.into(),
            fields: Vec::new(),
            keys: Vec::new(),
            row_rules: Vec::new(),
            ignored_columns: Vec::new(),
            footer_words: crate::sniff::header::WORDS
                .iter()
                .map(|word| Box::from(*word))
                .collect(),
            other_headers: Vec::new(),
            header_words: HeaderWords::new(),
            beside: Vec::new(),
            empty_words: None,
            codes: Vec::new(),
            messages: Vec::new(),
            locale: Locale::INTERNATIONAL,
            translations: Vec::new(),
        }
    }

    /// The locale of its files.
    #[must_use]
    pub fn locale(&self) -> &Locale {
        &self.inner.locale
    }

    /// The schema's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The fields, in the order in which they were added. A field's position here is its index everywhere.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.inner.fields
    }

    /// The index of a field.
    #[must_use]
    pub fn index_of(&self, field: &str) -> Option<usize> {
        self.inner.fields.iter().position(|f| &*f.name == field)
    }

    /// Every header text that a file of this kind may have, for
    /// [`Sniffer::with_known_headers`](crate::recognise::Sniffer::with_known_headers).
    pub fn known_headers(&self) -> impl Iterator<Item = &str> {
        self.inner.fields.iter().flat_map(|field| {
            std::iter::once(&*field.name).chain(
                field
                    .aliases
                    .iter()
                    .chain(&field.natural_keys)
                    .chain(&field.risky)
                    .map(AsRef::as_ref),
            )
        })
    }

    /// These headers in the form in which they are compared.
    pub(crate) fn compared_headers(&self) -> &HashSet<String> {
        self.inner.compared_headers.get_or_init(|| {
            let headers = self.known_headers().map(normalise_header);
            headers.filter(|header| !header.is_empty()).collect()
        })
    }

    /// The headers that only tables of other kinds have, in the form in which they are compared.
    pub(crate) fn compared_others(&self) -> &HashSet<String> {
        self.inner.compared_others.get_or_init(|| {
            let own = self.compared_headers();
            let others = self.inner.other_headers.iter();
            let others = others.map(|header| normalise_header(header));
            others
                .filter(|header| !header.is_empty() && !own.contains(header))
                .collect()
        })
    }

    /// Every code that an issue of this schema may have: the engine's own, and those that the schema has texts for.
    pub fn codes(&self) -> impl Iterator<Item = IssueCode> {
        let own = self.inner.messages.iter().map(|text| text.code);
        let codes: std::collections::BTreeSet<_> =
            IssueCode::BUILT_IN.iter().copied().chain(own).collect();
        codes.into_iter()
    }

    /// The texts of this schema's issues.
    #[must_use]
    pub fn messages(&self, language: Language) -> Messages {
        Messages::new(self.clone(), language)
    }
}
type DeclaredFields = Vec<Box<str>>;

/// Builds a [`Schema`].
///
/// See [`Schema`] for an example.
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct SchemaBuilder {
    name: Box<str>,
    fields: Vec<Field>,
    keys: Vec<UniqueKey>,
    /// Each rule with the fields that it declared.
    row_rules: Vec<(DeclaredFields, Arc<dyn RowRule>)>,
    ignored_columns: Vec<Box<str>>,
    footer_words: Vec<Box<str>>,
    other_headers: Vec<Box<str>>,
    header_words: HeaderWords,
    beside: Vec<Beside>,
    empty_words: Option<Arc<EmptyWords>>,
    codes: Vec<IssueCode>,
    messages: Vec<Override>,
    locale: Locale,
    translations: Vec<Translation>,
}

impl fmt::Debug for SchemaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemaBuilder")
            .field("name", &self.name)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl SchemaBuilder {
    /// Sets the locale of the files; [`Locale::INTERNATIONAL`] by default.
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Adds the texts of a language.
    pub fn translation(mut self, translation: Translation) -> Self {
        self.translations.push(translation);
        self
    }

    /// Adds a field.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("contacts").field(Field::text("name"));
    /// ```
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a key of several fields, or of one with options.
    ///
    /// ```
    /// use import_engine::{Field, Schema, fields::UniqueKey};
    ///
    /// let builder = Schema::builder("trips")
    ///     .field(Field::text("name"))
    ///     .field(Field::date("departs"))
    ///     .unique(UniqueKey::on(["name", "departs"]));
    /// ```
    pub fn unique(mut self, key: UniqueKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds a check across cells, with the fields that it reads or reports on.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Schema, rules::Row};
    ///
    /// fn reachable(row: &mut Row<'_>) {
    ///     if row.get("email").is_absent() && row.get("phone").is_absent() {
    ///         row.refuse("phone", IssueCode::REQUIRED);
    ///     }
    /// }
    /// let builder = Schema::builder("contacts")
    ///     .field(Field::email("email"))
    ///     .field(Field::text("phone"))
    ///     .row_rule(["email", "phone"], reachable);
    /// ```
    pub fn row_rule<I>(mut self, fields: I, rule: impl RowRule + 'static) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        let fields = fields.into_iter().map(Into::into).collect();
        self.row_rules.push((fields, Arc::new(rule)));
        self
    }

    /// Declares the caller's own codes that rules report: a [message](Self::message) for any other code is regarded as a
    /// mistake.
    ///
    /// ```
    /// use import_engine::{IssueCode, Language, Schema};
    ///
    /// const ODD: IssueCode = IssueCode::new("odd");
    /// let builder = Schema::builder("pairs")
    ///     .codes([ODD])
    ///     .message(ODD, Language::ENGLISH, "{label} must be even: {value}");
    /// ```
    pub fn codes(mut self, codes: impl IntoIterator<Item = IssueCode>) -> Self {
        self.codes.extend(codes);
        self
    }

    /// Sets words that, as a whole cell of any column that is not a field, mean that the row is not a record of this
    /// kind: `Refund` in a list of payments. Such rows are refused on the field with [`IssueCode::CONTRADICTED`].
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("payments").field(Field::money("paid")).refuse_beside("paid", ["refund", "void"]);
    /// ```
    pub fn refuse_beside<I>(self, field: impl Into<Box<str>>, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.listen_beside(field, Heard::Words(EmptyWords::new(words)))
    }

    /// Sets phrases that, at the beginning of a cell of any column that is not a field, mean that the row may not be a
    /// record yet: `Pending` in a list of payments. Such rows are accepted with the warning [`IssueCode::DOUBTED`] on the
    /// field.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("payments").field(Field::money("paid")).doubt_beside("paid", ["pending", "waiting for"]);
    /// ```
    pub fn doubt_beside<I>(self, field: impl Into<Box<str>>, beginnings: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.listen_beside(field, Heard::Beginnings(Beginnings::new(beginnings)))
    }

    /// Sets words in the header of a column that is not a field which ask for what makes a row a record, and the cells
    /// that deny it: `No` below `Received?` in a list of payments. Such rows are accepted with the warning
    /// [`IssueCode::DOUBTED`] on the field.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("payments")
    ///     .field(Field::money("paid"))
    ///     .doubt_denied_beside("paid", ["received", "verified"], ["no", "not yet", "false"]);
    /// ```
    pub fn doubt_denied_beside<A, D>(self, field: impl Into<Box<str>>, asked: A, denials: D) -> Self
    where
        A: IntoIterator,
        A::Item: Into<Box<str>>,
        D: IntoIterator,
        D::Item: AsRef<str>,
    {
        let heard = Heard::Denial {
            asked: asked.into_iter().map(Into::into).collect(),
            phrases: OnceLock::new(),
            denials: EmptyWords::new(denials),
        };
        self.listen_beside(field, heard)
    }

    fn listen_beside(mut self, field: impl Into<Box<str>>, heard: Heard) -> Self {
        let field = field.into();
        self.beside.push(Beside { field, heard });
        self
    }

    /// Sets headers of tables of other kinds, which may follow this one in one sheet. A row of them ends the table: what
    /// follows is refused until the file's own header is repeated.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("contacts").field(Field::text("name")).other_headers(["amount", "paid on"]);
    /// ```
    pub fn other_headers<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        self.other_headers
            .extend(headers.into_iter().map(Into::into));
        self
    }

    /// Sets what the schema knows about the words that accompany names in headers.
    ///
    /// See [`HeaderWords`] for an example.
    pub fn header_words(mut self, words: HeaderWords) -> Self {
        self.header_words = words;
        self
    }

    /// Sets the words that mean "nothing" in every field without its own, instead of the
    /// [locale's](Locale::words_for_nothing).
    ///
    /// ```
    /// use import_engine::Schema;
    ///
    /// let builder = Schema::builder("contacts").empty_words(["-", "n/a", "ohne"]);
    /// ```
    pub fn empty_words<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.empty_words = Some(Arc::new(EmptyWords::new(words)));
        self
    }

    /// Sets headers that are never matched and never reported: `No`, `No Urut`.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("contacts").field(Field::text("name")).ignore_columns(["No", "No. Urut"]);
    /// ```
    pub fn ignore_columns<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.ignored_columns
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Sets the first words of rows of sums of the table, instead of the engine's own (`TOTAL`, `JUMLAH`, …).
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let builder = Schema::builder("contacts").field(Field::text("name")).footer_words(["Summe"]);
    /// ```
    pub fn footer_words<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.footer_words = words
            .into_iter()
            .map(|word| normalise_header(word.as_ref()).into())
            .collect();
        self
    }

    /// Sets the message of a code for every field, instead of the catalogue's; the caller's own [codes](Self::codes) get
    /// theirs here.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language, Schema};
    ///
    /// let builder = Schema::builder("contacts")
    ///     .field(Field::text("name").required())
    ///     .message(IssueCode::REQUIRED, Language::ENGLISH, "please fill in {label}");
    /// ```
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

    /// Builds the schema.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let twice = Schema::builder("contacts").field(Field::text("name")).field(Field::text("name"));
    /// assert!(twice.build().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetupError::Schema`] if two fields share a name or a header, a key or a rule names an unknown field, a limit
    /// contradicts another or has no effect on its kind of field, a choice has no words, a message is for an unknown
    /// code, or a pattern is not a regular expression.
    pub fn build(self) -> Result<Schema, SetupError> {
        build(self)
    }
}

// Whether a schema needs today's date.

/// Refuses a schema that compares dates with today if today's date is not given.
pub(crate) fn needs_today(schema: &Schema, today: Option<Date>) -> Result<(), SetupError> {
    if today.is_some() {
        return Ok(());
    }
    let relative =
        |bound: Option<DateBound>| bound.is_some_and(|bound| !matches!(bound, DateBound::Day(_)));
    let compares = schema.fields().iter().find(|field| match &field.kind {
        Kind::Date(options) | Kind::DateTime(options) => {
            relative(options.not_before)
                || relative(options.not_after)
                || matches!(options.two_digit_years, TwoDigitYears::Past { .. })
        }
        _ => false,
    });
    match compares {
        Some(field) => Err(SetupError::TodayMissing {
            field: field.name().to_owned(),
        }),
        None => Ok(()),
    }
}

// From a builder's settings to a working schema: everything that could only fail later, or silently have no effect, is
// refused here, where the programmer sees it.

fn build(builder: SchemaBuilder) -> Result<Schema, SetupError> {
    let name = builder.name.clone();
    let inner = inner(builder).map_err(|reason| SetupError::Schema {
        schema: name.to_string(),
        reason,
    })?;
    Ok(Schema {
        inner: Arc::new(inner),
    })
}

fn inner(builder: SchemaBuilder) -> Result<Inner, String> {
    let SchemaBuilder {
        name,
        mut fields,
        keys,
        row_rules,
        ignored_columns,
        footer_words,
        other_headers,
        header_words,
        beside,
        empty_words,
        codes,
        messages,
        locale,
        mut translations,
    } = builder;
    check_fields(&fields)?;
    translations.splice(0..0, locale.translated().cloned());
    let translated = translations.iter().flat_map(Translation::codes);
    check_codes(&fields, &messages, translated, &codes)?;
    let locale = Arc::new(locale);
    let usual =
        empty_words.unwrap_or_else(|| Arc::new(EmptyWords::new(locale.words_for_nothing())));
    for field in &mut fields {
        field.empty_words.get_or_insert_with(|| Arc::clone(&usual));
        settle(field, &locale);
        cell::set_preset(field)?;
    }
    let mut heard = Vec::with_capacity(beside.len());
    for Beside { field, heard: what } in beside {
        heard.extend(
            positions(&[field], &fields)?
                .into_iter()
                .map(|field| (field, what.clone())),
        );
    }
    Ok(Inner {
        beside: heard,
        keys: resolved_keys(&keys, &fields)?,
        row_rules: row_rules
            .into_iter()
            .map(|(declared, rule)| {
                let fields = positions(&declared, &fields)?;
                Ok(DeclaredRule { rule, fields })
            })
            .collect::<Result<_, String>>()?,
        name,
        fields,
        ignored_columns,
        footer_words,
        other_headers,
        header_words,
        messages,
        locale,
        translations,
        phrases: OnceLock::new(),
        asides: OnceLock::new(),
        compared_headers: OnceLock::new(),
        compared_others: OnceLock::new(),
    })
}

/// Resolves what the field leaves to its locale.
fn settle(field: &mut Field, locale: &Arc<Locale>) {
    match &mut field.kind {
        Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) => {
            options.mark = options.mark.or(locale.mark());
            options.locale = Some(Arc::clone(locale));
        }
        Kind::Date(options) | Kind::DateTime(options) => {
            if !field.own_order {
                options.order = locale.order();
            }
            options.locale = Some(Arc::clone(locale));
        }
        _ => {}
    }
    if let Kind::Money(options) = &mut field.kind
        && !field.own_currency
    {
        let signs = locale.signs_of_money();
        options.currency = signs.iter().map(|sign| folded(sign).into()).collect();
    }
    field.locale = Some(Arc::clone(locale));
}

/// Resolves the keys, those of single fields first.
fn resolved_keys(keys: &[UniqueKey], fields: &[Field]) -> Result<Vec<Key>, String> {
    let single = fields
        .iter()
        .filter_map(|field| Some(UniqueKey::of(field, field.unique?).resolve(fields)));
    single
        .chain(keys.iter().map(|key| key.resolve(fields)))
        .collect()
}

fn positions(declared: &[Box<str>], fields: &[Field]) -> Result<Vec<usize>, String> {
    declared
        .iter()
        .map(|wanted| {
            fields
                .iter()
                .position(|field| field.name() == &**wanted)
                .ok_or_else(|| format!("a rule names no field '{wanted}'"))
        })
        .collect()
}

fn check_fields(fields: &[Field]) -> Result<(), String> {
    if fields.is_empty() {
        return Err("it has no fields".to_owned());
    }
    let mut headers: HashMap<String, &str> = HashMap::new();
    for field in fields {
        let name = &*field.name;
        if name.is_empty() {
            return Err("a field has no name".to_owned());
        }
        if fields.iter().filter(|other| *other.name == *name).count() > 1 {
            return Err(format!("two fields are named '{name}'"));
        }
        if let Some(fault) = field.faults.first() {
            return Err(fault.clone());
        }
        cell::check_limits(field)?;
        for header in std::iter::once(name).chain(field.aliases.iter().map(AsRef::as_ref)) {
            if let Some(other) = headers.insert(normalise_header(header), name)
                && other != name
            {
                return Err(format!(
                    "'{header}' is a header of both '{other}' and '{name}'"
                ));
            }
        }
    }
    Ok(())
}

/// Refuses messages for codes that neither the engine has nor the schema declared.
fn check_codes(
    fields: &[Field],
    messages: &[Override],
    translated: impl Iterator<Item = IssueCode>,
    codes: &[IssueCode],
) -> Result<(), String> {
    let mut texts = fields
        .iter()
        .flat_map(|field| &field.messages)
        .chain(messages)
        .map(|text| text.code)
        .chain(translated);
    let unknown = texts.find(|code| !IssueCode::BUILT_IN.contains(code) && !codes.contains(code));
    match unknown {
        Some(code) => Err(format!(
            "a message is of '{code}', which is neither a code of the engine nor declared by `codes`"
        )),
        None => Ok(()),
    }
}

// Issues in a language: with the field's text, the schema's, or the catalogue's.

/// The texts for the issues of one schema in one language.
///
/// A text comes from the field, else from the schema, else from the engine's own catalogue.
///
/// ```
/// use import_engine::{Field, IssueCode, Language, Plan, Schema};
///
/// let file = b"name,email\nAhmad,ahmad@email\n,siti@example.com\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email").label("Email"))
///     .build()?;
/// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
///
/// let messages = schema.messages(Language::INDONESIAN);
/// let said: Vec<_> = batches[0].issues().iter().map(|issue| messages.message(issue)).collect();
/// assert_eq!(said, ["Email tidak valid: ahmad@email", "Field 'name' wajib diisi"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    schema: Schema,
    language: Language,
}

impl Messages {
    pub(crate) fn new(schema: Schema, language: Language) -> Self {
        Self { schema, language }
    }

    /// The message about an issue for the user.
    #[must_use]
    pub fn message(&self, issue: &Issue) -> String {
        self.render(issue, issue.value.as_deref().unwrap_or_default())
    }

    /// The same with the value of a sensitive field masked, for places where others may read it.
    #[must_use]
    pub fn masked_message(&self, issue: &Issue) -> String {
        self.render(issue, issue.masked_value().as_deref().unwrap_or_default())
    }

    /// The format that a cell should have had; `None` for a duplicate, whose format is right.
    #[must_use]
    pub fn expected(&self, issue: &Issue) -> Option<String> {
        if issue.kind == IssueKind::Duplicate {
            return None;
        }
        self.expected_of(issue.field()?)
    }

    /// The expected format of a field's cells, if it can be stated.
    ///
    /// ```
    /// use import_engine::{Field, Language, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("code").expected("two letters")).build()?;
    /// assert_eq!(schema.messages(Language::ENGLISH).expected_of("code").as_deref(), Some("two letters"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expected_of(&self, field: &str) -> Option<String> {
        let index = self.schema.index_of(field)?;
        let field = &self.schema.fields()[index];
        field.expected_format(self.language)
    }

    /// The text of a code with its placeholders, for fields without their own.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let messages = schema.messages(Language::ENGLISH);
    /// assert_eq!(messages.template(IssueCode::REQUIRED), "Field '{field}' is required");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn template(&self, code: IssueCode) -> &str {
        let own = self.schema.inner.messages.iter();
        own.filter(|text| text.code == code && text.language == self.language)
            .map(|text| &*text.text)
            .next()
            .or_else(|| self.translations().find_map(|all| all.of_issue(code)))
            .unwrap_or_else(|| builtin(code, self.language))
    }

    /// The text of a notice.
    #[must_use]
    pub fn notice(&self, notice: &Notice) -> String {
        let translated = self
            .translations()
            .find_map(|all| all.of_notice(notice.code()));
        match translated {
            Some((text, _)) => notice.filled(text),
            None => notice.text(self.language),
        }
    }

    /// What the user may do about a notice, if anything.
    #[must_use]
    pub fn hint(&self, notice: &Notice) -> Option<String> {
        let translated = self
            .translations()
            .find_map(|all| all.of_notice(notice.code()));
        match translated {
            Some((_, hint)) => (!hint.is_empty()).then(|| notice.filled(hint)),
            None => notice.hint(self.language),
        }
    }

    /// The text for a file that cannot be imported.
    #[must_use]
    pub fn file_error(&self, error: &FileError) -> String {
        let translated = self
            .translations()
            .find_map(|all| all.of_file(error.code()));
        match translated {
            Some(text) => error.filled(text),
            None => error.message(self.language),
        }
    }

    /// The caller's texts in the language, later ones first.
    fn translations(&self) -> impl Iterator<Item = &Translation> {
        let all = self.schema.inner.translations.iter().rev();
        all.filter(|all| all.language() == self.language)
    }

    fn render(&self, issue: &Issue, value: &str) -> String {
        let field = issue
            .field()
            .and_then(|name| self.schema.index_of(name))
            .map(|i| &self.schema.fields()[i]);
        let template = field
            .into_iter()
            .flat_map(|field| &field.messages)
            .find(|text| text.code == issue.code && text.language == self.language)
            .map_or_else(|| self.template(issue.code), |text| &*text.text);
        let name = issue.field().unwrap_or_default();
        let label = field
            .and_then(|field| field.label.as_deref())
            .unwrap_or(name);
        let row = issue.row.to_string();
        let line = issue.line.to_string();
        fill(template, |key| {
            issue.param(key).or(match key {
                "field" => Some(name),
                "label" => Some(label),
                "value" => Some(value),
                "row" => Some(&row),
                "line" => Some(&line),
                _ => None,
            })
        })
    }
}
