//! `server config check` and `server config show` inspect the settings without using them. Both read them exactly as a start does.

use std::process::ExitCode;

use settings::{Environment, Reader};

use crate::cli::ConfigCommand;
use crate::config::Config;

/// Success when the configuration is usable.
pub(crate) fn run(environment: &Environment, command: ConfigCommand) -> ExitCode {
    for remark in environment.remarks() {
        settings::complain!("warning: {remark}");
    }
    let mut reader = Reader::new(environment);
    Config::read_with(&mut reader);
    // Only `seed` reads it; the server reads all other variables.
    reader.text("TENANT_NAME");
    if let ConfigCommand::Show = command {
        show(&reader);
    }
    match reader.finish(|| ()) {
        Ok(()) => {
            if let ConfigCommand::Check = command {
                settings::say!("the configuration is usable");
            }
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            settings::complain!("error: {mistakes}");
            ExitCode::FAILURE
        }
    }
}

/// One line for each setting: its name, the value in effect, and where it was set.
fn show(reader: &Reader) {
    let settings = reader.settings();
    let width = |of: fn(&settings::Setting) -> &str| {
        let widths = settings.iter().map(|setting| of(setting).chars().count());
        widths.max().unwrap_or_default()
    };
    let names = width(|setting| setting.name);
    // A long address does not move the last column out of sight.
    let values = width(|setting| &setting.value).min(48);
    for setting in &settings {
        let (name, value, place) = (setting.name, &setting.value, &setting.place);
        settings::say!("{name:names$}  {value:values$}  {place}");
    }
}
