//! Names as keys: every writer stores them in the form in which names are compared, and a lookup by name has one result, whether a
//! tenant's names are fetched once or batch by batch.

use anyhow::{Context, Result};
use domain::{
    Checkpoint, Clock, ImportType, JamaahId, JamaahInput, JamaahRef, NewJamaah, NewPackage,
    PackageId, PackageInput, PackageRef, PersonName,
};
use repositories::{
    Hits, ImportRow, ImportRows, JamaahRecords, Lookups, Packages, RefusalReason, RepositoryError,
};
use time::{Date, Duration, macros::date};

use super::{
    batches::commit,
    world::{Now, World, jamaah, on_both_databases, package, set},
};

on_both_databases! {
    a_reference_by_name_means_the_same_in_small_and_large_tenants,
    two_spellings_of_a_package_are_one,
    a_changed_name_is_found_by_its_new_spelling_alone,
}

/// Names that are one and the same name, and further spellings of it.
const NAMES: [(&[&str], &[&str]); 6] = [
    (&["Élodie Ångström"], &["ÉLODIE ÅNGSTRÖM"]),
    (&["Nur ‘Aini"], &["nur 'aini", "NUR ’AINI", "Nur `Aini"]),
    (&["Siti–Halimah", "SITI-HALIMAH"], &["siti—halimah"]),
    (
        &["Ömer Çelik", "ÖMER ÇELIK", "ömer çelik"],
        &["Ömer  ÇELIK "],
    ),
    (&["Ali “Haji” Topan"], &["ali \"haji\" topan"]),
    (&["Budi Santoso"], &["BUDI  SANTOSO "]),
];

fn person(number: u32, nama: &str, paket: PackageId) -> Result<NewJamaah> {
    Ok(NewJamaah {
        nama: PersonName::parse(nama)?,
        ..jamaah(number, paket)
    })
}

fn journey(nama: &str, day: Date) -> NewPackage {
    NewPackage {
        tanggal_keberangkatan: day,
        ..package(nama)
    }
}

async fn a_reference_by_name_means_the_same_in_small_and_large_tenants(
    world: &World,
) -> Result<()> {
    let paket = world.package(world.scope, "Paket Uji").await?;
    let (mut people, mut journeys) = (Vec::new(), Vec::new());
    let mut number = 0;
    for (names, _) in NAMES {
        for (place, name) in names.iter().enumerate() {
            number += 1;
            let person = person(number, name, paket)?;
            let journey = journey(name, date!(2027 - 03 - 15) + Duration::days(number.into()));
            // The first is created through the API, the others by an import.
            if place > 0 {
                people.push(person);
                journeys.push(journey);
                continue;
            }
            let id = JamaahId::mint(&Now);
            let records = JamaahRecords::new(&world.db);
            records.insert(world.scope, id, &person, Now.now()).await?;
            let id = PackageId::mint(&Now);
            let packages = Packages::new(&world.db);
            packages
                .insert(world.scope, id, &journey, Now.now())
                .await?;
        }
    }
    let refused = import(world, ImportType::Jamaah, ImportRows::Jamaah(rows(people))).await?;
    assert_eq!(refused, []);
    let refused = import(
        world,
        ImportType::Package,
        ImportRows::Package(rows(journeys)),
    )
    .await?;
    assert_eq!(refused, []);

    let job = world.job(ImportType::Payment).await?;
    for small in [Lookups::SMALL, 0] {
        let lookups = Lookups::with_small(&world.db, world.scope, job, small);
        for (names, spellings) in NAMES {
            let expected = u64::try_from(names.len())?;
            for spelling in names.iter().chain(spellings) {
                let said = format!("{spelling}, small up to {small}");
                let hits = lookups.jamaah(&[JamaahRef::parse(spelling)?]).await?;
                assert_eq!(count(&hits), expected, "{said}");
                let hits = lookups.packages(&[PackageRef::parse(spelling)?]).await?;
                assert_eq!(count(&hits), expected, "{said}");
            }
        }
        let unknown = [JamaahRef::parse("Nur Aini")?];
        assert_eq!(lookups.jamaah(&unknown).await?, [Hits::None]);
    }
    Ok(())
}

