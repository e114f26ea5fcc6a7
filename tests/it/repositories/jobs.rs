//! The life of a job in the database: requests, slots, claims, leases, fencing, giving up.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use domain::{
    Checkpoint, Clock, ErrorSummary, ErrorType, Findings, ImportType, InvalidTransition, JobCounts,
    JobStatus, MAX_ATTEMPTS, RowError, RowErrorId, Severity, Transition, ValidationEnd,
};
use repositories::{
    Claim, ImportJobs, ImportQueue, JobQuery, ListError, RepositoryError, RowErrorQuery, RowErrors,
    ValidationBatch,
};

use super::world::{FAILURE_MESSAGES, Now, TTL, World, on_both_databases, validation_end};

on_both_databases! {
    a_job_comes_back_as_it_was_stored,
    validation_counts_and_returns_to_its_user,
    a_start_without_validation_does_both,
    parallel_starts_are_one_run,
    slots_hold_under_a_race,
    a_worker_without_its_lease_writes_nothing,
    a_job_that_makes_no_progress_fails,
    a_job_that_is_handed_back_in_order_does_not_fail,
    two_workers_never_claim_the_same_job,
    a_list_of_jobs_pages_and_sorts,
}

fn done(valid_rows: u64) -> ValidationEnd {
    validation_end(JobCounts {
        total_rows: 4,
        processed_rows: 4,
        valid_rows,
        invalid_rows: 4 - valid_rows,
        ..JobCounts::default()
    })
}

async fn a_job_comes_back_as_it_was_stored(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    let job = jobs
        .find(world.scope, id, None)
        .await?
        .context("is there")?;
    assert_eq!(job.status(), JobStatus::Pending);
    assert_eq!(job.metadata.columns, ["nama"]);
    let again = jobs.find(world.scope, id, Some(world.user)).await?;
    assert_eq!(again, Some(job));
    let (other_tenant, other) = world.other_tenant().await?;
    assert_eq!(jobs.find(other_tenant, id, None).await?, None);
    assert_eq!(jobs.find(world.scope, id, Some(other)).await?, None);
    assert_eq!(jobs.request_start(other_tenant, id, 10, None).await?, None);
    assert_eq!(jobs.request_validation(other_tenant, id).await?, None);
    assert_eq!(jobs.rollback(other_tenant, id, false, None).await?, None);
    assert_eq!(jobs.delete(other_tenant, id).await?, None);
    Ok(())
}

async fn validation_counts_and_returns_to_its_user(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    assert!(
        queue
            .claim("siapa", TTL, FAILURE_MESSAGES, None)
            .await?
            .is_none()
    );
    let requested = jobs.request_validation(world.scope, id).await?;
    let requested = requested.context("is there")?;
    assert_eq!(requested.transition, Transition::BeginValidation);
    let (job, lease) = world.claim().await?;
    assert_eq!((job.id, job.status()), (id, JobStatus::Validating));
    assert_eq!(job.attempt, 1);
    queue.begin_validation(&lease, 4).await?;
    for (rows, errors) in [((2, 3), 2), ((4, 5), 1), ((4, 5), 1)] {
        let errors: Vec<RowError> = (0..errors)
            .map(|place| error(&job, rows.0 + place, "email"))
            .collect();
        let batch = ValidationBatch {
            rows,
            errors: &errors,
            failed: &[],
            counts: JobCounts {
                total_rows: 4,
                processed_rows: rows.1 - 1,
                ..JobCounts::default()
            },
        };
        queue.store_validation_batch(&lease, batch).await?;
    }
    let end = ValidationEnd {
        errors: ErrorSummary::of(ErrorType::InvalidFormat, 3),
        ..done(1)
    };
    let finished = queue.finish_validation(&lease, end).await?;
    assert_eq!(finished.status(), JobStatus::Pending);
    assert!(finished.can_proceed() && finished.lease().owner().is_none());
    let summary = finished.metadata.error_summary.context("is counted")?;
    assert_eq!((summary.invalid_format, summary.total()), (3, 3));
    let stored = jobs.find(world.scope, id, None).await?;
    assert_eq!(stored, Some(finished), "what is returned is what is stored");

    let rows = RowErrors::new(&world.db);
    let page = rows
        .list(
            world.scope,
            id,
            &RowErrorQuery {
                field_name: Some("email".to_owned()),
                error_type: Some(ErrorType::InvalidFormat),
                limit: 2,
                offset: 1,
                ..RowErrorQuery::default()
            },
        )
        .await?;
    let numbers: Vec<u64> = page.items.iter().map(|error| error.row_number).collect();
    assert_eq!((numbers, page.total), (vec![3, 4], 3));
    assert_eq!(page.items[0].params["limit"], "\"9\"", "as it went");
    let warnings = RowErrorQuery {
        severity: Some(Severity::Warning),
        limit: 10,
        ..RowErrorQuery::default()
    };
    assert_eq!(rows.list(world.scope, id, &warnings).await?.total, 0);
    let of_row = RowErrorQuery {
        code: Some("email".to_owned()),
        row_number: Some(3),
        limit: 10,
        ..RowErrorQuery::default()
    };
    assert_eq!(rows.list(world.scope, id, &of_row).await?.total, 1);
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let (part, end) = rows.next(world.scope, id, cursor, 2).await?;
        all.extend(part.into_iter().map(|error| error.row_number));
        cursor = end;
        if end.is_none() {
            break;
        }
    }
    assert_eq!(all, [2, 3, 4]);

    let again = jobs.request_validation(world.scope, id).await?;
    let job = again.context("is there")?.job;
    assert_eq!((job.validated_at, job.counts.invalid_rows), (None, 0));
    let (left, _) = rows.next(world.scope, id, None, 10).await?;
    assert!(left.is_empty(), "a new validation begins without errors");
    Ok(())
}

