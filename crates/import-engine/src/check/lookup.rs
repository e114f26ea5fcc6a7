//! Keys and references of rows against all that came before: what the system is asked about them ([`Lookup`]), what its
//! answers mean, and which rows repeat a key of the file. Does no input or output.

use std::collections::HashMap;

use super::{
    batch::RowState,
    index::{Entry, GROUP, KeyHasher, Place, UniqueIndex},
};
use crate::{
    error::{BoxError, SetupError},
    issue::{IssueCode, IssueKind, Problem, Severity},
    schema::{
        Schema,
        kind::{Kind, Slot},
    },
    value::{
        Existing, Key, Value,
        text::{fold_into, is_folded},
    },
};

/// Answers what the system already knows: whether keys are taken, and what references refer to. It is called once or
/// twice for a whole batch, never per row.
///
/// ```
/// use import_engine::{Lookup, lookup::{BoxError, Found, Question, QuestionKind}};
///
/// /// Knows two packages by name.
/// struct Packages;
///
/// impl Lookup for Packages {
///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
///         Ok(questions
///             .iter()
///             .map(|question| match question.kind {
///                 QuestionKind::Reference { .. } => question
///                     .texts()
///                     .map(|text| match text {
///                         "Reguler" => Found::one(1),
///                         "Plus" => Found::one(2),
///                         _ => Found::Nothing,
///                     })
///                     .collect(),
///                 QuestionKind::Unique => vec![Found::Nothing; question.len()],
///             })
///             .collect())
///     }
/// }
/// ```
pub trait Lookup {
    /// Answers each question with one [`Found`] per key, in the order of the keys.
    ///
    /// # Errors
    ///
    /// Any error ends the import with [`RunError::Lookup`](crate::RunError::Lookup).
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError>;

    /// Whether the answers include the rows that this import itself stored before it was interrupted. Most systems cannot
    /// distinguish them: then nothing is asked about the unique keys of rows up to
    /// [`Import::resume_after`](crate::Import::resume_after). A lookup that omits them is asked about all rows, as in the
    /// first run.
    fn sees_own_rows(&self) -> bool {
        true
    }
}

/// What the system is asked about a batch: one question for each reference field and each unique key.
///
/// See [`Lookup`] for an example.
#[derive(Debug)]
pub struct Question<'b> {
    /// The kind of question.
    pub kind: QuestionKind<'b>,
    /// Name of the reference field or of the unique key.
    pub name: &'b str,
    /// Header of the file's column, for a reference: it may show which of several kinds of key the texts are.
    pub header: Option<&'b str>,
    pub(crate) width: usize,
    pub(crate) values: Vec<Value<'b>>,
}

impl<'b> Question<'b> {
    /// The keys asked about: for a reference one text each, without repetitions; for a unique key one value per field of it,
    /// text folded to lower case unless the key is case-sensitive.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| question.keys().map(|_| Found::Nothing).collect()).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &[Value<'b>]> {
        self.values.chunks_exact(self.width)
    }

    /// The keys of a question about one field, as text, folded as in [`keys`](Self::keys): query a table by
    /// `lower(email)`. A key that is not text is the empty text; use [`keys`](Self::keys) for those.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| question.texts().map(|_| Found::Nothing).collect()).collect())
    ///     }
    /// }
    /// ```
    pub fn texts(&self) -> impl Iterator<Item = &'b str> {
        self.values
            .iter()
            .step_by(self.width)
            .map(|value| value.as_text().unwrap_or_default())
    }

    /// The number of keys.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         Ok(questions.iter().map(|question| vec![Found::Nothing; question.len()]).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there are no keys. Such questions are not asked.
    ///
    /// ```
    /// use import_engine::{Lookup, lookup::{BoxError, Found, Question}};
    ///
    /// struct Empty;
    ///
    /// impl Lookup for Empty {
    ///     fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
    ///         assert!(questions.iter().all(|question| !question.is_empty()));
    ///         Ok(questions.iter().map(|question| vec![Found::Nothing; question.len()]).collect())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The kind of question.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind<'b> {
    /// Whether the system has these keys already: [`Found::Nothing`] if not.
    Unique,
    /// What these texts refer to.
    Reference {
        /// The kind of thing, as the schema names it.
        target: &'b str,
    },
}

