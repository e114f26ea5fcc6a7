//! The whole system from outside: real server processes on SQLite and on PostgreSQL, used over HTTP.

// Everything here is a test; the lints make their exception only inside `#[test]` functions.
#![expect(clippy::expect_used, clippy::print_stderr, clippy::print_stdout)]
// A flow over HTTP reads best as one story; its tables and texts are long.
#![expect(
    clippy::format_push_string,
    clippy::similar_names,
    clippy::too_many_lines
)]

mod anonymous_clients;
mod architecture;
mod backups;
mod bad_input;
mod between_servers;
mod browser_sessions;
mod buckets;
mod cancelling;
mod commands;
mod conformance;
mod console;
mod contract_rows;
mod control_characters;
mod corrections;
mod damaged_jobs;
mod dead_sessions;
mod deployment;
mod drafts;
mod durability;
mod environment;
mod failed_rows;
mod guessing;
mod guide;
mod harness;
mod hostile_requests;
mod hostile_upload;
mod housekeeping;
mod http_edge;
mod job_states;
mod live_events;
mod live_sockets;
mod machines;
mod meaning;
mod memory;
mod migrations;
mod monitoring;
mod on_duplicate;
mod own_accounts;
mod pages;
mod published_bodies;
mod published_client;
mod records_of_work;
mod release;
mod replicas;
mod repositories;
mod resources;
mod roles;
mod rollback;
mod samples;
mod secrets_in_logs;
mod sessions;
mod slow_readers;
mod spellings;
mod supervision;
mod validation;
mod webhooks;
mod workbooks;
