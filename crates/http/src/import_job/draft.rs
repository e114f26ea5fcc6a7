//! A draft on its way to an import: its preview with reasons, and the changes that its user makes to how its file is read.

use std::collections::BTreeMap;

use actix_web::{get, patch, web};
use auth::ManageImports;
use domain::{Change, ColumnReason, ImportType, JobId, OnDuplicate};
use serde::{Deserialize, Serialize};
use services::{DraftChange, DraftPreview, PreviewColumn, PreviewedRow, Services, Wish};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::NoticeBody;
use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::query::Query;
use crate::words;

/// Records of a preview if the caller does not give a number.
const ROWS: u64 = 20;
/// The most records of a preview: more would not be one.
const MOST_ROWS: u64 = 50;

/// What a draft would become: how its file is read, which column is which field and why, and the first rows as they would be
/// stored.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        ("rows" = Option<u64>, Query, minimum = 1, maximum = 50, description = "Default 20."),
    ),
    responses(
        (status = 200, description = "The preview.", body = PreviewBody),
        (status = 410, description = "The file is not kept any more.", body = ErrorBody),
    ),
)]
#[get("/api/v1/onboarding/migration/{id}/preview")]
pub(crate) async fn preview_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    mut query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<PreviewBody>, ApiError> {
    let rows = query
        .number(
            "rows",
            1,
            MOST_ROWS,
            "harus bilangan bulat dari 1 sampai 50",
        )
        .and_then(|rows| query.finish().map(|()| rows.unwrap_or(ROWS)));
    let rows = super::known_job_or(&caller, &services, id.get(), rows).await?;
    let preview = services
        .imports
        .preview(&caller, id.get(), rows_of(rows))
        .await?;
    Ok(web::Json(preview.into()))
}

/// Reads the file of a draft in another way. An absent key keeps what was decided before, `null` goes back to what is recognised;
/// in `column_mapping`, `columns` and `value_mapping` that holds for each entry. What was found in the file before is forgotten.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    request_body(
        content = DraftChangeBody,
        example = json!({
            "columns": {"3": "telepon", "4": ""},
            "delimiter": ";",
            "header_row": 2,
            "value_mapping": {"jenis_kelamin": {"Ikhwan": "L", "Akhwat": "P", "-": ""}},
        }),
    ),
    responses(
        (status = 200, description = "The draft as it is read now.", body = PreviewBody),
        (status = 400, description = "`invalid_mapping`, `invalid_file` (`details.reason`; for a sheet that is not there `no_such_sheet` with `details.sheets`), `invalid_state`.", body = ErrorBody),
        (status = 410, description = "The file is not kept any more.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/onboarding/migration/{id}")]
pub(crate) async fn change_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<PreviewBody>, ApiError> {
    let change = body.read::<DraftChangeBody>().await;
    let change = super::known_job_or(&caller, &services, id.get(), change).await?;
    let preview = services
        .imports
        .change(&caller, id.get(), &change.into(), rows_of(ROWS))
        .await?;
    Ok(web::Json(preview.into()))
}

fn rows_of(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

type Entries = BTreeMap<String, Option<String>>;

/// How a draft is to be read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftChangeBody {
    #[schema(value_type = Option<words::ImportType>, nullable = false)]
    #[serde(default)]
    import_type: Change<ImportType>,
    /// Header of a column to field; `""` leaves the column out.
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>, example = json!({"Nama Lengkap": "nama"}))]
    #[serde(default)]
    column_mapping: Change<Entries>,
    /// The same by the place of the column, from 0: for headers that are repeated or empty.
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>, example = json!({"3": "telepon"}))]
    #[serde(default)]
    columns: Change<BTreeMap<u32, Option<String>>>,
    /// A WHATWG label.
    #[schema(value_type = Option<String>, example = "windows-1252")]
    #[serde(default)]
    encoding: Change<String>,
    /// One ASCII character.
    #[schema(value_type = Option<String>, example = ";")]
    #[serde(default)]
    delimiter: Change<String>,
    /// One ASCII character; `""` if quotes are ordinary text.
    #[schema(value_type = Option<String>, example = "\"")]
    #[serde(default)]
    quote: Change<String>,
    /// The row that names the columns; 0 if there is none.
    #[schema(value_type = Option<u64>, example = 2)]
    #[serde(default)]
    header_row: Change<u64>,
    /// The sheet of a workbook; `null` is the first that is shown and holds something. The header row is recognised again.
    #[schema(value_type = Option<String>, example = "Jamaah 2027")]
    #[serde(default)]
    sheet: Change<String>,
    /// Field (a choice or a reference) to cell to the value that the cell is read as: one of the field's words, the id of a record,
    /// or `""` for nothing. Cells are compared without the spaces around them and without case. At most 500 in all.
    #[schema(value_type = Option<BTreeMap<String, Option<BTreeMap<String, Option<String>>>>>, example = json!({"jenis_kelamin": {"Ikhwan": "L"}}))]
    #[serde(default)]
    value_mapping: Change<BTreeMap<String, Option<Entries>>>,
    /// What happens to rows whose record the tenant has already; `null` is `reject`.
    #[schema(value_type = Option<words::OnDuplicate>, example = "update")]
    #[serde(default)]
    on_duplicate: Change<OnDuplicate>,
}

