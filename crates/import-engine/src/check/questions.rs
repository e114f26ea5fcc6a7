//! What the system is asked about a batch, and what its answers make of the rows. Decides nothing by itself.

use std::collections::HashMap;

use super::{
    checker::Checker,
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

/// Which keys can be asked about: those with a reference only when the references are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// References, and keys without them.
    First,
    /// Keys with references.
    Second,
}

/// Everything that is asked in one round. Text that had to be folded is in `folded`.
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
    /// For each row of the batch that asks: its index, and the key that is its own.
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
    /// Puts the questions of a round together. None when there is nothing to ask.
    ///
    /// Nothing is asked of the keys of rows that an earlier run stored, for the system would answer with those rows themselves;
    /// nor of keys that a row of this run has, for they are duplicates whatever the system says.
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

    /// Takes the answers to the questions of a round.
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
