//! The matching of headers with fields: the caller's pairs, then names, aliases, natural keys, risky aliases. A header
//! must be understood as a whole; likeness only leads to suggestions.

use std::collections::{HashMap, HashSet};

use super::{
    Column, ColumnUse, Mapping, MatchReason, OtherUnit, normalise_header,
    spread::{Ticks, target},
    suggest::{LEAST_LIKENESS, Words, likeness},
};
use crate::{
    error::{FileError, MappingProblem},
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, HeaderWords, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Cover, Header, Name, Names, Phrases, Scales, Token},
        kind::Kind,
    },
    value::{date::Pattern, locale::Locale},
};

/// `chosen` are columns with the names of their fields, empty for a column that is to be omitted.
pub(super) fn matched<H: AsRef<str>>(
    schema: &Schema,
    headers: &[H],
    chosen: &[(usize, String)],
) -> Result<Mapping, FileError> {
    let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
    let mut said = Said::new(schema, texts.len());
    said.apply(schema, &texts, chosen)?;
    let Said {
        mut uses,
        mut fields,
        ticks,
    } = said;

    let words = &schema.inner.header_words;
    let keys: Vec<Header> = texts.iter().map(|text| Header::new(text, words)).collect();
    ignore_columns(schema, &texts, &keys, &mut uses);
    let mut found = Candidates::find(schema, &keys, &uses);
    let mut notices = found.set_sums_aside(schema, &keys, &texts);
    notices.extend(found.set_rivals_aside(schema, &keys, &texts));
    let mut winners: HashMap<usize, usize> = HashMap::new();
    let mut patterns: Vec<Option<Pattern>> = vec![None; schema.fields().len()];
    let mut powers: Vec<u8> = vec![0; schema.fields().len()];
    // The best candidate of all gets its field and column, then the next: a column is at most one field.
    let other_units = found.other_units();
    for candidate in found.clear {
        let (field, column) = (candidate.field, candidate.column);
        if uses[column].is_some() || ticks.iter().any(|ticks| ticks.field == field) {
            continue;
        }
        if fields[field].is_some() {
            winners.entry(column).or_insert(field);
            continue;
        }
        fields[field] = Some(column);
        patterns[field] = candidate.pattern;
        uses[column] = Some(ColumnUse::Field {
            field: schema.fields()[field].name().to_owned(),
            reason: candidate.reason,
        });
    }
    // A caller who chooses the column does not revoke what its header states about its dates and its unit.
    for (field, column) in fields.iter().enumerate() {
        let Some(column) = *column else { continue };
        if patterns[field].is_none() {
            patterns[field] = keys[column].any_pattern();
        }
        if powers[field] == 0 {
            powers[field] = keys[column].any_power(&Scales::of(&schema.fields()[field], words));
        }
    }
    for further in found.doubtful.iter().filter(|doubtful| doubtful.further) {
        if fields[further.field].is_some() && uses[further.column].is_none() {
            winners.entry(further.column).or_insert(further.field);
        }
    }
    let columns = named_columns(schema.locale(), &texts, uses, |index| {
        match winners.get(&index) {
            Some(&field) => ColumnUse::Beaten {
                field: schema.fields()[field].name().to_owned(),
                by: fields[field].map_or_else(String::new, |winner| texts[winner].to_owned()),
            },
            None => ColumnUse::Unknown,
        }
    });
    let mut suggestions = suggestions(schema, &fields, &columns, &keys, &found.doubtful);
    suggestions.retain(|suggestion| {
        let field = schema.index_of(&suggestion.field);
        field.is_none_or(|field| ticks.iter().all(|ticks| ticks.field != field))
    });
    Ok(Mapping {
        columns,
        missing: missing(schema, &fields, &ticks),
        fields,
        ticks,
        patterns,
        powers,
        notices,
        other_units,
        suggestions,
    })
}

