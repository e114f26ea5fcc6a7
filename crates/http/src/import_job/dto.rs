//! What the import endpoints answer, key by key as published.

use std::collections::BTreeMap;

use domain::{Doer, ErrorSummary, LeftOut, Timestamp};
use serde::Serialize;
use services::{Expires, JobView, Page, RolledBack, SameFile, UploadedImport};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words;

/// What an upload answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadedJob {
    job_id: Uuid,
    #[schema(value_type = words::ImportType)]
    import_type: domain::ImportType,
    /// What happens to rows whose record the tenant has already.
    #[schema(value_type = words::OnDuplicate)]
    on_duplicate: domain::OnDuplicate,
    #[schema(example = "jamaah-import.csv")]
    file_name: String,
    /// Data records of the file.
    #[schema(example = 150)]
    total_rows: u64,
    /// The file's headers in their order.
    #[schema(example = json!(["nama", "email", "telepon"]))]
    columns: Vec<String>,
    /// The first 10 records, keyed by the headers. Long cells end with `…`.
    #[schema(value_type = Vec<BTreeMap<String, String>>, example = json!([{"nama": "Ahmad Rizki", "email": "ahmad@email.com"}]))]
    preview_rows: Vec<domain::RowData>,
    /// Their cells by place.
    #[schema(example = json!([["Ahmad Rizki", "ahmad@email.com"]]))]
    preview_cells: Vec<Vec<String>>,
    /// Lower-case WHATWG label.
    #[schema(example = "utf-8")]
    encoding: String,
    #[schema(example = ",")]
    delimiter: String,
    /// Null when the file quotes nothing.
    #[schema(example = "\"")]
    quote: Option<String>,
    has_header: bool,
    /// The spreadsheet row that names the columns.
    #[schema(example = 1)]
    header_row: u64,
    /// Header to field, as resolved.
    #[schema(example = json!({"Nama Lengkap": "nama"}))]
    column_mapping: BTreeMap<String, String>,
    /// Headers that no field takes.
    unmapped_columns: Vec<String>,
    /// What users should know of the file, in Indonesian.
    warnings: Vec<String>,
    /// The same with codes, and what may be done about it.
    notices: Vec<NoticeBody>,
    /// Every required field has a column.
    ready: bool,
    /// Required fields without a column; never any unless `draft` was sent.
    #[schema(example = json!([]))]
    missing_columns: Vec<String>,
    /// What was uploaded.
    #[schema(value_type = words::FileFormat, example = "csv")]
    format: String,
    /// The sheet that is read; null of a text.
    #[schema(example = "Jamaah")]
    sheet: Option<String>,
    /// The sheets of a workbook in their order.
    sheets: Vec<SheetBody>,
    /// The lists of this answer that are not whole, so that it stays under 64 kB. All of them are in the job's metadata, and
    /// the import takes every cell as it is.
    #[schema(example = json!([]))]
    cut: Vec<&'static str>,
    /// Another type whose required columns are all there, while some of this one are not.
    #[schema(value_type = Option<words::ImportType>)]
    looks_like: Option<domain::ImportType>,
    /// An earlier job with the same bytes, neither rolled back nor discarded.
    same_file: Option<SameFileBody>,
}

/// A sheet of a workbook.
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetBody {
    #[schema(example = "Jamaah")]
    name: String,
    /// Rows that hold something, the header among them.
    #[schema(example = 151)]
    rows: u64,
    /// Its tab is not shown.
    hidden: bool,
}

/// Format, sheet and sheets of a job's file.
pub(super) fn workbook_parts(
    workbook: Option<domain::JobWorkbook>,
) -> (String, Option<String>, Vec<SheetBody>) {
    let Some(workbook) = workbook else {
        return ("csv".to_owned(), None, Vec::new());
    };
    let sheets = workbook.sheets.into_iter().map(|sheet| SheetBody {
        name: sheet.name,
        rows: sheet.rows,
        hidden: sheet.hidden,
    });
    (workbook.format, Some(workbook.sheet), sheets.collect())
}

