//! Rows around the header that continue it: group titles above it, names below group titles, units, formats, the same
//! names in another language. Each qualifies the header as a second line in its cell would: `Harga` above `Quad` is the
//! price of a room, `Nama` below `Data Ayah` the name of a father. A row below a header may also hold data: this module
//! decides whether its cells are remarks on their columns, or values of fields that accept no ordinary word.

use std::ops::Range;

use super::{
    candidate::{Candidates, LEAST_LIKENESS, phrases, value_of},
    column::{ColumnUse, Mapping, Sample},
};
use crate::{
    issue::{Doubt, Notice, NoticeCode, Suggestion},
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Asides, Header, HeaderWords, Phrases, Token, squeezed},
        kind::Kind,
    },
    sniff::{header::is_blank, kind::looks_like_data},
    value::text::unguard,
};

/// A row of groups, one of names and one of units: no header has more rows.
const MOST_ROWS: usize = 3;

/// What the rows around the header add to it.
pub(super) struct Below {
    /// How many rows below the header belong to it.
    pub(super) rows: usize,
    /// For each column, the text below its header.
    pub(super) parts: Vec<String>,
    /// For each column, whether that text is a name below a group title, and not a unit, a format or a remark.
    are_names: Vec<bool>,
    /// For each column, the title of its group, empty if there is none or it has no meaning.
    groups: Vec<String>,
    /// For each column, its header with all texts above and below it.
    pub(super) texts: Vec<String>,
}

impl Below {
    pub(super) fn look(mapping: &Mapping, schema: &Schema, sample: &Sample) -> Self {
        let strict = Strict::of(schema, mapping);
        let headers: Vec<&str> = mapping.headers().collect();
        let words = &schema.inner.header_words;
        let says_nothing = |title: &str| words.is_group(&Header::new(title, words).squeezed());
        let titles = titles_above(sample.above(), headers.len());
        let titles: Vec<&str> = titles
            .into_iter()
            .map(|title| if says_nothing(title) { "" } else { title })
            .collect();
        let groups = groups(&headers);
        let mut below = Self {
            rows: 0,
            parts: vec![String::new(); headers.len()],
            are_names: vec![false; headers.len()],
            groups: titles.iter().map(|&title| title.to_owned()).collect(),
            texts: titles
                .iter()
                .zip(&headers)
                .map(|(title, header)| format!("{title} {header}").trim().to_owned())
                .collect(),
        };
        for row in sample.rows().iter().take(MOST_ROWS) {
            let in_groups = stands_in_groups(row, &groups);
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            if !in_groups && !strict.speak_against(&cells) {
                break;
            }
            below.rows += 1;
            for (column, cell) in row.iter().enumerate().take(headers.len()) {
                if is_blank(cell) {
                    continue;
                }
                below.are_names[column] |= in_groups;
                let group = groups.iter().find(|group| group.contains(&column));
                if let Some(group) = group.filter(|_| below.parts[column].is_empty()) {
                    let title = headers[group.start];
                    let title = if in_groups && says_nothing(title) {
                        ""
                    } else {
                        title
                    };
                    title.clone_into(&mut below.texts[column]);
                    if in_groups {
                        title.clone_into(&mut below.groups[column]);
                    }
                }
                for text in [&mut below.parts[column], &mut below.texts[column]] {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(cell.trim());
                }
            }
        }
        below
    }
}

impl Below {
    /// Whether the rows around the header add nothing to it.
    pub(super) fn is_silent(&self) -> bool {
        self.rows == 0 && self.groups.iter().all(String::is_empty)
    }

    fn says_something(&self, column: usize) -> bool {
        !self.parts[column].is_empty() || !self.groups[column].is_empty()
    }

    /// The headers with the texts around them, in both orders: `Nomor` below `Paspor` is `Paspor Nomor` and `Nomor
    /// Paspor`.
    pub(super) fn keys(&self, words: &HeaderWords) -> [Vec<Header>; 2] {
        let turned = self.texts.iter().zip(&self.groups).map(|(text, group)| {
            let rest = text.strip_prefix(group.as_str()).unwrap_or(text);
            Header::new(&format!("{rest} {group}"), words)
        });
        let texts = self.texts.iter();
        [
            texts.map(|text| Header::new(text, words)).collect(),
            turned.collect(),
        ]
    }

