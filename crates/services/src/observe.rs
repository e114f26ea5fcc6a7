//! Sets the gauges of a scrape: state that no event counts when it changes.

use repositories::ImportQueue;

use crate::{ServiceError, Services};

/// Counters exist from the start, so that an alert sees the first increase.
pub(crate) fn register() {
    metrics::counter!("hijrah_failed_jobs_total").increment(0);
    metrics::counter!("hijrah_imported_rows_total").increment(0);
    metrics::counter!("hijrah_logins_refused_total").increment(0);
    for outcome in ["accepted", "refused"] {
        metrics::counter!("hijrah_webhook_tries_total", "outcome" => outcome).increment(0);
    }
    metrics::gauge!("live_sockets").increment(0);
}

impl Services {
    /// Sets the gauges of the queue and the storage.
    ///
    /// # Errors
    /// When the database does not answer; the storage's gauge is set then, the others keep what they were.
    pub async fn observe(&self) -> Result<(), ServiceError> {
        let ready = u8::from(self.storage_is_ready().await);
        metrics::gauge!("hijrah_storage_ready").set(f64::from(ready));
        let depth = ImportQueue::new(&self.context.database).depth().await?;
        #[expect(clippy::cast_precision_loss, reason = "a queue of 2^52 jobs is none")]
        let jobs = |state: &'static str, count: u64| {
            metrics::gauge!("hijrah_queue_jobs", "state" => state).set(count as f64);
        };
        jobs("waiting", depth.waiting);
        jobs("working", depth.working);
        metrics::gauge!("hijrah_queue_oldest_seconds").set(depth.oldest.as_secs_f64());
        Ok(())
    }
}