/// Bytes of a list of columns in the answer of an upload: a table of hundreds of columns has room.
const LIST_BYTES: usize = 8 << 10;

/// The beginning of a list, and whether that is not all of it.
fn beginning(list: Vec<String>) -> (Vec<String>, bool) {
    let all = list.len();
    let mut bytes = 0;
    let fits = |text: &String| {
        bytes += serde_json::to_string(text).map_or(0, |json| json.len() + 1);
        bytes <= LIST_BYTES
    };
    let kept: Vec<String> = list.into_iter().take_while(fits).collect();
    let is_cut = kept.len() < all;
    (kept, is_cut)
}

/// An earlier job with the same file.
#[derive(Serialize, ToSchema)]
pub(crate) struct SameFileBody {
    job_id: Uuid,
    #[schema(example = "jamaah-import.csv")]
    file_name: String,
    #[schema(value_type = words::JobStatus)]
    status: domain::JobStatus,
    imported_rows: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: Option<DoerBody>,
}

impl From<SameFile> for SameFileBody {
    fn from(SameFile { job }: SameFile) -> Self {
        let job = domain::JobRecord::from(job);
        Self {
            job_id: job.id.as_uuid(),
            status: job.status(),
            file_name: job.file_name,
            imported_rows: job.counts.imported_rows,
            created_at: job.created_at,
            created_by: job.doers.created_by.map(Into::into),
        }
    }
}

impl From<UploadedImport> for UploadedJob {
    fn from(uploaded: UploadedImport) -> Self {
        let job = domain::JobRecord::from(uploaded.job);
        let metadata = job.metadata;
        let (format, sheet, sheets) = workbook_parts(metadata.workbook);
        let keyed = |cells: &Vec<String>| {
            let cells = cells
                .iter()
                .cloned()
                .chain(std::iter::repeat(String::new()));
            domain::RowData(uploaded.columns.iter().cloned().zip(cells).collect())
        };
        let preview_rows = uploaded.rows.iter().map(keyed).collect();
        let (columns, columns_are_cut) = beginning(uploaded.columns);
        let (unmapped_columns, unmapped_are_cut) = beginning(metadata.unmapped_columns);
        let cut = [
            ("columns", columns_are_cut),
            ("preview_rows", uploaded.preview_is_cut),
            ("unmapped_columns", unmapped_are_cut),
        ];
        Self {
            preview_rows,
            preview_cells: uploaded.rows,
            ready: uploaded.missing.is_empty(),
            missing_columns: uploaded.missing,
            looks_like: uploaded.looks_like,
            same_file: uploaded.same_file.map(Into::into),
            job_id: job.id.as_uuid(),
            import_type: job.import_type,
            on_duplicate: job.on_duplicate,
            file_name: job.file_name,
            total_rows: job.counts.total_rows,
            columns,
            encoding: metadata.encoding,
            delimiter: metadata.delimiter,
            quote: metadata.quote,
            has_header: metadata.has_header,
            header_row: metadata.header_row,
            column_mapping: metadata.column_mapping.unwrap_or_default(),
            unmapped_columns,
            warnings: metadata.warnings,
            notices: metadata.notices.into_iter().map(Into::into).collect(),
            format,
            sheet,
            sheets,
            cut: cut
                .into_iter()
                .filter_map(|(list, is_cut)| is_cut.then_some(list))
                .collect(),
        }
    }
}

/// Why an upload was refused.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct RefusedUpload {
    #[schema(example = 400)]
    status_code: u16,
    #[schema(example = "Kolom yang diperlukan tidak ditemukan: nama, paket_id")]
    message: String,
    #[schema(example = "Bad Request")]
    error: String,
    #[schema(example = "missing_columns")]
    code: String,
    #[schema(nullable = false)]
    details: Option<RefusedFile>,
}

