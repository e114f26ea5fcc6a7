//! Ids in paths. Checks their form, not whether a record with the id exists.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::WebhookDeliveryId;
use uuid::Uuid;

use crate::error::ApiError;

/// The `{id}` of the path as an id of the kind that the handler works on.
pub(crate) struct PathId<T>(Uuid, PhantomData<fn() -> T>);

impl<T: From<Uuid>> PathId<T> {
    /// The id in its own type.
    pub(crate) fn get(&self) -> T {
        self.0.into()
    }
}

impl<T> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request, "id").map(|id| Self(id, PhantomData)))
    }
}

/// The `{delivery_id}` of the path: a message to a webhook.
pub(crate) struct DeliveryPathId(WebhookDeliveryId);

impl DeliveryPathId {
    /// The id in its own type.
    pub(crate) fn get(&self) -> WebhookDeliveryId {
        self.0
    }
}

impl FromRequest for DeliveryPathId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request, "delivery_id").map(|id| Self(id.into())))
    }
}

fn read(request: &HttpRequest, name: &str) -> Result<Uuid, ApiError> {
    request
        .match_info()
        .get(name)
        .filter(|text| text.len() == 36)
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or(ApiError::InvalidId)
}
