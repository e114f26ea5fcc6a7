//! Asks whether a database is what the code expects.
fn main() {}
