//! `/api/v1/onboarding/migration`: the import jobs, exactly as published.

mod amendment;
mod cause;
mod draft;
mod dto;
mod mapping;
mod remembered;
mod rollback;
mod row_errors;
mod upload;

use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use auth::{DownloadTemplates, ManageImports, ViewImports};
use domain::{ErrorType, ImportType, JobId, JobStatus, Timestamp, UserId};
use services::{
    CsvDelimiter, Download, ErrorQuery, JobQuery, LARGEST_PAGE_OF_ERRORS, Moment, RowQuery,
    ServiceError, Services, SortOrder,
};
use time::Date;
use time::macros::format_description;

use crate::caller::Caller;
use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::idempotency::{IdempotencyParams, once};
use crate::path::PathId;
use crate::query::{Query, invalid};
use crate::session::{Message, message};
use crate::words;

pub(crate) use amendment::{amend_import, list_amendments};
use cause::FailedRowsBody;
pub(crate) use cause::group_import_errors;
pub(crate) use draft::{change_import, preview_import};
pub(crate) use dto::{Accepted, JobBody, PageBody, RefusedUpload, RolledBackJob, UploadedJob};
pub(crate) use remembered::{forget_remembered_mapping, list_remembered_mappings};
pub(crate) use rollback::preview_rollback;
pub(crate) use row_errors::RowErrorBody;

/// Beyond it no database counts, and no user turns pages.
const MAX_PAGE: u64 = 1_000_000_000;

/// Stores a file of text (CSV) or a workbook and makes a job of it.
#[utoipa::path(
    tag = "Imports",
    params(
        IdempotencyParams,
    ),
    request_body(content = upload::UploadRequest, content_type = "multipart/form-data"),
    responses(
        (status = 409, description = "`idempotency_in_flight`: the request of this name is being carried out.", body = ErrorBody),
        (status = 422, description = "`idempotency_key_reused`: the name is that of another request.", body = ErrorBody),
        (status = 200, description = "The file is stored and recognised.", body = UploadedJob),
        (status = 400, description = "No file, too large, not readable, or required columns missing; `details` says what the file is and what to do.", body = RefusedUpload),
        (status = 408, description = "The body did not arrive in time.", body = ErrorBody),
        (status = 415, description = "Not multipart/form-data.", body = ErrorBody),
    ),
)]
#[post("/api/v1/onboarding/migration/upload")]
pub(crate) async fn upload_import(
    caller: Caller<ManageImports>,
    request: HttpRequest,
    payload: web::Payload,
    services: web::Data<Services>,
    config: web::Data<HttpConfig>,
) -> Result<HttpResponse, ApiError> {
    let form = upload::receive(&caller, &services, &config, &request, payload).await?;
    let parts = form.fingerprint();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (identity, own) = (caller.identity(), services.clone());
    let work = Box::pin(async move {
        let imports = &own.imports;
        let uploaded = imports.upload(&caller, form.file, &form.request).await?;
        Ok(UploadedJob::from(uploaded))
    });
    once(&request, &services, identity, &parts, work).await
}

/// Checks every row in the background.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The validation has begun; `migration:validated` reports its end.", body = Accepted)),
)]
#[post("/api/v1/onboarding/migration/{id}/validate")]
pub(crate) async fn validate_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<Accepted>, ApiError> {
    let job = services.imports.validate(&caller, id.get()).await?;
    Ok(web::Json(Accepted {
        message: "Validasi dimulai. Anda akan menerima notifikasi saat selesai.",
        job_id: job.id.as_uuid(),
    }))
}

/// Stores the valid rows in the background; validates first where that was not done. An import that failed half-way goes on
/// where it stopped.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        IdempotencyParams,
    ),
    responses(
        (status = 200, description = "The import has begun; `migration:completed` reports its end.", body = Accepted),
        (status = 409, description = "`idempotency_in_flight`: the request of this name is being carried out.", body = ErrorBody),
        (status = 422, description = "`idempotency_key_reused`: the name is that of another request.", body = ErrorBody),
    ),
)]
#[post("/api/v1/onboarding/migration/{id}/start")]
pub(crate) async fn start_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    request: HttpRequest,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let (identity, own) = (caller.identity(), services.clone());
    let work = Box::pin(async move {
        let job = own.imports.start(&caller, id.get()).await?;
        Ok(Accepted {
            message: "Import dimulai. Progress akan diupdate secara real-time.",
            job_id: job.id.as_uuid(),
        })
    });
    once(&request, &services, identity, &[], work).await
}

