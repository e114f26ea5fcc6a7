//! Records against a schema, a batch at a time: cells, rules across cells, the lookup, uniqueness. Reads no bytes.

mod cell;
mod checker;
mod close;
mod ends;
mod hasher;
mod index;
mod keys;
mod pending;
mod questions;
mod strict;
mod ticked;

pub(crate) use cell::{Decision, Trial, preset, try_cell};
pub(crate) use checker::Checker;
pub(crate) use ends::{RowClass, Sorter};
pub(crate) use pending::RowState;
pub(crate) use questions::{Asked, Round};
pub(crate) use strict::{Strict, refuses_words};
