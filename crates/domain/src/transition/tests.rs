//! The table of transitions, state by state.

use time::{Duration, macros::datetime};

use super::*;
use crate::{Doer, ImportType, JobId, ROLLBACK_WINDOW, TenantId, Upload, UserId};

fn now() -> Timestamp {
    Timestamp::new(datetime!(2025-01-15 10:30 UTC))
}

fn job(status: JobStatus) -> ImportJob {
    let upload = Upload {
        file_url: "uploads/1".to_owned(),
        file_sha256: String::new(),
        total_rows: 150,
        metadata: JobMetadata::unread(ImportType::Jamaah, "jamaah-import.csv".to_owned(), 102_400),
        on_duplicate: OnDuplicate::default(),
        created_by: None,
        corrects: None,
    };
    let id = JobId::from_uuid(uuid::Uuid::nil());
    let tenant = TenantId::from_uuid(uuid::Uuid::nil());
    let user = UserId::from_uuid(uuid::Uuid::nil());
    let mut job = ImportJob::uploaded((tenant, id), user, upload, now());
    let at = Some(now());
    job.0.state = match status {
        JobStatus::Pending => JobState::Pending,
        JobStatus::Validating => JobState::Validating(JobLease::FREE),
        JobStatus::Importing => JobState::Importing(JobLease::FREE),
        JobStatus::Completed => JobState::Completed { at },
        JobStatus::Failed => JobState::Failed { at, message: None },
        JobStatus::RolledBack => JobState::RolledBack {
            at,
            ended_at: at,
            message: None,
        },
    };
    job
}

fn validated(status: JobStatus, valid_rows: u64) -> ImportJob {
    let mut job = job(status);
    job.0.validated_at = Some(now());
    job.0.counts.valid_rows = valid_rows;
    job
}

fn refusal(status: JobStatus, action: JobAction) -> Result<Transition, InvalidTransition> {
    Err(InvalidTransition::InvalidState { status, action })
}

#[test]
fn every_action_in_every_state_does_what_the_contract_says() {
    use JobAction::{Cancel, Change, Delete, Rollback, Start, Validate};
    use JobStatus::{Completed, Failed, Importing, Pending, RolledBack, Validating};
    let undeletable = |status| Err(InvalidTransition::DeleteImpossible { status });
    let unreturnable = |status| Err(InvalidTransition::RollbackImpossible { status });
    let table = [
        (Pending, Validate, Ok(Transition::BeginValidation)),
        (Pending, Start, Ok(Transition::BeginValidationThenImport)),
        (Pending, Rollback, unreturnable(Pending)),
        (Pending, Delete, undeletable(Pending)),
        (Pending, Cancel, Ok(Transition::Discard)),
        (Pending, Change, Ok(Transition::Redraft)),
        (Validating, Validate, Ok(Transition::AlreadyUnderWay)),
        (Validating, Start, Ok(Transition::ImportAfterValidation)),
        (Validating, Rollback, unreturnable(Validating)),
        (Validating, Delete, undeletable(Validating)),
        (Validating, Cancel, Ok(Transition::StopValidation)),
        (Validating, Change, refusal(Validating, Change)),
        (Importing, Validate, refusal(Importing, Validate)),
        (Importing, Start, refusal(Importing, Start)),
        (Importing, Rollback, unreturnable(Importing)),
        (Importing, Delete, undeletable(Importing)),
        (Importing, Cancel, Ok(Transition::StopImport)),
        (Importing, Change, refusal(Importing, Change)),
        (Completed, Validate, refusal(Completed, Validate)),
        (Completed, Start, refusal(Completed, Start)),
        (Completed, Rollback, Ok(Transition::Rollback)),
        (Completed, Delete, Ok(Transition::Delete)),
        (Completed, Cancel, refusal(Completed, Cancel)),
        (Completed, Change, refusal(Completed, Change)),
        (Failed, Validate, Ok(Transition::BeginValidation)),
        (Failed, Start, Ok(Transition::BeginValidationThenImport)),
        (Failed, Rollback, Ok(Transition::Rollback)),
        (Failed, Delete, Ok(Transition::Delete)),
        (Failed, Cancel, refusal(Failed, Cancel)),
        (Failed, Change, Ok(Transition::Redraft)),
        (RolledBack, Validate, refusal(RolledBack, Validate)),
        (RolledBack, Start, refusal(RolledBack, Start)),
        (RolledBack, Rollback, unreturnable(RolledBack)),
        (RolledBack, Delete, Ok(Transition::Delete)),
        (RolledBack, Cancel, refusal(RolledBack, Cancel)),
        (RolledBack, Change, refusal(RolledBack, Change)),
    ];
    assert_eq!(table.len(), JobStatus::ALL.len() * JobAction::ALL.len());
    for (status, action, expected) in table {
        assert_eq!(
            decide(&job(status), action, now()),
            expected,
            "{action} of a job that is {status}"
        );
    }
}

