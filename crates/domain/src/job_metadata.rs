//! What is known about a job's file: the published `metadata` object, in its published spelling.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Choices, ErrorSummary, ImportType, LeftOut, Recognised};

/// How a job's file is read and what was found in it. In JSON the keys are in camel case, as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobMetadata {
    /// The file's name as uploaded, made safe.
    pub file_name: String,
    /// Bytes of the file.
    pub file_size: u64,
    /// Lower-case WHATWG label, as `utf-8`.
    pub encoding: String,
    /// Whether the file opens with a byte order mark.
    #[serde(default)]
    pub bom: bool,
    /// The character between fields.
    pub delimiter: String,
    /// The quote character; none when the file quotes nothing.
    #[serde(default)]
    pub quote: Option<String>,
    /// The escape character, where quotes are escaped by one.
    #[serde(default)]
    pub escape: Option<String>,
    /// Whether a row names the columns.
    #[serde(default)]
    pub has_header: bool,
    /// The spreadsheet row that names the columns; 0 when there is none.
    #[serde(default)]
    pub header_row: u64,
    /// The file's headers.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Header → field, as resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_mapping: Option<BTreeMap<String, String>>,
    /// Headers that no field takes.
    #[serde(default)]
    pub unmapped_columns: Vec<String>,
    /// What users should know of the file, in Indonesian.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The same with their codes, and what concerns the whole file once it was validated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<JobNotice>,
    /// What the file holds.
    pub import_type: ImportType,
    /// Errors by type, once validated.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "camel_summary"
    )]
    pub error_summary: Option<ErrorSummary>,
    /// Failed rows that the reports do not list, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// Which sheet of which workbook it is; `None` of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workbook: Option<JobWorkbook>,
    /// What the user decided instead of what was recognised.
    #[serde(default, skip_serializing_if = "Choices::is_empty")]
    pub choices: Choices,
    /// What was recognised, whatever was decided since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<Recognised>,
    /// Cells were edited since the last validation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
}

/// The workbook that a job's table was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobWorkbook {
    /// `xlsx`, `xls` or `ods`.
    pub format: String,
    /// The name of the sheet that is read.
    pub sheet: String,
    /// All its sheets in their order.
    pub sheets: Vec<JobSheet>,
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSheet {
    /// The name on its tab.
    pub name: String,
    /// Rows that hold something, the header among them.
    pub rows: u64,
    /// Its tab is not shown.
    #[serde(default)]
    pub hidden: bool,
}

impl JobMetadata {
    /// The metadata of a file that has not been read yet.
    #[must_use]
    pub fn unread(import_type: ImportType, file_name: String, file_size: u64) -> Self {
        Self {
            file_name,
            file_size,
            encoding: String::new(),
            bom: false,
            delimiter: String::new(),
            quote: None,
            escape: None,
            has_header: false,
            header_row: 0,
            columns: Vec::new(),
            column_mapping: None,
            unmapped_columns: Vec::new(),
            warnings: Vec::new(),
            notices: Vec::new(),
            import_type,
            error_summary: None,
            left_out: None,
            workbook: None,
            choices: Choices::default(),
            recognised: None,
            edited: false,
        }
    }

    /// Adds new notices. A new notice replaces an earlier one about the same subject, because it has more information.
    pub fn notice(&mut self, notices: Vec<JobNotice>) {
        let is_new = |old: &JobNotice| {
            !notices.iter().any(|new| {
                new.code == old.code && new.params.get("column") == old.params.get("column")
            })
        };
        self.notices.retain(is_new);
        self.notices.extend(notices);
        if !self.notices.is_empty() {
            let messages = self.notices.iter().map(|notice| notice.message.clone());
            self.warnings = messages.collect();
        }
    }
}

/// Something that a user should know about a file, a column, or a row that was not treated as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobNotice {
    /// A stable word.
    pub code: String,
    /// The parameters of the message.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// In Indonesian.
    pub message: String,
    /// What to do about it, in Indonesian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The summary is in snake case in events and in camel case here: both as published.
mod camel_summary {
    use super::{Deserialize, Deserializer, ErrorSummary, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", remote = "ErrorSummary")]
    struct Camel {
        missing_required: u64,
        invalid_format: u64,
        duplicate: u64,
        constraint_violation: u64,
    }

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "Camel")] ErrorSummary);

    #[expect(clippy::ref_option, reason = "serde hands the field over by reference")]
    pub(super) fn serialize<S: Serializer>(
        summary: &Option<ErrorSummary>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        summary.map(Wrapped).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ErrorSummary>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}
