//! The life of an import job: the one table of what each action does in each state, and the only functions that change a job's
//! state. Repositories lock a job, call one of them, and save what it returns.

use std::time::Duration;

use thiserror::Error;

use crate::{
    Checkpoint, Doer, ErrorSummary, ImportJob, JobCounts, JobLease, JobMetadata, JobStatus,
    OnDuplicate, RunProgress, Timestamp, word::words,
};

/// Claims in a row that got nowhere before a job is given up.
pub const MAX_ATTEMPTS: u32 = 5;
/// Pause after the first claim that got nowhere, doubled with each further one: together with the last of them half a minute,
/// longer than a restart of the database or a deadlock that repeats itself.
const FIRST_ATTEMPT_PAUSE: Duration = Duration::from_secs(2);
/// Pause after the first fault of the system, doubled with each further one up to [`LONGEST_DEFERRAL`].
const FIRST_DEFERRAL: Duration = Duration::from_millis(500);
/// When the system is well again, the job goes on within this time.
pub const LONGEST_DEFERRAL: Duration = Duration::from_mins(1);
/// A day of faults of the system without a break: enough to free a full disk, and an end for what never gets well.
pub const MAX_DEFERRALS: u32 = 24 * 60;

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
        /// Stop what is under way, or discard what is not.
        Cancel => "cancel",
        /// Read its file in another way.
        Change => "change",
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
    /// To `importing`, from the first row.
    BeginImport,
    /// To `importing`, after the checkpoint of an import that failed half-way; counts and errors stay.
    ContinueImport,
    /// Nothing to do: what is asked for is under way already.
    AlreadyUnderWay,
    /// To `rolled_back`.
    Rollback,
    /// The job, its errors and its file go; its rows stay.
    Delete,
    /// To `pending`, not validated: its file is read in another way.
    Redraft,
    /// To `failed`: its user does not want it. Now it can be deleted.
    Discard,
    /// Back to `pending`, not validated; a requested import is forgotten.
    StopValidation,
    /// Stays `importing`; `cancelled_at` is set, and its worker ends it after the batch in work.
    StopImport,
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
    use JobAction::{Cancel, Change, Delete, Rollback, Start, Validate};
    use JobStatus::{Completed, Failed, Importing, Pending, RolledBack, Validating};

    let status = job.status;
    let invalid = Err(InvalidTransition::InvalidState { status, action });
    match (status, action) {
        // A failed job that stored something goes on where it stopped, or is rolled back or deleted: a new validation would
        // take its own rows for duplicates.
        (Failed, Start) if job.can_continue() => Ok(Transition::ContinueImport),
        (Failed, Validate | Start | Change) if job.counts.imported_rows > 0 => invalid,
        (Pending | Failed, Change) => Ok(Transition::Redraft),
        (Pending | Failed, Validate) => Ok(Transition::BeginValidation),
        // What is imported has been validated as it is.
        (Pending | Failed, Start) if job.validated_at.is_none() || job.metadata.edited => {
            Ok(Transition::BeginValidationThenImport)
        }
        (Pending | Failed, Start) if job.can_proceed() => Ok(Transition::BeginImport),
        (Pending | Failed, Start) => Err(InvalidTransition::NothingToImport),
        // A repeated request (a lost answer, two tabs) is one run.
        (Validating, Validate) => Ok(Transition::AlreadyUnderWay),
        (Validating, Start) if job.start_requested_at.is_some() => Ok(Transition::AlreadyUnderWay),
        (Validating, Start) => Ok(Transition::ImportAfterValidation),
        (Importing | Failed, Cancel) if job.cancelled_at.is_some() => {
            Ok(Transition::AlreadyUnderWay)
        }
        (Importing | Completed | RolledBack, Validate | Start | Change)
        | (Validating, Change)
        | (Completed | Failed | RolledBack, Cancel) => invalid,
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
        (Pending, Cancel) => Ok(Transition::Discard),
        (Validating, Cancel) => Ok(Transition::StopValidation),
        (Importing, Cancel) => Ok(Transition::StopImport),
    }
}

