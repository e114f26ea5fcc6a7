//! The life of an import job: the one table of what each action does in each state, and the only functions that change a job's
//! state. Repositories lock a job, call one of them, and save what it returns.

use std::time::Duration;

use thiserror::Error;

use crate::{
    Cancellation, Checkpoint, Doer, ErrorSummary, Findings, ImportJob, JobCounts, JobLease,
    JobMetadata, JobNotice, JobState, JobStatus, LeftOut, OnDuplicate, RunProgress, Timestamp,
    word::words,
};

/// Consecutive claims without progress after which a job fails.
pub const MAX_ATTEMPTS: u32 = 5;
/// Pause after the first claim without progress, doubled with each further one: all pauses together are half a minute,
/// longer than a restart of the database or a deadlock that repeats itself.
const FIRST_ATTEMPT_PAUSE: Duration = Duration::from_secs(2);
/// Pause after the first fault of the system, doubled with each further one up to [`LONGEST_DEFERRAL`].
const FIRST_DEFERRAL: Duration = Duration::from_millis(500);
/// Once the system has recovered, the job continues within this time.
const LONGEST_DEFERRAL: Duration = Duration::from_mins(1);
/// A lease or a pause never ends later than this many of its lengths from now, whatever the database's clock did meanwhile.
const LENGTHS_AHEAD: u32 = 2;
/// A day of faults of the system without a break: enough to free a full disk, and an end for a fault that lasts.
pub const MAX_DEFERRALS: u32 = 24 * 60;

