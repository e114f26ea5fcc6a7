//! The rows that a batch writes: imported records and row errors, cell by cell.

use domain::{FailedRow, JobId, RowError};
use time::PrimitiveDateTime;

use super::ImportRow;
use crate::{
    RepositoryError, TenantScope,
    stamp::Stamp,
    table::{Cells, Table, stored},
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

/// A part of a job's report that has its own table.
pub(super) trait Reported: Sync {
    /// Its table and its columns, in the order of [`fill`](Self::fill).
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// About how many bytes it is.
    fn bytes(&self) -> usize;

    fn fill(
        &self,
        origin: (TenantScope, JobId),
        cells: &mut impl Cells,
    ) -> Result<(), RepositoryError>;
}

impl Reported for RowError {
    const TABLE: &'static str = "migration_errors";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "tenant_id",
        "migration_job_id",
        "row_number",
        "error_type",
        "field_name",
        "error_message",
        "expected_format",
        "received_value",
        "created_at",
        "code",
        "column_index",
        "params",
        "severity",
    ];

    fn bytes(&self) -> usize {
        let texts = [
            &self.field_name,
            &self.expected_format,
            &self.received_value,
        ];
        let texts = texts.into_iter().flatten().map(String::len);
        self.error_message.len() + texts.sum::<usize>()
    }

    fn fill(
        &self,
        (scope, job): (TenantScope, JobId),
        cells: &mut impl Cells,
    ) -> Result<(), RepositoryError> {
        cells.uuid(self.id.as_uuid());
        cells.uuid(scope.tenant_id().as_uuid());
        cells.uuid(job.as_uuid());
        cells.number(i64::try_from(self.row_number).ok());
        cells.word(Some(self.error_type.as_str()));
        cells.text(self.field_name.as_deref());
        cells.text(Some(&self.error_message));
        cells.text(self.expected_format.as_deref());
        cells.text(self.received_value.as_deref());
        cells.moment(Stamp::from(self.created_at).naive());
        cells.text(Some(&self.code));
        cells.number(self.column_index.map(i64::from));
        if self.params.is_empty() {
            cells.text(None);
        } else {
            cells.json(&stored("params", serde_json::to_string(&self.params))?);
        }
        cells.word(Some(self.severity.as_str()));
        Ok(())
    }
}

impl Reported for FailedRow {
    const TABLE: &'static str = "migration_rows";
    const COLUMNS: &'static [&'static str] = &[
        "tenant_id",
        "migration_job_id",
        "row_number",
        "bytes",
        "cells",
    ];

    fn bytes(&self) -> usize {
        self.cells.as_str().len()
    }

    fn fill(
        &self,
        (scope, job): (TenantScope, JobId),
        cells: &mut impl Cells,
    ) -> Result<(), RepositoryError> {
        cells.uuid(scope.tenant_id().as_uuid());
        cells.uuid(job.as_uuid());
        cells.number(i64::try_from(self.row_number).ok());
        cells.number(i64::try_from(self.bytes()).ok());
        cells.text(Some(self.cells.as_str()));
        Ok(())
    }
}
