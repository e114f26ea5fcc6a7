//! Logs on standard error, as text or as JSON. A panic is a log line like any other.
//!
//! No level may print a token, whatever `RUST_LOG` says. Our own code logs none. Libraries log what passes through
//! them: at `trace` the WebSocket under Socket.IO prints whole frames. So their log level is at most `info`, and whatever looks like
//! a token is removed from every line, because panics and chains of errors may quote one.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::LogConfig;

/// The crates that log at the level of `RUST_LOG`. All others log at `info` at most.
const OURS: [&str; 10] = [
    "auth",
    "domain",
    "http_api",
    "import_engine",
    "import_types",
    "migration",
    "repositories",
    "server",
    "services",
    "settings",
];

/// The most detailed level of all other crates: their warnings and notices, never the data that passes through them.
const OTHERS: Level = Level::INFO;

/// A value that has to be held as long as the process runs.
#[cfg(feature = "otlp")]
pub(crate) type Held = Option<crate::traces::Traces>;
/// A value that has to be held as long as the process runs. It is empty without traces.
#[cfg(not(feature = "otlp"))]
pub(crate) struct Held;

/// Installs the subscriber of the process.
pub(crate) fn init(config: &LogConfig) -> Result<Held> {
    let lines = fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(|| Scrubbed(io::stderr()));
    let lines = if config.json {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .boxed()
    } else {
        lines.compact().boxed()
    };
    let subscriber = tracing_subscriber::registry()
        .with(EnvFilter::try_new(&config.filter)?)
        .with(filter_fn(may_be_heard))
        .with(lines);
    #[cfg(feature = "otlp")]
    let (held, subscriber) = {
        let endpoint = config.otlp_endpoint.as_deref();
        let traces = endpoint.map(crate::traces::Traces::to).transpose()?;
        let layer = traces.as_ref().map(crate::traces::Traces::layer);
        (traces, subscriber.with(layer))
    };
    #[cfg(not(feature = "otlp"))]
    let held = Held;
    subscriber.try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(held)
}

fn may_be_heard(metadata: &Metadata<'_>) -> bool {
    let (name, _) = metadata
        .target()
        .split_once("::")
        .unwrap_or((metadata.target(), ""));
    *metadata.level() <= OTHERS || OURS.contains(&name)
}

/// Logs a panic within the span of the request or job, so that the line has its id.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(location, message, "panicked");
}

/// Writes lines without what looks like a token in them.
struct Scrubbed<W>(W);

impl<W: Write> Write for Scrubbed<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.0.write_all(scrub(text).as_bytes())?,
            Err(_) => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The first letters of every JWT, `{"` in Base64: plain, encoded in Base64 a second time, and in hexadecimal.
const BEGINNINGS: [&str; 4] = ["eyJ", "ZXlK", "65794a", "65794A"];

/// Replaces a token.
const STRUCK_OUT: &str = "[token]";

/// Replaces access tokens, which are recognised by their beginning, and refresh tokens, which are 64 hexadecimal digits.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    /// Shorter than any token, and longer than a word that begins like one by chance.
    const SHORTEST: usize = 20;
    const REFRESH_TOKEN: usize = 64;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.%+/=".contains(letter);
    let mut scrubbed = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(begin) = text[from..].find(is_part).map(|offset| from + offset) {
        let end = text[begin..]
            .find(|letter| !is_part(letter))
            .map_or(text.len(), |offset| begin + offset);
        let word = &text[begin..end];
        let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let token = if word.len() == REFRESH_TOKEN && is_hex {
            Some(begin)
        } else {
            let first = BEGINNINGS.iter().filter_map(|start| word.find(start)).min();
            first
                .filter(|first| word.len() - first >= SHORTEST)
                .map(|first| begin + first)
        };
        if let Some(token) = token {
            scrubbed.push_str(&text[copied..token]);
            scrubbed.push_str(STRUCK_OUT);
            copied = end;
        }
        from = end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    scrubbed.push_str(&text[copied..]);
    Cow::Owned(scrubbed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_struck_out_of_every_line_and_nothing_else() {
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJoaWpyYWgifQ.c2lnbmF0dXJl";
        let hex = "65794a306558416901234567890123456789";
        let refresh = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (line, expected) in [
            (
                format!("path=/ws/{token} status=404\n"),
                "path=/ws/[token] status=404\n",
            ),
            (format!("got b\"token={token}\""), "got b\"token=[token]\""),
            (
                format!("Bearer {token}, again {token}"),
                "Bearer [token], again [token]",
            ),
            (format!("bytes {hex} came"), "bytes [token] came"),
            (format!("refresh {refresh}"), "refresh [token]"),
        ] {
            assert_eq!(scrub(&line), expected);
        }
        for line in [
            "finished import job.id=01939f4e-5b2c-7c3d-8e4f-5a6b7c8d9e0f rows=150\n",
            "an eyJ by chance",
            "",
        ] {
            assert_eq!(scrub(line), line);
        }
    }

    #[test]
    fn libraries_are_not_heard_below_info() {
        let subscriber = tracing_subscriber::registry().with(filter_fn(may_be_heard));
        tracing::subscriber::with_default(subscriber, || {
            assert!(tracing::enabled!(target: "tungstenite::protocol", Level::INFO));
            assert!(!tracing::enabled!(target: "tungstenite::protocol", Level::DEBUG));
            assert!(!tracing::enabled!(target: "servicesque", Level::TRACE));
            assert!(tracing::enabled!(target: "services::worker", Level::TRACE));
            assert!(tracing::enabled!(target: "server", Level::TRACE));
        });
    }
}
