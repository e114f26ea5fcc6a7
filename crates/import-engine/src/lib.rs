//! Bytes of a delimited text file become checked, typed rows. Knows no tenant, database, HTTP or umroh.

mod batch;
mod check;
mod dialect;
mod encoding;
mod error;
mod importer;
mod issue;
mod layout;
mod limits;
mod mapping;
mod notice;
mod port;
mod read;
mod rule;
mod run;
mod schema;
mod sniff;
mod summary;
mod survey;
mod value;
mod write;

pub use batch::{Batch, BatchProgress, BatchRow, RejectedRow};
pub use dialect::{Ambiguous, Confidence, Dialect, DialectWarning, LineEnding, RunnerUp};
pub use encoding::{Decoder, Encoding, InvalidBytes, UnknownEncoding};
pub use error::{BoxError, ImportError, MappingProblem};
pub use importer::Importer;
pub use issue::{Issue, IssueCode, IssueKind, Language, Messages, Problem, Severity};
pub use limits::Limits;
pub use mapping::{Column, ColumnUse, Mapping, MatchReason, Suggestion, normalise_header};
pub use notice::Notice;
pub use port::{Found, Lookup, NoLookup, Observer, Progress, Question, QuestionKind, Sink};
pub use read::{Damage, Record, RecordReader};
pub use rule::{Cell, Row, RowRule, Rule};
pub use run::{Run, Step};
pub use schema::{
    DateBound, DateOrder, DecimalMark, Field, Schema, SchemaBuilder, TwoDigitYears, UniqueKey,
};
pub use sniff::{SniffError, Sniffer, is_footer};
pub use summary::{IssueCounts, Summary};
pub use survey::{Survey, Surveyor};
pub use value::{Decimal, Value};
pub use write::{CsvWriter, ErrorLine, ErrorReport, FailedRows, guard, unguard, write_template};
