//! The import engine on the command line, without a server.
fn main() {}
