//! Which rows of a batch repeat a key of the file. Asks no system; `questions` does.

use super::{
    checker::Checker,
    index::{Entry, GROUP, Place},
};
use crate::{
    issue::{IssueCode, IssueKind, Problem},
    value::Value,
};

/// Of a row in which a part of the key is empty. No hash is 0.
const NO_KEY: u128 = 0;

impl Checker {
    /// Decides which rows of the batch repeat a key: in the order of the rows, the earlier valid row wins.
    pub(super) fn claim_keys(&mut self) {
        let keys = self.indexes.len();
        if keys == 0 {
            return;
        }
        let mut hashes = std::mem::take(&mut self.hashes);
        // What a reference means was not known when the row was read.
        for key in 0..keys {
            if self.schema.inner.keys[key].after_references {
                for row in 0..self.pending.rows.len() {
                    hashes[row * keys + key] = self.key_hash(key, row * self.columns.len());
                }
            }
        }
        let mut places: Vec<(usize, Place)> = Vec::with_capacity(keys);
        for (group, hashes) in hashes.chunks(keys * GROUP).enumerate() {
            for (key, index) in self.indexes.iter().enumerate() {
                index.fetch(hashes.iter().skip(key).step_by(keys));
            }
            for (offset, hashes) in hashes.chunks_exact(keys).enumerate() {
                self.claim_row(group * GROUP + offset, hashes, &mut places);
            }
        }
        hashes.clear();
        self.hashes = hashes;
    }

    fn claim_row(&mut self, row: usize, hashes: &[u128], places: &mut Vec<(usize, Place)>) {
        places.clear();
        for (key, &hash) in hashes.iter().enumerate() {
            if hash == NO_KEY {
                continue;
            }
            match self.indexes[key].find(hash) {
                Entry::Free(place) => places.push((key, place)),
                Entry::Taken(earlier) => self.report_repeated(key, row, earlier),
            }
        }
        if self.pending.rows[row].valid {
            for &(key, place) in &*places {
                self.indexes[key].take(place, self.pending.rows[row].mark.row);
            }
        }
    }

    /// The hash of a row's key; [`NO_KEY`] when one of its fields is empty or wrong.
    #[inline]
    pub(super) fn key_hash(&mut self, key: usize, base: usize) -> u128 {
        let definition = &self.schema.inner.keys[key];
        let mut hash = self.hasher.begin();
        for &field in &definition.fields {
            match self.pending.value_of(&self.schema, base, field) {
                Value::Absent => return NO_KEY,
                value => hash.add(value, definition.fold_case),
            }
        }
        hash.finish()
    }

    fn report_repeated(&mut self, key: usize, row: usize, earlier: u64) {
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        let problem = Problem::new(IssueCode::DUPLICATE_IN_FILE)
            .kind(IssueKind::Duplicate)
            .with("row", earlier);
        self.pending.push_issue(
            &self.schema,
            (row, field, self.columns[field]),
            problem,
            severity,
        );
    }
}
