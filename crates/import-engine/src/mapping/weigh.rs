//! Checks a mapping that was made from headers against the cells. If several columns have names of one field, the cells
//! decide; if they contradict a name, this is reported. Cells may also suggest a field that no header names: a column of
//! telephone numbers is worth a question, whatever its header is. A column is used because of its cells alone only if the
//! worst outcome is a refused row.

use std::collections::HashSet;

use time::Date;

use super::{
    Column, ColumnUse, Mapping, MatchReason, OtherUnit, Sample,
    below::{Below, refuses_words},
    matching::{holds_a_unit, holds_another},
    suggest::LEAST_LIKENESS,
};
use crate::{
    issue::{Doubt, IssueCode, Notice, NoticeCode, Suggestion},
    schema::{
        Field, HeaderWords, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Header, Scales},
        kind::Kind,
    },
    sniff::kind::looks_like_data,
};

/// A longer list would not be read.
const MOST_NOTICES: usize = 20;

/// Share of a column's cells that must be values of a field for the column to replace another one.
const GOOD: f32 = 0.9;

/// If a smaller share of a column's cells are values of its field, its name is in doubt.
const FITTING: f32 = 0.5;

/// Fewer cells are no evidence against a name.
const LEAST_CELLS: usize = 2;

impl Mapping {
    /// The mapping, corrected by the cells of the file: of two columns with names of one field, one without any likely
    /// value gives way to one where nearly all cells are likely values. The caller's choices stay. Columns that are not
    /// imported, and why, are reported by [`notices`](Self::notices).
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Sample, Sniffer}};
    ///
    /// let file = b"jumlah,nominal\n2,10.000.000\n1,5.000.000\n";
    /// let schema = Schema::builder("payments")
    ///     .field(Field::money("paid").aliases(["jumlah", "nominal"]).likely(10_000, 1_000_000_000))
    ///     .build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// let mapping = schema.map_headers(&dialect.headers)?.weighed(&schema, &sample, None);
    /// assert_eq!(mapping.column_of(0), Some(1));
    /// assert_eq!(mapping.notices().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn weighed(mut self, schema: &Schema, sample: &Sample, today: Option<Date>) -> Self {
        if sample.is_lined_up() {
            return self.without_columns(schema);
        }
        let below = Below::look(&self, schema, sample);
        let rows_of_data;
        if !below.is_silent() {
            self.qualify(schema, &below);
        }
        let sample = if below.rows > 0 {
            rows_of_data = sample.without_first(below.rows);
            &rows_of_data
        } else {
            sample
        };
        let texts: Vec<String> = below
            .parts
            .iter()
            .zip(&self.columns)
            .map(|(part, column)| {
                if part.is_empty() {
                    &column.header
                } else {
                    part
                }
            })
            .cloned()
            .collect();
        self.find_ticks(schema, &texts, sample);
        for index in 0..schema.fields().len() {
            let Some(column) = self.column_of(index) else {
                continue;
            };
            let chosen = self.columns.get(column).is_some_and(|column| {
                matches!(
                    &column.used,
                    ColumnUse::Field {
                        reason: MatchReason::Caller,
                        ..
                    }
                )
            });
            if !chosen {
                self.weigh(schema, index, sample, today);
            }
            if let (power @ 1.., Some(column)) = (self.power(index), self.column_of(index))
                && !self.counts_in(schema, index, column, power, sample)
                && !chosen
            {
                self.lose(schema, index, column);
            }
        }
        self.drop_sums(schema, sample);
        self.take_scaled(schema, sample);
        self.hear_cells(schema, &below.texts, sample, today);
        self.tell_unused(schema, sample);
        self.cut_notices();
        self
    }

    /// The mapping of a table whose rows cannot be split into columns, whatever its header says.
    fn without_columns(mut self, schema: &Schema) -> Self {
        for field in 0..schema.fields().len() {
            if let Some(column) = self.column_of(field) {
                self.lose(schema, field, column);
            }
        }
        self
    }

    /// Replaces the last notices with one that states how many are omitted.
    fn cut_notices(&mut self) {
        if self.notices.len() > MOST_NOTICES {
            let count = self.notices.len() + 1 - MOST_NOTICES;
            self.notices.truncate(MOST_NOTICES - 1);
            self.notices
                .push(Notice::new(NoticeCode::COLUMN_NOTICES_CUT).with("count", count));
        }
    }

    /// For fields without a column, uses columns whose header names a power of ten of the field's unit, if their cells
    /// agree.
    fn take_scaled(&mut self, schema: &Schema, sample: &Sample) {
        for unit in self.other_units.clone() {
            let OtherUnit {
                column,
                field,
                scale,
                ..
            } = unit;
            let Some((power, reason)) = scale else {
                continue;
            };
            let is_free = self.columns[column].used == ColumnUse::Unknown
                && self.fields[field].is_none()
                && !self.has_ticks(field);
            if is_free && self.counts_in(schema, field, column, power, sample) {
                self.take(schema, field, column, reason);
                self.powers[field] = power;
            }
        }
    }

    /// Whether most cells of a column can be read in the power of ten that its header names. Either way it is reported.
    fn counts_in(
        &mut self,
        schema: &Schema,
        field: usize,
        column: usize,
        power: u8,
        sample: &Sample,
    ) -> bool {
        let field = &schema.fields()[field];
        let decision = Decision {
            power,
            ..Decision::default()
        };
        let (mut cells, mut contradict) = (0_usize, 0_usize);
        let (mut against, mut read) = (None, None);
        for cell in sample.cells(column) {
            match try_cell(field, decision, None, cell) {
                Trial::Nothing => continue,
                Trial::Value(value) | Trial::Unlikely(value) => {
                    read.get_or_insert((cell, value));
                }
                Trial::Refused(problem) if problem.code == IssueCode::NUMBER_SCALE => {
                    contradict += 1;
                    against.get_or_insert(cell);
                }
                Trial::Refused(_) => {}
            }
            cells += 1;
        }
        let shown = |cell: &str| if field.is_sensitive() { "…" } else { cell }.to_owned();
        let of_column = |code| {
            Notice::new(code)
                .with("column", &self.columns[column].name)
                .with("label", field.shown())
        };
        let (notice, counts) = match (against, read) {
            (Some(example), _) if contradict * 2 > cells => {
                let notice = of_column(NoticeCode::COLUMN_SCALE_DOUBTED);
                (notice.with("example", shown(example)), false)
            }
            (_, Some((example, value))) => {
                let notice = of_column(NoticeCode::COLUMN_SCALED);
                let notice = notice.with("example", shown(example));
                (notice.with("read", shown(&value)), true)
            }
            _ => return false,
        };
        self.notices.push(notice);
        counts
    }

    fn weigh(&mut self, schema: &Schema, index: usize, sample: &Sample, today: Option<Date>) {
        let field = &schema.fields()[index];
        let Some(column) = self.column_of(index) else {
            return;
        };
        let words = &schema.inner.header_words;
        let scales = Scales::of(field, words);
        let power_of = |mapping: &Self, column: usize| {
            Header::new(&mapping.columns[column].header, words).any_power(&scales)
        };
        let rivals: Vec<usize> = (0..self.columns.len())
            .filter(|&rival| {
                matches!(&self.columns[rival].used, ColumnUse::Beaten { field: of, .. } if of == field.name())
                    && sample.cells(rival).next().is_some()
            })
            .collect();
        let label = field.shown();
        let decision = |power| Decision {
            power,
            ..Decision::default()
        };
        let own = decision(self.power(index));
        let (good, cells) = share(field, column, own, sample, today);
        // True also if there are no cells.
        let contradicted = good == 0.0;
        let fitting = rivals.iter().copied().find(|&rival| {
            let own = decision(power_of(self, rival));
            share(field, rival, own, sample, today).0 >= GOOD
        });
        if let Some(rival) = fitting
            && field.is_required()
            && !contradicted
            && good < GOOD
            && cells >= LEAST_CELLS
        {
            self.ask_which(schema, index, column, rival);
            return;
        }
        let better = fitting.filter(|_| contradicted);
        if let Some(better) = better {
            let by = self.columns[better].header.clone();
            let used = std::mem::replace(
                &mut self.columns[column].used,
                ColumnUse::Beaten {
                    field: field.name().to_owned(),
                    by,
                },
            );
            self.columns[better].used = used;
            self.fields[index] = Some(better);
            self.patterns[index] = None;
            self.powers[index] = power_of(self, better);
        }
        let winner = better.unwrap_or(column);
        for loser in rivals.into_iter().chain([column]) {
            if loser != winner {
                self.notices.push(
                    Notice::new(NoticeCode::COLUMN_BEATEN)
                        .with("column", &self.columns[loser].name)
                        .with("by", &self.columns[winner].name)
                        .with("label", label),
                );
            }
        }
        if better.is_none() && good < FITTING && cells >= LEAST_CELLS {
            let is_unfit = |cell: &&str| {
                matches!(
                    try_cell(field, own, today, cell),
                    Trial::Unlikely(_) | Trial::Refused(_)
                )
            };
            let example = sample.cells(column).find(is_unfit).unwrap_or_default();
            let example = if field.is_sensitive() { "…" } else { example };
            self.notices.push(
                Notice::new(NoticeCode::COLUMN_CONTRADICTED)
                    .with("column", &self.columns[column].name)
                    .with("label", label)
                    .with("example", example),
            );
        }
    }

    /// Uses neither of two columns: the better name is evidence for one, the cells for the other.
    fn ask_which(&mut self, schema: &Schema, index: usize, column: usize, rival: usize) {
        let field = &schema.fields()[index];
        let names = [column, rival].map(|column| self.columns[column].name.clone());
        self.lose(schema, index, column);
        self.columns[rival].used = ColumnUse::Unknown;
        self.notices.push(
            Notice::new(NoticeCode::COLUMNS_RIVAL)
                .with("columns", names.join("', '"))
                .with("label", field.shown()),
        );
        self.suggestions.extend(names.map(|header| Suggestion {
            field: field.name().to_owned(),
            header,
            likeness: LEAST_LIKENESS,
            doubt: Doubt::Perhaps,
        }));
    }

    /// Reports columns that hold something and are not imported. What a notice already covers is not repeated.
    fn tell_unused(&mut self, schema: &Schema, sample: &Sample) {
        for (index, column) in self.columns.iter().enumerate() {
            let Column { name, used, header } = column;
            let unnamed = *used == ColumnUse::Ignored && header.trim().is_empty();
            if !(unnamed || *used == ColumnUse::Unknown) || sample.cells(index).next().is_none() {
                continue;
            }
            let is_told = |notice: &Notice| {
                matches!(
                    notice.code(),
                    NoticeCode::COLUMN_QUALIFIED
                        | NoticeCode::COLUMN_GROUPED
                        | NoticeCode::COLUMN_SCALE_DOUBTED
                ) && notice.param("column") == Some(name)
            };
            if self.notices.iter().any(is_told) {
                continue;
            }
            let suggestion = self
                .suggestions
                .iter()
                .find(|suggestion| suggestion.header == *name);
            let notice = match suggestion {
                None => match self.other_units.iter().find(|unit| unit.column == index) {
                    Some(unit) => Notice::new(NoticeCode::COLUMN_UNIT)
                        .with("column", name)
                        .with("label", schema.fields()[unit.field].shown())
                        .with("unit", &unit.unit),
                    None => Notice::new(NoticeCode::COLUMN_NOT_IMPORTED).with("column", name),
                },
                Some(suggestion) => {
                    let field = schema.index_of(&suggestion.field);
                    let label = field.map_or(suggestion.field.as_str(), |field| {
                        schema.fields()[field].shown()
                    });
                    let word = match &suggestion.doubt {
                        Doubt::Unknown(word) | Doubt::Unit(word) => format!(" ('{word}'?)"),
                        _ => String::new(),
                    };
                    let code = match suggestion.doubt {
                        Doubt::Cells => NoticeCode::COLUMN_FITS,
                        _ => NoticeCode::COLUMN_UNUSED,
                    };
                    let notice = Notice::new(code)
                        .with("column", name)
                        .with("label", label)
                        .with("field", &suggestion.field);
                    if code == NoticeCode::COLUMN_UNUSED {
                        notice.with("reason", word)
                    } else {
                        notice
                    }
                }
            };
            self.notices.push(notice);
        }
    }
}

