//! Claims that must not cost a healthy job: what a start keeps, and a row that cannot be read.

use anyhow::{Context, Result};
use domain::{ImportType, JobId, JobStatus, Transition};
use repositories::{Backend, Claim, ImportJobs, ImportQueue, JobQuery};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::world::{LAST_WORDS, TTL, World, on_both_databases};

on_both_databases! {
    a_start_during_validation_keeps_what_the_claims_reached,
    a_row_that_cannot_be_read_does_not_stop_the_queue,
    a_value_that_the_driver_cannot_read_does_not_stop_the_queue,
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
    let claimed = queue.claim("satu", TTL, LAST_WORDS, None).await?;
    assert!(
        matches!(&claimed, Some(Claim::Job(job, _)) if job.id == sound),
        "{claimed:?}"
    );
    assert_eq!(queue.claim("dua", TTL, LAST_WORDS, None).await?, None);
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
        assert_eq!(job.error_message.as_deref(), Some("tidak terbaca"));
        assert!(job.completed_at.is_some() && job.lease_owner.is_none());
    }
    Ok(())
}

const ALL: JobQuery = JobQuery {
    import_type: None,
    status: None,
    user_id: None,
    sort_by: None,
    ascending: false,
    limit: 100,
    offset: 0,
};

/// What no type of ours holds, and what makes the column take it.
const BEYOND_THE_DRIVER: [(Backend, &str, &str); 7] = [
    (
        Backend::Postgres,
        "ALTER TABLE migration_jobs ALTER file_name DROP NOT NULL",
        "file_name = NULL",
    ),
    (Backend::Postgres, "", "created_at = 'infinity'"),
    (Backend::Postgres, "", "validated_at = '-infinity'"),
    (Backend::Sqlite, "", "created_at = 'kemarin'"),
    (Backend::Sqlite, "", "created_at = 99999999999999"),
    (Backend::Sqlite, "", "total_rows = 'banyak'"),
    (Backend::Sqlite, "", "metadata = '{'"),
];

async fn a_value_that_the_driver_cannot_read_does_not_stop_the_queue(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let backend = world.db.backend();
    for (_, first, set) in BEYOND_THE_DRIVER.iter().filter(|(on, ..)| *on == backend) {
        let broken = world.job(ImportType::Jamaah).await?;
        let sound = world.job(ImportType::Jamaah).await?;
        for id in [broken, sound] {
            jobs.request_start(world.scope, id, 10).await?;
        }
        let spoil = format!(
            "UPDATE migration_jobs SET {set} WHERE id = {}",
            literal(backend, broken)
        );
        run(world, &format!("{first}; {spoil}")).await?;
        let claimed = queue.claim(set, TTL, LAST_WORDS, None).await?;
        let Some(Claim::Job(job, lease)) = &claimed else {
            anyhow::bail!("{set}: {claimed:?}");
        };
        assert_eq!(job.id, sound, "{set}");
        queue.fail(lease, "selesai").await?;
        let page = jobs.list(world.scope, &ALL).await?;
        let listed = |id| page.items.iter().any(|job| job.id == id);
        assert!(listed(sound) && !listed(broken), "{set}");
        // Set aside for good, and its slot is free.
        assert_eq!(
            queue.claim("lagi", TTL, LAST_WORDS, None).await?,
            None,
            "{set}"
        );
        let next = world.job(ImportType::Jamaah).await?;
        jobs.request_start(world.scope, next, 1).await?;
        let (_, lease) = world.claim().await?;
        queue.fail(&lease, "selesai").await?;
        let ended = format!(
            "UPDATE migration_jobs SET file_name = 'x', created_at = updated_at, validated_at = NULL, \
             total_rows = 1, metadata = (SELECT metadata FROM migration_jobs WHERE id = {}) \
             WHERE status = 'failed' AND error_message = 'tidak terbaca' AND completed_at IS NOT NULL \
             AND lease_owner IS NULL AND id = {}",
            literal(backend, sound),
            literal(backend, broken)
        );
        run(world, &ended).await?;
        let job = jobs.find(world.scope, broken, None).await?;
        assert_eq!(job.map(|job| job.status), Some(JobStatus::Failed), "{set}");
    }
    Ok(())
}

/// An id as SQL.
fn literal(backend: Backend, id: JobId) -> String {
    match backend {
        Backend::Postgres => format!("'{id}'"),
        Backend::Sqlite => format!("x'{}'", id.as_uuid().simple()),
    }
}

/// Does to the tables what no repository does.
async fn run(world: &World, sql: &str) -> Result<()> {
    match world.db.backend() {
        Backend::Postgres => {
            let mut connection = PgConnection::connect(&world.config.url).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await?;
        }
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(&world.config.url).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await?;
        }
    }
    Ok(())
}
