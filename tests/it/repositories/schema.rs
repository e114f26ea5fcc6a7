//! The schema against the code that relies on it.

use anyhow::Result;
use domain::{
    Clock, Gender, ImportType, JamaahId, JamaahStatus, PackageId, PackageStatus, Role, UserId,
};
use migration::{Migrator, Patience, Runner, State};
use repositories::{JamaahRecords, Packages, Users};

use super::world::{Now, World, jamaah, on_both_databases, package, user};

on_both_databases! {
    goes_down_and_up_again,
    the_words_of_the_domain_fit_the_checks,
}

async fn goes_down_and_up_again(world: &World) -> Result<()> {
    let connection = migration::connect(&world.config.url).await?;
    let runner = || Runner::new(&connection, Patience::default());
    let steps = Migrator::names().len();
    for _ in 0..steps {
        assert_eq!(runner().down(Some(1)).await?.rolled_back.len(), 1);
        assert!(!world.db.schema_is_at_head().await?);
    }
    assert!(runner().down(Some(1)).await?.is_nothing());
    for _ in 0..steps {
        assert_eq!(runner().up(Some(1)).await?.applied.len(), 1);
    }
    assert!(runner().up(None).await?.is_nothing());
    assert!(world.db.schema_is_at_head().await?);
    runner().refresh().await?;
    runner().fresh().await?;
    assert!(world.db.schema_is_at_head().await?);
    world.db.ping().await?;
    let state = State::read(&connection).await?;
    assert!(state.changed().is_empty() && state.unknown().is_empty());
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
