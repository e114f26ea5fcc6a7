//! Checks whether the findings of a batch are stored already: an import finds what the validation found, unless another
//! writer was faster. If so, nothing is deleted and written again, which took 5 ms for a batch with one wrong row in
//! twenty.

use domain::JobId;

use super::{
    batch::{BulkError, Texts, Work},
    sink::Sink,
    table::Reported,
};
use crate::{Lease, TenantScope};

/// Reports up to this size are compared: this reads the stored findings of the range into memory.
const COMPARED_BYTES: usize = 1 << 20;
/// Columns that identify a finding and do not describe it.
const IDENTITY: [&str; 4] = ["id", "tenant_id", "migration_job_id", "created_at"];

/// Whether exactly these items are stored for the rows of the batch.
pub(super) async fn is_stored<T: Reported>(
    sink: &mut impl Sink,
    lease: &Lease,
    work: &Work<'_>,
    items: &[&T],
) -> Result<bool, BulkError> {
    if items.iter().map(|item| item.bytes()).sum::<usize>() > COMPARED_BYTES {
        return Ok(false);
    }
    let columns = T::COLUMNS.iter().copied().filter(says_what);
    let columns: Vec<String> = columns
        .map(|column| format!("CAST({column} AS text)"))
        .collect();
    // One more than expected is enough to see that there are others.
    let sql = format!(
        "SELECT {} FROM {} WHERE tenant_id = $1 AND migration_job_id = $2 \
         AND row_number BETWEEN $3 AND $4 ORDER BY {} LIMIT {}",
        columns.join(", "),
        T::TABLE,
        T::ORDER,
        items.len() + 1
    );
    let stored = sink.texts(sql, work.range(lease)).await?;
    if stored.len() != items.len() {
        return Ok(false);
    }
    let mut items = items.to_vec();
    items.sort_by_key(|item| item.row_number());
    for (item, stored) in items.into_iter().zip(stored) {
        if texts((lease.scope, lease.job_id), item)? != stored {
            return Ok(false);
        }
    }
    Ok(true)
}

fn says_what(column: &&str) -> bool {
    !IDENTITY.contains(column)
}

/// The cells of an item that describe the finding.
fn texts<T: Reported>(
    origin: (TenantScope, JobId),
    item: &T,
) -> Result<Vec<Option<String>>, BulkError> {
    let mut cells = Texts::default();
    item.fill(origin, &mut cells)?;
    let cells = T::COLUMNS.iter().copied().zip(cells.0);
    Ok(cells
        .filter(|(column, _)| says_what(column))
        .map(|(_, cell)| cell)
        .collect())
}
