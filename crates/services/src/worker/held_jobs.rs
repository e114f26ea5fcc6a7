//! The imports whose lease this process holds, as of their last commit.
//!
//! While a job is being imported only the holder of its lease changes it: the transition table of `domain` refuses all
//! other actions of users, and every write of a worker is fenced. So until the lease can have expired, the job as
//! committed here is the job as stored, and a client that polls it every second does not wait for a database that is busy
//! with that import.

use std::{
    collections::HashMap,
    ops::Add,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use domain::{ImportJob, JobId, TenantId, UserId};
use repositories::Lease;

/// The jobs whose lease this process holds.
#[derive(Debug, Default)]
pub(crate) struct HeldJobs(Mutex<HashMap<JobId, Entry>>);

#[derive(Debug)]
struct Entry {
    /// The claim that holds the job; a later claim replaces an earlier one.
    owner: String,
    until: DualInstant,
    /// The job, while it is known to be as stored.
    job: Option<ImportJob>,
}

impl HeldJobs {
    /// The job, if this process knows it to be as stored; with `user_id` only if it is that user's.
    pub(crate) fn find(
        &self,
        tenant_id: TenantId,
        id: JobId,
        user_id: Option<UserId>,
    ) -> Option<ImportJob> {
        let jobs = self.jobs();
        let held = jobs.get(&id).filter(|held| held.until.is_in_the_future())?;
        let job = held.job.as_ref()?;
        let may_see = job.tenant_id == tenant_id && user_id.is_none_or(|user| job.user_id == user);
        may_see.then(|| job.clone())
    }

    /// Registers a claim whose lease of `length` was requested at `asked_at`.
    pub(super) fn hold(
        self: &Arc<Self>,
        lease: &Lease,
        asked_at: DualInstant,
        length: Duration,
    ) -> HeldJob {
        let held = Entry {
            owner: lease.owner.clone(),
            until: asked_at + safe_part(length),
            job: None,
        };
        self.jobs().insert(lease.job_id, held);
        HeldJob {
            jobs: Arc::clone(self),
            id: lease.job_id,
            owner: lease.owner.clone(),
            length,
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<JobId, Entry>> {
        // Each change is a single assignment, so a panic cannot leave half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two thirds of a lease: it is renewed every third, and clocks may drift.
fn safe_part(length: Duration) -> Duration {
    length * 2 / 3
}

/// A point in time on both clocks of the machine: the monotonic one may stop while the machine sleeps, the wall clock may be set.
#[derive(Debug, Clone, Copy)]
pub(super) struct DualInstant(Instant, SystemTime);

impl DualInstant {
    pub(super) fn now() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    fn is_in_the_future(self) -> bool {
        Instant::now() < self.0 && SystemTime::now() < self.1
    }
}

impl Add<Duration> for DualInstant {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0 + span, self.1 + span)
    }
}

/// The entry of one claim, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct HeldJob {
    jobs: Arc<HeldJobs>,
    id: JobId,
    owner: String,
    length: Duration,
}

impl HeldJob {
    /// Records that a request sent at `asked_at` has renewed the lease.
    pub(super) fn renew(&self, asked_at: DualInstant) {
        self.change(|held| held.until = asked_at + safe_part(self.length));
    }

    /// Stops serving the job because its lease is lost.
    pub(super) fn forget(&self) {
        let mut jobs = self.jobs.jobs();
        if jobs
            .get(&self.id)
            .is_some_and(|held| held.owner == self.owner)
        {
            jobs.remove(&self.id);
        }
    }

    /// Serves the job until the snapshot is dropped. `job` must be as stored.
    pub(super) fn show(&self, job: ImportJob) -> JobSnapshot<'_> {
        let snapshot = JobSnapshot(self);
        snapshot.set(job);
        snapshot
    }

    fn change(&self, change: impl FnOnce(&mut Entry)) {
        let mut jobs = self.jobs.jobs();
        if let Some(held) = jobs.get_mut(&self.id)
            && held.owner == self.owner
        {
            change(held);
        }
    }
}

impl Drop for HeldJob {
    fn drop(&mut self) {
        self.forget();
    }
}

/// The state of a job that is served while it is imported.
#[derive(Debug)]
pub(super) struct JobSnapshot<'h>(&'h HeldJob);

impl JobSnapshot<'_> {
    /// Serves what was committed.
    pub(super) fn set(&self, job: ImportJob) {
        self.0.change(|held| held.job = Some(job));
    }

    /// Serves nothing, from before a commit until its result is known: readers ask the database until then.
    pub(super) fn clear(&self) {
        self.0.change(|held| held.job = None);
    }
}

impl Drop for JobSnapshot<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests;
