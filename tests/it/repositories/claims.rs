//! Claims that must not cost a healthy job: what a start keeps, and a row that cannot be read.

use anyhow::{Context, Result};
use domain::{ImportType, JobStatus, Transition};
use repositories::{Backend, Claim, ImportJobs, ImportQueue};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::world::{TTL, World, on_both_databases};

on_both_databases! {
    a_start_during_validation_keeps_what_the_claims_reached,
    a_row_that_cannot_be_read_does_not_stop_the_queue,
}

async fn a_start_during_validation_keeps_what_the_claims_reached(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    for _ in 0..ImportQueue::MAX_ATTEMPTS {
        let (_, lease) = world.claim().await?;
        queue.release(&lease).await?;
    }
    let requested = jobs.request_start(world.scope, id, 10).await?;
    assert_eq!(
        requested.context("is there")?.transition,
        Transition::ImportAfterValidation
    );
    let (job, _) = world.claim().await?;
    assert_eq!((job.id, job.status), (id, JobStatus::Validating));
    Ok(())
}

async fn a_row_that_cannot_be_read_does_not_stop_the_queue(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    for _ in 0..2 {
        let broken = world.job(ImportType::Jamaah).await?;
        jobs.request_validation(world.scope, broken).await?;
    }
    run(world, "UPDATE migration_jobs SET metadata = '[1]'").await?;
    let sound = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, sound).await?;
    let claimed = queue.claim("satu", TTL, "menyerah", None).await?;
    assert!(
        matches!(&claimed, Some(Claim::Job(job, _)) if job.id == sound),
        "{claimed:?}"
    );
    assert_eq!(queue.claim("dua", TTL, "menyerah", None).await?, None);
    run(
        world,
        "UPDATE migration_jobs SET metadata = (SELECT metadata FROM migration_jobs WHERE status = 'validating')",
    )
    .await?;
    let query = repositories::JobQuery {
        status: Some(JobStatus::Failed),
        limit: 10,
        ..repositories::JobQuery::default()
    };
    let page = jobs.list(world.scope, &query).await?;
    assert_eq!(page.total, 2);
    for job in page.items {
        assert_eq!(job.error_message.as_deref(), Some("menyerah"));
        assert!(job.completed_at.is_some() && job.lease_owner.is_none());
    }
    Ok(())
}

/// Does to the tables what no repository does.
async fn run(world: &World, sql: &'static str) -> Result<()> {
    match world.db.backend() {
        Backend::Postgres => {
            let mut connection = PgConnection::connect(&world.config.url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
            connection.close().await?;
        }
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(&world.config.url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
            connection.close().await?;
        }
    }
    Ok(())
}