/// What is known of a file that was refused.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct RefusedFile {
    /// Of `invalid_file`: `empty`, `binary`, `no_records` and the like.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// Of `missing_columns`: the headers that the file has.
    #[schema(nullable = false)]
    columns: Option<Vec<String>>,
    /// The required fields without a column.
    #[schema(nullable = false)]
    missing: Option<Vec<String>>,
    /// For a missing field the headers that may be meant, the likeliest first.
    #[schema(nullable = false)]
    suggestions: Option<BTreeMap<String, Vec<String>>>,
    /// What was noticed of the columns: which were not taken, and why.
    #[schema(nullable = false)]
    notices: Option<Vec<NoticeBody>>,
    /// What the file is instead of a table with the expected columns, where that is known.
    #[schema(nullable = false)]
    found: Option<words::FileLook>,
    /// What the file is and what to do, in Indonesian.
    #[schema(
        nullable = false,
        example = "File ini buku kerja Excel yang tidak dapat dibaca. Buka di Excel, lalu Simpan Sebagai > Excel Workbook (.xlsx) atau CSV UTF-8"
    )]
    hint: Option<String>,
}

/// Something that a user should know of a file, a column, or a row that was skipped.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeBody {
    #[schema(example = "footer_skipped")]
    code: String,
    /// What the message speaks of.
    #[schema(example = json!({"row": "12", "text": "JUMLAH"}))]
    params: BTreeMap<String, String>,
    #[schema(example = "Baris total dilewati: baris 12 (JUMLAH)")]
    message: String,
    /// What to do about it, where there is something.
    hint: Option<String>,
}

impl From<domain::JobNotice> for NoticeBody {
    fn from(notice: domain::JobNotice) -> Self {
        Self {
            code: notice.code,
            params: notice.params,
            message: notice.message,
            hint: notice.hint,
        }
    }
}

/// That an action has begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accepted {
    #[schema(value_type = String, example = "Import dimulai. Progress akan diupdate secara real-time.")]
    pub(crate) message: &'static str,
    pub(crate) job_id: Uuid,
}

/// An import job.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobBody {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    #[schema(value_type = words::ImportType)]
    import_type: domain::ImportType,
    /// What happens to rows whose record the tenant has already.
    #[schema(value_type = words::OnDuplicate)]
    on_duplicate: domain::OnDuplicate,
    #[schema(example = "jamaah-import.csv")]
    file_name: String,
    /// Key of the stored file.
    file_url: String,
    /// Bytes.
    #[schema(example = 102_400)]
    file_size: u64,
    #[schema(value_type = words::JobStatus)]
    status: domain::JobStatus,
    /// The status as users read it.
    #[schema(value_type = String, example = "Mengimpor")]
    status_display: &'static str,
    /// Data records of the file.
    #[schema(example = 150)]
    total_rows: u64,
    /// Records that the running phase is through with.
    #[schema(example = 100)]
    processed_rows: u64,
    /// Records without an error: all that will be created, will change a record, or will be passed over.
    #[schema(example = 98)]
    valid_rows: u64,
    #[schema(example = 2)]
    invalid_rows: u64,
    /// Records that the import stored: created, or changed.
    #[schema(example = 98)]
    imported_rows: u64,
    /// Records that the import did not store.
    #[schema(example = 2)]
    failed_rows: u64,
    /// Records that are taken, but that their owner should look at.
    #[schema(example = 0)]
    warning_rows: u64,
    /// What a start would do, as the validation found it; the import decides again, row by row. Null until validated.
    plan: Option<PlanBody>,
    /// Of the imported records those that the import created.
    #[schema(example = 98)]
    created_rows: u64,
    /// Of the imported records those that changed a record of the tenant.
    #[schema(example = 0)]
    updated_rows: u64,
    /// Records that the import passed over, because the tenant had them. They are neither imported nor failed.
    #[schema(example = 0)]
    skipped_rows: u64,
    /// Of the running phase, 0 to 100.
    #[schema(example = 67)]
    progress_percentage: u8,
    /// Path of the error report, once there are errors.
    error_report_url: Option<String>,
    /// Why the job failed.
    error_message: Option<String>,
    /// Errors by type, once validated.
    error_summary: Option<SummaryBody>,
    /// The file was validated and has at least one valid row.
    can_proceed: bool,
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-01-15T10:29:00Z")]
    validated_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-01-15T10:30:00Z")]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    rollback_at: Option<Timestamp>,
    /// Until when the job can be rolled back.
    #[schema(value_type = Option<String>, format = DateTime)]
    rollback_deadline: Option<Timestamp>,
    /// When its user stopped or discarded it.
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Timestamp>,
    /// Who did, under the name of then; so with all who did something.
    cancelled_by: Option<DoerBody>,
    /// Who uploaded the file, perhaps on behalf of an agent. Null for jobs of earlier versions.
    created_by: Option<DoerBody>,
    /// Who asked for the import.
    started_by: Option<DoerBody>,
    rolled_back_by: Option<DoerBody>,
    /// The job whose failed rows the file holds, corrected.
    corrects: Option<Uuid>,
    expires: ExpiresBody,
    /// The jobs that correct this one; in the status alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    corrections: Option<Vec<CorrectionBody>>,
    /// Failed rows less the rows that corrections have imported; in the status alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    still_failed_rows: Option<u64>,
    metadata: MetadataBody,
    #[schema(value_type = String, format = DateTime, example = "2025-01-15T10:25:00Z")]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2025-01-15T10:35:00Z")]
    updated_at: Timestamp,
}

