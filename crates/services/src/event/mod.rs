//! The four published events of import jobs, sent only after the commit, and the progress of a validation, which runs ahead of its
//! commits. This module is independent of sockets.

mod bus;
pub(crate) mod mask;
pub(crate) mod relay;
mod sent;

use std::sync::Arc;

use auth::Identity;
use domain::{
    ErrorSummary, ErrorType, ImportJob, ImportType, JobId, JobNotice, JobStatus, Role, RowError,
    TenantId, Timestamp, UserId,
};
use serde::Serialize;

pub use bus::{Events, Subscription};

/// The published event carries at most this many errors; `errors_total` is their full number.
pub(crate) const ERRORS_IN_EVENT: u64 = 100;

/// One event of one job, and who may see it.
#[derive(Debug, Clone)]
pub struct Event {
    /// The job's tenant.
    pub tenant_id: TenantId,
    /// Who uploaded the file.
    pub user_id: UserId,
    /// The job.
    pub job_id: JobId,
    /// When the change happened, by the database's clock; for progress, the start of its import. Several processes may know of the
    /// same change, and a listener gets it once.
    pub(crate) moment: Option<Timestamp>,
    /// What happened; serialises to the published `data`.
    pub payload: Payload,
}

/// The payloads: four with the keys of the published document, and the progress of a validation.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Payload {
    /// `migration:status`: the job has another status, or a client has just connected.
    Status(StatusChanged),
    /// `migration:validated`: a validation has ended.
    Validated(Arc<Validated>),
    /// `migration:progress`: at every 100th row and at the end, never decreasing.
    Progress(Progress),
    /// `migration:validation_progress`: a few times a second while a file is checked, never decreasing.
    ValidationProgress(Progress),
    /// `migration:completed`: the run has ended, successfully or not.
    Completed(Completed),
}

/// `data` of `migration:status`.
#[derive(Debug, Clone, Serialize)]
pub struct StatusChanged {
    /// The job.
    pub job_id: JobId,
    /// What the file holds.
    pub import_type: ImportType,
    /// The file's name.
    pub file_name: String,
    /// The new status.
    pub status: JobStatus,
    /// The status as users read it.
    pub status_display: &'static str,
    /// Records that the running phase has processed.
    pub processed_rows: u64,
    /// Records of the file.
    pub total_rows: u64,
    /// Of the running phase.
    pub progress_percentage: u8,
    /// Why it failed, if it did.
    pub error_message: Option<String>,
    /// When it changed.
    pub updated_at: Timestamp,
}

/// `data` of `migration:validated`.
#[derive(Debug, Clone, Serialize)]
pub struct Validated {
    /// The job.
    pub job_id: JobId,
    /// The file is readable and at least one row is valid.
    pub is_valid: bool,
    /// Records of the file.
    pub total_rows: u64,
    /// Records without an error.
    pub valid_rows: u64,
    /// Records with one or more.
    pub invalid_rows: u64,
    /// Accepted records that their owner should check.
    pub warning_rows: u64,
    /// Of the valid records those that will change an existing record; omitted if there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub update_rows: u64,
    /// Of the valid records those that will be skipped; omitted if there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub skip_rows: u64,
    /// The first 100 errors, sensitive values masked.
    pub errors: Vec<ReportedError>,
    /// How many errors there are.
    pub errors_total: u64,
    /// Errors by type.
    pub error_summary: ErrorSummary,
    /// Whether the import can start.
    pub can_proceed: bool,
    /// Why the file could not be read, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What else a user should know of the whole file.
    pub notices: Vec<JobNotice>,
}

/// One error of `migration:validated`.
#[derive(Debug, Clone, Serialize)]
pub struct ReportedError {
    /// The spreadsheet row.
    pub row_number: u64,
    /// The field.
    pub field_name: Option<String>,
    /// The kind.
    pub error_type: ErrorType,
    /// What is wrong.
    pub error_message: String,
    /// The received value.
    pub received_value: Option<String>,
}

/// `data` of `migration:progress` and of `migration:validation_progress`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Progress {
    /// The job.
    pub job_id: JobId,
    /// Records done.
    pub processed: u64,
    /// Records of the file.
    pub total: u64,
    /// `round(100 × processed / total)`.
    pub progress_percentage: u8,
}

impl Progress {
    fn of(job: &ImportJob, processed: u64, total: u64) -> Self {
        Self {
            job_id: job.id,
            processed,
            total,
            progress_percentage: domain::progress_percentage(processed, total),
        }
    }
}

