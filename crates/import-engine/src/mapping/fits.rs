//! What cells say for a field that no header names: a column of telephone numbers is worth a question, whatever it is called.
//! Suggests, and takes a column by its cells alone only where that can do no more than refuse a row.

use std::collections::HashSet;

use time::Date;

use super::{
    ColumnUse, Mapping, MatchReason, Sample,
    matching::{holds_a_unit, holds_another},
    suggest::LEAST_LIKENESS,
    weigh::{GOOD, LEAST_CELLS, share},
};
use crate::{
    issue::{Doubt, Suggestion},
    mapping::refuses_words,
    schema::{Field, HeaderWords, Schema, cell::Decision, header::Header, kind::Kind},
    sniff::looks_like_data,
};

/// How sure a suggestion is whose cells are all of the field's kind.
const FITTING_LIKENESS: f32 = 0.75;

/// Numbers below it are persons, days, nights, rooms: a field that takes them is not known by its cells.
const LEAST_TELLING: i64 = 1_000;

/// Columns suggested by what they are not: names and titles look like any other words.
const MOST_BY_ELIMINATION: usize = 2;

impl Mapping {
    /// Takes the columns that are known by their cells, drops suggestions that the cells speak against, and adds those that
    /// they speak for.
    ///
    /// `texts` are the headers with what stands below them.
    pub(super) fn hear_cells(
        &mut self,
        schema: &Schema,
        texts: &[String],
        sample: &Sample,
        today: Option<Date>,
    ) {
        let keys = texts
            .iter()
            .map(|text| Header::new(text, &schema.inner.header_words))
            .collect();
        let heard = Heard {
            keys,
            words: &schema.inner.header_words,
            sample,
            today,
        };
        for (index, field) in schema.fields().iter().enumerate() {
            let Some(words) = field.cell_words.as_ref().filter(|_| self.is_open(index)) else {
                continue;
            };
            let is_word = |cell: &str| words.contain(cell.trim());
            let is_pair = |column: usize, (one, other): &(Box<str>, Box<str>)| {
                let is = |cell: &str, word: &str| cell.trim().eq_ignore_ascii_case(word);
                let mut cells = sample.cells(column);
                cells.all(|cell| is_word(cell) || is(cell, one) || is(cell, other))
                    && sample.cells(column).any(|cell| is(cell, one))
                    && sample.cells(column).any(|cell| is(cell, other))
            };
            let says = |column: &usize| {
                sample.cells(*column).next().is_some() && sample.cells(*column).all(is_word)
                    || field.cell_pairs.iter().any(|pair| is_pair(*column, pair))
            };
            if let Some(column) = self.open_columns(field, &heard).into_iter().find(says) {
                self.take(schema, index, column, MatchReason::Cells);
            }
        }
        // What is required is asked for first.
        for required in [true, false] {
            for (index, field) in schema.fields().iter().enumerate() {
                let is_next = field.is_required() == required && !field.is_auxiliary();
                if is_next && self.is_open(index) {
                    self.suggest(field, &heard);
                }
            }
        }
        self.suggestions.sort_by(|a, b| {
            let optional = |name: &str| {
                let field = schema.index_of(name);
                field.is_none_or(|index| !schema.fields()[index].is_required())
            };
            optional(&a.field)
                .cmp(&optional(&b.field))
                .then(b.likeness.total_cmp(&a.likeness))
        });
    }

    /// Neither a column nor columns of ticks are the field.
    fn is_open(&self, field: usize) -> bool {
        self.fields[field].is_none() && !self.has_ticks(field)
    }

