//! A choice that is read from ticks in several columns.

use super::checker::Checker;
use crate::{
    csv::Record,
    issue::{IssueCode, IssueKind, Problem, Severity},
    mapping::Mapping,
    schema::{Schema, cell::Slot, kind::Kind, rule::Cells},
    value::locale::tick,
};

/// The columns of ticks of a field.
#[derive(Clone, Debug)]
pub(super) struct Ticked {
    field: usize,
    /// Column, word, and its place among the words of the choice.
    columns: Vec<(usize, String, u16)>,
}

impl Ticked {
    pub(super) fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        mapping
            .ticks()
            .iter()
            .filter_map(|ticks| {
                let Kind::Choice(choices) = &schema.fields()[ticks.field].kind else {
                    return None;
                };
                let columns = ticks.columns.iter();
                Some(Self {
                    field: ticks.field,
                    columns: columns
                        .filter_map(|(column, word)| {
                            Some((*column, word.clone(), choices.find(word)?))
                        })
                        .collect(),
                })
            })
            .collect()
    }

    pub(super) fn field(&self) -> usize {
        self.field
    }

    /// The column that issues name.
    pub(super) fn first_column(&self) -> Option<usize> {
        self.columns.first().map(|(column, _, _)| *column)
    }

    /// The place of the ticked word; `None` where nothing is ticked.
    fn read(&self, record: &Record<'_>, schema: &Schema) -> Result<Option<u16>, Problem> {
        let field = &schema.fields()[self.field];
        let mut ticked: Vec<(&str, u16)> = Vec::new();
        for (column, word, place) in &self.columns {
            let cell = record.get(*column).unwrap_or_default();
            match tick(crate::value::text::unguard(cell), word) {
                Some(true) => ticked.push((word, *place)),
                Some(false) => {}
                None => {
                    let mut problem = Problem::new(IssueCode::CHOICE);
                    if let Kind::Choice(choices) = &field.kind {
                        problem = problem.with("allowed", choices.words.join(", "));
                    }
                    return Err(problem);
                }
            }
        }
        match ticked.as_slice() {
            [] if field.is_required() => {
                Err(Problem::new(IssueCode::REQUIRED).kind(IssueKind::MissingRequired))
            }
            [] => Ok(None),
            [(_, place)] => Ok(Some(*place)),
            several => {
                let found: Vec<&str> = several.iter().map(|(word, _)| *word).collect();
                Err(Problem::new(IssueCode::SEVERAL_TICKS).with("found", found.join(", ")))
            }
        }
    }
}

impl Checker {
    /// Reads the choices that are spread over columns.
    #[cold]
    #[inline(never)]
    pub(super) fn check_ticks(&mut self, record: &Record<'_>) {
        for place in 0..self.ticked.len() {
            let field = self.ticked[place].field();
            match self.ticked[place].read(record, &self.schema) {
                Ok(None) => {}
                Ok(Some(word)) => *self.pending.slot(field) = Slot::Choice(word),
                Err(problem) => self.pending.report(Some(field), problem, Severity::Error),
            }
        }
    }
}
