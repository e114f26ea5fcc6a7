//! An import job: the row that is both the user's job and the worker's queue entry. What changes it is in `transition`.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{
    ErrorType, ImportType, JobId, JobMetadata, OnDuplicate, TenantId, Timestamp, UserId,
    word::words,
};

/// How long after its end a job can be rolled back (published: "dalam 24 jam").
pub const ROLLBACK_WINDOW: Duration = Duration::hours(24);

words! {
    /// The six published states of a job.
    pub enum JobStatus {
        /// Waits for the user: uploaded, or validated.
        Pending => "pending",
        /// A worker checks the rows, or will.
        Validating => "validating",
        /// A worker stores the valid rows, or will.
        Importing => "importing",
        /// Every valid row is stored.
        Completed => "completed",
        /// The file could not be read, nothing was valid, or processing was abandoned.
        Failed => "failed",
        /// What it stored was deleted.
        RolledBack => "rolled_back",
    }
}

impl JobStatus {
    /// The word for users (`status_display`).
    #[must_use]
    pub const fn display(self) -> &'static str {
        match self {
            Self::Pending => "Menunggu",
            Self::Validating => "Memvalidasi",
            Self::Importing => "Mengimpor",
            Self::Completed => "Selesai",
            Self::Failed => "Gagal",
            Self::RolledBack => "Dibatalkan",
        }
    }

    /// Whether a worker has it, or should.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Validating | Self::Importing)
    }
}

/// Row counts of a job. They count data records, never header or blank rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// Records of the file.
    pub total_rows: u64,
    /// Records that the running phase has processed.
    pub processed_rows: u64,
    /// Records without an error: those that will be created, will change an existing record, or will be skipped.
    pub valid_rows: u64,
    /// Records with at least one error.
    pub invalid_rows: u64,
    /// Records that the import stored: created, or changed.
    pub imported_rows: u64,
    /// Records that the import did not store.
    pub failed_rows: u64,
    /// Accepted records that their owner should check.
    pub warning_rows: u64,
    /// Of the valid records, as the validation found them: those that will change an existing record.
    pub update_rows: u64,
    /// Those that will be skipped because their record exists.
    pub skip_rows: u64,
    /// Of the imported records: those that changed an existing record.
    pub updated_rows: u64,
    /// Records that the import skipped because their record existed.
    pub skipped_rows: u64,
}

impl JobCounts {
    /// Valid records whose record does not exist.
    #[must_use]
    pub const fn create_rows(&self) -> u64 {
        self.valid_rows
            .saturating_sub(self.update_rows)
            .saturating_sub(self.skip_rows)
    }

    /// Records that the import created.
    #[must_use]
    pub const fn created_rows(&self) -> u64 {
        self.imported_rows.saturating_sub(self.updated_rows)
    }
}

/// Row errors of a job by type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorSummary {
    /// Required fields that were empty.
    pub missing_required: u64,
    /// Values in a wrong format.
    pub invalid_format: u64,
    /// Values that must be unique and are not.
    pub duplicate: u64,
    /// References to no record or to several, and rows that the database refused.
    pub constraint_violation: u64,
}

impl ErrorSummary {
    /// This many errors of one type.
    #[must_use]
    pub fn of(error: ErrorType, errors: u64) -> Self {
        let mut summary = Self::default();
        *summary.slot(error) = errors;
        summary
    }

    /// Counts one more error.
    pub fn count(&mut self, error: ErrorType) {
        *self.slot(error) += 1;
    }

    /// Adds the counts of another part of the same run.
    pub fn add(&mut self, other: Self) {
        self.missing_required += other.missing_required;
        self.invalid_format += other.invalid_format;
        self.duplicate += other.duplicate;
        self.constraint_violation += other.constraint_violation;
    }

    /// All errors together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.missing_required + self.invalid_format + self.duplicate + self.constraint_violation
    }

    fn slot(&mut self, error: ErrorType) -> &mut u64 {
        match error {
            ErrorType::MissingRequired => &mut self.missing_required,
            ErrorType::InvalidFormat => &mut self.invalid_format,
            ErrorType::Duplicate => &mut self.duplicate,
            ErrorType::ConstraintViolation => &mut self.constraint_violation,
        }
    }
}

/// Failed rows that are counted, but not kept with their errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftOut {
    /// Rows.
    pub rows: u64,
    /// Their errors.
    pub errors: u64,
}

impl LeftOut {
    /// Adds what another part of the same run left out.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.errors += other.errors;
    }

    /// `None` if nothing is left out.
    #[must_use]
    pub fn noted(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

/// The complete counts of what a run found in its rows, regardless of how much is stored in detail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Findings {
    /// Errors by type.
    pub errors: ErrorSummary,
    /// Errors that are not stored.
    pub left_out: LeftOut,
    /// Accepted records that their owner should check.
    pub warning_rows: u64,
}

