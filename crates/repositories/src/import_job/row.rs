//! Converts a job into a row and back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{
    Cancellation, Checkpoint, Doers, ImportJob, ImportType, JobCounts, JobId, JobLease,
    JobMetadata, JobRecord, JobState, JobStatus, RunProgress, TenantId, Timestamp, UserId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryResult, QuerySelect, QueryTrait, Select, TryGetable, sea_query::LockType,
};
use serde::{Deserialize, Serialize};

use crate::{
    Database, RepositoryError, TenantScope,
    entity::migration_job::{ActiveModel, Column, Entity, Model},
    stamp::{Stamp, moment, stamp},
    table::stored,
};

/// The checkpoint as it is stored: together with the record of the run's claims, because committing a batch changes both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredCheckpoint {
    /// The record of the claims.
    #[serde(flatten)]
    pub(crate) progress: RunProgress,
    /// How far the import has come.
    #[serde(flatten)]
    pub(crate) checkpoint: Checkpoint,
}

impl StoredCheckpoint {
    pub(crate) fn to_json(self) -> Result<serde_json::Value, RepositoryError> {
        stored("checkpoint", serde_json::to_value(self))
    }
}

pub(crate) fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}

pub(crate) fn rows(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The counts under the names of their columns.
pub(crate) fn columns(counts: &JobCounts) -> [(&'static str, i64); 11] {
    [
        ("total_rows", counts.total_rows),
        ("processed_rows", counts.processed_rows),
        ("valid_rows", counts.valid_rows),
        ("invalid_rows", counts.invalid_rows),
        ("imported_rows", counts.imported_rows),
        ("failed_rows", counts.failed_rows),
        ("warning_rows", counts.warning_rows),
        ("update_rows", counts.update_rows),
        ("skip_rows", counts.skip_rows),
        ("updated_rows", counts.updated_rows),
        ("skipped_rows", counts.skipped_rows),
    ]
    .map(|(column, number)| (column, rows(number)))
}

/// Reads a state from its columns.
fn state(status: JobStatus, row: &Model) -> JobState {
    let lease = || JobLease::stored(row.lease_owner.clone(), moment(row.lease_expires_at));
    let message = row.error_message.clone();
    let at = moment(row.completed_at);
    match status {
        JobStatus::Pending => JobState::Pending,
        JobStatus::Validating => JobState::Validating(lease()),
        JobStatus::Importing => JobState::Importing(lease()),
        JobStatus::Completed => JobState::Completed { at },
        JobStatus::Failed => JobState::Failed { at, message },
        JobStatus::RolledBack => JobState::RolledBack {
            at: moment(row.rollback_at),
            ended_at: at,
            message,
        },
    }
}

/// The columns of a state, and the time of the change.
pub(super) fn active_state(job: &ImportJob) -> ActiveModel {
    ActiveModel {
        status: Set(job.status().to_string()),
        error_message: Set(job.error_message().map(str::to_owned)),
        completed_at: Set(stamp(job.completed_at())),
        rollback_at: Set(stamp(job.rollback_at())),
        lease_owner: Set(job.lease().owner().map(str::to_owned)),
        lease_expires_at: Set(stamp(job.lease().claimable_at())),
        updated_at: Set(job.updated_at.into()),
        ..ActiveModel::default()
    }
}

/// Reads a row.
pub(super) fn record(row: Model) -> Result<ImportJob, RepositoryError> {
    let state = state(stored("status", row.status.parse())?, &row);
    let metadata: JobMetadata = stored("metadata", serde_json::from_value(row.metadata))?;
    let reached: StoredCheckpoint = match row.checkpoint {
        None => StoredCheckpoint::default(),
        Some(json) => stored("checkpoint", serde_json::from_value(json))?,
    };
    let checkpoint = Some(reached.checkpoint).filter(|done| *done != Checkpoint::default());
    Ok(ImportJob::stored(JobRecord {
        id: JobId::from_uuid(row.id),
        tenant_id: TenantId::from_uuid(row.tenant_id),
        user_id: UserId::from_uuid(row.user_id),
        import_type: stored("import_type", row.import_type.parse())?,
        on_duplicate: stored("on_duplicate", row.on_duplicate.parse())?,
        file_name: row.file_name,
        file_url: row.file_url,
        file_size: count(row.file_size),
        file_sha256: row.file_sha256,
        state,
        counts: JobCounts {
            total_rows: count(row.total_rows),
            processed_rows: count(row.processed_rows),
            valid_rows: count(row.valid_rows),
            invalid_rows: count(row.invalid_rows),
            imported_rows: count(row.imported_rows),
            failed_rows: count(row.failed_rows),
            warning_rows: count(row.warning_rows),
            update_rows: count(row.update_rows),
            skip_rows: count(row.skip_rows),
            updated_rows: count(row.updated_rows),
            skipped_rows: count(row.skipped_rows),
        },
        metadata,
        started_at: moment(row.started_at),
        validated_at: moment(row.validated_at),
        start_requested_at: moment(row.start_requested_at),
        cancelled: moment(row.cancelled_at).map(|at| Cancellation {
            at,
            // An unreadable name does not hide the job.
            by: row
                .cancelled_by
                .and_then(|json| serde_json::from_value(json).ok()),
        }),
        doers: row
            .doers
            .and_then(|json| serde_json::from_value(json).ok())
            .unwrap_or_default(),
        corrects: row.corrects.map(JobId::from_uuid),
        checkpoint,
        attempt: u32::try_from(row.attempt).unwrap_or(0),
        progress: reached.progress,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    }))
}

/// The whole job as a row.
pub(super) fn active(job: &ImportJob) -> Result<ActiveModel, RepositoryError> {
    let checkpoint = StoredCheckpoint {
        progress: job.progress,
        checkpoint: job.checkpoint.unwrap_or_default(),
    };
    let checkpoint = (checkpoint != StoredCheckpoint::default())
        .then(|| checkpoint.to_json())
        .transpose()?;
    let cancelled = job.cancelled.as_ref();
    Ok(ActiveModel {
        tenant_id: Set(job.tenant_id.as_uuid()),
        id: Set(job.id.as_uuid()),
        user_id: Set(job.user_id.as_uuid()),
        import_type: Set(job.import_type.to_string()),
        file_name: Set(job.file_name.clone()),
        file_url: Set(job.file_url.clone()),
        file_size: Set(rows(job.file_size)),
        file_sha256: Set(job.file_sha256.clone()),
        total_rows: Set(rows(job.counts.total_rows)),
        processed_rows: Set(rows(job.counts.processed_rows)),
        valid_rows: Set(rows(job.counts.valid_rows)),
        invalid_rows: Set(rows(job.counts.invalid_rows)),
        imported_rows: Set(rows(job.counts.imported_rows)),
        failed_rows: Set(rows(job.counts.failed_rows)),
        warning_rows: Set(rows(job.counts.warning_rows)),
        on_duplicate: Set(job.on_duplicate.to_string()),
        update_rows: Set(rows(job.counts.update_rows)),
        skip_rows: Set(rows(job.counts.skip_rows)),
        updated_rows: Set(rows(job.counts.updated_rows)),
        skipped_rows: Set(rows(job.counts.skipped_rows)),
        metadata: Set(stored("metadata", serde_json::to_value(&job.metadata))?),
        validated_at: Set(stamp(job.validated_at)),
        start_requested_at: Set(stamp(job.start_requested_at)),
        started_at: Set(stamp(job.started_at)),
        cancelled_at: Set(stamp(cancelled.map(|end| end.at))),
        cancelled_by: Set(cancelled
            .and_then(|end| end.by.as_ref())
            .map(|doer| stored("cancelled_by", serde_json::to_value(doer)))
            .transpose()?),
        doers: Set((job.doers != Doers::default())
            .then(|| stored("doers", serde_json::to_value(&job.doers)))
            .transpose()?),
        corrects: Set(job.corrects.map(JobId::as_uuid)),
        checkpoint: Set(checkpoint),
        attempt: Set(i32::try_from(job.attempt).unwrap_or(i32::MAX)),
        created_at: Set(job.created_at.into()),
        ..active_state(job)
    })
}

/// A job that is held until its transaction ends.
pub(super) struct Locked {
    pub(super) job: ImportJob,
    /// Whether the row could not be read in full; then the job is what could be read.
    pub(super) is_damaged: bool,
}

/// A job of the scope, locked against every other writer until the transaction ends. Its key is never written, so batches
/// that are being loaded, which lock only the key, neither wait nor block.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<Option<ImportJob>, RepositoryError> {
    let row = lock_row(tx, scope, id).await?;
    row.map(|row| record(read(&row)?)).transpose()
}

/// Like [`lock`], for a job whose row may be damaged: some actions are possible even then.
pub(super) async fn lock_damaged(
    tx: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<Option<Locked>, RepositoryError> {
    let Some(row) = lock_row(tx, scope, id).await? else {
        return Ok(None);
    };
    let locked = match whole(&row) {
        Ok(job) => Locked {
            job,
            is_damaged: false,
        },
        Err(_) => Locked {
            job: salvage(&row)?,
            is_damaged: true,
        },
    };
    Ok(Some(locked))
}

async fn lock_row(
    tx: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<Option<QueryResult>, RepositoryError> {
    let query = Entity::find()
        .filter(Column::TenantId.eq(scope.uuid()))
        .filter(Column::Id.eq(id.as_uuid()))
        .lock(LockType::NoKeyUpdate)
        .build(tx.get_database_backend());
    Ok(tx.query_one_raw(query).await?)
}

fn whole(row: &QueryResult) -> Result<ImportJob, RepositoryError> {
    record(read(row)?)
}

/// What in a job's row cannot be read, or contradicts the rest of it, for `validate`.
pub(crate) fn contradiction(row: &QueryResult) -> Option<String> {
    let job = match whole(row) {
        Ok(job) => job,
        Err(RepositoryError::Corrupt { column }) => {
            return Some(format!("with a {column} that cannot be read"));
        }
        Err(_) => return Some("with a value that cannot be read".to_owned()),
    };
    let is_other_file =
        job.metadata.import_type != job.import_type || job.metadata.file_size != job.file_size;
    if is_other_file {
        return Some("with metadata of another file".to_owned());
    }
    let (done, counts) = (job.checkpoint?, job.counts);
    let adds_up = done.records <= counts.total_rows
        && done.imported_rows + done.failed_rows + done.skipped_rows == done.records;
    // A run that continues after a checkpoint continues its counts; the counts of a job that has ended may have been
    // repaired.
    let goes_on = matches!(job.status(), JobStatus::Importing | JobStatus::Failed);
    let is_at_it = done.records == counts.processed_rows
        && done.imported_rows == counts.imported_rows
        && done.failed_rows == counts.failed_rows
        && done.updated_rows == counts.updated_rows
        && done.skipped_rows == counts.skipped_rows;
    (!adds_up || goes_on && !is_at_it)
        .then(|| "with a checkpoint that contradicts the counters".to_owned())
}

/// The row as its type. The drivers panic on timestamps that they cannot represent (`infinity` on PostgreSQL, a number
/// beyond all years on SQLite), and a worker that panics on the first row of the queue never reaches the second.
fn read(row: &QueryResult) -> Result<Model, DbErr> {
    catch_unwind(AssertUnwindSafe(|| Model::from_query_result(row, "")))
        .unwrap_or_else(|_| Err(DbErr::Type("the driver panicked over a value".to_owned())))
}

/// The jobs that a query finds. One whose row cannot be read is shown as failed, with what can be read of it: it must
/// neither hide all others from their tenant, nor be hidden from a user who wants to delete it.
pub(super) async fn shown(
    conn: &impl ConnectionTrait,
    jobs: Select<Entity>,
) -> Result<Vec<ImportJob>, RepositoryError> {
    let rows = conn
        .query_all_raw(jobs.build(conn.get_database_backend()))
        .await?;
    let jobs = rows.iter().filter_map(|row| {
        let error = match whole(row) {
            Ok(job) => return Some(job),
            Err(error) => error,
        };
        let salvaged = salvage(row);
        tracing::error!(
            job.id = salvaged
                .as_ref()
                .ok()
                .map(|job| tracing::field::display(job.id)),
            error = &error as &dyn std::error::Error,
            "the row of an import job cannot be read"
        );
        // Without its key it belongs to no row.
        salvaged.ok()
    });
    Ok(jobs.collect())
}

/// A cell, if it can be read: the drivers reject other types, and panic on some timestamps.
fn cell<T: TryGetable>(row: &QueryResult, column: &str) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| row.try_get("", column)))
        .ok()?
        .ok()
}

