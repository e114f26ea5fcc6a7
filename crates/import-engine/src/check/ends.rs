//! Which records are data: not the blank ones, not the header again, not the sums below the table. Judges no cell's value.

use crate::{
    footer::{is_blank, sums_up},
    limits::Limits,
    mapping::Mapping,
    read::{Damage, Record},
    schema::Schema,
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowClass {
    Data,
    /// Every cell is empty.
    Blank,
    /// The header again.
    Header,
    /// A row that sums up the table; its first word is in this column.
    Footer(usize),
}

/// Tells data from the rest.
#[derive(Clone, Debug)]
pub(crate) struct Sorter {
    headers: Vec<String>,
    footers: Vec<Box<str>>,
    /// The first two letters of footers' words and headers, [as a number](pair): most rows need no closer look.
    beginnings: Box<[bool; PAIRS]>,
    /// The first three letters of each footer's word, each once.
    prefixes: Vec<[u8; 3]>,
    /// A footer's word has fewer letters.
    short: bool,
    /// Columns of required fields.
    required: Vec<usize>,
    /// Columns of all fields.
    columns: Vec<usize>,
}

impl Sorter {
    pub(crate) fn new(schema: &Schema, mapping: &Mapping) -> Self {
        let required = schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| field.is_required())
            .filter_map(|(index, _)| mapping.column_of(index))
            .collect();
        let headers: Vec<String> = mapping
            .headers()
            .map(|header| header.trim().to_owned())
            .collect();
        let footers = schema.inner.footer_words.clone();
        let mut beginnings = Box::new([false; PAIRS]);
        for word in headers
            .iter()
            .map(String::as_bytes)
            .chain(footers.iter().map(|word| word.as_bytes()))
        {
            match word {
                [first, second, ..] if first.is_ascii_graphic() => {
                    beginnings[pair(*first, *second)] = true;
                }
                // Anything may follow it.
                [first] => (0..32).for_each(|second| beginnings[pair(*first, second)] = true),
                _ => {}
            }
        }
        let mut prefixes: Vec<[u8; 3]> = footers
            .iter()
            .filter_map(|word| word.as_bytes().first_chunk().copied())
            .collect();
        let short = prefixes.len() < footers.len();
        prefixes.sort_unstable();
        prefixes.dedup();
        Self {
            headers,
            footers,
            beginnings,
            prefixes,
            short,
            required,
            columns: (0..schema.fields().len())
                .filter_map(|field| mapping.column_of(field))
                .collect(),
        }
    }

    /// The record without damage that concerns no column of a field: a cell that is too large costs nothing where it is not
    /// imported.
    #[inline]
    pub(crate) fn spare<'r>(&self, record: Record<'r>, limits: &Limits) -> Record<'r> {
        if record.damage != Some(Damage::CellTooLarge) {
            return record;
        }
        let is_large = |column: &usize| {
            let cell = record.bytes(*column);
            cell.is_some_and(|cell| cell.len() > limits.cell_bytes)
        };
        let damage = record.damage.filter(|_| self.columns.iter().any(is_large));
        Record { damage, ..record }
    }

    #[inline]
    pub(crate) fn classify(&self, record: &Record<'_>) -> RowClass {
        // A word of at least two letters in the first column that begins otherwise: nearly every row.
        if let Some([first, second, ..]) = record.bytes(0)
            && first.is_ascii_graphic()
            && second.is_ascii_graphic()
            && !self.beginnings[pair(*first, *second)]
        {
            return RowClass::Data;
        }
        self.look_around(record)
    }

    #[inline(never)]
    fn look_around(&self, record: &Record<'_>) -> RowClass {
        let mut cells = record.iter();
        let Some(first) = cells.position(|cell| !is_blank(cell)) else {
            return RowClass::Blank;
        };
        let word = record.get(first).unwrap_or_default();
        self.look_closer(record, first, word)
    }

    fn look_closer(&self, record: &Record<'_>, first: usize, word: &str) -> RowClass {
        let is_header = self
            .headers
            .get(first)
            .is_some_and(|header| header == word.trim());
        if is_header && self.is_header(record) {
            return RowClass::Header;
        }
        if self.may_be_footer(word) && self.is_footer(record) {
            return RowClass::Footer(first);
        }
        RowClass::Data
    }

    fn is_header(&self, record: &Record<'_>) -> bool {
        record.len() == self.headers.len()
            && record
                .iter()
                .zip(&self.headers)
                .all(|(cell, header)| cell.trim() == header)
    }

    /// The first letters, compared without allocation: most rows end here.
    fn may_be_footer(&self, word: &str) -> bool {
        let word = word.trim_ascii_start().as_bytes();
        let start = word.first_chunk::<3>();
        self.short
            || start.is_some_and(|start| {
                self.prefixes
                    .contains(&start.map(|byte| byte.to_ascii_lowercase()))
            })
    }

    fn is_footer(&self, record: &Record<'_>) -> bool {
        let required_is_empty = || {
            self.required
                .iter()
                .any(|&column| record.get(column).is_none_or(is_blank))
        };
        let is_word = |word: &str| self.footers.iter().any(|footer| **footer == *word);
        sums_up(record.iter(), is_word, required_is_empty)
    }
}

const PAIRS: usize = 1 << 10;

/// Two bytes without the case of letters. Others may fall together with them.
#[inline]
fn pair(first: u8, second: u8) -> usize {
    usize::from(first & 31) << 5 | usize::from(second & 31)
}
