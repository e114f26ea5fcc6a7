//! A schema as data that can be stored, sent to a form, or derived from a table's definition. Rules are code and not part
//! of it.

use serde::{Deserialize, Serialize};
use time::UtcOffset;

use super::{
    Schema, SchemaBuilder,
    field::Field,
    kind::Kind,
    rule::{Key, UniqueKey},
};
use crate::{
    issue::Severity,
    value::locale::{DateOrder, DecimalMark, NumberOptions},
};

/// A schema from and to JSON, in the words of [Table Schema](https://specs.frictionlessdata.io/table-schema/) where it
/// has them.
///
/// Rules, checks and translations are code: add them to the [builder](Self::builder). What the words do not cover (bounds
/// of dates, words of headers, keys of the whole row) is also omitted by [`of`](Self::of).
///
/// ```
/// use import_engine::{Plan, fields::SchemaSpec};
///
/// let spec: SchemaSpec = serde_json::from_str(
///     r#"{
///         "name": "contacts",
///         "fields": [
///             {"name": "name", "type": "string", "title": "Name", "aliases": ["full name"], "constraints": {"required": true, "maxLength": 80}},
///             {"name": "email", "type": "string", "format": "email", "constraints": {"unique": true}},
///             {"name": "kind", "type": "string", "constraints": {"enum": ["friend", "foe"]}},
///             {"name": "born", "type": "date"}
///         ],
///         "uniqueKeys": [["name", "born"]],
///         "missingValues": ["", "-"]
///     }"#,
/// )?;
/// let schema = spec.builder()?.build()?;
/// assert_eq!(Plan::of(&schema, "Full name,email\nAda,ada@example.org\n")?.records(), Some(1));
/// assert_eq!(SchemaSpec::of(&schema).fields[0], spec.fields[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct SchemaSpec {
    /// Name of the schema.
    pub name: String,
    /// The fields, in order.
    pub fields: Vec<FieldSpec>,
    /// Fields that together identify a row: a unique key whose fields are required.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    /// Fields that together are unique.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<Vec<String>>,
    /// The words that mean "nothing", instead of the locale's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_values: Option<Vec<String>>,
}

/// A field of a [`SchemaSpec`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldSpec {
    /// Its name.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean`, `date`, `datetime`; beyond Table Schema `money`, `digits` and `reference`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For a `string`: `default`, `email`, `uuid`, or `multiline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its name in messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The expected format, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The cell of a template's example row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// The constraints of its cells.
    #[serde(skip_serializing_if = "Constraints::is_empty")]
    pub constraints: Constraints,
    /// The value of an empty cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The decimal mark: `.` or `,`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_char: Option<char>,
    /// Other headers that name it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether values are personal.
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// For a date: the order of day and month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// For a date: the offset of its zone from UTC, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset: Option<i32>,
    /// For money: the signs of its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Vec<String>>,
    /// For money: decimals of the smallest unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor_units: Option<u8>,
    /// For a reference: its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// The constraints of a field's cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Constraints {
    /// No cell is empty.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// No value occurs twice.
    #[serde(skip_serializing_if = "is_false")]
    pub unique: bool,
    /// At least this many characters, or digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    /// At most this many characters, or digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// The least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// A regular expression that the whole text matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The words that are allowed.
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
}

impl Constraints {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands on references"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Field {
    /// The part of the field that can be expressed as data: kind, label, headers, limits, words, for a form or the
    /// definition of a table.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let spec = Field::text("name").label("Full name").alias("nama").max_chars(80).spec();
    /// assert_eq!((spec.kind.as_str(), spec.title.as_deref()), ("string", Some("Full name")));
    /// assert_eq!((spec.aliases, spec.constraints.max_length), (vec!["nama".to_owned()], Some(80)));
    /// ```
    #[must_use]
    pub fn spec(&self) -> FieldSpec {
        FieldSpec::of(self)
    }
}

impl SchemaSpec {
    /// The part of a schema that can be expressed as data.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let fields = schema.fields();
        let names = |key: &Key| -> Vec<String> {
            let of_key = key.fields.iter();
            of_key
                .map(|field| fields[*field].name().to_owned())
                .collect()
        };
        let keys = schema.inner.keys.iter();
        Self {
            name: schema.name().to_owned(),
            fields: fields.iter().map(FieldSpec::of).collect(),
            primary_key: Vec::new(),
            unique_keys: keys
                .filter(|key| key.fields.len() > 1 && !key.whole_row)
                .filter(|key| key.severity == Severity::Error)
                .map(names)
                .collect(),
            missing_values: None,
        }
    }

    /// A builder to which code can be added: rules, checks, a locale.
    ///
    /// # Errors
    ///
    /// [`SetupError::Schema`](crate::SetupError::Schema) for an unknown type or format. Contradictions are found when the
    /// schema is built.
    pub fn builder(&self) -> Result<SchemaBuilder, crate::error::SetupError> {
        let mut builder = Schema::builder(self.name.as_str());
        for field in &self.fields {
            let field = field
                .field(self.primary_key.contains(&field.name))
                .map_err(|reason| crate::error::SetupError::Schema {
                    schema: self.name.clone(),
                    reason,
                })?;
            builder = builder.field(field);
        }
        if !self.primary_key.is_empty() {
            builder = builder.unique(UniqueKey::on(self.primary_key.iter().map(String::as_str)));
        }
        for key in &self.unique_keys {
            builder = builder.unique(UniqueKey::on(key.iter().map(String::as_str)));
        }
        if let Some(words) = &self.missing_values {
            builder = builder.empty_words(words);
        }
        Ok(builder)
    }
}

