//! Rows right below the header that go on with it: names below the names of groups, units, formats, the same in another language.
//! Each qualifies the header above it, as a second line in its cell would: `Harga` above `Quad` is the price of a room.

use std::ops::Range;

use super::{
    Column, ColumnUse, Mapping, MatchReason, Sample,
    matching::{Candidates, missing, value_of},
    suggest::LEAST_LIKENESS,
};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    mapping::Strict,
    schema::{Schema, header::Header, kind::Kind, words::Scales},
    sniff::{footer::is_blank, looks_like_data},
};

/// A group of names, their names, their units: no header has more rows.
const MOST_ROWS: usize = 3;

/// What stands below the header and belongs to it.
pub(super) struct Below {
    /// This many rows.
    pub(super) rows: usize,
    /// For each column what stands below its header.
    pub(super) parts: Vec<String>,
    /// For each column whether that is a name below the name of a group, and not a unit, a format or a remark.
    are_names: Vec<bool>,
    /// For each column its header with all that stands above and below it.
    pub(super) texts: Vec<String>,
}

impl Below {
    pub(super) fn look(mapping: &Mapping, schema: &Schema, sample: &Sample) -> Self {
        let strict = Strict::of(schema, mapping);
        let headers: Vec<&str> = mapping.headers().collect();
        let groups = groups(&headers);
        let mut below = Self {
            rows: 0,
            parts: vec![String::new(); headers.len()],
            are_names: vec![false; headers.len()],
            texts: headers.iter().map(|&header| header.to_owned()).collect(),
        };
        for row in sample.rows().iter().take(MOST_ROWS) {
            let in_groups = stands_in_groups(row, &groups);
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            if !in_groups && !strict.speak_against(&cells) {
                break;
            }
            below.rows += 1;
            for (column, cell) in row.iter().enumerate().take(headers.len()) {
                if is_blank(cell) {
                    continue;
                }
                below.are_names[column] |= in_groups;
                let group = groups.iter().find(|group| group.contains(&column));
                let above = group.map_or(headers[column], |group| headers[group.start]);
                if below.parts[column].is_empty() {
                    above.clone_into(&mut below.texts[column]);
                }
                for text in [&mut below.parts[column], &mut below.texts[column]] {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(cell.trim());
                }
            }
        }
        below
    }
}

