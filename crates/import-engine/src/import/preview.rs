//! What is shown of a file before its import: its first data records as an import takes them, and what its columns hold. Judges nothing.

use std::{collections::HashMap, io::Read, ops::ControlFlow};

use super::{
    plan::{Plan, Source},
    run::Step,
};
use crate::{
    check::{
        RowClass, Sorter,
        layout::{Layout, Place},
        port::Progress,
    },
    csv::{CHUNK, Record, RecordReader, fill},
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
    /// What the survey and the first rows say.
    pub notices: Vec<Notice>,
}

/// One of the first records, and what becomes of it.
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
    /// Name and value of every field that has one. References are the text that would be asked for.
    pub values: Vec<(String, String)>,
    /// What was found about it without asking the system.
    pub issues: Vec<Issue>,
}

/// Bytes that are looked at: thousands of rows, in a fraction of a second.
const HEAD: usize = 1 << 20;

impl Plan {
    /// The first data records, exactly those that an [import](Self::import) takes for such, and the notices of the file's beginning.
    ///
    /// See [`Preview`] for an example.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, a required column is missing, or the header is another than the mapping's.
    pub fn preview(&self, source: impl Source, rows: usize) -> Result<Preview, RunError> {
        let head = head(source)?;
        Ok(Preview {
            rows: self.first_records(&head, rows, |class| class == RowClass::Data)?,
            notices: self.first_notices(&head)?,
        })
    }

    /// The first records, sound or not, with what an [import](Self::import) makes of each.
    ///
    /// See [`PreviewRow`] for an example.
    ///
    /// # Errors
    ///
    /// As of [`preview`](Self::preview).
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
        // Every record that the run counts, in the order in which it does.
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
        let dialect = &self.dialect;
        let mut records = RecordReader::new(dialect, self.limits);
        let mut layout = Layout::new(dialect, &self.mapping);
        layout.prepare(&mut records);
        let mut sorter = Sorter::new(&self.schema, &self.mapping);
        records.feed(head);
        records.finish();
        let mut rows = Vec::with_capacity(most.min(100));
        while rows.len() < most
            && let Some(mut record) = records.next_record()
        {
            match layout.place(&record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    records.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            let arranged = sorter.arranged(&record);
            if let Some(cells) = &arranged {
                record = record.arranged(cells);
            }
            let is_data = record.damage().is_some() || is_wanted(sorter.classify(&record));
            if is_data {
                rows.push(record.iter().map(str::to_owned).collect());
            }
        }
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

// What the columns of a file hold: how many of their cells are filled, and with what. Judges nothing.

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
    /// The most frequent cells, the first of them first where they are equally frequent.
    pub samples: Vec<String>,
}

/// More than three would not be looked at.
const SAMPLES: usize = 3;
/// Characters of a sample.
const SAMPLE_CHARS: usize = 200;
/// Different cells of a column that are counted: a column with more of them has no frequent ones.
const DISTINCT: usize = 64;
/// Different cells of all columns together: a sheet has up to sixteen thousand columns.
const DISTINCT_IN_ALL: usize = 20_000;

impl Plan {
    /// Reads the whole file for what its columns hold, as long as the observer does not stop it by `Break`.
    ///
    /// See [`ColumnProfile`] for an example.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, its header is another than the mapping's, and [`RunError::Cancelled`].
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

    /// Hands on every data record that is not damaged, unchecked, until the observer stops it.
    pub(crate) fn each_record(
        &self,
        mut reader: impl Read,
        mut take: impl FnMut(&Record<'_>),
        mut stops: impl FnMut(&Progress) -> bool,
    ) -> Result<(), RunError> {
        let dialect = &self.dialect;
        let mut records = RecordReader::new(dialect, self.limits);
        let mut layout = Layout::new(dialect, &self.mapping);
        layout.prepare(&mut records);
        let mut sorter = Sorter::new(&self.schema, &self.mapping);
        let mut taken = 0;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = fill(&mut reader, &mut chunk)?;
            if read == 0 {
                records.finish();
            }
            records.feed(&chunk[..read]);
            while let Some(mut record) = records.next_record() {
                match layout.place(&record)? {
                    Place::Above => continue,
                    Place::Header(width) => {
                        records.expect_columns(width);
                        continue;
                    }
                    Place::Below => {}
                }
                let arranged = sorter.arranged(&record);
                if let Some(cells) = &arranged {
                    record = record.arranged(cells);
                }
                if record.damage().is_none() && sorter.classify(&record) == RowClass::Data {
                    take(&record);
                    taken += 1;
                }
            }
            let progress = Progress {
                bytes: records.bytes(),
                row: records.rows(),
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

/// Counts of one column: filled cells, and for each different cell how often it stood there and after how many others it came.
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
