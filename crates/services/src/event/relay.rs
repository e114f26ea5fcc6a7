//! Events between processes, over PostgreSQL's LISTEN/NOTIFY. A notification contains only ids, and its receiver reads the job from
//! the database, so it can neither leak a value nor announce what is not committed. SQLite has one process and no relay.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{ImportJob, JobId, JobStatus, TenantId, Timestamp};
use repositories::{Heard, ImportJobs, JobQuery, Listener, RowErrorQuery, RowErrors};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use super::{ERRORS_IN_EVENT, Event, Payload};
use crate::{Context, ServiceError};

const CHANNEL: &str = "hijrah_events";
/// A broken connection can usually be opened again at once; the database may also be down for minutes.
const RETRY: Duration = Duration::from_millis(500);
/// Jobs of a tenant that are read after a gap: more do not change during one.
const CATCH_UP_JOBS: u64 = 100;
/// A notice that was sent within this time before the last sign of life may not have arrived.
const CATCH_UP_MARGIN: time::Duration = time::Duration::seconds(30);

/// How often to look for ends without a notice: a process may die between the commit and the notice.
const SILENCE: Duration = Duration::from_secs(5);
/// Older ends are not delivered: by then clients have asked for the status.
const LONGEST_SILENCE: time::Duration = time::Duration::seconds(60);

/// A notification between processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    origin: Uuid,
    tenant_id: TenantId,
    job_id: JobId,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Status,
    Validated,
    Progress,
    Completed,
}

impl Notice {
    pub(super) fn of(event: &Event, origin: Uuid) -> Self {
        Self {
            origin,
            tenant_id: event.tenant_id,
            job_id: event.job_id,
            kind: match event.payload {
                Payload::Status(_) => Kind::Status,
                Payload::Validated(_) => Kind::Validated,
                // Which of the two it is, the job's status says.
                Payload::Progress(_) | Payload::ValidationProgress(_) => Kind::Progress,
                Payload::Completed(_) => Kind::Completed,
            },
        }
    }
}

/// The connection to the other processes. Its state outlives a panic of the tasks that work on it.
pub(crate) struct Relay {
    context: Arc<Context>,
    /// Since when this process receives notices of ends.
    begun: Timestamp,
    outbox: Mutex<Outbox>,
    receiver: Mutex<Receiver>,
}

/// Notices for the other processes.
struct Outbox {
    notices: mpsc::UnboundedReceiver<Notice>,
    waiting: VecDeque<Notice>,
}

impl Relay {
    pub(crate) fn new(context: &Arc<Context>, notices: mpsc::UnboundedReceiver<Notice>) -> Self {
        let now = context.clock.now();
        Self {
            context: Arc::clone(context),
            begun: now,
            outbox: Mutex::new(Outbox {
                notices,
                waiting: VecDeque::new(),
            }),
            receiver: Mutex::new(Receiver {
                jobs: ImportJobs::new(&context.database),
                row_errors: RowErrors::new(&context.database),
                heard_at: now,
                context: Arc::clone(context),
            }),
        }
    }

    /// Connects this process's bus with those of the others, for as long as it is polled. Notices that an earlier call left unsent
    /// when it panicked are sent first.
    pub(crate) async fn run(self: Arc<Self>) {
        if let Some(listener) = listen(&self.context).await {
            tokio::join!(
                async { self.outbox.lock().await.send(&self.context).await },
                deliver_missed_ends(&self.context, self.begun),
                async { self.receiver.lock().await.receive(listener).await },
            );
        }
    }
}

impl Outbox {
    /// Sends this process's notices until the bus is dropped.
    async fn send(&mut self, context: &Context) {
        loop {
            // Equal notices that have queued up are sent once: the receiver reads the newest state in any case.
            let mut sent = Vec::new();
            while let Some(notice) = self.waiting.pop_front() {
                if !sent.contains(&notice) {
                    notify(context, notice).await;
                    sent.push(notice);
                }
            }
            let mut some = Vec::new();
            if self.notices.recv_many(&mut some, 1_000).await == 0 {
                return;
            }
            self.waiting.extend(some);
        }
    }
}

async fn notify(context: &Context, notice: Notice) {
    let Ok(payload) = serde_json::to_string(&notice) else {
        return;
    };
    for attempt in 0..3_u32 {
        match context.database.notify(CHANNEL, &payload).await {
            Ok(()) => return,
            // Without the database the other processes cannot listen either; they catch up when it is back.
            Err(error) if attempt == 2 => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not notify other processes"
                );
            }
            Err(_) => tokio::time::sleep(RETRY).await,
        }
    }
}

/// Delivers the ends of jobs for which no notice came, once that is certain: a notice arrives at once or never.
async fn deliver_missed_ends(context: &Context, begun: Timestamp) {
    let jobs = ImportJobs::new(&context.database);
    loop {
        tokio::time::sleep(SILENCE).await;
        let now = context.clock.now();
        let since = begun.max(now - LONGEST_SILENCE);
        let until = now - time::Duration::try_from(SILENCE).unwrap_or_default();
        for tenant_id in context.events.tenants() {
            if !context.events.has_listeners(tenant_id) {
                continue;
            }
            // Without a database nothing ends; the next round looks again.
            let Ok(page) = jobs.list(tenant_id.into(), &newest()).await else {
                continue;
            };
            for job in &page.items {
                let is_over = matches!(job.status(), JobStatus::Completed | JobStatus::Failed);
                let is_missed = (Some(since)..=Some(until)).contains(&job.completed_at())
                    && !context.events.has_sent_end(job.id, job.completed_at());
                if is_over && is_missed {
                    tracing::info!(job.id = %job.id, "found an end without a notice");
                    context.events.deliver(Event::status(job));
                    context.events.deliver(Event::completed(job));
                }
            }
        }
    }
}

