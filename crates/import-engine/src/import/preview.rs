//! What is shown of a file before its import: the first rows as an import reads them ([`Preview`]), and what the columns
//! hold ([`ColumnProfile`]).

use std::{collections::HashMap, io::Read, ops::ControlFlow};

use super::{Progress, Source, plan::Plan, run::Step};
use crate::{
    check::layout::{Layout, Place, RowClass, Sorter},
    csv::{CHUNK, Record, fill, reader::RecordReader},
    error::{FileError, RunError},
    issue::{Issue, Notice},
    sniff::header::is_blank,
};

/// The beginning of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The cells of the first data records, as received.
    pub rows: Vec<Vec<String>>,
    /// The notices of the survey and the first rows.
    pub notices: Vec<Notice>,
}

/// One of the first records, and the result of checking it.
///
/// ```
/// # use import_engine::{Field, Plan, Schema};
/// # let file = b"name,seats\nAhmad,2\nSiti,many\n";
/// # let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::integer("seats")).build()?;
/// let rows = Plan::of(&schema, file)?.preview_rows(file, 10)?;
/// assert_eq!((rows[1].row, rows[1].cells[1].as_str()), (3, "many"));
/// assert_eq!(rows[0].values, [("name".into(), "Ahmad".into()), ("seats".into(), "2".into())]);
/// assert_eq!(rows[1].issues.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewRow {
    /// Its row number.
    pub row: u64,
    /// Its cells as received.
    pub cells: Vec<String>,
    /// Name and value of every field that has one. References are the text that would be looked up.
    pub values: Vec<(String, String)>,
    /// Its issues without asking the system.
    pub issues: Vec<Issue>,
}

/// Bytes that are examined: thousands of rows, in a fraction of a second.
const HEAD: usize = 1 << 20;

impl Plan {
    /// The first data records, exactly those that an [import](Self::import) regards as such, and the notices of the
    /// file's beginning.
    ///
    /// See [`Preview`] for an example.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a required column is missing, or the header differs from the mapping's.
    pub fn preview(&self, source: impl Source, rows: usize) -> Result<Preview, RunError> {
        let head = head(source)?;
        Ok(Preview {
            rows: self.first_records(&head, rows, |class| class == RowClass::Data)?,
            notices: self.first_notices(&head)?,
        })
    }

    /// The first records, valid or not, each with the result of an [import](Self::import).
    ///
    /// See [`PreviewRow`] for an example.
    ///
    /// # Errors
    ///
    /// As for [`preview`](Self::preview).
    pub fn preview_rows(
        &self,
        source: impl Source,
        rows: usize,
    ) -> Result<Vec<PreviewRow>, RunError> {
        let head = head(source)?;
        let mut run = self.start()?.batch_rows(rows);
        run.ask_nobody();
        run.feed(&head);
        run.finish();
        let Step::Batch(batch) = run.step()? else {
            return Ok(Vec::new());
        };
        // Every record that the run counts, in the same order.
        let is_counted = |class| {
            matches!(
                class,
                RowClass::Data | RowClass::Aside(_) | RowClass::BelowOtherHeader
            )
        };
        let cells = self.first_records(&head, batch.records(), is_counted)?;
        Ok(batch
            .checked()
            .zip(cells)
            .map(|((row, values), cells)| PreviewRow {
                row,
                cells,
                values: values
                    .map(|(name, value)| (name.to_owned(), value.to_string()))
                    .collect(),
                issues: batch.issues_of(row).to_vec(),
            })
            .collect())
    }

