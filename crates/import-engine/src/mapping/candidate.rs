//! Which columns could be which field, by their headers: by its name, its aliases, its natural keys, its risky aliases, or
//! the values that a header lists. A header must be understood as a whole; likeness only leads to suggestions.

use std::collections::HashSet;

use super::column::{Column, ColumnUse, MatchReason, OtherUnit};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, HeaderWords, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Cover, FieldPhrases, Header, Name, Names, Phrases, Scales, Token},
        kind::Kind,
    },
    value::date::Pattern,
};

/// A free column that could be a field.
pub(super) struct Candidate {
    /// By kind of match, then whether there are words besides the name, then the order of the aliases.
    rank: (u8, bool, usize),
    pub(super) field: usize,
    pub(super) column: usize,
    pub(super) reason: MatchReason,
    pub(super) pattern: Option<Pattern>,
}

impl Candidate {
    /// The header lists values of the field.
    fn by_values(field: usize, column: usize) -> Self {
        Self {
            rank: (VALUES, false, 0),
            field,
            column,
            reason: MatchReason::Values,
            pattern: None,
        }
    }
}

/// A column whose header contains a name of a field, and something else that may change its meaning.
pub(super) struct Doubtful {
    pub(super) field: usize,
    pub(super) column: usize,
    likeness: f32,
    doubt: Doubt,
    /// Its unit is a power of ten of the field's unit.
    scale: Option<(u8, MatchReason)>,
    /// Only a number is against it: `HP 2`.
    pub(super) further: bool,
}

pub(super) struct Candidates {
    /// The best first.
    pub(super) clear: Vec<Candidate>,
    pub(super) doubtful: Vec<Doubtful>,
}

impl Candidates {
    /// Adds what another reading of the same headers finds clear and this one does not.
    pub(super) fn or(mut self, other: Self) -> Self {
        for candidate in other.clear {
            let is_known = |known: &Candidate| {
                (known.field, known.column) == (candidate.field, candidate.column)
            };
            if !self.clear.iter().any(is_known) {
                self.clear.push(candidate);
            }
        }
        self.clear
            .sort_by_key(|found| (found.rank, found.field, found.column));
        self
    }

