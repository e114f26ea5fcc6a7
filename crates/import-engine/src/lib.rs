//! Bytes of a delimited text file become checked, typed rows. Knows no tenant, database, HTTP or umroh.
//!
//! People keep their data in spreadsheets and send what a spreadsheet exports: any delimiter, any encoding, titles above the
//! header, sums below the table, dates in ten forms, numbers that a spreadsheet damaged. This crate reads all of it in constant
//! memory, says what is wrong with each row in words its owner understands, and hands the good rows on, typed.
//!
//! # Five words
//!
//! - A [`Schema`] says what the rows should be: [`Field`]s with kinds and rules, keys, checks across cells.
//! - A [`Plan`] says how one file is read: what was recognised of it, which column is which field, and how its columns write
//!   dates and numbers. It can be shown, changed, saved and used again.
//! - An [`Import`] reads the file by its plan, asking a [`Lookup`] what the system has already.
//! - A [`Batch`] holds some thousand rows of it, typed and good.
//! - An [`Issue`] is one thing that is wrong with one row, for the row's owner in their language.
//!
//! ```
//! use import_engine::{Field, Language, Plan, Schema};
//!
//! let file = "Nama Lengkap;Email;Tgl Lahir\r\n\
//!             Ahmad Rizki;ahmad@example.com;05/05/1990\r\n\
//!             Siti Nurhaliza;siti@example;31/02/1985\r\n";
//!
//! let schema = Schema::builder("contacts")
//!     .field(Field::text("name").required().max_chars(255).alias("nama lengkap"))
//!     .field(Field::email("email").unique())
//!     .field(Field::date("born").alias("tgl lahir"))
//!     .build()?;
//! let plan = Plan::of(&schema, file)?;
//! let messages = schema.messages(Language::INDONESIAN);
//! let mut said = Vec::new();
//! let summary = plan.import(file).each(|batch| {
//!     for row in batch.rows() {
//!         assert_eq!(row.get("name").as_text(), Some("Ahmad Rizki")); // insert it
//!     }
//!     said.extend(batch.issues().iter().map(|issue| messages.message(issue)));
//!     Ok::<_, std::io::Error>(()) // whatever storing fails with
//! })?;
//! assert_eq!((summary.valid, summary.invalid), (1, 1));
//! assert_eq!(said, ["Email tidak valid: siti@example", "Tanggal tidak ada di kalender: 31/02/1985"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`ErrorReport`](report::ErrorReport), [`FailedRows`](report::FailedRows) and [`write_template`](report::write_template) give back what people need to correct their file.
//!
//! # What holds for every file
//!
//! - Bad rows are data ([`Issue`]), bad files are errors ([`FileError`]), bad programs are others ([`SetupError`]). Nothing panics on any input.
//! - `records == valid + invalid`, however the bytes come and however large the batches are.
//! - Damage is contained: a quote that never closes, a NUL, bytes that are not text, too many cells cost the record where they
//!   stand, named by row and physical line. What is not damaged reads exactly as the `csv` crate reads it.
//! - An ambiguous or damaged value is an error. Nothing is guessed per cell, truncated or padded.
//! - Memory does not grow with the file, except for about 28 bytes per unique key.
//! - No runtime, no clock, no input or output of its own: [`Run`](machine::Run), [`Surveyor`](machine::Surveyor) and [`RecordReader`](raw::RecordReader) are fed bytes; what day it
//!   is, is set by [`Planner::today`].
//!
//! # Where things are
//!
//! What every program uses is here. The rest is in modules: [`fields`] and [`rules`] for schemas, [`recognise`] for what is known of a
//! file, [`plans`], [`lookup`] and [`issues`] for the details of the five words, [`report`] for files that go back to people, and
//! [`raw`] and [`machine`] for callers that build something of their own.
//!
//! # Features
//!
//! - `derive`: a schema is made from a struct, see [`ImportRow`].
//! - `serde` (default): rows become structs ([`Batch::rows_as`]), plans are kept ([`Plan::save`]), what is reported is serialised.
//! - `tokio`: the front ends over `AsyncRead`: `Plan::surveyed_async`, `Run::step_async`,
//!   `RecordReader::fill_from_async`.
//! - `spreadsheet`: the module `sheet`, which reads `.xlsx`, `.xls` and `.ods`.

