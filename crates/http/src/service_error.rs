//! The part of the error table that concerns use cases: each refusal in the published words.

use std::time::Duration;

use actix_web::http::StatusCode;
use domain::JobStatus;
use services::ServiceError;

use crate::error_body::Answer;

/// The answer to a refusal or failure of a use case.
pub(crate) fn answer(error: &ServiceError) -> Answer {
    let answer = of_accounts(error)
        .or_else(|| of_drafts(error))
        .unwrap_or_else(|| of_others(error));
    match error.details() {
        Some(details) => answer.details(details),
        None => answer,
    }
}

/// The refusals about accounts, API keys, and repeated requests.
fn of_accounts(error: &ServiceError) -> Option<Answer> {
    Some(match error {
        ServiceError::RequestUnderWay => Answer::new(
            StatusCode::CONFLICT,
            "idempotency_in_flight",
            "Permintaan dengan Idempotency-Key ini masih diproses",
        )
        .retry_after(1),
        ServiceError::NameTaken => Answer::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "Idempotency-Key sudah dipakai untuk permintaan lain",
        ),
        ServiceError::TooManyKeys { limit } => Answer::new(
            StatusCode::CONFLICT,
            "too_many_keys",
            format!("Sudah ada {limit} API key: hapus salah satu terlebih dahulu"),
        ),
        ServiceError::TooManyWebhooks { limit } => Answer::new(
            StatusCode::CONFLICT,
            "too_many_webhooks",
            format!("Sudah ada {limit} webhook: hapus salah satu terlebih dahulu"),
        ),
        ServiceError::WrongPassword => bad("wrong_password", "Kata sandi saat ini salah"),
        ServiceError::PasswordChangeRequired => Answer::new(
            StatusCode::FORBIDDEN,
            "password_change_required",
            "Kata sandi harus diganti terlebih dahulu",
        ),
        ServiceError::OwnAccount => Answer::new(
            StatusCode::CONFLICT,
            "conflict",
            "Role dan status akun sendiri tidak dapat diubah",
        ),
        _ => return None,
    })
}

/// The refusals of drafts and of corrections.
fn of_drafts(error: &ServiceError) -> Option<Answer> {
    Some(match error {
        ServiceError::RowNotFound { row_number } => Answer::new(
            StatusCode::NOT_FOUND,
            "row_not_found",
            format!("Baris {row_number} bukan baris gagal dari job ini"),
        ),
        ServiceError::FileExpired => Answer::new(
            StatusCode::GONE,
            "file_expired",
            "File yang diunggah sudah tidak disimpan. Silakan unggah ulang.",
        ),
        _ => return None,
    })
}

/// All others.
fn of_others(error: &ServiceError) -> Answer {
    match error {
        ServiceError::FileRequired => bad("file_required", "File CSV wajib diunggah"),
        ServiceError::FileTooLarge { limit } => bad(
            "file_too_large",
            format!("Ukuran file terlalu besar (maksimal {})", size(*limit)),
        ),
        ServiceError::InvalidFile { .. } | ServiceError::InvalidWorkbook { .. } => {
            bad("invalid_file", "File CSV kosong atau tidak valid")
        }
        ServiceError::FileTooSlow => bad(
            "file_too_slow",
            "File terlalu rumit untuk dibaca: periksa tanda kutip (\") di dalamnya, atau bagi menjadi beberapa file",
        ),
        ServiceError::MissingColumns { missing, .. } => bad(
            "missing_columns",
            format!(
                "Kolom yang diperlukan tidak ditemukan: {}",
                missing.join(", ")
            ),
        ),
        ServiceError::InvalidMapping { message } => bad("invalid_mapping", message.clone()),
        ServiceError::UploadInterrupted(_) => {
            bad("incomplete_body", "Isi permintaan tidak lengkap")
        }
        ServiceError::InvalidState { status } => bad(
            "invalid_state",
            format!("Tidak dapat memproses import untuk status: {status}"),
        ),
        ServiceError::NothingToImport => bad(
            "nothing_to_import",
            "Tidak ada baris valid yang dapat diimpor",
        ),
        ServiceError::TooManyImports { retry_after, .. } => {
            Answer::plain(StatusCode::TOO_MANY_REQUESTS, "too_many_imports")
                .retry_after(seconds(*retry_after))
        }
        ServiceError::CannotRollBack { status } => cannot_roll_back(*status),
        ServiceError::RollbackExpired => bad(
            "rollback_expired",
            "Tidak dapat melakukan rollback: batas waktu 24 jam sudah lewat",
        ),
        ServiceError::RollbackConflict { .. } => Answer::new(
            StatusCode::CONFLICT,
            "rollback_conflict",
            "Tidak dapat melakukan rollback: sebagian data sudah diubah atau digunakan",
        ),
        ServiceError::JobNotFinished => bad(
            "not_finished",
            "Hanya job yang sudah selesai yang dapat dihapus",
        ),
        ServiceError::NotFound(label) => Answer::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("{label} tidak ditemukan"),
        ),
        ServiceError::InvalidFields(errors) => bad(
            "validation_failed",
            errors.first().map_or_else(
                || "Data tidak valid".to_owned(),
                |error| error.message.clone(),
            ),
        ),
        ServiceError::InvalidQuery { message } => bad("invalid_query", message.clone()),
        ServiceError::Duplicate { field } => Answer::new(
            StatusCode::CONFLICT,
            "duplicate",
            format!("Data dengan {field} yang sama sudah ada di sistem"),
        ),
        ServiceError::InUse => Answer::new(
            StatusCode::CONFLICT,
            "in_use",
            "Data masih digunakan oleh data lain",
        ),
        ServiceError::LastAdministrator => Answer::new(
            StatusCode::CONFLICT,
            "conflict",
            "Tenant harus memiliki setidaknya satu admin aktif",
        ),
        ServiceError::InvalidCredentials => {
            // The challenge names the scheme of the other routes, as RFC 9110 requires one on every 401.
            let mut answer = Answer::unauthorized();
            answer.code = "invalid_credentials";
            answer
        }
        ServiceError::SessionEnded => Answer::unauthorized(),
        ServiceError::TooManyAttempts { retry_after } => {
            Answer::plain(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
                .retry_after(seconds(*retry_after))
        }
        ServiceError::Forbidden(_) => Answer::plain(StatusCode::FORBIDDEN, "forbidden"),
        error if error.is_unavailable() => {
            Answer::plain(StatusCode::SERVICE_UNAVAILABLE, "unavailable").retry_after(1)
        }
        _ => Answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
    }
}

fn bad(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Answer {
    Answer::new(StatusCode::BAD_REQUEST, code, message)
}

fn cannot_roll_back(status: JobStatus) -> Answer {
    bad(
        "invalid_state",
        format!("Tidak dapat melakukan rollback untuk status: {status}"),
    )
}

/// Whole seconds, rounded up: a client that waits them is not early.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// A limit for display: `10MB` for 10 485 760, else the bytes.
fn size(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    if bytes >= MEGABYTE && bytes.is_multiple_of(MEGABYTE) {
        format!("{}MB", bytes / MEGABYTE)
    } else {
        format!("{bytes} byte")
    }
}
