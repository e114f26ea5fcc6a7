//! Runs the jobs of the queue: claims, keeps the lease, checks, loads, tells.

use std::time::Duration;

use crate::Services;

/// How this process works on the queue.
#[derive(Debug, Clone, Copy)]
pub struct WorkerConfig {
    /// `WORKER_CONCURRENCY`: jobs running at once; 0 means none, an API-only process. Default: number of cores.
    /// Small files have one more place, so that they never wait behind large ones.
    pub concurrency: usize,
    /// `LEASE_SECONDS`: how long a claim holds without a heartbeat. Default 30 s.
    pub lease: Duration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            concurrency: std::thread::available_parallelism().map_or(1, usize::from),
            lease: Duration::from_secs(30),
        }
    }
}

/// The running background work of this process: jobs, housekeeping, events of other processes.
#[derive(Debug)]
pub struct Worker {}

impl Worker {
    /// Starts working. Call within a Tokio runtime.
    #[must_use]
    pub fn spawn(services: &Services, config: WorkerConfig) -> Self {
        unimplemented!()
    }

    /// Stops: no new job, each running one commits its batch and releases its lease. Then the event bus closes.
    pub async fn shut_down(self) {
        unimplemented!()
    }
}
