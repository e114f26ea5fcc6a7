//! The matching itself: callers' pairs, then names, aliases, natural keys, risky aliases. Exact, never by likeness.

use std::collections::{HashMap, HashSet};

use super::{
    Column, ColumnUse, Mapping, MatchReason, Suggestion, normalise_header, squeezed,
    suggest::likeness,
};
use crate::{
    error::{ImportError, MappingProblem},
    schema::{Field, Schema},
};

/// A header ready to be compared.
struct Header {
    normalised: String,
    squeezed: String,
}

impl Header {
    fn new(header: &str) -> Self {
        let normalised = normalise_header(header);
        Self {
            squeezed: squeezed(&normalised),
            normalised,
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.normalised == other.normalised || self.squeezed == other.squeezed
    }
}

pub(super) fn matched<H, I, A, B>(
    schema: &Schema,
    headers: &[H],
    overrides: I,
) -> Result<Mapping, ImportError>
where
    H: AsRef<str>,
    I: IntoIterator<Item = (A, B)>,
    A: AsRef<str>,
    B: AsRef<str>,
{
    let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
    let mut uses: Vec<Option<ColumnUse>> = vec![None; texts.len()];
    let mut fields: Vec<Option<usize>> = vec![None; schema.fields().len()];
    apply_overrides(schema, &texts, overrides, &mut uses, &mut fields)?;

    let keys: Vec<Header> = texts.iter().map(|text| Header::new(text)).collect();
    ignore_columns(schema, &texts, &keys, &mut uses);
    let candidates = candidates(schema, &keys, &uses);
    let mut winners: HashMap<usize, usize> = HashMap::new();
    // The best candidate of all takes its field and column, then the next: a column is one field at most.
    for (_, field, column, reason) in candidates {
        if uses[column].is_some() {
            continue;
        }
        if let Some(winner) = fields[field] {
            winners.entry(column).or_insert(field);
            debug_assert!(winner != column);
            continue;
        }
        fields[field] = Some(column);
        uses[column] = Some(ColumnUse::Field {
            field: schema.fields()[field].name().to_owned(),
            reason,
        });
    }
    let columns: Vec<Column> = texts
        .iter()
        .zip(uses)
        .enumerate()
        .map(|(index, (text, used))| Column {
            header: (*text).to_owned(),
            used: used.unwrap_or_else(|| match winners.get(&index) {
                Some(&field) => ColumnUse::Beaten {
                    field: schema.fields()[field].name().to_owned(),
                    by: fields[field].map_or_else(String::new, |winner| texts[winner].to_owned()),
                },
                None => ColumnUse::Unknown,
            }),
        })
        .collect();
    let missing: Vec<usize> = (0..fields.len())
        .filter(|&i| fields[i].is_none() && schema.fields()[i].is_required())
        .collect();
    let suggestions = suggestions(schema, &missing, &columns, &keys);
    Ok(Mapping {
        columns,
        fields,
        missing: missing
            .iter()
            .map(|&i| schema.fields()[i].name().to_owned())
            .collect(),
        suggestions,
    })
}

fn apply_overrides<I, A, B>(
    schema: &Schema,
    texts: &[&str],
    overrides: I,
    uses: &mut [Option<ColumnUse>],
    fields: &mut [Option<usize>],
) -> Result<(), MappingProblem>
where
    I: IntoIterator<Item = (A, B)>,
    A: AsRef<str>,
    B: AsRef<str>,
{
    for (header, field) in overrides {
        let (header, field) = (header.as_ref(), field.as_ref());
        let column = find_column(texts, header)?;
        if uses[column].is_some() {
            return Err(MappingProblem::HeaderTwice {
                header: header.to_owned(),
            });
        }
        if field.is_empty() {
            uses[column] = Some(ColumnUse::LeftOut);
            continue;
        }
        let Some(index) = schema.index_of(field) else {
            return Err(MappingProblem::UnknownField {
                field: field.to_owned(),
            });
        };
        if fields[index].replace(column).is_some() {
            return Err(MappingProblem::FieldTwice {
                field: field.to_owned(),
            });
        }
        uses[column] = Some(ColumnUse::Field {
            field: field.to_owned(),
            reason: MatchReason::Caller,
        });
    }
    Ok(())
}

/// The column whose header the caller wrote: as it stands, else the only one that is the same after normalisation.
fn find_column(texts: &[&str], header: &str) -> Result<usize, MappingProblem> {
    let exact: Vec<usize> = (0..texts.len())
        .filter(|&i| texts[i].trim() == header.trim())
        .collect();
    let found = if exact.is_empty() {
        let wanted = normalise_header(header);
        (0..texts.len())
            .filter(|&i| !wanted.is_empty() && normalise_header(texts[i]) == wanted)
            .collect()
    } else {
        exact
    };
    match found.as_slice() {
        [column] => Ok(*column),
        [] => Err(MappingProblem::UnknownHeader {
            header: header.to_owned(),
        }),
        _ => Err(MappingProblem::AmbiguousHeader {
            header: header.to_owned(),
        }),
    }
}

fn ignore_columns(
    schema: &Schema,
    texts: &[&str],
    keys: &[Header],
    uses: &mut [Option<ColumnUse>],
) {
    let ignored: Vec<Header> = schema
        .inner
        .ignored_columns
        .iter()
        .map(|header| Header::new(header))
        .collect();
    for (index, key) in keys.iter().enumerate() {
        let nothing = texts[index].trim().starts_with('_')
            || key.normalised.is_empty()
            || ignored.iter().any(|header| header.is(key));
        if nothing && uses[index].is_none() {
            uses[index] = Some(ColumnUse::Ignored);
        }
    }
}

/// Every way a free column could be a field, the best first: by kind of match, then the order of the aliases, then of the columns.
fn candidates(
    schema: &Schema,
    keys: &[Header],
    uses: &[Option<ColumnUse>],
) -> Vec<((u8, usize), usize, usize, MatchReason)> {
    let mut found = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        let never: Vec<Header> = field
            .never
            .iter()
            .map(|header| Header::new(header))
            .collect();
        for (rank, header, reason) in names(field) {
            let wanted = Header::new(header);
            for (column, key) in keys.iter().enumerate() {
                if uses[column].is_none()
                    && key.is(&wanted)
                    && !never.iter().any(|n| n.normalised == key.normalised)
                {
                    found.push((rank, index, column, reason(header)));
                }
            }
        }
    }
    found.sort_by_key(|(rank, field, column, _)| (*rank, *field, *column));
    found
}

