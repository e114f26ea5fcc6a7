//! Rows below a header that may go on with it instead of holding data. Their cells may be remarks (units, formats, what must be filled in, the
//! names in another script), and fields that take no ordinary word show whether they are data. Judges no single cell.

use super::{Mapping, matching::value_of};
use crate::{
    schema::{
        Field, Schema,
        cell::{Decision, Trial, try_cell},
        header::{Asides, Header, HeaderWords, Phrases, Scales, Token, squeezed},
        kind::Kind,
    },
    sniff::header::is_blank,
    value::text::unguard,
};

// Cells below a header that speak of their column. Knows no rows.

/// What templates write below a header beside the words of headers themselves: kinds of data and whether they are asked for.
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

/// What databases write of a column: its type, and what it may hold.
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

    /// The phrases of the schema, which its first file makes and all others find.
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
                scales: fields
                    .iter()
                    .map(|field| Scales::of(field, words))
                    .collect(),
            }
        })
    }

    /// Whether a cell says in words in which power of ten its field counts: `Rp 000` means thousands of rupiah, and not an
    /// amount of zero.
    fn is_scale(&self, field: usize, cell: &str) -> bool {
        let words = &self.schema.inner.header_words;
        let key = Header::new(cell, words);
        let is_word = |token: &Token| matches!(token, Token::Word(_));
        let scales = &self.asides().scales[field];
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

    /// Whether a cell is nothing but a remark.
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

/// Letters, and none of them Latin, as the names that schemas know are.
fn is_in_another_script(cell: &str) -> bool {
    /// The last letter of the Latin blocks.
    const LATIN: char = '\u{24F}';
    let mut letters = cell.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| c > LATIN) && !cell.contains(char::is_numeric)
}

// Fields that take no ordinary word, and what their cells say of a row below a header that may not be a record.

/// An ordinary word: no number, date, address, identity or choice.
const WORD: &str = "kata biasa";

/// Whether a field refuses ordinary words.
pub(super) fn refuses_words(field: &Field) -> bool {
    matches!(
        try_cell(field, Decision::default(), None, WORD),
        Trial::Refused(_)
    )
}

/// The mapped fields that take no ordinary word, with their columns.
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

    /// Whether a row right below the header goes on with it: all its cells are units, formats or remarks, and none is a value
    /// of a field that takes no ordinary word, though there are some.
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

    /// Whether all cells are types of columns, as databases write them below the names: no record is made of them.
    fn are_types(&self, cells: &[&str]) -> bool {
        let mut filled = cells.iter().filter(|cell| !is_blank(cell)).peekable();
        filled.peek().is_some()
            && filled.all(|cell| self.remarks.is_type(unguard(cell)))
            && cells.iter().filter(|cell| !is_blank(cell)).count() > 1
    }

    /// Whether no cell of a field that takes no ordinary word is a value of it, though there are some.
    pub(crate) fn refuse(&self, cells: &[&str]) -> bool {
        self.refuse_but(cells, &[])
    }

    /// Whether every cell of a field that takes no ordinary word is a value of it, and there is one.
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

    /// The same without some of the columns.
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
