//! The rows that a batch writes: imported records and row errors, cell by cell.

use domain::{FailedRow, JobId, OnDuplicate, RowError, Timestamp};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use super::batch::{Given, ImportRow};
use crate::{
    Lease, RepositoryError, TenantScope,
    stamp::Stamp,
    table::{Cells, Table, stored},
};

/// The origin of the rows of a batch, and their creation time.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) scope: TenantScope,
    pub(super) job: JobId,
    pub(super) now: PrimitiveDateTime,
    pub(super) on_duplicate: OnDuplicate,
}

impl Origin {
    pub(super) fn of(lease: &Lease, on_duplicate: OnDuplicate, now: Timestamp) -> Self {
        Self {
            scope: lease.scope,
            job: lease.job_id,
            now: Stamp::from(now).naive(),
            on_duplicate,
        }
    }
}

/// A row of a table of records.
pub(super) trait Filled: Sync {
    /// Its table.
    type Table: Table;

    /// Fills all its cells, in the order of [`columns`](crate::table::columns).
    fn fill(&self, origin: &Origin, cells: &mut impl Cells);
}

impl<T: Table> Filled for ImportRow<T> {
    type Table = T;

    fn fill(&self, origin: &Origin, cells: &mut impl Cells) {
        cells.uuid(origin.scope.tenant_id().as_uuid());
        cells.uuid(self.id);
        self.record.fill(cells);
        fill_history(self.row_number, origin, cells);
    }
}

/// A row that changes a record: with the id of the record, and null in the columns that it leaves as they are.
pub(super) struct Change<'r, T>(pub(super) &'r ImportRow<T>);

impl<T: Table> Filled for Change<'_, T> {
    type Table = T;

    fn fill(&self, origin: &Origin, cells: &mut impl Cells) {
        let Self(row) = self;
        cells.uuid(origin.scope.tenant_id().as_uuid());
        cells.uuid(row.over.unwrap_or(row.id));
        row.record.fill(&mut GivenCells {
            cells,
            given: row.given,
            column: 0,
        });
        fill_history(row.row_number, origin, cells);
    }
}

fn fill_history(row_number: u64, origin: &Origin, cells: &mut impl Cells) {
    cells.number(Some(1));
    cells.uuid(origin.job.as_uuid());
    cells.number(i64::try_from(row_number).ok());
    cells.moment(origin.now);
    cells.moment(origin.now);
}

/// Passes on the cells that a row gives, and null for the others.
struct GivenCells<'c, C> {
    cells: &'c mut C,
    given: Given,
    column: usize,
}

impl<C: Cells> GivenCells<'_, C> {
    fn is_given(&mut self) -> bool {
        let is_given = self.given.has(self.column);
        self.column += 1;
        if !is_given {
            self.cells.text(None);
        }
        is_given
    }
}

impl<C: Cells> Cells for GivenCells<'_, C> {
    fn text(&mut self, text: Option<&str>) {
        if self.is_given() {
            self.cells.text(text);
        }
    }

    fn json(&mut self, json: &str) {
        if self.is_given() {
            self.cells.json(json);
        }
    }

    fn word(&mut self, word: Option<&'static str>) {
        if self.is_given() {
            self.cells.word(word);
        }
    }

    fn uuid(&mut self, id: Uuid) {
        if self.is_given() {
            self.cells.uuid(id);
        }
    }

    fn number(&mut self, number: Option<i64>) {
        if self.is_given() {
            self.cells.number(number);
        }
    }

    fn date(&mut self, date: Option<Date>) {
        if self.is_given() {
            self.cells.date(date);
        }
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        if self.is_given() {
            self.cells.moment(moment);
        }
    }
}

/// A part of a job's report that has its own table.
pub(super) trait Reported: Sync {
    /// Its table and its columns, in the order of [`fill`](Self::fill).
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    /// The order in which the items of a job are stored.
    const ORDER: &'static str;

    /// The spreadsheet row that it is about.
    fn row_number(&self) -> u64;

    /// Its approximate size in bytes.
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
    const ORDER: &'static str = "row_number, id";

    fn row_number(&self) -> u64 {
        self.row_number
    }

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
    const ORDER: &'static str = "row_number";

    fn row_number(&self) -> u64 {
        self.row_number
    }

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
