//! How the fields of a request become the fields of a record. Creating and changing are one check with one rule a field: a
//! new record has no fields to keep, a changed one has.

use std::{borrow::Borrow, fmt::Display};

use serde::de::DeserializeOwned;
use time::Date;

use crate::{
    Change,
    value::{FieldError, FieldErrors, ValueError},
};

/// The fields of a record as a request gives them, unchecked.
pub trait Input: Clone + Default + DeserializeOwned + Send + Sync + 'static {
    /// The checked fields.
    type New;

    /// Checks every field. `current` holds what absent fields keep; `None` if the record is new, and then an absent field
    /// is an empty one. `today` is the day in Jakarta.
    ///
    /// # Errors
    /// All errors at once.
    fn check(self, current: Option<&Self::New>, today: Date) -> Result<Self::New, FieldErrors>;
}

/// Checks one field after the other and collects the errors.
pub(crate) struct Check<'c, New> {
    current: Option<&'c New>,
    errors: FieldErrors,
}

impl<'c, New> Check<'c, New> {
    pub(crate) fn new(current: Option<&'c New>) -> Self {
        Self {
            current,
            errors: FieldErrors::default(),
        }
    }

    /// A field that cannot be empty. `of` is the field of the current record.
    pub(crate) fn required<Raw, Seen, T>(
        &mut self,
        field: &'static str,
        wish: Change<Raw>,
        of: fn(&New) -> &T,
        parse: impl FnOnce(&Seen) -> Result<T, ValueError>,
    ) -> Option<T>
    where
        Raw: Borrow<Seen> + Display,
        Seen: ?Sized,
        T: Clone,
    {
        match (wish, self.current) {
            (Change::Keep, Some(current)) => Some(of(current).clone()),
            (Change::Set(raw), _) => {
                let read = parse(raw.borrow());
                self.take(field, &raw, read)
            }
            (Change::Keep | Change::Clear, _) => self.take(field, &"", Err(ValueError::Empty)),
        }
    }

    /// An id that cannot be empty; parsing the request checked it.
    pub(crate) fn id<T: Copy + Display>(
        &mut self,
        field: &'static str,
        wish: Change<T>,
        of: fn(&New) -> &T,
    ) -> Option<T> {
        self.required(field, wish, of, |id: &T| Ok(*id))
    }

    /// A field that may be empty; a blank text empties it.
    pub(crate) fn optional<Raw, Seen, T>(
        &mut self,
        field: &'static str,
        wish: Change<Raw>,
        of: fn(&New) -> &Option<T>,
        parse: impl FnOnce(&Seen) -> Result<T, ValueError>,
    ) -> Option<T>
    where
        Raw: Borrow<Seen> + Display,
        Seen: ?Sized,
        T: Clone,
    {
        match wish {
            Change::Keep => self.current.and_then(|current| of(current).clone()),
            Change::Clear => None,
            Change::Set(raw) => match parse(raw.borrow()) {
                Err(ValueError::Empty) => None,
                read => self.take(field, &raw, read),
            },
        }
    }

    /// A field that a new record may leave to its default, and that cannot be emptied afterwards.
    pub(crate) fn defaulted<T: Clone>(
        &mut self,
        field: &'static str,
        wish: Change<String>,
        of: fn(&New) -> &T,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        if self.current.is_some() {
            return self.required(field, wish, of, parse);
        }
        let given = self.optional(field, wish, |_| &None, parse);
        Some(given.unwrap_or(default))
    }

    /// The record, if there was no error. `build` returns `None` only if a required field had one.
    pub(crate) fn finish(self, build: impl FnOnce() -> Option<New>) -> Result<New, FieldErrors> {
        match build() {
            Some(new) if self.errors.0.is_empty() => Ok(new),
            _ => Err(self.errors),
        }
    }

    fn take<T>(
        &mut self,
        field: &'static str,
        value: &dyn Display,
        read: Result<T, ValueError>,
    ) -> Option<T> {
        read.map_err(|error| {
            self.errors.0.push(FieldError {
                field,
                value: value.to_string(),
                error,
            });
        })
        .ok()
    }
}

/// Reads a JSON number.
pub(crate) fn number<T>(
    check: impl FnOnce(i64) -> Result<T, ValueError>,
) -> impl FnOnce(&i64) -> Result<T, ValueError> {
    |number| check(*number)
}
