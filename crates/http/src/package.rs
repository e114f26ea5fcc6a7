//! `/api/v1/packages`: travel packages. `resource` has the handlers, this module the fields.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageResources;
use domain::value::FreeText;
use domain::{Package, PackageId, Rupiah, Timestamp};
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

/// A travel package.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackageBody {
    id: Uuid,
    tenant_id: Uuid,
    /// Name. Name and departure date together are unique in the tenant.
    #[schema(example = "Umroh Reguler 9 Hari")]
    nama: String,
    /// Description.
    #[schema(example = "Termasuk visa dan hotel bintang 4")]
    deskripsi: Option<String>,
    /// Duration in days.
    #[schema(example = 9)]
    durasi_hari: i64,
    /// Whole rupiah.
    #[schema(example = 25_000_000)]
    harga_retail: i64,
    /// Whole rupiah.
    #[schema(example = 23_000_000)]
    harga_wholesale: Option<i64>,
    /// Date of departure.
    #[schema(value_type = String, format = Date, example = "2027-03-15")]
    tanggal_keberangkatan: String,
    /// Seats.
    #[schema(example = 45)]
    kapasitas: i64,
    /// Default `draft`.
    #[schema(value_type = words::PackageStatus, example = "draft")]
    status: &'static str,
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

/// A new package.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct NewPackageBody {
    #[schema(example = "Umroh Reguler 9 Hari", min_length = 1, max_length = 255)]
    nama: String,
    #[schema(example = "Termasuk visa dan hotel bintang 4", max_length = 5000)]
    deskripsi: Option<String>,
    #[schema(example = 9, minimum = 1, maximum = 365)]
    durasi_hari: i64,
    #[schema(example = 25_000_000, minimum = 0, maximum = 999_999_999_999_999_i64)]
    harga_retail: i64,
    #[schema(example = 23_000_000, minimum = 0, maximum = 999_999_999_999_999_i64)]
    harga_wholesale: Option<i64>,
    #[schema(format = Date, example = "2027-03-15")]
    tanggal_keberangkatan: String,
    #[schema(example = 45, minimum = 1, maximum = 100_000)]
    kapasitas: i64,
    #[schema(example = "draft")]
    status: Option<words::PackageStatus>,
}

changes! {
    /// Changes of a package: an absent field keeps its value, `null` clears it.
    PackageChangesBody of NewPackageBody, defaults: ["status"]
}

impl From<Package> for PackageBody {
    fn from(record: Package) -> Self {
        let fields = record.fields;
        Self {
            id: record.id.as_uuid(),
            tenant_id: record.tenant_id.as_uuid(),
            nama: fields.nama.into_string(),
            deskripsi: fields.deskripsi.map(FreeText::into_string),
            durasi_hari: i64::from(fields.durasi_hari.get()),
            harga_retail: fields.harga_retail.get(),
            harga_wholesale: fields.harga_wholesale.map(Rupiah::get),
            tanggal_keberangkatan: fields.tanggal_keberangkatan.to_string(),
            kapasitas: i64::from(fields.kapasitas.get()),
            status: fields.status.as_str(),
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
        .service(list_packages)
        .service(create_package)
        .service(get_package)
        .service(change_package)
        .service(delete_package);
}

/// Lists travel packages, a page at a time.
#[utoipa::path(
    tag = "Packages",
    params(
        ("filter" = Option<Vec<String>>, Query, description = "`field=value`, URL-encoded; repeatable, all must hold.", explode, example = json!(["status=published"])),
        ListParams,
    ),
    responses((status = 200, description = "The page.", body = ListBody<PackageBody>)),
)]
#[get("/api/v1/packages")]
pub(crate) async fn list_packages(
    caller: Caller<ManageResources>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ListBody<PackageBody>>, ApiError> {
    resource::list(&services.packages, &caller, query).await
}

/// Creates a travel package.
#[utoipa::path(
    tag = "Packages",
    request_body = NewPackageBody,
    responses(
        (status = 201, description = "Created.", body = PackageBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[post("/api/v1/packages")]
pub(crate) async fn create_package(
    caller: Caller<ManageResources>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    resource::create::<_, PackageBody>(&services.packages, &caller, body, "/api/v1/packages").await
}

/// Returns a travel package.
#[utoipa::path(
    tag = "Packages",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The record.", body = PackageBody)),
)]
#[get("/api/v1/packages/{id}")]
pub(crate) async fn get_package(
    caller: Caller<ManageResources>,
    id: PathId<PackageId>,
    services: web::Data<Services>,
) -> Result<web::Json<PackageBody>, ApiError> {
    resource::find(&services.packages, &caller, id.get()).await
}

/// Changes the fields that the body has.
#[utoipa::path(
    tag = "Packages",
    params(("id" = Uuid, Path)),
    request_body = PackageChangesBody,
    responses(
        (status = 200, description = "The record as it is now.", body = PackageBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/packages/{id}")]
pub(crate) async fn change_package(
    caller: Caller<ManageResources>,
    id: PathId<PackageId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<PackageBody>, ApiError> {
    resource::change(&services.packages, &caller, id.get(), body).await
}

/// Deletes a travel package that no other record refers to.
#[utoipa::path(
    tag = "Packages",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Deleted.", body = Message),
        (status = 409, description = "`in_use`: other records refer to it.", body = ErrorBody),
    ),
)]
#[delete("/api/v1/packages/{id}")]
pub(crate) async fn delete_package(
    caller: Caller<ManageResources>,
    id: PathId<PackageId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    resource::delete(&services.packages, &caller, id.get()).await
}
