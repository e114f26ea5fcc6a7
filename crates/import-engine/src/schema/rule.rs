//! Rules beyond the kinds of fields: a caller's own checks and normalisers, of one cell ([`Rule`]) and of one row
//! ([`RowRule`]), and uniqueness of one or several fields together ([`UniqueKey`]).

use std::sync::Arc;

use super::{Field, Schema, kind::Kind};
use crate::{
    error::SetupError,
    issue::{Problem, Severity},
    value::Value,
};

/// A check or a normaliser of one cell.
///
/// Rules run in the order they were added, on the trimmed text of a cell that is not empty, before the field's kind reads it.
/// A rule may replace the text, warn, or refuse the cell. Closures are rules.
///
/// ```
/// use import_engine::{Field, IssueCode, rules::{Cell, Problem}};
///
/// const NOT_A_CODE: IssueCode = IssueCode::new("not_a_code");
///
/// /// Codes are stored in capitals and have four letters.
/// fn code(cell: &mut Cell<'_>) -> Result<(), Problem> {
///     cell.edit(|text| text.make_ascii_uppercase());
///     if cell.text().len() == 4 { Ok(()) } else { Err(Problem::new(NOT_A_CODE)) }
/// }
/// let field = Field::text("code").rule(code);
/// ```
pub trait Rule: Send + Sync {
    /// Checks the cell.
    ///
    /// # Errors
    ///
    /// The finding that makes the row invalid.
    fn apply(&self, cell: &mut Cell<'_>) -> Result<(), Problem>;
}

impl<F> Rule for F
where
    F: Fn(&mut Cell<'_>) -> Result<(), Problem> + Send + Sync,
{
    fn apply(&self, cell: &mut Cell<'_>) -> Result<(), Problem> {
        self(cell)
    }
}

/// One cell while rules are applied to it.
///
/// ```
/// use import_engine::{Field, IssueCode, Plan, Schema, rules::{Cell, Problem}};
///
/// const LOCAL: IssueCode = IssueCode::new("local_number");
/// const TOO_SHORT: IssueCode = IssueCode::new("too_short_a_number");
///
/// /// Digits alone, with the number of the country in front.
/// fn phone(cell: &mut Cell<'_>) -> Result<(), Problem> {
///     cell.edit(|text| text.retain(|c| c.is_ascii_digit() || c == '+'));
///     if cell.text().starts_with('0') {
///         cell.replace_front(1, "+62");
///         cell.warn(LOCAL); // the row stays valid
///     }
///     if cell.text().len() < 8 {
///         return Err(Problem::new(TOO_SHORT).with("written", cell.raw()));
///     }
///     Ok(())
/// }
/// let schema = Schema::builder("contacts").field(Field::text("phone").rule(phone)).build()?;
/// let file = "phone\n0812-3456-7890\n+44 20 7946 0000\n(12)\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.warnings, summary.invalid), (2, 1, 1));
/// assert_eq!(batches[0].value(0, 0).to_string(), "+6281234567890");
/// assert_eq!(batches[0].value(1, 0).to_string(), "+442079460000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Cell<'a> {
    /// A reference to the cell as it is in the file, which is rarely needed.
    pub(crate) raw: &'a &'a str,
    /// The text, unless `edited`.
    pub(crate) text: &'a str,
    /// The text, if `edited`.
    pub(crate) scratch: &'a mut String,
    pub(super) edited: bool,
    pub(crate) warnings: &'a mut Vec<Problem>,
}

impl<'a> Cell<'a> {
    /// The current text: trimmed, normalised, and changed by earlier rules.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &str {
        if self.edited { self.scratch } else { self.text }
    }

    /// The cell as it is in the file.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Replaces the text.
    #[inline]
    pub fn set(&mut self, text: &str) {
        self.scratch.clear();
        self.scratch.push_str(text);
        self.edited = true;
    }

    /// Replaces this many bytes at the front of the text, or all of it if that is not a character boundary.
    #[inline]
    pub fn replace_front(&mut self, bytes: usize, with: &str) {
        let text = self.text();
        let end = if text.is_char_boundary(bytes) {
            bytes
        } else {
            text.len()
        };
        if self.edited {
            self.scratch.replace_range(..end, with);
        } else {
            self.set(with);
            self.scratch.push_str(&self.text[end..]);
        }
    }

