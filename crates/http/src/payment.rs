//! `/api/v1/payments`: payments of pilgrims. The mechanism is `resource`'s; here are the fields.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use auth::ManageResources;
use domain::value::FreeText;
use domain::{
    Change, JamaahId, Payment, PaymentChanges, PaymentDraft, PaymentId, ReferenceNumber, Timestamp,
};
use serde::{Deserialize, Serialize};
use services::{PaymentResource, Services};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::path::PathId;
use crate::query::Query;
use crate::resource::{self, Body, ListBody};
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
    /// Day of the payment.
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
    /// Counts the changes, from 1.
    #[schema(example = 1)]
    version: i64,
    /// The import that made the record, while its job exists.
    migration_job_id: Option<Uuid>,
    /// The row of that import's file.
    import_row_number: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A new payment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPaymentBody {
    #[schema(value_type = Uuid, required, example = "019a9f5e-7b1c-7c3a-9d55-0242ac120003")]
    jamaah_id: Option<JamaahId>,
    #[schema(value_type = i64, required, example = 5_000_000, minimum = 1, maximum = 999_999_999_999_999_i64)]
    jumlah: Option<i64>,
    #[schema(value_type = String, required, format = Date, example = "2025-01-15")]
    tanggal_bayar: Option<String>,
    #[schema(value_type = words::PaymentMethod, required, example = "transfer_bank")]
    metode_pembayaran: Option<String>,
    #[schema(example = "TRX-001", max_length = 100)]
    nomor_referensi: Option<String>,
    #[schema(example = "DP", max_length = 2000)]
    catatan: Option<String>,
}

/// What changes in a payment: absent keeps, null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentChangesBody {
    #[schema(value_type = Option<Uuid>, nullable = false, example = "019a9f5e-7b1c-7c3a-9d55-0242ac120003")]
    #[serde(default)]
    jamaah_id: Change<JamaahId>,
    #[schema(value_type = Option<i64>, nullable = false, example = 5_000_000, minimum = 1, maximum = 999_999_999_999_999_i64)]
    #[serde(default)]
    jumlah: Change<i64>,
    #[schema(value_type = Option<String>, nullable = false, format = Date, example = "2025-01-15")]
    #[serde(default)]
    tanggal_bayar: Change<String>,
    #[schema(value_type = Option<words::PaymentMethod>, nullable = false, example = "transfer_bank")]
    #[serde(default)]
    metode_pembayaran: Change<String>,
    #[schema(value_type = Option<String>, example = "TRX-001", max_length = 100)]
    #[serde(default)]
    nomor_referensi: Change<String>,
    #[schema(value_type = Option<String>, example = "DP", max_length = 2000)]
    #[serde(default)]
    catatan: Change<String>,
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

impl From<NewPaymentBody> for PaymentDraft {
    fn from(body: NewPaymentBody) -> Self {
        Self {
            jamaah_id: body.jamaah_id,
            jumlah: body.jumlah,
            tanggal_bayar: body.tanggal_bayar,
            metode_pembayaran: body.metode_pembayaran,
            nomor_referensi: body.nomor_referensi,
            catatan: body.catatan,
        }
    }
}

impl From<PaymentChangesBody> for PaymentChanges {
    fn from(body: PaymentChangesBody) -> Self {
        Self {
            jamaah_id: body.jamaah_id,
            jumlah: body.jumlah,
            tanggal_bayar: body.tanggal_bayar,
            metode_pembayaran: body.metode_pembayaran,
            nomor_referensi: body.nomor_referensi,
            catatan: body.catatan,
        }
    }
}

impl Body<PaymentResource> for PaymentBody {
    const PATH: &'static str = "/api/v1/payments";
    type New = NewPaymentBody;
    type Changes = PaymentChangesBody;

    fn id(&self) -> Uuid {
        self.id
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

/// A window of the payments of pilgrims.
#[utoipa::path(
    tag = "Payments",
    params(
        ("filter" = Option<Vec<String>>, Query, description = "`field=value`, URL-encoded; repeatable, all must hold.", explode, example = json!(["metode_pembayaran=cash"])),
        ("sort" = Option<String>, Query, description = "`field:asc` or `field:desc`, comma-separated.", example = "created_at:desc"),
        ("search" = Option<String>, Query, description = "Text that one of the text fields contains."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("offset" = Option<u64>, Query, minimum = 0, maximum = 9_223_372_036_854_775_807_i64, description = "Default 0."),
    ),
    responses((status = 200, description = "The window.", body = ListBody<PaymentBody>)),
)]
#[get("/api/v1/payments")]
pub(crate) async fn list_payments(
    caller: Caller<ManageResources>,
    query: Query,
    services: web::Data<Services>,
) -> Result<web::Json<ListBody<PaymentBody>>, ApiError> {
    resource::list(&services.payments, &caller, query).await
}

/// A payment of a pilgrim, new.
#[utoipa::path(
    tag = "Payments",
    request_body = NewPaymentBody,
    responses(
        (status = 201, description = "Made.", body = PaymentBody),
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
    resource::create::<PaymentResource, PaymentBody>(&services.payments, &caller, body).await
}

/// A payment of a pilgrim.
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

/// Removes it, unless other records refer to it.
#[utoipa::path(
    tag = "Payments",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Removed.", body = Message),
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
