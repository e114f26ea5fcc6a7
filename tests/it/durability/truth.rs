//! What a generated file must result in: the person of each row, and the rows that are wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Person, jamaah_file_from};

use super::size::Chance;

/// A row error: spreadsheet row, field, type.
pub(super) type Fault = (u64, String, String);

/// A jamaah file and what is true of it.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    first: usize,
    invalid: Vec<usize>,
    is_reversed: bool,
    /// Data rows of the file.
    pub(super) rows: usize,
    /// Who must be in the database, by spreadsheet row.
    pub(super) people: BTreeMap<u64, Person>,
    /// What must be in `migration_errors`.
    pub(super) faults: BTreeSet<Fault>,
}

impl Truth {
    /// A file of the people with the numbers from `first` on; `invalid` are indexes from 0.
    pub(super) fn new(first: usize, rows: usize, invalid: Vec<usize>) -> Self {
        let mut people = BTreeMap::new();
        let mut faults = BTreeSet::new();
        for index in 0..rows {
            // The header is row 1.
            let row = index as u64 + 2;
            if invalid.contains(&index) {
                faults.insert((row, "email".to_owned(), "invalid_format".to_owned()));
            } else {
                people.insert(row, Person::numbered(first + index, false));
            }
        }
        Self {
            first,
            invalid,
            is_reversed: false,
            rows,
            people,
            faults,
        }
    }

    /// The same with about one row in fifty invalid, and always one.
    pub(super) fn random(first: usize, rows: usize, chance: &mut Chance) -> Self {
        let invalid: BTreeSet<usize> = (0..=rows / 50)
            .map(|_| usize::try_from(chance.below(rows as u64)).expect("is small"))
            .collect();
        Self::new(first, rows, invalid.into_iter().collect())
    }

    /// The same people, the last one first.
    pub(super) fn reversed(mut self) -> Self {
        let last = self.rows as u64 + 3;
        self.is_reversed = !self.is_reversed;
        self.people = self
            .people
            .into_iter()
            .map(|(row, person)| (last - row, person))
            .collect();
        self.faults = self
            .faults
            .into_iter()
            .map(|(row, field, kind)| (last - row, field, kind))
            .collect();
        self
    }

    /// Its bytes.
    pub(super) fn file(&self, package: &str) -> Vec<u8> {
        let file = jamaah_file_from(self.first, self.rows, &self.invalid, package);
        if !self.is_reversed {
            return file;
        }
        let mut lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
        lines[1..].reverse();
        lines.concat()
    }
}
