//! Corrections of cells by a caller, which are applied before the cells are checked.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use crate::{
    csv::{Record, Span},
    value::text::folded,
};

/// What a caller knows better than the file. Called once for every record below the header.
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

/// The cells of one record before they are checked.
///
/// See [`Amend`] for an example.
#[derive(Debug)]
pub struct Cells<'r> {
    record: &'r Record<'r>,
    set: Vec<(usize, String)>,
    read_as: Vec<(usize, String)>,
}

impl Cells<'_> {
    /// A cell as it is in the file.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        self.record.get(column).map(crate::value::text::unguard)
    }

    /// Replaces a cell by a text, as if the file had it: issues and refused rows show it. A damaged record is whole again
    /// once every column of a field has been set.
    pub fn set(&mut self, column: usize, text: impl Into<String>) {
        self.set.push((column, text.into()));
    }

    /// Reads a cell as if it held another text. Issues and refused rows still show what the file has.
    pub fn read_as(&mut self, column: usize, text: impl Into<String>) {
        self.read_as.push((column, text.into()));
    }
}

impl Cells<'_> {
    /// The current text of a cell, for corrections that follow others; `None` if another text is read in its place.
    fn latest(&self, column: usize) -> Option<&str> {
        if self.read_as.iter().any(|(other, _)| *other == column) {
            return None;
        }
        let set = self.set.iter().rfind(|(other, _)| *other == column);
        set.map_or_else(|| self.get(column), |(_, text)| Some(text.as_str()))
    }
}

/// What a user corrected in a file, as data: what certain cells of a field mean, and the texts of single cells. It is
/// part of a [plan](crate::Plan::correct) and saved with it; for corrections that are code see [`Amend`].
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::Corrections};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::email("email"))
///     .field(Field::choice("kind", ["friend", "foe"]))
///     .build()?;
/// let file = "email,kind\nada@example.org,bestie\nalan@,Bestie\n";
/// let mut corrections = Corrections::new();
/// corrections.read_as("kind", "bestie", "friend").set(3, 0, "alan@example.org");
/// let plan = Plan::of(&schema, file)?.correct(corrections)?;
///
/// let (batches, summary) = plan.import(file).collect()?;
/// assert_eq!(summary.valid, 2);
/// assert_eq!(batches[0].value(1, 0).to_string(), "alan@example.org");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct Corrections {
    /// From the field and the cell to the text it is read as.
    values: BTreeMap<String, BTreeMap<String, String>>,
    /// From the row and the column to the text.
    cells: BTreeMap<u64, BTreeMap<usize, String>>,
}

impl Corrections {
    /// No corrections yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads cells of the field with this text, in any case and spacing, as another text. Issues and refused rows still
    /// show what the file has.
    pub fn read_as(
        &mut self,
        field: impl Into<String>,
        cell: impl Into<String>,
        text: impl Into<String>,
    ) -> &mut Self {
        let of_field = self.values.entry(field.into()).or_default();
        of_field.insert(cell.into(), text.into());
        self
    }

    /// Replaces the cell in this row and column by a text, as [`Cells::set`] does; the first column is 0. The later text
    /// applies.
    pub fn set(&mut self, row: u64, column: usize, text: impl Into<String>) -> &mut Self {
        let of_row = self.cells.entry(row).or_default();
        of_row.insert(column, text.into());
        self
    }

    /// Whether nothing is corrected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.cells.is_empty()
    }

    /// Fields, cells, and what these are read as.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.values.iter().flat_map(|(field, cells)| {
            let each = cells.iter();
            each.map(move |(cell, text)| (field.as_str(), cell.as_str(), text.as_str()))
        })
    }

    /// Rows, columns, and the texts in their cells.
    pub fn cells(&self) -> impl Iterator<Item = (u64, usize, &str)> {
        self.cells.iter().flat_map(|(row, columns)| {
            let each = columns.iter();
            each.map(move |(column, text)| (*row, *column, text.as_str()))
        })
    }
}

/// The corrections of a plan in the order of their application: edited cells first, then code, then what cells mean.
#[derive(Debug)]
struct Corrected {
    corrections: Arc<Corrections>,
    /// Columns, and for each the cells in the form in which they are compared, with the text they are read as.
    values: Vec<(usize, HashMap<String, String>)>,
    code: Option<Arc<dyn Amend>>,
}

/// The changes to the records; `None` if there are none.
pub(crate) fn amending(
    corrections: &Arc<Corrections>,
    column_of: impl Fn(&str) -> Option<usize>,
    code: Option<Arc<dyn Amend>>,
) -> Option<Arc<dyn Amend>> {
    if corrections.is_empty() {
        return code;
    }
    let of_column = |(field, cells): (&String, &BTreeMap<String, String>)| {
        let compared = cells
            .iter()
            .map(|(cell, text)| (folded(cell), text.clone()));
        Some((column_of(field)?, compared.collect()))
    };
    Some(Arc::new(Corrected {
        values: corrections.values.iter().filter_map(of_column).collect(),
        corrections: Arc::clone(corrections),
        code,
    }))
}

impl Amend for Corrected {
    fn amend(&self, row: u64, cells: &mut Cells<'_>) {
        for (column, text) in self.corrections.cells.get(&row).into_iter().flatten() {
            cells.set(*column, text.as_str());
        }
        if let Some(code) = &self.code {
            code.amend(row, cells);
        }
        for (column, values) in &self.values {
            let meant = cells
                .latest(*column)
                .and_then(|cell| values.get(&folded(cell)));
            if let Some(text) = meant.cloned() {
                cells.read_as(*column, text);
            }
        }
    }
}

/// An amended record, in its own memory.
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
            is_arranged: false,
            ..record
        }
    }

    /// Columns whose cells are read as another text.
    pub(crate) fn read_as(&self) -> &[(usize, String)] {
        &self.read_as
    }
}
