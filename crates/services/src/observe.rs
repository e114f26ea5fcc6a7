//! The counters of the use cases and the worker, and the gauges that are set at a scrape.
//!
//! Labels have few values, all known in advance: never a tenant, a user or a job.

use domain::{ImportJob, ImportType, JobStatus};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use repositories::ImportQueue;

use crate::{ServiceError, Services};

const IMPORTS: &str = "hijrah_imports_total";
const TAKEOVERS: &str = "hijrah_takeovers_total";
const ROWS: &str = "hijrah_imported_rows_total";
const IMPORT_TIME: &str = "hijrah_import_seconds";
const LOGINS_REFUSED: &str = "hijrah_logins_refused_total";
const STORAGE_FAILURES: &str = "hijrah_storage_failures_total";
const STORAGE_READY: &str = "hijrah_storage_ready";
const DATABASE_READY: &str = "hijrah_database_ready";
const QUEUE: &str = "hijrah_queue_jobs";
const OLDEST: &str = "hijrah_queue_oldest_seconds";
const POOL_USED: &str = "hijrah_pool_connections_used";
const POOL_SIZE: &str = "hijrah_pool_connections_max";
const PANICS: &str = "hijrah_background_panics_total";
const WEBHOOK_TRIES: &str = "hijrah_webhook_tries_total";
const PENDING: &str = "hijrah_pending_migrations";

/// How imports end.
const OUTCOMES: [&str; 4] = ["completed", "failed", "cancelled", "rolled_back"];

/// The operations of the storage.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StorageOperation {
    /// Opening an object, asking for it, or reading on in it.
    Read,
    /// Storing an object.
    Write,
    /// Deleting one.
    Delete,
    /// Listing them.
    List,
    /// Asking whether there is a storage at all.
    Probe,
}

impl StorageOperation {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Read,
        Self::Write,
        Self::Delete,
        Self::List,
        Self::Probe,
    ];

    /// Its word in a metric.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::List => "list",
            Self::Probe => "probe",
        }
    }
}

/// Describes everything. Counters exist from the start, so that an alert sees the first increase.
pub(crate) fn register() {
    describe_counter!(IMPORTS, "Imports that ended, by type and outcome.");
    describe_counter!(
        TAKEOVERS,
        "Jobs taken over from a worker whose lease ran out."
    );
    describe_counter!(ROWS, "Rows that completed imports stored, by type.");
    describe_histogram!(
        IMPORT_TIME,
        "How long completed imports took in their last run, by type."
    );
    describe_counter!(
        LOGINS_REFUSED,
        "Logins refused for a wrong password or a pause."
    );
    describe_counter!(
        STORAGE_FAILURES,
        "What the folder or bucket failed to do, by operation."
    );
    describe_gauge!(STORAGE_READY, "1 if the folder or bucket answers.");
    describe_gauge!(DATABASE_READY, "1 if the database answers.");
    describe_gauge!(
        QUEUE,
        "Jobs that wait for a worker and jobs that a worker holds, of all servers."
    );
    describe_gauge!(OLDEST, "How long the job has waited that waits longest.");
    describe_gauge!(POOL_USED, "Connections in use, by pool.");
    describe_gauge!(POOL_SIZE, "The most connections that a pool may have.");
    describe_gauge!(
        PENDING,
        "Migrations that this version needs and the database lacks."
    );
    describe_counter!(
        PANICS,
        "Panics of background work, after each of which it restarted."
    );
    describe_counter!(WEBHOOK_TRIES, "Messages sent to webhooks, by outcome.");
    for outcome in ["accepted", "refused"] {
        webhook_tries(outcome).increment(0);
    }
    for import_type in ImportType::ALL {
        for outcome in OUTCOMES {
            imports(*import_type, outcome).increment(0);
        }
        rows(*import_type).increment(0);
    }
    for operation in StorageOperation::ALL {
        storage_failures(operation).increment(0);
    }
    counter!(TAKEOVERS).increment(0);
    counter!(LOGINS_REFUSED).increment(0);
}

fn imports(import_type: ImportType, outcome: &'static str) -> metrics::Counter {
    counter!(IMPORTS, "type" => import_type.as_str(), "outcome" => outcome)
}

fn rows(import_type: ImportType) -> metrics::Counter {
    counter!(ROWS, "type" => import_type.as_str())
}

fn storage_failures(operation: StorageOperation) -> metrics::Counter {
    counter!(STORAGE_FAILURES, "operation" => operation.as_str())
}

/// Counts a job that has ended, or whose import was rolled back.
pub(crate) fn ended(job: &ImportJob) {
    let outcome = match job.status() {
        JobStatus::Completed => "completed",
        JobStatus::Failed if job.cancelled.is_some() => "cancelled",
        JobStatus::Failed => "failed",
        JobStatus::RolledBack => "rolled_back",
        JobStatus::Pending | JobStatus::Validating | JobStatus::Importing => return,
    };
    imports(job.import_type, outcome).increment(1);
}

/// Counts what a completed import has stored, and how long that took.
pub(crate) fn imported(job: &ImportJob, took: std::time::Duration) {
    rows(job.import_type).increment(job.counts.imported_rows);
    metrics::histogram!(IMPORT_TIME, "type" => job.import_type.as_str()).record(took.as_secs_f64());
    ended(job);
}

/// Counts a job that was taken over.
pub(crate) fn taken_over() {
    counter!(TAKEOVERS).increment(1);
}

/// Counts the messages to webhooks that ended so.
pub(crate) fn webhook_tries(outcome: &'static str) -> metrics::Counter {
    counter!(WEBHOOK_TRIES, "outcome" => outcome)
}

/// Counts the panics of background work of this name.
pub(crate) fn panics(work: &'static str) -> metrics::Counter {
    counter!(PANICS, "work" => work)
}

/// Counts a refused login.
pub(crate) fn login_refused() {
    counter!(LOGINS_REFUSED).increment(1);
}

/// Counts a failure of the storage.
pub(crate) fn storage_failed(operation: StorageOperation) {
    storage_failures(operation).increment(1);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nothing of which there are 2^52"
)]
fn set(name: &'static str, count: usize) {
    gauge!(name).set(count as f64);
}

impl Services {
    /// Sets the gauges of the pools, the storage, the schema and the queue.
    ///
    /// # Errors
    /// When the database does not answer; the gauges that need none are set then, the others keep what they were.
    pub async fn observe(&self) -> Result<(), ServiceError> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "neither jobs nor connections come to 2^52"
        )]
        for pool in self.context.database.pools() {
            gauge!(POOL_USED, "pool" => pool.pool).set(pool.used as f64);
            gauge!(POOL_SIZE, "pool" => pool.pool).set(pool.size as f64);
        }
        let ready = u8::from(self.storage_is_ready().await);
        gauge!(STORAGE_READY).set(f64::from(ready));
        let asked = self.observe_database().await;
        gauge!(DATABASE_READY).set(f64::from(u8::from(asked.is_ok())));
        asked
    }

    async fn observe_database(&self) -> Result<(), ServiceError> {
        let database = &self.context.database;
        set(PENDING, database.pending_migrations().await?);
        let depth = ImportQueue::new(database).depth().await?;
        #[expect(clippy::cast_precision_loss, reason = "a queue of 2^52 jobs is none")]
        for (state, count) in [("waiting", depth.waiting), ("working", depth.working)] {
            gauge!(QUEUE, "state" => state).set(count as f64);
        }
        gauge!(OLDEST).set(depth.oldest.as_secs_f64());
        Ok(())
    }
}
