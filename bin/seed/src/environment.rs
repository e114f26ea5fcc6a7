//! The few variables that seeding needs. A variable of the process wins over `.env`; a secret may stand in the file that
//! `<NAME>_FILE` names.

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};

const DEFAULT_DATABASE: &str = "sqlite://data/hijrah.db?mode=rwc";

/// Reads `.env` where there is one.
pub(crate) fn load() -> Result<()> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The library's message shows the line, and with it a secret.
        Err(_) => bail!("a line of .env is not NAME=value"),
    }
}

/// A variable, or the content of the file that `<NAME>_FILE` names. Empty counts as absent.
pub(crate) fn secret(name: &str) -> Result<Option<SecretString>> {
    if let Some(value) = variable(name) {
        return Ok(Some(value.into()));
    }
    let Some(path) = variable(&format!("{name}_FILE")) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the file of {name}_FILE"))?;
    Ok(Some(text.trim().into()))
}

/// `DATABASE_URL`, or what older installations call `DATABASE_CONN`.
pub(crate) fn database_url() -> Result<String> {
    let url = match secret("DATABASE_URL")? {
        Some(url) => Some(url),
        None => secret("DATABASE_CONN")?,
    };
    let url = url.map_or_else(
        || DEFAULT_DATABASE.to_owned(),
        |url| url.expose_secret().to_owned(),
    );
    Ok(match url.strip_prefix("postgresql://") {
        Some(rest) => format!("postgres://{rest}"),
        None => url,
    })
}

/// Whether `APP_ENV` says so.
pub(crate) fn is_production() -> Result<bool> {
    match variable("APP_ENV").as_deref() {
        None | Some("development") => Ok(false),
        Some("production") => Ok(true),
        Some(_) => bail!("APP_ENV is neither 'development' nor 'production'"),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}
