//! The beginning of a file as an import takes it: its first data records, and what its rows say of their columns.

use crate::{
    check::{RowClass, Sorter},
    error::{FileError, RunError},
    layout::{Layout, Place},
    notice::Notice,
    plan::{CHUNK, Plan, Source, fill},
    read::RecordReader,
    run::Step,
};

/// The beginning of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The cells of the first data records, as received.
    pub rows: Vec<Vec<String>>,
    /// What the survey and the first rows say.
    pub notices: Vec<Notice>,
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
    pub fn preview(&self, mut source: impl Source, rows: usize) -> Result<Preview, RunError> {
        let mut reader = source.open().map_err(FileError::Read)?;
        let mut head = Vec::new();
        let mut chunk = vec![0; CHUNK];
        while head.len() < HEAD {
            match fill(&mut reader, &mut chunk)? {
                0 => break,
                read => head.extend_from_slice(&chunk[..read]),
            }
        }
        Ok(Preview {
            rows: self.first_records(&head, rows)?,
            notices: self.first_notices(&head)?,
        })
    }

    fn first_records(&self, head: &[u8], most: usize) -> Result<Vec<Vec<String>>, FileError> {
        let dialect = &self.dialect;
        let mut records = RecordReader::new(dialect, self.limits);
        let mut layout = Layout::new(dialect, &self.mapping);
        layout.prepare(&mut records);
        let mut sorter = Sorter::new(&self.schema, &self.mapping);
        records.feed(head);
        records.finish();
        let mut rows = Vec::with_capacity(most.min(100));
        while rows.len() < most
            && let Some(record) = records.next_record()
        {
            match layout.place(&record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    records.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            let is_data = record.damage().is_some() || sorter.classify(&record) == RowClass::Data;
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
