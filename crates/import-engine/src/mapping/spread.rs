//! Fields that are spread over several columns. A choice may have one column for each of its values, with a tick in the
//! one that applies: `L` and `P` with a `v`. An amount may be given in parts; a column whose cells are the sums of those
//! of others is not another part, even if its header does not show it.

use std::borrow::Borrow;

use super::{ColumnUse, Mapping, MatchReason, Sample, matching::value_of, suggest::LEAST_LIKENESS};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
        kind::Kind,
    },
    sniff::header::is_blank,
    value::locale::tick,
};

// A choice that is spread over columns.

/// The columns of ticks of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub(crate) field: usize,
    /// Each column, and the value of the choice that a tick in it stands for.
    pub(crate) columns: Vec<(usize, String)>,
}

impl Ticks {
    /// Adds a column to those of its field.
    pub(super) fn add(all: &mut Vec<Self>, field: usize, column: usize, value: String) {
        match all.iter_mut().find(|ticks| ticks.field == field) {
            Some(ticks) => ticks.columns.push((column, value)),
            None => all.push(Self {
                field,
                columns: vec![(column, value)],
            }),
        }
    }
}

impl Mapping {
    /// The columns that each stand for one value of a field.
    pub(crate) fn ticks(&self) -> &[Ticks] {
        &self.ticks
    }

    /// Looks for ticks if a choice has no column. `texts` are the headers, or the texts below them.
    pub(super) fn find_ticks(&mut self, schema: &Schema, texts: &[String], sample: &Sample) {
        for (index, field) in schema.fields().iter().enumerate() {
            let is_open = self.fields[index].is_none() && !self.has_ticks(index);
            if !is_open || field.is_auxiliary() || !matches!(field.kind, Kind::Choice(_)) {
                continue;
            }
            let columns = self.headed_by_words(field, texts);
            if !are_ticks(&columns, sample) {
                continue;
            }
            let names: Vec<String> = columns
                .iter()
                .map(|(column, _)| self.columns[*column].name.clone())
                .collect();
            // A notice that the columns are not ordinary columns of the field is then superfluous.
            self.notices.retain(|notice| {
                notice.code() != NoticeCode::COLUMN_QUALIFIED
                    || names
                        .iter()
                        .all(|name| notice.param("column") != Some(name))
            });
            self.notices.push(
                Notice::new(NoticeCode::TICKS_READ)
                    .with("columns", names.join("', '"))
                    .with("label", field.shown()),
            );
            self.take_ticks(field, index, columns);
        }
    }

    /// The free columns whose headers are values of a choice.
    fn headed_by_words(&self, field: &Field, texts: &[String]) -> Vec<(usize, String)> {
        let free = self
            .columns
            .iter()
            .zip(texts)
            .enumerate()
            .filter(|(_, (column, _))| {
                matches!(column.used, ColumnUse::Unknown | ColumnUse::Ignored)
            });
        free.filter(|(_, (_, text))| !is_blank(text))
            .filter_map(|(column, (_, text))| Some((column, value_of(field, text.trim())?)))
            .collect()
    }

    pub(super) fn has_ticks(&self, field: usize) -> bool {
        self.ticks.iter().any(|ticks| ticks.field == field)
    }

    fn take_ticks(&mut self, field: &Field, index: usize, columns: Vec<(usize, String)>) {
        for (column, value) in &columns {
            self.columns[*column].used = ColumnUse::Tick {
                field: field.name().to_owned(),
                value: value.clone(),
                target: target(field.name(), value),
            };
        }
        self.ticks.push(Ticks {
            field: index,
            columns,
        });
        self.settle(field.name());
    }
}

/// What a caller writes in a mapping for a column of ticks: `jenis_kelamin=L`.
pub(super) fn target(field: &str, value: &str) -> String {
    format!("{field}={value}")
}

/// Whether the columns hold only ticks, each for another value.
fn are_ticks(columns: &[(usize, String)], sample: &Sample) -> bool {
    let is_alone = |(place, (_, value)): (usize, &(usize, String))| {
        columns[..place].iter().all(|(_, other)| other != value)
    };
    let mut any = false;
    let hold_ticks = columns.iter().all(|(column, value)| {
        sample.cells(*column).all(|cell| {
            let read = tick(cell, value);
            any |= read == Some(true);
            read.is_some()
        })
    });
    columns.len() > 1 && columns.iter().enumerate().all(is_alone) && hold_ticks && any
}

// Sums that no header reveals.

/// Columns of numbers that are tried: more than there are instalments of a payment.
const MOST_PARTS: usize = 24;

/// Rows that must add up: a single one may do so by chance.
const LEAST_ROWS: usize = 2;

