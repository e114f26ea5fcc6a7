//! The import engine on the command line, without a server: recognise a file, print it, check it, write a template.
//!
//! Exit code 0: all is well. 1: rows are invalid. 2: the file or the command line cannot be used. 130: interrupted.

#![expect(clippy::print_stderr, reason = "a command speaks to its user there")]

mod check;
mod file;
mod inspect;
mod output;
mod refused;
mod rows;
mod schema;
mod summary;
mod template;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use clap::{
    Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use import_types::ImportType;

/// Recognises, prints and checks spreadsheets, as workbooks or exported as CSV, without a server or a database.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what each file is: encoding, delimiter, quote, header. One JSON object per line.
    Inspect {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The sheet of a workbook; default the first with data.
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
    },
    /// Print every record, header included, as decoded. One JSON array of strings per line.
    Rows {
        /// The file.
        file: PathBuf,
        /// The sheet of a workbook; default the first with data.
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
    },
    /// Propose a schema for files like this one: kinds, limits and words of its columns. One JSON object.
    Schema {
        /// The file.
        file: PathBuf,
        /// The sheet of a workbook; default the first with data.
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
    },
    /// Check every row by the rules of an import type; references are judged by their shape alone.
    Check(check::Options),
    /// Print the CSV template of an import type, with an example row.
    Template {
        /// The import type.
        #[arg(value_name = "TYPE", value_parser = import_type())]
        import_type: ImportType,
        /// What separates the cells; Excel in Indonesia expects ';'.
        #[arg(long, default_value = ",", value_parser = template::delimiter)]
        delimiter: u8,
    },
}

/// Reads `jamaah`, `payment` or `package`.
fn import_type() -> impl TypedValueParser<Value = ImportType> {
    PossibleValuesParser::new(ImportType::WORDS).try_map(|word| word.parse::<ImportType>())
}

/// The user pressed Ctrl-C.
#[derive(Debug)]
struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// The result of a command, for its user's script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    RowsInvalid,
    Unusable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Fine => 0,
            Outcome::RowsInvalid => 1,
            Outcome::Unusable => 2,
        })
    }
}

/// 128 + SIGINT, as shells report an interrupted command.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Inspect { files, sheet } => inspect::inspect(&files, sheet.as_deref()),
        Command::Rows { file, sheet } => rows::rows(&file, sheet.as_deref()),
        Command::Schema { file, sheet } => schema::schema(&file, sheet.as_deref()),
        Command::Check(options) => check::check(&options),
        Command::Template {
            import_type,
            delimiter,
        } => template::template(import_type, delimiter),
    };
    match done {
        Ok(outcome) => outcome.into(),
        // The reader of our output has closed it: `hijrah rows FILE | head`.
        Err(error) if output::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("hijrah: interrupted");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            eprintln!("hijrah: {error:#}");
            Outcome::Unusable.into()
        }
    }
}
