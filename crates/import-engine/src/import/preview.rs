//! The beginning of a file as an import takes it: its first data records, and what its rows say of their columns.

use crate::{
    check::{
        RowClass, Sorter,
        layout::{Layout, Place},
    },
    csv::{CHUNK, RecordReader, fill},
    error::{FileError, RunError},
    import::{
        plan::{Plan, Source},
        run::Step,
    },
    issue::{Issue, Notice},
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
