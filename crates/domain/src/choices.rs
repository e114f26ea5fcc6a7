//! What the user of a draft decided about its file, and what had been recognised before. Contains data only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Doer, word::words};

/// What a user decided instead of what is recognised. What is absent is as recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Choices {
    /// Name of a column → field; the empty field leaves the column out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Lower-case WHATWG label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The character between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The quote character; empty where quotes are ordinary text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The row that names the columns; 0 where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// Field → cell → the value that the cell is read as.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: ValueChoices,
    /// Columns whose choice comes from an earlier import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remembered: Vec<String>,
}

/// Field → cell → value.
pub type ValueChoices = BTreeMap<String, BTreeMap<String, String>>;

impl Choices {
    /// Whether nothing was decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How a cell is compared with the cells of [`Choices::values`].
#[must_use]
pub fn compared_cell(cell: &str) -> String {
    cell.trim().to_lowercase()
}

/// What was decided about files with the same headers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RememberedMapping {
    /// Names of the columns of the file that was decided about.
    pub headers: Vec<String>,
    /// Name of a column → field; the empty field leaves the column out.
    pub columns: BTreeMap<String, String>,
    /// Field → cell → value.
    pub values: ValueChoices,
    /// Who started the import that confirmed it.
    pub decided_by: Option<Doer>,
}

words! {
    /// Why a column of a file is a field, or is none.
    pub enum ColumnReason {
        /// A user decided so.
        Caller => "caller",
        /// A user decided so for an earlier file.
        Remembered => "remembered",
        /// Its header is the field's name.
        Name => "name",
        /// Its header is another name of the field.
        Alias => "alias",
        /// Its header names a key of what the field refers to.
        NaturalKey => "natural_key",
        /// Its header lists values of the field.
        Values => "values",
        /// Its header means the field, and no other header fits better.
        Risky => "risky",
        /// Another column is the field that it could be.
        Beaten => "beaten",
        /// It means nothing here.
        Ignored => "ignored",
        /// No field has a name like its header.
        Unknown => "none",
    }
}

words! {
    /// What a user can do about a cause of errors.
    pub enum Fix {
        /// Say once what the value means.
        ValueMapping => "value_mapping",
        /// Edit the cells.
        Edit => "edit",
        /// Correct the file in the program that wrote it.
        File => "file",
        /// Nothing: the record exists already.
        Nothing => "none",
    }
}

/// What was recognised of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recognised {
    /// Lower-case WHATWG label.
    pub encoding: String,
    /// Whether no other encoding is as likely.
    pub encoding_certain: bool,
    /// The second most likely encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding_rival: Option<String>,
    /// The character between cells.
    pub delimiter: String,
}