fn count(hits: &[Hits]) -> u64 {
    hits.iter()
        .map(|hits| match hits {
            Hits::None => 0,
            Hits::One(_) => 1,
            Hits::Many(rows) => *rows,
        })
        .sum()
}

async fn two_spellings_of_a_package_are_one(world: &World) -> Result<()> {
    let day = date!(2027 - 05 - 01);
    let packages = Packages::new(&world.db);
    let first = PackageId::mint(&Now);
    let stored = journey("Umroh ‘Ékonomi’ – Plus", day);
    packages
        .insert(world.scope, first, &stored, Now.now())
        .await?;
    let same = journey("UMROH 'ÉKONOMI' - PLUS", day);
    let id = PackageId::mint(&Now);
    let answer = packages.insert(world.scope, id, &same, Now.now()).await;
    assert!(
        matches!(answer, Err(RepositoryError::Duplicate { field: "nama" })),
        "{answer:?}"
    );
    let rest = journey("Umroh Ekonomi", day);
    let refused = import(
        world,
        ImportType::Package,
        ImportRows::Package(rows(vec![rest, same.clone()])),
    )
    .await?;
    assert_eq!(refused, [(3, RefusalReason::Duplicate { field: "nama" })]);
    let job = world.job(ImportType::Package).await?;
    for small in [Lookups::SMALL, 0] {
        let lookups = Lookups::with_small(&world.db, world.scope, job, small);
        let keys = [
            (same.nama.match_key(), day),
            (same.nama.match_key(), date!(2027 - 05 - 02)),
        ];
        let taken = lookups.taken_package(&keys).await?;
        assert_eq!(
            taken.iter().map(|hits| hits.are_some()).collect::<Vec<_>>(),
            [true, false]
        );
    }
    Ok(())
}

async fn a_changed_name_is_found_by_its_new_spelling_alone(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Paket Lama").await?;
    let patch = PackageInput {
        nama: set("Paket ‘Baru’"),
        ..PackageInput::default()
    };
    let packages = Packages::new(&world.db);
    packages
        .update(world.scope, paket, patch, Now.now())
        .await?
        .context("the package is there")?;
    let id = JamaahId::mint(&Now);
    let records = JamaahRecords::new(&world.db);
    records
        .insert(world.scope, id, &person(1, "Nama Lama", paket)?, Now.now())
        .await?;
    let patch = JamaahInput {
        nama: set("Nama ÉLOK"),
        ..JamaahInput::default()
    };
    records
        .update(world.scope, id, patch, Now.now())
        .await?
        .context("the jamaah is there")?;
    let job = world.job(ImportType::Payment).await?;
    for small in [Lookups::SMALL, 0] {
        let lookups = Lookups::with_small(&world.db, world.scope, job, small);
        let refs = [
            JamaahRef::parse("Nama Lama")?,
            JamaahRef::parse("nama élok")?,
        ];
        assert_eq!(
            lookups.jamaah(&refs).await?,
            [Hits::None, Hits::One(id.as_uuid())]
        );
        let refs = [
            PackageRef::parse("Paket Lama")?,
            PackageRef::parse("paket 'baru'")?,
        ];
        assert_eq!(
            lookups.packages(&refs).await?,
            [Hits::None, Hits::One(paket.as_uuid())]
        );
    }
    Ok(())
}

/// From row 2, as after a header.
fn rows<T>(records: Vec<T>) -> Vec<ImportRow<T>> {
    records
        .into_iter()
        .zip(2..)
        .map(|(record, row_number)| ImportRow::new(Now.mint_uuid(), row_number, record))
        .collect()
}

/// Imports rows in one batch; the rows that are refused, and why.
async fn import(
    world: &World,
    kind: ImportType,
    valid: ImportRows,
) -> Result<Vec<(u64, RefusalReason)>> {
    let lease = world.importing(kind).await?;
    let outcome = commit(world, &lease, &valid, (2, 100), Checkpoint::default()).await?;
    Ok(outcome
        .refused
        .iter()
        .map(|refusal| (refusal.row_number, refusal.reason))
        .collect())
}
