//! Composition root: configuration, telemetry, wiring, shutdown.
fn main() {}