#[test]
fn a_validated_job_starts_at_once_if_anything_is_valid() {
    for status in [JobStatus::Pending, JobStatus::Failed] {
        assert_eq!(
            decide(&validated(status, 1), JobAction::Start, now()),
            Ok(Transition::BeginImport)
        );
        assert_eq!(
            decide(&validated(status, 0), JobAction::Start, now()),
            Err(InvalidTransition::NothingToImport)
        );
        assert_eq!(
            decide(&validated(status, 0), JobAction::Validate, now()),
            Ok(Transition::BeginValidation)
        );
    }
}

#[test]
fn a_second_start_while_validating_is_the_same_run() {
    let (job, transition) = job(JobStatus::Validating)
        .requested(JobAction::Start, None, now())
        .unwrap();
    assert_eq!(transition, Transition::ImportAfterValidation);
    let again = job.clone().requested(JobAction::Start, None, now());
    assert_eq!(again, Ok((job, Transition::AlreadyUnderWay)));
}

/// An import that stopped after 30 records, 28 of them stored, in its fifth claim.
fn stopped_half_way() -> ImportJob {
    let mut job = validated(JobStatus::Importing, 100);
    job.0.counts.invalid_rows = 50;
    job.0.counts.processed_rows = 30;
    job.0.counts.imported_rows = 28;
    job.0.counts.failed_rows = 2;
    job.0.checkpoint = Some(Checkpoint {
        last_row: 31,
        records: 30,
        imported_rows: 28,
        failed_rows: 2,
        ..Checkpoint::default()
    });
    job.0.started_at = Some(now());
    job.0.attempt = 5;
    job.failed("Import dihentikan", now())
}

#[test]
fn to_cancel_twice_is_to_cancel_once_and_a_new_run_knows_nothing_of_it() {
    let doer = Doer {
        id: UserId::from_uuid(uuid::Uuid::nil()),
        username: "admin".to_owned(),
        nama_lengkap: "Siti".to_owned(),
    };
    let cancelled = |job: ImportJob| job.cancelled(doer.clone(), "dibuang", now()).unwrap();
    for (status, transition) in [
        (JobStatus::Pending, Transition::Discard),
        (JobStatus::Importing, Transition::StopImport),
    ] {
        let (job, done) = cancelled(job(status));
        assert_eq!(
            (job.cancelled.as_ref().map(|end| end.at), done),
            (Some(now()), transition)
        );
        assert_eq!(cancelled(job).1, Transition::AlreadyUnderWay);
    }
    let mut stopped = validated(JobStatus::Validating, 1);
    stopped.0.start_requested_at = Some(now());
    let (stopped, _) = cancelled(stopped);
    assert_eq!(
        (
            stopped.status(),
            stopped.validated_at,
            stopped.start_requested_at
        ),
        (JobStatus::Pending, None, None)
    );
    let (again, _) = stopped.requested(JobAction::Validate, None, now()).unwrap();
    assert_eq!(again.cancelled, None);
}

#[test]
fn an_import_that_failed_half_way_goes_on_where_it_stopped() {
    let failed = stopped_half_way();
    assert_eq!(
        decide(&failed, JobAction::Validate, now()),
        refusal(JobStatus::Failed, JobAction::Validate),
        "a validation would find its own rows"
    );
    assert_eq!(
        decide(&failed, JobAction::Rollback, now()),
        Ok(Transition::Rollback)
    );
    let later = now() + Duration::hours(1);
    let (job, transition) = failed
        .clone()
        .requested(JobAction::Start, None, later)
        .unwrap();
    assert_eq!(transition, Transition::ContinueImport);
    assert_eq!(
        (job.status(), job.counts, job.checkpoint),
        (JobStatus::Importing, failed.counts, failed.checkpoint)
    );
    assert_eq!((job.error_message(), job.completed_at()), (None, None));
    assert_eq!(
        (job.started_at, job.start_requested_at),
        (Some(now()), Some(later))
    );
    assert_eq!(
        (job.attempt, job.tries()),
        (5, 0),
        "its claims are counted from zero"
    );
    assert_eq!(
        decide(&job, JobAction::Rollback, later),
        Err(InvalidTransition::RollbackImpossible {
            status: JobStatus::Importing
        })
    );
    let ended = job.completed(Findings::default(), later);
    assert_eq!(ended.rollback_deadline(), Some(later + ROLLBACK_WINDOW));
}

