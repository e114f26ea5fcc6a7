//! Logs on standard error, as text or as JSON. A panic is a log line like any other.
//!
//! No level may print a token, whatever `RUST_LOG` says. Our own code logs none. Libraries log what passes through
//! them: at `trace` the WebSocket under Socket.IO prints whole frames. So their log level is at most `info`, and whatever looks like
//! a token is removed from every line, because panics and chains of errors may quote one.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::LogConfig;
use crate::scrub::scrub;

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

#[cfg(test)]
mod tests {
    use super::*;

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
