//! Whether the storage answers, for probes that ask every few seconds.

use std::time::{Duration, Instant};

use tokio::{sync::Mutex, time::timeout};

use super::ObjectStorage;

/// How long an answer is reused: every load balancer asks, and each check is a request to the bucket.
const HOLDS: Duration = Duration::from_secs(5);
/// A probe must not wait for a bucket that hangs.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The last answer and when it came.
#[derive(Debug, Default)]
pub(crate) struct StorageHealth(Mutex<Option<(Instant, bool)>>);

impl StorageHealth {
    /// Whether the storage answers; at most a few seconds old. Concurrent callers share one check.
    pub(crate) async fn is_ready(&self, storage: &ObjectStorage) -> bool {
        let mut last = self.0.lock().await;
        if let Some((asked, answer)) = *last
            && asked.elapsed() < HOLDS
        {
            return answer;
        }
        let answer = match timeout(PATIENCE, storage.probe()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the storage does not answer"
                );
                false
            }
            Err(_elapsed) => {
                tracing::warn!("the storage does not answer in time");
                false
            }
        };
        *last = Some((Instant::now(), answer));
        answer
    }
}
