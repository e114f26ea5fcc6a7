//! Bytes into records: decoding, line breaks, quotes, limits, damage. Knows no columns' meaning and no types.

mod buffer;
mod emit;
mod line;
mod mend;
mod parse;
mod reader;
mod record;
mod resync;
mod scan;
mod source;
mod work;

pub use reader::RecordReader;
pub(crate) use record::Span;
pub use record::{Damage, Record};
pub(crate) use source::{CHUNK, fill};
