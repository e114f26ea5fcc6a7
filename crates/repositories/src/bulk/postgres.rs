//! The PostgreSQL sink: COPY straight into the table, in a savepoint, or an INSERT for [`few`](super::few) rows. If a
//! constraint refuses rows, the same rows are stored through [`staged`]; if a value cannot be stored, its row is found by
//! halving.
//!
//! A batch is loaded and committed in two steps of one transaction, so that the rows of a batch can be sent while the
//! batch before it is being written: one connection keeps only one core of the database busy.

use domain::JobId;
use sea_orm::Value;
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, postgres::PgRow, query::Query};

use super::{
    batch::{BatchOutcome, BulkError, ImportRow, ImportRows, Loaded, Refusal, RefusalReason, Work},
    change::halves,
    copy::{CopyIn, store_rows},
    few::{FEW, FEW_BYTES, FewRows},
    session::BatchTransaction,
    sink::{Second, Sink},
    staged, store,
    table::{Filled, Origin, Reported},
};
use crate::{
    Backend, Database, Lease, RepositoryError, TenantScope, table::Table, violation::Kind,
};

type Statement = Query<'static, Postgres, SqlxValues>;

fn query(sql: impl Into<String>, values: Vec<Value>) -> Statement {
    sqlx::query_with(
        AssertSqlSafe(sql.into()),
        SqlxValues(sea_orm::sea_query::Values(values)),
    )
}

/// A transaction that holds the rows of a batch.
#[derive(Debug)]
pub(super) struct OpenBatch {
    tx: BatchTransaction,
    loaded: Loaded,
}

/// Begins the transaction of a batch, as the tables' owner, and loads its rows.
///
/// The job's row is locked with `FOR KEY SHARE`, which prevents other claims of the job while this session lives, and
/// lets the heartbeat and the batch before this one write.
pub(super) async fn load(
    db: &Database,
    lease: &Lease,
    valid: Option<(&ImportRows, Origin)>,
) -> Result<OpenBatch, BulkError> {
    let mut tx = BatchTransaction::begin(db).await?;
    let fence = format!(
        "SELECT set_config('application_name', '{}' || $3, true) FROM migration_jobs WHERE {} FOR KEY SHARE",
        Lease::AT_WORK,
        Lease::FENCE
    );
    fetch(&mut tx, fence, lease).await?;
    db.fault_point()?;
    let loaded = match valid {
        None => Loaded::default(),
        Some((rows, origin)) => store::load_rows(&mut *tx, &origin, rows).await?,
    };
    db.fault_point()?;
    Ok(OpenBatch { tx, loaded })
}

/// Writes what else belongs to a loaded batch, and commits it.
pub(super) async fn commit(
    db: &Database,
    lease: &Lease,
    work: &Work<'_>,
    batch: OpenBatch,
) -> Result<BatchOutcome, BulkError> {
    let OpenBatch { mut tx, loaded } = batch;
    let fence = format!(
        "SELECT {}, cancelled_at IS NOT NULL FROM migration_jobs WHERE {} FOR NO KEY UPDATE",
        db.now(),
        Lease::FENCE
    );
    let job = fetch(&mut tx, fence, lease).await?;
    let job = (job.try_get(0)?, job.try_get(1)?);
    let outcome = store::finish(&mut *tx, (db, lease, work), loaded, job).await?;
    tx.commit().await?;
    db.fault_point()?;
    Ok(outcome)
}

/// Queries the row of the job, if the lease still holds.
async fn fetch(tx: &mut PgConnection, fence: String, lease: &Lease) -> Result<PgRow, BulkError> {
    match query(fence, lease.values()).fetch_optional(tx).await? {
        Some(row) => Ok(row),
        None => Err(RepositoryError::LeaseLost.into()),
    }
}

impl Sink for PgConnection {
    const BACKEND: Backend = Backend::Postgres;

    async fn insert<T: Table>(
        &mut self,
        origin: &Origin,
        rows: &[ImportRow<T>],
    ) -> Result<Vec<Refusal>, BulkError> {
        load_rows(self, origin, rows).await
    }

