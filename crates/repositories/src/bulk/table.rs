//! The rows that a batch writes: imported records and row errors, cell by cell.

use domain::{ErrorType, JobId, RowError};
use time::PrimitiveDateTime;

use super::ImportRow;
use crate::{
    TenantScope,
    stamp::Stamp,
    table::{Cells, Table},
};

/// Where the rows of a batch come from and when they are made.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) scope: TenantScope,
    pub(super) job: JobId,
    pub(super) now: PrimitiveDateTime,
}

/// Fills all cells of one row, in the order of [`columns`](crate::table::columns).
pub(super) fn fill_row<T: Table>(row: &ImportRow<T>, origin: &Origin, cells: &mut impl Cells) {
    cells.uuid(origin.scope.tenant_id().as_uuid());
    cells.uuid(row.id);
    row.record.fill(cells);
    cells.number(Some(1));
    cells.uuid(origin.job.as_uuid());
    cells.number(i64::try_from(row.row_number).ok());
    cells.moment(origin.now);
    cells.moment(origin.now);
}

/// The columns of row errors, in the order of [`fill_error`].
pub(super) const ERROR_COLUMNS: &str = "id, tenant_id, migration_job_id, row_number, error_type, \
    field_name, error_message, expected_format, received_value, row_data, created_at";
/// How many those are.
pub(super) const ERROR_WIDTH: usize = 11;

/// Fills the cells of one row error.
pub(super) fn fill_error(
    error: &RowError,
    scope: TenantScope,
    cells: &mut impl Cells,
) -> Result<(), serde_json::Error> {
    let kind: ErrorType = error.error_type;
    cells.uuid(error.id.as_uuid());
    cells.uuid(scope.tenant_id().as_uuid());
    cells.uuid(error.job_id.as_uuid());
    cells.number(i64::try_from(error.row_number).ok());
    cells.word(Some(kind.as_str()));
    cells.text(error.field_name.as_deref());
    cells.text(Some(&error.error_message));
    cells.text(error.expected_format.as_deref());
    cells.text(error.received_value.as_deref());
    cells.json(&serde_json::to_string(&error.row_data)?);
    cells.moment(Stamp::from(error.created_at).naive());
    Ok(())
}