fn error(job: &domain::ImportJob, row_number: u64, field: &str) -> RowError {
    RowError {
        id: RowErrorId::mint(&Now),
        job_id: job.id,
        row_number,
        error_type: ErrorType::InvalidFormat,
        code: "email".into(),
        severity: Severity::Error,
        column_index: Some(1),
        params: BTreeMap::from([("limit".to_owned(), "\"9\"".to_owned())]),
        field_name: Some(field.to_owned()),
        error_message: "Email tidak valid: a\tb\\".to_owned(),
        expected_format: None,
        received_value: Some("a\tb\\".to_owned()),
        created_at: Now.now(),
    }
}

async fn a_start_without_validation_does_both(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    for (valid, expected) in [(3, JobStatus::Importing), (0, JobStatus::Failed)] {
        let id = world.job(ImportType::Jamaah).await?;
        let requested = jobs.request_start(world.scope, id, 10, None).await?;
        assert_eq!(
            requested.context("is there")?.transition,
            Transition::BeginValidationThenImport
        );
        let (_, lease) = world.claim().await?;
        let job = queue.finish_validation(&lease, done(valid)).await?;
        assert_eq!(job.status(), expected);
        if expected == JobStatus::Failed {
            assert_eq!(job.error_message(), Some("Tidak ada baris yang valid"));
            assert!(job.completed_at().is_some() && job.lease().owner().is_none());
            let refused = jobs.request_start(world.scope, id, 10, None).await;
            assert!(matches!(
                refused,
                Err(RepositoryError::InvalidTransition(
                    InvalidTransition::NothingToImport
                ))
            ));
        } else {
            let finished = queue.finish_import(&lease, Findings::default()).await?;
            assert_eq!(finished.status(), JobStatus::Completed);
            assert!(finished.started_at <= finished.completed_at());
            let late = queue.finish_import(&lease, Findings::default()).await;
            assert!(matches!(late, Err(RepositoryError::LeaseLost)));
        }
    }
    Ok(())
}

