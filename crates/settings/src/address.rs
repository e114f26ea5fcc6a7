//! The address of a database, parsed before anything connects, because the database libraries print an address that they cannot
//! parse together with its password.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// SQLite, embedded.
    Sqlite,
}

/// A usable address. Its text is hidden: `Debug` shows the engine alone.
#[derive(Clone)]
pub struct DatabaseAddress {
    engine: Engine,
    url: SecretString,
}

/// What is wrong with an address. It never contains a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme, or none.
    #[error("is neither a postgres:// nor a sqlite:// address")]
    Scheme,
    /// A space, a line break or another character that has no place in an address.
    #[error("has a space or a control character")]
    Space,
    /// It cannot be split into user, password, host, port and database.
    #[error(
        "is not postgres://user:password@host:port/database; in user and password, letters and digits \
         stand for themselves and other characters are percent-encoded: / is %2F, # is %23, ? is %3F, @ is %40, : is %3A, % is %25"
    )]
    Form,
    /// A percent sign that encodes nothing, or not UTF-8.
    #[error(
        "has a % that is not followed by two hexadecimal digits of UTF-8 text; % itself is %25"
    )]
    Percent,
    /// A parameter after `?` that no library knows: it would be ignored.
    #[error("has a parameter that is not known; known are {0}")]
    Parameter(&'static str),
    /// A parameter with a value that it cannot have.
    #[error("has a parameter with an unknown value: {0}")]
    Value(&'static str),
    /// SQLite without a file.
    #[error("names no file after sqlite://")]
    NoFile,
}

/// Why SQLite's file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error(
        "there is no database file {0}: correct the path, or end the address with ?mode=rwc, which creates the file"
    )]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{0} is a folder: the address of a SQLite database names a file")]
    Folder(PathBuf),
    /// Its folder can neither be found nor created.
    #[error("cannot make the folder {0} of the database file: {1}")]
    Unreachable(PathBuf, std::io::Error),
}

/// What sqlx reads after the `?` of a PostgreSQL address.
const POSTGRES_PARAMETERS: &str = "sslmode, sslrootcert, sslcert, sslkey, statement-cache-capacity, host, hostaddr, port, dbname, \
     user, password, application_name, options";
/// Those whose value is not a secret.
const SHOWN_PARAMETERS: [&str; 7] = [
    "sslmode", "ssl-mode", "host", "hostaddr", "port", "dbname", "user",
];
/// The same for a SQLite address.
const SQLITE_PARAMETERS: &str = "mode, cache, immutable, vfs";

impl DatabaseAddress {
    /// Parses an address. A relative file of SQLite starts in `folder`, if one is given.
    ///
    /// # Errors
    /// [`AddressError`], which shows no part of the address.
    pub fn parse(text: &str, folder: Option<&Path>) -> Result<Self, AddressError> {
        let text = text.trim();
        // SQLAlchemy's names are accepted too.
        let lower = text.to_ascii_lowercase();
        for scheme in ["postgres://", "postgresql://"] {
            if lower.starts_with(scheme) {
                let url = format!("postgres://{}", &text[scheme.len()..]);
                check_postgres(&url)?;
                return Ok(Self::new(Engine::Postgres, url));
            }
        }
        if lower.starts_with("postgres:") || lower.starts_with("postgresql:") {
            return Err(AddressError::Form);
        }
        let rest = text.strip_prefix("sqlite:").ok_or(AddressError::Scheme)?;
        let url = sqlite(rest, folder)?;
        Ok(Self::new(Engine::Sqlite, url))
    }

    fn new(engine: Engine, url: String) -> Self {
        Self {
            engine,
            url: url.into(),
        }
    }

    /// For a program that is about to refuse its configuration anyway.
    pub(crate) fn in_memory() -> Self {
        Self::new(Engine::Sqlite, "sqlite::memory:".to_owned())
    }

