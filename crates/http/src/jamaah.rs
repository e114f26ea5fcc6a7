//! `/api/v1/jamaah`: pilgrims. `resource` has the handlers, this module the fields.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageResources;
use domain::value::FreeText;
use domain::{EmailAddress, Gender, Jamaah, JamaahId, Timestamp};
use serde::Serialize;
use services::Services;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::query::Query;
use crate::resource::{self, ListBody, ListParams, changes};
use crate::session::Message;
use crate::words;

/// A pilgrim.
#[derive(Serialize, ToSchema)]
pub(crate) struct JamaahBody {
    id: Uuid,
    tenant_id: Uuid,
    /// Full name.
    #[schema(example = "Ahmad Rizki")]
    nama: String,
    /// Unique in the tenant, without regard to case.
    #[schema(example = "ahmad@email.com")]
    email: Option<String>,
    /// Stored as E.164.
    #[schema(example = "+6281234567890")]
    telepon: Option<String>,
    /// Postal address.
    #[schema(example = "Jl. Merdeka 1, Bandung")]
    alamat: Option<String>,
    /// NIK, 16 digits, unique in the tenant.
    #[schema(example = "3175011505900001")]
    ktp: Option<String>,
    /// Date of birth.
    #[schema(value_type = Option<String>, format = Date, example = "1990-05-15")]
    tanggal_lahir: Option<String>,
    /// Gender.
    #[schema(value_type = Option<words::Gender>, example = "L")]
    jenis_kelamin: Option<&'static str>,
    /// The package of the pilgrim.
    #[schema(example = "019a9f5e-7b1c-7c3a-9d55-0242ac120002")]
    paket_id: Uuid,
    /// Default `lead`.
    #[schema(value_type = words::JamaahStatus, example = "lead")]
    status: &'static str,
    /// Remarks.
    #[schema(example = "Kursi roda")]
    catatan: Option<String>,
    /// The version of the record, starting at 1; each change increases it.
    #[schema(example = 1)]
    version: i64,
    /// The import that created the record, as long as its job exists.
    migration_job_id: Option<Uuid>,
    /// The record's row in the file of that import.
    import_row_number: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A new jamaah.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct NewJamaahBody {
    #[schema(example = "Ahmad Rizki", min_length = 1, max_length = 255)]
    nama: String,
    #[schema(example = "ahmad@email.com", max_length = 254)]
    email: Option<String>,
    #[schema(example = "+6281234567890")]
    telepon: Option<String>,
    #[schema(example = "Jl. Merdeka 1, Bandung", max_length = 1000)]
    alamat: Option<String>,
    #[schema(example = "3175011505900001")]
    ktp: Option<String>,
    #[schema(format = Date, example = "1990-05-15")]
    tanggal_lahir: Option<String>,
    #[schema(example = "L")]
    jenis_kelamin: Option<words::Gender>,
    #[schema(example = "019a9f5e-7b1c-7c3a-9d55-0242ac120002")]
    paket_id: Uuid,
    #[schema(example = "lead")]
    status: Option<words::JamaahStatus>,
    #[schema(example = "Kursi roda", max_length = 2000)]
    catatan: Option<String>,
}

changes! {
    /// Changes of a jamaah: an absent field keeps its value, `null` clears it.
    JamaahChangesBody of NewJamaahBody, defaults: ["status"]
}

impl From<Jamaah> for JamaahBody {
    fn from(record: Jamaah) -> Self {
        let fields = record.fields;
        Self {
            id: record.id.as_uuid(),
            tenant_id: record.tenant_id.as_uuid(),
            nama: fields.nama.into_string(),
            email: fields.email.map(EmailAddress::into_string),
            telepon: fields.telepon.map(|phone| phone.to_string()),
            alamat: fields.alamat.map(FreeText::into_string),
            ktp: fields.ktp.map(|nik| nik.to_string()),
            tanggal_lahir: fields.tanggal_lahir.map(|date| date.to_string()),
            jenis_kelamin: fields.jenis_kelamin.map(Gender::as_str),
            paket_id: fields.paket_id.as_uuid(),
            status: fields.status.as_str(),
            catatan: fields.catatan.map(FreeText::into_string),
            version: record.version,
            migration_job_id: record.migration_job_id.map(Into::into),
            import_row_number: record.import_row_number,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// The routes of the resource.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_jamaah)
        .service(create_jamaah)
        .service(get_jamaah)
        .service(change_jamaah)
        .service(delete_jamaah);
}

/// Lists pilgrims, a page at a time.
#[utoipa::path(
    tag = "Jamaah",
    params(
        ("filter" = Option<Vec<String>>, Query, description = "`field=value`, URL-encoded; repeatable, all must hold.", explode, example = json!(["status=active"])),
        ListParams,
    ),
    responses((status = 200, description = "The page.", body = ListBody<JamaahBody>)),
)]
#[get("/api/v1/jamaah")]
pub(crate) async fn list_jamaah(
    caller: Caller<ManageResources>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ListBody<JamaahBody>>, ApiError> {
    resource::list(&services.jamaah, &caller, query).await
}

/// Creates a pilgrim.
#[utoipa::path(
    tag = "Jamaah",
    request_body = NewJamaahBody,
    responses(
        (status = 201, description = "Created.", body = JamaahBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[post("/api/v1/jamaah")]
pub(crate) async fn create_jamaah(
    caller: Caller<ManageResources>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    resource::create::<_, JamaahBody>(&services.jamaah, &caller, body, "/api/v1/jamaah").await
}

/// Returns a pilgrim.
#[utoipa::path(
    tag = "Jamaah",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The record.", body = JamaahBody)),
)]
#[get("/api/v1/jamaah/{id}")]
pub(crate) async fn get_jamaah(
    caller: Caller<ManageResources>,
    id: PathId<JamaahId>,
    services: web::Data<Services>,
) -> Result<web::Json<JamaahBody>, ApiError> {
    resource::find(&services.jamaah, &caller, id.get()).await
}

/// Changes the fields that the body has.
#[utoipa::path(
    tag = "Jamaah",
    params(("id" = Uuid, Path)),
    request_body = JamaahChangesBody,
    responses(
        (status = 200, description = "The record as it is now.", body = JamaahBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/jamaah/{id}")]
pub(crate) async fn change_jamaah(
    caller: Caller<ManageResources>,
    id: PathId<JamaahId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<JamaahBody>, ApiError> {
    resource::change(&services.jamaah, &caller, id.get(), body).await
}

/// Deletes a pilgrim that no other record refers to.
#[utoipa::path(
    tag = "Jamaah",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Deleted.", body = Message),
        (status = 409, description = "`in_use`: other records refer to it.", body = ErrorBody),
    ),
)]
#[delete("/api/v1/jamaah/{id}")]
pub(crate) async fn delete_jamaah(
    caller: Caller<ManageResources>,
    id: PathId<JamaahId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    resource::delete(&services.jamaah, &caller, id.get()).await
}