/// Headers that stand above several columns: those behind them have none.
fn groups(headers: &[&str]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        if !header.trim().is_empty() {
            groups.push(column..column + 1);
        } else if let Some(group) = groups.last_mut() {
            group.end = column + 1;
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Whether a row has at least two cells, all of them below groups, each of which it fills, and none that only data have.
fn stands_in_groups(row: &[String], groups: &[Range<usize>]) -> bool {
    let filled = |column: usize| row.get(column).is_some_and(|cell| !is_blank(cell));
    let cells: Vec<usize> = (0..row.len()).filter(|&column| filled(column)).collect();
    let touched = |group: &&Range<usize>| cells.iter().any(|column| group.contains(column));
    cells.len() > 1
        && cells.iter().all(|&column| !looks_like_data(&row[column]))
        && cells
            .iter()
            .all(|column| groups.iter().any(|group| group.contains(column)))
        && groups
            .iter()
            .filter(touched)
            .all(|group| group.clone().all(filled))
}

impl Mapping {
    /// Drops what the rows below the header contradict, and takes what they name. What the caller said stays.
    pub(super) fn qualify(&mut self, schema: &Schema, below: &Below) {
        let words = &schema.inner.header_words;
        let keys: Vec<Header> = below
            .texts
            .iter()
            .map(|text| Header::new(text, words))
            .collect();
        let uses: Vec<Option<ColumnUse>> = self
            .columns
            .iter()
            .zip(&below.parts)
            .map(|(column, part)| {
                let settled = part.is_empty() || column.is_the_callers();
                settled.then(|| column.used.clone())
            })
            .collect();
        self.heed(schema, &keys, below);
        let found = Candidates::find(schema, &keys, &uses);
        for index in 0..schema.fields().len() {
            let Some(column) = self.column_of(index).filter(|&at| uses[at].is_none()) else {
                continue;
            };
            let taken = found
                .clear
                .iter()
                .find(|c| (c.field, c.column) == (index, column));
            if let Some(taken) = taken {
                self.patterns[index] = taken.pattern.or(self.patterns[index]);
                continue;
            }
            let field = &schema.fields()[index];
            let is_value = matches!(field.kind, Kind::Choice(_))
                && value_of(field, &below.parts[column]).is_some();
            let doubt = found.doubt(index, column).cloned();
            match doubt {
                // What is not known says nothing, unless it is one of the field's own words: a column of ticks.
                Some(Doubt::Unknown(_)) if !is_value => {}
                None if !below.are_names[column] => {}
                // Its cells are weighed yet.
                _ if found.is_scaled(index, column) => {}
                Some(Doubt::Unit(unit)) => {
                    self.give_up(
                        schema,
                        index,
                        column,
                        Doubt::Unit(unit),
                        &below.parts[column],
                    );
                }
                _ => {
                    let doubt = Doubt::Unknown(below.parts[column].clone());
                    self.give_up(schema, index, column, doubt, &below.parts[column]);
                }
            }
        }
        for candidate in &found.clear {
            let free = matches!(
                self.columns[candidate.column].used,
                ColumnUse::Unknown | ColumnUse::Ignored
            );
            if free && self.fields[candidate.field].is_none() && below.are_names[candidate.column] {
                self.take(
                    schema,
                    candidate.field,
                    candidate.column,
                    candidate.reason.clone(),
                );
                self.patterns[candidate.field] = candidate.pattern;
            }
        }
    }

    /// Obeys what the rows below the header say of the order of dates and the power of ten, also in columns that the caller chose.
    fn heed(&mut self, schema: &Schema, keys: &[Header], below: &Below) {
        let words = &schema.inner.header_words;
        for (index, field) in schema.fields().iter().enumerate() {
            let Some(column) = self
                .column_of(index)
                .filter(|&column| !below.parts[column].is_empty())
            else {
                continue;
            };
            self.patterns[index] = keys[column].any_pattern().or(self.patterns[index]);
            let power = keys[column].any_power(&Scales::of(field, words));
            self.powers[index] = power.max(self.powers[index]);
        }
    }

    /// The mapping with what the rows right below the header say of the order of dates and of the power of ten of its columns, as
    /// [`weighed`](Self::weighed) hears it: for a mapping that was [`resolved`](Self::resolved) and is not weighed again.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Mapping, Sample, Sniffer}};
    ///
    /// let file = b"Name,Born\ntext,mm/dd/yyyy\nAda,03/04/1990\n";
    /// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// let mapping = Mapping::resolved(&schema, &dialect.headers, [("Born", "born")])?.heeding(&schema, &sample);
    /// assert_eq!(mapping.column_of(1), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn heeding(mut self, schema: &Schema, sample: &Sample) -> Self {
        let below = Below::look(&self, schema, sample);
        if below.rows > 0 {
            let words = &schema.inner.header_words;
            let texts = below.texts.iter();
            let keys: Vec<Header> = texts.map(|text| Header::new(text, words)).collect();
            self.heed(schema, &keys, &below);
        }
        self
    }

    /// A field loses its column.
    pub(super) fn lose(&mut self, schema: &Schema, field: usize, column: usize) {
        let definition = &schema.fields()[field];
        self.fields[field] = None;
        self.patterns[field] = None;
        self.powers[field] = 0;
        self.columns[column].used = ColumnUse::Unknown;
        if definition.is_required() {
            self.missing = missing(schema, &self.fields, &self.ticks);
        }
    }

    /// A field loses its column, for a reason that is reported.
    fn give_up(&mut self, schema: &Schema, field: usize, column: usize, doubt: Doubt, below: &str) {
        let definition = &schema.fields()[field];
        let label = definition.shown();
        self.lose(schema, field, column);
        let notice = Notice::new(NoticeCode::COLUMN_QUALIFIED)
            .with("column", &self.columns[column].name)
            .with("label", label)
            .with("below", below);
        self.notices.push(notice);
        if !matches!(doubt, Doubt::Unit(_)) && !definition.is_auxiliary() {
            self.suggestions.push(Suggestion {
                field: definition.name().to_owned(),
                header: self.columns[column].name.clone(),
                likeness: LEAST_LIKENESS,
                doubt,
            });
        }
    }

    /// A field without a column gets one.
    pub(super) fn take(
        &mut self,
        schema: &Schema,
        field: usize,
        column: usize,
        reason: MatchReason,
    ) {
        let name = schema.fields()[field].name();
        self.fields[field] = Some(column);
        self.columns[column].used = ColumnUse::Field {
            field: name.to_owned(),
            reason,
        };
        self.settle(name);
    }

    /// A field is missing no longer.
    pub(super) fn settle(&mut self, field: &str) {
        self.missing.retain(|missing| missing != field);
        self.suggestions
            .retain(|suggestion| suggestion.field != field);
    }
}

impl Column {
    /// The caller said what becomes of it.
    fn is_the_callers(&self) -> bool {
        matches!(
            self.used,
            ColumnUse::LeftOut
                | ColumnUse::Tick { .. }
                | ColumnUse::Field {
                    reason: MatchReason::Caller,
                    ..
                }
        )
    }
}
