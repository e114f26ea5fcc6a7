//! Checks the rows of a batch against all that came before: what the system is asked about their keys and references,
//! what its answers mean for them, and which rows repeat a key of the file. Does no input or output.

use std::collections::HashMap;

use super::{
    Checker,
    index::{Entry, GROUP, Place},
    port::{Found, Question, QuestionKind},
};
use crate::{
    error::SetupError,
    issue::{IssueCode, IssueKind, Problem, Severity},
    schema::{cell::Slot, kind::Kind},
    value::{
        Existing, Value,
        text::{fold_into, is_folded},
    },
};

// What the system is asked about a batch, and what its answers mean for the rows.

/// Which keys can be asked about: those with a reference only after the references are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// References, and keys without them.
    First,
    /// Keys with references.
    Second,
}

/// All questions of one round. Text that had to be folded is in `folded`.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    folded: String,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    about: About,
    /// Row and, per key, where its value is.
    keys: Vec<Part>,
    width: usize,
    /// For each row with a question: its index, and the key that is its own.
    rows: Vec<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
enum About {
    /// A reference field.
    Field(usize),
    /// A unique key.
    Key(usize),
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// The value of a slot of the batch.
    Slot(usize),
    /// Text in `folded`.
    Folded(usize, usize),
}

impl Checker {
    /// Collects the questions of a round; `None` if there are none.
    ///
    /// Nothing is asked about the keys of rows that an earlier run stored, because the system would answer with those
    /// rows themselves; nor about keys that a row of this run has, because they are duplicates whatever the system
    /// answers.
    pub(crate) fn ask(&mut self, round: Round) -> Option<Asked> {
        let mut asked = Asked::default();
        if round == Round::First {
            for (field, definition) in self.schema.fields().iter().enumerate() {
                if matches!(definition.kind, Kind::Reference(_)) && self.columns[field].is_some() {
                    asked.items.extend(self.ask_reference(field));
                }
            }
        }
        for index in 0..self.schema.inner.keys.len() {
            let key = &self.schema.inner.keys[index];
            let (in_system, after_references) = (key.in_system, key.after_references);
            if after_references && round == Round::Second {
                self.hash_references(index);
            }
            if in_system && after_references == (round == Round::Second) {
                asked.items.extend(self.ask_key(index, &mut asked.folded));
            }
        }
        (!asked.items.is_empty()).then_some(asked)
    }

    fn ask_reference(&self, field: usize) -> Option<Item> {
        let fields = self.columns.len();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut item = Item {
            about: About::Field(field),
            keys: Vec::new(),
            width: 1,
            rows: Vec::new(),
        };
        for row in 0..self.pending.rows.len() {
            let slot = row * fields + field;
            if let Value::Text(text) = self.pending.value_of(&self.schema, row * fields, field) {
                let key = *known.entry(text).or_insert_with(|| {
                    item.keys.push(Part::Slot(slot));
                    item.keys.len() - 1
                });
                item.rows.push((row, key));
            }
        }
        (!item.rows.is_empty()).then_some(item)
    }

    fn ask_key(&mut self, index: usize, folded: &mut String) -> Option<Item> {
        let fields = self.columns.len();
        let schema = self.schema.clone();
        let key = &schema.inner.keys[index];
        let mut item = Item {
            about: About::Key(index),
            keys: Vec::new(),
            width: key.fields.len(),
            rows: Vec::new(),
        };
        for row in 0..self.pending.rows.len() {
            let base = row * fields;
            let complete = key
                .fields
                .iter()
                .all(|field| !matches!(self.pending.slots[base + field], Slot::Absent));
            if !complete || !self.is_open(index, row) {
                continue;
            }
            for &field in &key.fields {
                let part = match self.pending.value_of(&self.schema, base, field) {
                    Value::Text(text) if key.fold_case && !is_folded(text) => {
                        let begin = folded.len();
                        fold_into(text, folded);
                        Part::Folded(begin, folded.len())
                    }
                    _ => Part::Slot(base + field),
                };
                item.keys.push(part);
            }
            item.rows.push((row, item.rows.len()));
        }
        (!item.rows.is_empty()).then_some(item)
    }

    /// The questions as the lookup sees them.
    pub(crate) fn questions<'q>(&'q self, asked: &'q Asked) -> Vec<Question<'q>> {
        asked
            .items
            .iter()
            .map(|item| self.question(asked, item))
            .collect()
    }

