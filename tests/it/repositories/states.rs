//! What is stored of a job is what `domain` decides: every state, with every action of a user, every step of a worker, and every
//! condition that SQL repeats because it has to be one statement.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use domain::{
    Cancellation, Checkpoint, Clock, Doer, Findings, ImportJob, ImportType, InvalidTransition,
    JobAction, JobCounts, JobId, JobLease, JobRecord, JobState, NewReading, OnDuplicate, Timestamp,
    decide,
};
use repositories::{
    Claim, ImportJobs, ImportQueue, ImportRows, JobFile, Lease, Redraft, Replaced, RepositoryError,
    ValidationBatch,
};
use time::Duration;

use super::{
    batches::commit,
    world::{FAILURE_MESSAGES, Now, TTL, World, job, on_both_databases, validation_end},
};

on_both_databases! {
    every_job_comes_back_as_it_was_stored,
    every_action_stores_what_the_domain_decides,
    every_step_of_a_worker_stores_what_the_domain_decides,
    a_claim_takes_what_the_domain_calls_claimable,
    a_lease_that_ends_too_late_is_shortened_as_the_domain_shortens_it,
    a_start_counts_the_slots_that_the_domain_counts,
}

/// The claim that holds a job, and its fencing number.
const OWNER: &str = "pemilik";
const ATTEMPT: u32 = 3;
/// [`TTL`] as moments count it.
const LEASE: Duration = Duration::minutes(1);

fn held(expires_at: Timestamp) -> JobLease {
    JobLease::Held {
        owner: OWNER.to_owned(),
        expires_at,
    }
}

fn doer(world: &World) -> Doer {
    Doer {
        id: world.user,
        username: "admin".to_owned(),
        nama_lengkap: "Siti".to_owned(),
    }
}

/// Jobs in every state, with each difference that a decision depends on.
fn jobs(world: &World) -> Vec<ImportJob> {
    let now = Now.now();
    let (later, earlier) = (now + Duration::minutes(1), now - Duration::minutes(1));
    let at = Some(now);
    let failed = JobState::Failed {
        at,
        message: Some("gagal".to_owned()),
    };
    let running = [
        JobLease::FREE,
        JobLease::Free {
            not_before: Some(later),
        },
        JobLease::Free {
            not_before: Some(earlier),
        },
        held(later),
        held(earlier),
    ];
    let mut states = vec![
        JobState::Pending,
        JobState::Completed { at },
        JobState::Completed {
            at: Some(now - Duration::days(2)),
        },
        failed.clone(),
        JobState::RolledBack {
            at,
            ended_at: Some(earlier),
            message: None,
        },
        JobState::RolledBack {
            at,
            ended_at: Some(earlier),
            message: Some("gagal".to_owned()),
        },
    ];
    states.extend(running.iter().cloned().map(JobState::Validating));
    states.extend(running.into_iter().map(JobState::Importing));
    let half_way = Checkpoint {
        last_row: 3,
        records: 2,
        imported_rows: 2,
        found: Some(Findings::default()),
        ..Checkpoint::default()
    };
    let mut all = Vec::new();
    for state in states {
        let plain = JobRecord {
            state,
            attempt: ATTEMPT,
            ..job(world.scope.tenant_id(), world.user, ImportType::Jamaah).into()
        };
        let validated = JobRecord {
            validated_at: at,
            start_requested_at: at,
            started_at: at,
            counts: JobCounts {
                valid_rows: 3,
                invalid_rows: 1,
                ..plain.counts
            },
            ..plain.clone()
        };
        let mut edited = validated.clone();
        edited.metadata.edited = true;
        let nothing_valid = JobRecord {
            counts: plain.counts,
            ..validated.clone()
        };
        let half_done = JobRecord {
            checkpoint: Some(half_way),
            counts: JobCounts {
                processed_rows: 2,
                imported_rows: 2,
                ..validated.counts
            },
            ..validated.clone()
        };
        let of_an_older_version = JobRecord {
            checkpoint: None,
            ..half_done.clone()
        };
        let cancelled = JobRecord {
            cancelled: Some(Cancellation {
                at: now,
                by: Some(doer(world)),
            }),
            ..half_done.clone()
        };
        let records = [
            plain,
            validated,
            edited,
            nothing_valid,
            half_done,
            of_an_older_version,
            cancelled,
        ];
        all.extend(records.map(ImportJob::stored));
    }
    all
}

