//! A field of a schema and its builder. Holds what was asked for; checks nothing itself.

mod headers;
mod kinds;
mod options;
mod rules;
mod words;

use std::{fmt, sync::Arc};

use super::kind::Kind;
use crate::{
    issue::{Override, Problem, Severity},
    schema::{rule::Rule, slot::Preset},
    value::{Value, empty::EmptyWords, locale::SharedLocale},
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
    /// What the builder was asked that cannot be: reported when the schema is built.
    pub(crate) faults: Vec<String>,
    /// The field's own words for nothing, else the schema's: settled when the schema is built.
    pub(crate) empty_words: Option<Arc<EmptyWords>>,
    pub(crate) rules: Vec<Arc<dyn Rule>>,
    pub(crate) checks: Vec<ValueCheck>,
    /// What an empty cell is instead, as it would be written, and as it was read when the schema was built.
    pub(crate) default: Option<Box<str>>,
    pub(crate) preset: Option<Arc<Preset>>,
    pub(crate) unique: Option<Severity>,
    pub(crate) aliases: Vec<Box<str>>,
    pub(crate) natural_keys: Vec<Box<str>>,
    pub(crate) risky: Vec<Box<str>>,
    pub(crate) never: Vec<Box<str>>,
    /// Headers that are only ever suggested.
    pub(crate) perhaps: Vec<Box<str>>,
    /// Words that change nothing beside the field's names.
    pub(crate) tails: Vec<Box<str>>,
    /// Headers of columns that hold the field in parts.
    pub(crate) parts: Vec<Box<str>>,
    /// Headers of which a file that has two leaves open which one is the field.
    pub(crate) either: Vec<Box<str>>,
    /// Phrases that say in which power of ten a column counts.
    pub(crate) scales: Vec<(Box<str>, u8)>,
    /// Of several columns that only numbers tell apart the first is the field.
    pub(crate) numbered: bool,
    /// Words by which a column is known that no header names.
    pub(crate) cell_words: Option<Arc<EmptyWords>>,
    pub(crate) example: Option<Box<str>>,
    pub(crate) expected: Option<Box<str>>,
    pub(crate) messages: Vec<Override>,
    /// Whether the field has an order of dates, or signs of money, of its own.
    pub(crate) own_order: bool,
    pub(crate) own_currency: bool,
    /// The schema's.
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
