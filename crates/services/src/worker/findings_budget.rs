//! Limits how many errors of a file are stored in detail: a file of a million wrong rows must not become a database forty times
//! its size. All errors are counted; a row is stored with all its errors or not at all, so that the file of failed rows and the
//! report agree.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{FailedRow, RowError};
use repositories::KeptFindings;

/// Errors that are kept for a file of any size: more than can be corrected by hand.
const ALWAYS: u64 = 2_000;
/// Errors of one code, so that one mistake that every row repeats leaves room for other errors.
const MOST_OF_A_CODE: u64 = 50_000;
/// Errors of a job.
const MOST_OF_A_JOB: u64 = 200_000;
/// Warnings of a job, as documented.
const MOST_WARNINGS: u64 = 10_000;
/// Stored errors and rows may take this many times the size of the file. Half-empty pages and the database's own overhead come
/// on top; the sum must stay below five times.
const TIMES_THE_FILE: u64 = 3;
/// The space of an error in PostgreSQL besides its texts: three ids, two index entries, the row headers.
const ERROR_BYTES: u64 = 250;
/// The same for a failed row besides its cells.
const ROW_BYTES: u64 = 120;

/// What a run may still store. The engine's thread uses it for the rows that the engine rejects, the loader for those
/// that the database rejects.
#[derive(Debug, Clone)]
pub(super) struct FindingsBudget(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    room: u64,
    errors: u64,
    warnings: u64,
    bytes: u64,
    by_code: HashMap<Cow<'static, str>, u64>,
}

impl FindingsBudget {
    /// The budget of a file of `file_size` bytes for which `so_far` is already stored.
    pub(super) fn new(file_size: u64, so_far: KeptFindings) -> Self {
        let errors = so_far.errors.total();
        Self(Arc::new(Mutex::new(Kept {
            room: file_size.saturating_mul(TIMES_THE_FILE),
            errors,
            warnings: so_far.warnings,
            bytes: so_far.bytes + errors * ERROR_BYTES + so_far.rows * ROW_BYTES,
            by_code: so_far
                .by_code
                .into_iter()
                .map(|(code, errors)| (Cow::Owned(code), errors))
                .collect(),
        })))
    }

    /// Whether a row with errors of these codes is kept; if so, its errors are counted.
    pub(super) fn takes<'c>(&self, codes: impl Iterator<Item = &'c str> + Clone) -> bool {
        self.kept().takes(codes)
    }

    /// Counts the size of a row that is kept.
    pub(super) fn note(&self, errors: &[RowError], row: &FailedRow) {
        let texts = errors.iter().map(|error| {
            error.error_message.len() + error.received_value.as_ref().map_or(0, String::len)
        });
        let texts = texts.sum::<usize>() + row.cells.as_str().len();
        self.kept().bytes += texts as u64;
    }

    /// Counts one more warning, and returns whether it is kept.
    pub(super) fn takes_warning(&self) -> bool {
        let mut kept = self.kept();
        kept.warnings += 1;
        kept.warnings <= MOST_WARNINGS
    }

    /// How many rows of a batch may be kept that the database rejects.
    pub(super) fn room(&self) -> usize {
        let kept = self.kept();
        let in_bytes = kept.room.saturating_sub(kept.bytes) / (ERROR_BYTES + ROW_BYTES);
        let always = ALWAYS.saturating_sub(kept.errors);
        let room = in_bytes
            .max(always)
            .min(MOST_OF_A_JOB.saturating_sub(kept.errors));
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// Counts the rows that the database rejected and that are kept.
    pub(super) fn note_refused(&self, errors: &[RowError], rows: &[FailedRow]) {
        for (error, row) in errors.iter().zip(rows) {
            self.kept().count([&*error.code].into_iter());
            self.note(std::slice::from_ref(error), row);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Sums that are slightly wrong after a panic only keep slightly more or less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn takes<'c>(&mut self, mut codes: impl Iterator<Item = &'c str> + Clone) -> bool {
        let has_room = self.errors < ALWAYS
            || self.errors < MOST_OF_A_JOB
                && self.bytes < self.room
                && codes.clone().any(|code| {
                    self.by_code
                        .get(code)
                        .is_none_or(|kept| *kept < MOST_OF_A_CODE)
                });
        if has_room {
            self.count(&mut codes);
        }
        has_room
    }

    fn count<'c>(&mut self, codes: impl Iterator<Item = &'c str>) {
        self.bytes += ROW_BYTES;
        for code in codes {
            self.errors += 1;
            self.bytes += ERROR_BYTES;
            match self.by_code.get_mut(code) {
                Some(kept) => *kept += 1,
                None => {
                    self.by_code.insert(Cow::Owned(code.to_owned()), 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_of(file_size: u64, rows: u64, codes: &[&str]) -> u64 {
        let budget = FindingsBudget::new(file_size, KeptFindings::default());
        (0..rows)
            .filter(|_| budget.takes(codes.iter().copied()))
            .count() as u64
    }

    #[test]
    fn keeps_all_of_a_small_file_and_a_bounded_part_of_a_flood() {
        assert_eq!(kept_of(150, 1_000, &["email", "required"]), 1_000);
        assert_eq!(kept_of(u64::MAX, 300_000, &["email"]), MOST_OF_A_CODE);
        assert_eq!(
            kept_of(u64::MAX, 300_000, &["a", "b", "c", "d", "e", "f", "g", "h"]),
            MOST_OF_A_JOB / 8,
            "however many codes there are"
        );
        let kept = kept_of(1_000_000, 170_000, &["too_few_cells"]);
        assert!(kept * (ERROR_BYTES + ROW_BYTES) <= TIMES_THE_FILE * 1_000_000 + 1_000);
    }

    #[test]
    fn a_flood_of_one_code_leaves_room_for_another() {
        let budget = FindingsBudget::new(u64::MAX, KeptFindings::default());
        for _ in 0..2 * MOST_OF_A_CODE {
            budget.takes(["email"].into_iter());
        }
        assert!(!budget.takes(["email"].into_iter()));
        assert!(budget.takes(["email", "required"].into_iter()));
    }

    #[test]
    fn a_run_that_goes_on_keeps_no_more_than_one_that_was_never_interrupted() {
        let so_far = KeptFindings {
            by_code: vec![("email".to_owned(), MOST_OF_A_CODE)],
            errors: domain::ErrorSummary {
                invalid_format: MOST_OF_A_CODE,
                ..domain::ErrorSummary::default()
            },
            warnings: MOST_WARNINGS,
            ..KeptFindings::default()
        };
        let budget = FindingsBudget::new(u64::MAX, so_far);
        assert!(!budget.takes(["email"].into_iter()) && !budget.takes_warning());
    }
}