fn wish<T>(change: Change<T>) -> Wish<T> {
    change.into_column()
}

impl From<DraftChangeBody> for DraftChange {
    fn from(body: DraftChangeBody) -> Self {
        Self {
            import_type: body.import_type.into_column().flatten(),
            column_mapping: wish(body.column_mapping),
            columns: wish(body.columns),
            encoding: wish(body.encoding),
            delimiter: wish(body.delimiter),
            quote: wish(body.quote),
            header_row: wish(body.header_row),
            sheet: wish(body.sheet),
            value_mapping: wish(body.value_mapping),
            on_duplicate: wish(body.on_duplicate),
        }
    }
}

/// What a draft would become.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    job_id: Uuid,
    #[schema(value_type = words::ImportType)]
    import_type: ImportType,
    /// What happens to rows whose record the tenant has already.
    #[schema(value_type = words::OnDuplicate)]
    on_duplicate: OnDuplicate,
    /// Data records of the file.
    #[schema(example = 150)]
    total_rows: u64,
    /// Every required field has a column.
    ready: bool,
    #[schema(example = json!(["paket_id"]))]
    missing_columns: Vec<String>,
    /// Another type whose required columns are all there.
    #[schema(value_type = Option<words::ImportType>)]
    looks_like: Option<ImportType>,
    /// `csv`, or the kind of workbook that the file was.
    #[schema(value_type = String, example = "csv")]
    format: String,
    /// The sheet of a workbook that is read.
    sheet: Option<String>,
    /// The sheets of a workbook.
    sheets: Vec<super::dto::SheetBody>,
    reading: ReadingBody,
    columns: Vec<ColumnBody>,
    rows: Vec<PreviewRowBody>,
    #[schema(example = json!({"jenis_kelamin": {"Ikhwan": "L"}}))]
    value_mapping: domain::ValueChoices,
    notices: Vec<NoticeBody>,
}

/// How the bytes of the file become cells.
#[derive(Serialize, ToSchema)]
struct ReadingBody {
    encoding: EncodingBody,
    delimiter: DelimiterBody,
    /// Null if quotes are ordinary text.
    #[schema(example = "\"")]
    quote: Option<String>,
    /// The row that names the columns; 0 if there is none.
    #[schema(example = 2)]
    header_row: u64,
    #[schema(example = 3)]
    first_data_row: u64,
}

