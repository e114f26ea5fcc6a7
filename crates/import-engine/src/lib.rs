//! Bytes of a delimited text file become checked, typed rows. Knows no tenant, database, HTTP or umroh.

mod dialect;
mod encoding;
mod sniff;

pub use dialect::{Ambiguous, Confidence, Dialect, DialectWarning, LineEnding, RunnerUp};
pub use encoding::{Decoder, Encoding, InvalidBytes, UnknownEncoding};
pub use sniff::{SniffError, Sniffer};
