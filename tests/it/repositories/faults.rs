//! Every failure point: the n-th operation of an import fails as if the database had stopped, for n = 1, 2, 3, … until one import
//! passes untouched. Each time the next worker finishes it, and every valid row is there exactly once.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use domain::{
    Checkpoint, Clock, ErrorType, Findings, ImportJob, ImportType, JobCounts, JobId, JobStatus,
    OnDuplicate, PackageId, RowError, RowErrorId, Severity,
};
use repositories::{
    Claim, ImportBatch, ImportJobs, ImportQueue, ImportRow, ImportRows, JamaahRecords, ListQuery,
    LoadedBatch, Refusal, RepositoryError, RowErrors, ValidationBatch,
};

use super::world::{FAILURE_MESSAGES, Now, World, jamaah, on_both_databases, validation_end};

on_both_databases! { every_failure_point_is_survived }

/// Records of the file: rows 2 to 13, of which 4 and 9 are invalid.
const RECORDS: u64 = 12;
const INVALID: [u64; 2] = [4, 9];
/// Records of a batch.
const BATCH: u64 = 5;
/// More operations than an import has.
const ENOUGH: u64 = 200;

async fn every_failure_point_is_survived(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let jobs = ImportJobs::new(&world.db);
    for number in 1..ENOUGH {
        let id = world.job(ImportType::Jamaah).await?;
        let file = File {
            first: u32::try_from(number * 20)?,
            paket,
        };
        world.db.fail_operation(number);
        while let Err(error) = jobs.request_start(world.scope, id, 1, None).await {
            expect_fault(number, error)?;
        }
        // Until the job is at rest: a worker may find no job while the transaction of the previous one is still being rolled back,
        // and may get an error although its work was done.
        loop {
            let done = match work(world, &file).await {
                Ok(false) => jobs.find(world.scope, id, None).await,
                Ok(true) => break,
                Err(error) => Err(error),
            };
            match done {
                Ok(job) if job.as_ref().is_some_and(|job| !job.status().is_running()) => break,
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => expect_fault(number, error)?,
            }
        }
        let passed = world.db.fault_is_pending();
        world.db.fail_operation(0);
        check(world, id, number).await?;
        if passed {
            return Ok(());
        }
    }
    anyhow::bail!("an import has more than {ENOUGH} operations")
}

/// The fault that was asked for, and no other error.
fn expect_fault(number: u64, error: RepositoryError) -> Result<()> {
    match error {
        RepositoryError::Unavailable(_) => Ok(()),
        error => Err(error).with_context(|| format!("operation {number}")),
    }
}

struct File {
    first: u32,
    paket: PackageId,
}

impl File {
    /// Ranges of rows, each a batch.
    fn batches() -> impl Iterator<Item = (u64, u64)> {
        (2..2 + RECORDS)
            .step_by(usize::try_from(BATCH).expect("is small"))
            .map(|first| (first, (first + BATCH - 1).min(RECORDS + 1)))
    }

    fn errors(job: &ImportJob, rows: (u64, u64)) -> Vec<RowError> {
        let bad = INVALID.into_iter().filter(|row| within(rows, *row));
        bad.map(|row_number| RowError {
            id: RowErrorId::mint(&Now),
            job_id: job.id,
            row_number,
            error_type: ErrorType::InvalidFormat,
            code: "email".into(),
            severity: Severity::Error,
            column_index: None,
            params: BTreeMap::new(),
            field_name: Some("email".to_owned()),
            error_message: "Email tidak valid: x".to_owned(),
            expected_format: None,
            received_value: Some("x".to_owned()),
            created_at: Now.now(),
        })
        .collect()
    }

    fn valid(&self, rows: (u64, u64)) -> ImportRows {
        let good = (rows.0..=rows.1).filter(|row| !INVALID.contains(row));
        ImportRows::Jamaah(
            good.map(|row_number| {
                let record = jamaah(
                    self.first + u32::try_from(row_number).expect("is small"),
                    self.paket,
                );
                ImportRow::new(Now.mint_uuid(), row_number, record)
            })
            .collect(),
        )
    }
}

const fn within(rows: (u64, u64), row: u64) -> bool {
    rows.0 <= row && row <= rows.1
}

fn invalid_before(row: u64) -> u64 {
    INVALID.into_iter().filter(|bad| *bad <= row).count() as u64
}