/// `data` of `migration:completed`.
#[derive(Debug, Clone, Serialize)]
pub struct Completed {
    /// The job.
    pub job_id: JobId,
    /// `completed` or `failed`.
    pub status: JobStatus,
    /// Records stored.
    pub imported: u64,
    /// Records not stored.
    pub failed: u64,
    /// Of the stored records those that changed an existing one; omitted if there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub updated: u64,
    /// Records skipped; omitted if there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub skipped: u64,
    /// From `started_at` to `completed_at`, in whole seconds, rounded up.
    pub duration_seconds: u64,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// Listeners that know of no such rows get what they always got.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
const fn is_none(rows: &u64) -> bool {
    *rows == 0
}

impl Event {
    /// The published name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.payload {
            Payload::Status(_) => "migration:status",
            Payload::Validated(_) => "migration:validated",
            Payload::Progress(_) => "migration:progress",
            Payload::ValidationProgress(_) => "migration:validation_progress",
            Payload::Completed(_) => "migration:completed",
        }
    }

    /// Admins and owners see the events of all jobs of their tenant, agents those of their own jobs.
    #[must_use]
    pub fn is_for(&self, listener: &Identity) -> bool {
        self.tenant_id == listener.tenant_id
            && match listener.role {
                Role::Admin | Role::Owner => true,
                Role::Agent => self.user_id == listener.user_id,
            }
    }

    /// The job's present status.
    #[must_use]
    pub fn status(job: &ImportJob) -> Self {
        Self::of(
            job,
            Some(job.updated_at),
            Payload::Status(StatusChanged {
                job_id: job.id,
                import_type: job.import_type,
                file_name: job.file_name.clone(),
                status: job.status(),
                status_display: job.status().display(),
                processed_rows: job.counts.processed_rows,
                total_rows: job.counts.total_rows,
                progress_percentage: job.progress_percentage(),
                error_message: job.error_message().map(str::to_owned),
                updated_at: job.updated_at,
            }),
        )
    }

    /// The end of a validation. `errors` are the first of the job's `errors_total`.
    #[must_use]
    pub(crate) fn validated(job: &ImportJob, errors: &[RowError], errors_total: u64) -> Self {
        let errors = errors
            .iter()
            .map(|error| mask::reported(job.import_type, error))
            .collect();
        let can_proceed = job.status() != JobStatus::Failed && job.counts.valid_rows > 0;
        Self::of(
            job,
            job.validated_at,
            Payload::Validated(Arc::new(Validated {
                job_id: job.id,
                is_valid: can_proceed,
                total_rows: job.counts.total_rows,
                valid_rows: job.counts.valid_rows,
                invalid_rows: job.counts.invalid_rows,
                warning_rows: job.counts.warning_rows,
                update_rows: job.counts.update_rows,
                skip_rows: job.counts.skip_rows,
                errors,
                errors_total,
                error_summary: job.metadata.error_summary.unwrap_or_default(),
                can_proceed,
                error_message: job.error_message().map(str::to_owned),
                notices: job.metadata.notices.clone(),
            })),
        )
    }

    /// Progress of the running phase.
    #[must_use]
    pub(crate) fn progress(job: &ImportJob, processed: u64, total: u64) -> Self {
        Self::of(
            job,
            job.started_at,
            Payload::Progress(Progress::of(job, processed, total)),
        )
    }

    /// Progress of a validation.
    #[must_use]
    pub(crate) fn validation_progress(job: &ImportJob, processed: u64, total: u64) -> Self {
        Self::of(
            job,
            None,
            Payload::ValidationProgress(Progress::of(job, processed, total)),
        )
    }

    /// The end of a run.
    #[must_use]
    pub(crate) fn completed(job: &ImportJob) -> Self {
        let duration = match (job.started_at, job.completed_at()) {
            (Some(start), Some(end)) => (end - start).as_seconds_f64().ceil(),
            _ => 0.0,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and a negative span of two clocks becomes 0"
        )]
        let duration_seconds = duration as u64;
        Self::of(
            job,
            job.completed_at(),
            Payload::Completed(Completed {
                job_id: job.id,
                status: job.status(),
                imported: job.counts.imported_rows,
                failed: job.counts.failed_rows,
                updated: job.counts.updated_rows,
                skipped: job.counts.skipped_rows,
                duration_seconds,
                error_message: job.error_message().map(str::to_owned),
            }),
        )
    }

    fn of(job: &ImportJob, moment: Option<Timestamp>, payload: Payload) -> Self {
        Self {
            tenant_id: job.tenant_id,
            user_id: job.user_id,
            job_id: job.id,
            moment,
            payload,
        }
    }
}
