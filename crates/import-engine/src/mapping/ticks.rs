//! A choice that is spread over columns, one for each of its words, with a tick in the one that holds: `L` and `P` with a `v`.

use super::{ColumnUse, Mapping, Sample, matching::value_of};
use crate::{
    issue::{Notice, NoticeCode},
    schema::{Field, Schema, kind::Kind},
    sniff::header::is_blank,
    value::locale::tick,
};

/// The columns of ticks of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub(crate) field: usize,
    /// Each column and the word of the choice that a tick in it stands for.
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
    /// The columns that are not one of a field, but one of its words.
    pub(crate) fn ticks(&self) -> &[Ticks] {
        &self.ticks
    }

    /// Looks for ticks where a choice has no column. `texts` are the headers, or what stands below them.
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
            // Then it goes without saying that the columns are not an ordinary one of the field.
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

    /// The free columns whose headers are words of a choice.
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

    pub(super) fn take_ticks(
        &mut self,
        field: &Field,
        index: usize,
        columns: Vec<(usize, String)>,
    ) {
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

/// Whether columns hold ticks and nothing else, each for another word.
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
