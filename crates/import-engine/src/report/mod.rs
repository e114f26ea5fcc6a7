//! Files for people: what is wrong with theirs, the rows to correct, a template to fill in. Formula-safe and reversible.

mod failed;
mod lines;
mod template;

pub use failed::FailedRows;
pub use lines::{ErrorLine, ErrorReport};
pub use template::write_template;

pub use crate::{
    check::layout::ROW_NUMBER,
    csv::CsvWriter,
    value::guard::{guard, unguard},
};