/// The mapping of exactly these pairs; the other columns belong to no field.
pub(super) fn resolved<H: AsRef<str>>(
    schema: &Schema,
    headers: &[H],
    chosen: &[(usize, String)],
) -> Result<Mapping, FileError> {
    let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
    let mut said = Said::new(schema, texts.len());
    said.apply(schema, &texts, chosen)?;
    let words = &schema.inner.header_words;
    let keys: Vec<Header> = texts.iter().map(|text| Header::new(text, words)).collect();
    ignore_columns(schema, &texts, &keys, &mut said.uses);
    let pattern = |column: usize| keys[column].any_pattern();
    let power = |(field, column): (usize, &Option<usize>)| {
        column.map_or(0, |column| {
            keys[column].any_power(&Scales::of(&schema.fields()[field], words))
        })
    };
    Ok(Mapping {
        columns: named_columns(schema.locale(), &texts, said.uses, |_| ColumnUse::Unknown),
        missing: missing(schema, &said.fields, &said.ticks),
        patterns: said
            .fields
            .iter()
            .map(|column| column.and_then(pattern))
            .collect(),
        powers: said.fields.iter().enumerate().map(power).collect(),
        fields: said.fields,
        ticks: said.ticks,
        notices: Vec::new(),
        other_units: Vec::new(),
        suggestions: Vec::new(),
    })
}

fn named_columns(
    locale: &Locale,
    texts: &[&str],
    uses: Vec<Option<ColumnUse>>,
    otherwise: impl Fn(usize) -> ColumnUse,
) -> Vec<Column> {
    let named = texts
        .iter()
        .zip(unique_names(texts, locale))
        .zip(uses)
        .enumerate();
    named
        .map(|(index, ((text, name), used))| Column {
            header: (*text).to_owned(),
            name,
            used: used.unwrap_or_else(|| otherwise(index)),
        })
        .collect()
}

/// The required fields that have neither a column nor columns of ticks.
pub(super) fn missing(schema: &Schema, fields: &[Option<usize>], ticks: &[Ticks]) -> Vec<String> {
    let has_ticks = |index: usize| ticks.iter().any(|ticks| ticks.field == index);
    schema
        .fields()
        .iter()
        .enumerate()
        .filter(|&(index, field)| {
            field.is_required() && fields[index].is_none() && !has_ticks(index)
        })
        .map(|(_, field)| field.name().to_owned())
        .collect()
}

/// Unique names of the columns: the header, with a number if other columns have the same one.
pub(crate) fn unique_names(texts: &[&str], locale: &Locale) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let firsts: HashSet<&str> = texts.iter().map(|text| text.trim()).collect();
    // The number that the last column of a header got: thousands may have the same one.
    let mut numbers: HashMap<String, u32> = HashMap::new();
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let text = text.trim();
            let base = if text.is_empty() {
                locale.name_of_column(index + 1)
            } else {
                text.to_owned()
            };
            let mut name = base.clone();
            let number = numbers.entry(base.clone()).or_insert(1);
            if *number > 1 && taken.contains(&name) {
                name = format!("{base} ({number})");
            }
            // A name that is the header of another column is left to that column.
            while taken.contains(&name) || name != *text && firsts.contains(name.as_str()) {
                *number += 1;
                name = format!("{base} ({number})");
            }
            taken.insert(name.clone());
            name
        })
        .collect()
}

/// The caller's choices for columns.
struct Said {
    uses: Vec<Option<ColumnUse>>,
    fields: Vec<Option<usize>>,
    ticks: Vec<Ticks>,
}

impl Said {
    fn new(schema: &Schema, columns: usize) -> Self {
        Self {
            uses: vec![None; columns],
            fields: vec![None; schema.fields().len()],
            ticks: Vec::new(),
        }
    }

    /// Applies choices: columns with the names of their fields, empty for a column that is to be omitted.
    fn apply(
        &mut self,
        schema: &Schema,
        texts: &[&str],
        chosen: &[(usize, String)],
    ) -> Result<(), MappingProblem> {
        for (column, wanted) in chosen {
            let column = *column;
            if self.uses[column].is_some() {
                return Err(MappingProblem::HeaderTwice {
                    header: texts[column].trim().to_owned(),
                });
            }
            if wanted.is_empty() {
                self.uses[column] = Some(ColumnUse::LeftOut);
                continue;
            }
            let Some(index) = schema.index_of(wanted) else {
                self.take_tick(schema, column, wanted)?;
                continue;
            };
            if self.fields[index].replace(column).is_some() || self.has_ticks(index) {
                return Err(MappingProblem::FieldTwice {
                    field: wanted.clone(),
                });
            }
            self.uses[column] = Some(ColumnUse::Field {
                field: wanted.clone(),
                reason: MatchReason::Caller,
            });
        }
        Ok(())
    }

