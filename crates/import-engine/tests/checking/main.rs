//! Checking from end to end: what a file becomes under a schema, whatever the chunks and batches.

mod laws;
mod lookup;
mod rows;
mod support;