/// Stores a job under a new id, as the only one.
async fn store_alone(world: &World, job: &ImportJob) -> Result<ImportJob> {
    world.execute("DELETE FROM migration_jobs").await?;
    store(world, job).await
}

/// Stores a job under a new id.
async fn store(world: &World, job: &ImportJob) -> Result<ImportJob> {
    let job = ImportJob::stored(JobRecord {
        id: JobId::mint(&Now),
        ..job.clone().into()
    });
    ImportJobs::new(&world.db).insert(&job, None).await?;
    find(world, job.id).await?.context("is stored")
}

async fn find(world: &World, id: JobId) -> Result<Option<ImportJob>> {
    let jobs = ImportJobs::new(&world.db);
    Ok(jobs.find(world.scope, id, None).await?)
}

async fn every_job_comes_back_as_it_was_stored(world: &World) -> Result<()> {
    for job in jobs(world) {
        let first = store(world, &job).await?;
        let again = store(world, &first).await?;
        let same_id = |job: &ImportJob| JobRecord {
            id: first.id,
            ..job.clone().into()
        };
        assert_eq!(same_id(&again), same_id(&first));
        let whole = |moment: Timestamp| moment.as_offset_date_time().unix_timestamp();
        assert_eq!(
            (first.status(), first.counts, first.checkpoint),
            (job.status(), job.counts, job.checkpoint)
        );
        assert_eq!(
            first.lease().claimable_at().map(whole),
            job.lease().claimable_at().map(whole)
        );
        assert_eq!(
            (first.completed_at().map(whole), first.error_message()),
            (job.completed_at().map(whole), job.error_message())
        );
    }
    Ok(())
}

/// What a user can do, with what follows from other requests.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Action(JobAction),
    Amend,
    Replace,
    Lapse,
}

const DISCARDED: &str = "dibuang";

fn reading(job: &ImportJob) -> NewReading {
    let mut metadata = job.metadata.clone();
    ";".clone_into(&mut metadata.delimiter);
    NewReading {
        metadata,
        on_duplicate: OnDuplicate::Update,
        total_rows: 7,
        file: Some(("uploads/lain".to_owned(), "1".repeat(64))),
    }
}

/// The job after it, by the domain; `None` if it is deleted.
fn wished(
    world: &World,
    job: ImportJob,
    wish: Wish,
    now: Timestamp,
) -> Result<Option<ImportJob>, InvalidTransition> {
    let doer = doer(world);
    let after = match wish {
        Wish::Action(action @ (JobAction::Validate | JobAction::Start)) => {
            job.requested(action, Some(&doer), now)?.0
        }
        Wish::Action(JobAction::Rollback) => job.rolled_back(Some(&doer), now)?,
        Wish::Action(JobAction::Delete) => {
            return decide(&job, JobAction::Delete, now).map(|_| None);
        }
        Wish::Action(JobAction::Cancel) => job.cancelled(doer, DISCARDED, now)?.0,
        Wish::Action(JobAction::Change) => {
            let reading = reading(&job);
            job.redrafted(reading, now)?
        }
        Wish::Amend => job.amended(now)?,
        Wish::Replace => job.replaced(doer, DISCARDED, now)?,
        Wish::Lapse => job.clone().lapsed(DISCARDED, now).unwrap_or(job),
    };
    Ok(Some(after))
}

