//! What the engine gives back as CSV: reports, rows to correct, templates. Formula-safe and reversible.

mod csv;
mod failed;
mod report;
mod template;

pub use csv::CsvWriter;
#[cfg(feature = "spreadsheet")]
pub(crate) use csv::push_cell;
pub use failed::FailedRows;
pub use report::{ErrorLine, ErrorReport};

pub use template::write_template;
