//! The whole system from outside: real server processes, on SQLite and on PostgreSQL, spoken to over HTTP.

// Everything here is a test; the lints make their exception only inside `#[test]` functions.
#![allow(clippy::expect_used, clippy::print_stderr, clippy::unwrap_used)]

mod architecture;
mod bad_input;
mod durability;
mod harness;
mod job_states;
mod live_events;
mod published_bodies;
mod published_client;
mod roles;
mod rollback;
mod samples;
mod supervision;
