//! The schema against the code that relies on it.

use anyhow::{Context, Result};
use domain::{
    Clock, Gender, ImportType, JamaahId, JamaahStatus, PackageId, PackageStatus, Role, UserId,
};
use migration::{Migrator, MigratorTrait, TABLES};
use repositories::{Database, JamaahRecords, Packages, SCHEMA_HEAD, Users};

use super::world::{Now, World, jamaah, on_both_databases, package, user};

on_both_databases! {
    the_head_is_the_newest_migration,
    goes_down_and_up_again,
    the_words_of_the_domain_fit_the_checks,
}

async fn the_head_is_the_newest_migration(world: &World) -> Result<()> {
    let migrations = Migrator::migrations();
    let newest = migrations.last().context("there are migrations")?;
    assert_eq!(newest.name(), SCHEMA_HEAD);
    assert!(world.db.schema_is_at_head().await?);
    world.db.ping().await?;
    Ok(())
}

async fn goes_down_and_up_again(world: &World) -> Result<()> {
    let connection = Database::migration_connection(&world.config).await?;
    let steps = u32::try_from(Migrator::migrations().len())?;
    for _ in 0..steps {
        Migrator::down(&connection, Some(1)).await?;
        assert!(!world.db.schema_is_at_head().await?);
    }
    for _ in 0..steps {
        Migrator::up(&connection, Some(1)).await?;
    }
    assert!(world.db.schema_is_at_head().await?);
    Migrator::refresh(&connection).await?;
    Migrator::fresh(&connection).await?;
    assert!(world.db.schema_is_at_head().await?);
    assert_eq!(TABLES.len(), 12);
    connection.close().await?;
    Ok(())
}

async fn the_words_of_the_domain_fit_the_checks(world: &World) -> Result<()> {
    let packages = Packages::new(&world.db);
    let mut paket = PackageId::mint(&Now);
    for status in PackageStatus::ALL {
        let mut fields = package(&format!("Paket {status}"));
        fields.status = *status;
        paket = PackageId::mint(&Now);
        packages
            .insert(world.scope, paket, &fields, Now.now())
            .await?;
    }
    let mut number = 0;
    for status in JamaahStatus::ALL {
        for gender in Gender::ALL {
            number += 1;
            let mut fields = jamaah(number, paket);
            fields.status = *status;
            fields.jenis_kelamin = Some(*gender);
            JamaahRecords::new(&world.db)
                .insert(world.scope, JamaahId::mint(&Now), &fields, Now.now())
                .await?;
        }
    }
    for role in Role::ALL {
        let fields = user(&format!("peran-{role}"), *role);
        let id = UserId::mint(&Now);
        Users::new(&world.db)
            .insert(
                world.scope,
                id,
                Now.mint_uuid(),
                &fields,
                "system",
                Now.now(),
            )
            .await?;
    }
    for kind in ImportType::ALL {
        world.job(*kind).await?;
    }
    Ok(())
}