#[derive(Serialize, ToSchema)]
struct EncodingBody {
    #[schema(example = "windows-1252")]
    value: String,
    #[schema(example = "windows-1252")]
    recognised: String,
    /// No other encoding is as likely.
    certain: bool,
    #[schema(example = json!(["windows-1252", "utf-8", "utf-16le"]))]
    choices: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct DelimiterBody {
    #[schema(example = ";")]
    value: String,
    #[schema(example = ";")]
    recognised: String,
    #[schema(example = json!([",", ";", "\t", "|"]))]
    choices: Vec<String>,
}

/// A column, what it holds, and what becomes of it.
#[derive(Serialize, ToSchema)]
struct ColumnBody {
    /// Its place, from 0.
    #[schema(example = 2)]
    index: usize,
    #[schema(example = "NIK *")]
    header: String,
    /// What it is called, of all columns of the file alone.
    #[schema(example = "NIK *")]
    name: String,
    /// Data records with something in it.
    #[schema(example = 8)]
    filled: u64,
    /// All data records.
    #[schema(example = 8)]
    of: u64,
    /// The most frequent of its cells.
    samples: Vec<String>,
    #[schema(example = "ktp")]
    field: Option<String>,
    #[schema(value_type = words::ColumnReason)]
    reason: ColumnReason,
    /// The name of the field that the header is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nik")]
    matched: Option<String>,
    /// What should be looked at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    alarm: Option<AlarmBody>,
    suggestions: Vec<SuggestionBody>,
}

#[derive(Serialize, ToSchema)]
struct AlarmBody {
    #[schema(example = "digits_rounded")]
    code: String,
    /// What the message is about.
    params: BTreeMap<String, String>,
    message: String,
}

/// A field that a column may be meant for.
#[derive(Serialize, ToSchema)]
struct SuggestionBody {
    #[schema(example = "paket_id")]
    field: String,
    /// From 0 to 1.
    #[schema(example = 0.83)]
    likeness: f32,
    /// What is alike: the `header`.
    #[schema(value_type = String, example = "header")]
    by: &'static str,
}

/// One of the first records.
#[derive(Serialize, ToSchema)]
struct PreviewRowBody {
    #[schema(example = 3)]
    row_number: u64,
    /// Its cells by place.
    cells: Vec<String>,
    /// What would be stored, by field; references are the text that is looked up when the file is validated.
    #[schema(example = json!({"nama": "Ahmad Rizki", "telepon": "+6281234567890"}))]
    values: BTreeMap<String, String>,
    issues: Vec<IssueBody>,
}

#[derive(Serialize, ToSchema)]
struct IssueBody {
    column_index: Option<usize>,
    field_name: Option<String>,
    #[schema(example = "email")]
    code: String,
    #[schema(value_type = words::Severity)]
    severity: domain::Severity,
    /// What the message is about.
    params: BTreeMap<String, String>,
    message: String,
}

/// What a client may offer beside what was recognised.
const ENCODINGS: [&str; 3] = ["utf-8", "windows-1252", "utf-16le"];
const DELIMITERS: [&str; 4] = [",", ";", "\t", "|"];

/// What is in use first, then the rest, each once.
fn offered<'c>(first: impl IntoIterator<Item = &'c str>, rest: &[&'c str]) -> Vec<String> {
    let mut offered: Vec<String> = Vec::new();
    for choice in first.into_iter().chain(rest.iter().copied()) {
        if !offered.iter().any(|other| other == choice) {
            offered.push(choice.to_owned());
        }
    }
    offered
}

impl From<DraftPreview> for PreviewBody {
    fn from(preview: DraftPreview) -> Self {
        let DraftPreview {
            job,
            missing,
            looks_like,
            recognised,
            first_data_row,
            columns,
            rows,
        } = preview;
        let job = domain::JobRecord::from(job);
        let metadata = job.metadata;
        let (format, sheet, sheets) = super::dto::workbook_parts(metadata.workbook);
        let encodings = [
            Some(metadata.encoding.as_str()),
            Some(recognised.encoding.as_str()),
            recognised.encoding_rival.as_deref(),
        ];
        Self {
            job_id: job.id.as_uuid(),
            import_type: job.import_type,
            on_duplicate: job.on_duplicate,
            total_rows: job.counts.total_rows,
            ready: missing.is_empty(),
            missing_columns: missing,
            looks_like,
            format,
            sheet,
            sheets,
            reading: ReadingBody {
                encoding: EncodingBody {
                    choices: offered(encodings.into_iter().flatten(), &ENCODINGS),
                    value: metadata.encoding.clone(),
                    recognised: recognised.encoding.clone(),
                    certain: recognised.encoding_certain,
                },
                delimiter: DelimiterBody {
                    choices: {
                        let mut choices = offered(DELIMITERS, &[&metadata.delimiter]);
                        if !choices.contains(&recognised.delimiter) {
                            choices.push(recognised.delimiter.clone());
                        }
                        choices
                    },
                    value: metadata.delimiter,
                    recognised: recognised.delimiter,
                },
                quote: metadata.quote,
                header_row: metadata.header_row,
                first_data_row,
            },
            columns: columns.into_iter().enumerate().map(column).collect(),
            rows: rows.into_iter().map(Into::into).collect(),
            value_mapping: metadata.choices.values,
            notices: metadata.notices.into_iter().map(Into::into).collect(),
        }
    }
}

fn column((index, column): (usize, PreviewColumn)) -> ColumnBody {
    ColumnBody {
        index,
        header: column.header,
        name: column.name,
        filled: column.profile.filled,
        of: column.profile.of,
        samples: column.profile.samples,
        field: column.field,
        reason: column.reason,
        matched: column.matched,
        alarm: column.alarm.map(|alarm| AlarmBody {
            code: alarm.code,
            params: alarm.params,
            message: alarm.message,
        }),
        suggestions: column
            .suggestions
            .into_iter()
            .map(|(field, likeness)| SuggestionBody {
                field,
                likeness,
                by: "header",
            })
            .collect(),
    }
}

impl From<PreviewedRow> for PreviewRowBody {
    fn from(previewed: PreviewedRow) -> Self {
        let issues = previewed.row.issues.iter().zip(previewed.messages);
        Self {
            row_number: previewed.row.row,
            issues: issues
                .map(|(issue, message)| IssueBody {
                    column_index: issue.column,
                    field_name: issue.field().map(str::to_owned),
                    code: issue.code.as_str().to_owned(),
                    severity: if issue.is_error() {
                        domain::Severity::Error
                    } else {
                        domain::Severity::Warning
                    },
                    params: issue
                        .params
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), value.clone()))
                        .collect(),
                    message,
                })
                .collect(),
            cells: previewed.row.cells,
            values: previewed.row.values.into_iter().collect(),
        }
    }
}
