//! Where variables come from: the process, and behind it the file `.env` of the working directory.

use std::collections::HashMap;

use anyhow::{Context, Result};

/// Names and values. A variable of the process wins over the file; an empty one counts as absent.
pub(crate) struct Environment(HashMap<String, String>);

impl Environment {
    /// What this process was given.
    pub(crate) fn of_process() -> Result<Self> {
        let mut variables = HashMap::new();
        match dotenvy::from_path_iter(".env") {
            Ok(lines) => {
                for line in lines {
                    // The message of the library shows the line, and with it a secret.
                    let (name, value) =
                        line.map_err(|_| anyhow::anyhow!("a line of .env is not NAME=value"))?;
                    variables.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(error).context("could not read .env"),
        }
        variables.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Self(variables))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}
