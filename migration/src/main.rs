//! The migration command line: what sea-orm-migration has, and `current`, `history` and `to`, which it lacks. Decides nothing
//! about the schema.
#![allow(clippy::print_stdout, reason = "a command line answers on stdout")]

mod command;

use clap::Parser;
use command::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    command::run(Cli::parse()).await
}