#[test]
fn a_failed_job_that_stored_rows_without_a_checkpoint_does_not_run_again() {
    let mut job = stopped_half_way();
    job.0.checkpoint = None;
    for action in [JobAction::Start, JobAction::Validate] {
        assert_eq!(
            decide(&job, action, now()),
            refusal(JobStatus::Failed, action)
        );
    }
}

#[test]
fn claims_that_get_nowhere_are_spaced_out_and_counted() {
    let mut job = job(JobStatus::Validating);
    let mut at = now();
    let mut pauses = Vec::new();
    while !job.is_hopeless() {
        job = job.claimed("w", std::time::Duration::from_secs(30), at);
        job = job.abandoned(at);
        assert_eq!(job.lease().owner(), None);
        let next = job.lease().claimable_at().unwrap_or(at);
        pauses.push((next - at).whole_seconds());
        at = next;
    }
    assert_eq!(pauses, [2, 4, 8, 16, 0]);
    let job = job
        .claimed("w", std::time::Duration::from_secs(30), at)
        .released(at);
    assert_eq!((job.tries(), job.lease().claimable_at()), (0, None));
}

#[test]
fn faults_of_the_system_are_outlasted_for_a_day_and_count_as_no_attempt() {
    let mut job = job(JobStatus::Importing);
    let mut at = now();
    let mut pauses = Vec::new();
    while !job.is_put_off_too_often() {
        job = job
            .claimed("w", std::time::Duration::from_secs(30), at)
            .deferred(at);
        assert_eq!(job.tries(), 0);
        let next = job.lease().claimable_at().unwrap();
        pauses.push((next - at).whole_milliseconds());
        at = next;
    }
    assert_eq!(
        pauses[..9],
        [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000
        ]
    );
    assert!(at - now() > Duration::hours(23), "{}", at - now());
}

#[test]
fn rolls_back_up_to_the_24th_hour_and_not_after() {
    let job = job(JobStatus::Completed);
    let deadline = job.rollback_deadline().unwrap();
    assert_eq!(
        decide(&job, JobAction::Rollback, deadline),
        Ok(Transition::Rollback)
    );
    let late = deadline + Duration::microseconds(1);
    assert_eq!(
        decide(&job, JobAction::Rollback, late),
        Err(InvalidTransition::RollbackExpired)
    );
}

#[test]
fn a_new_validation_forgets_what_an_earlier_one_found() {
    let mut job = job(JobStatus::Failed);
    job.0.counts.invalid_rows = 150;
    job = job.failed("Tidak ada baris valid", now());
    let (job, transition) = job.requested(JobAction::Start, None, now()).unwrap();
    assert_eq!(transition, Transition::BeginValidationThenImport);
    assert_eq!(
        (job.status(), job.counts.total_rows, job.counts.invalid_rows),
        (JobStatus::Validating, 150, 0)
    );
    assert_eq!(
        (
            job.validated_at,
            job.error_message(),
            job.start_requested_at
        ),
        (None, None, Some(now()))
    );
}

#[test]
fn only_a_draft_is_replaced_or_lapses_and_only_a_validated_one_is_amended() {
    let doer = Doer {
        id: UserId::from_uuid(uuid::Uuid::nil()),
        username: "admin".to_owned(),
        nama_lengkap: "Siti".to_owned(),
    };
    for &status in JobStatus::ALL {
        let is_draft = status == JobStatus::Pending;
        let replaced = job(status).replaced(doer.clone(), "diganti", now());
        let lapsed = job(status).lapsed("kedaluwarsa", now());
        assert_eq!((replaced.is_ok(), lapsed.is_some()), (is_draft, is_draft));
        for ended in [replaced.ok(), lapsed].into_iter().flatten() {
            assert_eq!(ended.status(), JobStatus::Failed);
        }
        let refused = refusal(status, JobAction::Change).map(|_| ());
        assert_eq!(job(status).ensure_amendable(), refused);
        let amended = validated(status, 1).amended(now());
        assert_eq!(amended.is_ok_and(|job| job.metadata.edited), is_draft);
    }
}

#[test]
fn a_lease_or_a_pause_that_ends_too_late_is_shortened_and_no_other() {
    let length = std::time::Duration::from_secs(30);
    let held = |seconds| JobLease::Held {
        owner: "w".to_owned(),
        expires_at: now() + Duration::seconds(seconds),
    };
    let free = |seconds| JobLease::Free {
        not_before: Some(now() + Duration::seconds(seconds)),
    };
    for (lease, expected) in [
        (held(60), held(60)),
        (held(61), held(60)),
        (held(-5), held(-5)),
        (free(120), free(120)),
        (free(121), JobLease::FREE),
        (JobLease::FREE, JobLease::FREE),
    ] {
        let mut job = job(JobStatus::Importing);
        job.set_lease(lease);
        assert_eq!(job.shortened(length, now()).lease(), &expected);
    }
}