/// Stops what is under way, or discards what is not. A job that had not begun is then `failed` and can be deleted; a
/// validation goes back to `pending`; an import is `failed` after the batch in work, and what it stored can be rolled back.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The end was asked for, now or before.", body = Accepted)),
)]
#[post("/api/v1/onboarding/migration/{id}/cancel")]
pub(crate) async fn cancel_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<Accepted>, ApiError> {
    let job = services.imports.cancel(&caller, id.get()).await?;
    Ok(web::Json(Accepted {
        message: "Penghentian diminta",
        job_id: job.id.as_uuid(),
    }))
}

/// How a job stands.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The job.", body = JobBody)),
)]
#[get("/api/v1/onboarding/migration/{id}/status")]
pub(crate) async fn get_import_status(
    caller: Caller<ViewImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<JobBody>, ApiError> {
    let job = services.imports.status(&caller, id.get()).await?;
    Ok(web::Json(job.into()))
}

/// The errors of a job: a CSV report, or pages of JSON.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        ("format" = Option<words::ErrorFormat>, Query, description = "Default `csv`, to which `delimiter` belongs; the other parameters belong to `json`; `xlsx` has none."),
        ("page" = Option<u64>, Query, minimum = 1, maximum = 1_000_000_000),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 1_000, description = "At most 100, and 1 000 with `row_data=false`."),
        ("error_type" = Option<words::ErrorType>, Query),
        ("field_name" = Option<String>, Query),
        ("code" = Option<String>, Query),
        ("severity" = Option<words::Severity>, Query, description = "Default `error`."),
        ("row_number" = Option<u64>, Query, minimum = 1, maximum = 1_000_000_000),
        ("row_data" = Option<bool>, Query, description = "Default `true`; with `false` the errors come without their rows."),
        ("delimiter" = Option<words::Delimiter>, Query, description = "Of the report, which is UTF-8 with BOM. Default `,`; Excel under Indonesian settings wants `;`."),
    ),
    responses((
        status = 200,
        description = "The errors.",
        content(
            (String = "text/csv", example = "row_number,error_type,field_name,error_message,received_value\r\n5,invalid_format,email,Email tidak valid: ahmad@email,ahmad@email\r\n"),
            (PageBody<RowErrorBody> = "application/json"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
    )),
)]
#[get("/api/v1/onboarding/migration/{id}/errors")]
pub(crate) async fn list_import_errors(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    query: Query,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let query = known_job_or(&caller, &services, id.get(), error_query(query)).await?;
    match query {
        Wanted::Json(query) => {
            let page = services.imports.errors(&caller, id.get(), &query).await?;
            row_errors::answer(page).await
        }
        Wanted::Workbook => Ok(attachment(
            services
                .imports
                .error_report_workbook(&caller, id.get())
                .await?,
        )),
        Wanted::Csv(delimiter) => Ok(attachment(
            services
                .imports
                .error_report(&caller, id.get(), delimiter)
                .await?,
        )),
    }
}

/// The failed rows with their original columns and reasons: the file to correct and upload again.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        ("format" = Option<words::ErrorFormat>, Query, description = "Default `csv`, to which `delimiter` belongs; the other parameters belong to `json`. In a workbook all cells are text, and those that are wrong are tinted and have a note."),
        ("delimiter" = Option<words::Delimiter>, Query, description = "Default: that of the uploaded file."),
        ("after" = Option<u64>, Query, minimum = 0, maximum = 1_000_000_000, description = "Only rows after this one: `next` of the part before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 50."),
        ("code" = Option<String>, Query),
        ("column_index" = Option<u64>, Query, minimum = 0, maximum = 65_535),
        ("severity" = Option<words::Severity>, Query, description = "Default `error`."),
    ),
    responses((
        status = 200,
        description = "The rows; as text in UTF-8 with BOM.",
        content(
            (String = "text/csv", example = "nama,email,_row_number,_errors\r\nAhmad,ahmad@email,5,Email tidak valid: ahmad@email\r\n"),
            (FailedRowsBody = "application/json"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
    )),
)]
#[get("/api/v1/onboarding/migration/{id}/failed-rows")]
pub(crate) async fn download_failed_rows(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    mut query: Query,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let wanted = wanted_rows(&mut query).and_then(|wanted| query.finish().map(|()| wanted));
    let wanted = known_job_or(&caller, &services, id.get(), wanted).await?;
    let (imports, id) = (&services.imports, id.get());
    match wanted {
        WantedRows::Json(wanted, limit) => {
            let part = imports.failed_row_list(&caller, id, &wanted, limit).await?;
            Ok(HttpResponse::Ok().json(FailedRowsBody::from(part)))
        }
        WantedRows::Csv(delimiter) => Ok(attachment(
            imports.failed_rows(&caller, id, delimiter).await?,
        )),
        WantedRows::Workbook => Ok(attachment(imports.failed_rows_workbook(&caller, id).await?)),
    }
}

