//! Plans and the passes over a file that follow them: the survey, the import, previews and profiles. Here is what they
//! share: sources of the bytes of a file, which can be read repeatedly, and the progress of reading one.

pub(crate) mod amend;
#[cfg(feature = "serde")]
pub(crate) mod infer;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod run;
pub(crate) mod survey;
mod tally;

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek},
};

/// A file that can be read from its beginning: a plan is made in several passes.
///
/// Files, cursors, and bytes and text in memory are sources. For others there are [`Rewind`] (anything that seeks),
/// [`Reopen`] (anything that can be opened again, such as an object in a store) and [`Once`] (a stream that can be read
/// once, which is enough to [import](crate::Plan::import) by an existing plan).
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
    /// The reader of one pass.
    type Reader<'s>: Read
    where
        Self: 's;

    /// Opens it at its first byte.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    fn open(&mut self) -> io::Result<Self::Reader<'_>>;
}

/// Sources in memory.
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

/// Sources that start again by seeking.
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

/// A stream that can be read once, such as the body of a request. Opening it a second time is an error.
///
/// See [`Source`].
#[derive(Debug)]
pub struct Once<R> {
    stream: Option<R>,
}

impl<R: Read> Once<R> {
    /// For a stream of which nothing was read yet.
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

/// The progress of an import.
///
/// See [`Import`](crate::Import) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Row number of the last record seen.
    pub row: u64,
    /// Data records seen.
    pub records: u64,
}

// All counts at the end of an import.