    /// Which engine it is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// The text, to connect with.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// The address for display: without its password, and with only those parameters that say where the database is.
    pub(crate) fn masked(&self) -> String {
        let text = self.expose();
        let Engine::Postgres = self.engine else {
            return text.to_owned();
        };
        // It was parsed before; if it does not parse now, it is not shown.
        let Ok(url) = Url::parse(text) else {
            return "postgres://…".to_owned();
        };
        let user = match (url.username(), url.password()) {
            ("", None) => String::new(),
            (user, None) => format!("{user}@"),
            (user, Some(_)) => format!("{user}:***@"),
        };
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        let parameters: Vec<String> = url
            .query_pairs()
            .map(|(key, value)| match &*key {
                shown if SHOWN_PARAMETERS.contains(&shown) => format!("{key}={value}"),
                option if option.starts_with("options[") => "options[…]=***".to_owned(),
                _ => format!("{key}=***"),
            })
            .collect();
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!(
            "postgres://{user}{}{port}{}{mark}{}",
            url.host_str().unwrap_or_default(),
            url.path(),
            parameters.join("&")
        )
    }

    /// Creates the folder of SQLite's file, and refuses a missing file that would not be created: SQLite's own errors name neither.
    /// Does nothing for PostgreSQL and for a database in memory.
    ///
    /// # Errors
    ///
    /// [`FileError`], with the path and the remedy.
    pub fn prepare_file(&self) -> Result<(), FileError> {
        let Some(path) = self.file() else {
            return Ok(());
        };
        if path.is_dir() {
            return Err(FileError::Folder(path));
        }
        if !path.exists() && !self.expose().contains("mode=rwc") {
            return Err(FileError::Missing(path));
        }
        let Some(folder) = path.parent() else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)
            .map_err(|reason| FileError::Unreachable(folder.to_owned(), reason))
    }

    /// SQLite's file; `None` for PostgreSQL and for a database in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let rest = self.expose().strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let in_memory = path == ":memory:" || parameters.contains("mode=memory");
        (!in_memory).then(|| PathBuf::from(decode(path).unwrap_or_default()))
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseAddress({:?})", self.engine)
    }
}

fn check_postgres(text: &str) -> Result<(), AddressError> {
    // The parser would drop some of them silently, and so change a password.
    if text.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
        return Err(AddressError::Space);
    }
    let url = Url::parse(text).map_err(|_| AddressError::Form)?;
    let (path, query) = (url.path(), url.query().unwrap_or_default());
    // If a password contains / ? or # the address often parses, but a part of the password is taken for the path or the port, and
    // would be printed as the name of a database or a host that does not exist.
    let is_cut = url.fragment().is_some()
        || path.contains('@')
        || path.trim_start_matches('/').contains('/');
    if is_cut || query.contains('@') {
        return Err(AddressError::Form);
    }
    let mut has_host = url.host_str().is_some_and(|host| !host.is_empty());
    for part in [url.username(), url.password().unwrap_or_default(), path] {
        decode(part)?;
    }
    decode(url.host_str().unwrap_or_default())?;
    for (key, value) in url.query_pairs() {
        let known = POSTGRES_PARAMETERS.split(", ").map(str::trim);
        let alias = ["ssl-mode", "ssl-root-cert", "ssl-ca", "ssl-cert", "ssl-key"];
        let is_option = key.starts_with("options[") && key.ends_with(']');
        if !is_option && !known.chain(alias).any(|known| known == key) {
            return Err(AddressError::Parameter(POSTGRES_PARAMETERS));
        }
        match &*key {
            "sslmode" | "ssl-mode" => {
                let modes = [
                    "disable",
                    "allow",
                    "prefer",
                    "require",
                    "verify-ca",
                    "verify-full",
                ];
                if !modes.contains(&&*value.to_ascii_lowercase()) {
                    return Err(AddressError::Value(
                        "sslmode is disable, allow, prefer, require, verify-ca or verify-full",
                    ));
                }
            }
            "port" if value.parse::<u16>().is_err() => {
                return Err(AddressError::Value("port is a number up to 65535"));
            }
            "statement-cache-capacity" if value.parse::<usize>().is_err() => {
                return Err(AddressError::Value("statement-cache-capacity is a number"));
            }
            "hostaddr" if value.parse::<std::net::IpAddr>().is_err() => {
                return Err(AddressError::Value("hostaddr is an IP address"));
            }
            "host" | "hostaddr" => has_host = true,
            _ => {}
        }
    }
    if has_host || url.username().is_empty() {
        Ok(())
    } else {
        Err(AddressError::Form)
    }
}

