//! Every error that the API can answer, as one snapshot, because a changed status, code or message changes the contract.

use std::fmt::Write;
use std::time::Duration;

use actix_web::ResponseError;
use actix_web::body::to_bytes;
use actix_web::http::Method;
use domain::{Fields, JobStatus, NewJamaah, NewPackage, NewPayment};
use serde_json::json;
use services::{FieldError, RollbackExample, ServiceError, StorageError};

use crate::error::ApiError;

fn edge() -> Vec<ApiError> {
    let forbidden = auth::Forbidden {
        permission: "ManageImports",
    };
    vec![
        ApiError::Unauthorized,
        ApiError::Forbidden(forbidden),
        ApiError::UnknownRoute,
        ApiError::MethodNotAllowed {
            allow: vec![Method::DELETE, Method::GET],
        },
        ApiError::InvalidId,
        ApiError::UnknownImportType,
        ApiError::InvalidQuery {
            parameter: "limit".to_owned(),
            reason: "harus bilangan bulat dari 1 sampai 100",
        },
        ApiError::InvalidHeader {
            name: "X-Session",
            reason: "harus cookie atau cookie-remember",
        },
        ApiError::InvalidBody {
            reason: "Field 'role' tidak dikenal".to_owned(),
        },
        ApiError::UnsupportedMediaType,
        ApiError::BodyTooLarge,
        ApiError::BodyTimeout,
        ApiError::BodyIncomplete,
        ApiError::InvalidUpload {
            reason: "Form tidak lengkap: batas penutup tidak ada".into(),
        },
        ApiError::RateLimited { retry_after: 1 },
        ApiError::TooManySockets,
        ApiError::QueryTooLong,
        ApiError::ForeignOrigin,
        ApiError::CrossSite,
        ApiError::Panicked,
        ApiError::NotReady {
            checks: json!({"database": false, "schema": false, "draining": true}),
        },
        ApiError::Internal("a cause that stays hidden".into()),
    ]
}

fn uploads_and_jobs() -> Vec<ServiceError> {
    vec![
        ServiceError::FileRequired,
        ServiceError::FileTooLarge { limit: 10_485_760 },
        ServiceError::FileTooLarge { limit: 1_000 },
        ServiceError::FileTooSlow,
        ServiceError::InvalidFile {
            reason: "empty",
            look: None,
        },
        ServiceError::MissingColumns {
            columns: vec!["Nama Lengkap".to_owned(), "Pkt".to_owned()],
            missing: vec!["nama".to_owned(), "paket_id".to_owned()],
            suggestions: vec![("paket_id".to_owned(), vec!["Pkt".to_owned()])],
            look: None,
            notices: Vec::new(),
            looks_like: None,
        },
        ServiceError::FileExpired,
        ServiceError::RowNotFound { row_number: 7 },
        ServiceError::InvalidMapping {
            message: "Kolom 'X' tidak ada di file".to_owned(),
        },
        ServiceError::UploadInterrupted("a cause that stays hidden".into()),
        ServiceError::InvalidState {
            status: JobStatus::Importing,
        },
        ServiceError::NothingToImport,
        ServiceError::TooManyImports {
            limit: 10,
            retry_after: Duration::from_millis(4_200),
        },
        ServiceError::CannotRollBack {
            status: JobStatus::Pending,
        },
        ServiceError::RollbackExpired,
        ServiceError::RollbackConflict {
            changed: 1,
            referenced: 2,
            examples: vec![RollbackExample {
                id: uuid::Uuid::nil(),
                row_number: 5,
                reason: "changed",
            }],
        },
        ServiceError::JobNotFinished,
    ]
}

fn everywhere() -> Vec<ServiceError> {
    let invalid = FieldError {
        field: "email".to_owned(),
        code: "invalid_format",
        message: "Email tidak valid: ahmad@email".to_owned(),
        expected: Some("nama@domain.com".to_owned()),
    };
    vec![
        ServiceError::NotFound("Job migrasi"),
        ServiceError::NotFound(NewPackage::LABEL),
        ServiceError::NotFound(NewJamaah::LABEL),
        ServiceError::NotFound(NewPayment::LABEL),
        ServiceError::NotFound("Pengguna"),
        ServiceError::InvalidFields(vec![invalid]),
        ServiceError::InvalidQuery {
            message: "Field 'umur' tidak dikenal dalam filter".to_owned(),
        },
        ServiceError::Duplicate {
            field: "ktp".to_owned(),
        },
        ServiceError::InUse,
        ServiceError::LastAdministrator,
        ServiceError::InvalidCredentials,
        ServiceError::RequestUnderWay,
        ServiceError::NameTaken,
        ServiceError::TooManyKeys { limit: 50 },
        ServiceError::TooManyWebhooks { limit: 10 },
        ServiceError::WrongPassword,
        ServiceError::PasswordChangeRequired,
        ServiceError::OwnAccount,
        ServiceError::SessionEnded,
        ServiceError::TooManyAttempts {
            retry_after: Duration::from_secs(30),
        },
        ServiceError::Storage(StorageError::Missing),
        ServiceError::Busy,
        ServiceError::Broken("a cause that stays hidden"),
    ]
}

#[actix_web::test]
async fn every_error_has_the_documented_body() {
    let services = uploads_and_jobs().into_iter().chain(everywhere());
    let mut catalogue = String::new();
    for error in edge().into_iter().chain(services.map(ApiError::Service)) {
        let name = format!("{error:?}");
        let name = name.split(['{', '"']).next().unwrap().trim();
        let response = error.error_response();
        writeln!(catalogue, "{} {name}", response.status().as_u16()).unwrap();
        for header in ["allow", "retry-after", "www-authenticate"] {
            if let Some(value) = response.headers().get(header) {
                writeln!(catalogue, "  {header}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        let body = to_bytes(response.into_body()).await.unwrap();
        writeln!(catalogue, "  {}", std::str::from_utf8(&body).unwrap()).unwrap();
    }
    assert!(!catalogue.contains("stays hidden"), "{catalogue}");
    insta::assert_snapshot!(catalogue);
}
