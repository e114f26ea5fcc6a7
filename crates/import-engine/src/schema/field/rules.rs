//! What any field may ask of its cells.

use std::sync::Arc;

use super::Field;
use crate::{
    issue::{Problem, Severity},
    schema::rule::Rule,
    value::{Value, empty::EmptyWords},
};

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

    /// What an empty cell is instead, and every cell where the file has no such column: a text as a cell of the file would hold it,
    /// read by the field's own rules when the schema is built. It takes the place of [`required`](Self::required), so the two exclude
    /// each other. Rules across cells, keys and the lookup see it; limits that are counted from today are not asked.
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

    /// No two rows, and no row and the system, may have the same value. Of two rows the earlier valid one wins.
    /// For several fields together see [`SchemaBuilder::unique`](crate::fields::SchemaBuilder::unique).
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

    /// The least number of characters (not bytes).
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

    /// The largest number of characters (not bytes).
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

    /// The whole text must match a regular expression (syntax of `regex-lite`). A wrong one is an error when the schema is built.
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

    /// A check or normaliser of the cell's text, run before the kind reads it.
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

    /// A check of the typed value, run after the kind has read it.
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

    /// The words that mean "nothing", instead of the schema's or the [locale's](crate::Locale::words_for_nothing). An
    /// empty cell always does; the words of a choice never do.
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
