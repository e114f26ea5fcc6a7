//! Taking an import back, and forgetting it.

use anyhow::{Context, Result};
use domain::{
    Change, Checkpoint, Clock, Findings, ImportType, Input, InvalidTransition, JamaahId,
    JamaahInput, JobCounts, JobStatus, OnDuplicate, PaymentId, PaymentInput,
};
use repositories::{
    ImportBatch, ImportJobs, ImportQueue, ImportRow, ImportRows, JamaahRecords, Lease, ListQuery,
    LoadedBatch, Payments, Refusal, RepositoryError, RowErrors,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::world::{Now, World, jamaah, on_both_databases, prove, set};
use crate::harness::Backend;

on_both_databases! {
    rolls_back_exactly_its_own_rows,
    keeps_what_was_changed_or_is_referred_to,
    is_refused_after_a_day_by_the_databases_clock,
    forgetting_a_job_keeps_its_rows,
}

/// An import of four pilgrims, completed.
pub(super) async fn imported(world: &World) -> Result<(Lease, Vec<JamaahId>)> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let rows: Vec<_> = (1..=4)
        .map(|number| {
            let record = jamaah(number, paket);
            ImportRow::new(Now.mint_uuid(), u64::from(number) + 1, record)
        })
        .collect();
    let ids = rows.iter().map(|row| JamaahId::from_uuid(row.id)).collect();
    let queue = ImportQueue::new(&world.db);
    let refused = |refusal: &Refusal| panic!("refused {refusal:?}");
    let batch = ImportBatch {
        corrected: &[],
        rows: (2, 5),
        valid: &ImportRows::Jamaah(rows),
        on_duplicate: OnDuplicate::Reject,
        errors: &[],
        failed: &[],
        counts: JobCounts {
            total_rows: 4,
            processed_rows: 4,
            valid_rows: 4,
            imported_rows: 4,
            ..JobCounts::default()
        },
        checkpoint: Checkpoint::default(),
        now: Now.now(),
        refused: &refused,
        refused_room: 0,
        committing: &|| {},
    };
    queue
        .commit_batch(&lease, batch, LoadedBatch::default())
        .await?;
    queue.finish_import(&lease, Findings::default()).await?;
    Ok((lease, ids))
}

async fn count(world: &World) -> Result<u64> {
    let page = JamaahRecords::new(&world.db)
        .list(world.scope, &ListQuery::default())
        .await?;
    Ok(page.total)
}

async fn rolls_back_exactly_its_own_rows(world: &World) -> Result<()> {
    let (lease, _) = imported(world).await?;
    let other = world.package(world.scope, "Umroh Lain").await?;
    let records = JamaahRecords::new(&world.db);
    records
        .insert(
            world.scope,
            JamaahId::mint(&Now),
            &jamaah(9, other),
            Now.now(),
        )
        .await?;
    let jobs = ImportJobs::new(&world.db);
    let done = jobs
        .rollback(world.scope, lease.job_id, false, None)
        .await?
        .context("is there")?;
    assert_eq!((done.removed, done.kept.len()), (4, 0));
    assert_eq!(done.job.status(), JobStatus::RolledBack);
    assert!(done.job.rollback_at().is_some());
    let stored = jobs.find(world.scope, lease.job_id, None).await?;
    assert_eq!(stored, Some(done.job));
    assert_eq!(count(world).await?, 1);
    let again = jobs.rollback(world.scope, lease.job_id, false, None).await;
    assert!(matches!(
        again,
        Err(RepositoryError::InvalidTransition(
            InvalidTransition::RollbackImpossible {
                status: JobStatus::RolledBack
            }
        ))
    ));
    Ok(())
}

