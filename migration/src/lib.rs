//! The schema of the database, step by step: one migration per subject, the same set on PostgreSQL and SQLite. Knows no
//! entity and no query.
//!
//! What holds in every table of a tenant: the foreign keys to other tenant data are composite, `(tenant_id, x_id)`, so that
//! a row cannot point into another tenant; times are UTC without a zone; money is whole rupiah in a `BIGINT`.

pub use sea_orm_migration::{migrator::Migration, prelude::*};

mod columns;
mod m20261120_000001_tenants;
mod m20261120_000002_users;
mod m20261120_000003_refresh_tokens;
mod m20261120_000004_migration_jobs;
mod m20261120_000005_migration_errors;
mod m20261120_000006_packages;
mod m20261120_000007_jamaah;
mod m20261120_000008_payments;
mod m20261120_000009_row_level_security;
mod m20261126_000011_login_attempts;
mod m20261126_000012_between_processes;

/// The tables of this schema, parents first: each must have its row-level security.
pub const TABLES: [&str; 12] = [
    "tenants",
    "user",
    "user_profile",
    "refresh_tokens",
    "migration_jobs",
    "migration_errors",
    "packages",
    "jamaah",
    "payments",
    "login_attempts",
    "rate_budgets",
    "storage_marks",
];

/// All migrations in the order in which they are applied.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
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
            Box::new(m20261126_000011_login_attempts::Migration),
            Box::new(m20261126_000012_between_processes::Migration),
        ]
    }
}