/// The result for a key.
///
/// See [`Lookup`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Exactly one, and the key that the system knows it by.
    One(Key),
    /// Several, with their number.
    Many(u64),
    /// Unknown: a key counts as free, a reference stays text.
    Unchecked,
}

impl Found {
    /// Exactly one, by its key.
    pub fn one(key: impl Into<Key>) -> Self {
        Self::One(key.into())
    }
}

/// The keys and references of rows: what the system is asked about them, and which keys the rows of the file have taken.
#[derive(Debug)]
pub(crate) struct Keys {
    schema: Schema,
    /// The column of each field.
    columns: Vec<Option<usize>>,
    headers: Vec<String>,
    hasher: KeyHasher,
    indexes: Vec<UniqueIndex>,
    /// Whether each key is checked: it is not if the file has one of the columns that make it superfluous.
    active: Vec<bool>,
    /// Keys claimed by rows up to `resume_after` that turned out to be free, and the row of this run that has since
    /// claimed one.
    revoked: HashMap<(usize, u128), Option<u64>>,
    /// The first row that equals an earlier one, that earlier row, and the number of such rows.
    pub(super) repeated: Option<(u64, u64, u64)>,
    /// Rows up to this one were stored, or refused, by an earlier run.
    pub(crate) resume_after: u64,
    /// Whether the lookup omits what this import stored, so that it can be asked about those rows as in the first run.
    pub(crate) own_rows_hidden: bool,
    /// What happens to rows that the system already has.
    pub(crate) existing: Existing,
    /// Which rows change which records of the system.
    changed: UniqueIndex,
    /// Hashes of the batch's keys, row by row.
    hashes: Vec<u128>,
}

impl Keys {
    pub(super) fn new(schema: &Schema, columns: &[Option<usize>], headers: Vec<String>) -> Self {
        let keys = schema.inner.keys.iter();
        let active = keys.map(|key| key.is_active(|field| columns[field].is_some()));
        Self {
            columns: columns.to_vec(),
            headers,
            hasher: KeyHasher::new(),
            indexes: vec![UniqueIndex::default(); schema.inner.keys.len()],
            active: active.collect(),
            revoked: HashMap::new(),
            repeated: None,
            resume_after: 0,
            own_rows_hidden: false,
            existing: Existing::Refuse,
            changed: UniqueIndex::default(),
            hashes: Vec::new(),
            schema: schema.clone(),
        }
    }

    /// Reserves room for this many keys of each kind, as the survey counted them: growing would copy, and leave unused
    /// room.
    pub(crate) fn reserve(&mut self, keys: &[u64]) {
        for (index, keys) in self.indexes.iter_mut().zip(keys) {
            index.reserve(*keys);
        }
    }
}

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

impl Keys {
    /// Collects the questions of a round; `None` if there are none.
    ///
    /// Nothing is asked about the keys of rows that an earlier run stored, because the system would answer with those
    /// rows themselves; nor about keys that a row of this run has, because they are duplicates whatever the system
    /// answers.
    pub(super) fn ask(&mut self, batch: &RowState, round: Round) -> Option<Asked> {
        let mut asked = Asked::default();
        if round == Round::First {
            for (field, definition) in self.schema.fields().iter().enumerate() {
                if matches!(definition.kind, Kind::Reference(_)) && self.columns[field].is_some() {
                    asked.items.extend(self.ask_reference(batch, field));
                }
            }
        }
        for index in 0..self.schema.inner.keys.len() {
            let key = &self.schema.inner.keys[index];
            let (in_system, after_references) = (key.in_system, key.after_references);
            if after_references && round == Round::Second {
                self.hash_references(batch, index);
            }
            if in_system && after_references == (round == Round::Second) {
                asked
                    .items
                    .extend(self.ask_key(batch, index, &mut asked.folded));
            }
        }
        (!asked.items.is_empty()).then_some(asked)
    }

    fn ask_reference(&self, batch: &RowState, field: usize) -> Option<Item> {
        let fields = self.columns.len();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut item = Item {
            about: About::Field(field),
            keys: Vec::new(),
            width: 1,
            rows: Vec::new(),
        };
        for row in 0..batch.rows.len() {
            let slot = row * fields + field;
            if let Value::Text(text) = batch.value_of(&self.schema, row * fields, field) {
                let key = *known.entry(text).or_insert_with(|| {
                    item.keys.push(Part::Slot(slot));
                    item.keys.len() - 1
                });
                item.rows.push((row, key));
            }
        }
        (!item.rows.is_empty()).then_some(item)
    }

