//! When a job is served without asking the database, and when it is not.

use domain::{
    ImportType, JobCounts, JobLease, JobMetadata, JobRecord, JobState, OnDuplicate, Timestamp,
    Upload,
};
use time::macros::datetime;
use uuid::Uuid;

use super::*;

const LENGTH: Duration = Duration::from_secs(30);

fn job(imported_rows: u64) -> ImportJob {
    let now = Timestamp::new(datetime!(2025-01-15 10:30 UTC));
    let upload = Upload {
        file_url: "uploads/1".to_owned(),
        file_sha256: String::new(),
        total_rows: 0,
        metadata: JobMetadata::unread(ImportType::Package, "paket.csv".to_owned(), 1_024),
        on_duplicate: OnDuplicate::default(),
        created_by: None,
        corrects: None,
    };
    let id = JobId::from_uuid(Uuid::from_u128(1));
    let tenant = TenantId::from_uuid(Uuid::from_u128(2));
    let user = UserId::from_uuid(Uuid::from_u128(3));
    let uploaded = ImportJob::uploaded((tenant, id), user, upload, now);
    ImportJob::stored(JobRecord {
        state: JobState::Importing(JobLease::FREE),
        counts: JobCounts {
            imported_rows,
            ..JobCounts::default()
        },
        started_at: Some(now),
        validated_at: Some(now),
        start_requested_at: Some(now),
        attempt: 1,
        ..uploaded.into()
    })
}

/// A claim; all are the first of their run, as the claims of a validation and of the import after it are.
fn claim(jobs: &Arc<HeldJobs>, number: u32, asked_at: DualInstant) -> HeldJob {
    let lease = Lease {
        scope: job(0).tenant_id.into(),
        job_id: job(0).id,
        owner: format!("claim-{number}"),
        attempt: 1,
        deferrals: 0,
        is_takeover: false,
        tries: 1,
    };
    jobs.hold(&lease, asked_at, LENGTH)
}

/// The request time of a lease that has expired.
fn ago() -> DualInstant {
    let booted = Instant::now().checked_sub(LENGTH);
    DualInstant(
        booted.expect("the machine has run for a while"),
        SystemTime::now(),
    )
}

/// The imported rows of the job as it is served.
fn served(jobs: &HeldJobs) -> Option<u64> {
    let found = jobs.find(job(0).tenant_id, job(0).id, None);
    found.map(|job| job.counts.imported_rows)
}

#[test]
fn serves_what_was_committed_last_and_nothing_during_a_commit() {
    let jobs = Arc::default();
    let held = claim(&jobs, 1, DualInstant::now());
    assert_eq!(served(&jobs), None);
    let snapshot = held.show(job(0));
    assert_eq!(served(&jobs), Some(0));
    snapshot.clear();
    assert_eq!(served(&jobs), None);
    snapshot.set(job(5_000));
    assert_eq!(served(&jobs), Some(5_000));
    drop(snapshot);
    assert_eq!(served(&jobs), None);
}

#[test]
fn serves_only_the_tenant_and_the_user_who_may_see_the_job() {
    let jobs: Arc<HeldJobs> = Arc::default();
    let held = claim(&jobs, 1, DualInstant::now());
    let _view = held.show(job(7));
    let other = Uuid::from_u128(9);
    let ours = job(7).tenant_id;
    let id = job(7).id;
    assert!(jobs.find(ours, id, Some(job(7).user_id)).is_some());
    assert!(
        jobs.find(ours, id, Some(UserId::from_uuid(other)))
            .is_none()
    );
    assert!(jobs.find(TenantId::from_uuid(other), id, None).is_none());
}

#[test]
fn serves_nothing_once_another_process_may_have_the_lease() {
    let jobs = Arc::default();
    let held = claim(&jobs, 1, ago());
    let _view = held.show(job(7));
    assert_eq!(served(&jobs), None);
    held.renew(DualInstant::now());
    assert_eq!(served(&jobs), Some(7));
}

#[test]
fn serves_nothing_after_the_machine_has_slept() {
    let jobs = Arc::default();
    let before_sleep = DualInstant(Instant::now(), SystemTime::now() - LENGTH);
    let held = claim(&jobs, 1, before_sleep);
    let _view = held.show(job(7));
    assert_eq!(served(&jobs), None);
}

#[test]
fn serves_nothing_once_the_lease_is_known_to_be_lost() {
    let jobs = Arc::default();
    let held = claim(&jobs, 1, DualInstant::now());
    let snapshot = held.show(job(7));
    held.forget();
    snapshot.set(job(8));
    assert_eq!(served(&jobs), None);
}

#[test]
fn an_earlier_claim_of_the_same_process_changes_nothing_for_a_later_one() {
    let jobs = Arc::default();
    let asleep = claim(&jobs, 1, ago());
    let old = asleep.show(job(5));
    let awake = claim(&jobs, 2, DualInstant::now());
    let _new = awake.show(job(10));
    old.set(job(6));
    old.clear();
    asleep.renew(ago());
    drop(old);
    drop(asleep);
    assert_eq!(served(&jobs), Some(10));
}

#[test]
fn a_claim_that_ended_leaves_no_entry() {
    let jobs: Arc<HeldJobs> = Arc::default();
    drop(claim(&jobs, 1, DualInstant::now()));
    assert!(jobs.jobs().is_empty());
}
