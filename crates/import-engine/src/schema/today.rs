//! Whether a schema has to know what day it is. Knows no clock.

use time::Date;

use super::{Schema, kind::Kind};
use crate::{
    error::SetupError,
    value::options::{DateBound, TwoDigitYears},
};

/// Whether a schema compares dates with today.
pub(crate) fn needs_today(schema: &Schema, today: Option<Date>) -> Result<(), SetupError> {
    if today.is_some() {
        return Ok(());
    }
    let relative =
        |bound: Option<DateBound>| bound.is_some_and(|bound| !matches!(bound, DateBound::Day(_)));
    let compares = schema.fields().iter().find(|field| match &field.kind {
        Kind::Date(options) | Kind::DateTime(options) => {
            relative(options.not_before)
                || relative(options.not_after)
                || matches!(options.two_digit_years, TwoDigitYears::Past { .. })
        }
        _ => false,
    });
    match compares {
        Some(field) => Err(SetupError::TodayMissing {
            field: field.name().to_owned(),
        }),
        None => Ok(()),
    }
}
