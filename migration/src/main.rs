//! The migration command line: up, down, to a revision, and what Alembic's users know by other names. The work is done by the
//! library; decides nothing about the schema.

mod command;
mod generate;

use std::process::ExitCode;

use clap::Parser;
use command::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match command::run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // The chain of causes, without the backtrace that a user cannot use.
            settings::complain!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
