//! The caller of a request, as the type of a handler's first argument. The `admission` layer has identified them.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use auth::{Actor, Permission, VerifiedToken};

use crate::error::ApiError;

/// What admission stored in the request: the token of a living session, or none.
#[derive(Clone, Copy)]
pub(crate) struct Admitted(pub(crate) VerifiedToken);

/// A caller with the permission `P`. It must be a handler's first argument: extractors run in order, so the answer to an anonymous
/// caller is 401 and to the wrong role 403, whatever else is wrong with the request.
pub(crate) struct Caller<P>(Actor<P>);

impl<P> Deref for Caller<P> {
    type Target = Actor<P>;

    fn deref(&self) -> &Actor<P> {
        &self.0
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Admitted>().copied();
        ready(match admitted {
            Some(Admitted(token)) => token.identity.authorize().map(Self).map_err(Into::into),
            None => Err(ApiError::Unauthorized),
        })
    }
}
