//! Use cases and the background worker.