/// The file as it was uploaded, byte for byte.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/octet-stream"),
        (status = 410, description = "`file_expired`: it is deleted some days after the end of the job.", body = ErrorBody),
    ),
)]
#[get("/api/v1/onboarding/migration/{id}/file")]
pub(crate) async fn download_original(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let file = services.imports.original(&caller, id.get()).await?;
    // A file name may contain any letter: browsers use the second form, all other clients the first.
    let plain = file.file_name.chars().map(|letter| match letter {
        '"' | '\\' => '_',
        letter if letter.is_ascii_graphic() || letter == ' ' => letter,
        _ => '_',
    });
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(plain.collect()),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: file.file_name.into_bytes(),
            }),
        ],
    };
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header(disposition)
        .streaming(file.content))
}

/// Rolls back what a job stored, within 24 hours.
#[utoipa::path(
    tag = "Imports",
    params(
        ("id" = Uuid, Path),
        ("keep_changed" = Option<bool>, Query, description = "Leave rows that were changed or are referenced since."),
        IdempotencyParams,
    ),
    responses(
        (status = 200, description = "Rolled back.", body = RolledBackJob),
        (status = 409, description = "Rows were changed or are referenced since; `details` has `changed`, `referenced` and `examples`.", body = ErrorBody),
        (status = 422, description = "`idempotency_key_reused`: the name is that of another request.", body = ErrorBody),
    ),
)]
#[post("/api/v1/onboarding/migration/{id}/rollback")]
pub(crate) async fn roll_back_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    mut query: Query,
    request: HttpRequest,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let keep_changed = query
        .word("keep_changed", "harus true atau false")
        .and_then(|keep| query.finish().map(|()| keep.unwrap_or(false)));
    let keep_changed = known_job_or(&caller, &services, id.get(), keep_changed).await?;
    let (identity, own) = (caller.identity(), services.clone());
    let work = Box::pin(async move {
        let done = own
            .imports
            .roll_back(&caller, id.get(), keep_changed)
            .await?;
        Ok(RolledBackJob::from(done))
    });
    once(&request, &services, identity, &[], work).await
}