impl Findings {
    /// Adds the findings of another part of the same run.
    pub fn add(&mut self, other: Self) {
        self.errors.add(other.errors);
        self.left_out.add(other.left_out);
        self.warning_rows += other.warning_rows;
    }
}

/// How far the running phase has come; written with the batch that it describes, so that the process that takes over continues after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// The last processed spreadsheet row.
    pub last_row: u64,
    /// Records done.
    pub records: u64,
    /// Records stored.
    pub imported_rows: u64,
    /// Records refused.
    pub failed_rows: u64,
    /// Of the stored records those that changed an existing one.
    pub updated_rows: u64,
    /// Records skipped.
    pub skipped_rows: u64,
    /// What was found in the processed records; `None` in a checkpoint of a version that counted the stored errors instead.
    pub found: Option<Findings>,
}

/// Who did something to a job, under the name that they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doer {
    /// The user.
    pub id: UserId,
    /// The name for the login.
    pub username: String,
    /// The full name.
    pub nama_lengkap: String,
}

/// Who did what to a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Doers {
    /// Who uploaded the file, perhaps on behalf of the job's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Doer>,
    /// Who asked for the import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<Doer>,
    /// Who rolled it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_back_by: Option<Doer>,
}

/// The outcome of the claims of a run, which distinguishes a job that makes no progress from one that is only interrupted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunProgress {
    /// The last claim that made progress: it committed a batch, or returned the job in order.
    pub attempt: u32,
    /// How often in a row the run has been put off because of a fault of the system.
    pub deferrals: u32,
}

/// Which worker has a job. The moments are those of the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobLease {
    /// No worker has it, and none claims it before `not_before`.
    Free {
        /// The end of a pause after a failure.
        not_before: Option<Timestamp>,
    },
    /// One worker has it until the lease expires.
    Held {
        /// The claim of the worker, a new one each time.
        owner: String,
        /// When another worker may claim it.
        expires_at: Timestamp,
    },
}

impl JobLease {
    /// A job that any worker may claim at once.
    pub const FREE: Self = Self::Free { not_before: None };

    /// The lease as it is stored: a moment without an owner is the end of a pause.
    #[must_use]
    pub fn stored(owner: Option<String>, moment: Option<Timestamp>) -> Self {
        match (owner, moment) {
            (Some(owner), Some(expires_at)) => Self::Held { owner, expires_at },
            // Without an end any worker may claim the job, whatever its owner was.
            (_, not_before) => Self::Free { not_before },
        }
    }

    /// The claim that has the job.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Free { .. } => None,
            Self::Held { owner, .. } => Some(owner),
        }
    }

    /// When a worker may claim the job; `None` if at once.
    #[must_use]
    pub const fn claimable_at(&self) -> Option<Timestamp> {
        match self {
            Self::Free { not_before } => *not_before,
            Self::Held { expires_at, .. } => Some(*expires_at),
        }
    }
}

/// The state of a job, with the data that only this state has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its user: uploaded, or validated.
    Pending,
    /// A worker checks the rows, or will.
    Validating(JobLease),
    /// A worker stores the valid rows, or will.
    Importing(JobLease),
    /// Every valid row is stored.
    Completed {
        /// When that was; `None` of a damaged row, which `validate` reports.
        at: Option<Timestamp>,
    },
    /// The file could not be read, nothing was valid, or processing was abandoned.
    Failed {
        /// When that was; `None` of a damaged row, which `validate` reports.
        at: Option<Timestamp>,
        /// Why, for users.
        message: Option<String>,
    },
    /// What it stored was deleted.
    RolledBack {
        /// When that was; `None` of a damaged row, which `validate` reports.
        at: Option<Timestamp>,
        /// When its import had ended.
        ended_at: Option<Timestamp>,
        /// Why its import had failed, if it had.
        message: Option<String>,
    },
}

/// An end that a user requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// When the user stopped or discarded it.
    pub at: Timestamp,
    /// The user; `None` if the stored name cannot be read.
    pub by: Option<Doer>,
}