    /// Changes the text in place.
    pub fn edit(&mut self, change: impl FnOnce(&mut String)) {
        if !self.edited {
            self.set(self.text);
        }
        change(self.scratch);
    }

    /// Adds a warning: the row stays valid.
    #[inline]
    pub fn warn(&mut self, problem: impl Into<Problem>) {
        self.warnings.push(problem.into());
    }
}

/// A check across the cells of one row, run after all of them were read. It declares the fields that it reads or reports
/// on when it is [added](crate::fields::SchemaBuilder::row_rule), so that a misspelt one is found when the schema is
/// built.
///
/// ```
/// use import_engine::{Field, IssueCode, Schema, rules::{Problem, Row}};
///
/// const ENDS_BEFORE_START: IssueCode = IssueCode::new("ends_before_start");
///
/// fn in_order(row: &mut Row<'_>) {
///     if let (Some(from), Some(until)) = (row.get("from").as_date(), row.get("until").as_date()) {
///         if until < from {
///             row.refuse("until", ENDS_BEFORE_START);
///         }
///     }
/// }
/// let trips = || Schema::builder("trips").field(Field::date("from")).field(Field::date("until"));
/// let schema = trips().row_rule(["from", "until"], in_order).build()?;
/// assert!(trips().row_rule(["from", "untill"], in_order).build().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait RowRule: Send + Sync {
    /// Checks the row; refuses or warns through it.
    fn apply(&self, row: &mut Row<'_>);
}

impl<F> RowRule for F
where
    F: Fn(&mut Row<'_>) + Send + Sync,
{
    fn apply(&self, row: &mut Row<'_>) {
        self(row);
    }
}

/// The row that is being checked, as rules across cells access it.
pub(crate) trait Cells: std::fmt::Debug + Send + Sync {
    /// The value of a field.
    fn value<'a>(&'a self, schema: &'a Schema, field: usize) -> Value<'a>;

    /// Adds the finding of a rule about a field, or about the row as a whole.
    fn report(&mut self, field: Option<usize>, problem: Problem, severity: Severity);

    /// Puts a value into the row; false if cells of the kind cannot have such a value.
    fn set(&mut self, field: usize, kind: &Kind, value: Value<'_>) -> bool;

    /// Removes a value and what was reported about it.
    fn clear(&mut self, field: usize);
}

/// The typed cells of one row, as a [`RowRule`] sees them. A cell that was refused is [`Value::Absent`].
///
/// ```
/// use import_engine::{Field, IssueCode, Plan, Schema, Value, rules::{Problem, Row}};
///
/// const FREE: IssueCode = IssueCode::new("free");
/// const CHEAP: IssueCode = IssueCode::new("cheap");
///
/// fn total(row: &mut Row<'_>) {
///     let (Some(pieces), Some(price)) = (row.get("pieces").as_integer(), row.get("price").as_integer()) else { return };
///     if price == 0 {
///         let problem = Problem::new(FREE).with("column", row.column_name(1)); // as the file calls it
///         row.refuse("price", problem);
///     } else if price < 10 {
///         row.warn("price", CHEAP);
///     }
///     if row.at(2) == Value::Integer(0) {
///         row.clear("discount"); // as if the cell were empty
///     }
///     let _ = row.set("total", Value::Integer(pieces * price));
/// }
/// let schema = Schema::builder("orders")
///     .field(Field::integer("pieces").required())
///     .field(Field::integer("price").required())
///     .field(Field::integer("discount"))
///     .field(Field::integer("total"))
///     .row_rule(["pieces", "price", "discount", "total"], total)
///     .build()?;
/// let file = "pieces,price,discount\n3,70,0\n2,0,0\n2,5,1\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.warnings, summary.invalid), (2, 1, 1));
/// assert_eq!(batches[0].value(0, 3), Value::Integer(210));
/// assert!(batches[0].value(0, 2).is_absent());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Row<'a> {
    pub(crate) inner: &'a mut (dyn Cells + 'static),
    pub(crate) schema: &'a Schema,
    /// The fields that the rule declared.
    pub(crate) declared: &'a [usize],
    /// The column of each field, and the names of the columns.
    pub(crate) columns: &'a [Option<usize>],
    pub(crate) names: &'a [String],
}