    fn has_ticks(&self, field: usize) -> bool {
        self.ticks.iter().any(|ticks| ticks.field == field)
    }

    /// `gender=L`: a tick in the column means that value of the choice.
    fn take_tick(
        &mut self,
        schema: &Schema,
        column: usize,
        wanted: &str,
    ) -> Result<(), MappingProblem> {
        let unknown = || MappingProblem::UnknownField {
            field: wanted.to_owned(),
        };
        let (name, word) = wanted.split_once('=').ok_or_else(unknown)?;
        let index = schema.index_of(name).ok_or_else(unknown)?;
        let field = &schema.fields()[index];
        let is_choice = matches!(field.kind, Kind::Choice(_));
        let value = value_of(field, word)
            .filter(|_| is_choice)
            .ok_or_else(unknown)?;
        let twice = || MappingProblem::FieldTwice {
            field: wanted.to_owned(),
        };
        if self.fields[index].is_some() {
            return Err(twice());
        }
        let mut ticks = self.ticks.iter().filter(|ticks| ticks.field == index);
        if ticks.any(|ticks| ticks.columns.iter().any(|(_, known)| *known == value)) {
            return Err(twice());
        }
        Ticks::add(&mut self.ticks, index, column, value.clone());
        self.uses[column] = Some(ColumnUse::Tick {
            field: name.to_owned(),
            target: target(name, &value),
            value,
        });
        Ok(())
    }
}

/// The columns of a file by the names that a caller may use. Built once for all names: a sheet has up to sixteen thousand
/// columns.
pub(super) struct Named<'t> {
    headers: HashMap<&'t str, Vec<usize>>,
    own_names: HashMap<String, usize>,
    normalised: HashMap<String, Vec<usize>>,
}

impl<'t> Named<'t> {
    pub(super) fn new<H: AsRef<str>>(schema: &Schema, headers: &'t [H]) -> Self {
        let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
        let mut headers: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut normalised: HashMap<String, Vec<usize>> = HashMap::new();
        for (column, text) in texts.iter().enumerate() {
            headers.entry(text.trim()).or_default().push(column);
            normalised
                .entry(normalise_header(text))
                .or_default()
                .push(column);
        }
        let names = unique_names(&texts, schema.locale())
            .into_iter()
            .enumerate();
        Self {
            headers,
            own_names: names.map(|(column, name)| (name, column)).collect(),
            normalised,
        }
    }

    /// The column whose header the caller wrote: the exact header, else the unique name, else the only header that is the
    /// same after normalisation.
    pub(super) fn find(&self, header: &str) -> Result<usize, MappingProblem> {
        let exact = self.headers.get(header.trim()).map(Vec::as_slice);
        if let Some([column]) = exact {
            return Ok(*column);
        }
        if let Some(column) = self.own_names.get(header.trim()) {
            return Ok(*column);
        }
        let wanted = normalise_header(header);
        let alike = self.normalised.get(&wanted).map(Vec::as_slice);
        match exact.or(alike.filter(|_| !wanted.is_empty())) {
            Some([column]) => Ok(*column),
            None => Err(MappingProblem::UnknownHeader {
                header: header.to_owned(),
            }),
            Some(_) => Err(MappingProblem::AmbiguousHeader {
                header: header.to_owned(),
            }),
        }
    }
}

fn ignore_columns(
    schema: &Schema,
    texts: &[&str],
    keys: &[Header],
    uses: &mut [Option<ColumnUse>],
) {
    let words = &schema.inner.header_words;
    let ignored: HashSet<String> = schema
        .inner
        .ignored_columns
        .iter()
        .map(|header| Header::new(header, words).squeezed())
        .collect();
    for (index, key) in keys.iter().enumerate() {
        let nothing = texts[index].trim().starts_with('_')
            || key.is_empty()
            || ignored.contains(&key.squeezed());
        if nothing && uses[index].is_none() {
            uses[index] = Some(ColumnUse::Ignored);
        }
    }
}

