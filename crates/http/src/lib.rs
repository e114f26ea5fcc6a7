//! The actix-web adapter: routes, extractors, DTOs, error table, WebSocket, Socket.IO, OpenAPI.
//! It has no business logic: a handler takes an actor and a DTO, calls one use case, and answers with a DTO.
//!
//! The layers around a request, from the outside in: the span with its request id (`observe`), the documented body and headers of
//! every answer (`edge`), CORS, the caller and their budget (`admission`), and then the handler, whose extractors check in
//! the order token, role, path id, and only then the body.

mod activity;
mod admission;
mod api_key;
mod app;
mod body;
mod caller;
mod client_address;
mod config;
#[cfg(feature = "console")]
mod console;
mod docs;
mod edge;
mod error;
mod error_body;
#[cfg(test)]
mod error_catalogue;
mod health;
mod idempotency;
mod import_job;
mod jamaah;
mod live;
mod metrics;
mod observe;
mod openapi;
#[cfg(test)]
mod openapi_tests;
mod package;
mod path;
mod payment;
mod query;
mod rate_limit;
mod resource;
mod service_error;
mod session;
mod session_cookie;
mod tenant;
mod types;
mod unmatched;
mod unread;
mod user;
mod webhook;
mod words;

pub use app::{Api, Running, Stopper, document};
pub use config::{ConsolePages, HttpConfig};
pub use metrics::Metrics;
