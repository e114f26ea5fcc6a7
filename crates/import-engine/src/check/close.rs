//! A full batch on its way out: its rows sorted, its issues in order, everything counted. Checks nothing.

use super::{
    batch::{Batch, Rejects},
    checker::Checker,
    pending::RowState,
    summary::IssueCounts,
};
use crate::schema::cell::{Arena, ValidRow};

impl Checker {
    /// Closes the batch; what it must know of the system has been answered. Rows up to `resume_after` are counted, but left
    /// out of it; `None` when no others are there.
    pub(crate) fn close(&mut self) -> Option<Batch> {
        let resume_after = self.resume_after;
        self.claim_keys();
        let next = self.pending.alike();
        let mut pending = std::mem::replace(&mut self.pending, next);
        // Each row's issues in the order of its columns, what concerns the whole record first.
        pending
            .issues
            .sort_by_key(|issue| (issue.row, issue.column));

        let mut errors = IssueCounts::default();
        for issue in &pending.issues {
            if issue.is_error() {
                errors.add(issue.kind);
            } else {
                self.warnings += 1;
            }
        }
        self.totals.errors.add_all(errors);
        self.count_rows(&pending);
        pending.issues.retain(|issue| issue.row > resume_after);
        let mut own = IssueCounts::default();
        for issue in pending.issues.iter().filter(|issue| issue.is_error()) {
            own.add(issue.kind);
        }
        self.cut_issues(&mut pending);

        let first_row = pending
            .rows
            .iter()
            .map(|row| row.mark.row)
            .find(|row| *row > resume_after)?;
        let mut batch = Batch {
            schema: self.schema.clone(),
            first_row,
            last_row: pending.rows.last().map_or(0, |row| row.mark.row),
            progress: self.totals,
            errors: own,
            rows: Vec::with_capacity(pending.rows.len()),
            slots: Vec::new(),
            arena: Arena::default(),
            rejected: Rejects::default(),
            issues: std::mem::take(&mut pending.issues),
            existing: self.existing,
            known: Vec::new(),
        };
        self.sort_rows(&mut pending, &mut batch, resume_after);
        batch.slots = pending.slots;
        batch.arena = pending.arena;
        Some(batch)
    }

    fn count_rows(&mut self, pending: &RowState) {
        let valid = pending.rows.iter().filter(|row| row.valid).count() as u64;
        self.totals.records += pending.rows.len() as u64;
        self.totals.valid += valid;
        self.totals.invalid += pending.rows.len() as u64 - valid;
    }

    /// Valid rows keep their slots; invalid rows are kept as received.
    fn sort_rows(&mut self, pending: &mut RowState, batch: &mut Batch, resume_after: u64) {
        let fields = self.columns.len();
        let mut known = std::mem::take(&mut pending.known);
        for (index, row) in pending.rows.iter().enumerate() {
            let mark = row.mark;
            if mark.row <= resume_after {
                continue;
            }
            if row.valid {
                let slots = index * fields;
                if let Some(key) = known.get_mut(index).and_then(Option::take) {
                    self.existing_rows += 1;
                    batch.known.resize(batch.rows.len(), None);
                    batch.known.push(Some(key));
                }
                batch.rows.push(ValidRow { mark, slots });
                continue;
            }
            let rejects = &mut batch.rejected;
            for cell in pending.cells(index) {
                rejects.text.push_str(cell);
                rejects.ends.push(rejects.text.len());
            }
            rejects.marks.push((mark, rejects.ends.len()));
        }
    }

    fn cut_issues(&mut self, pending: &mut RowState) {
        let room = usize::try_from(self.limits.issues.saturating_sub(self.issues_kept))
            .unwrap_or(usize::MAX);
        if pending.issues.len() > room {
            self.issues_cut += (pending.issues.len() - room) as u64;
            pending.issues.truncate(room);
        }
        self.issues_kept += pending.issues.len() as u64;
    }
}
