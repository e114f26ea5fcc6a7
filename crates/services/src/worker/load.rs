//! The line of pieces on their way into the database: the rows of one travel while the one before it is being written, and each is
//! committed in its turn.

use std::{collections::VecDeque, future, sync::Arc, time::Duration};

use domain::Timestamp;
use repositories::{ImportQueue, Lease, LoadedBatch, RepositoryError};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{end::unpanic, piece::Piece};

/// Pieces at once. One connection keeps one core of PostgreSQL busy; a third would only take the cores from other jobs.
const AT_ONCE: usize = 2;
/// How long the foremost piece may take while the next one is loaded already. The two may be in each other's way, perhaps across
/// two imports, and the database sees only half of that: the next one's transaction waits here and not in the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// A piece and its rows on their way. Without `task` they are loaded when the piece is committed.
struct Loading {
    piece: Arc<Piece>,
    /// Never aborted: a COPY that is cut off leaves its connection in the pool with an answer still to come, which the next one to
    /// use it takes for its own. Whoever is not waited for ends by itself, and takes back what it has loaded.
    task: Option<JoinHandle<Result<LoadedBatch, RepositoryError>>>,
}

/// The pieces of a run that are being loaded, in the order of the file. What is not committed when it is dropped is taken back.
pub(super) struct Line {
    queue: ImportQueue,
    lease: Lease,
    loading: VecDeque<Loading>,
}

impl Line {
    pub(super) fn new(queue: &ImportQueue, lease: &Lease) -> Self {
        Self {
            queue: queue.clone(),
            lease: lease.clone(),
            loading: VecDeque::with_capacity(AT_ONCE),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.loading.len() < AT_ONCE
    }

    pub(super) fn is_empty(&self) -> bool {
        self.loading.is_empty()
    }

    /// Puts a piece at the end of the line and begins to load it. `now` is when its rows are made.
    pub(super) fn push(&mut self, piece: Piece, now: Timestamp) {
        let piece = Arc::new(piece);
        let (queue, lease) = (self.queue.clone(), self.lease.clone());
        let cargo = Arc::clone(&piece);
        let load = async move {
            match &cargo.valid {
                Some(rows) => queue.load_batch(&lease, rows, now).await,
                None => Ok(LoadedBatch::default()),
            }
        };
        let task = tokio::spawn(load.in_current_span());
        self.loading.push_back(Loading {
            piece,
            task: Some(task),
        });
    }

    /// Takes the foremost piece once its rows are loaded. Pending for ever when the line is empty; nothing is lost when it is
    /// dropped before its end.
    pub(super) async fn pop(&mut self) -> Result<(Arc<Piece>, LoadedBatch), RepositoryError> {
        let loaded = self.foremost().await?;
        match self.loading.pop_front() {
            Some(first) => Ok((first.piece, loaded)),
            None => future::pending().await,
        }
    }

    async fn foremost(&mut self) -> Result<LoadedBatch, RepositoryError> {
        let mut loading = self.loading.iter_mut();
        let Some(first) = loading.next() else {
            return future::pending().await;
        };
        let Some(task) = &mut first.task else {
            return Ok(LoadedBatch::default());
        };
        let mut behind = loading.next();
        loop {
            if let Ok(done) = tokio::time::timeout(PATIENCE, &mut *task).await {
                return unpanic(done);
            }
            if let Some(next) = &mut behind
                && next.task.as_ref().is_some_and(JoinHandle::is_finished)
            {
                tracing::info!("takes a batch back that may be in the way of the one before it");
                next.task = None;
            }
        }
    }
}
