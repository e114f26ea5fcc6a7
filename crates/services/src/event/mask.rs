//! Covers personal data in events, which reach more screens than the report does.

use domain::{ImportType, RowError};

use super::ReportedError;

/// The published event shows the e-mail address that was refused; it is the one sensitive field that stays readable.
const SHOWN: &str = "email";

/// An error as an event tells it.
pub(super) fn reported(import_type: ImportType, error: &RowError) -> ReportedError {
    let schema = import_types::schema(import_type);
    let is_covered = error
        .field_name
        .as_deref()
        .filter(|field| *field != SHOWN)
        .and_then(|field| schema.fields().get(schema.index_of(field)?))
        .is_some_and(import_types::engine::Field::is_sensitive);
    let (error_message, received_value) = match &error.received_value {
        Some(value) if is_covered && !value.is_empty() => {
            let covered = cover(value);
            (
                error.error_message.replace(value.as_str(), &covered),
                Some(covered),
            )
        }
        value => (error.error_message.clone(), value.clone()),
    };
    ReportedError {
        row_number: error.row_number,
        field_name: error.field_name.clone(),
        error_type: error.error_type,
        error_message,
        received_value,
    }
}

/// Of a NIK the region and the serial stay (`317501******9001`), of anything shorter less than half.
fn cover(value: &str) -> String {
    let length = value.chars().count();
    let (front, back) = match length {
        16.. => (6, 4),
        _ => (length / 4, length / 5),
    };
    value
        .chars()
        .enumerate()
        .map(|(place, c)| match place {
            place if place < front || place >= length - back => c,
            _ => '*',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_ends() {
        for (value, covered) in [
            ("3175010505909001", "317501******9001"),
            ("081234567890", "081*******90"),
            ("08123", "0***3"),
            ("x", "*"),
            ("", ""),
        ] {
            assert_eq!(cover(value), covered);
        }
    }
}
