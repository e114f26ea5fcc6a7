//! The kinds of fields: one constructor each.

use std::sync::Arc;

use super::Field;
use crate::{
    schema::kind::{Choices, Kind, TextOptions},
    value::options::{DateOptions, NumberOptions},
};

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
            example: None,
            expected: None,
            messages: Vec::new(),
            own_order: false,
            own_currency: false,
            locale: None,
        }
    }

    /// Text on one line: NFC, invisible characters removed, runs of white space one space, trimmed. [`Value::Text`](crate::Value::Text).
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

    /// A number that is a name: this many digits, kept as text, zeros in front included. What spreadsheets do to such cells
    /// (`'123`, `="123"`, `123.0`, spaces, dots, dashes) is cleaned, what they destroy (`1,23E+15`) is reported. [`Value::Text`](crate::Value::Text).
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

    /// A whole number. `12.0` is 12, `12.5` is refused, and `25.000` is refused unless the column groups thousands. [`Value::Integer`](crate::Value::Integer).
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

    /// A number with a fraction. Whether `1.234` is above a thousand is decided once for the whole column. [`Value::Decimal`](crate::Value::Decimal).
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
    /// `42 jt`, `26,000,000`. Fractions of a unit and negative amounts are refused. [`Value::Integer`](crate::Value::Integer).
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

    /// A day of the calendar, in any form that is not ambiguous. [`Value::Date`](crate::Value::Date). A time of day beside it is
    /// left out: midnight without a word, any other with the warning
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

    /// A day with its time of day, in whole seconds. [`Value::DateTime`](crate::Value::DateTime). A cell without an offset from
    /// UTC is of the field's [`zone`](Self::zone); where there is none, it is refused.
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

    /// Yes or no, in English or Indonesian. [`Value::Bool`](crate::Value::Bool).
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

    /// One of some words, compared without case. [`Value::Choice`](crate::Value::Choice).
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
    /// [`Lookup`](crate::Lookup). [`Value::Uuid`](crate::Value::Uuid) when answered, [`Value::Text`](crate::Value::Text) when there was no lookup.
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
