//! What cells say of a mapping that was made from headers: between columns whose names fit one field the cells decide, and where
//! they contradict a name, it is reported.

use time::Date;

use super::{Column, ColumnUse, Doubt, Mapping, MatchReason, Sample, below::Below};
use crate::{
    check::{Decision, Trial, try_cell},
    notice::{Notice, NoticeCode},
    schema::{Field, Schema},
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
        let below = Below::look(&self, schema, sample);
        let rows_of_data = sample.without_first(below.rows);
        let sample = if below.rows > 0 {
            self.qualify(schema, &below);
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
        for (index, field) in schema.fields().iter().enumerate() {
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
                self.weigh(field, index, column, sample, today);
            }
        }
        self.hear_cells(schema, &below.texts, sample, today);
        self.tell_unused(schema, sample);
        self.notices.truncate(MOST_NOTICES);
        self
    }

    fn weigh(
        &mut self,
        field: &Field,
        index: usize,
        column: usize,
        sample: &Sample,
        today: Option<Date>,
    ) {
        let rivals: Vec<usize> = (0..self.columns.len())
            .filter(|&rival| {
                matches!(&self.columns[rival].used, ColumnUse::Beaten { field: of, .. } if of == field.name())
                    && sample.cells(rival).next().is_some()
            })
            .collect();
        let label = field.shown();
        let (good, cells) = share(field, column, sample, today);
        let contradicted = good == 0.0 && cells > 0;
        let better = rivals
            .iter()
            .copied()
            .find(|&rival| contradicted && share(field, rival, sample, today).0 >= GOOD);
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
                    try_cell(field, Decision::default(), today, cell),
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

    /// Columns that hold something and are not imported. What a notice speaks of already is not spoken of twice.
    fn tell_unused(&mut self, schema: &Schema, sample: &Sample) {
        for (index, column) in self.columns.iter().enumerate() {
            let Column { name, used, header } = column;
            let unnamed = *used == ColumnUse::Ignored && header.trim().is_empty();
            if !(unnamed || *used == ColumnUse::Unknown) || sample.cells(index).next().is_none() {
                continue;
            }
            let is_told = |notice: &Notice| {
                notice.code() == NoticeCode::COLUMN_QUALIFIED
                    && notice.param("column") == Some(name)
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
    sample: &Sample,
    today: Option<Date>,
) -> (f32, usize) {
    let (mut good, mut cells) = (0_usize, 0_usize);
    for cell in sample.cells(column) {
        match try_cell(field, Decision::default(), today, cell) {
            Trial::Nothing => {}
            Trial::Value(_) => (good, cells) = (good + 1, cells + 1),
            Trial::Unlikely(_) | Trial::Refused(_) => cells += 1,
        }
    }
    (good as f32 / cells.max(1) as f32, cells)
}
