//! Corrections of cells that a caller knows of, put in before the cells are checked. Knows no schema and checks nothing.

use std::fmt;

use crate::read::{Record, Span};

/// What a caller knows better than the file. Asked once for every record below the header.
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::{Amend, Cells}};
///
/// #[derive(Debug)]
/// struct Corrections;
///
/// impl Amend for Corrections {
///     fn amend(&self, row: u64, cells: &mut Cells<'_>) {
///         if row == 2 {
///             cells.set(1, "siti@example.com");
///         }
///     }
/// }
/// let file = b"name,email\nSiti,siti@\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::email("email")).build()?;
/// let plan = Plan::of(&schema, file)?.amend(Corrections);
/// let (_, summary) = plan.import(file).collect()?;
/// assert_eq!(summary.valid, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Amend: fmt::Debug + Send + Sync {
    /// Changes the cells of a row.
    fn amend(&self, row: u64, cells: &mut Cells<'_>);
}

/// The cells of one record on their way to the check.
///
/// See [`Amend`] for an example.
#[derive(Debug)]
pub struct Cells<'r> {
    record: &'r Record<'r>,
    set: Vec<(usize, String)>,
    read_as: Vec<(usize, String)>,
}

impl Cells<'_> {
    /// A cell as it stands in the file.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        self.record.get(column).map(crate::write::unguard)
    }

    /// Puts a text in the place of a cell, as if the file had it: issues and refused rows show it. A record that was damaged is
    /// whole again once every column of a field was set.
    pub fn set(&mut self, column: usize, text: impl Into<String>) {
        self.set.push((column, text.into()));
    }

    /// Reads a cell as if it held another text. Issues and refused rows go on showing what the file has.
    pub fn read_as(&mut self, column: usize, text: impl Into<String>) {
        self.read_as.push((column, text.into()));
    }
}

/// A record as it was amended, in memory of its own.
#[derive(Debug, Default)]
pub(crate) struct Amended {
    text: String,
    spans: Vec<Span>,
    is_set: bool,
    heals: bool,
    read_as: Vec<(usize, String)>,
}

impl Amended {
    /// Lets `amend` change a record of a table of `width` columns. `columns` are those of the fields.
    pub(crate) fn new(
        amend: &dyn Amend,
        record: &Record<'_>,
        width: usize,
        mut columns: impl Iterator<Item = usize>,
    ) -> Self {
        let mut cells = Cells {
            record,
            set: Vec::new(),
            read_as: Vec::new(),
        };
        amend.amend(record.row(), &mut cells);
        let Cells { set, read_as, .. } = cells;
        let mut amended = Self {
            read_as,
            ..Self::default()
        };
        if set.is_empty() {
            return amended;
        }
        amended.is_set = true;
        let is_set = |column: usize| set.iter().any(|(other, _)| *other == column);
        amended.heals = columns.all(is_set);
        let last = set.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let cells = if amended.heals {
            width
        } else {
            record.len().max(last.min(width))
        };
        for column in 0..cells {
            let cell = set.iter().rfind(|(other, _)| *other == column);
            let cell = cell.map_or_else(
                || record.get(column).unwrap_or_default(),
                |(_, text)| text.as_str(),
            );
            if column > 0 {
                amended.text.push('\t');
            }
            let start = amended.text.len();
            amended.text.push_str(cell);
            amended.spans.push(Span::plain(start, amended.text.len()));
        }
        amended
    }

    /// The record to check.
    pub(crate) fn record<'a>(&'a self, record: Record<'a>) -> Record<'a> {
        if !self.is_set {
            return record;
        }
        Record {
            text: &self.text,
            unescaped: "",
            cells: &self.spans,
            raw: (0, self.text.len()),
            damage: record.damage.filter(|_| !self.heals),
            is_broken: record.is_broken && !self.heals,
            ..record
        }
    }

    /// Columns whose cells are read as another text.
    pub(crate) fn read_as(&self) -> &[(usize, String)] {
        &self.read_as
    }
}
