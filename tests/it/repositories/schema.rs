//! The schema against the code that relies on it.

use anyhow::Result;
use domain::{
    Clock, Gender, ImportType, JamaahId, JamaahStatus, PackageId, PackageStatus, Role, RowData,
    UserId,
};
use migration::{Migrator, Patience, Runner, State};
use repositories::{JamaahRecords, Packages, Users};

use crate::harness::Direct;

use super::world::{Now, World, jamaah, on_both_databases, package, user};

on_both_databases! {
    goes_down_and_up_again,
    errors_of_earlier_versions_keep_their_rows_up_and_down,
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

/// A row as earlier versions stored it with each of its errors, and what it is packed to.
const OLD_ROW: &str = r#"{"nama": "Budi \"B\u005c\"", "": "a\tb\u005cb\u005ct", "alamat": "Jl. Satu\nNo. 2", "nama 2": "", "_kolom_5": "lebih"}"#;
const PACKED: &str = "Budi \"B\\b\"\ta\\tb\\bb\\bt\tJl. Satu\nNo. 2\t\tlebih";

async fn errors_of_earlier_versions_keep_their_rows_up_and_down(world: &World) -> Result<()> {
    let job = world.job(ImportType::Jamaah).await?;
    let connection = migration::connect(&world.config.url).await?;
    let runner = || Runner::new(&connection, Patience::default());
    let names = Migrator::names();
    let older = names
        .iter()
        .take_while(|name| *name != "m20261126_000010_failed_rows");
    let steps = u32::try_from(names.len() - older.count())?;
    runner().down(Some(steps)).await?;
    let mut direct = Direct::connect(&world.config.url).await?;
    let (tenant, id) = (
        direct.uuid(&world.scope.tenant_id().to_string())?,
        direct.uuid(&job.to_string())?,
    );
    direct
        .execute(&format!(
            r#"UPDATE migration_jobs SET metadata = '{{"columns": ["nama", "", "alamat", "nama 2"]}}' WHERE id = {id}"#
        ))
        .await?;
    for (number, row, kind, message) in [
        (1, 5, "invalid_format", "Email tidak valid"),
        (2, 5, "missing_required", "Field nama wajib diisi"),
        (3, 6, "duplicate", "NIK sudah ada di sistem"),
        (4, 6, "duplicate", "Nilai ktp sudah ada di baris 5"),
    ] {
        let error = direct.uuid(&format!("00000000-0000-7000-8000-00000000000{number}"))?;
        direct
            .execute(&format!(
                "INSERT INTO migration_errors (id, tenant_id, migration_job_id, row_number, error_type, \
                 error_message, row_data, created_at) VALUES ({error}, {tenant}, {id}, {row}, '{kind}', \
                 '{message}', '{OLD_ROW}', '2026-01-01 00:00:00')"
            ))
            .await?;
    }
    for _ in 0..2 {
        runner().up(None).await?;
        let sql = "SELECT CAST(row_number AS TEXT), cells, CAST(bytes AS TEXT) FROM migration_rows ORDER BY 1";
        let size = PACKED.len().to_string();
        assert_eq!(
            direct.rows(sql).await?,
            [["5", PACKED, &size], ["6", PACKED, &size]]
        );
        let sql = "SELECT code, severity FROM migration_errors ORDER BY id";
        assert_eq!(
            direct.rows(sql).await?,
            [
                ["invalid_format", "error"],
                ["required", "error"],
                ["duplicate_in_system", "error"],
                ["duplicate_in_file", "error"],
            ]
        );
        runner().down(Some(steps)).await?;
        let sql = "SELECT CAST(row_data AS TEXT) FROM migration_errors ORDER BY id";
        let named: Vec<(&str, &str)> = vec![
            ("nama", "Budi \"B\\\""),
            ("_kolom_2", "a\tb\\b\\t"),
            ("alamat", "Jl. Satu\nNo. 2"),
            ("nama 2", ""),
            ("_kolom_5", "lebih"),
        ];
        for row in direct.rows(sql).await? {
            let data: RowData = serde_json::from_str(&row[0])?;
            let cells: Vec<(&str, &str)> = data
                .0
                .iter()
                .map(|(name, cell)| (name.as_str(), cell.as_str()))
                .collect();
            assert_eq!(cells, named);
        }
    }
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
