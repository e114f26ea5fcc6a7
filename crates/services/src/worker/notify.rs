//! Publishes the events of a run, always after the commit, and without making the run wait for a listener.

use domain::ImportJob;
use repositories::RowErrors;

use super::run::Run;
use crate::{Event, event::relay, observe};

/// The documented interval of progress events.
const ROWS_PER_PROGRESS: u64 = 100;

impl Run {
    /// One event for every 100th row that has been committed since row `before`, and one for the last row.
    pub(super) fn notify_progress(&self, job: &ImportJob, before: u64) {
        let (now, total) = (job.counts.processed_rows, job.counts.total_rows);
        let hundreds = (before / ROWS_PER_PROGRESS + 1..=now / ROWS_PER_PROGRESS)
            .map(|hundred| hundred * ROWS_PER_PROGRESS);
        let end =
            (now == total && now > before && !now.is_multiple_of(ROWS_PER_PROGRESS)).then_some(now);
        for processed in hundreds.chain(end) {
            self.context
                .events
                .publish(Event::progress(job, processed, total));
        }
    }

    /// Events report what is stored; if it cannot be read, the job continues without the event.
    pub(super) async fn notify_validated(&self, job: &ImportJob) {
        let row_errors = RowErrors::new(&self.context.database);
        match relay::validated(&row_errors, job).await {
            Ok(event) => self.context.events.publish(event),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not publish the event of a validation"
                );
            }
        }
    }

    pub(super) async fn notify_failed(&self, job: &ImportJob) {
        observe::ended(job);
        if job.started_at.is_none() {
            self.notify_validated(job).await;
        }
        self.context.events.publish(Event::status(job));
        self.context.events.publish(Event::completed(job));
    }
}
