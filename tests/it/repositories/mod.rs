//! The repositories themselves, on both engines, without HTTP.

mod batches;
mod claims;
mod deadlocks;
mod faults;
mod jobs;
mod loading;
mod lookups;
mod names;
mod resources;
mod rollback;
mod row_level_security;
mod schema;
mod sessions;
mod states;
mod world;
