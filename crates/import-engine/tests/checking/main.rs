//! Checking from end to end: what a file becomes under a schema, whatever the chunks and batches.

#![expect(
    clippy::expect_used,
    clippy::format_push_string,
    reason = "a test that cannot go on fails"
)]

mod corrected;
mod files;
mod keys;
mod laws;
mod lookup;
mod rows;
mod support;
