//! Finds the failed row that each row of a correction stands for, by the column that the file of failed rows has for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use import_types::engine::{
    plans::{Amend, Cells},
    report::ROW_NUMBER,
};
use repositories::CorrectedRow;

/// The rows of a correction that were read and are not stored yet: their row numbers in its file, each with the row
/// number in the file that is corrected.
///
/// Filled while the engine reads, so that the row numbers are those of the rows that it checks.
#[derive(Debug, Clone)]
pub(super) struct CorrectedRows {
    column: usize,
    rows: Arc<Mutex<BTreeMap<u64, u64>>>,
}

impl CorrectedRows {
    /// For a file with these headers; `None` if no column holds the numbers of failed rows.
    pub(super) fn of<H: AsRef<str>>(headers: &[H]) -> Option<Self> {
        let column = headers
            .iter()
            .position(|header| header.as_ref().trim() == ROW_NUMBER)?;
        Some(Self {
            column,
            rows: Arc::default(),
        })
    }

    /// Removes and returns the rows up to a row of the file.
    pub(super) fn take_up_to(&self, last: u64) -> Vec<CorrectedRow> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let later = rows.split_off(&last.saturating_add(1));
        std::mem::replace(&mut *rows, later)
            .into_iter()
            .map(|(row_number, failed_row)| CorrectedRow {
                row_number,
                failed_row,
            })
            .collect()
    }
}

impl Amend for CorrectedRows {
    fn amend(&self, row: u64, cells: &mut Cells<'_>) {
        // An apostrophe makes a spreadsheet keep a number as text. A cell that is not a number refers to no failed row:
        // the row is an additional one.
        let failed = cells.get(self.column);
        let failed = failed.map(|cell| cell.trim().trim_start_matches('\''));
        let Some(failed) = failed.and_then(|cell| cell.parse().ok()) else {
            return;
        };
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.insert(row, failed);
    }
}
