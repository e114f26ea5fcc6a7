//! `Idempotency-Key`: a request with a name is carried out once, however often it is sent.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, web};
use auth::Identity;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use services::{Named, Services};
use utoipa::IntoParams;

use crate::error::ApiError;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest name, in characters: a UUID has 36.
const LONGEST_NAME: usize = 255;

/// The header of requests that may have a name.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a schema: `once` reads the header")]
pub(crate) struct IdempotencyParams {
    /// A name of the request, 1 to 255 characters: sent again under it within a day, it is carried out once and answered as before, with `Idempotency-Replayed: true`. 422 for another request of this name, 409 while the first is being carried out. A refused request frees its name.
    #[param(
        rename = "Idempotency-Key",
        example = "5f0c6c2e-7d5c-4a53-9d4b-2a8f6f1f6f10"
    )]
    idempotency_key: Option<String>,
}

/// Answers `work`, or what it was answered before under the same name. `parts` are what makes two requests the same one.
///
/// Work with a key continues when its client disconnects, so that the answer is there when the client asks again.
pub(crate) async fn once<T: Serialize + 'static>(
    request: &HttpRequest,
    services: &web::Data<Services>,
    caller: Identity,
    parts: &[&str],
    work: LocalBoxFuture<'static, Result<T, ApiError>>,
) -> Result<HttpResponse, ApiError> {
    let Some(name) = name(request)? else {
        return Ok(HttpResponse::Ok().json(work.await?));
    };
    let place = format!("{} {}", request.method(), request.path());
    let parts: Vec<&str> = std::iter::once(place.as_str())
        .chain(std::iter::once(request.query_string()))
        .chain(parts.iter().copied())
        .collect();
    let reserved = match services.idempotency.reserve(&caller, name, &parts).await? {
        Named::New(reserved) => reserved,
        Named::Repeated(answer) => {
            return Ok(HttpResponse::Ok()
                .insert_header((REPLAYED, HeaderValue::from_static("true")))
                .content_type("application/json")
                .body(answer));
        }
    };
    let done = actix_web::rt::spawn(async move {
        match work.await {
            Ok(answer) => {
                let body = serde_json::to_string(&answer)
                    .map_err(|error| ApiError::Internal(error.into()))?;
                reserved.answer(&body).await;
                Ok(body)
            }
            Err(refusal) => {
                reserved.release().await;
                Err(refusal)
            }
        }
    });
    let body = done
        .await
        .map_err(|error| ApiError::Internal(error.into()))??;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(body))
}

/// The name of the request, if it has one.
fn name(request: &HttpRequest) -> Result<Option<&str>, ApiError> {
    let wrong = || ApiError::InvalidHeader {
        name: "Idempotency-Key",
        reason: "harus 1 sampai 255 karakter ASCII tanpa spasi, satu kali",
    };
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let name = value.to_str().map_err(|_| wrong())?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    if values.next().is_some() || !is_plain || !(1..=LONGEST_NAME).contains(&name.len()) {
        return Err(wrong());
    }
    Ok(Some(name))
}
