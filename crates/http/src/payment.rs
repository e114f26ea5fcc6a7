//! `/api/v1/payments`: payments of pilgrims. `resource` has the handlers, this module the fields.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageResources;
use domain::value::FreeText;
use domain::{Payment, PaymentId, ReferenceNumber, Timestamp};
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

/// A payment of a pilgrim.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentBody {
    id: Uuid,
    tenant_id: Uuid,
    /// The pilgrim.
    #[schema(example = "019a9f5e-7b1c-7c3a-9d55-0242ac120003")]
    jamaah_id: Uuid,
    /// Whole rupiah.
    #[schema(example = 5_000_000)]
    jumlah: i64,
    /// Date of the payment.
    #[schema(value_type = String, format = Date, example = "2025-01-15")]
    tanggal_bayar: String,
    /// How it was paid.
    #[schema(value_type = words::PaymentMethod, example = "transfer_bank")]
    metode_pembayaran: &'static str,
    /// Unique for each pilgrim.
    #[schema(example = "TRX-001")]
    nomor_referensi: Option<String>,
    /// Remarks.
    #[schema(example = "DP")]
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

/// A new payment.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct NewPaymentBody {
    #[schema(example = "019a9f5e-7b1c-7c3a-9d55-0242ac120003")]
    jamaah_id: Uuid,
    #[schema(example = 5_000_000, minimum = 1, maximum = 999_999_999_999_999_i64)]
    jumlah: i64,
    #[schema(format = Date, example = "2025-01-15")]
    tanggal_bayar: String,
    #[schema(example = "transfer_bank")]
    metode_pembayaran: words::PaymentMethod,
    #[schema(example = "TRX-001", max_length = 100)]
    nomor_referensi: Option<String>,
    #[schema(example = "DP", max_length = 2000)]
    catatan: Option<String>,
}

changes! {
    /// Changes of a payment: an absent field keeps its value, `null` clears it.
    PaymentChangesBody of NewPaymentBody, defaults: []
}

impl From<Payment> for PaymentBody {
    fn from(record: Payment) -> Self {
        let fields = record.fields;
        Self {
            id: record.id.as_uuid(),
            tenant_id: record.tenant_id.as_uuid(),
            jamaah_id: fields.jamaah_id.as_uuid(),
            jumlah: fields.jumlah.get(),
            tanggal_bayar: fields.tanggal_bayar.to_string(),
            metode_pembayaran: fields.metode_pembayaran.as_str(),
            nomor_referensi: fields.nomor_referensi.map(ReferenceNumber::into_string),
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
        .service(list_payments)
        .service(create_payment)
        .service(get_payment)
        .service(change_payment)
        .service(delete_payment);
}

/// Lists payments, a page at a time.
#[utoipa::path(
    tag = "Payments",
    params(
        ("filter" = Option<Vec<String>>, Query, description = "`field=value`, URL-encoded; repeatable, all must hold.", explode, example = json!(["metode_pembayaran=cash"])),
        ListParams,
    ),
    responses((status = 200, description = "The page.", body = ListBody<PaymentBody>)),
)]
#[get("/api/v1/payments")]
pub(crate) async fn list_payments(
    caller: Caller<ManageResources>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ListBody<PaymentBody>>, ApiError> {
    resource::list(&services.payments, &caller, query).await
}

/// Creates a payment.
#[utoipa::path(
    tag = "Payments",
    request_body = NewPaymentBody,
    responses(
        (status = 201, description = "Created.", body = PaymentBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[post("/api/v1/payments")]
pub(crate) async fn create_payment(
    caller: Caller<ManageResources>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    resource::create::<_, PaymentBody>(&services.payments, &caller, body, "/api/v1/payments").await
}

/// Returns a payment.
#[utoipa::path(
    tag = "Payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The record.", body = PaymentBody)),
)]
#[get("/api/v1/payments/{id}")]
pub(crate) async fn get_payment(
    caller: Caller<ManageResources>,
    id: PathId<PaymentId>,
    services: web::Data<Services>,
) -> Result<web::Json<PaymentBody>, ApiError> {
    resource::find(&services.payments, &caller, id.get()).await
}

/// Changes the fields that the body has.
#[utoipa::path(
    tag = "Payments",
    params(("id" = Uuid, Path)),
    request_body = PaymentChangesBody,
    responses(
        (status = 200, description = "The record as it is now.", body = PaymentBody),
        (status = 400, description = "`validation_failed`: `details.errors` names each field.", body = ErrorBody),
        (status = 409, description = "`duplicate`: another record has the same key.", body = ErrorBody),
    ),
)]
#[patch("/api/v1/payments/{id}")]
pub(crate) async fn change_payment(
    caller: Caller<ManageResources>,
    id: PathId<PaymentId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<PaymentBody>, ApiError> {
    resource::change(&services.payments, &caller, id.get(), body).await
}

/// Deletes a payment that no other record refers to.
#[utoipa::path(
    tag = "Payments",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Deleted.", body = Message),
        (status = 409, description = "`in_use`: other records refer to it.", body = ErrorBody),
    ),
)]
#[delete("/api/v1/payments/{id}")]
pub(crate) async fn delete_payment(
    caller: Caller<ManageResources>,
    id: PathId<PaymentId>,
    services: web::Data<Services>,
) -> Result<web::Json<Message>, ApiError> {
    resource::delete(&services.payments, &caller, id.get()).await
}
