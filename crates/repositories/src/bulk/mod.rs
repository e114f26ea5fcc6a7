//! Writes the batches of an import or a validation, each in one transaction, which is repeated after a conflict.

mod batch;
mod change;
mod copy;
mod corrected;
mod few;
mod postgres;
mod session;
mod sink;
mod sqlite;
mod staged;
mod store;
mod table;
mod unchanged;

use std::time::Duration;

use domain::{OnDuplicate, Timestamp};

use crate::{Backend, Database, Lease, RepositoryError, violation::Kind};

use batch::BulkError;
pub use batch::{
    BatchOutcome, CorrectedRow, Given, ImportBatch, ImportRow, ImportRows, Refusal, RefusalReason,
};
pub(crate) use batch::{Valid, Work};
use table::Origin;

/// How often a batch is repeated after a conflict with another transaction, such as an import of the same keys in reverse
/// order.
const RETRIES: u32 = 8;

/// Rows of a batch that are loaded in an open transaction, where no other transaction sees them. Dropping it rolls them back.
/// The default holds none; then the rows are loaded when the batch is committed.
#[derive(Debug, Default)]
pub struct LoadedBatch(Option<postgres::OpenBatch>);

/// Loads the rows of a batch ahead of its turn.
pub(crate) async fn load(
    db: &Database,
    lease: &Lease,
    rows: &ImportRows,
    on_duplicate: OnDuplicate,
    now: Timestamp,
) -> Result<LoadedBatch, RepositoryError> {
    if db.backend() == Backend::Sqlite {
        // SQLite has one writer.
        return Ok(LoadedBatch::default());
    }
    let mut tries = 0;
    loop {
        let loading = postgres::load(
            db,
            lease,
            Some((rows, Origin::of(lease, on_duplicate, now))),
        );
        match in_time(lease, loading).await {
            Ok(open) => return Ok(LoadedBatch(Some(open))),
            Err(error) => again(error, &mut tries, lease)?,
        }
    }
}

/// Writes a batch in one transaction, fenced by the lease: that of `loaded`, if its rows were loaded ahead.
pub(crate) async fn write(
    db: &Database,
    lease: &Lease,
    work: &Work<'_>,
    loaded: LoadedBatch,
) -> Result<BatchOutcome, RepositoryError> {
    let mut loaded = loaded.0;
    let mut tries = 0;
    loop {
        let done = match db.backend() {
            Backend::Postgres => write_postgres(db, lease, work, loaded.take()).await,
            Backend::Sqlite => sqlite::write(db, lease, work).await,
        };
        match done {
            Ok(outcome) => return Ok(outcome),
            Err(error) => again(error, &mut tries, lease)?,
        }
    }
}

async fn write_postgres(
    db: &Database,
    lease: &Lease,
    work: &Work<'_>,
    loaded: Option<postgres::OpenBatch>,
) -> Result<BatchOutcome, BulkError> {
    let open = if let Some(open) = loaded {
        open
    } else {
        let valid = work.valid;
        let rows =
            valid.map(|valid| (valid.rows, Origin::of(lease, valid.on_duplicate, valid.now)));
        in_time(lease, postgres::load(db, lease, rows)).await?
    };
    in_time(lease, postgres::commit(db, lease, work, open)).await
}

/// How long a batch may take to be loaded, and to be committed, before its connection counts as silent: as long as one statement
/// may run. A batch takes a fraction of a second.
const BATCH: Duration = Duration::from_secs(30);
/// A machine that is too busy gets twice the time at each attempt, up to eight minutes.
const DOUBLINGS: u32 = 4;

async fn in_time<T>(
    lease: &Lease,
    work: impl Future<Output = Result<T, BulkError>>,
) -> Result<T, BulkError> {
    let limit = BATCH * 2_u32.pow(lease.deferrals.min(DOUBLINGS));
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(late) => Err(RepositoryError::Unavailable(late.into()).into()),
    }
}

/// Returns `Ok` if the work is to be repeated because another transaction won; otherwise the error.
fn again(error: BulkError, tries: &mut u32, lease: &Lease) -> Result<(), RepositoryError> {
    if error.kind() == Kind::Conflict && *tries < RETRIES {
        *tries += 1;
        tracing::info!(job.id = %lease.job_id, tries, "doing a batch again after another transaction won");
        return Ok(());
    }
    match error {
        BulkError::Driver(error) => Err(error.into()),
        BulkError::Repository(error) => Err(error),
    }
}