/// The checked address of a SQLite file from what follows `sqlite:`.
fn sqlite(rest: &str, folder: Option<&Path>) -> Result<String, AddressError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    if rest.contains(char::is_control) {
        return Err(AddressError::Space);
    }
    let (path, parameters) = rest
        .split_once('?')
        .map_or((rest, None), |(path, parameters)| (path, Some(parameters)));
    let mut in_memory = path == ":memory:";
    for (key, value) in url::form_urlencoded::parse(parameters.unwrap_or_default().as_bytes()) {
        let (values, what): (&[&str], _) = match &*key {
            "mode" => (
                &["ro", "rw", "rwc", "memory"],
                "mode is ro, rw, rwc or memory",
            ),
            "cache" => (&["private", "shared"], "cache is private or shared"),
            "immutable" => (&["true", "1", "false", "0"], "immutable is true or false"),
            "vfs" => continue,
            _ => return Err(AddressError::Parameter(SQLITE_PARAMETERS)),
        };
        if !values.contains(&&*value) {
            return Err(AddressError::Value(what));
        }
        in_memory |= key == "mode" && value == "memory";
    }
    let file = decode(path)?;
    if file.is_empty() && !in_memory {
        return Err(AddressError::NoFile);
    }
    let path = match folder {
        Some(folder) if !in_memory && Path::new(&file).is_relative() => {
            encode(&folder.join(&file).to_string_lossy())
        }
        _ => path.to_owned(),
    };
    let parameters = parameters.map_or_else(String::new, |text| format!("?{text}"));
    Ok(format!("sqlite://{path}{parameters}"))
}

/// A path as it is written in a SQLite address, with the two characters encoded that have a meaning there.
fn encode(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3F")
}