    fn suggest(&mut self, field: &Field, heard: &Heard<'_>) {
        if !refuses_words(field) {
            if field.is_required() {
                self.suggest_by_elimination(field, heard);
            }
            return;
        }
        let likes = |column: usize| {
            share(
                field,
                column,
                Decision::default(),
                heard.sample,
                heard.today,
            )
        };
        // A column that is suggested by a similar name must not hold something else.
        let names: Vec<String> = self.names().map(str::to_owned).collect();
        self.suggestions.retain(|suggestion| {
            let column = names.iter().position(|name| *name == suggestion.header);
            suggestion.field != field.name()
                || !matches!(suggestion.doubt, Doubt::Likeness | Doubt::Unknown(_))
                || column.is_none_or(|column| {
                    // A name in the header is worth a question where the cells may be read yet.
                    let may_be_read = suggestion.doubt != Doubt::Likeness
                        && heard.sample.cells(column).any(has_digits);
                    if may_be_read {
                        return true;
                    }
                    let (good, cells) = likes(column);
                    good > 0.0 || cells < LEAST_CELLS
                })
        });
        // Any small number could be a number of days or of seats.
        let is_telling = match &field.kind {
            Kind::Integer(options) | Kind::Decimal(options) => options
                .likely
                .is_some_and(|(least, _)| least >= LEAST_TELLING),
            _ => true,
        };
        for column in self.open_columns(field, heard) {
            let (good, cells) = likes(column);
            let is_spoken_for = self.suggestions.iter().any(|known| {
                known.field != field.name()
                    && known.header == self.columns[column].name
                    && known.doubt != Doubt::Likeness
            });
            if is_telling && good >= GOOD && cells >= LEAST_CELLS && !is_spoken_for {
                self.suggest_column(field, column, FITTING_LIKENESS);
            }
        }
    }

    /// A required name or reference that no header is like: of the columns that hold words those where rows differ, or for what
    /// is referred to those where rows are alike.
    fn suggest_by_elimination(&mut self, field: &Field, heard: &Heard<'_>) {
        let sample = heard.sample;
        if self
            .suggestions
            .iter()
            .any(|known| known.field == field.name())
        {
            return;
        }
        let refers = matches!(field.kind, Kind::Reference(_));
        let mut found: Vec<(usize, usize)> = self
            .open_columns(field, heard)
            .into_iter()
            .filter(|&column| {
                let (good, cells) = share(field, column, Decision::default(), sample, heard.today);
                let different = different(sample, column);
                cells >= LEAST_CELLS
                    && good >= GOOD
                    && (refers || different * 2 > cells)
                    && !sample.cells(column).any(looks_like_data)
            })
            .map(|column| (different(sample, column), column))
            .collect();
        found.sort_by_key(|&(different, column)| {
            let different = isize::try_from(different).unwrap_or(isize::MAX);
            (if refers { different } else { -different }, column)
        });
        for (_, column) in found.into_iter().take(MOST_BY_ELIMINATION) {
            self.suggest_column(field, column, LEAST_LIKENESS);
        }
    }

    fn suggest_column(&mut self, field: &Field, column: usize, likeness: f32) {
        let header = self.columns[column].name.clone();
        let known = self
            .suggestions
            .iter_mut()
            .find(|known| known.field == field.name() && known.header == header);
        match known {
            Some(known) => known.likeness = known.likeness.max(likeness),
            None => self.suggestions.push(Suggestion {
                field: field.name().to_owned(),
                header,
                likeness,
                doubt: Doubt::Cells,
            }),
        }
    }

    /// Columns that no field has, and whose headers do not say that they are another's.
    fn open_columns(&self, field: &Field, heard: &Heard<'_>) -> Vec<usize> {
        let never: HashSet<String> = field
            .never
            .iter()
            .map(|header| Header::new(header, heard.words).spaced())
            .collect();
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(index, column)| match column.used {
                ColumnUse::Unknown => true,
                // `+/-` says as little as nothing.
                ColumnUse::Ignored => heard.keys.get(*index).is_some_and(Header::is_empty),
                _ => false,
            })
            .filter(|(index, _)| heard.may_be(*index, &never))
            .map(|(index, _)| index)
            .collect()
    }
}

/// What the file shows of its columns.
struct Heard<'h> {
    keys: Vec<Header>,
    words: &'h HeaderWords,
    sample: &'h Sample,
    today: Option<Date>,
}

impl Heard<'_> {
    /// Whether a header does not say that its column is another's.
    fn may_be(&self, column: usize, never: &HashSet<String>) -> bool {
        self.keys.get(column).is_some_and(|key| {
            !never.contains(&key.spaced())
                && !holds_another(key, self.words)
                && !holds_a_unit(key, self.words)
        })
    }
}

fn has_digits(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit())
}

/// How many different cells a column has.
fn different(sample: &Sample, column: usize) -> usize {
    sample.cells(column).collect::<HashSet<&str>>().len()
}
