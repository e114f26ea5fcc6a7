//! Records against a schema, a batch at a time: cells, rules across cells, the lookup, uniqueness. Reads no bytes.

pub(crate) mod batch;
mod checker;
mod close;
mod ends;
mod hasher;
mod index;
mod keys;
pub(crate) mod layout;
mod pending;
pub(crate) mod port;
mod questions;
pub(crate) mod summary;
mod ticked;

pub(crate) use checker::Checker;
pub(crate) use ends::{RowClass, Sorter};
pub(crate) use questions::{Asked, Round};