/// The text with its percent-encoding decoded.
fn decode(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).ok_or(AddressError::Percent)?;
        let digits = std::str::from_utf8(digits).map_err(|_| AddressError::Percent)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(AddressError::Percent);
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| AddressError::Percent)?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_addresses_that_are_in_use() {
        for address in [
            "postgres://hijrah:password@localhost:5432/hijrah",
            "postgresql://u:p%40ss%2Fw@db/hijrah?sslmode=verify-full",
            "postgres://u:p@ss@db/hijrah",
            "POSTGRES://u@db/hijrah",
            "postgres://postgres@%2Ftmp%2Frun/postgres",
            "postgres://postgres@%2Ftmp%2Frun:5433/postgres",
            "postgres:///db?host=/tmp&port=55432&user=postgres",
            "postgres://u:p@[::1]:5432/db",
            "postgres://u:p@db",
            "sqlite://data/hijrah.db?mode=rwc",
            "sqlite:data/hijrah.db",
            "sqlite:///srv/hijrah.db",
            "sqlite::memory:",
            "sqlite://a?mode=memory&cache=shared",
        ] {
            let parsed = DatabaseAddress::parse(address, None);
            assert!(parsed.is_ok(), "{address}: {parsed:?}");
        }
    }

    #[test]
    fn refuses_what_the_libraries_would_print_and_shows_no_piece_of_it() {
        for address in [
            "postgres://hijrah:hun/ter2+x=@db:5432/hijrah",
            "postgres://hijrah:5432/hunter2@db/hijrah",
            "postgres://hijrah:12#hunter2@db/hijrah",
            "postgres://hijrah:12?hunter2@db/hijrah",
            "postgres://hijrah:hunter2@db:port/hijrah",
            "postgres://hijrah:hunter2@/hijrah",
            "postgres://hijrah:hunter2@[::1/hijrah",
            "postgres://hijrah:hun ter2@db/hijrah",
            "postgres://hijrah:hunter2%zz@db/hijrah",
            "postgres://hijrah:hunter2%ff@db/hijrah",
            "postgres:hijrah:hunter2@db/hijrah",
            "postgres://hijrah@db/hijrah?pasword=hunter2",
            "postgres://hijrah@db/hijrah?sslmode=hunter2",
            "postgres://hijrah@db/hijrah?port=hunter2",
            "mysql://hijrah:hunter2@db/hijrah",
            "hijrah:hunter2@db/hijrah",
            "sqlite://x.db?mode=hunter2",
            "sqlite://x.db?key=hunter2",
            "sqlite://",
        ] {
            let error = DatabaseAddress::parse(address, None).unwrap_err();
            let shown = format!("{error} {error:?}");
            for piece in ["hunter2", "ter2", "hun/"] {
                assert!(!shown.contains(piece), "{address}: {shown}");
            }
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (address, shown) in [
            (
                "postgres://hijrah:hunter2@db:5433/hijrah?sslmode=require",
                "postgres://hijrah:***@db:5433/hijrah?sslmode=require",
            ),
            ("postgresql://u:hun%40ter2@ss@db/x", "postgres://u:***@db/x"),
            ("postgres://u@db/x", "postgres://u@db/x"),
            ("postgres://:hunter2@db/x", "postgres://:***@db/x"),
            (
                "postgres:///x?host=/tmp&user=u&password=hunter2&options=-c%20a%3Dhunter2&sslkey=hunter2",
                "postgres:///x?host=/tmp&user=u&password=***&options=***&sslkey=***",
            ),
            (
                "postgres://db/x?options[hunter2]=hunter2&user=u",
                "postgres://db/x?options[…]=***&user=u",
            ),
            ("sqlite://data/x.db?mode=rwc", "sqlite://data/x.db?mode=rwc"),
        ] {
            let masked = DatabaseAddress::parse(address, None).unwrap().masked();
            assert_eq!(masked, shown);
        }
    }

    #[test]
    fn a_relative_file_starts_in_the_given_folder() {
        let folder = Path::new("/srv/100%/a?b");
        let address = DatabaseAddress::parse("sqlite://data/x.db?mode=rwc", Some(folder)).unwrap();
        assert_eq!(
            address.expose(),
            "sqlite:///srv/100%25/a%3Fb/data/x.db?mode=rwc"
        );
        assert_eq!(address.file().unwrap(), folder.join("data/x.db"));
        let absolute = DatabaseAddress::parse("sqlite:///y.db", Some(folder)).unwrap();
        assert_eq!(absolute.file().unwrap(), Path::new("/y.db"));
        let memory = DatabaseAddress::parse("sqlite::memory:", Some(folder)).unwrap();
        assert_eq!(memory.file(), None);
        assert!(!format!("{address:?}").contains("srv"));
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_named_with_the_remedy() {
        let root = tempfile::tempdir().unwrap();
        let prepared = |text: &str| {
            let address = DatabaseAddress::parse(text, Some(root.path())).unwrap();
            address.prepare_file().map_err(|error| error.to_string())
        };
        let file = root.path().join("new/x.db");
        let missing = prepared("sqlite://new/x.db").unwrap_err();
        assert!(missing.contains(file.to_str().unwrap()), "{missing}");
        assert!(missing.contains("?mode=rwc"), "{missing}");
        assert!(!root.path().join("new").exists());
        assert_eq!(prepared("sqlite://new/x.db?mode=rwc"), Ok(()));
        assert!(root.path().join("new").is_dir());
        std::fs::write(&file, "").unwrap();
        assert_eq!(prepared("sqlite://new/x.db"), Ok(()));
        assert!(
            prepared("sqlite://new?mode=rwc")
                .unwrap_err()
                .contains("is a folder")
        );
        let below_a_file = prepared("sqlite://new/x.db/y/z.db?mode=rwc").unwrap_err();
        assert!(
            below_a_file.contains("cannot make the folder"),
            "{below_a_file}"
        );
        assert_eq!(prepared("sqlite::memory:"), Ok(()));
        assert_eq!(prepared("postgres://user@host/x"), Ok(()));
    }
}
