//! A file by its plan: where its bytes come from, every row checked, batches handed to the caller. Input and output are the caller's.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek},
    ops::ControlFlow,
};

use super::{Plan, planner::Watcher};
use crate::{
    check::{
        batch::Batch,
        port::{Lookup, Progress},
        summary::Summary,
    },
    csv::{CHUNK, fill},
    error::{FileError, RunError},
    import::run::{Run, Step},
    value::Existing,
};

/// An import that is about to begin: of a [`Plan`] and a file.
///
/// ```
/// use std::{convert::Infallible, ops::ControlFlow};
///
/// use import_engine::{Field, Plan, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
/// let file = "name\nAda\nAlan\nGrace\n";
/// let plan = Plan::of(&schema, file)?;
/// let mut stored = Vec::new();
/// let summary = plan
///     .import(file)
///     .batch_rows(1)
///     .resume_after(2) // Ada, in row 2, was stored before
///     .observe(|progress| if progress.row < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
///     .each(|batch| {
///         stored.extend(batch.rows().map(|row| row.get("name").to_string()));
///         Ok::<_, Infallible>(())
///     })?;
/// assert!(summary.is_complete());
/// assert_eq!((summary.valid, stored), (3, vec!["Alan".to_owned(), "Grace".to_owned()]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an import does nothing until its batches are asked for"]
pub struct Import<'p, 'c, S> {
    plan: &'p Plan,
    source: S,
    lookup: Option<&'c mut dyn Lookup>,
    observer: Option<Watcher<'c>>,
    batch_rows: Option<usize>,
    resume_after: u64,
    existing: Existing,
}

impl<S> fmt::Debug for Import<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import")
            .field("plan", &self.plan)
            .field("resume_after", &self.resume_after)
            .finish_non_exhaustive()
    }
}

impl<'p, 'c, S: Source> Import<'p, 'c, S> {
    pub(super) fn new(plan: &'p Plan, source: S) -> Self {
        Self {
            plan,
            source,
            lookup: None,
            observer: None,
            batch_rows: None,
            resume_after: 0,
            existing: Existing::Refuse,
        }
    }

    /// Asks the system: which keys it has, what references point at. Without it keys are unique within the file alone, and
    /// references stay text.
    pub fn lookup<'n>(self, lookup: &'n mut dyn Lookup) -> Import<'p, 'n, S>
    where
        'c: 'n,
    {
        Import {
            lookup: Some(lookup),
            plan: self.plan,
            source: self.source,
            observer: self.observer,
            batch_rows: self.batch_rows,
            resume_after: self.resume_after,
            existing: self.existing,
        }
    }

    /// Receives the progress of the import, every 64 KiB and after every batch, and stops it by `Break`: the summary is then of what
    /// was done so far, and [says so](Summary::is_complete).
    pub fn observe<'n>(
        self,
        observer: impl FnMut(&Progress) -> ControlFlow<()> + 'n,
    ) -> Import<'p, 'n, S>
    where
        'c: 'n,
    {
        Import {
            observer: Some(Box::new(observer)),
            plan: self.plan,
            source: self.source,
            lookup: self.lookup.map(|lookup| lookup as &mut dyn Lookup),
            batch_rows: self.batch_rows,
            resume_after: self.resume_after,
            existing: self.existing,
        }
    }

    /// The most records of a batch; 2 000 by default.
    pub fn batch_rows(mut self, records: usize) -> Self {
        self.batch_rows = Some(records);
        self
    }

    /// Goes on after an earlier run that stored everything up to and including this row: rows up to it are checked again and
    /// claim their unique keys, but are not handed on. The system is not asked about their keys, so that those which it refused
    /// then are counted as valid now, unless the lookup [leaves them out](Lookup::sees_own_rows).
    pub fn resume_after(mut self, row: u64) -> Self {
        self.resume_after = row;
        self
    }

    /// Takes rows that the system has already as changes of it, or skips them; by default they are refused. Which one the system
    /// has is what the [lookup](Self::lookup) finds of the row's unique keys: where two of them find two rows, the row is refused.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.existing = existing;
        self
    }

    /// Checks every row and hands on the batches, in the order of the file, each [owning](Batch) everything it holds.
    ///
    /// # Errors
    ///
    /// What `take` fails with, as [`RunError::Sink`]; when the file cannot be read at all, its header is not the expected one, a
    /// required column is missing, there are too many rows, or the lookup fails. Bad rows are not errors.
    pub fn each<E>(
        self,
        mut take: impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<Summary, RunError<E>> {
        let Self {
            plan,
            mut source,
            mut lookup,
            mut observer,
            batch_rows,
            resume_after,
            existing,
        } = self;
        let mut run = plan
            .start()
            .map_err(RunError::with_sink)?
            .resume_after(resume_after)
            .existing(existing);
        if let Some(records) = batch_rows {
            run = run.batch_rows(records);
        }
        match &lookup {
            None => run.ask_nobody(),
            Some(lookup) if !lookup.sees_own_rows() => run.hide_own_rows(),
            Some(_) => {}
        }
        let mut reader = source.open().map_err(FileError::Read)?;
        let mut chunk = vec![0; CHUNK];
        let mut stops = |run: &Run| match &mut observer {
            Some(observer) => observer(&run.progress()).is_break(),
            None => false,
        };
        loop {
            match run.step()? {
                Step::NeedsBytes => {
                    if stops(&run) {
                        return Ok(run.cancel());
                    }
                    match fill(&mut reader, &mut chunk)? {
                        0 => run.finish(),
                        read => run.feed(&chunk[..read]),
                    }
                }
                Step::NeedsAnswers => {
                    let Some(lookup) = &mut lookup else {
                        run.ask_nobody();
                        continue;
                    };
                    let answers = lookup.answer(&run.questions()).map_err(RunError::Lookup)?;
                    run.answer(&answers)?;
                }
                Step::Batch(batch) => {
                    take(*batch).map_err(RunError::Sink)?;
                    if stops(&run) {
                        return Ok(run.cancel());
                    }
                }
                Step::Done(summary) => {
                    stops(&run);
                    return Ok(*summary);
                }
            }
        }
    }

    /// All batches at once, for files that are known to be small.
    ///
    /// # Errors
    ///
    /// As [`each`](Self::each).
    pub fn collect(self) -> Result<(Vec<Batch>, Summary), RunError> {
        let mut batches = Vec::new();
        let summary = self.each(|batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok((batches, summary))
    }
}

// Where the bytes of a file come from, as often as they are wanted. Reads nothing into memory itself.

/// A file that can be read from its beginning: a plan is made in several passes.
///
/// Files, cursors, and bytes and text in memory are sources. For others there are [`Rewind`] (anything that seeks), [`Reopen`]
/// (anything that can be opened again, such as an object in a store) and [`Once`] (a stream that comes once: enough to
/// [import](crate::Plan::import) by a plan that is there already).
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::Reopen};
///
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// // A program would ask its store here.
/// let plan = Plan::of(&schema, Reopen(|| Ok("name\nAda\n".as_bytes())))?;
/// assert_eq!(plan.records(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source {
    /// What reads it once.
    type Reader<'s>: Read
    where
        Self: 's;

    /// Begins at its first byte.
    ///
    /// # Errors
    ///
    /// When there is nothing to read there.
    fn open(&mut self) -> io::Result<Self::Reader<'_>>;
}

