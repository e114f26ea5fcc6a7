//! From what a builder was asked for to a schema that works: everything that could only fail later, or silently do nothing, is
//! refused here, while the programmer looks.

use std::{collections::HashMap, sync::Arc};

use super::{
    Against, DeclaredRule, Field, Inner, Schema, SchemaBuilder, UniqueKey, key::Key, kind::Kind,
};
use crate::{
    error::SetupError,
    issue::{IssueCode, Override},
    value::{
        empty::EmptyWords,
        fold::folded,
        locale::{Locale, Translation},
        names::normalise_header,
        options::{DateBound, DateOptions},
    },
};

pub(super) fn build(builder: SchemaBuilder) -> Result<Schema, SetupError> {
    let name = builder.name.clone();
    let inner = inner(builder).map_err(|reason| SetupError::Schema {
        schema: name.to_string(),
        reason,
    })?;
    Ok(Schema {
        inner: Arc::new(inner),
    })
}

fn inner(builder: SchemaBuilder) -> Result<Inner, String> {
    let SchemaBuilder {
        name,
        mut fields,
        keys,
        row_rules,
        ignored_columns,
        footer_words,
        header_words,
        against,
        empty_words,
        codes,
        messages,
        locale,
        mut translations,
    } = builder;
    check_fields(&fields)?;
    translations.splice(0..0, locale.translated().cloned());
    let translated = translations.iter().flat_map(Translation::codes);
    check_codes(&fields, &messages, translated, &codes)?;
    let locale = Arc::new(locale);
    let usual =
        empty_words.unwrap_or_else(|| Arc::new(EmptyWords::new(locale.words_for_nothing())));
    for field in &mut fields {
        field.empty_words.get_or_insert_with(|| Arc::clone(&usual));
        settle(field, &locale);
        preset(field)?;
    }
    let against = against
        .map(|(field, words)| {
            let field = positions(&[field], &fields)?.into_iter().next();
            Ok::<_, String>(field.map(|field| Against { field, words }))
        })
        .transpose()?
        .flatten();
    Ok(Inner {
        against,
        keys: resolved_keys(&keys, &fields)?,
        row_rules: row_rules
            .into_iter()
            .map(|(declared, rule)| {
                let fields = positions(&declared, &fields)?;
                Ok(DeclaredRule { rule, fields })
            })
            .collect::<Result<_, String>>()?,
        name,
        fields,
        ignored_columns,
        footer_words,
        header_words,
        messages,
        locale,
        translations,
    })
}

/// What the field leaves to its locale.
fn settle(field: &mut Field, locale: &Arc<Locale>) {
    match &mut field.kind {
        Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) => {
            options.mark = options.mark.or(locale.mark());
            options.locale = Some(Arc::clone(locale));
        }
        Kind::Date(options) | Kind::DateTime(options) => {
            if !field.own_order {
                options.order = locale.order();
            }
            options.locale = Some(Arc::clone(locale));
        }
        _ => {}
    }
    if let Kind::Money(options) = &mut field.kind
        && !field.own_currency
    {
        let signs = locale.signs_of_money();
        options.currency = signs.iter().map(|sign| folded(sign).into()).collect();
    }
    field.locale = Some(Arc::clone(locale));
}

/// Reads what an empty cell of the field is instead.
fn preset(field: &mut Field) -> Result<(), String> {
    let Some(text) = &field.default else {
        return Ok(());
    };
    let name = field.name();
    if field.required {
        return Err(format!(
            "'{name}' is required and has a default: one of them does nothing"
        ));
    }
    if field.unique.is_some() {
        return Err(format!(
            "'{name}' is unique and has a default, which could be used once"
        ));
    }
    let preset = super::cell::preset(field, text)
        .map_err(|why| format!("'{text}' cannot be the default of '{name}': {why}"))?;
    field.preset = Some(Arc::new(preset));
    Ok(())
}

/// Those of single fields first.
fn resolved_keys(keys: &[UniqueKey], fields: &[Field]) -> Result<Vec<Key>, String> {
    let single = fields
        .iter()
        .filter_map(|field| Some(UniqueKey::of(field, field.unique?).resolve(fields)));
    single
        .chain(keys.iter().map(|key| key.resolve(fields)))
        .collect()
}

fn positions(declared: &[Box<str>], fields: &[Field]) -> Result<Vec<usize>, String> {
    declared
        .iter()
        .map(|wanted| {
            fields
                .iter()
                .position(|field| field.name() == &**wanted)
                .ok_or_else(|| format!("a rule names no field '{wanted}'"))
        })
        .collect()
}

fn check_fields(fields: &[Field]) -> Result<(), String> {
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
        if let Some(fault) = field.faults.first() {
            return Err(fault.clone());
        }
        check_limits(field)?;
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

/// Limits that no cell could meet.
fn check_limits(field: &Field) -> Result<(), String> {
    let name = field.name();
    if let (Some(least), Some(most)) = (field.min_chars, field.max_chars)
        && least > most
    {
        return Err(format!("'{name}' must be longer than it may be"));
    }
    match &field.kind {
        Kind::Text(options) => match options.digits {
            Some((least, most)) if least > most => {
                Err(format!("'{name}' must have more digits than it may have"))
            }
            Some((_, 0)) => Err(format!("'{name}' may have no digits")),
            _ => Ok(()),
        },
        Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) => {
            match (options.min, options.max) {
                (Some(min), Some(max)) if min > max => {
                    Err(format!("'{name}' must be greater than it may be"))
                }
                _ if options.likely.is_some_and(|(least, most)| least > most) => Err(format!(
                    "'{name}' is likely to be greater than it is likely to be"
                )),
                _ => Ok(()),
            }
        }
        Kind::Date(options) | Kind::DateTime(options) if ends_before_it_begins(options) => {
            Err(format!("'{name}' must be later than it may be"))
        }
        Kind::Choice(choices) if choices.words.is_empty() => {
            Err(format!("the choice '{name}' allows no words"))
        }
        Kind::Reference(target) if target.is_empty() => Err(format!("'{name}' refers to nothing")),
        _ => Ok(()),
    }
}

/// Whether no day lies between the bounds, whatever day today is. A day of the calendar cannot be compared with one counted from
/// today.
fn ends_before_it_begins(options: &DateOptions) -> bool {
    let (Some(first), Some(last)) = (options.not_before, options.not_after) else {
        return false;
    };
    // Counted from today; a year is long enough that no number of days ahead comes before one ago.
    let from_today = |bound: DateBound| match bound {
        DateBound::Day(_) => None,
        DateBound::Today => Some(0),
        DateBound::DaysAhead(days) => Some(i64::from(days)),
        DateBound::YearsAgo(years) => Some(-366 * i64::from(years)),
    };
    match (first, last) {
        (DateBound::Day(first), DateBound::Day(last)) => first > last,
        _ => from_today(first)
            .zip(from_today(last))
            .is_some_and(|(first, last)| first > last),
    }
}

/// Messages are of codes that the engine has or the schema declared.
fn check_codes(
    fields: &[Field],
    messages: &[Override],
    translated: impl Iterator<Item = IssueCode>,
    codes: &[IssueCode],
) -> Result<(), String> {
    let mut texts = fields
        .iter()
        .flat_map(|field| &field.messages)
        .chain(messages)
        .map(|text| text.code)
        .chain(translated);
    let unknown = texts.find(|code| !IssueCode::BUILT_IN.contains(code) && !codes.contains(code));
    match unknown {
        Some(code) => Err(format!(
            "a message is of '{code}', which is neither a code of the engine nor declared by `codes`"
        )),
        None => Ok(()),
    }
}