words! {
    /// What a user can ask of a job.
    pub enum JobAction {
        /// Check every row.
        Validate => "validate",
        /// Store the valid rows, checking first where that has not been done.
        Start => "start",
        /// Delete what was stored.
        Rollback => "rollback",
        /// Delete the job; imported rows stay.
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
    /// To `validating` with `start_requested_at` set: the import follows without another request.
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
    /// The job, its errors and its file are deleted; its rows stay.
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
    /// The action is not possible in this state.
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
    /// There is nothing to roll back in this state.
    #[error("cannot roll back a job that is {status}")]
    RollbackImpossible {
        /// The state.
        status: JobStatus,
    },
    /// The time for a rollback is over.
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

    let status = job.status();
    let invalid = Err(InvalidTransition::InvalidState { status, action });
    match (status, action) {
        // A failed job that stored something continues where it stopped, or is rolled back or deleted: a new validation would
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
        (Importing | Failed, Cancel) if job.cancelled.is_some() => Ok(Transition::AlreadyUnderWay),
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

/// How the file of a draft is read now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReading {
    /// What is known of the file.
    pub metadata: JobMetadata,
    /// What happens to rows whose record is there.
    pub on_duplicate: OnDuplicate,
    /// Records of the file.
    pub total_rows: u64,
    /// Key and SHA-256 of another table, instead of the one that was read.
    pub file: Option<(String, String)>,
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
        match transition {
            Transition::BeginValidation | Transition::BeginValidationThenImport => {
                self.begin_validation();
            }
            Transition::ImportAfterValidation => {}
            Transition::BeginImport => {
                self.0.attempt = 0;
                self.0.checkpoint = None;
                self.0.counts = JobCounts {
                    processed_rows: 0,
                    imported_rows: 0,
                    failed_rows: 0,
                    updated_rows: 0,
                    skipped_rows: 0,
                    ..self.counts
                };
                self.0.started_at = Some(now);
                self.begin_run(JobState::Importing(JobLease::FREE));
            }
            // The fence continues too: a worker that has slept since before the failure has an older one.
            Transition::ContinueImport => self.begin_run(JobState::Importing(JobLease::FREE)),
            _ => return Ok((self, transition)),
        }
        if action == JobAction::Start {
            self.0.doers.started_by = doer.cloned();
            self.0.start_requested_at = Some(now);
        }
        self.0.updated_at = now;
        Ok((self, transition))
    }

    /// `doer` requests its end; `discarded` is the message of one that had not begun.
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
            // Its worker loses the lease, and with it the right to write.
            Transition::StopValidation => self.forget_validation(),
            Transition::StopImport => {}
            _ => return Ok((self, transition)),
        }
        self.0.cancelled = Some(Cancellation {
            at: now,
            by: Some(doer),
        });
        self.0.updated_at = now;
        Ok((self, transition))
    }

    /// `doer` uploads another file instead, as `message` says.
    ///
    /// # Errors
    /// Why that is refused: it is not a draft.
    pub fn replaced(
        self,
        doer: Doer,
        message: &str,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        self.ensure_draft()?;
        Ok(self.cancelled(doer, message, now)?.0)
    }

    /// Its user has not come back to it in time, as `message` says. `None` if it is not a draft.
    #[must_use]
    pub fn lapsed(self, message: &str, now: Timestamp) -> Option<Self> {
        self.ensure_draft().ok()?;
        Some(self.failed(message, now))
    }

    /// Its rows were removed, except for those that have to stay.
    ///
    /// # Errors
    /// Why a rollback is refused.
    pub fn rolled_back(
        mut self,
        doer: Option<&Doer>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        decide(&self, JobAction::Rollback, now)?;
        self.0.doers.rolled_back_by = doer.cloned();
        self.0.state = JobState::RolledBack {
            at: Some(now),
            ended_at: self.completed_at(),
            message: self.error_message().map(str::to_owned),
        };
        self.0.updated_at = now;
        Ok(self)
    }

    /// Its file is read in another way.
    ///
    /// # Errors
    /// Why that is refused.
    pub fn redrafted(
        mut self,
        reading: NewReading,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        decide(&self, JobAction::Change, now)?;
        self.forget_validation();
        self.0.import_type = reading.metadata.import_type;
        self.0.metadata = reading.metadata;
        self.0.on_duplicate = reading.on_duplicate;
        self.0.counts.total_rows = reading.total_rows;
        if let Some((url, sha256)) = reading.file {
            self.0.file_url = url;
            self.0.file_sha256 = sha256;
        }
        self.0.updated_at = now;
        Ok(self)
    }

    /// Cells of its failed rows were edited: it is validated again before it is imported.
    ///
    /// # Errors
    /// Why that is refused.
    pub fn amended(mut self, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.ensure_amendable()?;
        self.0.metadata.edited = true;
        self.0.updated_at = now;
        Ok(self)
    }

    /// Passes if cells of failed rows can be edited: they are those that a validation found.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn ensure_amendable(&self) -> Result<(), InvalidTransition> {
        self.ensure_draft()?;
        if self.validated_at.is_none() {
            return Err(self.unchangeable());
        }
        Ok(())
    }

    fn ensure_draft(&self) -> Result<(), InvalidTransition> {
        if self.state == JobState::Pending {
            return Ok(());
        }
        Err(self.unchangeable())
    }

    fn unchangeable(&self) -> InvalidTransition {
        InvalidTransition::InvalidState {
            status: self.status(),
            action: JobAction::Change,
        }
    }

    /// Forgets what an earlier run found, except for the number of records that the upload counted.
    fn begin_validation(&mut self) {
        self.0.attempt = 0;
        self.0.checkpoint = None;
        self.0.counts = JobCounts {
            total_rows: self.counts.total_rows,
            ..JobCounts::default()
        };
        self.0.metadata.error_summary = None;
        self.0.metadata.left_out = None;
        self.0.validated_at = None;
        self.0.start_requested_at = None;
        self.0.started_at = None;
        self.begin_run(JobState::Validating(JobLease::FREE));
    }

    /// Back to a draft that has not been validated.
    fn forget_validation(&mut self) {
        self.begin_validation();
        self.0.state = JobState::Pending;
    }

    /// Puts the job into the queue. An earlier request to stop does not apply to the new run.
    fn begin_run(&mut self, state: JobState) {
        self.0.state = state;
        self.0.cancelled = None;
        self.got_somewhere();
    }
}

