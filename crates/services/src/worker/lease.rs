//! Renews the lease of a running job, and cancels the run when the lease is lost.

use std::{sync::Arc, time::Duration};

use repositories::{ImportQueue, Lease, RepositoryError};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::held_jobs::{DualInstant, HeldJob};

/// Renews the lease every third of its length. Cancels `lost` if another worker holds it, or if the database does not
/// answer for as long as the lease lasts, after which another worker may hold it.
pub(super) async fn renew_until_lost(
    queue: ImportQueue,
    lease: Lease,
    length: Duration,
    lost: CancellationToken,
    held: Arc<HeldJob>,
) {
    let mut beat = tokio::time::interval(length / 3);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.tick().await;
    let mut held_until = Instant::now() + length;
    loop {
        beat.tick().await;
        let (asked_at, asked) = (Instant::now(), DualInstant::now());
        // One connection may have gone silent: the next beat uses another one.
        let patience = held_until.min(asked_at + length / 3);
        let answer = tokio::time::timeout_at(patience, queue.heartbeat(&lease, length)).await;
        match answer {
            Ok(Ok(())) => {
                held_until = asked_at + length;
                held.renew(asked);
            }
            Ok(Err(RepositoryError::LeaseLost)) => {
                tracing::warn!(job.id = %lease.job_id, lease.attempt = lease.attempt, "lost the lease");
                break;
            }
            Ok(Err(error)) if Instant::now() < held_until => {
                tracing::warn!(
                    job.id = %lease.job_id, error = &error as &dyn std::error::Error,
                    "could not renew the lease yet"
                );
            }
            Err(_) if Instant::now() < held_until => {
                tracing::warn!(job.id = %lease.job_id, "could not renew the lease yet: no answer");
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(job.id = %lease.job_id, "could not renew the lease in time");
                break;
            }
        }
    }
    held.forget();
    lost.cancel();
}
