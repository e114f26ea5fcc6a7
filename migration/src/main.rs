//! The migration command line.
fn main() {}