    async fn put<R: Filled>(
        &mut self,
        table: &str,
        origin: &Origin,
        rows: &[R],
    ) -> Result<(), BulkError> {
        store_rows(self, table, origin, rows).await
    }

    async fn report<T: Reported>(
        &mut self,
        origin: (TenantScope, JobId),
        items: &[&T],
    ) -> Result<(), BulkError> {
        if items.is_empty() {
            return Ok(());
        }
        let columns = T::COLUMNS.join(", ");
        let bytes: usize = items.iter().map(|item| item.bytes()).sum();
        if items.len() <= FEW && bytes <= FEW_BYTES {
            let mut few = FewRows::new(&columns);
            for item in items {
                item.fill(origin, &mut few)?;
                few.end_row();
            }
            return few.insert(self, T::TABLE).await;
        }
        let mut text = CopyIn::begin(self, T::TABLE, &columns).await?;
        for item in items {
            if let Err(error) = item.fill(origin, text.row()) {
                text.abort().await?;
                return Err(error.into());
            }
            text.end_row().await?;
        }
        text.finish().await
    }

    async fn execute(&mut self, sql: String) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self).await?;
        Ok(())
    }

    async fn run(&mut self, sql: String, values: Vec<Value>) -> Result<(), sqlx::Error> {
        query(sql, values).execute(self).await?;
        Ok(())
    }

    async fn texts(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Option<String>>>, sqlx::Error> {
        let rows = query(sql, values).fetch_all(self).await?;
        let cells = |row: &PgRow| (0..row.len()).map(|column| row.try_get(column)).collect();
        rows.iter().map(cells).collect()
    }

    async fn pairs<T: Second>(&mut self, sql: String) -> Result<Vec<(i64, T)>, sqlx::Error> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(self).await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }
}

/// Loads rows, all at once if none is refused; returns the refused ones in the order of the file.
async fn load_rows<T: Table>(
    tx: &mut PgConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Vec<Refusal>, BulkError> {
    let mut refused = Vec::new();
    let whole = 0..rows.len();
    let mut ranges = Vec::from([whole]);
    while let Some(range) = ranges.pop() {
        let some = &rows[range.clone()];
        if some.is_empty() {
            continue;
        }
        let Some(found) = load_range(tx, origin, some).await? else {
            match halves(&range) {
                Some((first, second)) => ranges.extend([second, first]),
                None => refused.push(Refusal {
                    index: range.start,
                    row_number: some[0].row_number,
                    reason: RefusalReason::Unstorable,
                }),
            }
            continue;
        };
        refused.extend(found.into_iter().map(|refusal| Refusal {
            index: range.start + refusal.index,
            ..refusal
        }));
    }
    Ok(refused)
}

/// Loads some rows; `None` if a value of one of them cannot be stored, and then none is stored.
async fn load_range<T: Table>(
    tx: &mut PgConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Option<Vec<Refusal>>, BulkError> {
    sqlx::raw_sql("SAVEPOINT batch").execute(&mut *tx).await?;
    let mut loaded = store_rows(tx, T::NAME, origin, rows)
        .await
        .map(|()| Vec::new());
    if let Err(error) = &loaded
        && matches!(error.kind(), Kind::Unique(_) | Kind::Foreign(_))
    {
        tracing::debug!(job.id = %origin.job, rows = rows.len(), "staging a batch that a constraint refused");
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT batch")
            .execute(&mut *tx)
            .await?;
        loaded = staged::load(tx, origin, rows).await;
    }
    match loaded {
        Ok(refused) => {
            sqlx::raw_sql("RELEASE SAVEPOINT batch")
                .execute(&mut *tx)
                .await?;
            Ok(Some(refused))
        }
        Err(error) if error.kind() == Kind::Unstorable => {
            sqlx::raw_sql("ROLLBACK TO SAVEPOINT batch")
                .execute(&mut *tx)
                .await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
