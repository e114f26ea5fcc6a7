//! Everything that a use case may return instead of success. The HTTP adapter maps each variant in one table.

mod convert;

use std::time::Duration;

use domain::{ImportType, JobNotice, JobStatus, value::label};
use import_types::engine::{Language, recognise::Look, sheet::WorkbookError};
use repositories::RepositoryError;
use serde_json::Value;

use crate::storage::StorageError;

/// One field of a body that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field as the API has it.
    pub field: String,
    /// Stable snake-case word: `required`, `invalid_format`, `too_long`, `constraint_violation`.
    pub code: &'static str,
    /// What is wrong, in Indonesian, in the words the import uses.
    pub message: String,
    /// The expected value, if it is known.
    pub expected: Option<String>,
}

impl FieldError {
    /// The field is required and absent, in the words of the import.
    #[must_use]
    pub fn required(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            code: "required",
            message: format!("Field '{field}' wajib diisi"),
            expected: None,
        }
    }

    /// The field names a record that does not exist in the tenant.
    fn missing_reference(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            code: "constraint_violation",
            message: format!("{} pada field '{field}' tidak ditemukan", label(field)),
            expected: None,
        }
    }
}

/// A record that prevents a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackExample {
    /// The record.
    pub id: uuid::Uuid,
    /// The row of the file that created it.
    pub row_number: u64,
    /// `changed` or `referenced`.
    pub reason: &'static str,
}

