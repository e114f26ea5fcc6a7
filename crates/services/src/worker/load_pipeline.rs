//! Loads prepared batches into the database, two at a time: the rows of one are sent while the one before it is being written,
//! and the batches are committed in the order of the file.

use std::{collections::VecDeque, future, sync::Arc, time::Duration};

use domain::{OnDuplicate, Timestamp};
use repositories::{ImportQueue, Lease, LoadedBatch, RepositoryError};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{outcome::resume_panic, prepared_batch::PreparedBatch};

/// Batches loaded at once. One connection keeps one core of PostgreSQL busy; a third batch would take cores from other
/// jobs, and brought nothing on two cores.
const AT_ONCE: usize = 2;
/// How long the first batch may take while a later one is already loaded. They may block each other, perhaps across two
/// imports, and the database cannot detect that deadlock: the transaction of the later one is idle as far as the database
/// knows.
const PATIENCE: Duration = Duration::from_secs(2);

/// A batch that is being loaded. Without `task` its rows are loaded when the batch is committed.
struct Loading {
    prepared: Arc<PreparedBatch>,
    /// Never aborted: a COPY that is cut off leaves its connection in the pool with a response still to come, which the
    /// next query on that connection would take for its own. A task that is not awaited ends and rolls back what it has
    /// loaded.
    task: Option<JoinHandle<Result<LoadedBatch, RepositoryError>>>,
}

/// The batches of a run that are being loaded, in the order of the file. Dropping it rolls back those that are not committed.
pub(super) struct LoadPipeline {
    queue: ImportQueue,
    lease: Lease,
    on_duplicate: OnDuplicate,
    loading: VecDeque<Loading>,
}

impl LoadPipeline {
    pub(super) fn new(queue: &ImportQueue, lease: &Lease, on_duplicate: OnDuplicate) -> Self {
        Self {
            queue: queue.clone(),
            lease: lease.clone(),
            on_duplicate,
            loading: VecDeque::with_capacity(AT_ONCE),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.loading.len() < AT_ONCE
    }

    pub(super) fn is_empty(&self) -> bool {
        self.loading.is_empty()
    }

    /// Starts to load the next batch; `now` is the creation time of its rows.
    pub(super) fn push(&mut self, prepared: PreparedBatch, now: Timestamp) {
        let prepared = Arc::new(prepared);
        let (queue, lease) = (self.queue.clone(), self.lease.clone());
        let batch = Arc::clone(&prepared);
        let on_duplicate = self.on_duplicate;
        let load = async move {
            match &batch.valid {
                Some(rows) => queue.load_batch(&lease, rows, on_duplicate, now).await,
                None => Ok(LoadedBatch::default()),
            }
        };
        let task = tokio::spawn(load.in_current_span());
        self.loading.push_back(Loading {
            prepared,
            task: Some(task),
        });
    }

    /// Removes and returns the first batch once its rows are loaded. Never ready while the pipeline is empty. Cancel
    /// safe: no batch is lost when the future is dropped.
    pub(super) async fn pop(
        &mut self,
    ) -> Result<(Arc<PreparedBatch>, LoadedBatch), RepositoryError> {
        let loaded = self.first_loaded().await?;
        match self.loading.pop_front() {
            Some(first) => Ok((first.prepared, loaded)),
            None => future::pending().await,
        }
    }

    async fn first_loaded(&mut self) -> Result<LoadedBatch, RepositoryError> {
        let Some((first, following)) = self.loading.make_contiguous().split_first_mut() else {
            return future::pending().await;
        };
        let Some(task) = &mut first.task else {
            return Ok(LoadedBatch::default());
        };
        loop {
            if let Ok(done) = tokio::time::timeout(PATIENCE, &mut *task).await {
                return resume_panic(done);
            }
            for later in &mut *following {
                if later.task.as_ref().is_some_and(JoinHandle::is_finished) {
                    tracing::info!("rolls back a batch that may block one before it");
                    later.task = None;
                }
            }
        }
    }
}