/// What is stored of an import job (table `migration_jobs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// The tenant whose rows it imports.
    pub tenant_id: TenantId,
    /// The job's owner.
    pub user_id: UserId,
    /// What the file holds.
    pub import_type: ImportType,
    /// What happens to rows whose record exists already.
    pub on_duplicate: OnDuplicate,
    /// The file's name as uploaded, made safe.
    pub file_name: String,
    /// Where the file is stored: a key of the object store, not an address for browsers.
    pub file_url: String,
    /// Bytes of the file.
    pub file_size: u64,
    /// SHA-256 of the file in hexadecimal.
    pub file_sha256: String,
    /// Its state.
    pub state: JobState,
    /// Its row counts.
    pub counts: JobCounts,
    /// How the file is read, and what was found in it.
    pub metadata: JobMetadata,
    /// When the import began.
    pub started_at: Option<Timestamp>,
    /// When a validation of the whole file ended.
    pub validated_at: Option<Timestamp>,
    /// When the user asked for the import; while it is validated, the import follows by itself.
    pub start_requested_at: Option<Timestamp>,
    /// Who stopped or discarded it, and when.
    pub cancelled: Option<Cancellation>,
    /// Who did everything else.
    pub doers: Doers,
    /// The job whose corrected failed rows this file contains.
    pub corrects: Option<JobId>,
    /// How far the import has come.
    pub checkpoint: Option<Checkpoint>,
    /// How often it was claimed: the fencing number of its lease.
    pub attempt: u32,
    /// The outcome of these claims.
    pub progress: RunProgress,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An import job. It reads like its record, which only the methods in `transition` change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJob(pub(crate) JobRecord);

impl Deref for ImportJob {
    type Target = JobRecord;

    fn deref(&self) -> &JobRecord {
        &self.0
    }
}

impl From<ImportJob> for JobRecord {
    fn from(job: ImportJob) -> Self {
        job.0
    }
}

/// An upload, from which a job is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where the file is stored.
    pub file_url: String,
    /// Its SHA-256 in hexadecimal.
    pub file_sha256: String,
    /// Its records.
    pub total_rows: u64,
    /// How it is read, including its name, its size and what it holds.
    pub metadata: JobMetadata,
    /// What happens to rows whose record exists already.
    pub on_duplicate: OnDuplicate,
    /// Who uploaded it, perhaps on behalf of the job's owner.
    pub created_by: Option<Doer>,
    /// The job whose corrected failed rows it contains.
    pub corrects: Option<JobId>,
}

impl ImportJob {
    /// The message of a job whose row cannot be read.
    pub const UNREADABLE: &'static str = "Data import ini rusak dan tidak dapat dibaca lagi. \
        Silakan unggah ulang file atau hubungi dukungan.";

    /// The job of a user for a file that was uploaded now.
    #[must_use]
    pub fn uploaded(
        (tenant_id, id): (TenantId, JobId),
        user_id: UserId,
        upload: Upload,
        now: Timestamp,
    ) -> Self {
        Self(JobRecord {
            id,
            tenant_id,
            user_id,
            import_type: upload.metadata.import_type,
            on_duplicate: upload.on_duplicate,
            file_name: upload.metadata.file_name.clone(),
            file_url: upload.file_url,
            file_size: upload.metadata.file_size,
            file_sha256: upload.file_sha256,
            state: JobState::Pending,
            counts: JobCounts {
                total_rows: upload.total_rows,
                ..JobCounts::default()
            },
            metadata: upload.metadata,
            started_at: None,
            validated_at: None,
            start_requested_at: None,
            cancelled: None,
            doers: Doers {
                created_by: upload.created_by,
                ..Doers::default()
            },
            corrects: upload.corrects,
            checkpoint: None,
            attempt: 0,
            progress: RunProgress::default(),
            created_at: now,
            updated_at: now,
        })
    }

    /// The job that was stored as this record.
    #[must_use]
    pub const fn stored(record: JobRecord) -> Self {
        Self(record)
    }
}

impl JobRecord {
    /// The published word for its state.
    #[must_use]
    pub const fn status(&self) -> JobStatus {
        match self.state {
            JobState::Pending => JobStatus::Pending,
            JobState::Validating(_) => JobStatus::Validating,
            JobState::Importing(_) => JobStatus::Importing,
            JobState::Completed { .. } => JobStatus::Completed,
            JobState::Failed { .. } => JobStatus::Failed,
            JobState::RolledBack { .. } => JobStatus::RolledBack,
        }
    }

    /// Which worker has it; only a job that runs can be held.
    #[must_use]
    pub const fn lease(&self) -> &JobLease {
        match &self.state {
            JobState::Validating(lease) | JobState::Importing(lease) => lease,
            _ => &JobLease::FREE,
        }
    }

    /// When its run ended, successfully or not.
    #[must_use]
    pub const fn completed_at(&self) -> Option<Timestamp> {
        match self.state {
            JobState::Pending | JobState::Validating(_) | JobState::Importing(_) => None,
            JobState::Completed { at } | JobState::Failed { at, .. } => at,
            JobState::RolledBack { ended_at, .. } => ended_at,
        }
    }

