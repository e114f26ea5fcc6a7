//! Typed cells, how text of each kind becomes one, and the keys by which the system knows its own rows.

pub(crate) mod date;
pub(crate) mod locale;
pub(crate) mod number;
pub(crate) mod text;

use std::fmt;

use ::uuid::Uuid;
use time::{Date, OffsetDateTime};

/// A typed cell.
///
/// ```
/// use import_engine::Value;
///
/// assert_eq!(Value::Integer(45).as_integer(), Some(45));
/// assert_eq!(Value::Choice("cash").as_text(), Some("cash"));
/// assert!(Value::Absent.is_absent());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An empty cell, an empty word, or no such column.
    Absent,
    /// Text, digits, e-mail addresses, and references without a lookup.
    Text(&'a str),
    /// Whole numbers, and money in whole units.
    Integer(i64),
    /// Numbers with a fraction.
    Decimal(Decimal),
    /// Dates.
    Date(Date),
    /// Points in time, in UTC and whole seconds.
    DateTime(OffsetDateTime),
    /// Yes or no.
    Bool(bool),
    /// UUIDs, and references that the lookup answered.
    Uuid(Uuid),
    /// The word of a choice.
    Choice(&'a str),
}

impl<'a> Value<'a> {
    /// Whether the value is absent.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert!(Value::Absent.is_absent());
    /// ```
    #[must_use]
    pub const fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The text of a text or a choice.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Text("Siti").as_text(), Some("Siti"));
    /// assert_eq!(Value::Integer(1).as_text(), None);
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Choice(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Integer(45).as_integer(), Some(45));
    /// ```
    #[must_use]
    pub const fn as_integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The number, whole ones included.
    ///
    /// ```
    /// use import_engine::{Decimal, Value};
    ///
    /// assert_eq!(Value::Integer(45).as_decimal(), Some(Decimal { mantissa: 45, scale: 0 }));
    /// ```
    #[must_use]
    pub const fn as_decimal(self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(number),
            Self::Integer(number) => Some(Decimal {
                mantissa: number,
                scale: 0,
            }),
            _ => None,
        }
    }

    /// The date.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Bool(true).as_date(), None);
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_date(self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(date),
            _ => None,
        }
    }

    /// The point in time.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Integer(1).as_date_time(), None);
    /// ```
    #[must_use]
    pub const fn as_date_time(self) -> Option<OffsetDateTime> {
        match self {
            Self::DateTime(moment) => Some(moment),
            _ => None,
        }
    }

    /// Yes or no.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Bool(true).as_bool(), Some(true));
    /// ```
    #[must_use]
    pub const fn as_bool(self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(yes),
            _ => None,
        }
    }

    /// The UUID.
    ///
    /// ```
    /// use import_engine::Value;
    ///
    /// assert_eq!(Value::Uuid(uuid::Uuid::nil()).as_uuid(), Some(uuid::Uuid::nil()));
    /// ```
    #[must_use]
    pub const fn as_uuid(self) -> Option<Uuid> {
        match self {
            Self::Uuid(uuid) => Some(uuid),
            _ => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    /// Writes the value in its normal form: ISO 8601 dates, lower-case UUIDs, `.` before a fraction; nothing for an
    /// absent value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Text(text) | Self::Choice(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Date(date) => write_date(f, *date),
            Self::DateTime(moment) => {
                let moment = moment.to_offset(time::UtcOffset::UTC);
                write_date(f, moment.date())?;
                let (hour, minute, second) = moment.to_hms();
                write!(f, "T{hour:02}:{minute:02}:{second:02}Z")
            }
            Self::Bool(yes) => yes.fmt(f),
            Self::Uuid(uuid) => uuid.fmt(f),
        }
    }
}