/// A free column that could be a field.
pub(super) struct Candidate {
    /// By kind of match, then whether there are words besides the name, then the order of the aliases.
    rank: (u8, bool, usize),
    pub(super) field: usize,
    pub(super) column: usize,
    pub(super) reason: MatchReason,
    pub(super) pattern: Option<Pattern>,
}

impl Candidate {
    /// The header lists values of the field.
    fn by_values(field: usize, column: usize) -> Self {
        Self {
            rank: (VALUES, false, 0),
            field,
            column,
            reason: MatchReason::Values,
            pattern: None,
        }
    }
}

/// A column whose header contains a name of a field, and something else that may change its meaning.
struct Doubtful {
    field: usize,
    column: usize,
    likeness: f32,
    doubt: Doubt,
    /// Its unit is a power of ten of the field's unit.
    scale: Option<(u8, MatchReason)>,
    /// Only a number is against it: `HP 2`.
    further: bool,
}

pub(super) struct Candidates {
    /// The best first.
    pub(super) clear: Vec<Candidate>,
    doubtful: Vec<Doubtful>,
}

impl Candidates {
    /// Adds what another reading of the same headers finds clear and this one does not.
    pub(super) fn or(mut self, other: Self) -> Self {
        for candidate in other.clear {
            let is_known = |known: &Candidate| {
                (known.field, known.column) == (candidate.field, candidate.column)
            };
            if !self.clear.iter().any(is_known) {
                self.clear.push(candidate);
            }
        }
        self.clear
            .sort_by_key(|found| (found.rank, found.field, found.column));
        self
    }

