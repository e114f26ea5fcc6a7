//! What the engine gives back as CSV: reports, rows to correct, templates. Formula-safe and reversible.

mod csv;
mod guard;
mod report;
mod template;

pub use csv::CsvWriter;
pub use guard::{guard, unguard};
pub(crate) use report::{ERRORS, MARK};
pub use report::{ErrorLine, ErrorReport, FailedRows};
pub use template::write_template;
