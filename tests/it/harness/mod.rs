//! What every end-to-end test stands on: a real server process, a real database, a client, and nothing left behind.

mod app;
mod binaries;
mod client;
mod events;
mod files;
mod janitor;
mod postgres;
mod server;
pub(crate) mod tokens;

pub(crate) use app::{ADMIN, App, Backend, JWT_SECRET, on_both_engines, on_postgres, prove};
pub(crate) use binaries::{binary, workspace};
pub(crate) use client::{Client, JOBS, Reply, records};
pub(crate) use events::{Events, Wire};
pub(crate) use files::{any_package, jamaah_file, jamaah_file_from, sample, sample_path};
pub(crate) use janitor::run_directory;
pub(crate) use postgres::{PostgresDatabase, run, start as start_postgres};
pub(crate) use server::Server;
