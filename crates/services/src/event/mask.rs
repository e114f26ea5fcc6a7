//! Masks personal data in events, which more people see than the report.

use domain::{
    ImportType, RowError,
    value::{masked, shortened},
};

use super::ReportedError;

/// The published event shows the e-mail address that was refused; it is the one sensitive field that stays readable.
const SHOWN: &str = "email";

/// Characters of a value or message in an event; the report has all of it. A hundred errors with the longest cells would be
/// megabytes, for every socket that has not read them yet.
const LONGEST: usize = 500;

/// Whether values of a field are masked where more people read them than the report.
pub(crate) fn covers(import_type: ImportType, field: &str) -> bool {
    let schema = import_types::schema(import_type);
    field != SHOWN
        && schema
            .index_of(field)
            .and_then(|index| schema.fields().get(index))
            .is_some_and(import_types::engine::Field::is_sensitive)
}

/// An error as an event reports it.
pub(super) fn reported(import_type: ImportType, error: &RowError) -> ReportedError {
    let is_covered = error
        .field_name
        .as_deref()
        .is_some_and(|field| covers(import_type, field));
    let (error_message, received_value) = match &error.received_value {
        Some(value) if is_covered && !value.is_empty() => {
            let covered = masked(value);
            (
                short(&error.error_message.replace(value.as_str(), &covered)),
                Some(short(&covered)),
            )
        }
        value => (short(&error.error_message), value.as_deref().map(short)),
    };
    ReportedError {
        row_number: error.row_number,
        field_name: error.field_name.clone(),
        error_type: error.error_type,
        error_message,
        received_value,
    }
}

fn short(text: &str) -> String {
    shortened(text, LONGEST).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_carries_no_more_of_a_text_than_a_screen_shows() {
        assert_eq!(short(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
        let cut = short(&"é".repeat(LONGEST + 1));
        assert!(cut.ends_with('…') && cut.chars().count() == LONGEST + 1);
    }
}