    fn question<'q>(&'q self, asked: &'q Asked, item: &'q Item) -> Question<'q> {
        let fields = self.columns.len();
        let values = item
            .keys
            .iter()
            .map(|part| match *part {
                Part::Slot(slot) => {
                    self.pending
                        .value_of(&self.schema, slot - slot % fields, slot % fields)
                }
                Part::Folded(begin, end) => {
                    Value::Text(asked.folded.get(begin..end).unwrap_or_default())
                }
            })
            .collect();
        let (name, kind, header) = match item.about {
            About::Field(field) => {
                let definition = &self.schema.fields()[field];
                let target = match &definition.kind {
                    Kind::Reference(target) => &**target,
                    _ => "",
                };
                let header = self.columns[field].and_then(|column| self.headers.get(column));
                (
                    &*definition.name,
                    QuestionKind::Reference { target },
                    header.map(String::as_str),
                )
            }
            About::Key(key) => (
                &*self.schema.inner.keys[key].name,
                QuestionKind::Unique,
                None,
            ),
        };
        Question {
            kind,
            name,
            header,
            width: item.width,
            values,
        }
    }

    /// Applies the answers to the questions of a round.
    pub(crate) fn answer(
        &mut self,
        asked: &Asked,
        answers: &[Vec<Found>],
    ) -> Result<(), SetupError> {
        if answers.len() != asked.items.len() {
            return Err(SetupError::LookupMismatch {
                name: self.schema.name().to_owned(),
                asked: asked.items.len(),
                given: answers.len(),
            });
        }
        for (item, found) in asked.items.iter().zip(answers) {
            let keys = item.keys.len() / item.width;
            if found.len() != keys {
                let name = match item.about {
                    About::Field(field) => self.schema.fields()[field].name(),
                    About::Key(key) => &self.schema.inner.keys[key].name,
                };
                return Err(SetupError::LookupMismatch {
                    name: name.to_owned(),
                    asked: keys,
                    given: found.len(),
                });
            }
            for &(row, key) in &item.rows {
                match item.about {
                    About::Field(field) => self.answer_reference(row, field, &found[key]),
                    About::Key(index) => self.answer_key(row, index, &found[key]),
                }
            }
        }
        Ok(())
    }

    fn answer_reference(&mut self, row: usize, field: usize, found: &Found) {
        let slot = row * self.columns.len() + field;
        let problem = match found {
            Found::One(key) => {
                self.pending.slots[slot] = self.pending.arena.put_key(key);
                return;
            }
            Found::Unchecked => return,
            Found::Nothing => Problem::new(IssueCode::REFERENCE_NOT_FOUND),
            Found::Many(count) => Problem::new(IssueCode::REFERENCE_AMBIGUOUS).with("count", count),
        };
        self.pending.slots[slot] = Slot::Absent;
        let place = (row, field, self.columns[field]);
        let problem = problem.kind(IssueKind::ConstraintViolation);
        self.pending
            .push_issue(&self.schema, place, problem, Severity::Error);
    }

    fn answer_key(&mut self, row: usize, key: usize, found: &Found) {
        if self.settle_claim(key, row, found) || matches!(found, Found::Nothing | Found::Unchecked)
        {
            return;
        }
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        if let Found::One(known) = found
            && self.existing != Existing::Refuse
            && severity == Severity::Error
            && self.pending.know(row, known)
        {
            return;
        }
        let problem = Problem::new(IssueCode::DUPLICATE_IN_SYSTEM).kind(IssueKind::Duplicate);
        self.pending.push_issue(
            &self.schema,
            (row, field, self.columns[field]),
            problem,
            severity,
        );
    }
}

// Which rows of a batch repeat a key of the file.

/// The hash of a row in which a part of the key is empty. No other hash is 0.
const NO_KEY: u128 = 0;

/// The holder of a key, as far as this run knows.
enum Claim {
    Free,
    /// A row of this run.
    Taken,
    /// A row that an earlier run processed, and perhaps refused.
    Doubtful,
}

impl Checker {
    /// Decides which rows of the batch repeat a key: in the order of the rows, the earlier valid row wins.
    pub(super) fn claim_keys(&mut self) {
        let keys = self.indexes.len();
        if keys == 0 {
            return;
        }
        // The target of a reference was not known when the row was read.
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

    /// Decides whether a valid row changes a record of the system that an earlier row already changes: the two refer to
    /// it by different keys, so that no key is repeated.
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

    /// Computes the hashes of a key again, now that its references are answered.
    fn hash_references(&mut self, key: usize) {
        let keys = self.indexes.len();
        for row in 0..self.pending.rows.len() {
            let hash = self.key_hash(key, row * self.columns.len());
            self.hashes[row * keys + key] = hash;
        }
    }

    /// Whether the system is to be asked about a row's key: the row is new, and no row of this run has the key.
    fn is_open(&mut self, key: usize, row: usize) -> bool {
        if self.pending.rows[row].mark.row <= self.resume_after && !self.own_rows_hidden {
            return false;
        }
        match self.claim_of_an_earlier_run(key, row) {
            Claim::Free | Claim::Doubtful => true,
            Claim::Taken => false,
        }
    }

    /// Resolves the claim of a row that an earlier run processed. Such a row counts as valid here, but the system may
    /// have refused it then: if it does not know the key, the key is free. Returns whether there was such a claim, which
    /// is then more precise than the system's knowledge of the key.
    fn settle_claim(&mut self, key: usize, row: usize, found: &Found) -> bool {
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

    /// Computes the hashes of the current row's keys.
    #[inline]
    pub(super) fn hash_keys(&mut self) {
        for key in 0..self.indexes.len() {
            let hash = self.key_hash(key, self.pending.base);
            self.hashes.push(hash);
        }
    }

    /// The hash of a row's key; [`NO_KEY`] if one of its fields is empty or wrong.
    #[inline]
    fn key_hash(&mut self, key: usize, base: usize) -> u128 {
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
            // Its other errors are more precise.
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