/// What will become of the records of a validated file; together all of them.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the keys of the API")]
pub(crate) struct PlanBody {
    /// Will be created.
    #[schema(example = 90)]
    create_rows: u64,
    /// Will change a record of the tenant.
    #[schema(example = 8)]
    update_rows: u64,
    /// Will be passed over, because the tenant has them.
    #[schema(example = 0)]
    skip_rows: u64,
    /// Have an error.
    #[schema(example = 2)]
    problem_rows: u64,
}

/// A job that corrects another.
#[derive(Serialize, ToSchema)]
pub(crate) struct CorrectionBody {
    job_id: Uuid,
    #[schema(value_type = words::JobStatus)]
    status: domain::JobStatus,
    imported_rows: u64,
}

/// Until when something is kept of an ended job; null while it has not ended, or when it is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExpiresBody {
    /// The file.
    #[schema(value_type = Option<String>, format = DateTime)]
    file_at: Option<Timestamp>,
    /// The row errors and the failed rows.
    #[schema(value_type = Option<String>, format = DateTime)]
    errors_at: Option<Timestamp>,
}

impl From<Expires> for ExpiresBody {
    fn from(expires: Expires) -> Self {
        Self {
            file_at: expires.file_at,
            errors_at: expires.errors_at,
        }
    }
}

/// Errors by type.
#[derive(Serialize, ToSchema)]
pub(crate) struct SummaryBody {
    missing_required: u64,
    invalid_format: u64,
    duplicate: u64,
    constraint_violation: u64,
}

/// How the file is read and what was found in it, in the published spelling.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetadataBody {
    file_name: String,
    file_size: u64,
    #[schema(example = "utf-8")]
    encoding: String,
    bom: bool,
    #[schema(example = ",")]
    delimiter: String,
    quote: Option<String>,
    escape: Option<String>,
    has_header: bool,
    header_row: u64,
    columns: Vec<String>,
    column_mapping: BTreeMap<String, String>,
    unmapped_columns: Vec<String>,
    warnings: Vec<String>,
    notices: Vec<NoticeBody>,
    #[schema(value_type = words::FileFormat, example = "csv")]
    format: String,
    /// The sheet that is read, of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    sheets: Vec<SheetBody>,
    #[schema(value_type = words::ImportType)]
    import_type: domain::ImportType,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error_summary: Option<CamelSummaryBody>,
    /// Failed rows that are counted, but that the reports do not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    left_out: Option<LeftOutBody>,
}

