//! What cells say of a mapping that was made from headers: between columns whose names fit one field the cells decide, and where
//! they contradict a name, it is reported.

use time::Date;

use super::{
    Column, ColumnUse, Mapping, MatchReason, OtherUnit, Sample, below::Below,
    suggest::LEAST_LIKENESS,
};
use crate::{
    issue::{Doubt, IssueCode, Notice, NoticeCode, Suggestion},
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Header, Scales},
    },
};

/// A longer list would not be read.
const MOST_NOTICES: usize = 20;

/// Share of a column's cells that must be values of a field for it to take the place of another.
pub(super) const GOOD: f32 = 0.9;

/// Share of a column's cells that must be values of its field for its name not to be in doubt.
const FITTING: f32 = 0.5;

/// Fewer cells say nothing against a name.
pub(super) const LEAST_CELLS: usize = 2;

impl Mapping {
    /// The mapping as the cells of the file have it: of two columns that go by names of one field, one none of whose cells is a
    /// likely value of it gives way to one where nearly all are. What the caller said stays. Columns that are not imported, and
    /// why, are reported by [`notices`](Self::notices).
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

    /// The mapping of a table whose rows cannot be told apart into columns, whatever its header says.
    fn without_columns(mut self, schema: &Schema) -> Self {
        for field in 0..schema.fields().len() {
            if let Some(column) = self.column_of(field) {
                self.lose(schema, field, column);
            }
        }
        self
    }

    /// Says how many notices are left out instead of the last of them.
    fn cut_notices(&mut self) {
        if self.notices.len() > MOST_NOTICES {
            let count = self.notices.len() + 1 - MOST_NOTICES;
            self.notices.truncate(MOST_NOTICES - 1);
            self.notices
                .push(Notice::new(NoticeCode::COLUMN_NOTICES_CUT).with("count", count));
        }
    }

    /// Takes columns whose header names a power of ten of a field that has none, if their cells agree.
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
        // Also by having no cells at all.
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

    /// Of two columns neither is taken: the likelier name speaks for one, the cells for the other.
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

    /// Columns that hold something and are not imported. What a notice speaks of already is not spoken of twice.
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

/// The share of a column's cells that are likely values of a field, and how many cells say something.
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