impl Mapping {
    /// Drops columns that are the sum of others. The caller's choices stay.
    pub(super) fn drop_sums(&mut self, schema: &Schema, sample: &Sample) {
        for (index, field) in schema.fields().iter().enumerate() {
            let Some(column) = self.column_of(index).filter(|_| !field.parts.is_empty()) else {
                continue;
            };
            let is_chosen = matches!(
                self.columns[column].used,
                ColumnUse::Field {
                    reason: MatchReason::Caller,
                    ..
                }
            );
            let Some(parts) = self.parts_of(field, column, sample).filter(|_| !is_chosen) else {
                continue;
            };
            let names: Vec<&str> = parts
                .iter()
                .map(|&part| self.columns[part].name.as_str())
                .collect();
            let sum = self.columns[column].name.clone();
            let notice = Notice::new(NoticeCode::SUM_BESIDE_PARTS)
                .with("column", &sum)
                .with("label", field.shown())
                .with("parts", names.join(", "));
            self.lose(schema, index, column);
            self.notices.push(notice);
            self.suggestions.push(Suggestion {
                field: field.name().to_owned(),
                header: sum,
                likeness: LEAST_LIKENESS,
                doubt: Doubt::SumOfParts,
            });
        }
    }

    /// The columns that add up to another in every row: adjacent ones, or else with others between them.
    fn parts_of(&self, field: &Field, sum: usize, sample: &Sample) -> Option<Vec<usize>> {
        let is_free =
            |used: &ColumnUse| matches!(used, ColumnUse::Unknown | ColumnUse::Beaten { .. });
        let columns: Vec<(usize, Vec<i64>)> = (0..self.columns.len())
            .filter(|&column| is_free(&self.columns[column].used))
            .filter_map(|column| Some((column, amounts(field, column, sample)?)))
            .take(MOST_PARTS)
            .collect();
        if columns.len() < 2 {
            return None;
        }
        let sums = amounts(field, sum, sample)?;
        let starts = 0..columns.len();
        let mut runs =
            starts.flat_map(|start| (start + 2..=columns.len()).map(move |end| start..end));
        let run = runs.find(|run| add_up(&columns[run.clone()], &sums));
        match run {
            Some(run) => Some(columns[run].iter().map(|(column, _)| *column).collect()),
            None => Apart::find(&columns, &sums),
        }
    }
}

/// The search for columns that add up but are not adjacent.
struct Apart<'c> {
    columns: &'c [(usize, Vec<i64>)],
    sums: &'c [i64],
    taken: Vec<usize>,
    steps: usize,
}

/// Rows that must add up if any columns may be the parts: in fewer rows, round amounts do so by chance.
const LEAST_ROWS_APART: usize = 3;

/// Combinations that are tried: all combinations of a dozen columns.
const MOST_STEPS: usize = 1 << 13;

impl<'c> Apart<'c> {
    fn find(columns: &'c [(usize, Vec<i64>)], sums: &'c [i64]) -> Option<Vec<usize>> {
        let rows = sums.iter().filter(|sum| **sum > 0).count();
        // With refunds, parts could exceed the sum and come down to it again.
        let is_paid_back = columns
            .iter()
            .any(|(_, amounts)| amounts.iter().any(|one| *one < 0));
        if rows < LEAST_ROWS_APART || is_paid_back {
            return None;
        }
        let mut search = Self {
            columns,
            sums,
            taken: Vec::new(),
            steps: 0,
        };
        let found = search.go_on(0);
        found.then(|| search.taken.iter().map(|&place| columns[place].0).collect())
    }

    /// Whether the chosen columns add up together with some of those from an index on.
    fn go_on(&mut self, from: usize) -> bool {
        self.steps += 1;
        let part = |row: usize| -> i64 {
            let amounts = self.taken.iter().map(|&place| self.columns[place].1[row]);
            amounts.fold(0, i64::saturating_add)
        };
        if self.steps > MOST_STEPS || (0..self.sums.len()).any(|row| part(row) > self.sums[row]) {
            return false;
        }
        let taken: Vec<&(usize, Vec<i64>)> = self
            .taken
            .iter()
            .map(|&place| &self.columns[place])
            .collect();
        if taken.len() > 1 && add_up(&taken, self.sums) {
            return true;
        }
        for place in from..self.columns.len() {
            self.taken.push(place);
            if self.go_on(place + 1) {
                return true;
            }
            self.taken.pop();
        }
        false
    }
}

/// Whether columns add up to the sums, with more than one of them contributing in some row.
fn add_up(columns: &[impl Borrow<(usize, Vec<i64>)>], sums: &[i64]) -> bool {
    let part = |row: usize| columns.iter().map(move |column| column.borrow().1[row]);
    let rows = sums.iter().filter(|sum| **sum > 0).count();
    let shares = |row: usize| part(row).filter(|amount| *amount > 0).count() > 1;
    rows >= LEAST_ROWS
        && (0..sums.len()).all(|row| part(row).sum::<i64>() == sums[row])
        && (0..sums.len()).any(shares)
}

/// The amounts of a column, row by row; an empty cell is zero. `None` if a cell is something else, or all are empty.
fn amounts(field: &Field, column: usize, sample: &Sample) -> Option<Vec<i64>> {
    let amount = |row: &Vec<String>| {
        let cell = row.get(column).map_or("", String::as_str);
        if is_blank(cell) || cell.trim() == "0" {
            return Some(0);
        }
        match try_cell(field, Decision::default(), None, cell) {
            Trial::Nothing => Some(0),
            Trial::Value(value) | Trial::Unlikely(value) => value.parse().ok(),
            Trial::Refused(_) => None,
        }
    };
    let amounts: Vec<i64> = sample.rows().iter().map(amount).collect::<Option<_>>()?;
    amounts.iter().any(|amount| *amount > 0).then_some(amounts)
}
