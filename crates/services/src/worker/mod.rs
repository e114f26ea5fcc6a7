//! The background of a process: lanes that work on the queue, housekeeping, the events of other processes.

mod end;
mod fault;
pub(crate) mod held;
mod keep;
mod lane;
mod lease;
mod load;
mod lookup;
mod piece;
mod plan;
mod restart;
mod run;
mod tell;

use std::{future::Future, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Context, Services, event::relay::Relay, installation, sweep};
use lane::Lane;
use restart::restarting;

/// 256 KiB: about two thousand rows, a fraction of a second. Larger files cannot take the small ones' place.
const SMALL_FILE: u64 = 256 * 1024;

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
        let places = (0..config.concurrency)
            .map(|_| None)
            .chain((config.concurrency > 0).then_some(Some(SMALL_FILE)));
        for largest_file in places {
            let lane = Lane::new(
                Arc::clone(context),
                config.lease,
                largest_file,
                worker.stop.clone(),
            );
            let lane = restarting("lane", move || lane.clone().run());
            let (context, stop) = (Arc::clone(context), worker.stop.clone());
            worker.tasks.spawn(async move {
                let own = stop.run_until_cancelled(installation::until_storage_is_own(&context));
                if own.await.is_some() {
                    lane.await;
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

    /// Stops: no new job, each running one commits its batch and releases its lease. Then the event bus closes.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        self.events.close();
    }
}

impl Services {
    /// What background work needs of the use cases.
    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }
}