/// Bytes in memory.
macro_rules! in_memory {
    ($([$($bounds:tt)*] $kind:ty;)+) => {
        $(impl<$($bounds)*> Source for $kind {
            type Reader<'s> = &'s [u8] where Self: 's;

            fn open(&mut self) -> io::Result<&[u8]> {
                Ok(AsRef::<[u8]>::as_ref(&**self))
            }
        })+
    };
}

in_memory! {
    [] &[u8];
    [const N: usize] &[u8; N];
    [] &str;
    [] &Vec<u8>;
    [] &String;
    [] Vec<u8>;
    [] String;
}

/// A source that can seek starts again.
macro_rules! seeking {
    ($([$($bounds:tt)*] $kind:ty;)+) => {
        $(impl<$($bounds)*> Source for $kind {
            type Reader<'s> = &'s mut Self where Self: 's;

            fn open(&mut self) -> io::Result<&mut Self> {
                self.rewind()?;
                Ok(self)
            }
        })+
    };
}

seeking! {
    [] File;
    [] &File;
    [T: AsRef<[u8]>] Cursor<T>;
    [R: Read + Seek] BufReader<R>;
}

/// Anything that reads and seeks.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Rewind<R>(pub R);

impl<R: Read + Seek> Source for Rewind<R> {
    type Reader<'s>
        = &'s mut R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<&mut R> {
        self.0.rewind()?;
        Ok(&mut self.0)
    }
}

/// Anything that can be opened again.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Reopen<F>(pub F);

impl<R: Read, F: FnMut() -> io::Result<R>> Source for Reopen<F> {
    type Reader<'s>
        = R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<R> {
        (self.0)()
    }
}

/// A stream that comes once, such as the body of a request. Opened a second time it is an error.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Once<R> {
    stream: Option<R>,
}

impl<R: Read> Once<R> {
    /// Of a stream that nothing was read of yet.
    pub fn new(stream: R) -> Self {
        Self {
            stream: Some(stream),
        }
    }
}

impl<R: Read> Source for Once<R> {
    type Reader<'s>
        = R
    where
        Self: 's;

    fn open(&mut self) -> io::Result<R> {
        self.stream
            .take()
            .ok_or_else(|| io::Error::other("a stream that comes once was wanted twice"))
    }
}
