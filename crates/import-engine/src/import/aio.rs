//! Plans and runs over asynchronous input, for callers that run on tokio. They do the same work as the synchronous ones,
//! and only wait for their bytes differently. This is a separate module because it exists only with the feature `tokio`.

use std::ops::ControlFlow;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{
    check::port::Progress,
    csv::{CHUNK, RecordReader},
    error::{FileError, RunError},
    import::{
        plan::Plan,
        run::{Run, Step},
    },
};

impl Plan {
    /// [`surveyed`](Plan::surveyed) over asynchronous input.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::ops::ControlFlow;
    ///
    /// use import_engine::{Field, Plan, Schema, recognise::Sniffer};
    ///
    /// let file = b"name\nAhmad\nSiti\n";
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let mapping = schema.map_headers(&dialect.headers)?;
    /// let plan = Plan::new(schema, dialect, mapping);
    /// let plan = plan.surveyed_async(&file[..], |_| ControlFlow::Continue(())).await?;
    /// assert_eq!(plan.records(), Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`surveyed`](Plan::surveyed).
    pub async fn surveyed_async<R>(
        self,
        mut reader: R,
        mut observer: impl FnMut(&Progress) -> ControlFlow<()> + Send,
    ) -> Result<Self, RunError>
    where
        R: AsyncRead + Unpin + Send,
    {
        let mut surveyor = self.surveyor()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = reader.read(&mut chunk).await.map_err(FileError::Read)?;
            if read == 0 {
                break;
            }
            surveyor.feed(&chunk[..read])?;
            if observer(&surveyor.progress()).is_break() {
                return Err(RunError::Cancelled);
            }
        }
        Ok(self.with_survey(surveyor.finish()?))
    }
}

impl Run {
    /// Continues until something other than bytes is needed; bytes are read from `reader`. Never returns
    /// [`Step::NeedsBytes`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use import_engine::{Field, Plan, Schema, machine::Step};
    ///
    /// let mut file = &b"name\nAhmad\nSiti\n"[..];
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let mut run = Plan::of(&schema, file)?.start()?;
    /// run.ask_nobody();
    /// let summary = loop {
    ///     match run.step_async(&mut file).await? {
    ///         Step::Batch(batch) => assert_eq!(batch.records(), 2), // store it, awaiting the database
    ///         Step::Done(summary) => break summary,
    ///         _ => unreachable!("nobody is asked"),
    ///     }
    /// };
    /// assert_eq!(summary.valid, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`step`](Run::step), and if the bytes cannot be read.
    pub async fn step_async<R>(&mut self, reader: &mut R) -> Result<Step, FileError>
    where
        R: AsyncRead + Unpin + Send,
    {
        let mut chunk = Vec::new();
        loop {
            let step = self.step()?;
            if !matches!(step, Step::NeedsBytes) {
                return Ok(step);
            }
            chunk.resize(CHUNK, 0);
            match reader.read(&mut chunk).await.map_err(FileError::Read)? {
                0 => self.finish(),
                read => self.feed(&chunk[..read]),
            }
        }
    }
}

impl RecordReader {
    /// [`fill_from`](RecordReader::fill_from) over asynchronous input.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use import_engine::{Limits, raw::RecordReader, recognise::Dialect};
    ///
    /// let mut file = &b"name\nAhmad\n"[..];
    /// let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    /// let mut cells = Vec::new();
    /// while reader.fill_from_async(&mut file).await? {
    ///     while let Some(record) = reader.next_record() {
    ///         cells.push(record.get(0).unwrap_or_default().to_owned());
    ///     }
    /// }
    /// assert_eq!(cells, ["name", "Ahmad"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Read`].
    pub async fn fill_from_async<R>(&mut self, reader: &mut R) -> Result<bool, FileError>
    where
        R: AsyncRead + Unpin + Send,
    {
        if self.is_finished() {
            return Ok(false);
        }
        let mut chunk = vec![0; CHUNK];
        match reader.read(&mut chunk).await.map_err(FileError::Read)? {
            0 => self.finish(),
            read => self.feed(&chunk[..read]),
        }
        Ok(true)
    }
}
