//! The errors of a file by cause: an error that 37 rows have in common is reported once, with its remedies. Also lists the failed
//! rows one by one.

use auth::{Actor, ManageImports};
use domain::{FailedRow, Fix, ImportJob, JobId, RowCells, RowError, Severity};
use import_types::engine::{Field, IssueCode, recognise::likeness};
use repositories::{Edits, ErrorGroup, JamaahRecords, ListQuery, Packages, RowQuery, SortKey};

use super::Imports;
use crate::{ServiceError, event::mask};

/// Records that a value is compared with: the newest of a tenant's.
const COMPARED: u64 = 1_000;
/// Suggestions for one value.
const SUGGESTIONS: usize = 3;

/// The findings of a job by cause.
#[derive(Debug, Clone)]
pub struct Causes {
    /// Rows with a finding, including those of which only the number is kept.
    pub total_rows: u64,
    /// Findings.
    pub total_errors: u64,
    /// The causes, those with most rows first.
    pub causes: Vec<Cause>,
}

/// One cause in one column.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What was found. Values of sensitive fields are covered.
    pub group: ErrorGroup,
    /// The header of its column.
    pub column: Option<String>,
    /// For each value the values that may have been meant.
    pub suggestions: Vec<Vec<ValueSuggestion>>,
    /// What the user can do about it.
    pub fix: Fix,
}

/// A value that may have been meant.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueSuggestion {
    /// An id, or a word of a choice.
    pub value: String,
    /// Its name for users.
    pub label: String,
    /// From 0 to 1.
    pub likeness: f32,
}

/// A part of the failed rows.
#[derive(Debug, Clone)]
pub struct FailedRowsPart {
    /// Names of the columns of the file.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<ListedRow>,
    /// Rows with such a finding.
    pub total: u64,
    /// After which row the next part begins.
    pub next: Option<u64>,
}

/// A row with what was found about it.
#[derive(Debug, Clone)]
pub struct ListedRow {
    /// The spreadsheet row.
    pub row_number: u64,
    /// Its cells, including edits; none for an accepted row.
    pub cells: Vec<String>,
    /// Whether cells were edited.
    pub amended: bool,
    /// What was found.
    pub errors: Vec<RowError>,
}

