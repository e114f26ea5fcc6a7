//! The text of a frame on the plain WebSocket: `{"event": …, "data": …}`.

use serde::Serialize;
use services::{Event, Payload};

#[derive(Serialize)]
struct Frame<'a> {
    event: &'static str,
    data: &'a Payload,
}

/// The frame of an event.
pub(crate) fn text(event: &Event) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Frame {
        event: event.name(),
        data: &event.payload,
    })
}