fn write_date(f: &mut fmt::Formatter<'_>, date: Date) -> fmt::Result {
    write!(
        f,
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

/// A decimal number exactly as written: `mantissa` × 10^-`scale`, at most 18 digits.
///
/// ```
/// use import_engine::Decimal;
///
/// let weight = Decimal { mantissa: 7_250, scale: 3 };
/// assert_eq!(weight.to_string(), "7.250");
/// assert_eq!(weight.trunc(), 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i64,
    /// How many of them are after the decimal point, 0 to 18.
    pub scale: u8,
}

impl Decimal {
    /// The whole part, towards zero.
    ///
    /// ```
    /// assert_eq!(import_engine::Decimal { mantissa: -7_250, scale: 3 }.trunc(), -7);
    /// ```
    #[must_use]
    pub const fn trunc(self) -> i64 {
        match 10_i64.checked_pow(self.scale as u32) {
            Some(power) => self.mantissa / power,
            None => 0,
        }
    }

    /// Whether the fraction is zero.
    ///
    /// ```
    /// assert!(import_engine::Decimal { mantissa: 700, scale: 2 }.is_whole());
    /// ```
    #[must_use]
    pub const fn is_whole(self) -> bool {
        match 10_i64.checked_pow(self.scale as u32) {
            Some(power) => self.mantissa % power == 0,
            None => self.mantissa == 0,
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = format!(
            "{:0width$}",
            self.mantissa.unsigned_abs(),
            width = scale + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

// The keys of the system's own rows, and what happens to a row that it already has.

/// The primary key of one of the system's rows: a number, a UUID or a text.
///
/// ```
/// use import_engine::lookup::{Found, Key};
///
/// assert_eq!(Key::from(7), Key::Integer(7));
/// assert_eq!(Found::one("AB-1001"), Found::One(Key::Text("AB-1001".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(untagged)
)]
pub enum Key {
    /// A number.
    Integer(i64),
    /// A UUID.
    Uuid(Uuid),
    /// A text.
    Text(String),
}

impl Key {
    /// The key as the value of a cell.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Integer(number) => Value::Integer(*number),
            Self::Uuid(uuid) => Value::Uuid(*uuid),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl From<i64> for Key {
    fn from(key: i64) -> Self {
        Self::Integer(key)
    }
}

impl From<Uuid> for Key {
    fn from(key: Uuid) -> Self {
        Self::Uuid(key)
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self::Text(key)
    }
}

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self::Text(key.to_owned())
    }
}

/// What happens to rows that the system already has, provided that the lookup finds [exactly
/// one](crate::lookup::Found::One) of its rows by their unique keys.
///
/// ```
/// use import_engine::{Field, Lookup, Plan, Schema, lookup::{Action, BoxError, Existing, Found, Key, Question}};
///
/// /// A table with one article.
/// struct Articles;
///
/// impl Lookup for Articles {
///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
///         let find = |sku: &str| if sku == "ab-1" { Found::one(1) } else { Found::Nothing };
///         Ok(questions.iter().map(|question| question.texts().map(find).collect()).collect())
///     }
/// }
///
/// let schema = Schema::builder("articles")
///     .field(Field::text("sku").required().unique())
///     .field(Field::integer("pieces"))
///     .build()?;
/// let file = "sku,pieces\nAB-1,12\nAB-2,7\n";
/// let plan = Plan::of(&schema, file)?;
/// let (batches, _) = plan.import(file).lookup(&mut Articles).existing(Existing::Update).collect()?;
/// let actions: Vec<_> = batches[0].rows().map(|row| (row.action(), row.existing().cloned())).collect();
/// assert_eq!(actions, [(Action::Update, Some(Key::Integer(1))), (Action::Create, None)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Existing {
    /// They are invalid: [`DUPLICATE_IN_SYSTEM`](crate::IssueCode::DUPLICATE_IN_SYSTEM).
    #[default]
    Refuse,
    /// They are valid, and replace what is stored. Of two rows that change the same record, the later is invalid:
    /// [`RECORD_IN_FILE`](crate::IssueCode::RECORD_IN_FILE).
    Update,
    /// They are valid, and to be skipped.
    Skip,
}

/// What is to be done with a valid row.
///
/// See [`Existing`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The system does not have it.
    Create,
    /// The system has it, and its record is changed according to the file.
    Update,
    /// The system has it, and keeps what it has.
    Skip,
}
