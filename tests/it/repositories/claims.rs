//! Claims that must not harm a healthy job: what a start keeps, and a row that cannot be read.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::{Clock, ImportType, JobId, JobStatus, MAX_ATTEMPTS, Transition};
use repositories::{Backend, Claim, ImportJobs, ImportQueue, JobQuery};

use super::world::{FAILURE_MESSAGES, Now, TTL, World, on_both_databases};

on_both_databases! {
    a_start_during_validation_keeps_what_the_claims_reached,
    a_row_that_cannot_be_read_does_not_stop_the_queue,
    a_value_that_the_driver_cannot_read_does_not_stop_the_queue,
    a_lease_ends_in_two_lease_times_though_the_clock_was_set_back,
    a_pause_is_over_though_the_clock_was_set_back,
    a_job_put_off_waits_and_loses_no_attempt,
}

async fn a_start_during_validation_keeps_what_the_claims_reached(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    for _ in 0..MAX_ATTEMPTS {
        let (_, lease) = world.claim().await?;
        queue.release(&lease).await?;
    }
    let requested = jobs.request_start(world.scope, id, 10, None).await?;
    assert_eq!(
        requested.context("is there")?.transition,
        Transition::ImportAfterValidation
    );
    let (job, _) = world.claim().await?;
    assert_eq!((job.id, job.status()), (id, JobStatus::Validating));
    Ok(())
}

async fn a_row_that_cannot_be_read_does_not_stop_the_queue(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    for _ in 0..2 {
        let broken = world.job(ImportType::Jamaah).await?;
        jobs.request_validation(world.scope, broken).await?;
    }
    world
        .execute("UPDATE migration_jobs SET metadata = '[1]'")
        .await?;
    let sound = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, sound).await?;
    let claimed = queue.claim("satu", TTL, FAILURE_MESSAGES, None).await?;
    assert!(
        matches!(&claimed, Some(Claim::Job(job, _)) if job.id == sound),
        "{claimed:?}"
    );
    assert_eq!(queue.claim("dua", TTL, FAILURE_MESSAGES, None).await?, None);
    world.execute("UPDATE migration_jobs SET metadata = (SELECT metadata FROM migration_jobs WHERE status = 'validating')",
    )
    .await?;
    let query = repositories::JobQuery {
        status: vec![JobStatus::Failed],
        limit: 10,
        ..repositories::JobQuery::default()
    };
    let page = jobs.list(world.scope, &query).await?;
    assert_eq!(page.total, 2);
    for job in page.items {
        assert_eq!(job.error_message(), Some("tidak terbaca"));
        assert!(job.completed_at().is_some() && job.lease().owner().is_none());
    }
    Ok(())
}

const ALL: JobQuery = JobQuery {
    corrects: None,
    import_type: None,
    status: Vec::new(),
    users: Vec::new(),
    search: None,
    created_from: None,
    created_before: None,
    sort_by: None,
    ascending: false,
    limit: 100,
    offset: 0,
};

/// Values that no type of this crate can hold, and the statement that makes the column accept them.
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
            jobs.request_start(world.scope, id, 10, None).await?;
        }
        let spoil = format!(
            "UPDATE migration_jobs SET {set} WHERE id = {}",
            literal(backend, broken)
        );
        world.execute(&format!("{first}; {spoil}")).await?;
        let claimed = queue.claim(set, TTL, FAILURE_MESSAGES, None).await?;
        let Some(Claim::Job(job, lease)) = &claimed else {
            anyhow::bail!("{set}: {claimed:?}");
        };
        assert_eq!(job.id, sound, "{set}");
        queue.fail(lease, "selesai").await?;
        let page = jobs.list(world.scope, &ALL).await?;
        let listed = |id| page.items.iter().find(|job| job.id == id);
        assert!(listed(sound).is_some(), "{set}");
        let shown = listed(broken).map(|job| job.status());
        assert_eq!(shown, Some(JobStatus::Failed), "{set}");
        // It is set aside permanently, and its slot is free.
        assert_eq!(
            queue.claim("lagi", TTL, FAILURE_MESSAGES, None).await?,
            None,
            "{set}"
        );
        let next = world.job(ImportType::Jamaah).await?;
        jobs.request_start(world.scope, next, 1, None).await?;
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
        world.execute(&ended).await?;
        let job = jobs.find(world.scope, broken, None).await?;
        assert_eq!(
            job.map(|job| job.status()),
            Some(JobStatus::Failed),
            "{set}"
        );
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

/// An hour from now as SQL.
fn in_an_hour(backend: Backend) -> &'static str {
    match backend {
        Backend::Postgres => "(clock_timestamp() AT TIME ZONE 'UTC') + interval '1 hour'",
        Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')",
    }
}

async fn a_lease_ends_in_two_lease_times_though_the_clock_was_set_back(
    world: &World,
) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    let (_, alive) = world.claim().await?;
    let set = in_an_hour(world.db.backend());
    let set = format!("UPDATE migration_jobs SET lease_expires_at = {set}");
    world.execute(&set).await?;
    // Its owner may be alive, so it is not taken away at once.
    assert_eq!(
        queue.claim("satu", TTL, FAILURE_MESSAGES, None).await?,
        None
    );
    let shortened = jobs
        .find(world.scope, id, None)
        .await?
        .context("is there")?;
    assert_eq!(shortened.lease().owner(), Some(&*alive.owner));
    let left = shortened.lease().claimable_at().context("is leased")? - Now.now();
    assert!(left <= 2 * TTL, "{left}");
    queue.heartbeat(&alive, TTL).await?;
    // The lease of a dead owner ends after two lease times: immediately, if those are zero.
    world.execute(&set).await?;
    let (job, heir) = world.claim_for(Duration::ZERO).await?;
    assert_eq!((job.id, heir.attempt), (id, 2));
    Ok(())
}

async fn a_pause_is_over_though_the_clock_was_set_back(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    let (_, lease) = world.claim().await?;
    queue.defer(&lease).await?;
    let set = in_an_hour(world.db.backend());
    let set = format!("UPDATE migration_jobs SET lease_expires_at = {set}");
    world.execute(&set).await?;
    let (job, _) = world.claim().await?;
    assert_eq!(job.id, id);
    Ok(())
}

async fn a_job_put_off_waits_and_loses_no_attempt(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    let mut last = Duration::ZERO;
    for fault in 0..3 * MAX_ATTEMPTS {
        let (_, lease) = world.claim().await?;
        assert_eq!(lease.tries, 1, "after {fault} faults");
        queue.defer(&lease).await?;
        let job = jobs
            .find(world.scope, id, None)
            .await?
            .context("is there")?;
        let until = job.lease().claimable_at().context("waits")?;
        let pause = Duration::try_from(until - job.updated_at)?;
        assert!(pause >= last && job.lease().owner().is_none(), "{job:?}");
        last = pause;
        if fault > 2 {
            // Long enough not to have ended yet, however slow the machine is.
            assert_eq!(
                queue.claim("lagi", TTL, FAILURE_MESSAGES, None).await?,
                None
            );
        }
        world.end_pause().await?;
    }
    Ok(())
}