/// What users ask for.
impl ImportJob {
    /// Does what [`decide`] says of a request of `doer` to validate or to start.
    ///
    /// # Errors
    /// Why the action is refused; the caller answers 400.
    pub fn requested(
        mut self,
        action: JobAction,
        doer: Option<&Doer>,
        now: Timestamp,
    ) -> Result<(Self, Transition), InvalidTransition> {
        let transition = decide(&self, action, now)?;
        if action == JobAction::Start && transition != Transition::AlreadyUnderWay {
            self.doers.started_by = doer.cloned();
        }
        match transition {
            Transition::BeginValidation => self.begin_validation(),
            Transition::BeginValidationThenImport => {
                self.begin_validation();
                self.start_requested_at = Some(now);
            }
            Transition::ImportAfterValidation => self.start_requested_at = Some(now),
            Transition::BeginImport => {
                self.attempt = 0;
                self.begin_run(JobStatus::Importing);
                self.checkpoint = None;
                self.counts.processed_rows = 0;
                self.counts.imported_rows = 0;
                self.counts.failed_rows = 0;
                self.counts.updated_rows = 0;
                self.counts.skipped_rows = 0;
                self.start_requested_at = Some(now);
                self.started_at = Some(now);
            }
            Transition::ContinueImport => {
                // The fence goes on too: a worker that sleeps since before the failure has an older one.
                self.begin_run(JobStatus::Importing);
                self.start_requested_at = Some(now);
            }
            Transition::AlreadyUnderWay
            | Transition::Rollback
            | Transition::Delete
            | Transition::Redraft
            | Transition::Discard
            | Transition::StopValidation
            | Transition::StopImport => {
                return Ok((self, transition));
            }
        }
        self.updated_at = now;
        Ok((self, transition))
    }

    /// `doer` wants it stopped; `discarded` is the message of one that had not begun.
    ///
    /// # Errors
    /// Why that is refused; the caller answers 400.
    pub fn cancelled(
        mut self,
        doer: Doer,
        discarded: &str,
        now: Timestamp,
    ) -> Result<(Self, Transition), InvalidTransition> {
        let transition = decide(&self, JobAction::Cancel, now)?;
        match transition {
            Transition::Discard => self = self.failed(discarded, now),
            Transition::StopValidation => {
                // Its worker loses the lease, and with it the right to write.
                self.begin_validation();
                self.status = JobStatus::Pending;
            }
            Transition::StopImport => {}
            _ => return Ok((self, transition)),
        }
        self.cancelled_at = Some(now);
        self.cancelled_by = Some(doer);
        self.updated_at = now;
        Ok((self, transition))
    }

    /// Its rows were removed, but for those that have to stay.
    ///
    /// # Errors
    /// Why a rollback is refused.
    pub fn rolled_back(
        mut self,
        doer: Option<&Doer>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        decide(&self, JobAction::Rollback, now)?;
        self.doers.rolled_back_by = doer.cloned();
        self.status = JobStatus::RolledBack;
        self.rollback_at = Some(now);
        self.updated_at = now;
        Ok(self)
    }

    /// Its file is read in another way: as `metadata` says, with this many records; and what becomes of rows whose record is there.
    ///
    /// # Errors
    /// Why that is refused.
    pub fn redrafted(
        mut self,
        metadata: JobMetadata,
        on_duplicate: OnDuplicate,
        total_rows: u64,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        decide(&self, JobAction::Change, now)?;
        self.begin_validation();
        self.status = JobStatus::Pending;
        self.import_type = metadata.import_type;
        self.metadata = metadata;
        self.on_duplicate = on_duplicate;
        self.counts.total_rows = total_rows;
        self.updated_at = now;
        Ok(self)
    }

    /// Forgets what an earlier run found, but for the number of records that the upload counted.
    fn begin_validation(&mut self) {
        self.attempt = 0;
        self.begin_run(JobStatus::Validating);
        self.checkpoint = None;
        self.counts = JobCounts {
            total_rows: self.counts.total_rows,
            ..JobCounts::default()
        };
        self.metadata.error_summary = None;
        self.metadata.left_out = None;
        self.validated_at = None;
        self.start_requested_at = None;
        self.started_at = None;
    }

    /// Puts the job into the queue without the end of an earlier run.
    fn begin_run(&mut self, status: JobStatus) {
        self.status = status;
        self.error_message = None;
        self.completed_at = None;
        // An earlier wish to stop says nothing about a new run.
        self.cancelled_at = None;
        self.cancelled_by = None;
        self.got_somewhere();
        self.free_until(None);
    }
}

/// What workers do, under a lease.
impl ImportJob {
    /// A worker takes it for `lease`.
    #[must_use]
    pub fn claimed(mut self, owner: &str, lease: Duration, now: Timestamp) -> Self {
        self.attempt += 1;
        self.lease = JobLease::Held {
            owner: owner.to_owned(),
            expires_at: now + span(lease),
        };
        self.updated_at = now;
        self
    }

    /// Given back in order: the claim does not count as one that got nowhere.
    #[must_use]
    pub fn released(mut self, now: Timestamp) -> Self {
        self.got_somewhere();
        self.free_until(None);
        self.updated_at = now;
        self
    }

