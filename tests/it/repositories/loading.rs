//! How rows are loaded: ahead of their turn, in large batches with refused rows among them, and with rows that no column
//! accepts.

use anyhow::Result;
use domain::{Checkpoint, Clock, ImportType, NewJamaah, OnDuplicate, PackageId};
use repositories::{ImportQueue, LoadedBatch, RefusalReason};
use sqlx::{Connection, PgConnection};

use super::{
    batches::{commit_loaded, rows, stored},
    world::{Now, World, jamaah, on_both_databases, prove},
};
use crate::harness::Backend;

on_both_databases! {
    batches_loaded_ahead_are_committed_in_their_order,
    a_batch_that_is_rolled_back_leaves_nothing,
    a_large_batch_loses_only_its_refused_rows,
}

/// More rows than one INSERT stores.
const MANY: u32 = 1_200;

fn people(numbers: std::ops::Range<u32>, paket: PackageId) -> Vec<NewJamaah> {
    numbers.map(|number| jamaah(number, paket)).collect()
}

async fn batches_loaded_ahead_are_committed_in_their_order(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let queue = ImportQueue::new(&world.db);
    let first = rows(people(1..1_001, paket), 2);
    let second = rows(people(1_001..2_001, paket), 1_002);
    let ahead = [
        queue
            .load_batch(&lease, &first, OnDuplicate::Reject, Now.now())
            .await?,
        queue
            .load_batch(&lease, &second, OnDuplicate::Reject, Now.now())
            .await?,
    ];
    assert_eq!(
        stored(world).await?,
        0,
        "other transactions do not see them yet"
    );
    queue.heartbeat(&lease, super::world::TTL).await?;
    let mut before = Checkpoint::default();
    let ranges = [(2, 1_001), (1_002, 2_001)];
    for ((valid, range), loaded) in [&first, &second].into_iter().zip(ranges).zip(ahead) {
        let outcome = commit_loaded(world, &lease, valid, range, before, loaded).await?;
        assert_eq!(outcome.refused, []);
        assert_eq!(stored(world).await?, outcome.checkpoint.imported_rows);
        before = outcome.checkpoint;
    }
    assert_eq!(before.imported_rows, 2_000);
    Ok(())
}

async fn a_batch_that_is_rolled_back_leaves_nothing(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let valid = rows(people(1..11, paket), 2);
    let ahead = ImportQueue::new(&world.db)
        .load_batch(&lease, &valid, OnDuplicate::Reject, Now.now())
        .await?;
    drop(ahead);
    assert_eq!(stored(world).await?, 0);
    let (before, none) = (Checkpoint::default(), LoadedBatch::default());
    let outcome = commit_loaded(world, &lease, &valid, (2, 11), before, none).await?;
    assert_eq!(outcome.refused, [], "the rows conflict with no other rows");
    assert_eq!(stored(world).await?, 10);
    Ok(())
}

async fn a_large_batch_loses_only_its_refused_rows(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let mut people = people(1..MANY + 1, paket);
    people[7].paket_id = PackageId::mint(&Now);
    people[900].ktp = people[899].ktp;
    let valid = rows(people, 2);
    let range = (2, u64::from(MANY) + 1);
    let (before, none) = (Checkpoint::default(), LoadedBatch::default());
    let outcome = commit_loaded(world, &lease, &valid, range, before, none).await?;
    let reasons: Vec<_> = outcome
        .refused
        .iter()
        .map(|refusal| (refusal.index, refusal.row_number, refusal.reason))
        .collect();
    assert_eq!(
        reasons,
        [
            (7, 9, RefusalReason::MissingReference { field: "paket_id" }),
            (900, 902, RefusalReason::Duplicate { field: "ktp" }),
        ]
    );
    assert_eq!(stored(world).await?, u64::from(MANY) - 2);
    Ok(())
}

#[test]
fn a_row_that_no_column_accepts_is_refused_alone_on_postgres() {
    prove(Backend::Postgres, |world| {
        Box::pin(a_row_that_no_column_accepts_is_refused_alone(world))
    });
}

async fn a_row_that_no_column_accepts_is_refused_alone(world: &World) -> Result<()> {
    let mut owner = PgConnection::connect(&world.config.url).await?;
    let stricter = "ALTER TABLE jamaah ADD CHECK (nama NOT LIKE '% Ke-%77')";
    sqlx::raw_sql(stricter).execute(&mut owner).await?;
    owner.close().await?;
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let mut people = people(1..MANY + 1, paket);
    people[800].ktp = people[799].ktp;
    let valid = rows(people, 2);
    let range = (2, u64::from(MANY) + 1);
    let (before, none) = (Checkpoint::default(), LoadedBatch::default());
    let outcome = commit_loaded(world, &lease, &valid, range, before, none).await?;
    let unstorable: Vec<_> = outcome
        .refused
        .iter()
        .filter(|refusal| refusal.reason == RefusalReason::Unstorable)
        .map(|refusal| refusal.index)
        .collect();
    let expected: Vec<_> = (76..MANY as usize).step_by(100).collect();
    assert_eq!(unstorable, expected);
    let key = RefusalReason::Duplicate { field: "ktp" };
    assert_eq!(
        outcome
            .refused
            .iter()
            .filter(|refusal| refusal.reason == key)
            .count(),
        1
    );
    assert_eq!(stored(world).await?, u64::from(MANY) - 12 - 1);
    Ok(())
}