/// Why a use case refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    // Upload
    /// 400 `file_required`: `File CSV wajib diunggah`.
    #[error("the upload has no file")]
    FileRequired,
    /// 400 `file_too_large`: `Ukuran file terlalu besar (maksimal 10MB)`, with the limit in whole MiB.
    #[error("the file is larger than {limit} bytes")]
    FileTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// 400 `invalid_file`: `File CSV kosong atau tidak valid`.
    #[error("the file is empty or not delimited text: {reason}")]
    InvalidFile {
        /// Stable word for the log and the details, such as `empty`, `binary`, `no_records`.
        reason: &'static str,
        /// What the file is instead, if that is known.
        look: Option<Look>,
    },
    /// 400 `invalid_file` with `details: {reason, hint}` and, where the sheet is not there, `sheets`.
    #[error("the workbook cannot be read: {error}")]
    InvalidWorkbook {
        /// Why not.
        error: WorkbookError,
        /// What the file is according to its first bytes.
        look: Option<Look>,
    },
    /// 400 `file_too_slow`: the file took too much processor time.
    #[error("the file took too much time of the processor")]
    FileTooSlow,
    /// 400 `missing_columns`: `Kolom yang diperlukan tidak ditemukan: nama, paket_id`.
    #[error("required columns are missing")]
    MissingColumns {
        /// The headers that the file has.
        columns: Vec<String>,
        /// The fields without a column, in schema order.
        missing: Vec<String>,
        /// For a missing field, the headers that might be meant: `{field: [header, …]}`.
        suggestions: Vec<(String, Vec<String>)>,
        /// What the file is instead, if that is known.
        look: Option<Look>,
        /// What users should know about the columns: which were not used, and why.
        notices: Vec<JobNotice>,
        /// Another type whose required columns are all there.
        looks_like: Option<ImportType>,
    },
    /// 404 `row_not_found`: no failed row of the job has this number.
    #[error("the job has no failed row {row_number}")]
    RowNotFound {
        /// The number.
        row_number: u64,
    },
    /// 410 `file_expired`: the file of the job is no longer kept.
    #[error("the file of the job is gone")]
    FileExpired,
    /// 400 `invalid_mapping`: the caller's `column_mapping` names an unknown header or field, or one field twice.
    #[error("the column mapping is not usable: {message}")]
    InvalidMapping {
        /// What is wrong with it, in Indonesian.
        message: String,
    },
    /// The client stopped sending or sent a broken body; no one waits for the answer. 400 `invalid_body`.
    #[error("could not read the uploaded body")]
    UploadInterrupted(#[source] Box<dyn std::error::Error + Send + Sync>),

    // Jobs
    /// 400 `invalid_state`: validate or start in a status that does not allow it.
    #[error("a job that is {status:?} cannot be validated or started")]
    InvalidState {
        /// The status the job is in.
        status: JobStatus,
    },
    /// 400 `nothing_to_import`: the validation found no valid row.
    #[error("the job has no valid row to import")]
    NothingToImport,
    /// 429 `too_many_imports` with `Retry-After`.
    #[error("the tenant already runs {limit} imports")]
    TooManyImports {
        /// Imports allowed at once.
        limit: u32,
        /// When to try again.
        retry_after: Duration,
    },
    /// 400 `invalid_state`: `Tidak dapat melakukan rollback untuk status: pending`.
    #[error("a job that is {status:?} cannot be rolled back")]
    CannotRollBack {
        /// The status the job is in.
        status: JobStatus,
    },
    /// 400 `rollback_expired`: more than 24 hours after completion.
    #[error("the time for a rollback is over")]
    RollbackExpired,
    /// 409 `rollback_conflict` with `details: {changed, referenced, examples}`.
    #[error("{changed} rows were changed and {referenced} are referenced since the import")]
    RollbackConflict {
        /// Rows changed since.
        changed: u64,
        /// Rows that rows of other origin refer to.
        referenced: u64,
        /// Some of them.
        examples: Vec<RollbackExample>,
    },
    /// 400 `not_finished`: `Hanya job yang sudah selesai yang dapat dihapus`.
    #[error("only a finished job can be deleted")]
    JobNotFinished,

    // Everywhere
    /// 404 `not_found`, the same for what belongs to another tenant: what users call the record, as in `Paket tidak ditemukan`.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// 400 `validation_failed` with `details: {errors: [{field, code, message, expected}]}`.
    #[error("the body has {} invalid fields", .0.len())]
    InvalidFields(Vec<FieldError>),
    /// 400 `invalid_query`: filter, sort, search or paging that the resource does not offer.
    #[error("the query is not usable: {message}")]
    InvalidQuery {
        /// What is wrong with it, in Indonesian.
        message: String,
    },
    /// 409 `duplicate`.
    #[error("another record has the same {field}")]
    Duplicate {
        /// The field (or the fields, comma-separated) that must be unique.
        field: String,
    },
    /// 409 `in_use`: other records refer to it.
    #[error("other records refer to it")]
    InUse,
    /// 409 `conflict`: the change would remove the last access to the tenant (own account, last admin).
    #[error("the tenant would lose its last administrator")]
    LastAdministrator,

    // Sessions
    /// 401 `invalid_credentials`, one answer for unknown, wrong, inactive and deleted.
    #[error("the credentials are not valid")]
    InvalidCredentials,
    /// 401 `unauthorized`: the refresh token is unknown, spent or expired, or the session is over.
    #[error("the session is over")]
    SessionEnded,
    /// 429 `too_many_attempts` with `Retry-After`.
    #[error("too many failed logins")]
    TooManyAttempts {
        /// When to try again.
        retry_after: Duration,
    },
    /// 409 `idempotency_in_flight`: the request of this name is being carried out.
    #[error("the request of this name is being carried out")]
    RequestUnderWay,
    /// 422 `idempotency_key_reused`: the name is that of another request.
    #[error("the name is that of another request")]
    NameTaken,
    /// 409 `too_many_keys`.
    #[error("the tenant has {limit} keys already")]
    TooManyKeys {
        /// Keys allowed.
        limit: u64,
    },
    /// 409 `too_many_webhooks`.
    #[error("the tenant has {limit} webhooks already")]
    TooManyWebhooks {
        /// Webhooks allowed.
        limit: u64,
    },
    /// 400 `wrong_password`: the password that is to be changed is another one.
    #[error("the present password is wrong")]
    WrongPassword,
    /// 403 `password_change_required`: nothing but a new password is possible.
    #[error("the password has to be changed first")]
    PasswordChangeRequired,
    /// 409 `conflict`: users change neither their own role nor whether they may log in.
    #[error("users do not change their own role or state")]
    OwnAccount,
    /// 403 `forbidden`.
    #[error(transparent)]
    Forbidden(#[from] auth::Forbidden),

    // Failures: the message is constant, the cause goes to the log
    /// 503 `unavailable` when [`ServiceError::is_unavailable`], else 500.
    #[error("the database failed")]
    Database(#[source] RepositoryError),
    /// 503 `unavailable`.
    #[error("the storage failed")]
    Storage(#[source] StorageError),
    /// 500: passwords or tokens could not be computed.
    #[error("cryptography failed")]
    Crypto(#[source] auth::AuthError),
    /// 500: a report could not be written.
    #[error("a report could not be written")]
    Report(#[source] std::io::Error),
    /// 500: reading CSV failed for a reason other than the file.
    #[error("the import engine failed")]
    Engine(#[source] import_types::engine::RunError),
    /// 500: writing a workbook failed.
    #[error("could not write a workbook")]
    Workbook(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// 503 `unavailable`: too much of the same work waits already.
    #[error("the server is busy")]
    Busy,
    /// 500: a task of the server ended by a panic.
    #[error("a background task failed")]
    Task(#[source] tokio::task::JoinError),
    /// 500: something happened that the code assumes to be impossible.
    #[error("broken invariant: {0}")]
    Broken(&'static str),
}

/// The details of a refused file, and what it is instead.
fn with_look(mut details: Value, look: Option<Look>) -> Value {
    if let (Some(look), Some(object)) = (look, details.as_object_mut()) {
        object.insert("found".to_owned(), look.as_str().into());
        object.insert("hint".to_owned(), look.hint(Language::INDONESIAN).into());
    }
    details
}

/// Why a workbook cannot be read, and what the user can do about it.
fn workbook_details(error: &WorkbookError, look: Option<Look>) -> Value {
    let mut details = serde_json::json!({
        "reason": error.code(),
        "hint": error.hint(Language::INDONESIAN),
    });
    if let Some(look) = look {
        details["found"] = look.as_str().into();
    }
    if let WorkbookError::NoSuchSheet { sheets, .. } = error {
        details["sheets"] = serde_json::json!(sheets);
    }
    details
}

impl ServiceError {
    /// The tenant has no such import job.
    pub(crate) const NO_JOB: Self = Self::NotFound("Job migrasi");

    /// The refusal of a table that lacks columns, with what the file seems to be instead.
    pub(crate) fn with_looks(
        mut self,
        found: Option<Look>,
        other: Option<ImportType>,
        said: Vec<JobNotice>,
    ) -> Self {
        if let Self::MissingColumns {
            look,
            looks_like,
            notices,
            ..
        } = &mut self
        {
            (*look, *looks_like, *notices) = (found, other, said);
        }
        self
    }

    /// Whether the cause is temporary: answer 503, not 500.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Storage(_) | Self::Busy => true,
            Self::Database(error) => matches!(error, RepositoryError::Unavailable(_)),
            _ => false,
        }
    }

    /// The additive `details` of the body, for the variants that have them.
    #[must_use]
    pub fn details(&self) -> Option<Value> {
        match self {
            Self::MissingColumns {
                columns,
                missing,
                suggestions,
                look,
                notices,
                looks_like,
            } => {
                let mut details = serde_json::json!({
                    "columns": columns,
                    "missing": missing,
                    "suggestions": suggestions.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
                });
                if let (Some(object), false) = (details.as_object_mut(), notices.is_empty()) {
                    object.insert("notices".to_owned(), serde_json::json!(notices));
                }
                if let Some(other) = looks_like {
                    details["looks_like"] = other.as_str().into();
                }
                Some(with_look(details, *look))
            }
            Self::InvalidFile { reason, look } => {
                Some(with_look(serde_json::json!({ "reason": reason }), *look))
            }
            Self::InvalidWorkbook { error, look } => Some(workbook_details(error, *look)),
            Self::RollbackConflict {
                changed,
                referenced,
                examples,
            } => Some(serde_json::json!({
                "changed": changed,
                "referenced": referenced,
                "examples": examples.iter().map(|example| serde_json::json!({
                    "id": example.id,
                    "row_number": example.row_number,
                    "reason": example.reason,
                })).collect::<Vec<_>>(),
            })),
            Self::InvalidFields(errors) => Some(serde_json::json!({
                "errors": errors.iter().map(|error| serde_json::json!({
                    "field": error.field,
                    "code": error.code,
                    "message": error.message,
                    "expected": error.expected,
                })).collect::<Vec<_>>(),
            })),
            _ => None,
        }
    }
}
