//! The three schemas on real files: what agencies really send, and what each must give.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should panic"
)]

mod cases;
mod excel;
mod headers;
mod import;
mod memory;
mod one_spelling;
mod reviewed;
mod samples;
mod shapes;
mod templates;
