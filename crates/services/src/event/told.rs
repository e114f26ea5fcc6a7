//! What this process has told its listeners of each job. Several paths lead to the same event: the process that works on the job,
//! notices of other processes, reading after a gap, the search for ends of which nobody told. Whichever comes first is heard.

use std::collections::{HashMap, VecDeque};

use domain::{JobId, JobStatus, Timestamp};

use super::{Event, Payload};

/// Jobs that are remembered: more than change in any gap that is caught up with, in a few megabytes.
const JOBS: usize = 20_000;

/// The memory of what was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    jobs: HashMap<JobId, OfJob>,
    /// In the order in which they were first told of.
    order: VecDeque<JobId>,
}

#[derive(Debug, Default)]
struct OfJob {
    status: Option<(JobStatus, Option<Timestamp>)>,
    validated: Option<Timestamp>,
    /// The run, and how far it had come.
    progress: Option<(Option<Timestamp>, u64)>,
    ended: Option<Timestamp>,
    /// Ends up to this moment were told while nobody listened here.
    ended_unheard: Option<Timestamp>,
}

impl Told {
    /// Notes an event that is about to be told; false if it was told already.
    pub(super) fn is_news(&mut self, event: &Event) -> bool {
        let told = self.of(event.job_id);
        match &event.payload {
            Payload::Status(status) => {
                let now = (status.status, event.moment);
                told.status.replace(now) != Some(now)
            }
            Payload::Validated(_) => is_new(&mut told.validated, event.moment),
            Payload::Completed(_) => is_new(&mut told.ended, event.moment),
            Payload::Progress(progress) => {
                let is_new = told.progress.is_none_or(|(run, processed)| {
                    run != event.moment || processed < progress.processed
                });
                if is_new {
                    told.progress = Some((event.moment, progress.processed));
                }
                is_new
            }
        }
    }

    /// Notes that another process told of an end up to `now`, which nobody here could hear.
    pub(super) fn note_unheard_end(&mut self, job: JobId, now: Timestamp) {
        self.of(job).ended_unheard = Some(now);
    }

    /// Whether the end of a job at this moment was told.
    pub(super) fn knows_end(&self, job: JobId, ended: Option<Timestamp>) -> bool {
        self.jobs
            .get(&job)
            .is_some_and(|told| told.ended == ended || told.ended_unheard >= ended)
    }

    fn of(&mut self, job: JobId) -> &mut OfJob {
        if !self.jobs.contains_key(&job) {
            self.order.push_back(job);
            if self.order.len() > JOBS
                && let Some(oldest) = self.order.pop_front()
            {
                self.jobs.remove(&oldest);
            }
        }
        self.jobs.entry(job).or_default()
    }
}

/// Whether a moment is another one than was told last. What has no moment cannot be compared, and is told.
fn is_new(told: &mut Option<Timestamp>, moment: Option<Timestamp>) -> bool {
    let before = *told;
    *told = moment.or(before);
    moment.is_none() || before != moment
}
