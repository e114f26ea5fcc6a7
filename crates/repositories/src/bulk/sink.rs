//! Stores the rows of a batch, on either database: new records are inserted, and rows whose record exists change it, if
//! the job says so. What another writer did between the check and the load is resolved here, under the locks of the
//! transaction: a record that was created since is changed or skipped, one that was deleted since is created again.

use std::collections::HashMap;

use domain::{JobId, OnDuplicate};
use sea_orm::{Value, prelude::TimeDateTime};
use sqlx::{Decode, Postgres, Sqlite, Type};
use uuid::Uuid;

use super::{
    BatchOutcome, BulkError, CLEAR_REPORT, ImportRow, ImportRows, Loaded, Refusal, RefusalReason,
    Work, advance, change, clear_report, corrected,
    table::{Filled, Origin, Reported},
    unchanged::is_stored,
};
use crate::{Backend, Database, Lease, TenantScope, table::Table};

/// A transaction of one of the databases.
pub(super) trait Sink: Send {
    /// Which one.
    const BACKEND: Backend;

    /// Inserts rows, and returns those that are refused, in their order.
    fn insert<T: Table>(
        &mut self,
        origin: &Origin,
        rows: &[ImportRow<T>],
    ) -> impl Future<Output = Result<Vec<Refusal>, BulkError>> + Send;

    /// Puts rows into a table that has their columns.
    fn put<R: Filled>(
        &mut self,
        table: &str,
        origin: &Origin,
        rows: &[R],
    ) -> impl Future<Output = Result<(), BulkError>> + Send;

    /// Stores a part of the job's report.
    fn report<T: Reported>(
        &mut self,
        origin: (TenantScope, JobId),
        items: &[&T],
    ) -> impl Future<Output = Result<(), BulkError>> + Send;