impl Row<'_> {
    /// The index of a declared field in the schema. A rule has few fields.
    fn index_of(&self, field: &str) -> Option<usize> {
        let fields = self.schema.fields();
        self.declared
            .iter()
            .copied()
            .find(|&index| fields[index].name() == field)
    }

    /// The value of a declared field; [`Value::Absent`] for any other.
    #[must_use]
    pub fn get(&self, field: &str) -> Value<'_> {
        self.index_of(field)
            .map_or(Value::Absent, |index| self.at(index))
    }

    /// The value of the field at a position of the schema.
    #[must_use]
    #[inline]
    pub fn at(&self, index: usize) -> Value<'_> {
        self.inner.value(self.schema, index)
    }

    /// The name in the file of the column of the field at a position of the schema; the field's own name if it has no
    /// column.
    #[must_use]
    pub fn column_name(&self, index: usize) -> &str {
        let column = self.columns.get(index).copied().flatten();
        let named = column.and_then(|column| self.names.get(column));
        named.map_or_else(|| self.schema.fields()[index].name(), String::as_str)
    }

    /// Makes the row invalid because of a field. For a field that the rule did not declare, it is refused as a whole.
    pub fn refuse(&mut self, field: &str, problem: impl Into<Problem>) {
        let index = self.index_of(field);
        self.inner.report(index, problem.into(), Severity::Error);
    }

    /// Adds a warning about a field: the row stays valid. For a field that the rule did not declare, the warning is about
    /// the row.
    #[inline]
    pub fn warn(&mut self, field: &str, problem: impl Into<Problem>) {
        let index = self.index_of(field);
        self.inner.report(index, problem.into(), Severity::Warning);
    }

    /// Replaces the value of a declared field: by one that is computed from others, or a default for an empty cell. Keys,
    /// the lookup and the rules after this one see it. A field that was refused stays refused, and limits are not checked
    /// again.
    ///
    /// # Errors
    ///
    /// [`SetupError::Schema`] if the rule did not declare the field, or cells of its kind cannot have such a value. The
    /// field then stays as it was.
    pub fn set(&mut self, field: &str, value: Value<'_>) -> Result<(), SetupError> {
        let refused = |reason: String| SetupError::Schema {
            schema: self.schema.name().to_owned(),
            reason,
        };
        let Some(index) = self.index_of(field) else {
            return Err(refused(format!(
                "a rule sets '{field}', which it did not declare"
            )));
        };
        let kind = &self.schema.fields()[index].kind;
        if self.inner.set(index, kind, value) {
            return Ok(());
        }
        Err(refused(format!(
            "a rule sets '{field}' to a value that its cells cannot have: {value:?}"
        )))
    }

    /// Removes the value of a declared field, as if its cell were empty, and what was reported about it.
    pub fn clear(&mut self, field: &str) {
        if let Some(index) = self.index_of(field) {
            self.inner.clear(index);
        }
    }
}

// Uniqueness of one or several fields together.

/// Fields whose values together may occur only once. A row in which one of them is empty is not compared.
///
/// ```
/// use import_engine::{Field, Plan, Schema, fields::UniqueKey};
///
/// let schema = Schema::builder("payments")
///     .field(Field::text("payer").required())
///     .field(Field::integer("amount"))
///     .field(Field::text("receipt"))
///     // One receipt of a payer, asked of the system as well; `R-1` and `r-1` are two.
///     .unique(UniqueKey::on(["payer", "receipt"]).named("receipt_of_payer").reported_on("receipt").case_sensitive())
///     // A receipt of another payer is strange, and no more than that.
///     .unique(UniqueKey::on(["receipt"]).warning().in_file_only())
///     // Where there are no receipts, the same payer and amount again may be one payment that was entered twice.
///     .unique(UniqueKey::repeated_row(["payer", "amount"]).unless_mapped(["receipt"]))
///     .build()?;
///
/// let file = "payer,amount,receipt\nAda,5,R-1\nAda,7,R-1\nAlan,9,R-1\nAda,2,r-1\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.invalid), (3, 1));
/// assert_eq!(batches[0].rejected().map(|row| row.row()).collect::<Vec<_>>(), [3]);
///
/// let file = "payer,amount\nAda,5\nAda,5\n";
/// let (_, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.warnings), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct UniqueKey {
    name: Option<Arc<str>>,
    fields: Vec<Box<str>>,
    reported_on: Option<Box<str>>,
    severity: Severity,
    in_system: bool,
    exact_case: bool,
    whole_row: bool,
    unless_mapped: Vec<Box<str>>,
}

