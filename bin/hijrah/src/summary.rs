//! The summary that `hijrah check` prints at the end, as text or as JSON.

use std::{collections::BTreeMap, io::Write, path::Path};

use anyhow::Result;
use import_types::{
    ImportType,
    engine::{
        Language, Summary,
        recognise::{ColumnUse, Mapping, Notice},
    },
};
use serde::Serialize;

/// How many errors, and how many warnings, the text summary lists; the report has all errors.
pub(crate) const LISTED: usize = 20;

/// Warnings that the summary as JSON lists.
pub(crate) const WARNINGS: usize = 10_000;

/// What was found about single rows.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The first errors, worded.
    pub(crate) errors: Vec<String>,
    /// The first warnings.
    pub(crate) warnings: Vec<Warned>,
}

/// An accepted row that is doubtful or was changed.
#[derive(Debug, Serialize)]
pub(crate) struct Warned {
    pub(crate) row: u64,
    pub(crate) field: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) value: Option<String>,
}

/// The printed summary, with the names of the API.
#[derive(Serialize)]
pub(crate) struct Checked<'a> {
    file: String,
    import_type: &'static str,
    total_rows: u64,
    valid_rows: u64,
    invalid_rows: u64,
    blank_rows: u64,
    error_summary: ErrorSummary,
    row_warnings: u64,
    column_mapping: BTreeMap<&'a str, &'a str>,
    unmapped_columns: Vec<&'a str>,
    warnings: Vec<String>,
    notices: Vec<NoticeReport>,
    warned_rows: &'a [Warned],
}

/// A notice, in the words of the API.
#[derive(Debug, Serialize)]
pub(crate) struct NoticeReport {
    code: &'static str,
    params: BTreeMap<String, String>,
    message: String,
    hint: Option<String>,
}

impl From<&Notice> for NoticeReport {
    fn from(notice: &Notice) -> Self {
        let params = notice.params();
        Self {
            code: notice.code().as_str(),
            params: params
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            message: notice.text(Language::INDONESIAN),
            hint: notice.hint(Language::INDONESIAN),
        }
    }
}

/// Errors by type.
#[derive(Serialize)]
struct ErrorSummary {
    missing_required: u64,
    invalid_format: u64,
    duplicate: u64,
    constraint_violation: u64,
}

impl<'a> Checked<'a> {
    pub(crate) fn new(
        file: &Path,
        import_type: ImportType,
        mapping: &'a Mapping,
        summary: &Summary,
        notices: &[Notice],
        warned_rows: &'a [Warned],
    ) -> Self {
        Self {
            file: file.to_string_lossy().into_owned(),
            import_type: import_type.as_str(),
            total_rows: summary.records,
            valid_rows: summary.valid,
            invalid_rows: summary.invalid,
            blank_rows: summary.blank_rows,
            error_summary: ErrorSummary {
                missing_required: summary.errors.missing_required,
                invalid_format: summary.errors.invalid_format,
                duplicate: summary.errors.duplicate,
                constraint_violation: summary.errors.constraint_violation,
            },
            row_warnings: summary.warnings,
            column_mapping: mapping.pairs().collect(),
            unmapped_columns: mapping.unmapped().collect(),
            warnings: notices.iter().map(ToString::to_string).collect(),
            notices: notices.iter().map(NoticeReport::from).collect(),
            warned_rows,
        }
    }
}

/// The summary as text: the use of each column, the notices, and the first errors.
pub(crate) fn write_text(
    out: &mut impl Write,
    path: &Path,
    mapping: &Mapping,
    summary: &Summary,
    notices: &[Notice],
    found: &Found,
) -> Result<()> {
    writeln!(
        out,
        "{}: {}, {} valid, {} invalid",
        path.display(),
        counted(summary.records, "row"),
        summary.valid,
        summary.invalid
    )?;
    for column in mapping.columns() {
        let becomes = match &column.used {
            ColumnUse::Field { field, .. } => format!("is {field}"),
            ColumnUse::Beaten { field, by } => format!("is ignored: '{by}' is {field}"),
            _ => "is ignored".to_owned(),
        };
        writeln!(out, "  column '{}' {becomes}", column.name)?;
    }
    for notice in notices.iter().map(Notice::to_string) {
        writeln!(out, "  {notice}")?;
    }
    for line in &found.errors {
        writeln!(out, "  {line}")?;
    }
    let errors = summary.errors.total();
    let rest = errors.saturating_sub(u64::try_from(found.errors.len())?);
    if rest > 0 {
        writeln!(
            out,
            "  and {}: --errors OUT.csv lists them all",
            counted(rest, "more error")
        )?;
    }
    if summary.warnings > 0 {
        writeln!(out, "  {} on rows", counted(summary.warnings, "warning"))?;
        for warned in found.warnings.iter().take(LISTED) {
            let field = warned.field.as_deref().unwrap_or("-");
            writeln!(out, "  row {}, {field}: {}", warned.row, warned.message)?;
        }
        if summary.warnings > u64::try_from(LISTED)? {
            writeln!(out, "  and more: --json lists them all")?;
        }
    }
    Ok(())
}

/// The number with its noun: "1 row", "2 rows".
fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}