    /// Whether every word of a column's group title is known, and the title names another person or thing.
    fn is_of_another(&self, column: usize, schema: &Schema) -> bool {
        let words = &schema.inner.header_words;
        let title = Header::new(&self.groups[column], words);
        let is_known = |phrase: &str| {
            words.is_other(phrase) || words.is_harmless(phrase) || words.is_group(phrase)
        };
        title.is_made_of(|phrase| is_known(&squeezed(phrase)))
            && title.holds(|phrase| words.is_other(&squeezed(phrase)))
    }
}

/// For each column, its title in the row above the header: a title extends to the next one. A single title in the first
/// column is the title of the table.
fn titles_above(row: &[String], columns: usize) -> Vec<&str> {
    let mut titles = vec![""; columns];
    let filled: Vec<usize> = (0..row.len().min(columns))
        .filter(|&column| !is_blank(&row[column]))
        .collect();
    let is_title = |&column: &usize| {
        row[column].len() <= LONGEST_TITLE && !row[column].contains(|c: char| c.is_ascii_digit())
    };
    if filled == [0] || !filled.iter().all(is_title) {
        return titles;
    }
    for (place, &start) in filled.iter().enumerate() {
        let end = filled.get(place + 1).copied().unwrap_or(columns);
        titles[start..end].fill(row[start].trim());
    }
    titles
}

fn is_numeric(field: &Field) -> bool {
    matches!(field.kind, Kind::Integer(_) | Kind::Decimal(_))
}

/// Bytes: a longer text is a sentence.
const LONGEST_TITLE: usize = 60;

