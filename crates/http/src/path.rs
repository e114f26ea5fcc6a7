//! Ids in paths. Knows their form, not whether anything has them.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
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
