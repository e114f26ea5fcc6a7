//! The count of everything at the end of an import. Holds no rows.

use crate::issue::{IssueKind, Notice};

/// What an import came to.
///
/// `valid + invalid == records`, always.
///
/// ```
/// use import_engine::{Field, Plan, Schema};
///
/// let file = b"name,email\nAhmad,ahmad@example.com\nSiti,siti@\n\nTOTAL,2\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email"))
///     .build()?;
/// let (_, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.records, summary.valid, summary.invalid), (2, 1, 1));
/// assert_eq!((summary.blank_rows, summary.footers), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// Bytes read.
    pub bytes: u64,
    /// Row number of the file's last row, blank ones included.
    pub rows: u64,
    /// Data records: neither the header, nor blank, nor a footer, nor a repeated header.
    pub records: u64,
    /// Data records that were taken.
    pub valid: u64,
    /// Data records that were not.
    pub invalid: u64,
    /// Rows in which every cell is empty.
    pub blank_rows: u64,
    /// Rows that sum up the table.
    pub footers: u64,
    /// Rows that repeat the header.
    pub repeated_headers: u64,
    /// Errors by family.
    pub errors: IssueCounts,
    /// Warnings.
    pub warnings: u64,
    /// Errors and warnings beyond [`Limits::issues`](crate::Limits::issues): counted above, not handed on.
    pub issues_cut: u64,
    /// What else a person should know.
    pub notices: Vec<Notice>,
    /// Valid rows that the system had already, and that were [not refused](crate::Import::existing) for it.
    pub existing: u64,
    /// Whether the whole file was looked at before its rows were checked. Otherwise cells were read without their columns' evidence.
    pub surveyed: bool,
    /// Whether the observer stopped the import: the counts are then of the batches that were handed on.
    pub cancelled: bool,
}

impl Summary {
    /// Whether the import came to the end of the file.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.cancelled
    }
}

/// Errors by family.
///
/// See [`Summary`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IssueCounts {
    /// Empty cells that must not be.
    pub missing_required: u64,
    /// Cells and records not written as they must be.
    pub invalid_format: u64,
    /// Values that are taken.
    pub duplicate: u64,
    /// References to nothing, and broken rules across cells.
    pub constraint_violation: u64,
}

impl IssueCounts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.missing_required + self.invalid_format + self.duplicate + self.constraint_violation
    }

    pub(crate) fn add(&mut self, kind: IssueKind) {
        *match kind {
            IssueKind::MissingRequired => &mut self.missing_required,
            IssueKind::InvalidFormat => &mut self.invalid_format,
            IssueKind::Duplicate => &mut self.duplicate,
            IssueKind::ConstraintViolation => &mut self.constraint_violation,
        } += 1;
    }

    pub(crate) fn add_all(&mut self, other: Self) {
        self.missing_required += other.missing_required;
        self.invalid_format += other.invalid_format;
        self.duplicate += other.duplicate;
        self.constraint_violation += other.constraint_violation;
    }
}
