//! Fields that take no ordinary word, and what their cells say of a row below a header that may be none. Judges no single cell.

use super::{Mapping, Remarks};
use crate::{
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
    },
    sniff::header::is_blank,
    value::text::unguard,
};

/// An ordinary word: no number, date, address, identity or choice.
const WORD: &str = "kata biasa";

/// Whether a field refuses ordinary words.
pub(crate) fn refuses_words(field: &Field) -> bool {
    matches!(
        try_cell(field, Decision::default(), None, WORD),
        Trial::Refused(_)
    )
}

/// The mapped fields that take no ordinary word, with their columns.
#[derive(Clone, Debug)]
pub(crate) struct Strict {
    schema: Schema,
    fields: Vec<(usize, usize)>,
    remarks: Remarks,
}

impl Strict {
    pub(crate) fn of(schema: &Schema, mapping: &Mapping) -> Self {
        let fields = schema.fields().iter().enumerate();
        Self {
            fields: fields
                .filter_map(|(index, field)| Some((index, mapping.column_of(index)?, field)))
                .filter(|(_, _, field)| refuses_words(field))
                .map(|(index, column, _)| (index, column))
                .collect(),
            remarks: Remarks::new(schema),
            schema: schema.clone(),
        }
    }

    /// Whether a row right below the header goes on with it: all its cells are units, formats or remarks, and none is a value
    /// of a field that takes no ordinary word, though there are some.
    pub(crate) fn speak_against(&self, cells: &[&str]) -> bool {
        if self.are_types(cells) {
            return true;
        }
        let is_scale = |&(field, column): &(usize, usize)| {
            let cell = cells.get(column).copied().unwrap_or_default();
            self.remarks.is_scale(field, cell)
        };
        let scaled: Vec<usize> = self
            .fields
            .iter()
            .filter(|field| is_scale(field))
            .map(|&(_, column)| column)
            .collect();
        let mut filled = cells
            .iter()
            .enumerate()
            .filter(|(column, cell)| !is_blank(cell) && !scaled.contains(column));
        (self.refuse_but(cells, &scaled) || !scaled.is_empty())
            && filled.all(|(_, cell)| self.remarks.is_remark(unguard(cell)))
    }

    /// Whether all cells are types of columns, as databases write them below the names: no record is made of them.
    fn are_types(&self, cells: &[&str]) -> bool {
        let mut filled = cells.iter().filter(|cell| !is_blank(cell)).peekable();
        filled.peek().is_some()
            && filled.all(|cell| self.remarks.is_type(unguard(cell)))
            && cells.iter().filter(|cell| !is_blank(cell)).count() > 1
    }

    /// Whether no cell of a field that takes no ordinary word is a value of it, though there are some.
    pub(crate) fn refuse(&self, cells: &[&str]) -> bool {
        self.refuse_but(cells, &[])
    }

    /// Whether every cell of a field that takes no ordinary word is a value of it, and there is one.
    pub(crate) fn agree(&self, cells: &[&str]) -> bool {
        let mut agreed = false;
        for &(field, column) in &self.fields {
            let cell = unguard(cells.get(column).copied().unwrap_or_default());
            match try_cell(
                &self.schema.fields()[field],
                Decision::default(),
                None,
                cell,
            ) {
                Trial::Value(_) | Trial::Unlikely(_) => agreed = true,
                Trial::Refused(_) => return false,
                Trial::Nothing => {}
            }
        }
        agreed
    }

    /// The same without some of the columns.
    fn refuse_but(&self, cells: &[&str], columns: &[usize]) -> bool {
        let cell = |column: usize| unguard(cells.get(column).copied().unwrap_or_default());
        let mut refused = false;
        let others = self
            .fields
            .iter()
            .filter(|(_, column)| !columns.contains(column));
        for &(field, column) in others {
            let field = &self.schema.fields()[field];
            match try_cell(field, Decision::default(), None, cell(column)) {
                Trial::Value(_) | Trial::Unlikely(_) => return false,
                Trial::Refused(_) => refused = true,
                Trial::Nothing => {}
            }
        }
        refused
    }
}