impl FieldSpec {
    fn of(field: &Field) -> Self {
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let mut spec = Self {
            name: field.name().to_owned(),
            title: text(&field.label),
            description: text(&field.expected),
            example: text(&field.example),
            default: text(&field.default),
            constraints: Constraints {
                required: field.required,
                unique: field.unique == Some(Severity::Error),
                min_length: field.min_chars,
                max_length: field.max_chars,
                pattern: field
                    .pattern
                    .as_ref()
                    .map(|(pattern, _)| pattern.to_string()),
                ..Constraints::default()
            },
            aliases: field.aliases.iter().map(ToString::to_string).collect(),
            sensitive: field.sensitive,
            ..Self::default()
        };
        let (kind, format) = match &field.kind {
            Kind::Text(options) => match options.digits {
                Some((least, most)) => {
                    spec.constraints.min_length = Some(least);
                    spec.constraints.max_length = Some(most);
                    ("digits", None)
                }
                None => ("string", options.multiline.then_some("multiline")),
            },
            Kind::Email => ("string", Some("email")),
            Kind::Uuid => ("string", Some("uuid")),
            Kind::Choice(choices) => {
                let words = choices.words.iter().map(ToString::to_string);
                spec.constraints.allowed = Some(words.collect());
                ("string", None)
            }
            Kind::Bool => ("boolean", None),
            Kind::Integer(options) => {
                spec.numbers(options);
                ("integer", None)
            }
            Kind::Decimal(options) => {
                spec.numbers(options);
                ("number", None)
            }
            Kind::Money(options) => {
                spec.numbers(options);
                spec.currency = Some(options.currency.iter().map(ToString::to_string).collect());
                spec.minor_units = (options.minor > 0).then_some(options.minor);
                ("money", None)
            }
            Kind::Date(options) => {
                spec.date_order = Some(options.order);
                spec.utc_offset = options.zone.map(UtcOffset::whole_seconds);
                ("date", None)
            }
            Kind::DateTime(options) => {
                spec.date_order = Some(options.order);
                spec.utc_offset = options.zone.map(UtcOffset::whole_seconds);
                ("datetime", None)
            }
            Kind::Reference(target) => {
                spec.target = Some(target.to_string());
                ("reference", None)
            }
        };
        kind.clone_into(&mut spec.kind);
        spec.format = format.map(str::to_owned);
        spec
    }

    fn numbers(&mut self, options: &NumberOptions) {
        self.constraints.minimum = options.min;
        self.constraints.maximum = options.max;
        self.decimal_char = options.mark.map(|mark| match mark {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        });
    }

    fn field(&self, in_key: bool) -> Result<Field, String> {
        let name = self.name.as_str();
        let rules = &self.constraints;
        let is_digits = self.kind == "digits";
        let mut field = match (self.kind.as_str(), self.format.as_deref()) {
            ("string" | "", None | Some("default")) => match &rules.allowed {
                Some(words) => Field::choice(name, words),
                None => Field::text(name),
            },
            ("string", Some("email")) => Field::email(name),
            ("string", Some("uuid")) => Field::uuid(name),
            ("string", Some("multiline")) => Field::multiline(name),
            ("digits", None) => Field::digits(
                name,
                rules.min_length.unwrap_or(1),
                rules.max_length.unwrap_or(usize::MAX),
            ),
            ("integer", None) => Field::integer(name),
            ("number", None) => Field::decimal(name),
            ("money", None) => Field::money(name),
            ("boolean", None) => Field::boolean(name),
            ("date", None) => Field::date(name),
            ("datetime", None) => Field::datetime(name),
            ("reference", None) => Field::reference(name, self.target.as_deref().unwrap_or(name)),
            (kind, None) => {
                return Err(format!(
                    "'{name}' is of the type '{kind}', which there is not"
                ));
            }
            (kind, Some(format)) => {
                return Err(format!(
                    "'{name}' is a {kind} of the format '{format}', which there is not"
                ));
            }
        };
        field = field.aliases(&self.aliases);
        field.required = rules.required || in_key;
        field.sensitive = self.sensitive;
        if rules.unique {
            field = field.unique();
        }
        if let Some(title) = &self.title {
            field = field.label(title.as_str());
        }
        if let Some(words) = &self.description {
            field = field.expected(words.as_str());
        }
        if let Some(example) = &self.example {
            field = field.example(example.as_str());
        }
        if let Some(text) = &self.default {
            field = field.default(text.as_str());
        }
        if let Some(limit) = rules.min_length.filter(|_| !is_digits) {
            field = field.min_chars(limit);
        }
        if let Some(limit) = rules.max_length.filter(|_| !is_digits) {
            field = field.max_chars(limit);
        }
        if let Some(limit) = rules.minimum {
            field = field.min(limit);
        }
        if let Some(limit) = rules.maximum {
            field = field.max(limit);
        }
        if let Some(pattern) = &rules.pattern {
            field = field.pattern(pattern);
        }
        if let Some(mark) = self.decimal_char {
            field = field.decimal_mark(match mark {
                '.' => DecimalMark::Point,
                ',' => DecimalMark::Comma,
                other => return Err(format!("'{other}' separates no fraction in '{name}'")),
            });
        }
        if let Some(order) = self.date_order {
            field = field.order(order);
        }
        if let Some(seconds) = self.utc_offset {
            let zone = UtcOffset::from_whole_seconds(seconds);
            field = field.zone(zone.map_err(|_| format!("'{name}' is in no zone of the earth"))?);
        }
        if let Some(signs) = &self.currency {
            field = field.currency(signs);
        }
        if let Some(decimals) = self.minor_units {
            field = field.minor_units(decimals);
        }
        Ok(field)
    }
}