/// How a validation of the whole file ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationEnd {
    /// The final counts.
    pub counts: JobCounts,
    /// Errors by type.
    pub errors: ErrorSummary,
    /// What is counted, but not kept.
    pub left_out: LeftOut,
    /// What the whole file showed.
    pub notices: Vec<JobNotice>,
    /// The message of a job that was to be imported and has no valid row.
    pub nothing_to_import: &'static str,
}

/// What workers do, under a lease.
impl ImportJob {
    /// A worker takes it for `lease`.
    #[must_use]
    pub fn claimed(mut self, owner: &str, lease: Duration, now: Timestamp) -> Self {
        self.0.attempt += 1;
        self.set_lease(JobLease::Held {
            owner: owner.to_owned(),
            expires_at: now + span(lease),
        });
        self.0.updated_at = now;
        self
    }

    /// Its worker keeps it for another `lease`.
    #[must_use]
    pub fn prolonged(mut self, lease: Duration, now: Timestamp) -> Self {
        if let Some(owner) = self.lease().owner().map(str::to_owned) {
            self.set_lease(JobLease::Held {
                owner,
                expires_at: now + span(lease),
            });
        }
        self
    }

    /// Lets a lease or a pause end in time that ends later than any that is given, because the database's clock was set back since.
    /// If the owner of the lease is alive it prolongs it before that, as always. Processes whose leases differ in length by more
    /// than the factor would disturb each other.
    #[must_use]
    pub fn shortened(mut self, lease: Duration, now: Timestamp) -> Self {
        let longest = |length: Duration| now + span(length * LENGTHS_AHEAD);
        match self.lease().clone() {
            JobLease::Held { owner, expires_at } if expires_at > longest(lease) => {
                let expires_at = longest(lease);
                self.set_lease(JobLease::Held { owner, expires_at });
            }
            JobLease::Free {
                not_before: Some(end),
            } if end > longest(LONGEST_DEFERRAL) => self.set_lease(JobLease::FREE),
            JobLease::Held { .. } | JobLease::Free { .. } => {}
        }
        self
    }

    /// The ends beyond which [`Self::shortened`] shortens, from now: of a pause, and of a lease of this length.
    #[must_use]
    pub fn longest_ends(lease: Duration) -> (Duration, Duration) {
        (LONGEST_DEFERRAL * LENGTHS_AHEAD, lease * LENGTHS_AHEAD)
    }

    /// Returned to the queue in order: the claim does not count as one without progress.
    #[must_use]
    pub fn released(mut self, now: Timestamp) -> Self {
        self.got_somewhere();
        self.set_lease(JobLease::FREE);
        self.0.updated_at = now;
        self
    }

    /// Returned to the queue because of a fault of the system: the claim does not count, and the next one comes after a pause that grows.
    #[must_use]
    pub fn deferred(mut self, now: Timestamp) -> Self {
        let deferrals = self.progress.deferrals;
        let pause = FIRST_DEFERRAL.saturating_mul(2_u32.saturating_pow(deferrals));
        self.0.progress = RunProgress {
            // This claim is taken out of the count, and none before it.
            attempt: self.progress.attempt.saturating_add(1).min(self.attempt),
            deferrals: deferrals.saturating_add(1),
        };
        self.set_lease(JobLease::Free {
            not_before: Some(now + span(pause.min(LONGEST_DEFERRAL))),
        });
        self.0.updated_at = now;
        self
    }

    /// Returned to the queue because its processing failed: the claim counts as one that got nowhere, and the next one comes after a pause
    /// that grows.
    #[must_use]
    pub fn abandoned(mut self, now: Timestamp) -> Self {
        let tries = self.tries();
        // The next claim only ends the job as failed, which needs no slot.
        let pause = (tries < MAX_ATTEMPTS).then(|| {
            FIRST_ATTEMPT_PAUSE.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
        });
        self.set_lease(JobLease::Free {
            not_before: pause.map(|pause| now + span(pause)),
        });
        self.0.updated_at = now;
        self
    }

