//! The imports that this process holds the lease of, as their last commit left them.
//!
//! While a job is being imported nobody but the holder of its lease changes it: `domain`'s table of transitions refuses users
//! everything else, and every write of a worker is fenced. So until the lease can have run out, the job as committed here is the
//! job as stored, and whoever looks at it every second need not wait for a database that is busy with that very import.

use std::{
    collections::HashMap,
    ops::Add,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use domain::{ImportJob, JobId, TenantId, UserId};
use repositories::Lease;

/// What a process knows of the imports it holds.
#[derive(Debug, Default)]
pub(crate) struct HeldJobs(Mutex<HashMap<JobId, Held>>);

#[derive(Debug)]
struct Held {
    /// Who claimed the job: a later claim takes the place of an earlier one.
    owner: String,
    until: Moment,
    /// The job while it is known to be as stored.
    job: Option<ImportJob>,
}

impl HeldJobs {
    /// The job, if this process knows it to be as stored; with `user_id` only when it is that user's.
    pub(crate) fn find(
        &self,
        tenant_id: TenantId,
        id: JobId,
        user_id: Option<UserId>,
    ) -> Option<ImportJob> {
        let jobs = self.jobs();
        let held = jobs.get(&id).filter(|held| held.until.is_to_come())?;
        let job = held.job.as_ref()?;
        let may_see = job.tenant_id == tenant_id && user_id.is_none_or(|user| job.user_id == user);
        may_see.then(|| job.clone())
    }

    /// Notes a claim whose lease of `length` was asked for at `asked_at`.
    pub(super) fn hold(
        self: &Arc<Self>,
        lease: &Lease,
        asked_at: Moment,
        length: Duration,
    ) -> Hold {
        let held = Held {
            owner: lease.owner.clone(),
            until: asked_at + safe_part(length),
            job: None,
        };
        self.jobs().insert(lease.job_id, held);
        Hold {
            jobs: Arc::clone(self),
            id: lease.job_id,
            owner: lease.owner.clone(),
            length,
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<JobId, Held>> {
        // Each change is one assignment: there is no half of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two thirds of a lease: its holder prolongs it every third, and clocks may run apart.
fn safe_part(length: Duration) -> Duration {
    length * 2 / 3
}

/// A moment by both clocks of the machine: one stands still while the machine sleeps, the other may be set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(Instant, SystemTime);

impl Moment {
    pub(super) fn now() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    fn is_to_come(self) -> bool {
        Instant::now() < self.0 && SystemTime::now() < self.1
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0 + span, self.1 + span)
    }
}

/// One claim's entry; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    jobs: Arc<HeldJobs>,
    id: JobId,
    owner: String,
    length: Duration,
}

impl Hold {
    /// The lease was prolonged, as asked for at `asked_at`.
    pub(super) fn prolong(&self, asked_at: Moment) {
        self.change(|held| held.until = asked_at + safe_part(self.length));
    }

    /// The lease is lost: nothing is told any more.
    pub(super) fn forget(&self) {
        let mut jobs = self.jobs.jobs();
        if jobs
            .get(&self.id)
            .is_some_and(|held| held.owner == self.owner)
        {
            jobs.remove(&self.id);
        }
    }

    /// Shows the job until the view is dropped. It has to be as stored.
    pub(super) fn show(&self, job: ImportJob) -> View<'_> {
        let view = View(self);
        view.set(job);
        view
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let mut jobs = self.jobs.jobs();
        if let Some(held) = jobs.get_mut(&self.id)
            && held.owner == self.owner
        {
            change(held);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.forget();
    }
}

/// What is shown of a job while it is imported.
#[derive(Debug)]
pub(super) struct View<'h>(&'h Hold);

impl View<'_> {
    /// Shows what was committed.
    pub(super) fn set(&self, job: ImportJob) {
        self.0.change(|held| held.job = Some(job));
    }

    /// Shows nothing, from before a commit until it is known what came of it: the database is asked meanwhile.
    pub(super) fn clear(&self) {
        self.0.change(|held| held.job = None);
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests;