    pub(super) fn other_units(&self) -> Vec<OtherUnit> {
        let doubtful = self.doubtful.iter();
        doubtful
            .filter_map(|doubtful| match &doubtful.doubt {
                Doubt::Unit(unit) => Some(OtherUnit {
                    column: doubtful.column,
                    field: doubtful.field,
                    unit: unit.clone(),
                    scale: doubtful.scale.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    /// Whether a column would be a field if its numbers were multiplied by a power of ten.
    pub(super) fn is_scaled(&self, field: usize, column: usize) -> bool {
        self.doubtful.iter().any(|doubtful| {
            (doubtful.field, doubtful.column) == (field, column) && doubtful.scale.is_some()
        })
    }

    /// Why a column is not accepted as a field although its header contains a name of the field.
    pub(super) fn doubt(&self, field: usize, column: usize) -> Option<&Doubt> {
        let mut doubtful = self.doubtful.iter();
        doubtful
            .find(|doubtful| (doubtful.field, doubtful.column) == (field, column))
            .map(|doubtful| &doubtful.doubt)
    }

    pub(super) fn find(schema: &Schema, keys: &[Header], uses: &[Option<ColumnUse>]) -> Self {
        let words = &schema.inner.header_words;
        let turned: Vec<Option<Header>> = keys.iter().map(Header::turned).collect();
        let mut all = Self {
            clear: Vec::new(),
            doubtful: Vec::new(),
        };
        let fields = schema.fields().iter().zip(phrases(schema));
        for (index, (field, phrases)) in fields.enumerate() {
            let called = called(field);
            let is_value = |text: &str| is_value(field, text);
            let names = names(field, phrases, &phrases.names, &is_value);
            let perhaps = Names {
                list: &phrases.perhaps,
                ..names
            };
            for (column, key) in keys.iter().enumerate() {
                if uses[column].is_some() || phrases.never.contain(&key.squeezed()) {
                    continue;
                }
                if lists_values(field, key) {
                    all.clear.push(Candidate::by_values(index, column));
                    continue;
                }
                let turned = turned[column].as_ref();
                let covers = [
                    key.cover(&names, words),
                    turned.and_then(|turned| turned.cover(&names, words)),
                ];
                let cover = covers.iter().flatten().min_by_key(|cover| cover.rank());
                if let Some(cover) = cover {
                    all.take(cover, &called, index, column);
                }
                // `Pembayaran (Tunai/Transfer)`: an alias that only sometimes means the field does mean it together with
                // values of the field.
                let is_sure = |cover: &Cover| cover.valued && cover.is_clear();
                if !cover.is_some_and(Cover::is_clear)
                    && key.cover(&perhaps, words).as_ref().is_some_and(is_sure)
                {
                    all.clear.push(Candidate::by_values(index, column));
                }
            }
        }
        all.clear
            .sort_by_key(|found| (found.rank, found.field, found.column));
        all
    }

    /// If the parts of a field have their own columns, a column that could be the field is their sum and is not used.
    pub(super) fn set_sums_aside(
        &mut self,
        schema: &Schema,
        keys: &[Header],
        texts: &[&str],
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        let fields = schema.fields().iter().zip(phrases(schema));
        for (index, (field, FieldPhrases { parts, .. })) in fields.enumerate() {
            let found: Vec<&str> = keys
                .iter()
                .zip(texts)
                .filter(|(key, _)| parts.contain(&key.squeezed()))
                .map(|(_, text)| text.trim())
                .collect();
            if found.len() < 2 {
                continue;
            }
            let (sums, others) = std::mem::take(&mut self.clear)
                .into_iter()
                .partition(|candidate| candidate.field == index);
            self.clear = others;
            let sums: Vec<Candidate> = sums;
            for sum in sums {
                notices.push(
                    Notice::new(NoticeCode::SUM_BESIDE_PARTS)
                        .with("column", texts[sum.column].trim())
                        .with("label", field.shown_label())
                        .with("parts", found.join(", ")),
                );
                self.doubtful.push(Doubtful {
                    field: index,
                    column: sum.column,
                    likeness: LEAST_LIKENESS,
                    doubt: Doubt::SumOfParts,
                    scale: None,
                    further: false,
                });
            }
        }
        notices
    }

    /// If either of two columns could be the field, such as debit and credit of a cash book or of a bank statement,
    /// neither is used.
    pub(super) fn set_rivals_aside(
        &mut self,
        schema: &Schema,
        keys: &[Header],
        texts: &[&str],
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        let fields = schema.fields().iter().zip(phrases(schema));
        for (index, (field, FieldPhrases { either, .. })) in fields.enumerate() {
            let rivals: Vec<usize> = (0..keys.len())
                .filter(|&column| either.contain(&keys[column].squeezed()))
                .collect();
            let are_two = rivals
                .first()
                .is_some_and(|&first| rivals.iter().any(|&other| keys[other] != keys[first]));
            if !are_two {
                continue;
            }
            self.clear
                .retain(|found| found.field != index || !rivals.contains(&found.column));
            if self.clear.iter().any(|found| found.field == index) {
                continue;
            }
            let names: Vec<&str> = rivals.iter().map(|&column| texts[column].trim()).collect();
            notices.push(
                Notice::new(NoticeCode::COLUMNS_RIVAL)
                    .with("columns", names.join("', '"))
                    .with("label", field.shown_label()),
            );
            self.doubtful
                .extend(rivals.into_iter().map(|column| Doubtful {
                    field: index,
                    column,
                    likeness: LEAST_LIKENESS,
                    doubt: Doubt::Perhaps,
                    scale: None,
                    further: false,
                }));
        }
        notices
    }

    fn take(&mut self, cover: &Cover, called: &[Called<'_>], field: usize, column: usize) {
        if let Some(unit) = &cover.unit {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: 0.0,
                doubt: Doubt::Unit(unit.clone()),
                scale: None,
                further: false,
            });
            return;
        }
        if !cover.is_clear() {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: share(cover.named + cover.beside, cover.unknowns),
                doubt: Doubt::Unknown(cover.unknown.clone().unwrap_or_default()),
                scale: None,
                further: cover.is_further(),
            });
            return;
        }
        let Some((rank, header, reason)) = called.get(cover.name) else {
            return;
        };
        // The cells decide whether it is counted in this power of ten.
        if let Some((power, unit)) = &cover.scale {
            self.doubtful.push(Doubtful {
                field,
                column,
                likeness: 0.0,
                doubt: Doubt::Unit(unit.clone()),
                scale: Some((*power, reason(header))),
                further: false,
            });
            return;
        }
        self.clear.push(Candidate {
            rank: (rank.0, cover.beside > 0, rank.1),
            field,
            column,
            reason: reason(header),
            pattern: cover.pattern,
        });
    }
}

/// How much of a header is known, always enough for a suggestion, because the header contains a name.
#[expect(clippy::cast_precision_loss, reason = "headers have few words")]
fn share(known: usize, unknown: usize) -> f32 {
    (known as f32 / (known + unknown) as f32).max(LEAST_LIKENESS)
}

/// After aliases and natural keys, before risky ones.
const VALUES: u8 = 3;

/// `Laki-laki/Perempuan`: a header that names different values of a choice.
fn lists_values(field: &Field, key: &Header) -> bool {
    if !matches!(field.kind, Kind::Choice(_)) {
        return false;
    }
    let alternatives = key.alternatives();
    let mut values: Vec<String> = alternatives
        .iter()
        .filter_map(|text| value_of(field, text))
        .collect();
    values.sort_unstable();
    values.dedup();
    alternatives.len() > 1 && values.len() == alternatives.len()
}

fn is_value(field: &Field, text: &str) -> bool {
    matches!(field.kind, Kind::Choice(_)) && value_of(field, text).is_some()
}

/// The value that a word of a header stands for, even if its letters and digits were separated: `Laki2`.
pub(super) fn value_of(field: &Field, text: &str) -> Option<String> {
    let read = |text: &str| read_value(field, text);
    read(text).or_else(|| {
        let has_digits = text.contains(|c: char| c.is_ascii_digit());
        has_digits.then(|| read(&text.replace(' ', "")))?
    })
}

fn read_value(field: &Field, text: &str) -> Option<String> {
    match try_cell(field, Decision::default(), None, text) {
        Trial::Value(value) | Trial::Unlikely(value) => Some(value),
        Trial::Nothing | Trial::Refused(_) => None,
    }
}

/// What headers are compared with for each field, which is built for the schema's first file and reused for all others.
pub(super) fn phrases(schema: &Schema) -> &[FieldPhrases] {
    schema.inner.phrases.get_or_init(|| {
        let words = &schema.inner.header_words;
        let name = |(place, header): (usize, &str)| Name::new(place, header, words);
        let fields = schema.fields().iter();
        fields
            .map(|field| FieldPhrases {
                names: called(field)
                    .iter()
                    .map(|(_, header, _)| *header)
                    .enumerate()
                    .map(name)
                    .collect(),
                perhaps: field
                    .perhaps
                    .iter()
                    .map(AsRef::as_ref)
                    .enumerate()
                    .map(name)
                    .collect(),
                never: Phrases::new(&field.never, words),
                tails: Phrases::new(&field.tails, words),
                scales: Scales::of(field, words),
                parts: Phrases::new(&field.parts, words),
                either: Phrases::new(&field.either, words),
            })
            .collect()
    })
}

/// Some names of a field, with what may accompany them.
fn names<'f>(
    field: &Field,
    phrases: &'f FieldPhrases,
    list: &'f [Name],
    is_value: &'f dyn Fn(&str) -> bool,
) -> Names<'f> {
    Names {
        list,
        tails: &phrases.tails,
        scales: &phrases.scales,
        dated: matches!(field.kind, Kind::Date(_) | Kind::DateTime(_)),
        has_unit: has_unit(field),
        numbered: field.numbered,
        is_value,
    }
}

