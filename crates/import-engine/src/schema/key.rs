//! Uniqueness over one or several fields. Holds no values.

use std::sync::Arc;

use super::{Field, kind::Kind};
use crate::issue::Severity;

/// Fields whose values together may occur once. A row in which one of them is empty is not compared.
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
    /// A key over these fields, in the file and in the system, without regard to case.
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

    /// The name of the key in questions to the [`Lookup`](crate::Lookup); by default the fields joined by `+`.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The field that a repeated key is reported on; by default the last one.
    #[must_use]
    pub fn reported_on(mut self, field: impl Into<Box<str>>) -> Self {
        self.reported_on = Some(field.into());
        self
    }

    /// A repeated key is only a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The lookup is not asked.
    #[must_use]
    pub fn in_file_only(mut self) -> Self {
        self.in_system = false;
        self
    }

    /// Letters of different case are different.
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
    /// Empty fields count, and what is repeated is the row.
    pub(crate) whole_row: bool,
    /// Not compared in a file that has one of these.
    pub(crate) unless_mapped: Vec<usize>,
    /// One of the fields is a reference: the lookup must have answered it before this key can be asked about.
    pub(crate) after_references: bool,
}

impl Key {
    /// Whether the key counts in a file that has the columns of these fields.
    pub(crate) fn is_active(&self, is_mapped: impl Fn(usize) -> bool) -> bool {
        !self.unless_mapped.iter().any(|field| is_mapped(*field))
    }
}

impl UniqueKey {
    /// Rows that are equal in all these fields, empty ones included, are warned about: nothing forbids them, but somebody may have
    /// entered them twice. Only the file is compared.
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

    /// Only for files without any of these fields, which distinguish rows by themselves.
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

    /// The key with the positions of its fields; why not, where it names none.
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
