//! What only the whole file shows: how many records it has, which encoding it really is in, how its columns write dates
//! and numbers. Checks no rows.

mod merged;
mod surveyor;
mod tally;

pub use surveyor::Surveyor;

#[cfg(feature = "serde")]
use crate::schema::Schema;
use crate::{issue::Notice, schema::cell::Decision, text::Encoding};

/// What the first pass over a file found out. The second pass decides by it.
///
/// ```
/// use import_engine::{Field, Plan, Schema, fields::DateOrder, recognise::NoticeCode};
///
/// // 05/25 can only be May 25: then 03/04 may be March or April, and a guess would be wrong.
/// let file = b"name,born\nAhmad,03/04/1990\nSiti,05/25/1985\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born").order(DateOrder::DayFirst)).build()?;
/// let plan = Plan::of(&schema, file)?;
/// let survey = plan.survey().ok_or("was surveyed")?;
/// assert_eq!(survey.records(), 2);
/// assert_eq!(survey.notices()[0].code(), NoticeCode::DATE_ORDER_MIXED);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    encoding: Encoding,
    quote: Option<u8>,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: Vec<Decision>,
    /// Records in which every field of a unique key has a cell that is not empty.
    keys: Vec<u64>,
    notices: Vec<Notice>,
}

/// A survey with the names of fields instead of their places in a schema.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SavedSurvey {
    encoding: Encoding,
    #[serde(with = "crate::codec::optional_sign")]
    quote: Option<u8>,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: std::collections::BTreeMap<String, Decision>,
    keys: std::collections::BTreeMap<String, u64>,
    notices: Vec<Notice>,
}

#[cfg(feature = "serde")]
impl Survey {
    pub(crate) fn save(
        &self,
        schema: &Schema,
        decisions: std::collections::BTreeMap<String, Decision>,
    ) -> SavedSurvey {
        let keys = schema.inner.keys.iter().zip(&self.keys);
        SavedSurvey {
            encoding: self.encoding,
            quote: self.quote,
            records: self.records,
            rows: self.rows,
            blank_rows: self.blank_rows,
            damaged: self.damaged,
            bytes: self.bytes,
            decisions,
            keys: keys
                .map(|(key, count)| (key.name.to_string(), *count))
                .collect(),
            notices: self.notices.clone(),
        }
    }

    /// Or why it does not fit the schema.
    pub(crate) fn restore(schema: &Schema, saved: SavedSurvey) -> Result<Self, String> {
        let mut decisions = vec![Decision::default(); schema.fields().len()];
        for (field, decision) in saved.decisions {
            let index = schema.index_of(&field);
            let index = index.ok_or_else(|| format!("there is no field '{field}'"))?;
            decisions[index] = decision;
        }
        // How many keys there are only makes room ahead: a key that is new costs nothing.
        let keys = schema.inner.keys.iter();
        Ok(Self {
            encoding: saved.encoding,
            quote: saved.quote,
            records: saved.records,
            rows: saved.rows,
            blank_rows: saved.blank_rows,
            damaged: saved.damaged,
            bytes: saved.bytes,
            decisions,
            keys: keys
                .map(|key| saved.keys.get(&*key.name).copied().unwrap_or_default())
                .collect(),
            notices: saved.notices,
        })
    }
}

impl Survey {
    /// Data records of the file: neither the header, nor blank, nor a footer, nor a repeated header.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Row number of the file's last row.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows in which every cell is empty.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// Records with damage.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The encoding the file is read in.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The quote the file really has: that of its beginning, unless that showed only damaged ones and the rest sound ones.
    #[must_use]
    pub fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// What a person should know about the file's columns and encoding.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(crate) fn keys(&self) -> &[u64] {
        &self.keys
    }
}
