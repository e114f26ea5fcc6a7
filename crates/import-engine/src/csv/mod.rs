//! Bytes into records: decoding, line breaks, quotes, limits, damage; and records into bytes. Knows no columns' meaning and no types.

mod buffer;
pub(crate) mod dialect;
mod emit;
pub(crate) mod limits;
mod line;
mod mend;
mod parse;
mod reader;
mod record;
mod resync;
mod scan;
mod source;
mod work;
mod writer;

pub use reader::RecordReader;
pub(crate) use record::Span;
pub use record::{Damage, Record};
pub(crate) use source::{CHUNK, fill};
pub use writer::CsvWriter;
#[cfg(feature = "spreadsheet")]
pub(crate) use writer::push_cell;