type Reason = fn(&str) -> MatchReason;

/// Rank, header and reason of a name.
type Called<'f> = ((u8, usize), &'f str, Reason);

/// The headers that name a field, the likeliest first.
fn called(field: &Field) -> Vec<Called<'_>> {
    fn ranked(kind: u8, list: &[Box<str>], reason: Reason) -> impl Iterator<Item = Called<'_>> {
        list.iter()
            .enumerate()
            .map(move |(order, header)| ((kind, order), &**header, reason))
    }
    std::iter::once(((0, 0), field.name(), (|_| MatchReason::Name) as Reason))
        .chain(ranked(1, &field.aliases, |h| {
            MatchReason::Alias(h.to_owned())
        }))
        .chain(ranked(2, &field.natural_keys, |h| {
            MatchReason::NaturalKey(h.to_owned())
        }))
        .chain(ranked(4, &field.risky, |h| {
            MatchReason::Risky(h.to_owned())
        }))
        .collect()
}

/// For every field without a column, the free columns that may be meant, required fields first, then the likeliest.
pub(super) fn suggestions(
    schema: &Schema,
    fields: &[Option<usize>],
    columns: &[Column],
    keys: &[Header],
    doubtful: &[Doubtful],
) -> Vec<Suggestion> {
    let words = &schema.inner.header_words;
    let mut found: Vec<(bool, Suggestion)> = Vec::new();
    let all = schema.fields().iter().zip(phrases(schema));
    for (index, (field, phrases)) in all.enumerate() {
        if fields[index].is_some() || field.is_auxiliary() {
            continue;
        }
        let spaced = |header: &str| Header::new(header, words).spaced();
        let never: HashSet<String> = field.never.iter().map(|h| spaced(h)).collect();
        let is_value = |text: &str| is_value(field, text);
        let perhaps = names(field, phrases, &phrases.perhaps, &is_value);
        // `Tanggal Pelunasan` is a date rather than an amount.
        let is_like_another = |field: usize, column: usize| {
            let mut others = doubtful.iter();
            others.any(|other| other.column == column && other.field != field)
        };
        let spelt: Vec<String> = called(field).iter().map(|(_, h, _)| spaced(h)).collect();
        for (place, (column, key)) in columns.iter().zip(keys).enumerate() {
            if !matches!(column.used, ColumnUse::Unknown | ColumnUse::Beaten { .. }) {
                continue;
            }
            let text = key.spaced();
            let known = doubtful
                .iter()
                .find(|doubtful| doubtful.field == index && doubtful.column == place);
            let may_be_meant = key.cover(&perhaps, words);
            // `Tunai / Non Tunai`
            let names_a_value = || {
                let alternatives = key.alternatives();
                alternatives.len() > 1 && alternatives.iter().any(|text| is_value(text))
            };
            let suggested = if may_be_meant.as_ref().is_some_and(Cover::is_clear) || names_a_value()
            {
                Some((LEAST_LIKENESS, Doubt::Perhaps))
            } else if never.contains(&text) {
                None
            } else if let Some(known) = known {
                Some((known.likeness, known.doubt.clone()))
            } else if let Some(cover) =
                may_be_meant.filter(|cover| cover.unit.is_none() && !is_like_another(index, place))
            {
                let unknown = cover.unknown.unwrap_or_default();
                Some((LEAST_LIKENESS, Doubt::Unknown(unknown)))
            } else if holds_another(key, words) || has_unit(field) && holds_a_unit(key, words) {
                None
            } else {
                let words_of = Words::new(&text);
                let alike =
                    |name: &String| likeness(name, &text).or_else(|| words_of.resemble(name));
                let best = spelt.iter().filter_map(alike);
                best.max_by(f32::total_cmp)
                    .map(|likeness| (likeness, Doubt::Likeness))
            };
            if let Some((likeness, doubt)) =
                suggested.filter(|(_, doubt)| !matches!(doubt, Doubt::Unit(_)))
            {
                let suggestion = Suggestion {
                    field: field.name().to_owned(),
                    header: column.name.clone(),
                    likeness,
                    doubt,
                };
                found.push((!field.is_required(), suggestion));
            }
        }
    }
    found.sort_by(|(optional, a), (other, b)| {
        optional.cmp(other).then(b.likeness.total_cmp(&a.likeness))
    });
    found.truncate(MOST_SUGGESTIONS);
    found
        .into_iter()
        .map(|(_, suggestion)| suggestion)
        .collect()
}