impl UniqueKey {
    /// A key of these fields, in the file and in the system, regardless of case.
    #[must_use]
    pub fn on<I>(fields: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        Self {
            name: None,
            fields: fields.into_iter().map(Into::into).collect(),
            reported_on: None,
            severity: Severity::Error,
            in_system: true,
            exact_case: false,
            whole_row: false,
            unless_mapped: Vec::new(),
        }
    }

    /// Sets the name of the key in questions to the [`Lookup`](crate::Lookup); by default the fields joined by `+`.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the field on which a repeated key is reported; by default the last one.
    #[must_use]
    pub fn reported_on(mut self, field: impl Into<Box<str>>) -> Self {
        self.reported_on = Some(field.into());
        self
    }

    /// Makes a repeated key only a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Does not ask the lookup about the key.
    #[must_use]
    pub fn in_file_only(mut self) -> Self {
        self.in_system = false;
        self
    }

    /// Distinguishes letters of different case.
    #[must_use]
    pub fn case_sensitive(mut self) -> Self {
        self.exact_case = true;
        self
    }
}

/// A key with its fields resolved.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent answers to independent questions"
)]
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    pub(crate) fields: Vec<usize>,
    pub(crate) reported_on: usize,
    pub(crate) severity: Severity,
    pub(crate) in_system: bool,
    pub(crate) fold_case: bool,
    /// Whether empty fields are compared, too, so that the row is what is repeated.
    pub(crate) whole_row: bool,
    /// The key is not checked in a file that has one of these.
    unless_mapped: Vec<usize>,
    /// Whether one of the fields is a reference: the lookup must have answered it before this key can be asked about.
    pub(crate) after_references: bool,
}

impl Key {
    /// Whether the key is checked in a file with the columns of these fields.
    pub(crate) fn is_active(&self, is_mapped: impl Fn(usize) -> bool) -> bool {
        !self.unless_mapped.iter().any(|field| is_mapped(*field))
    }
}

impl UniqueKey {
    /// Warns about rows that are equal in all these fields, including empty ones: they are allowed, but may have been
    /// entered twice. Only the file is compared.
    #[must_use]
    pub fn repeated_row<I>(fields: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        Self {
            whole_row: true,
            ..Self::on(fields).warning().in_file_only()
        }
    }

    /// Restricts the key to files without any of these fields, which distinguish rows by themselves.
    #[must_use]
    pub fn unless_mapped<I>(mut self, fields: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Box<str>>,
    {
        self.unless_mapped = fields.into_iter().map(Into::into).collect();
        self
    }

    /// The key of one field that is unique by itself.
    pub(super) fn of(field: &Field, severity: Severity) -> Self {
        Self {
            severity,
            ..Self::on([field.name()])
        }
    }

    /// The key with the indexes of its fields, or an error if it names an unknown one.
    pub(super) fn resolve(&self, fields: &[Field]) -> Result<Key, String> {
        let position = |wanted: &str| {
            fields
                .iter()
                .position(|field| &*field.name == wanted)
                .ok_or_else(|| format!("a key names no field '{wanted}'"))
        };
        let indexes = self
            .fields
            .iter()
            .map(|field| position(field))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(&last) = indexes.last() else {
            return Err("a key has no fields".to_owned());
        };
        Ok(Key {
            name: self
                .name
                .clone()
                .unwrap_or_else(|| self.fields.join("+").into()),
            reported_on: self.reported_on.as_deref().map_or(Ok(last), position)?,
            after_references: indexes
                .iter()
                .any(|&i| matches!(fields[i].kind, Kind::Reference(_))),
            fields: indexes,
            severity: self.severity,
            in_system: self.in_system,
            fold_case: !self.exact_case,
            whole_row: self.whole_row,
            unless_mapped: self
                .unless_mapped
                .iter()
                .map(|field| position(field))
                .collect::<Result<_, _>>()?,
        })
    }
}
