//! Stores the rows of a batch, on either database: new records are inserted, and rows whose record exists change it, if
//! the job says so. What another writer did between the check and the load is resolved here, under the locks of the
//! transaction: a record that was created since is changed or skipped, one that was deleted since is created again.
//! The report of the batch and the progress of its job follow in the same transaction.

use domain::{OnDuplicate, RunProgress};
use sea_orm::{Value, prelude::TimeDateTime};

use super::{
    batch::{BatchOutcome, BulkError, ImportRow, ImportRows, Loaded, Refusal, RefusalReason, Work},
    change, corrected,
    sink::Sink,
    table::Origin,
    unchanged::is_stored,
};
use crate::{
    Database, Lease, RepositoryError,
    import_job::{StoredCheckpoint, columns},
    stamp::Stamp,
    table::Table,
};

/// The statements that delete the stored errors and failed rows of a range of rows.
const CLEAR_REPORT: [&str; 2] = [
    "DELETE FROM migration_errors WHERE tenant_id = $1 AND migration_job_id = $2 \
     AND row_number BETWEEN $3 AND $4",
    "DELETE FROM migration_rows WHERE tenant_id = $1 AND migration_job_id = $2 \
     AND row_number BETWEEN $3 AND $4",
];

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
        sink.run(sql.to_owned(), work.range(lease)).await?;
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

/// [`domain::ImportJob::advanced`] as a statement and its values. The transaction locks the row and has checked the
/// fence, but has not read the whole job: a batch writes only what it changes.
fn advance(
    lease: &Lease,
    work: &Work<'_>,
    outcome: &BatchOutcome,
) -> Result<(String, Vec<Value>), RepositoryError> {
    let mut set: Vec<(&str, Value)> =
        vec![("updated_at", Stamp::from(outcome.updated_at).naive().into())];
    let counts = columns(&outcome.counts);
    set.extend(counts.map(|(column, count)| (column, count.into())));
    if work.checkpoint.is_some() {
        let stored = StoredCheckpoint {
            progress: RunProgress {
                attempt: lease.attempt,
                deferrals: 0,
            },
            checkpoint: outcome.checkpoint,
        };
        set.push(("checkpoint", stored.to_json()?.into()));
    }
    let (names, new): (Vec<_>, Vec<_>) = set.into_iter().unzip();
    let assignments: Vec<String> = names
        .iter()
        .zip(3..)
        .map(|(column, number)| format!("{column} = ${number}"))
        .collect();
    let sql = format!(
        "UPDATE migration_jobs SET {} WHERE tenant_id = $1 AND id = $2",
        assignments.join(", ")
    );
    let mut values = vec![lease.scope.uuid().into(), lease.job_id.as_uuid().into()];
    values.extend(new);
    Ok((sql, values))
}
