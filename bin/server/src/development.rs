//! The automatic set-up in development on SQLite, so that one command runs the whole product.

use anyhow::{Context, Result};
use migration::{Patience, Runner};
use repositories::Database;
use secrecy::SecretString;
use services::{SeedPlan, SystemClock};
use settings::DatabaseAddress;

/// Applies the missing migrations. Of two servers that start at the same moment one waits for the other.
pub(crate) async fn migrate(address: &DatabaseAddress) -> Result<()> {
    let connection = migration::connect(address.expose())
        .await
        .context("could not open the database")?;
    Runner::new(&connection, Patience::default())
        .up(None)
        .await
        .context("could not migrate the database")?;
    connection.close().await?;
    Ok(())
}

/// Fills an empty database with the first tenant, its admin and sample packages.
pub(crate) async fn seed(database: &Database, admin_password: &SecretString) -> Result<()> {
    if !services::is_seeded(database).await? {
        let plan = SeedPlan {
            tenant_name: None,
            admin_password: admin_password.clone(),
            has_samples: true,
            is_production: false,
        };
        services::seed(database, &SystemClock, &plan)
            .await
            .context("could not create the first data")?;
        tracing::info!("filled the empty database with a tenant, its admin and sample packages");
    }
    Ok(())
}