/// Who did something to a job.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoerBody {
    id: Uuid,
    #[schema(example = "admin")]
    username: String,
    #[schema(example = "Siti Aminah")]
    nama_lengkap: String,
}

impl From<Doer> for DoerBody {
    fn from(doer: Doer) -> Self {
        Self {
            id: doer.id.as_uuid(),
            username: doer.username,
            nama_lengkap: doer.nama_lengkap,
        }
    }
}

/// What is counted, but not listed.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeftOutBody {
    rows: u64,
    errors: u64,
}

impl From<LeftOut> for LeftOutBody {
    fn from(left_out: LeftOut) -> Self {
        Self {
            rows: left_out.rows,
            errors: left_out.errors,
        }
    }
}

/// Errors by type, in the spelling of `metadata`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CamelSummaryBody {
    missing_required: u64,
    invalid_format: u64,
    duplicate: u64,
    constraint_violation: u64,
}

impl From<ErrorSummary> for SummaryBody {
    fn from(summary: ErrorSummary) -> Self {
        Self {
            missing_required: summary.missing_required,
            invalid_format: summary.invalid_format,
            duplicate: summary.duplicate,
            constraint_violation: summary.constraint_violation,
        }
    }
}

impl From<ErrorSummary> for CamelSummaryBody {
    fn from(summary: ErrorSummary) -> Self {
        Self {
            missing_required: summary.missing_required,
            invalid_format: summary.invalid_format,
            duplicate: summary.duplicate,
            constraint_violation: summary.constraint_violation,
        }
    }
}

impl From<domain::JobMetadata> for MetadataBody {
    fn from(metadata: domain::JobMetadata) -> Self {
        let (format, sheet, sheets) = workbook_parts(metadata.workbook);
        Self {
            format,
            sheet,
            sheets,
            file_name: metadata.file_name,
            file_size: metadata.file_size,
            encoding: metadata.encoding,
            bom: metadata.bom,
            delimiter: metadata.delimiter,
            quote: metadata.quote,
            escape: metadata.escape,
            has_header: metadata.has_header,
            header_row: metadata.header_row,
            columns: metadata.columns,
            column_mapping: metadata.column_mapping.unwrap_or_default(),
            unmapped_columns: metadata.unmapped_columns,
            warnings: metadata.warnings,
            notices: metadata.notices.into_iter().map(Into::into).collect(),
            import_type: metadata.import_type,
            error_summary: metadata.error_summary.map(Into::into),
            left_out: metadata.left_out.map(Into::into),
        }
    }
}

