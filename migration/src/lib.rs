//! The schema of the database, step by step: one migration per subject, the same set on PostgreSQL and SQLite. Independent of
//! entities and queries.
//!
//! What holds in every table of a tenant: the foreign keys to other tenant data are composite, `(tenant_id, x_id)`, so that
//! a row cannot point into another tenant; times are UTC without a zone; money is whole rupiah in a `BIGINT`.

use sea_orm_migration::MigrationTrait;
/// The one connection of a migrator.
pub use sea_orm_migration::sea_orm::DatabaseConnection as Connection;

pub mod catalogue;
mod columns;
mod connect;
mod error;
mod m20261120_000001_tenants;
mod m20261120_000002_users;
mod m20261120_000003_refresh_tokens;
mod m20261120_000004_migration_jobs;
mod m20261120_000005_migration_errors;
mod m20261120_000006_packages;
mod m20261120_000007_jamaah;
mod m20261120_000008_payments;
mod m20261120_000009_row_level_security;
mod m20261126_000010_failed_rows;
mod m20261126_000011_login_attempts;
mod m20261126_000012_between_processes;
mod m20261126_000030_drafts;
mod m20261126_000035_accounts;
mod m20261126_000036_activities;
mod m20261126_000037_idempotency_keys;
mod m20261126_000038_api_keys;
mod m20261127_000060_webhooks;
mod m20261127_000061_remembered_mappings;
mod m20261127_000065_on_duplicate;
mod m20261127_000066_before_images;
mod m20261127_000075_deleted_rows;
mod m20261127_000076_corrected_rows;
mod record;
mod runner;
mod state;

pub use catalogue::{Difference, tables, tables_with};
pub use connect::connect;
pub use error::MigrationError;
pub use record::{Direction, statements};
pub use runner::{Done, Patience, Runner, transcript};
pub use state::{Applied, State};

/// All migrations in the order in which they are applied.
#[derive(Debug)]
pub struct Migrator;

impl Migrator {
    /// Each of them.
    #[must_use]
    pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_tenants::Migration),
            Box::new(m20261120_000002_users::Migration),
            Box::new(m20261120_000003_refresh_tokens::Migration),
            Box::new(m20261120_000004_migration_jobs::Migration),
            Box::new(m20261120_000005_migration_errors::Migration),
            Box::new(m20261120_000006_packages::Migration),
            Box::new(m20261120_000007_jamaah::Migration),
            Box::new(m20261120_000008_payments::Migration),
            Box::new(m20261120_000009_row_level_security::Migration),
            Box::new(m20261126_000010_failed_rows::Migration),
            Box::new(m20261126_000011_login_attempts::Migration),
            Box::new(m20261126_000012_between_processes::Migration),
            Box::new(m20261126_000030_drafts::Migration),
            Box::new(m20261126_000035_accounts::Migration),
            Box::new(m20261126_000036_activities::Migration),
            Box::new(m20261126_000037_idempotency_keys::Migration),
            Box::new(m20261126_000038_api_keys::Migration),
            Box::new(m20261127_000060_webhooks::Migration),
            Box::new(m20261127_000061_remembered_mappings::Migration),
            Box::new(m20261127_000065_on_duplicate::Migration),
            Box::new(m20261127_000066_before_images::Migration),
            Box::new(m20261127_000075_deleted_rows::Migration),
            Box::new(m20261127_000076_corrected_rows::Migration),
        ]
    }

    /// Their names, oldest first.
    #[must_use]
    pub fn names() -> Vec<String> {
        let migrations = Self::migrations();
        let names = migrations.iter().map(|migration| migration.name());
        names.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_migration_is_listed_in_the_order_of_the_names() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
            .filter(|name| name.starts_with("m2"))
            .collect();
        files.sort_unstable();
        assert_eq!(Migrator::names(), files);
    }
}
