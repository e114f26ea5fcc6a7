//! Delivers events to the subscribers of this process. A slow subscriber gets the newest progress instead of a backlog, and never
//! blocks a publisher.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

use auth::Identity;
use domain::{ImportJob, JobId, TenantId, Timestamp};
use futures_util::Stream;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Event, Payload, relay::Notice, sent::SentEvents};

/// 100 progress events of one job may wait: two batches. Beyond that only the newest one does.
const PROGRESS_BACKLOG: usize = 100;
/// Events that wait for a subscriber that does not read. Beyond that the oldest one is dropped.
const BACKLOG: usize = 1_000;

/// The bus of this process. Cheap to clone; publishing never waits.
#[derive(Debug, Clone)]
pub struct Events {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    subscribers: Mutex<HashMap<TenantId, Vec<Weak<Queue>>>>,
    /// Identifies this process in its notices, so that it ignores its own.
    origin: Uuid,
    relay: OnceLock<mpsc::UnboundedSender<Notice>>,
    /// The events that were sent recently.
    sent: Mutex<SentEvents>,
}

#[derive(Debug)]
struct Queue {
    listener: Identity,
    state: Mutex<QueueState>,
}

#[derive(Debug, Default)]
struct QueueState {
    events: VecDeque<Arc<Event>>,
    waker: Option<Waker>,
    is_closed: bool,
}

/// The events that one listener may see, from the moment of subscribing. A `Stream` that ends when the server stops.
#[derive(Debug)]
pub struct Subscription {
    queue: Arc<Queue>,
}

impl Events {
    pub(crate) fn new(origin: Uuid) -> Self {
        Self {
            inner: Arc::new(Inner {
                subscribers: Mutex::default(),
                origin,
                relay: OnceLock::new(),
                sent: Mutex::default(),
            }),
        }
    }

    /// Opens the channel of notices for other processes; `None` if it is open already.
    pub(crate) fn relay(&self) -> Option<mpsc::UnboundedReceiver<Notice>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.inner.relay.set(sender).is_ok().then_some(receiver)
    }

    pub(crate) fn origin(&self) -> Uuid {
        self.inner.origin
    }

    /// Whether this process has listeners to a tenant's jobs.
    pub(crate) fn has_listeners(&self, tenant: TenantId) -> bool {
        lock(&self.inner.subscribers)
            .get(&tenant)
            .is_some_and(|queues| queues.iter().any(|queue| queue.strong_count() > 0))
    }

    /// The tenants that have listeners here.
    pub(crate) fn tenants(&self) -> Vec<TenantId> {
        lock(&self.inner.subscribers).keys().copied().collect()
    }

    /// Subscribes as `listener`.
    #[must_use]
    pub fn subscribe(&self, listener: Identity) -> Subscription {
        let queue = Arc::new(Queue {
            listener,
            state: Mutex::default(),
        });
        let mut subscribers = lock(&self.inner.subscribers);
        let of_tenant = subscribers.entry(listener.tenant_id).or_default();
        of_tenant.retain(|queue| queue.strong_count() > 0);
        of_tenant.push(Arc::downgrade(&queue));
        Subscription { queue }
    }

    /// Sends the event to all listeners that may see it, in every process.
    pub(crate) fn publish(&self, event: Event) {
        if let Some(relay) = self.inner.relay.get() {
            // If there is no receiver, this process is stopping, and the one that takes over the job notifies the others.
            let _ = relay.send(Notice::of(&event, self.inner.origin));
        }
        self.deliver(event);
    }

    /// Records that another process announced the end of a job while this one had no listeners.
    pub(crate) fn note_unheard_end(&self, job: JobId, now: Timestamp) {
        lock(&self.inner.sent).note_unheard_end(job, now);
    }

    /// Whether the end of a job at this moment was sent.
    pub(crate) fn has_sent_end(&self, job: JobId, ended: Option<Timestamp>) -> bool {
        lock(&self.inner.sent).has_end(job, ended)
    }

    /// Sends the event to the listeners of this process, unless it was sent before.
    pub(crate) fn deliver(&self, event: Event) {
        // Locked until the event is delivered, so that a second path to the same event cannot overtake the first.
        let mut sent = lock(&self.inner.sent);
        if !sent.is_new(&event) {
            return;
        }
        let mut subscribers = lock(&self.inner.subscribers);
        let Some(of_tenant) = subscribers.get_mut(&event.tenant_id) else {
            return;
        };
        let event = Arc::new(event);
        of_tenant.retain(|queue| {
            let Some(queue) = queue.upgrade() else {
                return false;
            };
            if event.is_for(&queue.listener) {
                queue.push(&event);
            }
            true
        });
        if of_tenant.is_empty() {
            subscribers.remove(&event.tenant_id);
        }
    }

    /// Ends every subscription, because the server stops.
    pub fn close(&self) {
        for queue in lock(&self.inner.subscribers)
            .drain()
            .flat_map(|(_, queues)| queues)
            .filter_map(|queue| queue.upgrade())
        {
            let mut state = lock(&queue.state);
            state.is_closed = true;
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    }
}

impl Queue {
    fn push(&self, event: &Arc<Event>) {
        let mut state = lock(&self.state);
        match event.payload {
            Payload::Progress(_) => state.thin_out(event.job_id),
            Payload::ValidationProgress(_) => state.replace_validation_progress(event.job_id),
            Payload::Validated(_) => state.replace_validated(event.job_id),
            Payload::Status(_) | Payload::Completed(_) => {}
        }
        if state.events.len() >= BACKLOG {
            state.events.pop_front();
        }
        state.events.push_back(Arc::clone(event));
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl QueueState {
    /// Drops the waiting progress of a job when there is too much of it: what comes next is newer.
    fn thin_out(&mut self, job: JobId) {
        let is_progress =
            |event: &Event| event.job_id == job && matches!(event.payload, Payload::Progress(_));
        if self
            .events
            .iter()
            .filter(|event| is_progress(event))
            .count()
            >= PROGRESS_BACKLOG
        {
            self.events.retain(|event| !is_progress(event));
        }
    }

    /// Drops the waiting progress of a validation: what comes next is newer.
    fn replace_validation_progress(&mut self, job: JobId) {
        self.events.retain(|event| {
            event.job_id != job || !matches!(event.payload, Payload::ValidationProgress(_))
        });
    }

    /// Drops the waiting result of an earlier validation of a job: it carries a hundred errors and is no longer true.
    fn replace_validated(&mut self, job: JobId) {
        self.events
            .retain(|event| event.job_id != job || !matches!(event.payload, Payload::Validated(_)));
    }
}

impl Subscription {
    /// Puts the present state of running jobs in front of what was published since subscribing. Progress that is older than
    /// that state is dropped: it must not decrease.
    pub(crate) fn begin_with(&self, running: &[ImportJob]) {
        let mut state = lock(&self.queue.state);
        let processed: HashMap<JobId, u64> = running
            .iter()
            .map(|job| (job.id, job.counts.processed_rows))
            .collect();
        state.events.retain(|event| match &event.payload {
            Payload::Progress(progress) | Payload::ValidationProgress(progress) => processed
                .get(&event.job_id)
                .is_none_or(|processed| progress.processed >= *processed),
            _ => true,
        });
        for job in running.iter().rev() {
            state.events.push_front(Arc::new(Event::status(job)));
        }
    }
}

impl Stream for Subscription {
    type Item = Arc<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Arc<Event>>> {
        let mut state = lock(&self.queue.state);
        match state.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if state.is_closed => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Nothing is left half-done under these locks, so a panic elsewhere does not make the state bad.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
