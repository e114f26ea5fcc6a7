//! Checks a mapping that was made from headers against the cells. If several columns have names of one field, the cells
//! decide; if they contradict a name, this is reported. Cells may also suggest a field that no header names: a column of
//! telephone numbers is worth a question, whatever its header is. A column is used because of its cells alone only if the
//! worst outcome is a refused row. Cells also show fields that are spread over several columns: ticks of a choice, and parts
//! of an amount beside their sum.

use std::{borrow::Borrow, collections::HashSet};

use time::Date;

use super::{
    below::{Below, refuses_words},
    candidate::{LEAST_LIKENESS, holds_a_unit, holds_another, phrases, value_of},
    column::{Column, ColumnUse, Mapping, MatchReason, OtherUnit, Sample, Ticks, target},
};
use crate::{
    issue::{Doubt, IssueCode, Notice, NoticeCode, Suggestion},
    schema::{
        Field, HeaderWords, Schema,
        cell::{Decision, Trial, try_cell},
        header::Header,
        kind::Kind,
    },
    sniff::{header::is_blank, kind::looks_like_data},
    value::locale::tick,
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
            below.qualify(&mut self, schema);
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

    /// The mapping with the order of dates and the power of ten that the rows directly below the header state for its
    /// columns. [`weighed`](Self::weighed) includes this; it is for a mapping that was [`resolved`](Self::resolved) and
    /// is not weighed again.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Mapping, Sample, Sniffer}};
    ///
    /// let file = b"Name,Born\ntext,mm/dd/yyyy\nAda,03/04/1990\n";
    /// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// let mapping = Mapping::resolved(&schema, &dialect.headers, [("Born", "born")])?.heeding(&schema, &sample);
    /// assert_eq!(mapping.column_of(1), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn heeding(mut self, schema: &Schema, sample: &Sample) -> Self {
        let below = Below::look(&self, schema, sample);
        if !below.is_silent() {
            let [keys, _] = below.keys(&schema.inner.header_words);
            below.heed(&mut self, schema, &keys);
        }
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
                .with("label", field.shown_label())
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
        let scales = &phrases(schema)[index].scales;
        let power_of = |mapping: &Self, column: usize| {
            Header::new(&mapping.columns[column].header, words).any_power(scales)
        };
        let rivals: Vec<usize> = (0..self.columns.len())
            .filter(|&rival| {
                matches!(&self.columns[rival].used, ColumnUse::Beaten { field: of, .. } if of == field.name())
                    && sample.cells(rival).next().is_some()
            })
            .collect();
        let label = field.shown_label();
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
                .with("label", field.shown_label()),
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
                        .with("label", schema.fields()[unit.field].shown_label())
                        .with("unit", &unit.unit),
                    None => Notice::new(NoticeCode::COLUMN_NOT_IMPORTED).with("column", name),
                },
                Some(suggestion) => {
                    let field = schema.index_of(&suggestion.field);
                    let label = field.map_or(suggestion.field.as_str(), |field| {
                        schema.fields()[field].shown_label()
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
fn share(
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

// A choice that is spread over columns, one for each value, with a tick in the one that applies: `L` and `P` with a `v`.

impl Mapping {
    /// Looks for ticks if a choice has no column. `texts` are the headers, or the texts below them.
    fn find_ticks(&mut self, schema: &Schema, texts: &[String], sample: &Sample) {
        for (index, field) in schema.fields().iter().enumerate() {
            let is_open = self.fields[index].is_none() && !self.has_ticks(index);
            if !is_open || field.is_auxiliary() || !matches!(field.kind, Kind::Choice(_)) {
                continue;
            }
            let columns = self.headed_by_words(field, texts);
            if !are_ticks(&columns, sample) {
                continue;
            }
            let names: Vec<String> = columns
                .iter()
                .map(|(column, _)| self.columns[*column].name.clone())
                .collect();
            // A notice that the columns are not ordinary columns of the field is then superfluous.
            self.notices.retain(|notice| {
                notice.code() != NoticeCode::COLUMN_QUALIFIED
                    || names
                        .iter()
                        .all(|name| notice.param("column") != Some(name))
            });
            self.notices.push(
                Notice::new(NoticeCode::TICKS_READ)
                    .with("columns", names.join("', '"))
                    .with("label", field.shown_label()),
            );
            self.take_ticks(field, index, columns);
        }
    }

    /// The free columns whose headers are values of a choice.
    fn headed_by_words(&self, field: &Field, texts: &[String]) -> Vec<(usize, String)> {
        let free = self
            .columns
            .iter()
            .zip(texts)
            .enumerate()
            .filter(|(_, (column, _))| {
                matches!(column.used, ColumnUse::Unknown | ColumnUse::Ignored)
            });
        free.filter(|(_, (_, text))| !is_blank(text))
            .filter_map(|(column, (_, text))| Some((column, value_of(field, text.trim())?)))
            .collect()
    }

    fn take_ticks(&mut self, field: &Field, index: usize, columns: Vec<(usize, String)>) {
        for (column, value) in &columns {
            self.columns[*column].used = ColumnUse::Tick {
                field: field.name().to_owned(),
                value: value.clone(),
                target: target(field.name(), value),
            };
        }
        self.ticks.push(Ticks {
            field: index,
            columns,
        });
        self.settle(field.name());
    }
}

/// Whether the columns hold only ticks, each for another value.
fn are_ticks(columns: &[(usize, String)], sample: &Sample) -> bool {
    let is_alone = |(place, (_, value)): (usize, &(usize, String))| {
        columns[..place].iter().all(|(_, other)| other != value)
    };
    let mut any = false;
    let hold_ticks = columns.iter().all(|(column, value)| {
        sample.cells(*column).all(|cell| {
            let read = tick(cell, value);
            any |= read == Some(true);
            read.is_some()
        })
    });
    columns.len() > 1 && columns.iter().enumerate().all(is_alone) && hold_ticks && any
}

// An amount that is given in parts: a column whose cells are the sums of those of others is not another part, even if no
// header shows it.

/// Columns of numbers that are tried: more than there are instalments of a payment.
const MOST_SUMMANDS: usize = 24;

/// Rows that must add up: a single one may do so by chance.
const LEAST_SUMS: usize = 2;

impl Mapping {
    /// Drops columns that are the sum of others. The caller's choices stay.
    fn drop_sums(&mut self, schema: &Schema, sample: &Sample) {
        for (index, field) in schema.fields().iter().enumerate() {
            let Some(column) = self.column_of(index).filter(|_| !field.parts.is_empty()) else {
                continue;
            };
            let is_chosen = matches!(
                self.columns[column].used,
                ColumnUse::Field {
                    reason: MatchReason::Caller,
                    ..
                }
            );
            let Some(parts) = self.parts_of(field, column, sample).filter(|_| !is_chosen) else {
                continue;
            };
            let names: Vec<&str> = parts
                .iter()
                .map(|&part| self.columns[part].name.as_str())
                .collect();
            let sum = self.columns[column].name.clone();
            let notice = Notice::new(NoticeCode::SUM_BESIDE_PARTS)
                .with("column", &sum)
                .with("label", field.shown_label())
                .with("parts", names.join(", "));
            self.lose(schema, index, column);
            self.notices.push(notice);
            self.suggestions.push(Suggestion {
                field: field.name().to_owned(),
                header: sum,
                likeness: LEAST_LIKENESS,
                doubt: Doubt::SumOfParts,
            });
        }
    }

    /// The columns that add up to another in every row: adjacent ones, or else with others between them.
    fn parts_of(&self, field: &Field, sum: usize, sample: &Sample) -> Option<Vec<usize>> {
        let is_free =
            |used: &ColumnUse| matches!(used, ColumnUse::Unknown | ColumnUse::Beaten { .. });
        let columns: Vec<(usize, Vec<i64>)> = (0..self.columns.len())
            .filter(|&column| is_free(&self.columns[column].used))
            .filter_map(|column| Some((column, amounts(field, column, sample)?)))
            .take(MOST_SUMMANDS)
            .collect();
        if columns.len() < 2 {
            return None;
        }
        let sums = amounts(field, sum, sample)?;
        let starts = 0..columns.len();
        let mut runs =
            starts.flat_map(|start| (start + 2..=columns.len()).map(move |end| start..end));
        let run = runs.find(|run| add_up(&columns[run.clone()], &sums));
        match run {
            Some(run) => Some(columns[run].iter().map(|(column, _)| *column).collect()),
            None => Apart::find(&columns, &sums),
        }
    }
}

/// The search for columns that add up but are not adjacent.
struct Apart<'c> {
    columns: &'c [(usize, Vec<i64>)],
    sums: &'c [i64],
    taken: Vec<usize>,
    steps: usize,
}

/// Rows that must add up if any columns may be the parts: in fewer rows, round amounts do so by chance.
const LEAST_ROWS_APART: usize = 3;

/// Combinations that are tried: all combinations of a dozen columns.
const MOST_STEPS: usize = 1 << 13;

impl<'c> Apart<'c> {
    fn find(columns: &'c [(usize, Vec<i64>)], sums: &'c [i64]) -> Option<Vec<usize>> {
        let rows = sums.iter().filter(|sum| **sum > 0).count();
        // With refunds, parts could exceed the sum and come down to it again.
        let is_paid_back = columns
            .iter()
            .any(|(_, amounts)| amounts.iter().any(|one| *one < 0));
        if rows < LEAST_ROWS_APART || is_paid_back {
            return None;
        }
        let mut search = Self {
            columns,
            sums,
            taken: Vec::new(),
            steps: 0,
        };
        let found = search.go_on(0);
        found.then(|| search.taken.iter().map(|&place| columns[place].0).collect())
    }

    /// Whether the chosen columns add up together with some of those from an index on.
    fn go_on(&mut self, from: usize) -> bool {
        self.steps += 1;
        let part = |row: usize| -> i64 {
            let amounts = self.taken.iter().map(|&place| self.columns[place].1[row]);
            amounts.fold(0, i64::saturating_add)
        };
        if self.steps > MOST_STEPS || (0..self.sums.len()).any(|row| part(row) > self.sums[row]) {
            return false;
        }
        let taken: Vec<&(usize, Vec<i64>)> = self
            .taken
            .iter()
            .map(|&place| &self.columns[place])
            .collect();
        if taken.len() > 1 && add_up(&taken, self.sums) {
            return true;
        }
        for place in from..self.columns.len() {
            self.taken.push(place);
            if self.go_on(place + 1) {
                return true;
            }
            self.taken.pop();
        }
        false
    }
}

/// Whether columns add up to the sums, with more than one of them contributing in some row.
fn add_up(columns: &[impl Borrow<(usize, Vec<i64>)>], sums: &[i64]) -> bool {
    let part = |row: usize| columns.iter().map(move |column| column.borrow().1[row]);
    let rows = sums.iter().filter(|sum| **sum > 0).count();
    let shares = |row: usize| part(row).filter(|amount| *amount > 0).count() > 1;
    rows >= LEAST_SUMS
        && (0..sums.len()).all(|row| part(row).sum::<i64>() == sums[row])
        && (0..sums.len()).any(shares)
}

/// The amounts of a column, row by row; an empty cell is zero. `None` if a cell is something else, or all are empty.
fn amounts(field: &Field, column: usize, sample: &Sample) -> Option<Vec<i64>> {
    let amount = |row: &Vec<String>| {
        let cell = row.get(column).map_or("", String::as_str);
        if is_blank(cell) || cell.trim() == "0" {
            return Some(0);
        }
        match try_cell(field, Decision::default(), None, cell) {
            Trial::Nothing => Some(0),
            Trial::Value(value) | Trial::Unlikely(value) => value.parse().ok(),
            Trial::Refused(_) => None,
        }
    };
    let amounts: Vec<i64> = sample.rows().iter().map(amount).collect::<Option<_>>()?;
    amounts.iter().any(|amount| *amount > 0).then_some(amounts)
}
