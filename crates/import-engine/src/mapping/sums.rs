//! Sums that no header gives away: a column whose cells add up those of other columns is the sum of a record's parts, and not one of
//! them. Where a field may be spread over columns, such a column is not taken for it.

use std::borrow::Borrow;

use super::{ColumnUse, Mapping, MatchReason, Sample, suggest::LEAST_LIKENESS};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
    },
    sniff::header::is_blank,
};

/// More columns of numbers than a person pays instalments.
const MOST_PARTS: usize = 24;

/// Rows that must add up: one may do so by chance.
const LEAST_ROWS: usize = 2;

impl Mapping {
    /// Drops columns that are the sum of others. What the caller said stays.
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

    /// The columns that add up to another in every row: side by side, or else with others between them.
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

/// The search for columns apart from one another that add up.
struct Apart<'c> {
    columns: &'c [(usize, Vec<i64>)],
    sums: &'c [i64],
    taken: Vec<usize>,
    steps: usize,
}

/// Rows that must add up where any columns may be the parts: round amounts do so by chance in fewer.
const LEAST_ROWS_APART: usize = 3;

/// Choices that are tried: all of a dozen columns.
const MOST_STEPS: usize = 1 << 13;

impl<'c> Apart<'c> {
    fn find(columns: &'c [(usize, Vec<i64>)], sums: &'c [i64]) -> Option<Vec<usize>> {
        let rows = sums.iter().filter(|sum| **sum > 0).count();
        // Parts that are paid back could go above the sum and come down to it again.
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

    /// Whether the columns that are taken add up with some of those from a place on.
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

/// Whether columns add up to the sums, and more than one of them does so in some row.
fn add_up(columns: &[impl Borrow<(usize, Vec<i64>)>], sums: &[i64]) -> bool {
    let part = |row: usize| columns.iter().map(move |column| column.borrow().1[row]);
    let rows = sums.iter().filter(|sum| **sum > 0).count();
    let shares = |row: usize| part(row).filter(|amount| *amount > 0).count() > 1;
    rows >= LEAST_ROWS
        && (0..sums.len()).all(|row| part(row).sum::<i64>() == sums[row])
        && (0..sums.len()).any(shares)
}

/// The amounts of a column, row by row; nothing is zero. `None` if a cell is something else, or all are nothing.
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
