//! Packages, jamaah and payments: stored, found, listed, changed, refused.

use anyhow::{Context, Result};
use domain::{Change, Clock, Input, JamaahId, PackageId, PackageInput, PaymentId, PaymentInput};
use repositories::{JamaahRecords, ListError, ListQuery, Packages, Payments, RepositoryError};

use super::world::{Now, World, jamaah, on_both_databases, package, set};

on_both_databases! {
    a_package_is_stored_found_changed_and_deleted,
    natural_keys_are_unique_in_a_tenant_only,
    what_is_referred_to_stays,
    a_list_filters_sorts_searches_and_pages,
    a_list_refuses_what_it_does_not_know,
}

async fn a_package_is_stored_found_changed_and_deleted(world: &World) -> Result<()> {
    let packages = Packages::new(&world.db);
    let id = PackageId::mint(&Now);
    let now = Now.now();
    let stored = packages
        .insert(world.scope, id, &package("Umroh Hemat"), now)
        .await?;
    assert_eq!(
        (stored.version, stored.created_at, stored.updated_at),
        (1, now, now)
    );
    assert_eq!(packages.find(world.scope, id).await?, Some(stored.clone()));

    let nothing = packages
        .update(world.scope, id, PackageInput::default(), Now.now())
        .await?;
    assert_eq!(nothing, Some(stored), "a change of nothing changes nothing");

    let patch = PackageInput {
        kapasitas: Change::Set(40),
        harga_wholesale: Change::Set(1),
        ..PackageInput::default()
    };
    let changed = packages
        .update(world.scope, id, patch, Now.now())
        .await?
        .context("is there")?;
    assert_eq!((changed.version, changed.fields.kapasitas.get()), (2, 40));
    assert!(changed.updated_at > changed.created_at);
    assert_eq!(packages.find(world.scope, id).await?, Some(changed.clone()));

    let invalid = PackageInput {
        kapasitas: Change::Set(0),
        status: Change::Clear,
        ..PackageInput::default()
    };
    let refused = packages.update(world.scope, id, invalid, Now.now()).await;
    let Err(RepositoryError::InvalidFields(errors)) = refused else {
        anyhow::bail!("not refused: {refused:?}");
    };
    let fields: Vec<_> = errors.0.iter().map(|error| error.field).collect();
    assert_eq!(fields, ["kapasitas", "status"]);
    assert_eq!(packages.find(world.scope, id).await?, Some(changed));

    let (other_tenant, _) = world.other_tenant().await?;
    assert_eq!(packages.find(other_tenant, id).await?, None);
    assert!(!packages.delete(other_tenant, id).await?);
    assert!(packages.delete(world.scope, id).await?);
    assert!(!packages.delete(world.scope, id).await?);
    Ok(())
}

async fn natural_keys_are_unique_in_a_tenant_only(world: &World) -> Result<()> {
    let packages = Packages::new(&world.db);
    let (other_tenant, _) = world.other_tenant().await?;
    let ours = world.package(world.scope, "Umroh Hemat").await?;
    let theirs = world.package(other_tenant, "Umroh Hemat").await?;
    let again = packages
        .insert(
            world.scope,
            PackageId::mint(&Now),
            &package("UMROH hemat"),
            Now.now(),
        )
        .await;
    assert!(
        matches!(again, Err(RepositoryError::Duplicate { field: "nama" })),
        "{again:?}"
    );

    let records = JamaahRecords::new(&world.db);
    let insert = async |scope, person| {
        records
            .insert(scope, JamaahId::mint(&Now), &person, Now.now())
            .await
    };
    insert(world.scope, jamaah(1, ours)).await?;
    insert(other_tenant, jamaah(1, theirs)).await?;
    for (field, mut person) in [("ktp", jamaah(2, ours)), ("email", jamaah(3, ours))] {
        if field == "ktp" {
            person.ktp = jamaah(1, ours).ktp;
        } else {
            person.email = jamaah(1, ours).email;
        }
        let refused = insert(world.scope, person).await;
        assert!(
            matches!(refused, Err(RepositoryError::Duplicate { field: named }) if named == field),
            "{field}: {refused:?}"
        );
    }
    let astray = insert(world.scope, jamaah(4, theirs)).await;
    assert!(
        matches!(
            astray,
            Err(RepositoryError::MissingReference { field: "paket_id" })
        ),
        "a package of another tenant does not exist: {astray:?}"
    );
    Ok(())
}

