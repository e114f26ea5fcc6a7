//! Reads variables one by one and collects every mistake.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use secrecy::SecretString;

use super::{AppEnv, Environment};

/// Everything that is wrong with the configuration, one line each.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Mistakes {}

/// Takes values out of an environment.
pub(crate) struct Reader<'a> {
    environment: &'a Environment,
    mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            mistakes: Vec::new(),
        }
    }

    /// Notes a mistake. `what` never holds the value.
    pub(crate) fn refuse(&mut self, name: &str, what: &str) {
        self.mistakes.push(format!("{name} {what}"));
    }

    /// The result, if nothing was wrong.
    pub(crate) fn finish<T>(self, result: impl FnOnce() -> T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() {
            Ok(result())
        } else {
            Err(Mistakes(self.mistakes))
        }
    }

    /// Whether a variable or its file is named.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.environment.get(name).is_some()
            || self.environment.get(&format!("{name}_FILE")).is_some()
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.environment.get(name).map(str::to_owned)
    }

    /// A secret, or the content of the file that `<NAME>_FILE` names.
    pub(crate) fn secret(&mut self, name: &str) -> Option<SecretString> {
        let file_name = format!("{name}_FILE");
        match (self.environment.get(name), self.environment.get(&file_name)) {
            (Some(_), Some(_)) => {
                self.refuse(name, &format!("and {file_name} are both set"));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => match std::fs::read_to_string(path) {
                Ok(content) if !content.trim().is_empty() => Some(content.trim().into()),
                Ok(_) => {
                    self.refuse(&file_name, "names an empty file");
                    None
                }
                Err(error) => {
                    self.refuse(
                        &file_name,
                        &format!("names a file that cannot be read: {}", error.kind()),
                    );
                    None
                }
            },
            (None, None) => None,
        }
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let parsed = self.environment.get(name)?.parse();
        if parsed.is_err() {
            self.refuse(name, &format!("is not {expected}"));
        }
        parsed.ok()
    }

    /// A whole number between `least` and `most`.
    pub(crate) fn number(&mut self, name: &str, default: u64, least: u64, most: u64) -> u64 {
        let expected = format!("a whole number from {least} to {most}");
        match self.parsed::<u64>(name, &expected) {
            Some(number) if (least..=most).contains(&number) => number,
            Some(_) => {
                self.refuse(name, &format!("is not {expected}"));
                default
            }
            None => default,
        }
    }

    pub(crate) fn app_env(&mut self) -> AppEnv {
        match self.environment.get("APP_ENV") {
            None | Some("development") => AppEnv::Development,
            Some("production") => AppEnv::Production,
            Some(_) => {
                self.refuse("APP_ENV", "is neither 'development' nor 'production'");
                // The strict one: a misspelt production must not be told less.
                AppEnv::Production
            }
        }
    }

    /// Comma-separated origins, `scheme://host[:port]` or `*`.
    pub(crate) fn origins(&mut self, name: &str) -> Vec<String> {
        let origins = self.list(name);
        let is_origin = |origin: &String| {
            let host = ["http://", "https://"]
                .iter()
                .find_map(|scheme| origin.strip_prefix(scheme));
            origin == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
        };
        if !origins.iter().all(is_origin) {
            self.refuse(
                name,
                "is not a list of origins such as 'https://app.example.com', without a path",
            );
        }
        origins
    }

    /// Comma-separated addresses or networks.
    pub(crate) fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let parse = |text: &String| {
            let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
            text.parse::<IpNet>().ok().or_else(address)
        };
        let networks = self
            .list(name)
            .iter()
            .map(parse)
            .collect::<Option<Vec<_>>>();
        networks.unwrap_or_else(|| {
            self.refuse(
                name,
                "is not a list of addresses or networks such as '10.0.0.0/8'",
            );
            Vec::new()
        })
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.environment
            .get(name)
            .unwrap_or_default()
            .split(',')
            .map(|item| item.trim().trim_end_matches('/').to_owned())
            .filter(|item| !item.is_empty())
            .collect()
    }
}
