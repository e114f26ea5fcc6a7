//! Which rows of a batch repeat a key of the file. Asks no system; `questions` does.

use super::{
    checker::Checker,
    index::{Entry, GROUP, Place},
    port::Found,
};
use crate::{
    issue::{IssueCode, IssueKind, Problem, Severity},
    value::{Existing, Value},
};

/// Of a row in which a part of the key is empty. No hash is 0.
const NO_KEY: u128 = 0;

/// Who has a key, as far as this run knows.
enum Claim {
    Free,
    /// A row of this run.
    Taken,
    /// A row that an earlier run went through, and perhaps refused.
    Doubtful,
}

impl Checker {
    /// Decides which rows of the batch repeat a key: in the order of the rows, the earlier valid row wins.
    pub(super) fn claim_keys(&mut self) {
        let keys = self.indexes.len();
        if keys == 0 {
            return;
        }
        // What a reference means was not known when the row was read.
        for key in 0..keys {
            if self.schema.inner.keys[key].after_references {
                self.hash_references(key);
            }
        }
        let mut hashes = std::mem::take(&mut self.hashes);
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
                Entry::Taken(earlier) => match self.revoked.get(&(key, hash)) {
                    None => self.report_repeated(key, row, earlier),
                    Some(Some(later)) => self.report_repeated(key, row, *later),
                    Some(None) => {}
                },
            }
        }
        self.claim_record(row, hashes);
        if self.pending.rows[row].valid {
            let number = self.pending.rows[row].mark.row;
            for &(key, place) in &*places {
                self.indexes[key].take(place, hashes[key], number);
            }
            if !self.revoked.is_empty() {
                for (key, &hash) in hashes.iter().enumerate() {
                    if let Some(claim @ None) = self.revoked.get_mut(&(key, hash)) {
                        *claim = Some(number);
                    }
                }
            }
        }
    }

    /// Decides whether a valid row changes a record of the system that an earlier row changes already: the two name it by different
    /// keys, so that no key is repeated.
    fn claim_record(&mut self, row: usize, hashes: &[u128]) {
        let pending = &self.pending;
        if self.existing != Existing::Update || !pending.rows[row].valid {
            return;
        }
        let Some(Some(record)) = pending.known.get(row) else {
            return;
        };
        let mut hash = self.hasher.begin();
        hash.add(record.value(), false);
        let hash = hash.finish();
        match self.changed.find(hash) {
            Entry::Free(place) => self.changed.take(place, hash, pending.rows[row].mark.row),
            Entry::Taken(earlier) => {
                let key = hashes.iter().position(|hash| *hash != NO_KEY);
                let field = self.schema.inner.keys[key.unwrap_or(0)].reported_on;
                let problem = Problem::new(IssueCode::RECORD_IN_FILE)
                    .kind(IssueKind::Duplicate)
                    .with("row", earlier);
                self.pending.push_issue(
                    &self.schema,
                    (row, field, self.columns[field]),
                    problem,
                    Severity::Error,
                );
            }
        }
    }

    /// Takes the hashes of a key again, now that its references are answered.
    pub(super) fn hash_references(&mut self, key: usize) {
        let keys = self.indexes.len();
        for row in 0..self.pending.rows.len() {
            let hash = self.key_hash(key, row * self.columns.len());
            self.hashes[row * keys + key] = hash;
        }
    }

    /// Whether the system is to be asked about a row's key: the row is new, and no row of this run has the key.
    pub(super) fn is_open(&mut self, key: usize, row: usize) -> bool {
        if self.pending.rows[row].mark.row <= self.resume_after && !self.own_rows_hidden {
            return false;
        }
        match self.claim_of_an_earlier_run(key, row) {
            Claim::Free | Claim::Doubtful => true,
            Claim::Taken => false,
        }
    }

    /// What an answer makes of the claim of a row that an earlier run went through. Such a row was taken for a valid one here, but
    /// the system may have refused it then: if it does not know the key, the key is free. Whether there was such a claim, which
    /// then tells more than that the system knows the key.
    pub(super) fn settle_claim(&mut self, key: usize, row: usize, found: &Found) -> bool {
        let is_doubtful = matches!(self.claim_of_an_earlier_run(key, row), Claim::Doubtful);
        if is_doubtful && *found == Found::Nothing {
            let hash = self.hashes[row * self.indexes.len() + key];
            self.revoked.insert((key, hash), None);
        }
        is_doubtful
    }

    fn claim_of_an_earlier_run(&mut self, key: usize, row: usize) -> Claim {
        let hash = self.hashes[row * self.indexes.len() + key];
        let revoked = self.revoked.get(&(key, hash));
        match (self.indexes[key].find(hash), revoked) {
            (Entry::Taken(_), Some(None)) | (Entry::Free(_), _) => Claim::Free,
            (Entry::Taken(earlier), None)
                if earlier <= self.resume_after && !self.own_rows_hidden =>
            {
                Claim::Doubtful
            }
            (Entry::Taken(_), None | Some(Some(_))) => Claim::Taken,
        }
    }

    /// Takes the hashes of the current row's keys.
    #[inline]
    pub(super) fn hash_keys(&mut self) {
        for key in 0..self.indexes.len() {
            let hash = self.key_hash(key, self.pending.base);
            self.hashes.push(hash);
        }
    }

    /// The hash of a row's key; [`NO_KEY`] when one of its fields is empty or wrong.
    #[inline]
    pub(super) fn key_hash(&mut self, key: usize, base: usize) -> u128 {
        if !self.active[key] {
            return NO_KEY;
        }
        let definition = &self.schema.inner.keys[key];
        let mut hash = self.hasher.begin();
        for &field in &definition.fields {
            match self.pending.value_of(&self.schema, base, field) {
                Value::Absent if definition.whole_row => hash.add(Value::Text("\0"), false),
                Value::Absent => return NO_KEY,
                value => hash.add(value, definition.fold_case),
            }
        }
        hash.finish()
    }

    fn report_repeated(&mut self, key: usize, row: usize, earlier: u64) {
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        let code = if definition.whole_row {
            // What is wrong with it anyway says more.
            if !self.pending.rows[row].valid {
                return;
            }
            self.repeated
                .get_or_insert((self.pending.rows[row].mark.row, earlier, 0))
                .2 += 1;
            IssueCode::REPEATED_ROW
        } else {
            IssueCode::DUPLICATE_IN_FILE
        };
        let problem = Problem::new(code)
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