    fn other_units(&self) -> Vec<OtherUnit> {
        let doubtful = self.doubtful.iter();
        doubtful
            .filter_map(|doubtful| match &doubtful.doubt {
                Doubt::Unit(unit) => Some(OtherUnit {
                    column: doubtful.column,
                    field: doubtful.field,
                    unit: unit.clone(),
                    scale: doubtful.scale.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    /// Whether a column would be a field if its numbers were multiplied by a power of ten.
    pub(super) fn is_scaled(&self, field: usize, column: usize) -> bool {
        self.doubtful.iter().any(|doubtful| {
            (doubtful.field, doubtful.column) == (field, column) && doubtful.scale.is_some()
        })
    }

    /// Why a column is not accepted as a field although its header contains a name of the field.
    pub(super) fn doubt(&self, field: usize, column: usize) -> Option<&Doubt> {
        let mut doubtful = self.doubtful.iter();
        doubtful
            .find(|doubtful| (doubtful.field, doubtful.column) == (field, column))
            .map(|doubtful| &doubtful.doubt)
    }

    pub(super) fn find(schema: &Schema, keys: &[Header], uses: &[Option<ColumnUse>]) -> Self {
        let words = &schema.inner.header_words;
        let turned: Vec<Option<Header>> = keys.iter().map(Header::turned).collect();
        let mut all = Self {
            clear: Vec::new(),
            doubtful: Vec::new(),
        };
        for (index, field) in schema.fields().iter().enumerate() {
            let called = called(field);
            let squeezed = |header: &str| Header::new(header, words).squeezed();
            let never: HashSet<String> = field.never.iter().map(|h| squeezed(h)).collect();
            let tails = Phrases::new(&field.tails, words);
            let scales = Scales::of(field, words);
            let is_value = |text: &str| is_value(field, text);
            let names = Names {
                list: called
                    .iter()
                    .enumerate()
                    .map(|(place, (_, header, _))| Name::new(place, header, words))
                    .collect(),
                tails: &tails,
                scales: &scales,
                dated: matches!(field.kind, Kind::Date(_) | Kind::DateTime(_)),
                has_unit: has_unit(field),
                numbered: field.numbered,
                is_value: &is_value,
            };
            let perhaps = Names {
                list: perhaps(field, words),
                ..names
            };
            for (column, key) in keys.iter().enumerate() {
                if uses[column].is_some() || never.contains(&key.squeezed()) {
                    continue;
                }
                if lists_values(field, key) {
                    all.clear.push(Candidate::by_values(index, column));
                    continue;
                }
                let turned = turned[column].as_ref();
                let covers = [
                    key.cover(&names, words),
                    turned.and_then(|turned| turned.cover(&names, words)),
                ];
                let cover = covers.iter().flatten().min_by_key(|cover| cover.rank());
                if let Some(cover) = cover {
                    all.take(cover, &called, index, column);
                }
                // `Pembayaran (Tunai/Transfer)`: an alias that only sometimes means the field does mean it together with
                // values of the field.
                let is_sure = |cover: &Cover| cover.valued && cover.is_clear();
                if !cover.is_some_and(Cover::is_clear)
                    && key.cover(&perhaps, words).as_ref().is_some_and(is_sure)
                {
                    all.clear.push(Candidate::by_values(index, column));
                }
            }
        }
        all.clear
            .sort_by_key(|found| (found.rank, found.field, found.column));
        all
    }

    /// If the parts of a field have their own columns, a column that could be the field is their sum and is not used.
    fn set_sums_aside(&mut self, schema: &Schema, keys: &[Header], texts: &[&str]) -> Vec<Notice> {
        let words = &schema.inner.header_words;
        let mut notices = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let parts = Phrases::new(&field.parts, words);
            let found: Vec<&str> = keys
                .iter()
                .zip(texts)
                .filter(|(key, _)| parts.contain(&key.squeezed()))
                .map(|(_, text)| text.trim())
                .collect();
            if found.len() < 2 {
                continue;
            }
            let (sums, others) = std::mem::take(&mut self.clear)
                .into_iter()
                .partition(|candidate| candidate.field == index);
            self.clear = others;
            let sums: Vec<Candidate> = sums;
            for sum in sums {
                notices.push(
                    Notice::new(NoticeCode::SUM_BESIDE_PARTS)
                        .with("column", texts[sum.column].trim())
                        .with("label", field.shown())
                        .with("parts", found.join(", ")),
                );
                self.doubtful.push(Doubtful {
                    field: index,
                    column: sum.column,
                    likeness: LEAST_LIKENESS,
                    doubt: Doubt::SumOfParts,
                    scale: None,
                    further: false,
                });
            }
        }
        notices
    }

    /// If either of two columns could be the field, such as debit and credit of a cash book or of a bank statement,
    /// neither is used.
    fn set_rivals_aside(
        &mut self,
        schema: &Schema,
        keys: &[Header],
        texts: &[&str],
    ) -> Vec<Notice> {
        let words = &schema.inner.header_words;
        let mut notices = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let either = Phrases::new(&field.either, words);
            let rivals: Vec<usize> = (0..keys.len())
                .filter(|&column| either.contain(&keys[column].squeezed()))
                .collect();
            let are_two = rivals
                .first()
                .is_some_and(|&first| rivals.iter().any(|&other| keys[other] != keys[first]));
            if !are_two {
                continue;
            }
            self.clear
                .retain(|found| found.field != index || !rivals.contains(&found.column));
            if self.clear.iter().any(|found| found.field == index) {
                continue;
            }
            let names: Vec<&str> = rivals.iter().map(|&column| texts[column].trim()).collect();
            notices.push(
                Notice::new(NoticeCode::COLUMNS_RIVAL)
                    .with("columns", names.join("', '"))
                    .with("label", field.shown()),
            );
            self.doubtful
                .extend(rivals.into_iter().map(|column| Doubtful {
                    field: index,
                    column,
                    likeness: LEAST_LIKENESS,
                    doubt: Doubt::Perhaps,
                    scale: None,
                    further: false,
                }));
        }
        notices
    }

    fn take(&mut self, cover: &Cover, called: &[Called<'_>], field: usize, column: usize) {
        if let Some(unit) = &cover.unit {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: 0.0,
                doubt: Doubt::Unit(unit.clone()),
                scale: None,
                further: false,
            });
            return;
        }
        if !cover.is_clear() {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: share(cover.named + cover.beside, cover.unknowns),
                doubt: Doubt::Unknown(cover.unknown.clone().unwrap_or_default()),
                scale: None,
                further: cover.is_further(),
            });
            return;
        }
        let Some((rank, header, reason)) = called.get(cover.name) else {
            return;
        };
        // The cells decide whether it is counted in this power of ten.
        if let Some((power, unit)) = &cover.scale {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: 0.0,
                doubt: Doubt::Unit(unit.clone()),
                scale: Some((*power, reason(header))),
                further: false,
            });
            return;
        }
        self.clear.push(Candidate {
            rank: (rank.0, cover.beside > 0, rank.1),
            field,
            column,
            reason: reason(header),
            pattern: cover.pattern,
        });
    }
}