/// A tenant's jobs, the last changed ones first.
fn newest() -> JobQuery {
    JobQuery {
        sort_by: Some("updated_at".to_owned()),
        limit: CATCH_UP_JOBS,
        ..JobQuery::default()
    }
}

/// Opens the listening connection, retrying until it succeeds.
async fn listen(context: &Context) -> Option<Listener> {
    loop {
        match context.database.listen(CHANNEL).await {
            Ok(listener) => return listener,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not listen for events"
                );
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

struct Receiver {
    context: Arc<Context>,
    jobs: ImportJobs,
    row_errors: RowErrors,
    /// The last sign of life of the listening connection.
    heard_at: Timestamp,
}

impl Receiver {
    /// Receives the notices of other processes and delivers their events to this process's listeners.
    async fn receive(&mut self, mut listener: Listener) {
        let mut heard = self.catch_up().await;
        loop {
            match heard {
                Ok(()) => self.heard_at = self.context.clock.now(),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not follow another process"
                    );
                }
            }
            heard = match listener.next().await {
                Ok(Heard::Notification(payload)) => self.hear(&payload).await,
                Ok(Heard::SignOfLife) => Ok(()),
                Ok(Heard::Gap) => self.catch_up().await,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "lost the connection for events; opening a new one"
                    );
                    match listen(&self.context).await {
                        Some(new) => listener = new,
                        None => return,
                    }
                    self.catch_up().await
                }
            };
        }
    }

    async fn hear(&mut self, payload: &str) -> Result<(), ServiceError> {
        let Ok(notice) = serde_json::from_str::<Notice>(payload) else {
            tracing::warn!("ignored a notification of an unknown form");
            return Ok(());
        };
        if notice.origin == self.context.events.origin() {
            return Ok(());
        }
        if notice.kind == Kind::Status {
            // The job may have entered the queue, and this process may be free.
            self.context.queue_bell.notify_waiters();
        }
        if !self.context.events.has_listeners(notice.tenant_id) {
            if notice.kind == Kind::Completed {
                let now = self.context.clock.now();
                self.context.events.note_unheard_end(notice.job_id, now);
            }
            return Ok(());
        }
        let scope = notice.tenant_id.into();
        if let Some(job) = self.jobs.find(scope, notice.job_id, None).await? {
            self.deliver(&job, notice.kind).await?;
        }
        Ok(())
    }

    async fn deliver(&self, job: &ImportJob, kind: Kind) -> Result<(), ServiceError> {
        let event = match kind {
            Kind::Status => Event::status(job),
            Kind::Validated => validated(&self.row_errors, job).await?,
            Kind::Progress if job.status() == JobStatus::Validating => {
                Event::validation_progress(job, job.counts.processed_rows, job.counts.total_rows)
            }
            Kind::Progress => {
                Event::progress(job, job.counts.processed_rows, job.counts.total_rows)
            }
            Kind::Completed => Event::completed(job),
        };
        self.context.events.deliver(event);
        Ok(())
    }

    /// Events may have been missed: delivers the present state of every job that has changed since the last sign of life.
    async fn catch_up(&mut self) -> Result<(), ServiceError> {
        self.context.queue_bell.notify_waiters();
        let since = self.heard_at - CATCH_UP_MARGIN;
        for tenant_id in self.context.events.tenants() {
            let jobs = self.jobs.list(tenant_id.into(), &newest()).await?.items;
            for job in jobs.iter().filter(|job| job.updated_at >= since).rev() {
                if job.validated_at >= Some(since) {
                    self.deliver(job, Kind::Validated).await?;
                }
                self.deliver(job, Kind::Status).await?;
                if matches!(job.status(), JobStatus::Importing | JobStatus::Completed) {
                    self.deliver(job, Kind::Progress).await?;
                }
                let is_over = matches!(job.status(), JobStatus::Completed | JobStatus::Failed);
                if is_over && job.completed_at() >= Some(since) {
                    self.deliver(job, Kind::Completed).await?;
                }
            }
        }
        Ok(())
    }
}

/// The event of an ended validation, with the first errors as stored.
pub(crate) async fn validated(
    row_errors: &RowErrors,
    job: &ImportJob,
) -> Result<Event, ServiceError> {
    let query = RowErrorQuery {
        limit: ERRORS_IN_EVENT,
        ..RowErrorQuery::default()
    };
    let first = row_errors
        .list(job.tenant_id.into(), job.id, &query)
        .await?;
    // Exact, even if fewer errors are stored.
    let total = job.metadata.error_summary.map(|summary| summary.total());
    Ok(Event::validated(
        job,
        &first.items,
        total.unwrap_or(first.total),
    ))
}
