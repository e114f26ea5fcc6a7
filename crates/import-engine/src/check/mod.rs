//! One record against the schema.

use crate::{Problem, Schema, Severity, Value};

/// The typed cells of the row at hand and what was reported about them.
#[derive(Debug)]
pub(crate) struct RowState {}

impl RowState {
    pub(crate) fn value<'a>(&'a self, schema: &'a Schema, index: usize) -> Value<'a> {
        let _ = (schema, index);
        unimplemented!()
    }

    pub(crate) fn report(&mut self, index: usize, problem: Problem, severity: Severity) {
        let _ = (index, problem, severity);
        unimplemented!()
    }

    pub(crate) fn clear(&mut self, index: usize) {
        let _ = index;
        unimplemented!()
    }
}