/// Whether the values of a field have a unit.
fn has_unit(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Date(_) | Kind::DateTime(_)
    )
}

/// Whether any word of a header names another person or thing; then likeness to a name means nothing.
pub(super) fn holds_another(key: &Header, words: &HeaderWords) -> bool {
    key.tokens()
        .iter()
        .any(|token| matches!(token, Token::Word(word) if words.is_other(word)))
}

/// Whether any word of a header is a unit; then a similar column holds other numbers.
pub(super) fn holds_a_unit(key: &Header, words: &HeaderWords) -> bool {
    key.tokens()
        .iter()
        .any(|token| matches!(token, Token::Word(word) if words.is_unit(word)))
}

/// A longer list would not be read.
const MOST_SUGGESTIONS: usize = 20;

// How similar the words of headers and names are.

/// A smaller likeness is coincidence.
pub(super) const LEAST_LIKENESS: f32 = 0.6;

/// How similar two texts are, from 0.6 to 1, by edits relative to length and by common words; `None` below that. Case
/// matters.
///
/// ```
/// assert!(import_engine::recognise::likeness("umroh ramadan", "umroh ramadhan").unwrap() > 0.9);
/// assert_eq!(import_engine::recognise::likeness("umroh", "haji"), None);
/// ```
#[must_use]
pub fn likeness(a: &str, b: &str) -> Option<f32> {
    let edits = edit_likeness(&a.replace(' ', ""), &b.replace(' ', ""));
    let best = edits.max(word_likeness(a, b));
    (best >= LEAST_LIKENESS).then_some(best)
}

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn edit_likeness(a: &str, b: &str) -> f32 {
    // A header is short; a longer text is prose, and comparing it takes quadratic time.
    const LONGEST: usize = 64;
    let a: Vec<char> = a.chars().take(LONGEST + 1).collect();
    let b: Vec<char> = b.chars().take(LONGEST + 1).collect();
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    // What the shorter one lacks counts as edits: the lengths alone rule out most pairs.
    let is_too_short = (shorter as f32) < LEAST_LIKENESS * longer as f32;
    if longer > LONGEST || shorter < 3 || is_too_short {
        return 0.0;
    }
    1.0 - distance(&a, &b) as f32 / longer as f32
}