    /// Executes a statement as it is written.
    fn execute(&mut self, sql: String) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Executes a statement with these parameters.
    fn run(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The columns of each row that a statement with these parameters returns, all of them texts.
    fn texts(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Vec<Option<String>>>, sqlx::Error>> + Send;

    /// The two columns of each row that a statement returns.
    fn pairs<T: Second>(
        &mut self,
        sql: String,
    ) -> impl Future<Output = Result<Vec<(i64, T)>, sqlx::Error>> + Send;
}

/// The types of the second column that either database can return: a number or an id.
pub(super) trait Second:
    for<'r> Decode<'r, Postgres>
    + Type<Postgres>
    + for<'r> Decode<'r, Sqlite>
    + Type<Sqlite>
    + Send
    + Unpin
{
}

impl Second for i64 {}
impl Second for Uuid {}

/// Loads the rows of a batch, of whichever type.
pub(super) async fn load_rows(
    sink: &mut impl Sink,
    origin: &Origin,
    rows: &ImportRows,
) -> Result<Loaded, BulkError> {
    match rows {
        ImportRows::Jamaah(rows) => load(sink, origin, rows).await,
        ImportRows::Payment(rows) => load(sink, origin, rows).await,
        ImportRows::Package(rows) => load(sink, origin, rows).await,
    }
}

/// Writes what else belongs to a batch whose rows are loaded: its report, and the progress of the job. `now` and
/// `is_cancelled` come from the job's row under the lock of the transaction, which may be committed next.
pub(super) async fn finish<S: Sink>(
    sink: &mut S,
    (db, lease, work): (&Database, &Lease, &Work<'_>),
    loaded: Loaded,
    (now, is_cancelled): (TimeDateTime, bool),
) -> Result<BatchOutcome, BulkError> {
    let corrected = work.stored_corrections(&loaded);
    let outcome = work.outcome(loaded, now, is_cancelled);
    report(sink, lease, work, &outcome).await?;
    if let Some((sql, values)) = corrected::insert(S::BACKEND, lease, &corrected) {
        sink.run(sql, values).await?;
    }
    db.fault_point()?;
    let (sql, values) = advance(lease, work, &outcome)?;
    sink.run(sql, values).await?;
    db.fault_point()?;
    work.report_committing();
    Ok(outcome)
}

/// Stores the errors and failed rows of the batch in place of those that are stored for its rows.
async fn report(
    sink: &mut impl Sink,
    lease: &Lease,
    work: &Work<'_>,
    outcome: &BatchOutcome,
) -> Result<(), BulkError> {
    let (errors, failed) = (outcome.all_errors(work), outcome.all_failed(work));
    // A validation deletes all that an earlier one stored before it begins.
    let is_stored = work.valid.is_some()
        && is_stored(sink, lease, work, &errors).await?
        && is_stored(sink, lease, work, &failed).await?;
    if is_stored {
        return Ok(());
    }
    for sql in CLEAR_REPORT {
        sink.run(sql.to_owned(), clear_report(lease, work)).await?;
    }
    let origin = (lease.scope, lease.job_id);
    sink.report(origin, &errors).await?;
    sink.report(origin, &failed).await
}

/// Loads the rows of a batch, those without a record first.
async fn load<T: Table>(
    sink: &mut impl Sink,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Loaded, BulkError> {
    let (new, known) = rows.split_at(rows.partition_point(|row| row.over.is_none()));
    let mut loaded = Loaded {
        refused: sink.insert(origin, new).await?,
        ..Loaded::default()
    };
    if origin.on_duplicate == OnDuplicate::Reject {
        return Ok(loaded);
    }
    let late = rivals(sink, origin, new, &mut loaded).await?;
    let done = change::apply(sink, origin, known).await?;
    loaded.updated += known.len() as u64 - done.stale.len() as u64 - done.refused.len() as u64;
    let at = |refusal: Refusal| Refusal {
        index: new.len() + refusal.index,
        ..refusal
    };
    loaded.refused.extend(done.refused.into_iter().map(at));
    // Their records were deleted since.
    let again: Vec<(usize, ImportRow<T>)> = done
        .stale
        .into_iter()
        .map(|index| {
            let row = ImportRow {
                over: None,
                ..known[index].clone()
            };
            (new.len() + index, row)
        })
        .collect();
    let (indexes, again): (Vec<usize>, Vec<ImportRow<T>>) = again.into_iter().unzip();
    let refused = sink.insert(origin, &again).await?;
    loaded.refuse(&indexes, refused);
    let (indexes, late): (Vec<usize>, Vec<ImportRow<T>>) = late.into_iter().unzip();
    let done = change::apply(sink, origin, &late).await?;
    loaded.updated += late.len() as u64 - done.stale.len() as u64 - done.refused.len() as u64;
    loaded.refuse(&indexes, done.refused);
    let gone = done.stale.into_iter().map(|index| Refusal {
        index,
        row_number: late[index].row_number,
        reason: change::another::<T>(),
    });
    let gone = gone.collect();
    loaded.refuse(&indexes, gone);
    loaded.refused.sort_unstable_by_key(|refusal| refusal.index);
    Ok(loaded)
}

/// Handles new rows whose record another writer stored first: they are skipped, or returned to change it.
async fn rivals<T: Table>(
    sink: &mut impl Sink,
    origin: &Origin,
    new: &[ImportRow<T>],
    loaded: &mut Loaded,
) -> Result<Vec<(usize, ImportRow<T>)>, BulkError> {
    let (repeated, other): (Vec<Refusal>, Vec<Refusal>) = std::mem::take(&mut loaded.refused)
        .into_iter()
        .partition(|refusal| matches!(refusal.reason, RefusalReason::Duplicate { .. }));
    loaded.refused = other;
    let rows: Vec<ImportRow<T>> = repeated
        .iter()
        .map(|refusal| new[refusal.index].clone())
        .collect();
    let holders = change::holders(sink, origin, &rows).await?;
    let mut late = Vec::new();
    for (refusal, row) in repeated.into_iter().zip(rows) {
        match (holders.get(&row.row_number), origin.on_duplicate) {
            (Some(Some(_)), OnDuplicate::Skip) => {
                loaded.skipped.push(row.row_number);
            }
            (Some(Some(record)), OnDuplicate::Update) => {
                let row = ImportRow {
                    over: Some(*record),
                    ..row
                };
                late.push((refusal.index, row));
            }
            _ => loaded.refused.push(refusal),
        }
    }
    Ok(late)
}

impl Loaded {
    /// Adds refusals of rows that were loaded separately, under their indexes in the batch.
    fn refuse(&mut self, indexes: &[usize], refused: Vec<Refusal>) {
        let at = |refusal: Refusal| {
            let index = *indexes.get(refusal.index)?;
            Some(Refusal { index, ..refusal })
        };
        self.refused.extend(refused.into_iter().filter_map(at));
    }
}

/// The one record that all keys of each row belong to; `None` if they belong to several.
pub(super) fn only(found: Vec<(i64, Uuid)>) -> HashMap<u64, Option<Uuid>> {
    let mut records: HashMap<u64, Option<Uuid>> = HashMap::new();
    for (row, id) in found {
        let row = u64::try_from(row).unwrap_or(0);
        records
            .entry(row)
            .and_modify(|known| *known = known.filter(|known| *known == id))
            .or_insert(Some(id));
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_about_one_record_if_all_its_keys_are() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let found = only(vec![(2, a), (2, a), (3, a), (3, b), (3, a), (4, b)]);
        assert_eq!(
            found,
            HashMap::from([(2, Some(a)), (3, None), (4, Some(b))])
        );
    }
}