    /// Why it failed, for users.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        match &self.state {
            JobState::Failed { message, .. } | JobState::RolledBack { message, .. } => {
                message.as_deref()
            }
            _ => None,
        }
    }

    /// When it was rolled back.
    #[must_use]
    pub const fn rollback_at(&self) -> Option<Timestamp> {
        match self.state {
            JobState::RolledBack { at, .. } => at,
            _ => None,
        }
    }

    /// Whether the whole file was validated and something in it can be imported (published: `can_proceed`, `is_valid`).
    #[must_use]
    pub const fn can_proceed(&self) -> bool {
        self.validated_at.is_some() && self.counts.valid_rows > 0
    }

    /// Consecutive claims of this run without progress.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        self.attempt.saturating_sub(self.progress.attempt)
    }

    /// Whether its import stopped half-way and can continue from the checkpoint.
    #[must_use]
    pub const fn can_continue(&self) -> bool {
        matches!(self.state, JobState::Failed { .. })
            && self.can_proceed()
            && self.checkpoint.is_some()
    }

    /// Percent of the running phase, rounded to the nearest; 100 when completed.
    #[must_use]
    pub const fn progress_percentage(&self) -> u8 {
        if matches!(self.state, JobState::Completed { .. }) {
            return 100;
        }
        progress_percentage(self.counts.processed_rows, self.counts.total_rows)
    }

    /// Until when it can be rolled back; `None` while it has not ended, or if it was rolled back already.
    #[must_use]
    pub fn rollback_deadline(&self) -> Option<Timestamp> {
        match self.state {
            JobState::Completed { at } | JobState::Failed { at, .. } => {
                at.map(|end| end + ROLLBACK_WINDOW)
            }
            _ => None,
        }
    }

    /// Whether a worker may claim it.
    #[must_use]
    pub fn is_claimable(&self, now: Timestamp) -> bool {
        self.status().is_running() && self.lease().claimable_at().is_none_or(|free| free <= now)
    }

    /// Whether the claim `owner` with this fencing number still has it.
    #[must_use]
    pub fn is_held_by(&self, owner: &str, attempt: u32) -> bool {
        self.attempt == attempt && self.lease().owner() == Some(owner)
    }

    /// Whether it counts as one of the imports that a tenant may have at once.
    #[must_use]
    pub const fn takes_slot(&self) -> bool {
        match self.state {
            JobState::Importing(_) => true,
            JobState::Validating(_) => self.start_requested_at.is_some(),
            _ => false,
        }
    }

    /// Whether there are row errors to report.
    #[must_use]
    pub const fn has_row_errors(&self) -> bool {
        self.counts.invalid_rows > 0 || self.counts.failed_rows > 0
    }
}

/// `round(100 × processed / total)`, between 0 and 100; 0 of 0 is 0.
#[must_use]
pub const fn progress_percentage(processed: u64, total: u64) -> u8 {
    if total == 0 {
        return 0;
    }
    let percent = (processed as u128 * 200 + total as u128) / (2 * total as u128);
    if percent > 100 {
        100
    } else {
        percent.to_le_bytes()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_progress_to_the_nearest_percent() {
        for (processed, total, percent) in [
            (100, 150, 67),
            (150, 150, 100),
            (0, 0, 0),
            (1, 200, 1),
            (1, 201, 0),
            (199, 200, 100),
            (u64::MAX, u64::MAX, 100),
            (9, 3, 100),
        ] {
            assert_eq!(
                progress_percentage(processed, total),
                percent,
                "{processed} of {total}"
            );
        }
    }

    #[test]
    fn a_lease_needs_an_owner_and_an_end() {
        let moment = Timestamp::new(time::OffsetDateTime::UNIX_EPOCH);
        for (owner, moment, has_owner) in [
            (Some("w"), Some(moment), true),
            (Some("w"), None, false),
            (None, Some(moment), false),
            (None, None, false),
        ] {
            let lease = JobLease::stored(owner.map(str::to_owned), moment);
            assert_eq!(lease.owner().is_some(), has_owner, "{owner:?} {moment:?}");
            assert_eq!(lease.claimable_at(), moment);
        }
    }

    #[test]
    fn counts_errors_by_type() {
        let mut summary = ErrorSummary::default();
        summary.count(ErrorType::Duplicate);
        summary.add(ErrorSummary {
            duplicate: 2,
            invalid_format: 1,
            ..ErrorSummary::default()
        });
        assert_eq!((summary.duplicate, summary.total()), (3, 4));
    }
}