async fn fulfil(world: &World, job: &ImportJob, wish: Wish) -> Result<(), RepositoryError> {
    let jobs = ImportJobs::new(&world.db);
    let (scope, id, doer) = (world.scope, job.id, doer(world));
    match wish {
        Wish::Action(JobAction::Validate) => drop(jobs.request_validation(scope, id).await?),
        Wish::Action(JobAction::Start) => {
            drop(jobs.request_start(scope, id, u32::MAX, Some(&doer)).await?);
        }
        Wish::Action(JobAction::Rollback) => {
            drop(jobs.rollback(scope, id, false, Some(&doer)).await?);
        }
        Wish::Action(JobAction::Delete) => drop(jobs.delete(scope, id).await?),
        Wish::Action(JobAction::Cancel) => {
            drop(jobs.request_cancel(scope, id, &doer, DISCARDED).await?);
        }
        Wish::Action(JobAction::Change) => {
            let redraft = Redraft {
                seen: job.updated_at,
                reading: reading(job),
                forget_edits: true,
            };
            drop(jobs.redraft(scope, id, &redraft).await?);
        }
        Wish::Amend => drop(jobs.amend(scope, id, &BTreeMap::new(), 9).await?),
        Wish::Replace => {
            let replaced = Replaced {
                id,
                doer: &doer,
                message: DISCARDED,
            };
            let new = super::world::job(scope.tenant_id(), world.user, ImportType::Jamaah);
            drop(jobs.insert(&new, Some(replaced)).await?);
        }
        Wish::Lapse => {
            let file = JobFile {
                scope,
                job_id: id,
                file_url: job.file_url.clone(),
            };
            let queue = ImportQueue::new(&world.db);
            drop(queue.fail_waiting(&file, DISCARDED).await?);
        }
    }
    Ok(())
}

async fn every_action_stores_what_the_domain_decides(world: &World) -> Result<()> {
    let actions = JobAction::ALL.iter().map(|action| Wish::Action(*action));
    let wishes: Vec<Wish> = actions
        .chain([Wish::Amend, Wish::Replace, Wish::Lapse])
        .collect();
    for job in jobs(world) {
        for &wish in &wishes {
            let before = store(world, &job).await?;
            let done = fulfil(world, &before, wish).await;
            let after = find(world, before.id).await?;
            let now = after
                .as_ref()
                .map_or(before.updated_at, |job| job.updated_at);
            match (wished(world, before.clone(), wish, now), done) {
                (Ok(expected), Ok(())) => assert_eq!(after, expected, "{wish:?} of {before:?}"),
                (Err(expected), Err(RepositoryError::InvalidTransition(refusal))) => {
                    assert_eq!(refusal, expected, "{wish:?} of {before:?}");
                    assert_eq!(after, Some(before), "{wish:?} is refused");
                }
                (expected, done) => {
                    anyhow::bail!("{wish:?} of {before:?}: {done:?} instead of {expected:?}")
                }
            }
        }
    }
    Ok(())
}

/// What a worker does to a job.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    BeginValidation,
    StoreValidationBatch,
    FinishValidation,
    CommitBatch,
    FinishImport,
    EndCancelled,
    Fail,
    Release,
    Defer,
    Abandon,
    Heartbeat,
}

const STEPS: [Step; 11] = [
    Step::BeginValidation,
    Step::StoreValidationBatch,
    Step::FinishValidation,
    Step::CommitBatch,
    Step::FinishImport,
    Step::EndCancelled,
    Step::Fail,
    Step::Release,
    Step::Defer,
    Step::Abandon,
    Step::Heartbeat,
];

/// Counts that differ from those of every job in [`jobs`].
const COUNTS: JobCounts = JobCounts {
    total_rows: 11,
    processed_rows: 10,
    valid_rows: 9,
    invalid_rows: 8,
    imported_rows: 7,
    failed_rows: 6,
    warning_rows: 5,
    update_rows: 4,
    skip_rows: 3,
    updated_rows: 2,
    skipped_rows: 1,
};

