//! The background work of a process: loops that run jobs of the queue, housekeeping, and the events of other processes.

mod correction;
mod fault;
mod findings_budget;
pub(crate) mod held_jobs;
mod lease;
mod load_pipeline;
pub(crate) mod lookup;
mod notify;
mod outcome;
mod prepared_batch;
mod read_plan;
mod restart;
mod run;
mod worker_loop;

use std::{future::Future, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Context, Services, event::relay::Relay, installation, sweep, webhook::Sender};
use restart::restarting;
use worker_loop::WorkerLoop;

/// 256 KiB: about two thousand rows, a fraction of a second of work. One loop takes only files up to this size.
const SMALL_FILE: u64 = 256 * 1024;

/// How this process works on the queue.
#[derive(Debug, Clone, Copy)]
pub struct WorkerConfig {
    /// `WORKER_CONCURRENCY`: jobs running at once; 0 means none, an API-only process. Default: number of cores.
    /// One more loop takes only small files, so that they never wait for large ones.
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
pub struct Worker {
    tasks: TaskTracker,
    stop: CancellationToken,
    events: crate::Events,
}

impl Worker {
    /// Starts working. Call within a Tokio runtime, once per process.
    #[must_use]
    pub fn spawn(services: &Services, config: WorkerConfig) -> Self {
        let context = services.context();
        let worker = Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            events: services.events.clone(),
        };
        if let Some(notices) = context.events.relay() {
            let relay = Arc::new(Relay::new(context, notices));
            worker.run_until_stopped(restarting("relay", move || Arc::clone(&relay).run()));
        }
        let swept = Arc::clone(context);
        worker.run_until_stopped(restarting("housekeeping", move || {
            sweep::run(Arc::clone(&swept))
        }));
        if config.concurrency > 0 {
            let sender = Sender::new(context);
            worker.run_until_stopped(restarting("webhooks", move || sender.clone().run()));
        }
        let loops = (0..config.concurrency)
            .map(|_| None)
            .chain((config.concurrency > 0).then_some(Some(SMALL_FILE)));
        for largest_file in loops {
            let worker_loop = WorkerLoop::new(
                Arc::clone(context),
                config.lease,
                largest_file,
                worker.stop.clone(),
            );
            let worker_loop = restarting("worker", move || worker_loop.clone().run());
            let (context, stop) = (Arc::clone(context), worker.stop.clone());
            worker.tasks.spawn(async move {
                let own = stop.run_until_cancelled(installation::until_storage_is_own(&context));
                if own.await.is_some() {
                    worker_loop.await;
                }
            });
        }
        worker.tasks.close();
        worker
    }

    fn run_until_stopped(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(work).await;
        });
    }

    /// Stops: claims no further job, waits until each running one has committed its batch and released its lease, then closes the
    /// event bus.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        self.events.close();
    }
}

impl Services {
    /// What background work shares with the use cases.
    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }
}