    fn first_records(
        &self,
        head: &[u8],
        most: usize,
        is_wanted: impl Fn(RowClass) -> bool,
    ) -> Result<Vec<Vec<String>>, FileError> {
        let mut records = Records::new(self);
        records.feed(head);
        records.finish();
        let mut rows = Vec::with_capacity(most.min(100));
        records.each(|record, class| {
            if rows.len() == most {
                return ControlFlow::Break(());
            }
            if class.is_none_or(&is_wanted) {
                rows.push(record.iter().map(str::to_owned).collect());
            }
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    fn first_notices(&self, head: &[u8]) -> Result<Vec<Notice>, RunError> {
        let mut run = self.start()?;
        run.ask_nobody();
        run.feed(head);
        run.finish();
        loop {
            if let Step::Done(summary) = run.step()? {
                return Ok(summary.notices);
            }
        }
    }
}

/// The records of a file that are below its header, unchecked, each with its cells in the order of the mapping's columns.
struct Records {
    reader: RecordReader,
    layout: Layout,
    sorter: Sorter,
}

impl Records {
    fn new(plan: &Plan) -> Self {
        let mut reader = RecordReader::new(&plan.dialect, plan.limits);
        let mut layout = Layout::new(&plan.dialect, &plan.mapping);
        layout.prepare(&mut reader);
        Self {
            reader,
            layout,
            sorter: Sorter::new(&plan.schema, &plan.mapping),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.reader.feed(bytes);
    }

    fn finish(&mut self) {
        self.reader.finish();
    }

    /// Passes on the records of the bytes fed so far, each with its class, or `None` if it is damaged, until `take` breaks.
    fn each(
        &mut self,
        mut take: impl FnMut(&Record<'_>, Option<RowClass>) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        while let Some(mut record) = self.reader.next_record() {
            match self.layout.place(&record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    self.reader.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            let arranged = self.sorter.arranged(&record);
            if let Some(cells) = &arranged {
                record = record.arranged(cells);
            }
            let is_sound = record.damage().is_none();
            let class = is_sound.then(|| self.sorter.classify(&record));
            if take(&record, class).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The beginning of a file.
fn head(mut source: impl Source) -> Result<Vec<u8>, FileError> {
    let mut reader = source.open().map_err(FileError::Read)?;
    let mut head = Vec::new();
    let mut chunk = vec![0; CHUNK];
    while head.len() < HEAD {
        match fill(&mut reader, &mut chunk)? {
            0 => break,
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(head)
}

// What the columns of a file hold: how many of their cells are filled, and with what.

/// What a column holds.
///
/// ```
/// # use import_engine::{Field, Plan, Schema};
/// # let file = b"name,city\nAhmad,Bogor\nSiti,\nBudi,Depok\nRina,Depok\n";
/// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let columns = Plan::of(&schema, file)?.profile(file, |_| std::ops::ControlFlow::Continue(()))?;
/// assert_eq!((columns[1].filled, columns[1].of), (3, 4));
/// assert_eq!(columns[1].samples, ["Depok", "Bogor"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// Data records with a cell that is not blank.
    pub filled: u64,
    /// All data records.
    pub of: u64,
    /// The most frequent cells; of equally frequent ones, the first in the file comes first.
    pub samples: Vec<String>,
}

/// Users would not look at more than three.
const SAMPLES: usize = 3;
/// Characters of a sample.
const SAMPLE_CHARS: usize = 200;
/// Different cells of a column that are counted: a column with more has no frequent ones.
const DISTINCT: usize = 64;
/// Different cells of all columns together: a sheet has up to sixteen thousand columns.
const DISTINCT_IN_ALL: usize = 20_000;

impl Plan {
    /// Reads the whole file to find out what its columns hold, unless the observer stops it with `Break`.
    ///
    /// See [`ColumnProfile`] for an example.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its header differs from the mapping's, and [`RunError::Cancelled`].
    pub fn profile(
        &self,
        mut source: impl Source,
        mut observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Vec<ColumnProfile>, RunError> {
        let reader = source.open().map_err(FileError::Read)?;
        let mut counts = Counts::new(self.mapping.columns().len());
        self.each_record(
            reader,
            |record| counts.add(record.iter()),
            |progress| observer(progress).is_break(),
        )?;
        Ok(counts.profiles())
    }

    /// Passes on every undamaged data record, unchecked, until the observer stops it.
    pub(crate) fn each_record(
        &self,
        mut reader: impl Read,
        mut take: impl FnMut(&Record<'_>),
        mut stops: impl FnMut(&Progress) -> bool,
    ) -> Result<(), RunError> {
        let mut records = Records::new(self);
        let mut taken = 0;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = fill(&mut reader, &mut chunk)?;
            if read == 0 {
                records.finish();
            }
            records.feed(&chunk[..read]);
            records.each(|record, class| {
                if class == Some(RowClass::Data) {
                    take(record);
                    taken += 1;
                }
                ControlFlow::Continue(())
            })?;
            let progress = Progress {
                bytes: records.reader.bytes(),
                row: records.reader.rows(),
                records: taken,
            };
            if stops(&progress) {
                return Err(RunError::Cancelled);
            }
            if read == 0 {
                return Ok(());
            }
        }
    }
}

/// Counts of one column: its filled cells, and for each different cell its frequency and its rank of first occurrence.
#[derive(Default)]
struct Count {
    filled: u64,
    cells: HashMap<String, (u64, usize)>,
}

struct Counts {
    records: u64,
    columns: Vec<Count>,
    room: usize,
}

impl Counts {
    fn new(columns: usize) -> Self {
        Self {
            records: 0,
            columns: (0..columns).map(|_| Count::default()).collect(),
            room: DISTINCT_IN_ALL,
        }
    }

    fn add<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        self.records += 1;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if is_blank(cell) {
                continue;
            }
            column.filled += 1;
            let cell = cell.trim();
            let end = cell.char_indices().nth(SAMPLE_CHARS);
            let cell = end.map_or(cell, |(end, _)| &cell[..end]);
            let seen = column.cells.len();
            if let Some((times, _)) = column.cells.get_mut(cell) {
                *times += 1;
            } else if seen < DISTINCT && self.room > 0 {
                self.room -= 1;
                column.cells.insert(cell.to_owned(), (1, seen));
            }
        }
    }

    fn profiles(self) -> Vec<ColumnProfile> {
        let of = self.records;
        let profile = |column: Count| {
            let mut cells: Vec<_> = column.cells.into_iter().collect();
            cells.sort_unstable_by_key(|(_, (times, order))| (std::cmp::Reverse(*times), *order));
            ColumnProfile {
                filled: column.filled,
                of,
                samples: cells
                    .into_iter()
                    .take(SAMPLES)
                    .map(|(cell, _)| cell)
                    .collect(),
            }
        };
        self.columns.into_iter().map(profile).collect()
    }
}