fn found() -> Findings {
    let mut found = Findings::default();
    found.errors.duplicate = 2;
    found.left_out.rows = 1;
    found
}

/// Does a step and returns the job after it, by the domain, as a function of the moment.
async fn step(
    world: &World,
    lease: &Lease,
    job: ImportJob,
    step: Step,
) -> Result<Box<dyn FnOnce(Timestamp) -> ImportJob>, RepositoryError> {
    let queue = ImportQueue::new(&world.db);
    let valid = ImportRows::Jamaah(Vec::new());
    Ok(match step {
        Step::BeginValidation => {
            queue.begin_validation(lease, 9).await?;
            Box::new(move |now| job.validating(9, now))
        }
        Step::StoreValidationBatch => {
            let batch = ValidationBatch {
                rows: (2, 3),
                errors: &[],
                failed: &[],
                counts: COUNTS,
            };
            queue.store_validation_batch(lease, batch).await?;
            Box::new(move |now| job.advanced(COUNTS, None, now))
        }
        Step::FinishValidation => {
            queue
                .finish_validation(lease, validation_end(COUNTS))
                .await?;
            Box::new(move |now| job.validated(validation_end(COUNTS), now))
        }
        Step::CommitBatch => {
            let before = job.checkpoint.unwrap_or_default();
            let stored = commit(world, lease, &valid, (4, 5), before).await?;
            Box::new(move |now| job.advanced(stored.counts, Some(stored.checkpoint), now))
        }
        Step::FinishImport => {
            queue.finish_import(lease, found()).await?;
            Box::new(move |now| job.completed(found(), now))
        }
        Step::EndCancelled => {
            queue
                .end_cancelled(lease, |_| "dihentikan".to_owned())
                .await?;
            Box::new(move |now| job.failed("dihentikan", now))
        }
        Step::Fail => {
            queue.fail(lease, "gagal").await?;
            Box::new(move |now| job.failed("gagal", now))
        }
        Step::Release => {
            queue.release(lease).await?;
            Box::new(move |now| job.released(now))
        }
        Step::Defer => {
            queue.defer(lease).await?;
            Box::new(move |now| job.deferred(now))
        }
        Step::Abandon => {
            queue.abandon(lease).await?;
            Box::new(move |now| job.abandoned(now))
        }
        Step::Heartbeat => {
            queue.heartbeat(lease, TTL).await?;
            Box::new(move |now| job.prolonged(TTL, now))
        }
    })
}

/// A job whose moments of the lease are rounded: those that SQL counts differ by less than a statement takes.
fn rounded(job: &ImportJob, near: Timestamp) -> ImportJob {
    let round = |moment: Timestamp| {
        let is_near = (moment - near).abs() < Duration::seconds(30);
        if is_near { near } else { moment }
    };
    let lease = match job.lease().clone() {
        JobLease::Held { owner, expires_at } => JobLease::Held {
            owner,
            expires_at: round(expires_at),
        },
        JobLease::Free { not_before } => JobLease::Free {
            not_before: not_before.map(round),
        },
    };
    let state = match job.state.clone() {
        JobState::Validating(_) => JobState::Validating(lease),
        JobState::Importing(_) => JobState::Importing(lease),
        ended => ended,
    };
    ImportJob::stored(JobRecord {
        state,
        ..job.clone().into()
    })
}

