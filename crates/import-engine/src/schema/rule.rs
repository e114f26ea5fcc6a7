//! Rules about rows, beyond the cells of one field: a caller's own checks across cells ([`RowRule`]), uniqueness of one or
//! several fields together ([`UniqueKey`]), and what columns that are not fields show about their rows.

use std::sync::{Arc, OnceLock};

use super::{
    field::Field,
    header::{Header, HeaderWords, Phrases, Token, squeezed},
    kind::Kind,
};
use crate::{
    error::SetupError,
    issue::{IssueCode, IssueKind, Problem, Severity},
    value::{Value, locale::EmptyWords, text::folded},
};

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
    /// The value of a field, whose cells are of this kind.
    fn value<'a>(&'a self, field: usize, kind: &'a Kind) -> Value<'a>;

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
    /// The name of the schema.
    pub(crate) schema: &'a str,
    pub(crate) fields: &'a [Field],
    /// The fields that the rule declared.
    pub(crate) declared: &'a [usize],
    /// The column of each field, and the names of the columns.
    pub(crate) columns: &'a [Option<usize>],
    pub(crate) names: &'a [String],
}

impl Row<'_> {
    /// The index of a declared field in the schema. A rule has few fields.
    fn index_of(&self, field: &str) -> Option<usize> {
        self.declared
            .iter()
            .copied()
            .find(|&index| self.fields[index].name() == field)
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
        self.inner.value(index, &self.fields[index].kind)
    }

    /// The name in the file of the column of the field at a position of the schema; the field's own name if it has no
    /// column.
    #[must_use]
    pub fn column_name(&self, index: usize) -> &str {
        let column = self.columns.get(index).copied().flatten();
        let named = column.and_then(|column| self.names.get(column));
        named.map_or_else(|| self.fields[index].name(), String::as_str)
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
            schema: self.schema.to_owned(),
            reason,
        };
        let Some(index) = self.index_of(field) else {
            return Err(refused(format!(
                "a rule sets '{field}', which it did not declare"
            )));
        };
        let kind = &self.fields[index].kind;
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

// What a column that is not a field may show about its rows: that they are not records of this kind, or may not be records
// yet.

/// What such columns are checked for, and the field on which it is reported.
#[derive(Clone)]
pub(crate) struct Beside {
    pub(crate) field: Box<str>,
    pub(crate) heard: Heard,
}

/// What such columns are checked for.
#[derive(Clone)]
pub(crate) enum Heard {
    /// A whole cell: the row is refused.
    Words(EmptyWords),
    /// The beginning of a short cell: the row gets a warning.
    Beginnings(Beginnings),
    /// A denial below a header that asks for what makes the row a record: the row gets a warning.
    Denial {
        asked: Vec<Box<str>>,
        /// The phrases in the form in which they are compared.
        phrases: OnceLock<Phrases>,
        denials: EmptyWords,
    },
}

/// Phrases with which cells begin.
#[derive(Clone)]
pub(crate) struct Beginnings {
    phrases: Vec<Box<str>>,
    /// The first bytes of phrases: most cells end here.
    first: Box<[bool; 256]>,
}

/// Bytes: a longer text is a note about something, not the state of a row.
const LONGEST_STATE: usize = 60;

impl Beginnings {
    pub(crate) fn new<I>(phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases: Vec<Box<str>> = phrases
            .into_iter()
            .map(|phrase| folded(phrase.as_ref()).into())
            .collect();
        let mut first = Box::new([false; 256]);
        for byte in phrases.iter().filter_map(|phrase| phrase.bytes().next()) {
            first[usize::from(byte)] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { phrases, first }
    }

    /// Whether a cell begins with one of the phrases, at the end of a word.
    fn begin(&self, cell: &str) -> bool {
        let cell = cell.trim_start_matches(['(', '[', '"', '\'']);
        let Some(first) = cell.bytes().next() else {
            return false;
        };
        self.first[usize::from(first)]
            && cell.len() <= LONGEST_STATE
            && self.phrases.iter().any(|phrase| {
                let start = cell.get(..phrase.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(phrase))
                    && !cell[phrase.len()..].starts_with(char::is_alphanumeric)
            })
    }
}

/// A column that is checked.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) column: usize,
    pub(crate) name: String,
    /// For each check, whether its header asks about it.
    asks: Vec<bool>,
}

impl Speaker {
    pub(crate) fn new(
        checks: &[(usize, Heard)],
        words: &HeaderWords,
        column: usize,
        name: &str,
        header: &str,
    ) -> Self {
        let header = Header::new(header, words);
        let asks = |heard: &Heard| match heard {
            Heard::Denial {
                asked,
                phrases,
                denials,
            } => {
                let asked = phrases.get_or_init(|| Phrases::new(asked, words));
                let is_one = header.holds(|tokens| asked.contain(&squeezed(tokens)));
                // `Belum Lunas`: denying this means the opposite.
                let denied = header.tokens().iter().any(|token| match token {
                    Token::Word(word) => denials.contain(word),
                    _ => false,
                });
                is_one && !denied
            }
            _ => true,
        };
        Self {
            column,
            name: name.to_owned(),
            asks: checks.iter().map(|(_, heard)| asks(heard)).collect(),
        }
    }

    /// What a cell shows about its row, if anything: the field on which it is reported, and the problem.
    pub(crate) fn says(
        &self,
        checks: &[(usize, Heard)],
        cell: &str,
    ) -> Option<(usize, Problem, Severity)> {
        let cell = cell.trim();
        if cell.is_empty() {
            return None;
        }
        let mut heard = checks.iter().zip(&self.asks);
        let ((field, heard), _) = heard.find(|((_, heard), asks)| {
            **asks
                && match heard {
                    Heard::Words(words) => words.contain(cell),
                    Heard::Beginnings(beginnings) => beginnings.begin(cell),
                    Heard::Denial { denials, .. } => denials.contain(cell),
                }
        })?;
        let problem = |code| {
            Problem::new(code)
                .with("column", &self.name)
                .with("found", cell)
        };
        Some(match heard {
            Heard::Words(_) => {
                let problem = problem(IssueCode::CONTRADICTED);
                let problem = problem.kind(IssueKind::ConstraintViolation);
                (*field, problem, Severity::Error)
            }
            _ => (*field, problem(IssueCode::DOUBTED), Severity::Warning),
        })
    }
}
