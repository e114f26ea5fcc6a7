//! The whole system from outside: real server processes, on SQLite and on PostgreSQL, spoken to over HTTP.

// Everything here is a test; the lints make their exception only inside `#[test]` functions.
#![allow(clippy::expect_used, clippy::print_stderr, clippy::unwrap_used)]

mod architecture;
mod harness;
mod supervision;
