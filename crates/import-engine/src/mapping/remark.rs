//! Cells below a header that speak of their column instead of holding data: units, formats, what must be filled in, the names in
//! another script. Knows no rows.

use super::matching::value_of;
use crate::schema::{
    Schema,
    header::{Asides, Header, HeaderWords, Phrases, Scales, Token, squeezed},
    kind::Kind,
};

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
pub(crate) struct Remarks {
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
    pub(crate) fn is_scale(&self, field: usize, cell: &str) -> bool {
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
    pub(crate) fn is_type(&self, cell: &str) -> bool {
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
