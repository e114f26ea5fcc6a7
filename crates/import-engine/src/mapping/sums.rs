//! Sums that no header gives away: a column whose cells add up those of other columns is the sum of a record's parts, and not one of
//! them. Where a field may be spread over columns, such a column is not taken for it.

use super::{ColumnUse, Mapping, MatchReason, Sample, suggest::LEAST_LIKENESS};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
    },
    sniff::footer::is_blank,
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

    /// The columns side by side that add up to another in every row.
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
        let run = runs.find(|run| add_up(&columns[run.clone()], &sums))?;
        Some(columns[run].iter().map(|(column, _)| *column).collect())
    }
}

/// Whether columns add up to the sums, and more than one of them does so in some row.
fn add_up(columns: &[(usize, Vec<i64>)], sums: &[i64]) -> bool {
    let part = |row: usize| columns.iter().map(move |(_, amounts)| amounts[row]);
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
