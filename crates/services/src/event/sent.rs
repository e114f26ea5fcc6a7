//! Which events of each job this process has sent to its listeners. The same event can arrive by several paths: from the worker of
//! this process, by a notice of another one, by catching up after a gap, and by the search for ends without a notice. The first
//! one is sent, the others are dropped.

use std::collections::{HashMap, VecDeque};

use domain::{JobId, JobStatus, Timestamp};

use super::{Event, Payload};

/// Jobs that are remembered: more than change during any gap that is caught up with, in a few megabytes.
const JOBS: usize = 20_000;

/// The events that were sent.
#[derive(Debug, Default)]
pub(super) struct SentEvents {
    jobs: HashMap<JobId, OfJob>,
    /// In the order of their first event.
    order: VecDeque<JobId>,
}

#[derive(Debug, Default)]
struct OfJob {
    status: Option<(JobStatus, Option<Timestamp>)>,
    validated: Option<Timestamp>,
    /// The run, and how many rows it had processed.
    progress: Option<(Option<Timestamp>, u64)>,
    /// How far the validation under way had come.
    checked: Option<u64>,
    ended: Option<Timestamp>,
    /// Another process announced an end up to this moment while this one had no listeners.
    ended_unheard: Option<Timestamp>,
}

impl SentEvents {
    /// Records an event that is about to be sent; false if it was sent before.
    pub(super) fn is_new(&mut self, event: &Event) -> bool {
        let sent = self.of(event.job_id);
        match &event.payload {
            Payload::Status(status) => {
                let now = (status.status, event.moment);
                if status.status != JobStatus::Validating || status.processed_rows == 0 {
                    sent.checked = None;
                }
                sent.status.replace(now) != Some(now)
            }
            Payload::Validated(_) => is_new(&mut sent.validated, event.moment),
            Payload::Completed(_) => is_new(&mut sent.ended, event.moment),
            Payload::ValidationProgress(progress) => {
                let is_new = sent
                    .checked
                    .is_none_or(|checked| checked < progress.processed);
                if is_new {
                    sent.checked = Some(progress.processed);
                }
                is_new
            }
            Payload::Progress(progress) => {
                let is_new = sent.progress.is_none_or(|(run, processed)| {
                    run != event.moment || processed < progress.processed
                });
                if is_new {
                    sent.progress = Some((event.moment, progress.processed));
                }
                is_new
            }
        }
    }

    /// Records that another process announced an end up to `now` while this one had no listeners.
    pub(super) fn note_unheard_end(&mut self, job: JobId, now: Timestamp) {
        self.of(job).ended_unheard = Some(now);
    }

    /// Whether the end of a job at this moment was sent, or announced while there were no listeners.
    pub(super) fn has_end(&self, job: JobId, ended: Option<Timestamp>) -> bool {
        self.jobs
            .get(&job)
            .is_some_and(|sent| sent.ended == ended || sent.ended_unheard >= ended)
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

/// Whether the moment differs from that of the last event. An event without a moment cannot be compared, and is sent.
fn is_new(last: &mut Option<Timestamp>, moment: Option<Timestamp>) -> bool {
    let before = *last;
    *last = moment.or(before);
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
            updated: 0,
            skipped: 0,
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
    fn each_end_is_sent_once_and_the_end_of_a_later_run_too() {
        let mut sent = SentEvents::default();
        assert!(sent.is_new(&end(1, 10)));
        assert!(!sent.is_new(&end(1, 10)), "a second path to the same end");
        assert!(sent.has_end(job(1), Some(at(10))));
        assert!(!sent.has_end(job(1), Some(at(20))));
        assert!(sent.is_new(&end(1, 20)), "it was started again");
        assert!(sent.is_new(&end(2, 10)), "another job");
    }

    #[test]
    fn an_end_without_listeners_counts_as_sent_up_to_its_moment() {
        let mut sent = SentEvents::default();
        sent.note_unheard_end(job(1), at(15));
        assert!(sent.has_end(job(1), Some(at(10))));
        assert!(!sent.has_end(job(1), Some(at(20))));
        assert!(!sent.has_end(job(2), Some(at(10))));
    }

    #[test]
    fn progress_never_falls_within_a_run_and_restarts_with_the_next() {
        let mut sent = SentEvents::default();
        let heard = [(1, 100), (1, 300), (1, 200), (1, 300), (2, 100), (2, 200)]
            .map(|(run, processed)| sent.is_new(&progress(run, processed)));
        assert_eq!(heard, [true, true, false, false, true, true]);
    }

    #[test]
    fn forgets_only_the_oldest_jobs() {
        let mut sent = SentEvents::default();
        for number in 0..=JOBS as u64 {
            assert!(sent.is_new(&end(number, 10)));
        }
        assert!(!sent.has_end(job(0), Some(at(10))));
        assert!(sent.has_end(job(1), Some(at(10))));
        assert_eq!(sent.jobs.len(), JOBS);
    }
}
