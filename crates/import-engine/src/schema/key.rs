//! Uniqueness over one or several fields, and what is checked when a schema is built. Holds no values.

use std::{collections::HashMap, sync::Arc};

use super::{Field, Inner, Schema, SchemaBuilder, kind::Kind};
use crate::{error::ImportError, issue::Severity, mapping::normalise_header};

/// Fields whose values together may occur once. A row in which one of them is empty is not compared.
///
/// ```
/// use import_engine::UniqueKey;
///
/// let departure = UniqueKey::on(["name", "departs"]).named("departure").reported_on("name");
/// let same_person = UniqueKey::on(["name", "born"]).warning().in_file_only();
/// ```
#[derive(Clone, Debug)]
pub struct UniqueKey {
    name: Option<Arc<str>>,
    fields: Vec<Box<str>>,
    reported_on: Option<Box<str>>,
    severity: Severity,
    in_system: bool,
    exact_case: bool,
}

impl UniqueKey {
    /// A key over these fields, in the file and in the system, without regard to case.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["customer", "receipt"]);
    /// ```
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
        }
    }

    /// The name by which the [`Lookup`](crate::Lookup) is asked; the fields joined by `+` unless told.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["customer", "receipt"]).named("receipt_of_customer");
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The field that a repeated key is reported on; the last one unless told.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["receipt", "customer"]).reported_on("receipt");
    /// ```
    #[must_use]
    pub fn reported_on(mut self, field: impl Into<Box<str>>) -> Self {
        self.reported_on = Some(field.into());
        self
    }

    /// A repeated key is only a warning.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["name", "born"]).warning();
    /// ```
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The lookup is not asked.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["name", "born"]).in_file_only();
    /// ```
    #[must_use]
    pub fn in_file_only(mut self) -> Self {
        self.in_system = false;
        self
    }

    /// Letters of different case are different.
    ///
    /// ```
    /// use import_engine::UniqueKey;
    ///
    /// let key = UniqueKey::on(["token"]).case_sensitive();
    /// ```
    #[must_use]
    pub fn case_sensitive(mut self) -> Self {
        self.exact_case = true;
        self
    }
}

/// A key with its fields resolved.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    pub(crate) fields: Vec<usize>,
    pub(crate) reported_on: usize,
    pub(crate) severity: Severity,
    pub(crate) in_system: bool,
    pub(crate) fold_case: bool,
    /// One of the fields is a reference: the lookup must have answered it before this key can be asked about.
    pub(crate) after_references: bool,
}

pub(super) fn build(builder: SchemaBuilder) -> Result<Schema, ImportError> {
    let SchemaBuilder {
        name,
        fields,
        keys,
        row_rules,
        ignored_columns,
        footer_words,
        messages,
    } = builder;
    check(&fields).map_err(|reason| ImportError::Schema {
        schema: name.to_string(),
        reason,
    })?;

    let single = fields.iter().filter_map(|field| {
        field.unique.map(|severity| UniqueKey {
            severity,
            ..UniqueKey::on([&*field.name])
        })
    });
    let mut resolved = Vec::new();
    for key in single.chain(keys) {
        resolved.push(
            resolve(&key, &fields).map_err(|reason| ImportError::Schema {
                schema: name.to_string(),
                reason,
            })?,
        );
    }
    Ok(Schema {
        inner: Arc::new(Inner {
            name,
            fields,
            keys: resolved,
            row_rules,
            ignored_columns,
            footer_words,
            messages,
        }),
    })
}

fn resolve(key: &UniqueKey, fields: &[Field]) -> Result<Key, String> {
    let position = |wanted: &str| {
        fields
            .iter()
            .position(|field| &*field.name == wanted)
            .ok_or_else(|| format!("a key names no field '{wanted}'"))
    };
    let indexes = key
        .fields
        .iter()
        .map(|field| position(field))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(&last) = indexes.last() else {
        return Err("a key has no fields".to_owned());
    };
    Ok(Key {
        name: key
            .name
            .clone()
            .unwrap_or_else(|| key.fields.join("+").into()),
        reported_on: key.reported_on.as_deref().map_or(Ok(last), position)?,
        after_references: indexes
            .iter()
            .any(|&i| matches!(fields[i].kind, Kind::Reference(_))),
        fields: indexes,
        severity: key.severity,
        in_system: key.in_system,
        fold_case: !key.exact_case,
    })
}

fn check(fields: &[Field]) -> Result<(), String> {
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
        if let Some(error) = &field.pattern_error {
            return Err(format!(
                "the pattern of '{name}' is no regular expression: {error}"
            ));
        }
        if let (Some(least), Some(most)) = (field.min_chars, field.max_chars)
            && least > most
        {
            return Err(format!("'{name}' must be longer than it may be"));
        }
        if let Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) = &field.kind
            && let (Some(min), Some(max)) = (options.min, options.max)
            && min > max
        {
            return Err(format!("'{name}' must be greater than it may be"));
        }
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
