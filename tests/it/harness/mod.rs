//! The basis of every end-to-end test: a real server process, a real database, a client, and a clean-up of all of them.

use std::time::Duration;

/// How long a test waits for an expected event: it comes much earlier, unless the machine is stuck.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

mod app;
mod binaries;
pub(crate) mod bucket;
mod client;
mod cluster;
mod database;
mod direct;
mod events;
mod files;
mod janitor;
mod postgres;
mod proxy;
mod raw;
mod receiver;
mod repository_copy;
mod server;
pub(crate) mod tokens;

pub(crate) use app::{
    ADMIN, App, Backend, Claim, JWT_SECRET, longest_test, on_both_engines, on_postgres, prove,
};
pub(crate) use binaries::{binary, workspace};
pub(crate) use client::{Client, JOBS, Reply, records};
pub(crate) use cluster::Cluster;
pub(crate) use direct::Direct;
pub(crate) use events::{Events, Wire};
pub(crate) use files::{
    Person, any_package, files_below, jamaah_file, jamaah_file_from, new_package, sample,
    sample_path,
};
pub(crate) use janitor::run_directory;
pub(crate) use postgres::{PostgresDatabase, run};
pub(crate) use proxy::Proxy;
pub(crate) use raw::{Raw, frame};
pub(crate) use receiver::{Answer, Receiver, Sent};
pub(crate) use repository_copy::RepositoryCopy;
pub(crate) use server::Server;