/// Headers that span several columns: the columns after the first have no header.
fn groups(headers: &[&str]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        if !header.trim().is_empty() {
            groups.push(column..column + 1);
        } else if let Some(group) = groups.last_mut() {
            group.end = column + 1;
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Whether a row has at least two filled cells, all of them below groups that it fills completely, and none that looks
/// like data.
fn stands_in_groups(row: &[String], groups: &[Range<usize>]) -> bool {
    let filled = |column: usize| row.get(column).is_some_and(|cell| !is_blank(cell));
    let cells: Vec<usize> = (0..row.len()).filter(|&column| filled(column)).collect();
    let touched = |group: &&Range<usize>| cells.iter().any(|column| group.contains(column));
    cells.len() > 1
        && cells.iter().all(|&column| !looks_like_data(&row[column]))
        && cells
            .iter()
            .all(|column| groups.iter().any(|group| group.contains(column)))
        && groups
            .iter()
            .filter(touched)
            .all(|group| group.clone().all(filled))
}

impl Below {
    /// Drops columns that the rows around the header contradict, and adds columns that they name. The caller's choices
    /// stay.
    pub(super) fn qualify(&self, mapping: &mut Mapping, schema: &Schema) {
        let words = &schema.inner.header_words;
        let [keys, turned] = self.keys(words);
        let uses: Vec<Option<ColumnUse>> = mapping
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let settled = !self.says_something(index) || column.is_the_callers();
                settled.then(|| column.used.clone())
            })
            .collect();
        self.heed(mapping, schema, &keys);
        let found = Candidates::find(schema, &keys, &uses);
        let found = found.or(Candidates::find(schema, &turned, &uses));
        let mut lost = Vec::new();
        for index in 0..schema.fields().len() {
            let Some(column) = mapping.column_of(index).filter(|&at| uses[at].is_none()) else {
                continue;
            };
            let taken = found
                .clear
                .iter()
                .find(|c| (c.field, c.column) == (index, column));
            if let Some(taken) = taken {
                mapping.patterns[index] = taken.pattern.or(mapping.patterns[index]);
                continue;
            }
            let field = &schema.fields()[index];
            let is_value = matches!(field.kind, Kind::Choice(_))
                && value_of(field, &self.parts[column]).is_some();
            let doubt = match found.doubt(index, column).cloned() {
                // Unknown words have no meaning, unless they are a value of the field: a column of ticks.
                Some(Doubt::Unknown(_)) if !is_value => continue,
                // A title may extend further than was intended.
                None if !self.are_names[column]
                    && !self.belongs_to_another(mapping, schema, index) =>
                {
                    continue;
                }
                // Its cells are weighed later.
                _ if found.is_scaled(index, column) => continue,
                // A date has no currency, however far the title above it extends.
                Some(Doubt::Unit(_)) if self.parts[column].is_empty() && !is_numeric(field) => {
                    continue;
                }
                Some(Doubt::Unit(unit)) => Doubt::Unit(unit),
                _ => Doubt::Unknown(self.parts[column].clone()),
            };
            self.give_up(mapping, schema, index, column, doubt);
            lost.push(index);
        }
        for candidate in &found.clear {
            let free = matches!(
                mapping.columns[candidate.column].used,
                ColumnUse::Unknown | ColumnUse::Ignored
            );
            let is_named =
                self.are_names[candidate.column] || !self.groups[candidate.column].is_empty();
            if free && mapping.fields[candidate.field].is_none() && is_named {
                mapping.take(
                    schema,
                    candidate.field,
                    candidate.column,
                    candidate.reason.clone(),
                );
                mapping.patterns[candidate.field] = candidate.pattern;
            }
        }
        for index in lost {
            self.take_next(mapping, schema, index);
        }
    }

    /// Whether the title above a field's column names another person or thing, as far as its extent can be known: the
    /// first column below a title belongs to it, and so does a column that another one can replace, or whose field is not
    /// required.
    fn belongs_to_another(&self, mapping: &Mapping, schema: &Schema, field: usize) -> bool {
        let Some(column) = mapping.column_of(field) else {
            return false;
        };
        let title = &self.groups[column];
        let is_first = column == 0 || self.groups[column - 1] != *title;
        let definition = &schema.fields()[field];
        self.is_of_another(column, schema)
            && (is_first
                || !definition.is_required()
                || self.next(mapping, schema, field).is_some())
    }

    /// The next column that has a name of the field and is not below a title that names another person or thing.
    fn next(&self, mapping: &Mapping, schema: &Schema, field: usize) -> Option<usize> {
        let name = schema.fields()[field].name();
        let goes =
            |used: &ColumnUse| matches!(used, ColumnUse::Beaten { field, .. } if field == name);
        (0..mapping.columns.len()).find(|&column| {
            goes(&mapping.columns[column].used) && !self.is_of_another(column, schema)
        })
    }

    /// Gives a field that lost its column the next one.
    fn take_next(&self, mapping: &mut Mapping, schema: &Schema, field: usize) {
        if mapping.fields[field].is_some() {
            return;
        }
        let Some(column) = self.next(mapping, schema, field) else {
            return;
        };
        let words = &schema.inner.header_words;
        let key = [Header::new(&mapping.columns[column].header, words)];
        let found = Candidates::find(schema, &key, &[None]);
        if let Some(found) = found.clear.iter().find(|found| found.field == field) {
            mapping.take(schema, field, column, found.reason.clone());
            mapping.patterns[field] = found.pattern;
        }
    }

    /// Applies what the rows below the header state about the order of dates and the power of ten, also to columns that
    /// the caller chose.
    pub(super) fn heed(&self, mapping: &mut Mapping, schema: &Schema, keys: &[Header]) {
        for (index, phrases) in phrases(schema).iter().enumerate() {
            let Some(column) = mapping
                .column_of(index)
                .filter(|&column| self.says_something(column))
            else {
                continue;
            };
            mapping.patterns[index] = keys[column].any_pattern().or(mapping.patterns[index]);
            let power = keys[column].any_power(&phrases.scales);
            mapping.powers[index] = power.max(mapping.powers[index]);
        }
    }

    /// Takes its column from a field, for a reason that is reported.
    fn give_up(
        &self,
        mapping: &mut Mapping,
        schema: &Schema,
        field: usize,
        column: usize,
        doubt: Doubt,
    ) {
        let definition = &schema.fields()[field];
        let label = definition.shown_label();
        mapping.lose(schema, field, column);
        let part = &self.parts[column];
        let notice = if part.is_empty() {
            Notice::new(NoticeCode::COLUMN_GROUPED).with("group", &self.groups[column])
        } else {
            Notice::new(NoticeCode::COLUMN_QUALIFIED).with("below", part)
        };
        mapping.notices.push(
            notice
                .with("column", &mapping.columns[column].name)
                .with("label", label),
        );
        let may_be_meant = !matches!(doubt, Doubt::Unit(_)) && !part.is_empty();
        if may_be_meant && !definition.is_auxiliary() {
            mapping.suggestions.push(Suggestion {
                field: definition.name().to_owned(),
                header: mapping.columns[column].name.clone(),
                likeness: LEAST_LIKENESS,
                doubt,
            });
        }
    }
}

// Cells below a header that describe their column.