/// The share of a column's cells that are likely values of a field, and how many cells are counted.
#[expect(clippy::cast_precision_loss, reason = "a sample is small")]
pub(super) fn share(
    field: &Field,
    column: usize,
    decision: Decision,
    sample: &Sample,
    today: Option<Date>,
) -> (f32, usize) {
    let (mut good, mut cells) = (0_usize, 0_usize);
    for cell in sample.cells(column) {
        match try_cell(field, decision, today, cell) {
            Trial::Nothing => {}
            Trial::Value(_) => (good, cells) = (good + 1, cells + 1),
            Trial::Unlikely(_) | Trial::Refused(_) => cells += 1,
        }
    }
    (good as f32 / cells.max(1) as f32, cells)
}

// Fields that no header names, and the columns whose cells fit them.

/// The likeness of a suggestion whose cells are all of the field's kind.
const FITTING_LIKENESS: f32 = 0.75;

/// Smaller numbers may be persons, days, nights, rooms: a field that accepts them cannot be recognised by its cells.
const LEAST_TELLING: i64 = 1_000;

/// Columns suggested by elimination: names and titles look like any other words.
const MOST_BY_ELIMINATION: usize = 2;

impl Mapping {
    /// Uses the columns that are recognised by their cells, drops suggestions that the cells contradict, and adds those
    /// that they support.
    ///
    /// `texts` are the headers with the texts below them.
    fn hear_cells(
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
        // Required fields come first.
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

    /// Whether the field has neither a column nor columns of ticks.
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
                    // A name in the header is worth a question if the cells may still be readable.
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

    /// Suggests columns for a required name or reference that resembles no header: of the columns that hold words, those
    /// whose rows differ, or for a reference those whose rows are alike.
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

    /// Columns that belong to no field, and whose headers do not name another person or thing.
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
                // `+/-` means as little as an empty header.
                ColumnUse::Ignored => heard.keys.get(*index).is_some_and(Header::is_empty),
                _ => false,
            })
            .filter(|(index, _)| heard.may_be(*index, &never))
            .map(|(index, _)| index)
            .collect()
    }
}

/// What the file shows about its columns.
struct Heard<'h> {
    keys: Vec<Header>,
    words: &'h HeaderWords,
    sample: &'h Sample,
    today: Option<Date>,
}

impl Heard<'_> {
    /// Whether a header does not name another person or thing.
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
