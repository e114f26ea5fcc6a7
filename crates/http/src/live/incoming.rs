//! Checks what a client sends on a WebSocket, frame by frame, on both protocols. A listener has little to send, so broken or large
//! frames and floods of frames close the socket with the code that RFC 6455 section 7.4 has for them.
//!
//! The codec is actix's. It waits for a whole frame before it looks at its size, so sizes are checked here, at the first bytes.

use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, Codec, Frame, Item, Message, ProtocolError};
use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};
use tokio_util::codec::Decoder;

/// Frames that may come at once: the handshake of Socket.IO has four, and a client that slept answers a few pings together.
const FRAMES_AT_ONCE: u32 = 60;

/// Frames a second after that. A client answers a ping every few seconds and may ask for as many.
const FRAMES_A_SECOND: u32 = 20;

/// How long a client may take to answer the close frame. If the connection were closed at once, with unread bytes of the client,
/// the system would reset it, and the close frame with its code would be lost.
const FAREWELL: Duration = Duration::from_secs(2);

/// The frames of one client.
pub(super) struct Incoming {
    payload: Payload,
    buffer: BytesMut,
    codec: Codec,
    /// Bytes of the message so far, over all its frames.
    longest: usize,
    /// The message whose frames are still coming.
    message: Option<Fragments>,
    allowance: Allowance,
}

struct Fragments {
    is_text: bool,
    bytes: Vec<u8>,
}

impl Incoming {
    pub(super) fn new(payload: Payload, longest: usize) -> Self {
        Self {
            payload,
            buffer: BytesMut::new(),
            codec: Codec::new().max_size(longest),
            longest,
            message: None,
            allowance: Allowance::full(Instant::now()),
        }
    }

    /// The next frame; `None` if the client has disconnected, and the reason to close if it violated the protocol.
    pub(super) async fn next(&mut self) -> Option<Result<Message, CloseReason>> {
        loop {
            if let Err(reason) = check_head(&self.buffer, self.longest) {
                return Some(Err(reason));
            }
            match self.codec.decode(&mut self.buffer) {
                Ok(Some(frame)) => return Some(self.accept(frame)),
                Ok(None) => {}
                Err(error) => return Some(Err(reason(&error))),
            }
            match self.payload.next().await? {
                Ok(bytes) => self.buffer.extend_from_slice(&bytes),
                Err(_) => return None,
            }
        }
    }

    /// Reads and discards until the client disconnects or its time to close is over.
    pub(super) async fn see_off(&mut self) {
        self.buffer = BytesMut::new();
        let end = Instant::now() + FAREWELL;
        while let Ok(Some(Ok(_))) = timeout_at(end, self.payload.next()).await {}
    }

    fn accept(&mut self, frame: Frame) -> Result<Message, CloseReason> {
        if !self.allowance.take(Instant::now()) {
            return Err((CloseCode::Policy, "too many frames").into());
        }
        Ok(match frame {
            Frame::Text(bytes) => Message::Text(bytes.try_into().map_err(|_| not_text())?),
            Frame::Binary(bytes) => Message::Binary(bytes),
            Frame::Ping(bytes) => Message::Ping(bytes),
            Frame::Pong(bytes) => Message::Pong(bytes),
            Frame::Close(reason) => Message::Close(reason),
            Frame::Continuation(item) => {
                self.collect(&item)?;
                Message::Continuation(item)
            }
        })
    }

    /// Tracks a message of several frames: the limits of size and text apply to all of them together.
    fn collect(&mut self, item: &Item) -> Result<(), CloseReason> {
        let (bytes, is_last) = match item {
            Item::FirstText(bytes) | Item::FirstBinary(bytes) => {
                self.message = Some(Fragments {
                    is_text: matches!(item, Item::FirstText(_)),
                    bytes: Vec::new(),
                });
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(message) = &mut self.message else {
            return Err(CloseCode::Protocol.into());
        };
        if message.bytes.len() + bytes.len() > self.longest {
            return Err(CloseCode::Size.into());
        }
        message.bytes.extend_from_slice(bytes);
        if is_last {
            let is_broken = message.is_text && std::str::from_utf8(&message.bytes).is_err();
            self.message = None;
            if is_broken {
                return Err(not_text());
            }
        }
        Ok(())
    }
}

fn not_text() -> CloseReason {
    (CloseCode::Invalid, "text is not UTF-8").into()
}

fn reason(error: &ProtocolError) -> CloseReason {
    match error {
        ProtocolError::Overflow => CloseCode::Size.into(),
        _ => CloseCode::Protocol.into(),
    }
}

/// Rejects a frame that announces more bytes than allowed, before they arrive. An incomplete head passes: the codec waits for its
/// last few bytes.
fn check_head(buffer: &[u8], longest: usize) -> Result<(), CloseReason> {
    /// The bits of the second byte that are a length, or say how long the length is (RFC 6455 section 5.2).
    const LENGTH: u8 = 0x7F;
    /// The bit of the opcode that control frames have; their payload is at most 125 bytes.
    const CONTROL: u8 = 0x08;
    const LONGEST_CONTROL: u64 = 125;
    let &[first, second, ref rest @ ..] = buffer else {
        return Ok(());
    };
    let length = match second & LENGTH {
        126 => rest
            .first_chunk()
            .map(|bytes| u64::from(u16::from_be_bytes(*bytes))),
        127 => rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)),
        length => Some(u64::from(length)),
    };
    let Some(length) = length else {
        return Ok(());
    };
    if length > i64::MAX.unsigned_abs() || (first & CONTROL != 0 && length > LONGEST_CONTROL) {
        return Err(CloseCode::Protocol.into());
    }
    match usize::try_from(length) {
        Ok(length) if length <= longest => Ok(()),
        _ => Err(CloseCode::Size.into()),
    }
}

