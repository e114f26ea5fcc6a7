//! Records the failed rows that a batch has corrected (`migration_corrected_rows`), in its own transaction: a row counts as
//! corrected exactly if it is stored.

use std::fmt::Write as _;

use sea_orm::Value;

use super::batch::CorrectedRow;
use crate::{Backend, Lease};

/// The statement that records corrected rows, and its values; `None` if there are none.
///
/// A number that a user typed counts if a row with this number has failed. Once the report of the job is deleted, nothing
/// is left to compare it with. Nothing is recorded for a job that is being deleted; otherwise its row is locked against
/// deletion until the transaction ends.
pub(super) fn insert(
    backend: Backend,
    lease: &Lease,
    rows: &[CorrectedRow],
) -> Option<(String, Vec<Value>)> {
    let mut pairs = String::new();
    for row in rows {
        let (Ok(own), Ok(failed)) = (i32::try_from(row.row_number), i32::try_from(row.failed_row))
        else {
            continue;
        };
        let comma = if pairs.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(pairs, "{comma}({failed}, {own})");
    }
    if pairs.is_empty() {
        return None;
    }
    let hold = match backend {
        Backend::Postgres => " FOR KEY SHARE OF j",
        // The transaction is the only writer.
        Backend::Sqlite => "",
    };
    let report =
        "FROM migration_rows f WHERE f.tenant_id = j.tenant_id AND f.migration_job_id = j.id";
    let sql = format!(
        "INSERT INTO migration_corrected_rows \
         (tenant_id, migration_job_id, row_number, corrected_by, corrected_row) \
         SELECT j.tenant_id, j.id, v.column1, c.id, v.column2 FROM (VALUES {pairs}) AS v \
         CROSS JOIN migration_jobs c \
         JOIN migration_jobs j ON j.tenant_id = c.tenant_id AND j.id = c.corrects \
         WHERE c.tenant_id = $1 AND c.id = $2 AND (EXISTS (SELECT 1 {report} AND f.row_number = v.column1) \
         OR NOT EXISTS (SELECT 1 {report})){hold} ON CONFLICT DO NOTHING"
    );
    let values = vec![lease.scope.uuid().into(), lease.job_id.as_uuid().into()];
    Some((sql, values))
}
