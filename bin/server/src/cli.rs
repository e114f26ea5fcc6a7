//! The command line: without a command the program serves, with a command it performs one task and ends.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Parser, Subcommand, ValueEnum};

/// The version, and the revision that the image was built from.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    match revision() {
        "" => version.to_owned(),
        revision => format!("{version} ({revision})"),
    }
});

/// The commit that this program was built from, if the build knew it.
pub(crate) fn revision() -> &'static str {
    option_env!("HIJRAH_REVISION").unwrap_or_default()
}

/// Serves Hijrah: the API, the documentation, the events and the worker. Without a command it serves until SIGTERM.
///
/// Settings come from the environment and from `.env`; `.env.example` explains each.
#[derive(Parser)]
#[command(name = "server", version = VERSION.as_str())]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask the running server; exit 0 or 1
    Healthcheck {
        #[arg(value_enum, default_value = "live")]
        what: Probe,
    },
    /// Look at the settings without using them
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the stored files
    #[command(subcommand)]
    Storage(StorageCommand),
    /// Write the database and the files of its jobs into an empty folder; servers keep running
    Backup {
        /// Empty, or not there yet.
        folder: PathBuf,
    },
    /// Bring a backup back into an installation without tables and files
    Restore {
        /// What `backup` has written.
        folder: PathBuf,
    },
}

/// What is asked of the running server.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Probe {
    /// Whether the process runs
    Live,
    /// Whether it may get requests
    Ready,
}

#[derive(Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Report every mistake; exit 0 if there is none
    Check,
    /// Print every setting, the value in effect (secrets masked), and where it stands
    Show,
}

#[derive(Subcommand)]
pub(crate) enum StorageCommand {
    /// Encrypt every stored file with the first key of `STORAGE_KEYS`; the others may be removed afterwards
    Rekey,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_shows_no_setting() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        assert!(!command.render_long_help().to_string().contains("[env"));
    }
}
