//! What the server does by itself in development on SQLite, so that one command runs the whole product.

use anyhow::{Context, Result};
use migration::{Migrator, MigratorTrait};
use repositories::{Database, DatabaseConfig, Tenants};
use secrecy::SecretString;
use services::SystemClock;

/// Applies the migrations that are missing.
pub(crate) async fn migrate(config: &DatabaseConfig) -> Result<()> {
    let connection = Database::migration_connection(config)
        .await
        .context("could not open the database")?;
    Migrator::up(&connection, None)
        .await
        .context("could not migrate the database")?;
    connection.close().await?;
    Ok(())
}

/// Fills an empty database with the first tenant, its admin and sample packages.
pub(crate) async fn seed(database: &Database, admin_password: &SecretString) -> Result<()> {
    if Tenants::new(database).count().await? == 0 {
        services::seed(database, &SystemClock, admin_password)
            .await
            .context("could not fill in the first data")?;
        tracing::info!("filled the empty database with a tenant, its admin and sample packages");
    }
    Ok(())
}
