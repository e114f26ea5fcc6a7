//! Logs on standard error: text for people or JSON for machines. A panic is a log line like any other.

use std::io::IsTerminal;

use anyhow::Result;
use tracing_subscriber::EnvFilter;

use crate::config::LogConfig;

/// Installs the subscriber of the process.
pub(crate) fn init(config: &LogConfig) -> Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let installed = if config.json {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .try_init()
    } else {
        builder.compact().try_init()
    };
    installed.map_err(|error| anyhow::anyhow!(error))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Within the span of the request or job that panicked, so with its id.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(place, message, "panicked");
}
