//! What the system calls its own rows by, and what becomes of a row that it has already.

use std::fmt;

use uuid::Uuid;

use crate::value::Value;

/// What the system knows one of its rows by: the number, UUID or text that its primary key is.
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
    /// As the value of a cell.
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

/// What becomes of rows that the system has already, as far as the lookup finds [exactly one](crate::lookup::Found::One) of its rows by their unique keys.
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
    /// They are valid, and to be stored over what is there. Of two rows that change the same one, the later is invalid:
    /// [`RECORD_IN_FILE`](crate::IssueCode::RECORD_IN_FILE).
    Update,
    /// They are valid, and to be left alone.
    Skip,
}

/// What is to be done with a valid row.
///
/// See [`Existing`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The system does not have it.
    Create,
    /// The system has it, and takes what the file says.
    Update,
    /// The system has it, and keeps what it has.
    Skip,
}