/// What templates write below a header besides the words of headers themselves: types of data, and whether they are
/// required.
const OF_TEMPLATES: &[&str] = &[
    "yes",
    "no",
    "ya",
    "tidak",
    "y",
    "n",
    "type",
    "tipe",
    "jenis",
    "text",
    "string",
    "varchar",
    "varchar #",
    "char",
    "number",
    "numeric",
    "numerik",
    "integer",
    "int",
    "bigint",
    "decimal",
    "float",
    "date",
    "datetime",
    "tanggal",
    "boolean",
    "enum",
    "select",
    "dropdown",
    "data",
    "link",
    "unique",
    "unik",
    "info",
    "unit",
    "satuan",
    "contoh",
];

/// What databases state about a column: its type, and what it may hold.
const OF_DATABASES: &[&str] = &[
    "varchar",
    "varchar #",
    "nvarchar",
    "nvarchar #",
    "char #",
    "nchar #",
    "character varying",
    "character varying #",
    "character #",
    "text",
    "tinytext",
    "mediumtext",
    "longtext",
    "long text",
    "short text",
    "string",
    "memo",
    "int",
    "int #",
    "integer",
    "tinyint",
    "tinyint #",
    "smallint",
    "smallint #",
    "mediumint #",
    "bigint",
    "bigint #",
    "serial",
    "bigserial",
    "autonumber",
    "decimal",
    "decimal # #",
    "numeric",
    "numeric # #",
    "number",
    "number #",
    "number # #",
    "varchar 2 #",
    "float",
    "double",
    "double precision",
    "real",
    "money",
    "currency",
    "date",
    "datetime",
    "datetime #",
    "date time",
    "timestamp",
    "timestamp without time zone",
    "timestamp with time zone",
    "timestamptz",
    "time",
    "year",
    "boolean",
    "bool",
    "bit",
    "yes no",
    "uuid",
    "uniqueidentifier",
    "json",
    "jsonb",
    "enum",
    "not null",
    "null",
    "primary key",
    "foreign key",
    "unique",
    "unsigned",
    "auto increment",
    "default null",
    "default",
];

/// Distinguishes remarks from data.
#[derive(Clone, Debug)]
struct Remarks {
    schema: Schema,
}

impl Remarks {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            schema: schema.clone(),
        }
    }

    /// The phrases of the schema, which are built for its first file and reused for all others.
    fn asides(&self) -> &Asides {
        self.schema.inner.asides.get_or_init(|| {
            let words = &self.schema.inner.header_words;
            let fields = self.schema.fields();
            let tails = fields
                .iter()
                .flat_map(|field| field.tails.iter().map(AsRef::as_ref));
            Asides {
                beside: Phrases::new(tails.chain(OF_TEMPLATES.iter().copied()), words),
                types: Phrases::new(OF_DATABASES, words),
            }
        })
    }

    /// Whether a cell states the power of ten of its field in words: `Rp 000` means thousands of rupiah, and not an
    /// amount of zero.
    fn is_scale(&self, field: usize, cell: &str) -> bool {
        let words = &self.schema.inner.header_words;
        let key = Header::new(cell, words);
        let is_word = |token: &Token| matches!(token, Token::Word(_));
        let scales = &phrases(&self.schema)[field].scales;
        key.tokens().iter().any(is_word)
            && key.any_power(scales) > 0
            && key.is_made_of(|phrase| {
                scales.power(phrase).is_some() || self.is_known(&squeezed(phrase), words)
            })
    }

    /// Whether a cell is the type of a column: `varchar(255) NOT NULL`.
    fn is_type(&self, cell: &str) -> bool {
        let key = Header::new(cell, &self.schema.inner.header_words);
        key.is_made_of(|phrase| self.asides().types.contain(&squeezed(phrase)))
    }

    /// Whether a cell is only a remark.
    pub(crate) fn is_remark(&self, cell: &str) -> bool {
        let words = &self.schema.inner.header_words;
        let key = Header::new(cell, words);
        is_in_another_script(cell)
            || key.is_pattern()
            || key.is_made_of(|phrase| self.is_known(&squeezed(phrase), words))
            || self.lists_values(&key)
    }

    fn is_known(&self, phrase: &str, words: &HeaderWords) -> bool {
        self.asides().beside.contain(phrase) || words.is_harmless(phrase) || words.is_unit(phrase)
    }

    /// `L/P`, `Tunai / Transfer`.
    fn lists_values(&self, key: &Header) -> bool {
        let values = key.alternatives();
        let fields = self.schema.fields().iter();
        let mut choices = fields.filter(|field| matches!(field.kind, Kind::Choice(_)));
        values.len() > 1
            && choices.any(|field| values.iter().all(|value| value_of(field, value).is_some()))
    }
}