impl From<JobView> for JobBody {
    fn from(view: JobView) -> Self {
        let JobView {
            job,
            expires,
            corrections,
        } = view;
        let job = domain::JobRecord::from(job);
        let still_failed_rows = corrections.as_ref().map(|found| found.still_failed_rows);
        let correction = |job: domain::ImportJob| CorrectionBody {
            job_id: job.id.as_uuid(),
            status: job.status(),
            imported_rows: job.counts.imported_rows,
        };
        let error_report_url = job
            .has_row_errors()
            .then(|| format!("/api/v1/onboarding/migration/{}/errors", job.id));
        let plan = job.validated_at.map(|_| PlanBody {
            create_rows: job.counts.create_rows(),
            update_rows: job.counts.update_rows,
            skip_rows: job.counts.skip_rows,
            problem_rows: job.counts.invalid_rows,
        });
        Self {
            plan,
            created_rows: job.counts.created_rows(),
            updated_rows: job.counts.updated_rows,
            skipped_rows: job.counts.skipped_rows,
            on_duplicate: job.on_duplicate,
            id: job.id.as_uuid(),
            tenant_id: job.tenant_id.as_uuid(),
            user_id: job.user_id.as_uuid(),
            import_type: job.import_type,
            file_size: job.file_size,
            status: job.status(),
            status_display: job.status().display(),
            total_rows: job.counts.total_rows,
            processed_rows: job.counts.processed_rows,
            valid_rows: job.counts.valid_rows,
            invalid_rows: job.counts.invalid_rows,
            imported_rows: job.counts.imported_rows,
            failed_rows: job.counts.failed_rows,
            warning_rows: job.counts.warning_rows,
            progress_percentage: job.progress_percentage(),
            error_report_url,
            can_proceed: job.can_proceed(),
            error_summary: job.metadata.error_summary.map(Into::into),
            validated_at: job.validated_at,
            started_at: job.started_at,
            completed_at: job.completed_at(),
            error_message: job.error_message().map(str::to_owned),
            rollback_at: job.rollback_at(),
            rollback_deadline: job.rollback_deadline(),
            cancelled_at: job.cancelled.as_ref().map(|end| end.at),
            cancelled_by: job.cancelled.and_then(|end| end.by).map(Into::into),
            created_by: job.doers.created_by.map(Into::into),
            started_by: job.doers.started_by.map(Into::into),
            rolled_back_by: job.doers.rolled_back_by.map(Into::into),
            corrects: job.corrects.map(domain::JobId::as_uuid),
            expires: expires.into(),
            corrections: corrections.map(|found| found.jobs.into_iter().map(correction).collect()),
            still_failed_rows,
            created_at: job.created_at,
            updated_at: job.updated_at,
            file_name: job.file_name,
            file_url: job.file_url,
            metadata: job.metadata.into(),
        }
    }
}

/// One page of a numbered listing.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageBody<T> {
    data: Vec<T>,
    /// Rows of all pages.
    #[schema(example = 25)]
    total: u64,
    #[schema(example = 1)]
    page: u64,
    #[schema(example = 20)]
    limit: u64,
}

impl<T, U: From<T>> From<Page<T>> for PageBody<U> {
    fn from(page: Page<T>) -> Self {
        Self {
            data: page.data.into_iter().map(U::from).collect(),
            total: page.total,
            page: page.page,
            limit: page.limit,
        }
    }
}

/// What a rollback answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolledBackJob {
    #[schema(value_type = String, example = "Rollback berhasil dilakukan")]
    message: &'static str,
    job: RolledBackSummary,
    /// Rows that were removed.
    #[schema(example = 148)]
    removed_rows: u64,
    /// Records that the import had changed, and that are what they were.
    #[schema(example = 0)]
    restored_rows: u64,
    /// With `keep_changed`: how many rows stayed because they were changed or are referenced.
    #[schema(example = 0)]
    kept_rows_total: u64,
    /// The first 500 of them.
    kept_rows: Vec<KeptRow>,
}

/// A row that a rollback left in place.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptRow {
    id: Uuid,
    /// The row of the file that created it.
    #[schema(example = 5)]
    row_number: u64,
    /// `changed` or `referenced`.
    #[schema(value_type = String, example = "changed")]
    reason: &'static str,
}

/// The job after a rollback.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolledBackSummary {
    id: Uuid,
    #[schema(value_type = words::JobStatus, example = "rolled_back")]
    status: domain::JobStatus,
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-01-15T12:00:00Z")]
    rollback_at: Option<Timestamp>,
}

impl From<RolledBack> for RolledBackJob {
    fn from(done: RolledBack) -> Self {
        Self {
            message: "Rollback berhasil dilakukan",
            job: RolledBackSummary {
                id: done.job.id.as_uuid(),
                status: done.job.status(),
                rollback_at: done.job.rollback_at(),
            },
            removed_rows: done.removed_rows,
            restored_rows: done.restored_rows,
            kept_rows_total: done.kept_rows_total,
            kept_rows: done
                .kept_rows
                .into_iter()
                .map(|row| KeptRow {
                    id: row.id,
                    row_number: row.row_number,
                    reason: row.reason,
                })
                .collect(),
        }
    }
}
