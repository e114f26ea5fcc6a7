//! Creates the first tenant, its admin and sample packages.
fn main() {}
