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
            if self.order.len() == JOBS
                && let Some(oldest) = self.order.pop_front()
            {
                self.jobs.remove(&oldest);
            }
            self.order.push_back(job);
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

#[cfg(test)]
mod tests {
    use domain::{TenantId, UserId};
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::event::{Completed, Progress};

    fn job(number: u64) -> JobId {
        JobId::from_uuid(Uuid::from_u128(number.into()))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(second).unwrap())
    }

    fn event(job_id: JobId, moment: Option<Timestamp>, payload: Payload) -> Event {
        Event {
            tenant_id: TenantId::from_uuid(Uuid::nil()),
            user_id: UserId::from_uuid(Uuid::nil()),
            job_id,
            moment,
            payload,
        }
    }

    fn end(number: u64, second: i64) -> Event {
        let completed = Completed {
            job_id: job(number),
            status: JobStatus::Completed,
            imported: 1,
            failed: 0,
            duration_seconds: 1,
            error_message: None,
        };
        event(job(number), Some(at(second)), Payload::Completed(completed))
    }

    fn progress(run: i64, processed: u64) -> Event {
        let progress = Progress {
            job_id: job(1),
            processed,
            total: 1_000,
            progress_percentage: 0,
        };
        event(job(1), Some(at(run)), Payload::Progress(progress))
    }

    #[test]
    fn each_end_is_told_once_and_the_end_of_a_later_run_too() {
        let mut told = Told::default();
        assert!(told.is_news(&end(1, 10)));
        assert!(!told.is_news(&end(1, 10)), "a second path to the same end");
        assert!(told.knows_end(job(1), Some(at(10))));
        assert!(!told.knows_end(job(1), Some(at(20))));
        assert!(told.is_news(&end(1, 20)), "it was started again");
        assert!(told.is_news(&end(2, 10)), "another job");
    }

    #[test]
    fn an_end_that_nobody_here_could_hear_is_known_up_to_its_moment() {
        let mut told = Told::default();
        told.note_unheard_end(job(1), at(15));
        assert!(told.knows_end(job(1), Some(at(10))));
        assert!(!told.knows_end(job(1), Some(at(20))));
        assert!(!told.knows_end(job(2), Some(at(10))));
    }

    #[test]
    fn progress_never_falls_within_a_run_and_begins_again_with_the_next() {
        let mut told = Told::default();
        let heard = [(1, 100), (1, 300), (1, 200), (1, 300), (2, 100), (2, 200)]
            .map(|(run, processed)| told.is_news(&progress(run, processed)));
        assert_eq!(heard, [true, true, false, false, true, true]);
    }

    #[test]
    fn forgets_the_oldest_jobs_alone() {
        let mut told = Told::default();
        for number in 0..=JOBS as u64 {
            assert!(told.is_news(&end(number, 10)));
        }
        assert!(!told.knows_end(job(0), Some(at(10))));
        assert!(told.knows_end(job(1), Some(at(10))));
        assert_eq!(told.jobs.len(), JOBS);
    }
}