// The corpus of recognition, which tests of the crate share with those beside it, knows the crate by its name.
#[cfg(test)]
extern crate self as import_engine;

/// What the pages beside the crate say, compiled and run.
#[cfg(all(doctest, feature = "derive", feature = "serde"))]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../guide/cookbook.md")]
    struct Cookbook;
    #[doc = include_str!("../guide/tutorial.md")]
    struct Tutorial;
    #[cfg(feature = "spreadsheet")]
    #[doc = include_str!("../guide/workbooks.md")]
    struct Workbooks;
}

mod check;
mod csv;
mod error;
mod import;
mod issue;
mod mapping;
pub mod report;
mod schema;
#[cfg(feature = "spreadsheet")]
pub mod sheet;
mod sniff;
mod text;
mod value;

pub use check::{
    batch::{Batch, BatchRow},
    lookup::Lookup,
};
pub use csv::Limits;
pub use error::{FileError, RunError, SetupError};
pub use import::{
    plan::{Plan, Planner},
    run::{Import, Summary},
};
#[cfg(feature = "derive")]
pub use import_engine_derive::{ImportCell, ImportRow};
pub use issue::{Issue, IssueCode, Language};
pub use schema::{
    Field, Schema,
    typed::{ImportCell, ImportRow},
};
pub use value::{Decimal, Value, locale::Locale};

/// The parts of schemas besides their fields: keys, limits, words of headers, and schemas as data.
pub mod fields {
    #[cfg(feature = "serde")]
    pub use crate::schema::spec::{Constraints, FieldSpec, SchemaSpec};
    pub use crate::{
        schema::{HeaderWords, SchemaBuilder, UniqueKey},
        value::locale::{DateBound, DateOrder, DecimalMark, TwoDigitYears},
    };
}

/// A caller's own checks and normalisers, of one cell and of one row.
pub mod rules {
    pub use crate::{
        issue::{Problem, Severity},
        schema::{
            kind::{Cell, Rule},
            rule::{Row, RowRule},
        },
    };
}

/// What can be known of a file before it is imported: how it is written, which column is which field, what its columns hold.
pub mod recognise {
    #[cfg(feature = "serde")]
    pub use crate::import::infer::infer_schema;
    pub use crate::{
        csv::{Ambiguous, Confidence, Dialect, DialectWarning, LineEnding, RunnerUp},
        error::{Look, MappingProblem},
        import::{preview::ColumnProfile, survey::Survey},
        issue::{Doubt, Notice, NoticeCode, Suggestion},
        mapping::{Column, ColumnUse, Mapping, MatchReason, Sample, likeness},
        sniff::{SniffError, Sniffer, header::is_footer},
        text::{Decoder, Encoding, InvalidBytes, UnknownEncoding},
        value::text::normalise_header,
    };
}

/// What plans read, how they are kept, changed cell by cell, and shown.
pub mod plans {
    #[cfg(feature = "serde")]
    pub use crate::import::plan::SavedPlan;
    pub use crate::import::{
        Once, Reopen, Rewind, Source,
        amend::{Amend, Cells, Corrections},
        preview::{Preview, PreviewRow},
    };
}

/// What an import asks the system, and what it does with rows that the system has.
pub mod lookup {
    pub use crate::{
        check::lookup::{Found, Question, QuestionKind},
        error::BoxError,
        value::{Action, Existing, Key},
    };
}

/// Issues in detail: their families and counts, their texts in any language, the rows that were refused.
pub mod issues {
    pub use crate::{
        check::batch::{BatchProgress, IssueCounts, RejectedRow},
        error::FileErrorCode,
        issue::IssueKind,
        schema::Messages,
        value::locale::Translation,
    };
}

/// Records as they stand in a file, with what is damaged of them and without any schema.
pub mod raw {
    pub use crate::csv::{Damage, Record, reader::RecordReader};
}

/// Both passes as machines that are fed bytes, for callers with input and output of their own.
pub mod machine {
    pub use crate::import::{
        Progress,
        run::{Run, Step},
        survey::Surveyor,
    };
}
