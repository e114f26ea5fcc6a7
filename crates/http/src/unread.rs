//! Closes the connection after the answer to a request whose body was not read to its end.
//!
//! actix reads the rest of a chunked body, however long, once its reader is dropped, to keep the connection for the next
//! request. While the reader is still there when the answer has been written, it closes the connection instead. So the
//! answer of an error keeps it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::web::Bytes;
use futures_util::Stream;

/// The body of a request, shared with its reader.
#[derive(Clone)]
pub(crate) struct Unread(Rc<RefCell<Payload>>);

impl Unread {
    /// Wraps the body before the handler gets it. Requests without a body are not wrapped.
    pub(crate) fn watch(request: &mut ServiceRequest) -> Option<Self> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let unread = Self(Rc::new(RefCell::new(request.take_payload())));
        let payload = Box::pin(unread.clone());
        request.set_payload(Payload::Stream { payload });
        Some(unread)
    }

    /// The answer's body, which now holds the rest of the request's until it is written.
    pub(crate) fn held_by(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Held {
            answer,
            _unread: self,
        })
    }
}

impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Unread").finish()
    }
}

impl Stream for Unread {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

struct Held {
    answer: BoxBody,
    _unread: Unread,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