impl Imports {
    /// The findings of a job by cause.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn causes(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        severity: Severity,
    ) -> Result<Causes, ServiceError> {
        let job = self.job(actor, id).await?;
        let groups = self
            .row_errors
            .groups(job.tenant_id.into(), id, severity)
            .await?;
        let kept: u64 = groups.iter().map(|group| group.rows).sum();
        let (total_rows, total_errors) = match severity {
            Severity::Error => (
                job.counts.invalid_rows.max(job.counts.failed_rows),
                job.metadata
                    .error_summary
                    .map_or(kept, |summary| summary.total()),
            ),
            Severity::Warning => (job.counts.warning_rows, kept),
        };
        let mut causes = Vec::with_capacity(groups.len());
        for group in groups {
            causes.push(self.cause(&job, group).await?);
        }
        Ok(Causes {
            total_rows,
            total_errors,
            causes,
        })
    }

    async fn cause(&self, job: &ImportJob, mut group: ErrorGroup) -> Result<Cause, ServiceError> {
        let schema = import_types::schema(job.import_type);
        let field = group.field_name.as_deref();
        let field = field.and_then(|field| schema.fields().get(schema.index_of(field)?));
        let fix = fix(&group, field);
        let mut suggestions = vec![Vec::new(); group.values.len()];
        if let (Fix::ValueMapping, Some(field)) = (fix, field) {
            let known = self.known_values(job, field).await?;
            for ((value, _), of_value) in group.values.iter().zip(&mut suggestions) {
                *of_value = alike(value, &known);
            }
        }
        let is_covered = field.is_some_and(|field| mask::covers(job.import_type, field.name()));
        if is_covered {
            for (value, _) in &mut group.values {
                *value = domain::value::masked(value);
            }
        }
        Ok(Cause {
            column: group
                .column_index
                .and_then(|column| job.metadata.columns.get(column as usize).cloned()),
            group,
            suggestions,
            fix,
        })
    }

    /// Values that a field may have, each with what people call it.
    async fn known_values(
        &self,
        job: &ImportJob,
        field: &Field,
    ) -> Result<Vec<(String, Vec<String>)>, ServiceError> {
        if let Some(words) = field.choices() {
            let word = |word: &std::sync::Arc<str>| (word.to_string(), vec![word.to_string()]);
            return Ok(words.iter().map(word).collect());
        }
        let (scope, database) = (job.tenant_id.into(), &self.context.database);
        let newest = ListQuery {
            sort: vec![SortKey {
                field: "created_at".to_owned(),
                descending: true,
            }],
            limit: COMPARED,
            ..ListQuery::default()
        };
        Ok(match field.refers_to() {
            Some(import_types::PACKAGE) => {
                let found = Packages::new(database).list(scope, &newest).await?.items;
                let names = found.into_iter().map(|package| {
                    let (name, departure) = (
                        package.fields.nama.to_string(),
                        package.fields.tanggal_keberangkatan,
                    );
                    let label = format!("{name} · {departure}");
                    (package.id.to_string(), vec![label, name])
                });
                names.collect()
            }
            Some(import_types::JAMAAH) => {
                let found = JamaahRecords::new(database)
                    .list(scope, &newest)
                    .await?
                    .items;
                let names = found.into_iter().map(|jamaah| {
                    let name = jamaah.fields.nama.to_string();
                    (jamaah.id.to_string(), vec![name])
                });
                names.collect()
            }
            _ => Vec::new(),
        })
    }

    /// The next failed rows with what was found about each.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn failed_row_list(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        query: &RowQuery,
        limit: u64,
    ) -> Result<FailedRowsPart, ServiceError> {
        let job = self.job(actor, id).await?;
        let scope = job.tenant_id.into();
        let severity = query.severity.unwrap_or(Severity::Error);
        let (mut numbers, total) = self
            .row_errors
            .row_numbers(scope, id, query, limit + 1)
            .await?;
        let has_more = numbers.len() as u64 > limit;
        numbers.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let edits = self.jobs.edits(scope, id).await?;
        let rows = match severity {
            // Those that were taken are in the table that they were taken into.
            Severity::Warning => numbers
                .iter()
                .map(|number| FailedRow {
                    row_number: *number,
                    cells: RowCells::default(),
                })
                .collect(),
            Severity::Error => self.row_errors.rows_with(scope, id, &numbers).await?,
        };
        let is_cut = rows.len() < numbers.len();
        let last = rows.last().map(|row| row.row_number);
        let range = (
            rows.first().map_or(0, |row| row.row_number),
            last.unwrap_or(0),
        );
        let found = self.row_errors.of_rows(scope, id, range, severity).await?;
        let rows = rows
            .into_iter()
            .map(|row| ListedRow {
                errors: found
                    .iter()
                    .filter(|error| error.row_number == row.row_number)
                    .cloned()
                    .collect(),
                amended: edits.contains_key(&row.row_number),
                cells: match severity {
                    Severity::Warning => Vec::new(),
                    Severity::Error => edited(&row, &edits),
                },
                row_number: row.row_number,
            })
            .collect();
        Ok(FailedRowsPart {
            columns: job.metadata.columns.clone(),
            rows,
            total,
            next: last.filter(|_| has_more || is_cut),
        })
    }
}

/// The cells of a failed row, edited ones as they were edited.
pub(super) fn edited(row: &FailedRow, edits: &Edits) -> Vec<String> {
    let mut cells: Vec<String> = row.cells.iter().map(std::borrow::Cow::into_owned).collect();
    for (column, text) in edits.get(&row.row_number).into_iter().flatten() {
        let column = *column as usize;
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column].clone_from(text);
    }
    cells
}

fn fix(group: &ErrorGroup, field: Option<&Field>) -> Fix {
    let is = |code: IssueCode| group.code == code.as_str();
    if is(IssueCode::DUPLICATE_IN_SYSTEM) {
        return Fix::Nothing;
    }
    let Some(field) = field else {
        return Fix::File;
    };
    let is_open = field.choices().is_some() && is(IssueCode::CHOICE)
        || field.refers_to().is_some()
            && (is(IssueCode::REFERENCE_NOT_FOUND) || is(IssueCode::REFERENCE_AMBIGUOUS));
    if is_open {
        return Fix::ValueMapping;
    }
    // Values that a spreadsheet destroyed cannot be reconstructed from what remains of them.
    let is_destroyed = is(IssueCode::EXCEL_SCIENTIFIC)
        || is(IssueCode::EXCEL_ROUNDED)
        || is(IssueCode::EXCEL_HASHES);
    if is_destroyed { Fix::File } else { Fix::Edit }
}

/// The values that are most like one, the likeliest first.
fn alike(value: &str, known: &[(String, Vec<String>)]) -> Vec<ValueSuggestion> {
    let value = value.to_lowercase();
    let mut found: Vec<ValueSuggestion> = known
        .iter()
        .filter_map(|(known, names)| {
            let likeness = names
                .iter()
                .filter_map(|name| likeness(&value, &name.to_lowercase()))
                .max_by(f32::total_cmp)?;
            Some(ValueSuggestion {
                value: known.clone(),
                label: names.first()?.clone(),
                likeness,
            })
        })
        .collect();
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    found.truncate(SUGGESTIONS);
    found
}
