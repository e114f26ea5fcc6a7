//! Bulk questions: the same answers whether a tenant's keys are fetched once or asked for batch by batch.

use anyhow::{Context, Result};
use domain::{
    Change, Clock, ImportType, Input, JamaahId, JamaahRef, PackageId, PackageRef, PaymentId,
    PaymentInput, ReferenceNumber,
};
use repositories::{Hits, JamaahRecords, Lookups, Packages, Payments};
use time::macros::date;

use super::world::{Now, World, jamaah, on_both_databases, package, set};

on_both_databases! { finds_taken_keys_and_references_in_either_way }

async fn finds_taken_keys_and_references_in_either_way(world: &World) -> Result<()> {
    let (other_tenant, _) = world.other_tenant().await?;
    let ours = world.package(world.scope, "Umroh Hemat").await?;
    let mut later = package("UMROH hemat");
    later.tanggal_keberangkatan = date!(2027 - 09 - 01);
    Packages::new(&world.db)
        .insert(world.scope, PackageId::mint(&Now), &later, Now.now())
        .await?;
    let single = world.package(world.scope, "Umroh Plus").await?;
    let theirs = world.package(other_tenant, "Umroh Asing").await?;

    let records = JamaahRecords::new(&world.db);
    let (one, two, foreign) = (
        JamaahId::mint(&Now),
        JamaahId::mint(&Now),
        JamaahId::mint(&Now),
    );
    for (scope, id, person) in [
        (world.scope, one, jamaah(1, ours)),
        (world.scope, two, jamaah(2, ours)),
        (other_tenant, foreign, jamaah(3, theirs)),
    ] {
        records.insert(scope, id, &person, Now.now()).await?;
    }
    let payment = PaymentInput {
        jamaah_id: Change::Set(one),
        jumlah: Change::Set(1),
        tanggal_bayar: set("2027-01-05"),
        metode_pembayaran: set("cash"),
        nomor_referensi: set("KW-1"),
        ..PaymentInput::default()
    };
    let payment_id = PaymentId::mint(&Now);
    let payment = payment
        .check(None, Now.now().jakarta_date())
        .expect("a sound payment");
    Payments::new(&world.db)
        .insert(world.scope, payment_id, &payment, Now.now())
        .await?;
    let job = world.job(ImportType::Jamaah).await?;
    let receipt = |text: &str| ReferenceNumber::parse(text).expect("a sound number");

    for small in [Lookups::SMALL, 1, 0] {
        let lookups = Lookups::with_small(&world.db, world.scope, job, small);
        let people = [jamaah(3, ours), jamaah(2, ours), jamaah(1, ours)];
        let ktp: Vec<_> = people.iter().filter_map(|person| person.ktp).collect();
        let holders = [
            Hits::None,
            Hits::One(two.as_uuid()),
            Hits::One(one.as_uuid()),
        ];
        assert_eq!(lookups.taken_ktp(&ktp).await?, holders);
        let email: Vec<_> = people
            .iter()
            .filter_map(|person| person.email.clone())
            .collect();
        assert_eq!(lookups.taken_email(&email).await?, holders);
        let key = |name: &str, day| (name.to_owned(), day);
        let packages = [
            key("umroh hemat", date!(2027 - 03 - 15)),
            key("umroh hemat", date!(2027 - 03 - 16)),
            key("umroh asing", date!(2027 - 03 - 15)),
        ];
        assert_eq!(
            are_taken(&lookups.taken_package(&packages).await?),
            [true, false, false]
        );
        let receipts = [
            (one, receipt("KW-1")),
            (one, receipt("KW-2")),
            (two, receipt("KW-1")),
        ];
        assert_eq!(
            lookups.taken_payment(&receipts).await?,
            [Hits::One(payment_id.as_uuid()), Hits::None, Hits::None]
        );
        let refs = [
            PackageRef::Id(ours),
            PackageRef::Id(theirs),
            PackageRef::Name("umroh hemat".to_owned()),
            PackageRef::Name("umroh plus".to_owned()),
            PackageRef::Name("umroh asing".to_owned()),
        ];
        assert_eq!(
            lookups.packages(&refs).await?,
            [
                Hits::One(ours.as_uuid()),
                Hits::None,
                Hits::Many(2),
                Hits::One(single.as_uuid()),
                Hits::None
            ],
            "small up to {small}"
        );
        let person = jamaah(1, ours);
        let refs = [
            JamaahRef::Id(two),
            JamaahRef::Id(foreign),
            JamaahRef::Ktp(person.ktp.context("has one")?),
            JamaahRef::Email(person.email.context("has one")?),
            JamaahRef::Phone(person.telepon.context("has one")?),
            JamaahRef::Name("siti ke-2".to_owned()),
            JamaahRef::Name("siti ke-3".to_owned()),
        ];
        assert_eq!(
            lookups.jamaah(&refs).await?,
            [
                Hits::One(two.as_uuid()),
                Hits::None,
                Hits::One(one.as_uuid()),
                Hits::One(one.as_uuid()),
                Hits::Many(2),
                Hits::One(two.as_uuid()),
                Hits::None,
            ],
            "small up to {small}"
        );
        assert_eq!(lookups.taken_ktp(&[]).await?, Vec::new());
    }
    Ok(())
}

fn are_taken(hits: &[Hits]) -> Vec<bool> {
    hits.iter().map(|hits| hits.are_some()).collect()
}