type Reason = fn(&str) -> MatchReason;

/// The headers a field goes by with their rank.
fn names(field: &Field) -> impl Iterator<Item = ((u8, usize), &str, Reason)> {
    fn ranked(
        kind: u8,
        list: &[Box<str>],
        reason: Reason,
    ) -> impl Iterator<Item = ((u8, usize), &str, Reason)> {
        list.iter()
            .enumerate()
            .map(move |(order, header)| ((kind, order), &**header, reason))
    }
    std::iter::once(((0, 0), field.name(), (|_| MatchReason::Name) as Reason))
        .chain(ranked(1, &field.aliases, |h| {
            MatchReason::Alias(h.to_owned())
        }))
        .chain(ranked(2, &field.natural_keys, |h| {
            MatchReason::NaturalKey(h.to_owned())
        }))
        .chain(ranked(3, &field.risky, |h| {
            MatchReason::Risky(h.to_owned())
        }))
}

fn suggestions(
    schema: &Schema,
    missing: &[usize],
    columns: &[Column],
    keys: &[Header],
) -> Vec<Suggestion> {
    let mut found = Vec::new();
    for &index in missing {
        let field = &schema.fields()[index];
        let never: HashSet<String> = field
            .never
            .iter()
            .map(|header| normalise_header(header))
            .collect();
        for (column, key) in columns.iter().zip(keys) {
            let free = matches!(column.used, ColumnUse::Unknown | ColumnUse::Beaten { .. });
            if !free || never.contains(&key.normalised) {
                continue;
            }
            let best = names(field)
                .filter_map(|(_, header, _)| likeness(&normalise_header(header), &key.normalised))
                .max_by(f32::total_cmp);
            if let Some(likeness) = best {
                found.push(Suggestion {
                    field: field.name().to_owned(),
                    header: column.header.clone(),
                    likeness,
                });
            }
        }
    }
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    found.truncate(MOST_SUGGESTIONS);
    found
}

/// More would be a list nobody reads.
const MOST_SUGGESTIONS: usize = 20;
