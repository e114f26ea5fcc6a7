//! The table of transitions, state by state.

use time::{Duration, macros::datetime};

use super::*;
use crate::{ImportType, JobId, JobMetadata, TenantId, UserId};

fn now() -> Timestamp {
    Timestamp::new(datetime!(2025-01-15 10:30 UTC))
}

fn job(status: JobStatus) -> ImportJob {
    let ended = matches!(
        status,
        JobStatus::Completed | JobStatus::Failed | JobStatus::RolledBack
    );
    ImportJob {
        id: JobId::from_uuid(uuid::Uuid::nil()),
        tenant_id: TenantId::from_uuid(uuid::Uuid::nil()),
        user_id: UserId::from_uuid(uuid::Uuid::nil()),
        import_type: ImportType::Jamaah,
        file_name: "jamaah-import.csv".to_owned(),
        file_url: "uploads/1".to_owned(),
        file_size: 102_400,
        file_sha256: String::new(),
        status,
        counts: JobCounts {
            total_rows: 150,
            ..JobCounts::default()
        },
        error_message: None,
        metadata: JobMetadata {
            file_name: "jamaah-import.csv".to_owned(),
            file_size: 102_400,
            encoding: "utf-8".to_owned(),
            bom: false,
            delimiter: ",".to_owned(),
            quote: None,
            escape: None,
            has_header: true,
            header_row: 1,
            columns: Vec::new(),
            column_mapping: None,
            unmapped_columns: Vec::new(),
            warnings: Vec::new(),
            import_type: ImportType::Jamaah,
            error_summary: None,
        },
        started_at: None,
        completed_at: ended.then(now),
        validated_at: None,
        start_requested_at: None,
        rollback_at: None,
        checkpoint: None,
        attempt: 0,
        lease_owner: None,
        lease_expires_at: None,
        created_at: now(),
        updated_at: now(),
    }
}

fn validated(status: JobStatus, valid_rows: u64) -> ImportJob {
    let mut job = job(status);
    job.validated_at = Some(now());
    job.counts.valid_rows = valid_rows;
    job
}

fn refusal(status: JobStatus, action: JobAction) -> Result<Transition, InvalidTransition> {
    Err(InvalidTransition::InvalidState { status, action })
}

#[test]
fn every_action_in_every_state_does_what_the_contract_says() {
    use JobAction::{Delete, Rollback, Start, Validate};
    use JobStatus::{Completed, Failed, Importing, Pending, RolledBack, Validating};
    let undeletable = |status| Err(InvalidTransition::DeleteImpossible { status });
    let unreturnable = |status| Err(InvalidTransition::RollbackImpossible { status });
    let table = [
        (Pending, Validate, Ok(Transition::BeginValidation)),
        (Pending, Start, Ok(Transition::BeginValidationThenImport)),
        (Pending, Rollback, unreturnable(Pending)),
        (Pending, Delete, undeletable(Pending)),
        (Validating, Validate, Ok(Transition::AlreadyUnderWay)),
        (Validating, Start, Ok(Transition::ImportAfterValidation)),
        (Validating, Rollback, unreturnable(Validating)),
        (Validating, Delete, undeletable(Validating)),
        (Importing, Validate, refusal(Importing, Validate)),
        (Importing, Start, refusal(Importing, Start)),
        (Importing, Rollback, unreturnable(Importing)),
        (Importing, Delete, undeletable(Importing)),
        (Completed, Validate, refusal(Completed, Validate)),
        (Completed, Start, refusal(Completed, Start)),
        (Completed, Rollback, Ok(Transition::Rollback)),
        (Completed, Delete, Ok(Transition::Delete)),
        (Failed, Validate, Ok(Transition::BeginValidation)),
        (Failed, Start, Ok(Transition::BeginValidationThenImport)),
        (Failed, Rollback, Ok(Transition::Rollback)),
        (Failed, Delete, Ok(Transition::Delete)),
        (RolledBack, Validate, refusal(RolledBack, Validate)),
        (RolledBack, Start, refusal(RolledBack, Start)),
        (RolledBack, Rollback, unreturnable(RolledBack)),
        (RolledBack, Delete, Ok(Transition::Delete)),
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
    let job = job(JobStatus::Validating).after(Transition::ImportAfterValidation, now());
    assert_eq!(
        decide(&job, JobAction::Start, now()),
        Ok(Transition::AlreadyUnderWay)
    );
}

#[test]
fn a_failed_job_that_stored_rows_does_not_run_again() {
    let mut job = validated(JobStatus::Failed, 10);
    job.counts.imported_rows = 3;
    assert_eq!(
        decide(&job, JobAction::Start, now()),
        refusal(JobStatus::Failed, JobAction::Start)
    );
    assert_eq!(
        decide(&job, JobAction::Validate, now()),
        refusal(JobStatus::Failed, JobAction::Validate)
    );
    assert_eq!(
        decide(&job, JobAction::Rollback, now()),
        Ok(Transition::Rollback)
    );
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
    let mut job = validated(JobStatus::Failed, 0);
    job.counts.invalid_rows = 150;
    job.error_message = Some("Tidak ada baris valid".to_owned());
    let job = job.after(Transition::BeginValidationThenImport, now());
    assert_eq!(
        (job.status, job.counts.total_rows, job.counts.invalid_rows),
        (JobStatus::Validating, 150, 0)
    );
    assert_eq!(
        (job.validated_at, job.error_message, job.start_requested_at),
        (None, None, Some(now()))
    );
}

#[test]
fn speaks_as_published() {
    let message = |status, action| decide(&job(status), action, now()).unwrap_err().message();
    assert_eq!(
        message(JobStatus::Pending, JobAction::Rollback),
        "Tidak dapat melakukan rollback untuk status: pending"
    );
    assert_eq!(
        message(JobStatus::Importing, JobAction::Delete),
        "Hanya job yang sudah selesai yang dapat dihapus"
    );
    assert_eq!(
        message(JobStatus::RolledBack, JobAction::Start),
        "Tidak dapat memulai import untuk status: rolled_back"
    );
}