/// What can be read of a damaged row, as a failed job.
fn salvage(row: &QueryResult) -> Result<ImportJob, RepositoryError> {
    let key = |column| cell(row, column).ok_or(RepositoryError::Corrupt { column });
    let text = |column| cell::<String>(row, column).unwrap_or_default();
    let rows = |column| count(cell(row, column).unwrap_or_default());
    let at = |column| cell::<Option<Stamp>>(row, column).and_then(moment);
    let import_type = text("import_type").parse().unwrap_or(ImportType::Jamaah);
    let was_failed = text("status") == JobStatus::Failed.as_str();
    let said = cell::<Option<String>>(row, "error_message")
        .flatten()
        .filter(|message| was_failed && !message.is_empty());
    let created_at = at("created_at").unwrap_or(Timestamp::new(time::OffsetDateTime::UNIX_EPOCH));
    let known = JobMetadata::unread(import_type, text("file_name"), rows("file_size"));
    Ok(ImportJob::stored(JobRecord {
        id: JobId::from_uuid(key("id")?),
        tenant_id: TenantId::from_uuid(key("tenant_id")?),
        user_id: UserId::from_uuid(cell(row, "user_id").unwrap_or_default()),
        import_type,
        on_duplicate: text("on_duplicate").parse().unwrap_or_default(),
        file_name: known.file_name.clone(),
        file_url: text("file_url"),
        file_size: known.file_size,
        file_sha256: text("file_sha256"),
        state: JobState::Failed {
            at: at("completed_at"),
            message: Some(said.unwrap_or_else(|| ImportJob::UNREADABLE.to_owned())),
        },
        counts: JobCounts {
            total_rows: rows("total_rows"),
            processed_rows: rows("processed_rows"),
            valid_rows: rows("valid_rows"),
            invalid_rows: rows("invalid_rows"),
            imported_rows: rows("imported_rows"),
            failed_rows: rows("failed_rows"),
            warning_rows: rows("warning_rows"),
            update_rows: rows("update_rows"),
            skip_rows: rows("skip_rows"),
            updated_rows: rows("updated_rows"),
            skipped_rows: rows("skipped_rows"),
        },
        metadata: salvage_metadata(cell(row, "metadata"), known),
        started_at: at("started_at"),
        validated_at: at("validated_at"),
        start_requested_at: at("start_requested_at"),
        cancelled: at("cancelled_at").map(|at| Cancellation { at, by: None }),
        doers: Doers::default(),
        corrects: None,
        checkpoint: None,
        attempt: 0,
        progress: RunProgress::default(),
        created_at,
        updated_at: at("updated_at").unwrap_or(created_at),
    }))
}

/// The keys of a stored object that can be read, in place of what is known without them.
fn salvage_metadata(stored: Option<serde_json::Value>, known: JobMetadata) -> JobMetadata {
    let (Some(serde_json::Value::Object(stored)), Ok(mut whole)) =
        (stored, serde_json::to_value(&known))
    else {
        return known;
    };
    let mut readable = known;
    for (key, value) in stored {
        let mut with_it = whole.clone();
        with_it[&key] = value;
        if let Ok(metadata) = serde_json::from_value(with_it.clone()) {
            (whole, readable) = (with_it, metadata);
        }
    }
    readable
}

/// The current time of the database's clock.
pub(crate) async fn now(
    db: &Database,
    tx: &impl ConnectionTrait,
) -> Result<Timestamp, RepositoryError> {
    let row = tx
        .query_one_raw(db.statement(format!("SELECT {} AS now", db.now()), []))
        .await?;
    let now: Option<Stamp> = row.map(|row| row.try_get("", "now")).transpose()?;
    now.map(Timestamp::from)
        .ok_or(RepositoryError::Corrupt { column: "now" })
}