/// The jobs, newest first. An agent sees only its own.
#[utoipa::path(
    tag = "Imports",
    params(
        ("import_type" = Option<words::ImportType>, Query),
        ("corrects" = Option<Uuid>, Query, description = "Only corrections of this job."),
        ("status" = Option<Vec<words::JobStatus>>, Query, explode, description = "Repeatable: one of them."),
        ("search" = Option<String>, Query, description = "Text that the name of the file contains.", example = "jamaah"),
        ("user_id" = Option<Uuid>, Query, description = "Only of this user."),
        ("created_from" = Option<String>, Query, description = "A moment (RFC 3339) or a day of the agency's time zone.", example = "2026-11-01"),
        ("created_to" = Option<String>, Query, description = "The same; a day is meant whole.", example = "2026-11-30"),
        ("page" = Option<u64>, Query, minimum = 1, maximum = 1_000_000_000, description = "Default 1."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("sort_by" = Option<String>, Query, description = "Default `created_at`.", example = "created_at"),
        ("sort_order" = Option<words::SortOrder>, Query, description = "Default `DESC`."),
    ),
    responses((status = 200, description = "A page of jobs.", body = PageBody<JobBody>)),
)]
#[get("/api/v1/onboarding/migration")]
pub(crate) async fn list_imports(
    caller: Caller<ViewImports>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<PageBody<JobBody>>, ApiError> {
    match services.imports.list(&caller, &job_query(query)?).await {
        Ok(page) => Ok(web::Json(page.into())),
        // All other parameters have been checked here.
        Err(ServiceError::InvalidQuery { .. }) => {
            Err(invalid("sort_by", "bukan kolom yang dapat diurutkan"))
        }
        Err(error) => Err(error.into()),
    }
}

/// The template of an import type, with one valid example row.
#[utoipa::path(
    tag = "Imports",
    params(
        ("type" = words::ImportType, Path),
        ("format" = Option<words::ReportFormat>, Query, description = "Default `csv`, to which `delimiter` belongs. A workbook offers the allowed words and the packages by their names, and explains the fields."),
        ("delimiter" = Option<words::Delimiter>, Query, description = "Default `,`; Excel under Indonesian settings wants `;`."),
    ),
    responses((
        status = 200,
        description = "The template; as text in UTF-8 with BOM.",
        content(
            (String = "text/csv", example = "nama,email,paket_id\r\nAhmad Rizki,ahmad.rizki@example.com,01890a5d-ac96-774b-bcce-b302099a8001\r\n"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
    )),
)]
#[get("/api/v1/onboarding/migration/templates/{type}")]
pub(crate) async fn download_template(
    caller: Caller<DownloadTemplates>,
    import_type: web::Path<String>,
    query: Query,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let import_type: ImportType = import_type
        .parse()
        .map_err(|_| ApiError::UnknownImportType)?;
    let imports = &services.imports;
    let template = match file_format(query)? {
        FileWanted::Csv(delimiter) => {
            let delimiter = delimiter.unwrap_or_default();
            imports.template(&caller, import_type, delimiter).await?
        }
        FileWanted::Workbook => imports.template_workbook(&caller, import_type).await?,
    };
    Ok(attachment(template))
}

/// Erases a finished job, its errors and its file; imported rows stay.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Deleted.", body = Message)),
)]
#[delete("/api/v1/onboarding/migration/{id}")]
pub(crate) async fn delete_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    services.imports.delete(&caller, id.get()).await?;
    Ok(message("Job migrasi berhasil dihapus"))
}

/// What was parsed, or the refusal of it; but a job that is not the tenant's is not found, whatever else is wrong.
async fn known_job_or<T>(
    caller: &Caller<ManageImports>,
    services: &Services,
    id: JobId,
    parsed: Result<T, ApiError>,
) -> Result<T, ApiError> {
    if parsed.is_err() {
        let viewer = caller.identity().authorize::<ViewImports>()?;
        services.imports.status(&viewer, id).await?;
    }
    parsed
}

/// A text with its delimiter, or a workbook, which has none.
fn file_format(mut query: Query) -> Result<FileWanted, ApiError> {
    let wanted = match query.one("format")?.as_deref() {
        None | Some("csv") => FileWanted::Csv(delimiter(&mut query)?),
        Some("xlsx") => FileWanted::Workbook,
        Some(_) => return Err(invalid("format", "harus csv atau xlsx")),
    };
    query.finish()?;
    Ok(wanted)
}

/// How a file is wanted.
enum FileWanted {
    Csv(Option<CsvDelimiter>),
    Workbook,
}

/// Between the columns of a file, if the caller says.
fn delimiter(query: &mut Query) -> Result<Option<CsvDelimiter>, ApiError> {
    match query.one("delimiter")?.as_deref() {
        None => Ok(None),
        Some(",") => Ok(Some(CsvDelimiter::Comma)),
        Some(";") => Ok(Some(CsvDelimiter::Semicolon)),
        Some(_) => Err(invalid("delimiter", "harus ',' atau ';'")),
    }
}

/// How the failed rows of a job are wanted.
enum WantedRows {
    Csv(Option<CsvDelimiter>),
    Workbook,
    Json(RowQuery, u64),
}

fn wanted_rows(query: &mut Query) -> Result<WantedRows, ApiError> {
    match query.one("format")?.as_deref() {
        None | Some("csv") => Ok(WantedRows::Csv(delimiter(query)?)),
        Some("xlsx") => Ok(WantedRows::Workbook),
        Some("json") => {
            let (wanted, limit) = cause::row_query(query)?;
            Ok(WantedRows::Json(wanted, limit))
        }
        Some(_) => Err(invalid("format", "harus csv, json, atau xlsx")),
    }
}