/// The number of insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut two_back = vec![0; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (back[j] + 1).min(row[j - 1] + 1).min(back[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(two_back[j - 2] + 1);
            }
        }
        std::mem::swap(&mut two_back, &mut back);
        std::mem::swap(&mut back, &mut row);
    }
    back[b.len()]
}

/// Texts with more words are sentences, which are like no name.
const MOST_WORDS: usize = 16;

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn word_likeness(a: &str, b: &str) -> f32 {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    if a.len().max(b.len()) > MOST_WORDS {
        return 0.0;
    }
    let common = a
        .iter()
        .filter(|word| word.len() > 2 && b.contains(word))
        .count();
    2.0 * common as f32 / (a.len() + b.len()) as f32
}

/// The words of a header, to be compared with the names of a field.
struct Words<'t> {
    words: Vec<&'t str>,
    starts: Starts,
}

/// The letters that words begin with: similar words begin with the same letter.
#[derive(Clone, Copy)]
struct Starts(u64);

impl Starts {
    fn of<'t>(words: impl Iterator<Item = &'t str>) -> Self {
        let starts = words.filter_map(|word| word.bytes().next());
        Self(starts.fold(0, |all, byte| all | 1 << (byte % 64)))
    }

    fn hold(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        let words: Vec<&str> = text.split(' ').take(MOST_WORDS + 1).collect();
        let words = if words.len() > MOST_WORDS {
            Vec::new()
        } else {
            words
        };
        Self {
            starts: Starts::of(words.iter().copied()),
            words,
        }
    }

    /// How similar a header is to a name whose words it all contains, perhaps shortened, with an ending, or with one
    /// letter wrong. `None` if it lacks a word of the name.
    #[expect(clippy::cast_precision_loss, reason = "headers are short")]
    fn resemble(&self, name: &str) -> Option<f32> {
        let words = &self.words;
        // A table may have thousands of columns, hardly any of them similar to a name.
        if !self.starts.hold(Starts::of(name.split(' '))) {
            return None;
        }
        let (mut exact, mut alike) = (0_usize, 0_usize);
        let mut says_enough = false;
        for wanted in name.split(' ') {
            if words.contains(&wanted) {
                exact += 1;
                continue;
            }
            let place = words.iter().position(|word| is_word_alike(word, wanted))?;
            alike += 1;
            // Two letters, or a word that is not the first, mean something only together with a word that is written in
            // full.
            says_enough |= place == 0 && words[place].len() > 2;
        }
        let says_enough = says_enough || exact > 0;
        let share = (2 * exact + alike) as f32 / (exact + alike + words.len()) as f32;
        (says_enough && alike > 0).then_some(share.clamp(LEAST_LIKENESS, 1.0))
    }
}