    /// Whether it fails because too many claims in a row made no progress.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.tries() >= MAX_ATTEMPTS
    }

    /// Whether it fails because the system has had faults for too long.
    #[must_use]
    pub const fn is_put_off_too_often(&self) -> bool {
        self.0.progress.deferrals >= MAX_DEFERRALS
    }

    /// A validation begins, or restarts after an interruption; how far the earlier one had come stays: progress never falls.
    #[must_use]
    pub fn validating(mut self, total_rows: u64, now: Timestamp) -> Self {
        self.0.counts = JobCounts {
            total_rows,
            processed_rows: self.counts.processed_rows.min(total_rows),
            ..JobCounts::default()
        };
        self.0.updated_at = now;
        self
    }

    /// The validation has ended: back to `pending`; on to `importing`, with the lease kept, when the import was asked for;
    /// `failed` when it was asked for and nothing is valid.
    #[must_use]
    pub fn validated(mut self, end: ValidationEnd, now: Timestamp) -> Self {
        self.0.counts = end.counts;
        self.0.metadata.error_summary = Some(end.errors);
        self.0.metadata.left_out = end.left_out.noted();
        self.0.metadata.notice(end.notices);
        self.0.metadata.edited = false;
        self.0.validated_at = Some(now);
        self.0.checkpoint = None;
        self.got_somewhere();
        self.0.updated_at = now;
        if self.start_requested_at.is_none() {
            self.0.state = JobState::Pending;
        } else if self.can_proceed() {
            self.0.state = JobState::Importing(self.lease().clone());
            self.0.started_at = Some(now);
            self.0.counts.processed_rows = 0;
        } else {
            return self.failed(end.nothing_to_import, now);
        }
        self
    }

    /// A batch of its run is stored, with a checkpoint if it is a batch of an import.
    #[must_use]
    pub fn advanced(
        mut self,
        counts: JobCounts,
        checkpoint: Option<Checkpoint>,
        now: Timestamp,
    ) -> Self {
        self.0.counts = counts;
        if checkpoint.is_some() {
            self.0.checkpoint = checkpoint;
            self.got_somewhere();
        }
        self.0.updated_at = now;
        self
    }

    /// What was found before its checkpoint, for a checkpoint of a version that kept no counts.
    #[must_use]
    pub fn with_findings(mut self, found: Findings) -> Self {
        if let Some(checkpoint) = &mut self.0.checkpoint {
            checkpoint.found.get_or_insert(found);
        }
        self
    }

    /// Every valid row is stored.
    #[must_use]
    pub fn completed(mut self, found: Findings, now: Timestamp) -> Self {
        self.0.metadata.error_summary = Some(found.errors);
        self.0.metadata.left_out = found.left_out.noted();
        self.0.state = JobState::Completed { at: Some(now) };
        self.0.updated_at = now;
        self
    }

    /// Ends for the reason that `message` gives its user. How far the import had come stays.
    #[must_use]
    pub fn failed(mut self, message: &str, now: Timestamp) -> Self {
        if let Some(found) = self.checkpoint.and_then(|checkpoint| checkpoint.found) {
            self.0.metadata.left_out = found.left_out.noted();
        }
        self.0.state = JobState::Failed {
            at: Some(now),
            message: Some(message.to_owned()),
        };
        self.0.updated_at = now;
        self
    }

    /// Later claims are counted from zero.
    const fn got_somewhere(&mut self) {
        self.0.progress = RunProgress {
            attempt: self.0.attempt,
            deferrals: 0,
        };
    }

    fn set_lease(&mut self, new: JobLease) {
        if let JobState::Validating(lease) | JobState::Importing(lease) = &mut self.0.state {
            *lease = new;
        }
    }
}

/// A span as the clock's type counts it.
fn span(duration: Duration) -> time::Duration {
    time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)
}

#[cfg(test)]
mod tests;