/// How the errors of a job are wanted.
enum Wanted {
    Csv(Option<CsvDelimiter>),
    Workbook,
    Json(ErrorQuery),
}

fn error_query(mut query: Query) -> Result<Wanted, ApiError> {
    match query.one("format")?.as_deref() {
        None | Some("csv") => {
            let delimiter = delimiter(&mut query)?;
            query.finish()?;
            return Ok(Wanted::Csv(delimiter));
        }
        Some("xlsx") => {
            query.finish()?;
            return Ok(Wanted::Workbook);
        }
        Some("json") => {}
        Some(_) => return Err(invalid("format", "harus csv, json, atau xlsx")),
    }
    let with_row_data = query
        .word("row_data", "harus true atau false")?
        .unwrap_or(true);
    let page = page(&mut query)?;
    let limit = if with_row_data {
        query.limit()?
    } else {
        query.limit_up_to(
            LARGEST_PAGE_OF_ERRORS,
            "harus bilangan bulat dari 1 sampai 1000",
        )?
    };
    let severity = cause::severity(&mut query)?;
    let row_number = query.number(
        "row_number",
        1,
        MAX_PAGE,
        "harus bilangan bulat mulai dari 1",
    )?;
    let code = query.one("code")?;
    let error_type = query.word::<ErrorType>("error_type", "bukan jenis kesalahan yang dikenal")?;
    let field_name = query.one("field_name")?;
    query.finish()?;
    Ok(Wanted::Json(ErrorQuery {
        error_type,
        field_name,
        code,
        row_number,
        severity,
        with_row_data,
        page,
        limit,
    }))
}

fn job_query(mut query: Query) -> Result<JobQuery, ApiError> {
    let (page, limit) = (page(&mut query)?, query.limit()?);
    let import_type =
        query.word::<ImportType>("import_type", "harus jamaah, payment, atau package")?;
    let corrects = query.word::<JobId>("corrects", "harus berupa UUID")?;
    let status = query
        .all("status")
        .iter()
        .map(|word| word.parse::<JobStatus>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid("status", "bukan status yang dikenal"))?;
    let search = query.one("search")?.filter(|text| !text.trim().is_empty());
    let user_id = query.word::<UserId>("user_id", "harus berupa UUID")?;
    let created_from = bound(&mut query, "created_from")?;
    let created_to = bound(&mut query, "created_to")?;
    let sort_order = match query.one("sort_order")? {
        None => SortOrder::Descending,
        Some(order) if order.eq_ignore_ascii_case("ASC") => SortOrder::Ascending,
        Some(order) if order.eq_ignore_ascii_case("DESC") => SortOrder::Descending,
        Some(_) => return Err(invalid("sort_order", "harus ASC atau DESC")),
    };
    let sort_by = query.one("sort_by")?;
    query.finish()?;
    Ok(JobQuery {
        import_type,
        corrects,
        status,
        search,
        user_id,
        created_from,
        created_to,
        page,
        limit,
        sort_by,
        sort_order,
    })
}

/// A moment, or a day in the tenant's time zone.
fn bound(query: &mut Query, name: &str) -> Result<Option<Moment>, ApiError> {
    let Some(text) = query.one(name)? else {
        return Ok(None);
    };
    let day = || iso_day(&text).map(Moment::Day);
    let moment = text.parse::<Timestamp>().ok().map(Moment::At);
    moment
        .or_else(day)
        .map(Some)
        .ok_or_else(|| invalid(name, "harus tanggal (YYYY-MM-DD) atau waktu RFC 3339"))
}

fn iso_day(text: &str) -> Option<Date> {
    let format = format_description!("[year]-[month]-[day]");
    (text.len() == "YYYY-MM-DD".len())
        .then(|| Date::parse(text, format).ok())
        .flatten()
}

/// The page, from 1.
fn page(query: &mut Query) -> Result<u64, ApiError> {
    let page = query.number("page", 1, MAX_PAGE, "harus bilangan bulat mulai dari 1")?;
    Ok(page.unwrap_or(1))
}

/// A streamed download. A failure half-way breaks the connection: a short file must not look whole.
fn attachment(download: Download) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(download.media_type)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", download.file_name),
        ))
        .streaming(download.content)
}
