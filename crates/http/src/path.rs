//! Ids in paths. Knows their form, not whether anything has them.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;

use crate::error::ApiError;

/// The `{id}` of the path as an id of the kind that the handler works on.
pub(crate) struct PathId<T>(pub(crate) Uuid, PhantomData<fn() -> T>);

macro_rules! path_ids {
    ($($id:ty),* $(,)?) => {$(
        impl PathId<$id> {
            /// The id in its own type.
            pub(crate) fn get(&self) -> $id {
                <$id>::from_uuid(self.0)
            }
        }
    )*};
}

path_ids!(
    domain::JobId,
    domain::PackageId,
    domain::JamaahId,
    domain::PaymentId,
    domain::UserId,
);

impl<T> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request
            .match_info()
            .get("id")
            .filter(|text| text.len() == 36)
            .and_then(|text| Uuid::try_parse(text).ok());
        ready(
            id.map(|id| Self(id, PhantomData))
                .ok_or(ApiError::InvalidId),
        )
    }
}