    /// Given back because of a fault of the system: the claim does not count, and the next one comes after a pause that grows.
    #[must_use]
    pub fn deferred(mut self, now: Timestamp) -> Self {
        let deferrals = self.progress.deferrals;
        let pause = FIRST_DEFERRAL.saturating_mul(2_u32.saturating_pow(deferrals));
        self.progress = RunProgress {
            // This claim is taken out of the count, and none before it.
            attempt: self.progress.attempt.saturating_add(1).min(self.attempt),
            deferrals: deferrals.saturating_add(1),
        };
        self.free_until(Some(now + span(pause.min(LONGEST_DEFERRAL))));
        self.updated_at = now;
        self
    }

    /// Given back because its processing failed: the claim counts as one that got nowhere, and the next one comes after a pause
    /// that grows.
    #[must_use]
    pub fn abandoned(mut self, now: Timestamp) -> Self {
        let tries = self.tries();
        // The next claim only says that the job is given up: a slot is not needed for that.
        let pause = (tries < MAX_ATTEMPTS).then(|| {
            FIRST_ATTEMPT_PAUSE.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
        });
        self.free_until(pause.map(|pause| now + span(pause)));
        self.updated_at = now;
        self
    }

    /// Whether so many claims got nowhere that it is to be given up.
    #[must_use]
    pub const fn is_hopeless(&self) -> bool {
        self.tries() >= MAX_ATTEMPTS
    }

    /// Whether the system has had faults for so long that it is to be given up.
    #[must_use]
    pub const fn is_put_off_too_often(&self) -> bool {
        self.progress.deferrals >= MAX_DEFERRALS
    }

    /// A validation begins, or restarts after an interruption; how far the earlier one had come stays: progress never falls.
    #[must_use]
    pub fn validating(mut self, total_rows: u64, now: Timestamp) -> Self {
        self.counts = JobCounts {
            total_rows,
            processed_rows: self.counts.processed_rows.min(total_rows),
            ..JobCounts::default()
        };
        self.updated_at = now;
        self
    }

    /// The validation has ended: back to `pending`; on to `importing`, with the lease kept, when the import was asked for;
    /// `failed` with the message `nothing_to_import` when it was asked for and nothing is valid.
    #[must_use]
    pub fn validated(
        mut self,
        counts: JobCounts,
        error_summary: ErrorSummary,
        nothing_to_import: &str,
        now: Timestamp,
    ) -> Self {
        self.counts = counts;
        self.metadata.error_summary = Some(error_summary);
        self.metadata.edited = false;
        self.validated_at = Some(now);
        self.checkpoint = None;
        self.got_somewhere();
        self.updated_at = now;
        if self.start_requested_at.is_none() {
            self.status = JobStatus::Pending;
            self.free_until(None);
        } else if self.can_proceed() {
            self.status = JobStatus::Importing;
            self.started_at = Some(now);
            self.counts.processed_rows = 0;
        } else {
            return self.failed(nothing_to_import, now);
        }
        self
    }

    /// A batch of its import is stored.
    #[must_use]
    pub fn advanced(mut self, counts: JobCounts, checkpoint: Checkpoint, now: Timestamp) -> Self {
        self.counts = counts;
        self.checkpoint = Some(checkpoint);
        self.got_somewhere();
        self.updated_at = now;
        self
    }

    /// Every valid row is stored.
    #[must_use]
    pub fn completed(mut self, error_summary: ErrorSummary, now: Timestamp) -> Self {
        self.metadata.error_summary = Some(error_summary);
        self.status = JobStatus::Completed;
        self.completed_at = Some(now);
        self.updated_at = now;
        self.free_until(None);
        self
    }

    /// Ends for the reason that `message` gives its user. How far the import had come stays.
    #[must_use]
    pub fn failed(mut self, message: &str, now: Timestamp) -> Self {
        self.status = JobStatus::Failed;
        self.error_message = Some(message.to_owned());
        self.completed_at = Some(now);
        self.updated_at = now;
        self.free_until(None);
        self
    }

    /// Later claims are counted from zero.
    const fn got_somewhere(&mut self) {
        self.progress = RunProgress {
            attempt: self.attempt,
            deferrals: 0,
        };
    }

    /// No worker holds it, and none claims it before `not_before`.
    fn free_until(&mut self, not_before: Option<Timestamp>) {
        self.lease = JobLease::Free { not_before };
    }
}

/// A span as the clock's type counts it.
fn span(duration: Duration) -> time::Duration {
    time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)
}

#[cfg(test)]
mod tests;