async fn every_step_of_a_worker_stores_what_the_domain_decides(world: &World) -> Result<()> {
    for job in jobs(world) {
        let is_held = job.is_held_by(OWNER, ATTEMPT);
        let is_plain = job.validated_at.is_none();
        let claims = match (is_held, is_plain) {
            (true, true) => &[(OWNER, ATTEMPT), ("lain", ATTEMPT), (OWNER, ATTEMPT - 1)][..],
            (true, false) | (false, true) => &[(OWNER, ATTEMPT)],
            // Without a claim that holds the job, its other fields do not matter.
            (false, false) => &[],
        };
        for one in STEPS {
            for &(owner, attempt) in claims {
                let before = store(world, &job).await?;
                let lease = Lease {
                    scope: world.scope,
                    job_id: before.id,
                    owner: owner.to_owned(),
                    attempt,
                    deferrals: 0,
                    is_takeover: false,
                    tries: 1,
                };
                let done = step(world, &lease, before.clone(), one).await;
                let after = find(world, before.id).await?.context("is there")?;
                match done {
                    Ok(decided) => {
                        ensure!(before.is_held_by(owner, attempt), "{one:?} of {before:?}");
                        let (expected, near) = match one {
                            Step::Heartbeat => (decided(Now.now()), Now.now() + LEASE),
                            _ => (decided(after.updated_at), after.updated_at),
                        };
                        assert_eq!(
                            rounded(&after, near),
                            rounded(&expected, near),
                            "{one:?} of {before:?}"
                        );
                    }
                    Err(RepositoryError::LeaseLost) => {
                        ensure!(!before.is_held_by(owner, attempt), "{one:?} of {before:?}");
                        assert_eq!(after, before, "{one:?} without the lease");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}

async fn a_claim_takes_what_the_domain_calls_claimable(world: &World) -> Result<()> {
    let queue = ImportQueue::new(&world.db);
    for job in jobs(world) {
        let before = store_alone(world, &job).await?;
        let claim = queue.claim("baru", TTL, FAILURE_MESSAGES, None).await?;
        let after = find(world, before.id).await?.context("is there")?;
        if before.is_claimable(after.updated_at) {
            let Some(Claim::Job(claimed, lease)) = claim else {
                anyhow::bail!("{before:?}: {claim:?}");
            };
            assert_eq!(*claimed, after);
            assert_eq!(after, before.claimed("baru", TTL, after.updated_at));
            ensure!(after.is_held_by(&lease.owner, lease.attempt), "{lease:?}");
        } else {
            assert_eq!((claim, &after), (None, &before));
        }
    }
    Ok(())
}

async fn a_lease_that_ends_too_late_is_shortened_as_the_domain_shortens_it(
    world: &World,
) -> Result<()> {
    let queue = ImportQueue::new(&world.db);
    let hour = Now.now() + Duration::hours(1);
    let pause = JobLease::Free {
        not_before: Some(hour),
    };
    for state in [
        JobState::Validating(held(hour)),
        JobState::Importing(held(hour)),
        JobState::Validating(pause.clone()),
        JobState::Importing(pause),
    ] {
        let job = ImportJob::stored(JobRecord {
            state,
            ..job(world.scope.tenant_id(), world.user, ImportType::Jamaah).into()
        });
        let before = store_alone(world, &job).await?;
        let claim = queue.claim("baru", TTL, FAILURE_MESSAGES, None).await?;
        let after = find(world, before.id).await?.context("is there")?;
        let now = Now.now();
        let expected = before.clone().shortened(TTL, now);
        ensure!(expected != before, "is too late");
        if expected.is_claimable(now) {
            assert_eq!(after, expected.claimed("baru", TTL, after.updated_at));
        } else {
            let near = now + LEASE * 2;
            assert_eq!(claim, None);
            assert_eq!(rounded(&after, near), rounded(&expected, near));
        }
    }
    Ok(())
}

async fn a_start_counts_the_slots_that_the_domain_counts(world: &World) -> Result<()> {
    let draft = job(world.scope.tenant_id(), world.user, ImportType::Jamaah);
    for job in jobs(world) {
        let other = store_alone(world, &job).await?;
        let draft = store(world, &draft).await?;
        let jobs = ImportJobs::new(&world.db);
        let started = jobs.request_start(world.scope, draft.id, 1, None).await;
        let is_refused = matches!(started, Err(RepositoryError::TooManyImports { limit: 1 }));
        assert_eq!(is_refused, other.takes_slot(), "beside {other:?}");
    }
    Ok(())
}