/// What a worker does with one claim, in short; whether the import is completed. Its lease is over at once, so that the next one
/// need not wait.
async fn work(world: &World, file: &File) -> Result<bool, RepositoryError> {
    let queue = ImportQueue::new(&world.db);
    let owner = Now.mint_uuid().to_string();
    let (mut job, lease) = match queue
        .claim(&owner, Duration::ZERO, FAILURE_MESSAGES, None)
        .await?
    {
        None => return Ok(false),
        Some(Claim::GaveUp(job)) => panic!("gave up {job:?}"),
        Some(Claim::Job(job, lease)) => (*job, lease),
    };
    if job.status() == JobStatus::Validating {
        queue.begin_validation(&lease, RECORDS).await?;
        for rows in File::batches() {
            let batch = ValidationBatch {
                rows,
                errors: &File::errors(&job, rows),
                failed: &[],
                counts: JobCounts {
                    total_rows: RECORDS,
                    processed_rows: rows.1 - 1,
                    ..JobCounts::default()
                },
            };
            queue.store_validation_batch(&lease, batch).await?;
        }
        let invalid_rows = INVALID.len() as u64;
        let end = validation_end(JobCounts {
            total_rows: RECORDS,
            processed_rows: RECORDS,
            valid_rows: RECORDS - invalid_rows,
            invalid_rows,
            ..JobCounts::default()
        });
        job = queue.finish_validation(&lease, end).await?;
    }
    let done = job.checkpoint.unwrap_or_default().last_row;
    for rows in File::batches().filter(|rows| rows.1 > done) {
        let failed_rows = invalid_before(rows.1);
        let checkpoint = Checkpoint {
            last_row: rows.1,
            records: rows.1 - 1,
            imported_rows: rows.1 - 1 - failed_rows,
            failed_rows,
            found: None,
            ..Checkpoint::default()
        };
        let refused = |refusal: &Refusal| panic!("refused {refusal:?}");
        let batch = ImportBatch {
            corrected: &[],
            rows,
            valid: &file.valid(rows),
            on_duplicate: OnDuplicate::Reject,
            errors: &File::errors(&job, rows),
            failed: &[],
            counts: JobCounts {
                processed_rows: checkpoint.records,
                imported_rows: checkpoint.imported_rows,
                failed_rows,
                ..job.counts
            },
            checkpoint,
            now: Now.now(),
            refused: &refused,
            refused_room: 0,
            committing: &|| {},
        };
        queue
            .commit_batch(&lease, batch, LoadedBatch::default())
            .await?;
    }
    queue.finish_import(&lease, Findings::default()).await?;
    Ok(true)
}

/// What must hold after every fault.
async fn check(world: &World, id: JobId, number: u64) -> Result<()> {
    let job = ImportJobs::new(&world.db)
        .find(world.scope, id, None)
        .await?
        .expect("is there");
    let invalid = INVALID.len() as u64;
    ensure!(
        job.status() == JobStatus::Completed && job.lease().owner().is_none(),
        "operation {number}: {job:?}"
    );
    ensure!(
        job.counts
            == JobCounts {
                total_rows: RECORDS,
                processed_rows: RECORDS,
                valid_rows: RECORDS - invalid,
                invalid_rows: invalid,
                imported_rows: RECORDS - invalid,
                failed_rows: invalid,
                ..JobCounts::default()
            },
        "operation {number}: {:?}",
        job.counts
    );
    let query = ListQuery {
        filter: vec![format!("migration_job_id={id}").parse()?],
        limit: 100,
        ..ListQuery::default()
    };
    let page = JamaahRecords::new(&world.db)
        .list(world.scope, &query)
        .await?;
    let mut rows: Vec<u64> = page
        .items
        .iter()
        .filter_map(|record| record.import_row_number?.try_into().ok())
        .collect();
    rows.sort_unstable();
    let expected: Vec<u64> = (2..2 + RECORDS)
        .filter(|row| !INVALID.contains(row))
        .collect();
    ensure!(rows == expected, "operation {number}: {rows:?}");
    let (errors, _) = RowErrors::new(&world.db)
        .next(world.scope, id, None, 100)
        .await?;
    let rows: Vec<u64> = errors.iter().map(|error| error.row_number).collect();
    ensure!(rows == INVALID, "operation {number}: {rows:?}");
    Ok(())
}