async fn what_is_referred_to_stays(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let person = JamaahId::mint(&Now);
    let records = JamaahRecords::new(&world.db);
    records
        .insert(world.scope, person, &jamaah(1, paket), Now.now())
        .await?;
    let payment = PaymentInput {
        jamaah_id: Change::Set(person),
        jumlah: Change::Set(5_000_000),
        tanggal_bayar: set("2027-01-05"),
        metode_pembayaran: set("cash"),
        nomor_referensi: set("KW-1"),
        ..PaymentInput::default()
    };
    let payment = payment
        .check(None, Now.now().jakarta_date())
        .expect("a sound payment");
    let payments = Payments::new(&world.db);
    let id = PaymentId::mint(&Now);
    payments
        .insert(world.scope, id, &payment, Now.now())
        .await?;
    let again = payments
        .insert(world.scope, PaymentId::mint(&Now), &payment, Now.now())
        .await;
    assert!(
        matches!(
            again,
            Err(RepositoryError::Duplicate {
                field: "nomor_referensi"
            })
        ),
        "{again:?}"
    );
    let deleted = records.delete(world.scope, person).await;
    assert!(
        matches!(deleted, Err(RepositoryError::InUse)),
        "{deleted:?}"
    );
    let deleted = Packages::new(&world.db).delete(world.scope, paket).await;
    assert!(
        matches!(deleted, Err(RepositoryError::InUse)),
        "{deleted:?}"
    );
    assert!(payments.delete(world.scope, id).await?);
    assert!(records.delete(world.scope, person).await?);
    Ok(())
}

async fn a_list_filters_sorts_searches_and_pages(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let records = JamaahRecords::new(&world.db);
    for number in 1..=5 {
        let mut person = jamaah(number, paket);
        if number == 4 {
            person.email = None;
        }
        records
            .insert(world.scope, JamaahId::mint(&Now), &person, Now.now())
            .await?;
    }
    let names = async |query: &str, search: Option<&str>| -> Result<(Vec<String>, u64)> {
        let mut wanted = ListQuery {
            search: search.map(str::to_owned),
            limit: 3,
            ..ListQuery::default()
        };
        for part in query.split_whitespace() {
            if part.contains('=') {
                wanted.filter.push(part.parse()?);
            } else {
                wanted.sort.push(part.parse()?);
            }
        }
        let page = records.list(world.scope, &wanted).await?;
        let names = page
            .items
            .iter()
            .map(|jamaah| jamaah.fields.nama.to_string())
            .collect();
        Ok((names, page.total))
    };
    let paket = format!("paket_id={paket}");
    for (query, search, expected, total) in [
        ("", None, vec!["Siti Ke-5", "Siti Ke-4", "Siti Ke-3"], 5),
        ("nama", None, vec!["Siti Ke-1", "Siti Ke-2", "Siti Ke-3"], 5),
        (
            "status:asc nama:desc",
            None,
            vec!["Siti Ke-5", "Siti Ke-4", "Siti Ke-3"],
            5,
        ),
        ("email=", None, vec!["Siti Ke-4"], 1),
        ("email:desc", Some("ke-4"), vec!["Siti Ke-4"], 1),
        ("email=siti2@contoh.id", None, vec!["Siti Ke-2"], 1),
        (&paket, Some("SITI3@"), vec!["Siti Ke-3"], 1),
        ("", Some("%"), vec![], 0),
        ("", Some("_"), vec![], 0),
        ("", Some("\0"), vec![], 0),
    ] {
        let found = names(query, search).await?;
        assert_eq!(
            found,
            (expected.iter().map(ToString::to_string).collect(), total),
            "{query} {search:?}"
        );
    }
    Ok(())
}

async fn a_list_refuses_what_it_does_not_know(world: &World) -> Result<()> {
    for (filter, sort) in [
        (Some("version=1"), None),
        (Some("tenant_id=1"), None),
        (Some("created_at=2027-01-01"), None),
        (Some("paket_id=abc"), None),
        (Some("tanggal_lahir=kemarin"), None),
        (None, Some("tenant_id")),
    ] {
        let query = ListQuery {
            filter: filter
                .map(str::parse)
                .into_iter()
                .collect::<Result<_, _>>()?,
            sort: sort.map(str::parse).into_iter().collect::<Result<_, _>>()?,
            limit: 1,
            ..ListQuery::default()
        };
        let refused = JamaahRecords::new(&world.db)
            .list(world.scope, &query)
            .await;
        assert!(
            matches!(
                refused,
                Err(RepositoryError::List(
                    ListError::UnknownField { .. } | ListError::InvalidValue { .. }
                ))
            ),
            "{query:?}: {refused:?}"
        );
    }
    Ok(())
}