async fn keeps_what_was_changed_or_is_referred_to(world: &World) -> Result<()> {
    let (lease, ids) = imported(world).await?;
    let records = JamaahRecords::new(&world.db);
    let patch = JamaahInput {
        catatan: Change::Set("Kursi roda".to_owned()),
        ..JamaahInput::default()
    };
    records
        .update(world.scope, ids[1], patch, Now.now())
        .await?;
    let payment = PaymentInput {
        jamaah_id: Change::Set(ids[2]),
        jumlah: Change::Set(1),
        tanggal_bayar: set("2027-01-05"),
        metode_pembayaran: set("cash"),
        ..PaymentInput::default()
    };
    let payment = payment
        .check(None, Now.now().jakarta_date())
        .expect("a sound payment");
    Payments::new(&world.db)
        .insert(world.scope, PaymentId::mint(&Now), &payment, Now.now())
        .await?;
    let jobs = ImportJobs::new(&world.db);
    let refused = jobs.rollback(world.scope, lease.job_id, false, None).await;
    let Err(RepositoryError::RollbackConflict(conflict)) = refused else {
        anyhow::bail!("not refused: {refused:?}");
    };
    assert_eq!((conflict.changed, conflict.referenced), (1, 1));
    let examples: Vec<_> = conflict
        .examples
        .iter()
        .map(|row| (row.id, row.row_number, row.changed))
        .collect();
    let expected = [(ids[1].as_uuid(), 3, true), (ids[2].as_uuid(), 4, false)];
    assert_eq!(examples, expected);
    assert_eq!(count(world).await?, 4, "a refusal takes nothing");
    let done = jobs
        .rollback(world.scope, lease.job_id, true, None)
        .await?
        .context("is there")?;
    assert_eq!(done.removed, 2);
    assert_eq!(done.kept, conflict.examples);
    assert_eq!(count(world).await?, 2);
    Ok(())
}

async fn is_refused_after_a_day_by_the_databases_clock(world: &World) -> Result<()> {
    let (lease, _) = imported(world).await?;
    let url = &world.config.url;
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await?;
        let sql = "UPDATE migration_jobs SET completed_at = \
            strftime('%Y-%m-%d %H:%M:%f', completed_at, '-86401 seconds')";
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
    } else {
        let mut connection = PgConnection::connect(url).await?;
        let sql =
            "UPDATE migration_jobs SET completed_at = completed_at - interval '86401 seconds'";
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
    }
    let late = ImportJobs::new(&world.db)
        .rollback(world.scope, lease.job_id, true, None)
        .await;
    assert!(matches!(
        late,
        Err(RepositoryError::InvalidTransition(
            InvalidTransition::RollbackExpired
        ))
    ));
    assert_eq!(count(world).await?, 4);
    Ok(())
}

async fn forgetting_a_job_keeps_its_rows(world: &World) -> Result<()> {
    let pending = world.job(ImportType::Jamaah).await?;
    let jobs = ImportJobs::new(&world.db);
    let refused = jobs.delete(world.scope, pending).await;
    assert!(matches!(
        refused,
        Err(RepositoryError::InvalidTransition(
            InvalidTransition::DeleteImpossible { .. }
        ))
    ));
    let (lease, ids) = imported(world).await?;
    let deleted = jobs
        .delete(world.scope, lease.job_id)
        .await?
        .context("is there")?;
    assert!(deleted.file_url.starts_with("uploads/"));
    assert_eq!(jobs.find(world.scope, lease.job_id, None).await?, None);
    let (errors, _) = RowErrors::new(&world.db)
        .next(world.scope, lease.job_id, None, 1)
        .await?;
    assert!(errors.is_empty());
    let record = JamaahRecords::new(&world.db)
        .find(world.scope, ids[0])
        .await?
        .context("stays")?;
    assert_eq!((record.migration_job_id, record.version), (None, 1));
    assert_eq!(record.import_row_number, Some(2));
    Ok(())
}

/// A table that was emptied, vacuumed and filled again counts as empty, and foreign keys are then checked by the wrong index.
#[test]
fn does_not_trust_the_statistics_of_a_refilled_table() {
    prove(Backend::Postgres, |world| Box::pin(renews(world)));
}

async fn renews(world: &World) -> Result<()> {
    let (lease, _) = imported(world).await?;
    let mut connection = PgConnection::connect(&world.config.url).await?;
    sqlx::raw_sql("UPDATE pg_class SET reltuples = 0, relpages = 1 WHERE relname = 'jamaah'")
        .execute(&mut connection)
        .await?;
    ImportJobs::new(&world.db)
        .rollback(world.scope, lease.job_id, false, None)
        .await?
        .context("is there")?;
    let believed: f32 =
        sqlx::query_scalar("SELECT reltuples FROM pg_class WHERE relname = 'jamaah'")
            .fetch_one(&mut connection)
            .await?;
    assert!(believed > 0.0, "the rollback updated the statistics");
    Ok(connection.close().await?)
}