/// Whether a cell has letters and none of them is Latin, unlike the names in schemas.
fn is_in_another_script(cell: &str) -> bool {
    /// The last letter of the Latin blocks.
    const LATIN: char = '\u{24F}';
    let mut letters = cell.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| c > LATIN) && !cell.contains(char::is_numeric)
}

// Fields that accept no ordinary word, and what their cells show about a row below a header that may not be a record.

/// An ordinary word: not a number, date, address, identity or choice.
const WORD: &str = "kata biasa";

/// Whether a field refuses ordinary words.
pub(super) fn refuses_words(field: &Field) -> bool {
    matches!(
        try_cell(field, Decision::default(), None, WORD),
        Trial::Refused(_)
    )
}

/// The mapped fields that accept no ordinary word, with their columns.
#[derive(Clone, Debug)]
pub(crate) struct Strict {
    schema: Schema,
    fields: Vec<(usize, usize)>,
    remarks: Remarks,
}

impl Strict {
    pub(crate) fn of(schema: &Schema, mapping: &Mapping) -> Self {
        let fields = schema.fields().iter().enumerate();
        Self {
            fields: fields
                .filter_map(|(index, field)| Some((index, mapping.column_of(index)?, field)))
                .filter(|(_, _, field)| refuses_words(field))
                .map(|(index, column, _)| (index, column))
                .collect(),
            remarks: Remarks::new(schema),
            schema: schema.clone(),
        }
    }

    /// Whether a row directly below the header continues it: all its cells are units, formats or remarks, and it has
    /// cells of fields that accept no ordinary word, none of which is a value of its field.
    pub(crate) fn speak_against(&self, cells: &[&str]) -> bool {
        if self.are_types(cells) {
            return true;
        }
        let is_scale = |&(field, column): &(usize, usize)| {
            let cell = cells.get(column).copied().unwrap_or_default();
            self.remarks.is_scale(field, cell)
        };
        let scaled: Vec<usize> = self
            .fields
            .iter()
            .filter(|field| is_scale(field))
            .map(|&(_, column)| column)
            .collect();
        let mut filled = cells
            .iter()
            .enumerate()
            .filter(|(column, cell)| !is_blank(cell) && !scaled.contains(column));
        (self.refuse_but(cells, &scaled) || !scaled.is_empty())
            && filled.all(|(_, cell)| self.remarks.is_remark(unguard(cell)))
    }

    /// Whether all cells are column types, as databases write them below the names: no record consists of these.
    fn are_types(&self, cells: &[&str]) -> bool {
        let mut filled = cells.iter().filter(|cell| !is_blank(cell)).peekable();
        filled.peek().is_some()
            && filled.all(|cell| self.remarks.is_type(unguard(cell)))
            && cells.iter().filter(|cell| !is_blank(cell)).count() > 1
    }

    /// Whether there are cells of fields that accept no ordinary word, and none of them is a value of its field.
    pub(crate) fn refuse(&self, cells: &[&str]) -> bool {
        self.refuse_but(cells, &[])
    }

    /// Whether there are cells of fields that accept no ordinary word, and all of them are values of their fields.
    pub(crate) fn agree(&self, cells: &[&str]) -> bool {
        let mut agreed = false;
        for &(field, column) in &self.fields {
            let cell = unguard(cells.get(column).copied().unwrap_or_default());
            match try_cell(
                &self.schema.fields()[field],
                Decision::default(),
                None,
                cell,
            ) {
                Trial::Value(_) | Trial::Unlikely(_) => agreed = true,
                Trial::Refused(_) => return false,
                Trial::Nothing => {}
            }
        }
        agreed
    }

    /// Like [`refuse`](Self::refuse), without some of the columns.
    fn refuse_but(&self, cells: &[&str], columns: &[usize]) -> bool {
        let cell = |column: usize| unguard(cells.get(column).copied().unwrap_or_default());
        let mut refused = false;
        let others = self
            .fields
            .iter()
            .filter(|(_, column)| !columns.contains(column));
        for &(field, column) in others {
            let field = &self.schema.fields()[field];
            match try_cell(field, Decision::default(), None, cell(column)) {
                Trial::Value(_) | Trial::Unlikely(_) => return false,
                Trial::Refused(_) => refused = true,
                Trial::Nothing => {}
            }
        }
        refused
    }
}