/// Whether a word is another one that is shortened (`kel`, `kd`), has an ending, or has one letter wrong.
fn is_word_alike(word: &str, wanted: &str) -> bool {
    // Shorter words are similar by chance.
    const LEAST_SHORTENED: usize = 3;
    const LEAST_ENDED: usize = 4;
    const LEAST_MISSPELT: usize = 5;
    const LONGEST_ENDING: usize = 3;
    let (length, full) = (word.len(), wanted.len());
    let is_start = length >= LEAST_SHORTENED && length + 1 < full && wanted.starts_with(word);
    let has_ending =
        full >= LEAST_ENDED && length <= full + LONGEST_ENDING && word.starts_with(wanted);
    if word.bytes().next() != wanted.bytes().next() {
        return false;
    }
    is_start || has_ending || is_skeleton(word, wanted) || {
        let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), wanted.chars().collect());
        a.len().min(b.len()) >= LEAST_MISSPELT
            && a.len().abs_diff(b.len()) <= 1
            && distance(&a, &b) <= 1
    }
}

/// Whether a word consists of consonants of another, perhaps not all: `jmh` of `jamaah`.
fn is_skeleton(word: &str, wanted: &str) -> bool {
    let mut letters = wanted.chars();
    word.len() >= 2
        && word.len() + 1 < wanted.len()
        && word.chars().next() == wanted.chars().next()
        && !word.contains(['a', 'e', 'i', 'o', 'u'])
        && word.chars().all(|c| letters.any(|letter| letter == c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_resembles_a_name_whose_words_it_shortens_or_misspells() {
        for (name, text, expected) in [
            ("kode paket", "kd paket", true),
            ("jenis kelamin", "jns kelamn", true),
            ("alamat", "alamatnya sekarang", true),
            ("nama lengkap", "nama lengakp orangnya", true),
            ("kode paket", "kd", false),
            ("kuota", "kota", false),
            ("berangkat", "biaya sekamar ber", false),
            ("nama", "lama", false),
            ("tanggal lahir", "tanggal", false),
        ] {
            assert_eq!(
                Words::new(text).resemble(name).is_some(),
                expected,
                "{name}, {text}"
            );
        }
    }
}
