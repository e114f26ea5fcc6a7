//! Why `hijrah check` cannot check a file at all: the missing columns, which columns may be meant, why they were not used,
//! and what the file is instead. Uses the names of the API.

use std::{collections::BTreeMap, fmt, path::Path};

use import_types::{
    ImportType,
    engine::{FileError, Language, recognise::Notice},
};
use serde::Serialize;

use crate::summary::NoticeReport;

/// A file that cannot be checked.
#[derive(Debug, Serialize)]
pub(crate) struct Refused {
    file: String,
    import_type: &'static str,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    columns: Vec<String>,
    missing: Vec<String>,
    /// For a missing field the headers that may be meant, the likeliest first.
    suggestions: BTreeMap<String, Vec<String>>,
    notices: Vec<NoticeReport>,
    /// The error and the notices as text, in English like the rest of what the command prints.
    #[serde(skip)]
    lines: Vec<String>,
}

impl Refused {
    pub(crate) fn new(file: &Path, import_type: ImportType, error: &FileError) -> Self {
        let mut refused = Self {
            file: file.to_string_lossy().into_owned(),
            import_type: import_type.as_str(),
            error: error.code().as_str(),
            message: error.message(Language::INDONESIAN),
            found: None,
            hint: None,
            columns: Vec::new(),
            missing: Vec::new(),
            suggestions: BTreeMap::new(),
            notices: Vec::new(),
            lines: vec![error.to_string()],
        };
        if let FileError::NotText { look: Some(look) }
        | FileError::MissingColumns {
            look: Some(look), ..
        } = error
        {
            refused.found = Some(look.as_str());
            refused.hint = Some(look.hint(Language::INDONESIAN));
        }
        if let FileError::MissingColumns {
            columns,
            missing,
            suggestions,
            notices,
            ..
        } = error
        {
            refused.columns.clone_from(columns);
            refused.missing.clone_from(missing);
            for field in missing {
                let of_field = suggestions.iter().filter(|one| one.field == *field);
                let headers: Vec<String> = of_field.map(|one| one.header.clone()).collect();
                if !headers.is_empty() {
                    let line = format!("{field} may be '{}'", headers.join("', '"));
                    refused.lines.push(line);
                }
                refused.suggestions.insert(field.clone(), headers);
            }
            refused.notices = notices.iter().map(NoticeReport::from).collect();
            refused.lines.extend(notices.iter().map(text));
        }
        refused
    }
}

/// A notice with its remedy.
fn text(notice: &Notice) -> String {
    match notice.hint(Language::ENGLISH) {
        Some(hint) => format!("{notice}. {hint}"),
        None => notice.to_string(),
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n  "))
    }
}