/// How much of a header is known, always enough for a suggestion, because the header contains a name.
#[expect(clippy::cast_precision_loss, reason = "headers have few words")]
fn share(known: usize, unknown: usize) -> f32 {
    (known as f32 / (known + unknown) as f32).max(LEAST_LIKENESS)
}

/// After aliases and natural keys, before risky ones.
const VALUES: u8 = 3;

/// `Laki-laki/Perempuan`: a header that names different values of a choice.
fn lists_values(field: &Field, key: &Header) -> bool {
    if !matches!(field.kind, Kind::Choice(_)) {
        return false;
    }
    let alternatives = key.alternatives();
    let mut values: Vec<String> = alternatives
        .iter()
        .filter_map(|text| value_of(field, text))
        .collect();
    values.sort_unstable();
    values.dedup();
    alternatives.len() > 1 && values.len() == alternatives.len()
}

fn is_value(field: &Field, text: &str) -> bool {
    matches!(field.kind, Kind::Choice(_)) && value_of(field, text).is_some()
}

/// The value that a word of a header stands for, even if its letters and digits were separated: `Laki2`.
pub(super) fn value_of(field: &Field, text: &str) -> Option<String> {
    let read = |text: &str| read_value(field, text);
    read(text).or_else(|| {
        let has_digits = text.contains(|c: char| c.is_ascii_digit());
        has_digits.then(|| read(&text.replace(' ', "")))?
    })
}

fn read_value(field: &Field, text: &str) -> Option<String> {
    match try_cell(field, Decision::default(), None, text) {
        Trial::Value(value) | Trial::Unlikely(value) => Some(value),
        Trial::Nothing | Trial::Refused(_) => None,
    }
}

/// The headers that mean a field as often as something else.
fn perhaps(field: &Field, words: &HeaderWords) -> Vec<Name> {
    let headers = field.perhaps.iter().enumerate();
    headers
        .map(|(place, header)| Name::new(place, header, words))
        .collect()
}

type Reason = fn(&str) -> MatchReason;

/// Rank, header and reason of a name.
type Called<'f> = ((u8, usize), &'f str, Reason);

/// The headers that name a field, the likeliest first.
fn called(field: &Field) -> Vec<Called<'_>> {
    fn ranked(kind: u8, list: &[Box<str>], reason: Reason) -> impl Iterator<Item = Called<'_>> {
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
        .chain(ranked(4, &field.risky, |h| {
            MatchReason::Risky(h.to_owned())
        }))
        .collect()
}