/// How many frames may still come; grows with time.
struct Allowance {
    left: u32,
    counted_from: Instant,
}

impl Allowance {
    const EVERY: Duration = Duration::from_millis(1000 / FRAMES_A_SECOND as u64);

    fn full(now: Instant) -> Self {
        Self {
            left: FRAMES_AT_ONCE,
            counted_from: now,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let grown = (now - self.counted_from).as_millis() / Self::EVERY.as_millis();
        let grown = u32::try_from(grown).unwrap_or(u32::MAX);
        if grown >= FRAMES_AT_ONCE {
            *self = Self::full(now);
        } else {
            self.left = (self.left + grown).min(FRAMES_AT_ONCE);
            self.counted_from += Self::EVERY * grown;
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_http::ws::Parser;
    use actix_web::error::PayloadError;
    use actix_web::web::Bytes;
    use futures_util::stream;

    use super::*;

    const LONGEST: usize = 1_000;

    fn frame(opcode: actix_http::ws::OpCode, is_last: bool, payload: &[u8]) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        Parser::write_message(&mut bytes, payload, opcode, is_last, true);
        bytes.to_vec()
    }

    /// The close code for these bytes; `None` if they are accepted.
    async fn code(bytes: Vec<u8>) -> Option<u16> {
        // In pieces of one byte: no check may need more of a frame than its head.
        let pieces = bytes
            .into_iter()
            .map(|byte| Ok::<_, PayloadError>(Bytes::from(vec![byte])))
            .collect::<Vec<_>>();
        let payload: Payload = Payload::Stream {
            payload: Box::pin(stream::iter(pieces)),
        };
        let mut incoming = Incoming::new(payload, LONGEST);
        while let Some(next) = incoming.next().await {
            if let Err(reason) = next {
                return Some(reason.code.into());
            }
        }
        None
    }

    #[actix_web::test]
    async fn what_a_client_may_not_send_has_its_close_code() {
        use actix_http::ws::OpCode::{Binary, Continue, Ping, Text};
        let mut endless = frame(Text, false, b"a");
        for _ in 0..30 {
            endless.extend(frame(Continue, false, &[b'a'; 100]));
        }
        let split = |first: &[u8], last: &[u8]| {
            [frame(Text, false, first), frame(Continue, true, last)].concat()
        };
        for (name, bytes, expected) in [
            ("a message", frame(Text, true, b"halo"), None),
            (
                "the longest message",
                frame(Binary, true, &vec![0; LONGEST]),
                None,
            ),
            ("a letter in two frames", split(b"\xc3", b"\xa9"), None),
            ("half a letter", split(b"\xc3", b"\xc3"), Some(1007)),
            ("no text", frame(Text, true, b"\xff"), Some(1007)),
            (
                "one byte too many",
                frame(Binary, true, &vec![0; LONGEST + 1]),
                Some(1009),
            ),
            // Only the head of it: nothing waits for the rest.
            (
                "a gigabyte to come",
                vec![0x82, 0xFF, 0, 0, 0, 0, 0x40, 0, 0, 0],
                Some(1009),
            ),
            (
                "a negative length",
                vec![0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0],
                Some(1002),
            ),
            ("continuation without an end", endless, Some(1009)),
            (
                "continuation of nothing",
                frame(Continue, true, b"a"),
                Some(1002),
            ),
            ("a long ping", frame(Ping, true, &[0; 126]), Some(1002)),
            ("a ping in pieces", frame(Ping, false, b"a"), Some(1002)),
            (
                "an unknown opcode",
                vec![0x83, 0x80, 0, 0, 0, 0],
                Some(1002),
            ),
            ("a reserved bit", vec![0xC1, 0x80, 0, 0, 0, 0], Some(1002)),
            ("no mask", vec![0x81, 0x01, b'a'], Some(1002)),
            (
                "a thousand pings",
                frame(Ping, true, b"").repeat(1_000),
                Some(1008),
            ),
        ] {
            assert_eq!(code(bytes).await, expected, "{name}");
        }
    }

    #[test]
    fn the_allowance_grows_with_time_and_not_beyond_its_measure() {
        let begun = Instant::now();
        let mut allowance = Allowance::full(begun);
        let mut taken = |after| (0..1_000).filter(|_| allowance.take(begun + after)).count();
        assert_eq!(taken(Duration::ZERO), 60);
        assert_eq!(taken(Duration::from_millis(499)), 9);
        assert_eq!(taken(Duration::from_secs(1)), 11);
        assert_eq!(taken(Duration::from_hours(1)), 60);
    }
}
