//! What is wrong with a file, by cause and row by row.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::{get, web};
use auth::ManageImports;
use domain::{JobId, RowError, Severity};
use serde::Serialize;
use services::{Cause, Causes, FailedRowsPart, ListedRow, RowQuery, Services};
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::PathId;
use crate::query::Query;
use crate::words;

/// The findings of a job by cause, those with most rows first. Values of sensitive fields are covered.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        ("severity" = Option<words::Severity>, Query, description = "Default `error`."),
    ),
    responses((status = 200, description = "The causes.", body = CausesBody)),
)]
#[get("/api/v1/onboarding/migration/{id}/error-groups")]
pub(crate) async fn group_import_errors(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    mut query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<CausesBody>, ApiError> {
    let severity = severity(&mut query).and_then(|found| query.finish().map(|()| found));
    let severity = super::known_job_or(&caller, &services, id.get(), severity).await?;
    let causes = services
        .imports
        .causes(&caller, id.get(), severity.unwrap_or(Severity::Error))
        .await?;
    Ok(web::Json(causes.into()))
}

pub(super) fn severity(query: &mut Query) -> Result<Option<Severity>, ApiError> {
    query.word::<Severity>("severity", "harus error atau warning")
}

/// What is wrong with a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct CausesBody {
    /// Rows with a finding.
    #[schema(example = 4)]
    total_rows: u64,
    /// Findings.
    #[schema(example = 7)]
    total_errors: u64,
    data: Vec<CauseBody>,
}

impl From<Causes> for CausesBody {
    fn from(causes: Causes) -> Self {
        Self {
            total_rows: causes.total_rows,
            total_errors: causes.total_errors,
            data: causes.causes.into_iter().map(Into::into).collect(),
        }
    }
}

/// One cause in one column.
#[derive(Serialize, ToSchema)]
struct CauseBody {
    #[schema(example = "reference_not_found")]
    code: String,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    #[schema(value_type = words::ErrorType)]
    error_type: domain::ErrorType,
    #[schema(example = "paket_id")]
    field_name: Option<String>,
    /// The header of the column as it stands in the file.
    #[schema(example = "Nama Paket")]
    column: Option<String>,
    #[schema(example = 7)]
    column_index: Option<u32>,
    /// Rows with it.
    #[schema(example = 37)]
    rows: u64,
    #[schema(example = json!([8, 14, 15]))]
    first_rows: Vec<u64>,
    expected_format: Option<String>,
    /// At most 20, the most frequent first.
    values: Vec<ValueBody>,
    /// Different values.
    #[schema(example = 1)]
    values_total: u64,
    /// What may be done: say what the values mean, edit the cells, correct the file where it was made, nothing.
    #[schema(value_type = words::Fix)]
    fix: domain::Fix,
}

/// A value that stood there.
#[derive(Serialize, ToSchema)]
struct ValueBody {
    #[schema(example = "Umroh Ramadan 2027")]
    value: String,
    #[schema(example = 36)]
    rows: u64,
    suggestions: Vec<SuggestedBody>,
}

/// A value that may have been meant.
#[derive(Serialize, ToSchema)]
struct SuggestedBody {
    /// An id, or a word of a choice: what `value_mapping` takes.
    value: String,
    #[schema(example = "Umroh Ramadhan 2027 · 2027-02-20")]
    label: String,
    #[schema(example = 0.95)]
    likeness: f32,
}

impl From<Cause> for CauseBody {
    fn from(cause: Cause) -> Self {
        let group = cause.group;
        Self {
            code: group.code,
            severity: group.severity,
            error_type: group.error_type,
            field_name: group.field_name,
            column: cause.column,
            column_index: group.column_index,
            rows: group.rows,
            first_rows: group.first_rows,
            expected_format: group.expected_format,
            values: group
                .values
                .into_iter()
                .zip(cause.suggestions)
                .map(|((value, rows), suggestions)| ValueBody {
                    value,
                    rows,
                    suggestions: suggestions
                        .into_iter()
                        .map(|one| SuggestedBody {
                            value: one.value,
                            label: one.label,
                            likeness: one.likeness,
                        })
                        .collect(),
                })
                .collect(),
            values_total: group.values_total,
            fix: cause.fix,
        }
    }
}

/// A part of the failed rows, each once with all that was found about it.
#[derive(Serialize, ToSchema)]
pub(crate) struct FailedRowsBody {
    /// Names of the columns of the file.
    columns: Vec<String>,
    data: Vec<FailedRowBody>,
    /// Rows with such a finding.
    #[schema(example = 4)]
    total: u64,
    /// What to pass as `after` for the next part; null after the last.
    next: Option<u64>,
}

/// A failed row.
#[derive(Serialize, ToSchema)]
struct FailedRowBody {
    #[schema(example = 6)]
    row_number: u64,
    /// By place, edited ones as they were edited; empty for a warning, whose row was taken.
    cells: Vec<String>,
    /// Whether cells were edited.
    amended: bool,
    errors: Vec<FindingBody>,
}

/// What was found about a row.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingBody {
    #[schema(value_type = String, example = "email")]
    pub(super) code: Cow<'static, str>,
    pub(super) column_index: Option<u32>,
    pub(super) field_name: Option<String>,
    pub(super) message: String,
    pub(super) expected_format: Option<String>,
    pub(super) params: BTreeMap<String, String>,
    #[schema(value_type = words::Severity)]
    pub(super) severity: Severity,
}

impl From<RowError> for FindingBody {
    fn from(error: RowError) -> Self {
        Self {
            code: error.code,
            column_index: error.column_index,
            field_name: error.field_name,
            message: error.error_message,
            expected_format: error.expected_format,
            params: error.params,
            severity: error.severity,
        }
    }
}

impl From<ListedRow> for FailedRowBody {
    fn from(row: ListedRow) -> Self {
        Self {
            row_number: row.row_number,
            cells: row.cells,
            amended: row.amended,
            errors: row.errors.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FailedRowsPart> for FailedRowsBody {
    fn from(part: FailedRowsPart) -> Self {
        Self {
            columns: part.columns,
            data: part.rows.into_iter().map(Into::into).collect(),
            total: part.total,
            next: part.next,
        }
    }
}

/// The part of the failed rows that is asked for, and how many of them.
pub(super) fn row_query(query: &mut Query) -> Result<(RowQuery, u64), ApiError> {
    const WHOLE: &str = "harus bilangan bulat mulai dari 0";
    let after = query.number("after", 0, super::MAX_PAGE, WHOLE)?;
    let limit = query.number("limit", 1, 100, "harus bilangan bulat dari 1 sampai 100")?;
    let column = query.number("column_index", 0, u64::from(u16::MAX), WHOLE)?;
    let wanted = RowQuery {
        after: after.unwrap_or(0),
        code: query.one("code")?,
        column_index: column.and_then(|column| u32::try_from(column).ok()),
        severity: severity(query)?,
    };
    Ok((wanted, limit.unwrap_or(50)))
}