async fn parallel_starts_are_one_run(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    let starts: Vec<_> = (0..50)
        .map(|_| {
            let (jobs, scope) = (jobs.clone(), world.scope);
            tokio::spawn(async move { jobs.request_start(scope, id, 1, None).await })
        })
        .collect();
    let mut first = 0;
    for start in starts {
        match start.await??.context("is there")?.transition {
            Transition::BeginValidationThenImport => first += 1,
            Transition::AlreadyUnderWay => {}
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert_eq!(first, 1);
    Ok(())
}

async fn slots_hold_under_a_race(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let mut starts = Vec::new();
    for _ in 0..50 {
        let id = world.job(ImportType::Jamaah).await?;
        let (jobs, scope) = (jobs.clone(), world.scope);
        starts.push(tokio::spawn(async move {
            jobs.request_start(scope, id, 10, None).await
        }));
    }
    let (mut taken, mut refused) = (0, 0);
    for start in starts {
        match start.await? {
            Ok(Some(_)) => taken += 1,
            Err(RepositoryError::TooManyImports { limit: 10 }) => refused += 1,
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert_eq!((taken, refused), (10, 40));
    assert_eq!(jobs.running(world.scope, None).await?.len(), 10);
    let (other_tenant, other) = world.other_tenant().await?;
    let id = world
        .job_of(other_tenant, other, ImportType::Jamaah)
        .await?;
    assert!(
        jobs.request_start(other_tenant, id, 10, None)
            .await?
            .is_some(),
        "slots are a tenant's own"
    );
    Ok(())
}

async fn a_worker_without_its_lease_writes_nothing(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_start(world.scope, id, 10, None).await?;
    let (_, zombie) = world.claim_for(Duration::ZERO).await?;
    let (job, heir) = world.claim().await?;
    assert_eq!((job.id, job.attempt), (id, 2));
    let lost = [
        queue.heartbeat(&zombie, TTL).await.err(),
        queue.release(&zombie).await.err(),
        queue.abandon(&zombie).await.err(),
        queue.defer(&zombie).await.err(),
        queue.begin_validation(&zombie, 9).await.err(),
        queue.finish_validation(&zombie, done(4)).await.err(),
        queue
            .finish_import(&zombie, Findings::default())
            .await
            .err(),
        queue.fail(&zombie, "zombie").await.err(),
        queue
            .store_validation_batch(
                &zombie,
                ValidationBatch {
                    rows: (2, 3),
                    errors: &[error(&job, 2, "email")],
                    failed: &[],
                    counts: JobCounts::default(),
                },
            )
            .await
            .err(),
    ];
    for (place, error) in lost.into_iter().enumerate() {
        assert!(
            matches!(error, Some(RepositoryError::LeaseLost)),
            "{place}: {error:?}"
        );
    }
    let stored = jobs.find(world.scope, id, None).await?;
    assert_eq!(stored, Some(job), "nothing was written");
    queue.heartbeat(&heir, TTL).await?;
    Ok(())
}

async fn a_job_that_makes_no_progress_fails(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_start(world.scope, id, 1, None).await?;
    for attempt in 1..=MAX_ATTEMPTS {
        let (job, _) = world.claim_for(Duration::ZERO).await?;
        assert_eq!(job.attempt, attempt);
    }
    let Some(Claim::GaveUp(job)) = queue.claim("enam", TTL, FAILURE_MESSAGES, None).await? else {
        anyhow::bail!("not given up");
    };
    assert_eq!(
        (job.status(), job.error_message()),
        (JobStatus::Failed, Some("menyerah"))
    );
    assert!(
        queue
            .claim("tujuh", TTL, FAILURE_MESSAGES, None)
            .await?
            .is_none()
    );
    let next = world.job(ImportType::Jamaah).await?;
    assert!(
        jobs.request_start(world.scope, next, 1, None)
            .await?
            .is_some(),
        "its slot is free"
    );
    let again = jobs.request_start(world.scope, id, 2, None).await?;
    assert_eq!(again.context("is there")?.job.attempt, 0, "a new run");
    Ok(())
}

async fn a_job_that_is_handed_back_in_order_does_not_fail(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let queue = ImportQueue::new(&world.db);
    let id = world.job(ImportType::Jamaah).await?;
    jobs.request_validation(world.scope, id).await?;
    for _ in 0..=2 * MAX_ATTEMPTS {
        let (job, lease) = world.claim().await?;
        assert_eq!(job.checkpoint, None::<Checkpoint>);
        queue.release(&lease).await?;
    }
    for _ in 0..MAX_ATTEMPTS {
        let (_, lease) = world.claim().await?;
        queue.abandon(&lease).await?;
        world.end_pause().await?;
    }
    let given_up = queue.claim("lagi", TTL, FAILURE_MESSAGES, None).await?;
    assert!(matches!(given_up, Some(Claim::GaveUp(_))));
    Ok(())
}

async fn two_workers_never_claim_the_same_job(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    for _ in 0..20 {
        let id = world.job(ImportType::Jamaah).await?;
        jobs.request_validation(world.scope, id).await?;
    }
    let workers: Vec<_> = (0..12)
        .map(|worker| {
            let queue = ImportQueue::new(&world.db);
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                while let Some(Claim::Job(job, _)) = queue
                    .claim(
                        &format!("pekerja-{worker}-{}", claimed.len()),
                        TTL,
                        FAILURE_MESSAGES,
                        None,
                    )
                    .await?
                {
                    claimed.push(job.id);
                }
                Ok::<_, RepositoryError>(claimed)
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    assert_eq!(all.len(), 20);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20);
    Ok(())
}

async fn a_list_of_jobs_pages_and_sorts(world: &World) -> Result<()> {
    let jobs = ImportJobs::new(&world.db);
    let mut ids = Vec::new();
    for kind in [ImportType::Jamaah, ImportType::Payment, ImportType::Jamaah] {
        ids.push(world.job(kind).await?);
    }
    jobs.request_validation(world.scope, ids[1]).await?;
    let query = |sort: Option<&str>| JobQuery {
        sort_by: sort.map(str::to_owned),
        limit: 2,
        ..JobQuery::default()
    };
    let page = jobs.list(world.scope, &query(None)).await?;
    let found: Vec<_> = page.items.iter().map(|job| job.id).collect();
    assert_eq!((found, page.total), (vec![ids[2], ids[1]], 3));
    let filtered = JobQuery {
        import_type: Some(ImportType::Payment),
        status: vec![JobStatus::Validating],
        users: vec![world.user],
        ..query(Some("status"))
    };
    let page = jobs.list(world.scope, &filtered).await?;
    assert_eq!((page.items.len(), page.total), (1, 1));
    for field in JobQuery::SORT_FIELDS {
        assert_eq!(jobs.list(world.scope, &query(Some(field))).await?.total, 3);
    }
    for field in ["lease_owner", "metadata", "id; drop"] {
        let refused = jobs.list(world.scope, &query(Some(field))).await;
        assert!(
            matches!(
                refused,
                Err(RepositoryError::List(ListError::UnknownField { .. }))
            ),
            "{field}"
        );
    }
    let known = ImportQueue::new(&world.db)
        .known_files(&["nowhere".to_owned(), page.items[0].file_url.clone()])
        .await?;
    assert_eq!(known, [false, true]);
    Ok(())
}