/// For every field without a column, the free columns that may be meant, required fields first, then the likeliest.
fn suggestions(
    schema: &Schema,
    fields: &[Option<usize>],
    columns: &[Column],
    keys: &[Header],
    doubtful: &[Doubtful],
) -> Vec<Suggestion> {
    let words = &schema.inner.header_words;
    let mut found: Vec<(bool, Suggestion)> = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        if fields[index].is_some() || field.is_auxiliary() {
            continue;
        }
        let spaced = |header: &str| Header::new(header, words).spaced();
        let never: HashSet<String> = field.never.iter().map(|h| spaced(h)).collect();
        let tails = Phrases::new(&field.tails, words);
        let scales = Scales::of(field, words);
        let is_value = |text: &str| is_value(field, text);
        let perhaps = Names {
            list: self::perhaps(field, words),
            tails: &tails,
            scales: &scales,
            dated: matches!(field.kind, Kind::Date(_) | Kind::DateTime(_)),
            has_unit: has_unit(field),
            numbered: field.numbered,
            is_value: &is_value,
        };
        // `Tanggal Pelunasan` is a date rather than an amount.
        let is_like_another = |field: usize, column: usize| {
            let mut others = doubtful.iter();
            others.any(|other| other.column == column && other.field != field)
        };
        let spelt: Vec<String> = called(field).iter().map(|(_, h, _)| spaced(h)).collect();
        for (place, (column, key)) in columns.iter().zip(keys).enumerate() {
            if !matches!(column.used, ColumnUse::Unknown | ColumnUse::Beaten { .. }) {
                continue;
            }
            let text = key.spaced();
            let known = doubtful
                .iter()
                .find(|doubtful| doubtful.field == index && doubtful.column == place);
            let may_be_meant = key.cover(&perhaps, words);
            // `Tunai / Non Tunai`
            let names_a_value = || {
                let alternatives = key.alternatives();
                alternatives.len() > 1 && alternatives.iter().any(|text| is_value(text))
            };
            let suggested = if may_be_meant.as_ref().is_some_and(Cover::is_clear) || names_a_value()
            {
                Some((LEAST_LIKENESS, Doubt::Perhaps))
            } else if never.contains(&text) {
                None
            } else if let Some(known) = known {
                Some((known.likeness, known.doubt.clone()))
            } else if let Some(cover) =
                may_be_meant.filter(|cover| cover.unit.is_none() && !is_like_another(index, place))
            {
                let unknown = cover.unknown.unwrap_or_default();
                Some((LEAST_LIKENESS, Doubt::Unknown(unknown)))
            } else if holds_another(key, words) || has_unit(field) && holds_a_unit(key, words) {
                None
            } else {
                let words_of = Words::new(&text);
                let alike =
                    |name: &String| likeness(name, &text).or_else(|| words_of.resemble(name));
                let best = spelt.iter().filter_map(alike);
                best.max_by(f32::total_cmp)
                    .map(|likeness| (likeness, Doubt::Likeness))
            };
            if let Some((likeness, doubt)) =
                suggested.filter(|(_, doubt)| !matches!(doubt, Doubt::Unit(_)))
            {
                let suggestion = Suggestion {
                    field: field.name().to_owned(),
                    header: column.name.clone(),
                    likeness,
                    doubt,
                };
                found.push((!field.is_required(), suggestion));
            }
        }
    }
    found.sort_by(|(optional, a), (other, b)| {
        optional.cmp(other).then(b.likeness.total_cmp(&a.likeness))
    });
    found.truncate(MOST_SUGGESTIONS);
    found
        .into_iter()
        .map(|(_, suggestion)| suggestion)
        .collect()
}

/// Whether the values of a field have a unit.
fn has_unit(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Date(_) | Kind::DateTime(_)
    )
}

/// Whether any word of a header names another person or thing; then likeness to a name means nothing.
pub(super) fn holds_another(key: &Header, words: &HeaderWords) -> bool {
    key.tokens()
        .iter()
        .any(|token| matches!(token, Token::Word(word) if words.is_other(word)))
}

/// Whether any word of a header is a unit; then a similar column holds other numbers.
pub(super) fn holds_a_unit(key: &Header, words: &HeaderWords) -> bool {
    key.tokens()
        .iter()
        .any(|token| matches!(token, Token::Word(word) if words.is_unit(word)))
}

/// A longer list would not be read.
const MOST_SUGGESTIONS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        let names = unique_names(
            &["No HP", " No HP ", "", "No HP (2)", "No HP", "Kolom 3"],
            &Locale::INDONESIAN,
        );
        assert_eq!(
            names,
            [
                "No HP",
                "No HP (3)",
                "Kolom 3 (2)",
                "No HP (2)",
                "No HP (4)",
                "Kolom 3"
            ]
        );
    }
}
