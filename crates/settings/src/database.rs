//! Which database the programs work on.

use crate::environment::Origin;
use crate::reader::reveal;
use crate::{AddressError, AppEnv, DatabaseAddress, Environment, Mistakes, Reader};

/// Where the database of a development installation is.
const DEFAULT: &str = "sqlite://data/hijrah.db?mode=rwc";

/// The addresses.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `DATABASE_URL`, or what older installations call `DATABASE_CONN`: the role that the application works as.
    pub url: DatabaseAddress,
    /// `DATABASE_OWNER_URL`: the tables' owner, where the application works as another role (PostgreSQL).
    pub owner_url: Option<DatabaseAddress>,
}

impl DatabaseSettings {
    /// Reads both and `APP_ENV`, for a program that needs nothing else.
    ///
    /// # Errors
    /// All mistakes.
    pub fn alone(environment: &Environment) -> Result<(Self, AppEnv), Mistakes> {
        let mut reader = Reader::new(environment);
        let app_env = reader.app_env();
        let settings = Self::read(&mut reader, app_env);
        reader.finish(|| (settings, app_env))
    }

    /// Reads both. Production without an address is rejected, because the default would be a new, empty file.
    pub fn read(reader: &mut Reader, app_env: AppEnv) -> Self {
        let url = address(reader, "DATABASE_URL");
        let old = address(reader, "DATABASE_CONN");
        if let (Some((url, origin)), Some((old, old_origin))) = (&url, &old)
            && origin == old_origin
            && url.expose() != old.expose()
        {
            reader.refuse(
                "DATABASE_CONN",
                "and DATABASE_URL name different databases; remove one of them",
            );
        }
        // A variable of the process takes precedence over the file, under either name.
        let found = match (url, old) {
            (Some((_, Origin::File)) | None, Some((old, Origin::Process)))
            | (None, Some((old, Origin::File))) => {
                reader.note_from("DATABASE_URL", "DATABASE_CONN", old.masked());
                Some(old)
            }
            (Some((url, _)), _) => Some(url),
            (None, None) => None,
        };
        let is_named = ["DATABASE_URL", "DATABASE_CONN"]
            .iter()
            .any(|name| reader.is_set(name));
        if app_env.is_production() && !is_named {
            reader.refuse("DATABASE_URL", "is missing, which production refuses");
        }
        let owner_url = address(reader, "DATABASE_OWNER_URL").map(|(owner, _)| owner);
        let url = found.unwrap_or_else(|| default(reader));
        if let Some(owner) = &owner_url
            && is_named
            && owner.engine() != url.engine()
        {
            reader.refuse(
                "DATABASE_OWNER_URL",
                "and DATABASE_URL are of different engines; it is for PostgreSQL alone",
            );
        }
        Self { url, owner_url }
    }

    /// The owner's address if there is one, else the application's: for programs that change or inspect the schema.
    #[must_use]
    pub fn owner(&self) -> &DatabaseAddress {
        self.owner_url.as_ref().unwrap_or(&self.url)
    }
}

/// An address from the command line, used instead of the environment's.
///
/// # Errors
/// [`AddressError`], which shows no part of it.
pub fn database_address(text: &str) -> Result<DatabaseAddress, AddressError> {
    DatabaseAddress::parse(text, None)
}

fn address(reader: &mut Reader, name: &str) -> Option<(DatabaseAddress, Origin)> {
    let (text, origin) = reader.secret_from(name)?;
    match DatabaseAddress::parse(reveal(&text), reader.folder_of(origin)) {
        Ok(address) => {
            reader.note(name, address.masked());
            Some((address, origin))
        }
        Err(error) => {
            reader.refuse(name, &error.to_string());
            None
        }
    }
}

fn default(reader: &mut Reader) -> DatabaseAddress {
    match DatabaseAddress::parse(DEFAULT, reader.default_folder()) {
        Ok(address) => {
            reader.note("DATABASE_URL", address.masked());
            address
        }
        // The name of the working directory is not Unicode.
        Err(error) => {
            reader.refuse("DATABASE_URL", &error.to_string());
            DatabaseAddress::in_memory()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(variables: [(&str, &str); N]) -> Result<DatabaseSettings, String> {
        DatabaseSettings::alone(&Environment::from(variables))
            .map(|(settings, _)| settings)
            .map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn production_needs_an_address_and_development_has_a_default() {
        let report = read([("APP_ENV", "production")]).unwrap_err();
        assert!(report.contains("DATABASE_URL is missing"), "{report}");
        let settings = read([]).unwrap();
        assert_eq!(settings.url.expose(), DEFAULT);
    }

    #[test]
    fn an_address_that_cannot_be_read_is_never_replaced_by_the_default() {
        for variables in [
            [("DATABASE_URL_FILE", "/nope"), ("APP_ENV", "development")],
            [
                ("DATABASE_URL", "postgres://x:hunter2@/y"),
                ("APP_ENV", "production"),
            ],
            [
                ("DATABASE_OWNER_URL_FILE", "/nope"),
                ("APP_ENV", "development"),
            ],
            [
                ("DATABASE_URL", "sqlite://a"),
                ("DATABASE_CONN", "sqlite://b"),
            ],
            [
                ("DATABASE_URL", "sqlite://a"),
                ("DATABASE_OWNER_URL", "postgres://u@h/b"),
            ],
        ] {
            let report = read(variables).unwrap_err();
            assert!(
                report.contains("DATABASE_") && !report.contains("hunter2"),
                "{report}"
            );
            assert_eq!(report.lines().count(), 2, "{report}");
        }
    }

    #[test]
    fn the_older_name_is_read_too() {
        let settings = read([("DATABASE_CONN", "postgresql://u:p@h/d")]).unwrap();
        assert_eq!(settings.url.expose(), "postgres://u:p@h/d");
        assert_eq!(settings.owner().expose(), "postgres://u:p@h/d");
    }
}
