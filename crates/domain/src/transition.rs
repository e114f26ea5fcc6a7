//! The life of an import job: the one table of what each action does in each state. Changes nothing itself.

use thiserror::Error;

use crate::{ImportJob, JobCounts, JobStatus, Timestamp, word::words};

words! {
    /// What a user can ask of a job.
    pub enum JobAction {
        /// Check every row.
        Validate => "validate",
        /// Store the valid rows, checking first where that has not been done.
        Start => "start",
        /// Take back what was stored.
        Rollback => "rollback",
        /// Forget the job; imported rows stay.
        Delete => "delete",
    }
}

/// What an action does to the job that it was decided for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// To `validating`; counts, errors and an earlier failure are cleared.
    BeginValidation,
    /// To `validating` with `start_requested_at` set: the import follows by itself.
    BeginValidationThenImport,
    /// Stays `validating`; `start_requested_at` is set.
    ImportAfterValidation,
    /// To `importing`.
    BeginImport,
    /// Nothing to do: what is asked for is under way already.
    AlreadyUnderWay,
    /// To `rolled_back`.
    Rollback,
    /// The job, its errors and its file go; its rows stay.
    Delete,
}

/// Why an action is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidTransition {
    /// The action has no place in this state.
    #[error("cannot {action} a job that is {status}")]
    InvalidState {
        /// The state.
        status: JobStatus,
        /// The action.
        action: JobAction,
    },
    /// Validation found no valid row.
    #[error("the job has no valid row to import")]
    NothingToImport,
    /// There is nothing to take back in this state.
    #[error("cannot roll back a job that is {status}")]
    RollbackImpossible {
        /// The state.
        status: JobStatus,
    },
    /// The time for taking back is over.
    #[error("the job ended more than 24 hours ago")]
    RollbackExpired,
    /// Only a job that has ended can be deleted.
    #[error("cannot delete a job that is {status}")]
    DeleteImpossible {
        /// The state.
        status: JobStatus,
    },
}

/// Decides what `action` does to `job` at the moment `now` (the database's clock).
///
/// # Errors
/// Why the action is refused; the caller answers 400.
pub fn decide(
    job: &ImportJob,
    action: JobAction,
    now: Timestamp,
) -> Result<Transition, InvalidTransition> {
    use JobAction::{Delete, Rollback, Start, Validate};
    use JobStatus::{Completed, Failed, Importing, Pending, RolledBack, Validating};

    let status = job.status;
    let invalid = Err(InvalidTransition::InvalidState { status, action });
    match (status, action) {
        // A failed job that stored something can only be rolled back or deleted.
        (Failed, Validate | Start) if job.counts.imported_rows > 0 => invalid,
        (Pending | Failed, Validate) => Ok(Transition::BeginValidation),
        (Pending | Failed, Start) if job.validated_at.is_none() => {
            Ok(Transition::BeginValidationThenImport)
        }
        (Pending | Failed, Start) if job.can_proceed() => Ok(Transition::BeginImport),
        (Pending | Failed, Start) => Err(InvalidTransition::NothingToImport),
        // A repeated request (a lost answer, two tabs) is one run.
        (Validating, Validate) => Ok(Transition::AlreadyUnderWay),
        (Validating, Start) if job.start_requested_at.is_some() => Ok(Transition::AlreadyUnderWay),
        (Validating, Start) => Ok(Transition::ImportAfterValidation),
        (Importing | Completed | RolledBack, Validate | Start) => invalid,
        (Completed | Failed, Rollback)
            if job
                .rollback_deadline()
                .is_none_or(|deadline| now > deadline) =>
        {
            Err(InvalidTransition::RollbackExpired)
        }
        (Completed | Failed, Rollback) => Ok(Transition::Rollback),
        (Pending | Validating | Importing | RolledBack, Rollback) => {
            Err(InvalidTransition::RollbackImpossible { status })
        }
        (Completed | Failed | RolledBack, Delete) => Ok(Transition::Delete),
        (Pending | Validating | Importing, Delete) => {
            Err(InvalidTransition::DeleteImpossible { status })
        }
    }
}

impl InvalidTransition {
    /// Its stable name in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidState { .. } => "invalid_state",
            Self::NothingToImport => "nothing_to_import",
            Self::RollbackImpossible { .. } => "rollback_impossible",
            Self::RollbackExpired => "rollback_expired",
            Self::DeleteImpossible { .. } => "delete_impossible",
        }
    }

    /// The sentence for users; two of them are published word for word.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::InvalidState { status, action } => {
                let act = if action == JobAction::Validate {
                    "validasi"
                } else {
                    "import"
                };
                format!("Tidak dapat memulai {act} untuk status: {status}")
            }
            Self::NothingToImport => "Tidak ada baris valid untuk diimpor".to_owned(),
            Self::RollbackImpossible { status } => {
                format!("Tidak dapat melakukan rollback untuk status: {status}")
            }
            Self::RollbackExpired => {
                "Tidak dapat melakukan rollback: batas waktu 24 jam telah lewat".to_owned()
            }
            Self::DeleteImpossible { .. } => {
                "Hanya job yang sudah selesai yang dapat dihapus".to_owned()
            }
        }
    }
}

impl ImportJob {
    /// The job after a transition; for [`Transition::Delete`] and [`Transition::AlreadyUnderWay`] the job as it is.
    #[must_use]
    pub fn after(mut self, transition: Transition, now: Timestamp) -> Self {
        match transition {
            Transition::BeginValidation => self.reset_to(JobStatus::Validating),
            Transition::BeginValidationThenImport => {
                self.reset_to(JobStatus::Validating);
                self.start_requested_at = Some(now);
            }
            Transition::ImportAfterValidation => self.start_requested_at = Some(now),
            Transition::BeginImport => {
                self.status = JobStatus::Importing;
                self.start_requested_at = Some(now);
                self.started_at = Some(now);
                self.completed_at = None;
                self.error_message = None;
                self.counts.processed_rows = 0;
                self.checkpoint = None;
                self.attempt = 0;
            }
            Transition::Rollback => {
                self.status = JobStatus::RolledBack;
                self.rollback_at = Some(now);
            }
            Transition::AlreadyUnderWay | Transition::Delete => return self,
        }
        self.updated_at = now;
        self
    }

    /// Forgets what an earlier run found, but for the number of records that the upload counted.
    fn reset_to(&mut self, status: JobStatus) {
        self.status = status;
        self.counts = JobCounts {
            total_rows: self.counts.total_rows,
            ..JobCounts::default()
        };
        self.metadata.error_summary = None;
        self.validated_at = None;
        self.start_requested_at = None;
        self.started_at = None;
        self.completed_at = None;
        self.error_message = None;
        self.checkpoint = None;
        self.attempt = 0;
    }
}

#[cfg(test)]
mod tests;