    fn ask_key(&mut self, batch: &RowState, index: usize, folded: &mut String) -> Option<Item> {
        let fields = self.columns.len();
        let schema = self.schema.clone();
        let key = &schema.inner.keys[index];
        let mut item = Item {
            about: About::Key(index),
            keys: Vec::new(),
            width: key.fields.len(),
            rows: Vec::new(),
        };
        for row in 0..batch.rows.len() {
            let base = row * fields;
            let complete = key
                .fields
                .iter()
                .all(|field| !matches!(batch.slots[base + field], Slot::Absent));
            if !complete || !self.is_open(batch, index, row) {
                continue;
            }
            for &field in &key.fields {
                let part = match batch.value_of(&self.schema, base, field) {
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
    pub(super) fn questions<'q>(
        &'q self,
        batch: &'q RowState,
        asked: &'q Asked,
    ) -> Vec<Question<'q>> {
        asked
            .items
            .iter()
            .map(|item| self.question(batch, asked, item))
            .collect()
    }

    fn question<'q>(
        &'q self,
        batch: &'q RowState,
        asked: &'q Asked,
        item: &'q Item,
    ) -> Question<'q> {
        let fields = self.columns.len();
        let values = item
            .keys
            .iter()
            .map(|part| match *part {
                Part::Slot(slot) => {
                    batch.value_of(&self.schema, slot - slot % fields, slot % fields)
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
    pub(super) fn answer(
        &mut self,
        batch: &mut RowState,
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
                    About::Field(field) => self.answer_reference(batch, row, field, &found[key]),
                    About::Key(index) => self.answer_key(batch, row, index, &found[key]),
                }
            }
        }
        Ok(())
    }

    fn answer_reference(&self, batch: &mut RowState, row: usize, field: usize, found: &Found) {
        let slot = row * self.columns.len() + field;
        let problem = match found {
            Found::One(key) => {
                batch.slots[slot] = batch.arena.put_key(key);
                return;
            }
            Found::Unchecked => return,
            Found::Nothing => Problem::new(IssueCode::REFERENCE_NOT_FOUND),
            Found::Many(count) => Problem::new(IssueCode::REFERENCE_AMBIGUOUS).with("count", count),
        };
        batch.slots[slot] = Slot::Absent;
        let place = (row, field, self.columns[field]);
        let problem = problem.kind(IssueKind::ConstraintViolation);
        batch.push_issue(&self.schema, place, problem, Severity::Error);
    }

    fn answer_key(&mut self, batch: &mut RowState, row: usize, key: usize, found: &Found) {
        if self.settle_claim(key, row, found) || matches!(found, Found::Nothing | Found::Unchecked)
        {
            return;
        }
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        if let Found::One(known) = found
            && self.existing != Existing::Refuse
            && severity == Severity::Error
            && batch.know(row, known)
        {
            return;
        }
        let problem = Problem::new(IssueCode::DUPLICATE_IN_SYSTEM).kind(IssueKind::Duplicate);
        batch.push_issue(
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

impl Keys {
    /// Decides which rows of the batch repeat a key: in the order of the rows, the earlier valid row wins.
    pub(super) fn claim(&mut self, batch: &mut RowState) {
        let keys = self.indexes.len();
        if keys == 0 {
            return;
        }
        // The target of a reference was not known when the row was read.
        for key in 0..keys {
            if self.schema.inner.keys[key].after_references {
                self.hash_references(batch, key);
            }
        }
        let mut hashes = std::mem::take(&mut self.hashes);
        let mut places: Vec<(usize, Place)> = Vec::with_capacity(keys);
        for (group, hashes) in hashes.chunks(keys * GROUP).enumerate() {
            for (key, index) in self.indexes.iter().enumerate() {
                index.fetch(hashes.iter().skip(key).step_by(keys));
            }
            for (offset, hashes) in hashes.chunks_exact(keys).enumerate() {
                self.claim_row(batch, group * GROUP + offset, hashes, &mut places);
            }
        }
        hashes.clear();
        self.hashes = hashes;
    }

    fn claim_row(
        &mut self,
        batch: &mut RowState,
        row: usize,
        hashes: &[u128],
        places: &mut Vec<(usize, Place)>,
    ) {
        places.clear();
        for (key, &hash) in hashes.iter().enumerate() {
            if hash == NO_KEY {
                continue;
            }
            match self.indexes[key].find(hash) {
                Entry::Free(place) => places.push((key, place)),
                Entry::Taken(earlier) => match self.revoked.get(&(key, hash)) {
                    None => self.report_repeated(batch, key, row, earlier),
                    Some(Some(later)) => self.report_repeated(batch, key, row, *later),
                    Some(None) => {}
                },
            }
        }
        self.claim_record(batch, row, hashes);
        if batch.rows[row].valid {
            let number = batch.rows[row].mark.row;
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
    fn claim_record(&mut self, batch: &mut RowState, row: usize, hashes: &[u128]) {
        if self.existing != Existing::Update || !batch.rows[row].valid {
            return;
        }
        let Some(Some(record)) = batch.known.get(row) else {
            return;
        };
        let mut hash = self.hasher.begin();
        hash.add(record.value(), false);
        let hash = hash.finish();
        match self.changed.find(hash) {
            Entry::Free(place) => self.changed.take(place, hash, batch.rows[row].mark.row),
            Entry::Taken(earlier) => {
                let key = hashes.iter().position(|hash| *hash != NO_KEY);
                let field = self.schema.inner.keys[key.unwrap_or(0)].reported_on;
                let problem = Problem::new(IssueCode::RECORD_IN_FILE)
                    .kind(IssueKind::Duplicate)
                    .with("row", earlier);
                batch.push_issue(
                    &self.schema,
                    (row, field, self.columns[field]),
                    problem,
                    Severity::Error,
                );
            }
        }
    }

    /// Computes the hashes of a key again, now that its references are answered.
    fn hash_references(&mut self, batch: &RowState, key: usize) {
        let keys = self.indexes.len();
        for row in 0..batch.rows.len() {
            let hash = self.key_hash(batch, key, row * self.columns.len());
            self.hashes[row * keys + key] = hash;
        }
    }

    /// Whether the system is to be asked about a row's key: the row is new, and no row of this run has the key.
    fn is_open(&mut self, batch: &RowState, key: usize, row: usize) -> bool {
        if batch.rows[row].mark.row <= self.resume_after && !self.own_rows_hidden {
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

    /// Computes the hashes of the keys of the batch's last row.
    #[inline]
    pub(super) fn hash_row(&mut self, batch: &RowState) {
        for key in 0..self.indexes.len() {
            let hash = self.key_hash(batch, key, batch.base);
            self.hashes.push(hash);
        }
    }

    /// The hash of a row's key; [`NO_KEY`] if one of its fields is empty or wrong.
    #[inline]
    fn key_hash(&mut self, batch: &RowState, key: usize, base: usize) -> u128 {
        if !self.active[key] {
            return NO_KEY;
        }
        let definition = &self.schema.inner.keys[key];
        let mut hash = self.hasher.begin();
        for &field in &definition.fields {
            match batch.value_of(&self.schema, base, field) {
                Value::Absent if definition.whole_row => hash.add(Value::Text("\0"), false),
                Value::Absent => return NO_KEY,
                value => hash.add(value, definition.fold_case),
            }
        }
        hash.finish()
    }

    fn report_repeated(&mut self, batch: &mut RowState, key: usize, row: usize, earlier: u64) {
        let definition = &self.schema.inner.keys[key];
        let (field, severity) = (definition.reported_on, definition.severity);
        let code = if definition.whole_row {
            // Its other errors are more precise.
            if !batch.rows[row].valid {
                return;
            }
            self.repeated
                .get_or_insert((batch.rows[row].mark.row, earlier, 0))
                .2 += 1;
            IssueCode::REPEATED_ROW
        } else {
            IssueCode::DUPLICATE_IN_FILE
        };
        let problem = Problem::new(code)
            .kind(IssueKind::Duplicate)
            .with("row", earlier);
        batch.push_issue(
            &self.schema,
            (row, field, self.columns[field]),
            problem,
            severity,
        );
    }
}
