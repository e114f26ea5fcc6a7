//! Reads variables one by one, collects every mistake, and records the value in effect of each variable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};

use crate::environment::{Environment, Mistakes, Origin};
use crate::names::{FILE, NAMES};

/// A secret in a file is a line or a key, not a document; a file without end (`/dev/zero`) is not read further.
const LARGEST_SECRET: u64 = 64 * 1024;

/// Where a program runs (`APP_ENV`, default `development`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppEnv {
    /// Convenient: a random secret, and schema and first user are created automatically.
    Development,
    /// Strict: no defaults, no weak secrets, no automatic change of the schema.
    Production,
}

impl AppEnv {
    /// Whether it is the strict one.
    #[must_use]
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}

/// A variable as the program that read it uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// The value in effect for display: a secret is masked, and a refused value is not repeated.
    pub value: String,
    /// Where the value was set.
    pub place: String,
}

/// What is shown instead of a secret.
const MASK: &str = "********";

/// Reads values from an environment.
pub struct Reader<'a> {
    environment: &'a Environment,
    mistakes: Vec<String>,
    refused: BTreeSet<String>,
    /// The values in effect of the variables that were read, for display.
    read: BTreeMap<String, String>,
    /// For a variable whose value another one sets: the other one.
    elsewhere: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// On these variables.
    #[must_use]
    pub const fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            mistakes: Vec::new(),
            refused: BTreeSet::new(),
            read: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
        }
    }

    /// Records a mistake. `what` never contains the value.
    pub fn refuse(&mut self, name: &str, what: &str) {
        self.mistakes.push(format!("{name} {what}"));
        let stem = name.strip_suffix(FILE).unwrap_or(name);
        self.refused.insert(stem.to_owned());
    }

    /// Records the value in effect of a variable, for display.
    pub(crate) fn note(&mut self, name: &str, value: impl fmt::Display) {
        self.read.insert(name.to_owned(), value.to_string());
    }

    /// Records that the value in effect of a variable is that of another one.
    pub(crate) fn note_from(&mut self, name: &str, other: &str, value: impl fmt::Display) {
        self.note(name, value);
        self.elsewhere.insert(name.to_owned(), other.to_owned());
    }

    /// Every variable that was read, in the order of the list of names.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let names = NAMES.iter().map(|variable| variable.name);
        names
            .filter_map(|name| {
                let value = if self.refused.contains(name) {
                    "(not usable)"
                } else {
                    self.read.get(name)?
                };
                // A line break in a value would look like another setting.
                let is_control = |letter: char| letter.is_control();
                let value = value.replace(is_control, "\u{fffd}");
                let place = self.place(name).replace(is_control, "\u{fffd}");
                Some(Setting { name, value, place })
            })
            .collect()
    }

    fn place(&self, name: &str) -> String {
        let file_name = format!("{name}{FILE}");
        let of = |name: &str| {
            let (value, origin) = self.environment.find(name)?;
            Some((value, self.environment.place(name, origin)))
        };
        if let Some(other) = self.elsewhere.get(name) {
            return other.clone();
        }
        if let Some((_, place)) = of(name) {
            return place;
        }
        if !NAMES
            .iter()
            .any(|variable| variable.name == name && variable.is_secret)
        {
            return "default".to_owned();
        }
        match of(&file_name) {
            Some((path, place)) => format!("{file_name}={path} ({place})"),
            None => "default".to_owned(),
        }
    }

    /// The result, if nothing was wrong.
    ///
    /// # Errors
    /// All mistakes that were recorded.
    pub fn finish<T>(self, result: impl FnOnce() -> T) -> Result<T, Mistakes> {
        Mistakes::check(self.mistakes).map(|()| result())
    }

    /// Whether a secret or its file is named.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        let is_set = |name: &str| self.environment.get(name).is_some();
        is_set(name) || is_set(&format!("{name}{FILE}"))
    }

    /// The text of a variable.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.environment.get(name);
        self.note(name, text.unwrap_or(NONE));
        text.map(str::to_owned)
    }

    /// The same with a default.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        let text = self.environment.get(name).unwrap_or(default);
        self.note(name, text);
        text.to_owned()
    }

    /// One of two words.
    pub fn choice<T: Copy>(&mut self, name: &str, default: (&str, T), other: (&str, T)) -> T {
        let chosen = match self.environment.get(name) {
            None => default,
            Some(word) if word == default.0 => default,
            Some(word) if word == other.0 => other,
            Some(_) => {
                let (one, two) = (default.0, other.0);
                self.refuse(name, &format!("is neither '{one}' nor '{two}'"));
                default
            }
        };
        self.note(name, chosen.0);
        chosen.1
    }

    /// A secret, or the content of the file that `<NAME>_FILE` names.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.secret_from(name).map(|(secret, _)| secret)
    }

    /// The same with its origin.
    pub(crate) fn secret_from(&mut self, name: &str) -> Option<(SecretString, Origin)> {
        let file_name = format!("{name}{FILE}");
        let environment = self.environment;
        self.note(name, if self.is_set(name) { MASK } else { NONE });
        match (environment.find(name), environment.find(&file_name)) {
            (Some(_), Some(_)) => {
                self.refuse(name, &format!("and {file_name} are both set"));
                None
            }
            (Some((value, origin)), None) => Some((value.into(), origin)),
            (None, Some((path, origin))) => {
                let path = match environment.folder_of(Some(origin)) {
                    Some(folder) => folder.join(path),
                    None => path.into(),
                };
                match read_secret(&path) {
                    Ok(secret) => Some((secret, origin)),
                    Err(what) => {
                        self.refuse(&file_name, &what);
                        None
                    }
                }
            }
            (None, None) => None,
        }
    }

    /// A value of a type that is parsed from text; `expected` describes it in the error.
    pub fn parsed<T: FromStr + fmt::Display>(
        &mut self,
        name: &str,
        default: T,
        expected: &str,
    ) -> T {
        let value = match self.environment.get(name).map(str::parse) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.refuse(name, &format!("is not {expected}"));
                default
            }
        };
        self.note(name, &value);
        value
    }

    /// The same without a default.
    pub fn parsed_if_set<T: FromStr + fmt::Display>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Option<T> {
        self.text(name)?;
        let parsed = self.environment.get(name)?.parse().ok();
        match &parsed {
            Some(value) => self.note(name, value),
            None => self.refuse(name, &format!("is not {expected}")),
        }
        parsed
    }

    /// A whole number between `least` and `most`.
    pub fn number(&mut self, name: &str, default: u64, least: u64, most: u64) -> u64 {
        let expected = format!("a whole number from {least} to {most}");
        let number = self.parsed(name, default, &expected);
        if (least..=most).contains(&number) {
            number
        } else {
            self.refuse(name, &format!("is not {expected}"));
            default
        }
    }

    /// A span of whole days, from one to a hundred years.
    pub fn days(&mut self, name: &str, default: Duration) -> Duration {
        const DAY: u64 = 24 * 60 * 60;
        let days = self.number(name, default.as_secs() / DAY, 1, 36_500);
        Duration::from_secs(days * DAY)
    }

    /// A span of whole seconds, from one to `most`.
    pub fn seconds(&mut self, name: &str, default: Duration, most: u64) -> Duration {
        Duration::from_secs(self.number(name, default.as_secs(), 1, most))
    }

    /// `APP_ENV`.
    pub fn app_env(&mut self) -> AppEnv {
        let development = ("development", AppEnv::Development);
        let production = ("production", AppEnv::Production);
        let chosen = self.choice("APP_ENV", development, production);
        if self.refused.contains("APP_ENV") {
            // Production is assumed, so that a misspelt `production` is checked as production.
            return AppEnv::Production;
        }
        chosen
    }

    /// `STORAGE_URL`: `file://` with a path or `s3://` with a bucket. A relative folder of `.env` starts where `.env` is.
    pub fn storage_url(&mut self, default: &str) -> String {
        let found = self.environment.find("STORAGE_URL");
        let origin = found.map(|(_, origin)| origin);
        let url = found.map_or(default, |(url, _)| url);
        if let Some(path) = url.strip_prefix("file://") {
            if path.is_empty() {
                self.refuse("STORAGE_URL", "names no folder after file://");
            }
            let url = match self.environment.folder_of(origin) {
                Some(folder) if Path::new(path).is_relative() => {
                    format!("file://{}", folder.join(path).display())
                }
                _ => url.to_owned(),
            };
            self.note("STORAGE_URL", &url);
            return url;
        }
        self.note("STORAGE_URL", url);
        match url.strip_prefix("s3://") {
            None => self.refuse("STORAGE_URL", "is neither a file:// nor an s3:// address"),
            Some(bucket) if bucket.is_empty() || bucket.starts_with('/') => {
                self.refuse("STORAGE_URL", "names no bucket after s3://");
            }
            Some(bucket) if bucket.contains(['@', '?', '#']) => self.refuse(
                "STORAGE_URL",
                "has more than a bucket and a prefix; the keys belong into S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY",
            ),
            Some(_) => {}
        }
        url.to_owned()
    }

    /// An `http://` or `https://` address without user, password, query or fragment.
    pub fn web_address(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let is_plain = |url: &url::Url| {
            ["http", "https"].contains(&url.scheme())
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        if !url::Url::parse(&text).is_ok_and(|url| is_plain(&url)) {
            self.refuse(
                name,
                "is not an http:// or https:// address without user and password",
            );
        }
        Some(text)
    }

    /// Comma-separated origins, `scheme://host[:port]` or `*`.
    pub fn origins(&mut self, name: &str) -> Vec<String> {
        let origins = self.list(name);
        let is_origin = |origin: &String| {
            let host = ["http://", "https://"]
                .iter()
                .find_map(|scheme| origin.strip_prefix(scheme));
            let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '@', '?', '#']);
            origin == "*" || host.is_some_and(is_host)
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
    pub fn networks(&mut self, name: &str) -> Vec<IpNet> {
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

    /// The folder that relative paths of the defaults start in, if not the working directory.
    pub(crate) fn default_folder(&self) -> Option<&'a Path> {
        self.environment.folder_of(None)
    }

    pub(crate) fn folder_of(&self, origin: Origin) -> Option<&'a Path> {
        self.environment.folder_of(Some(origin))
    }

    fn list(&mut self, name: &str) -> Vec<String> {
        self.text(name)
            .unwrap_or_default()
            .split(',')
            .map(|item| item.trim().trim_end_matches('/').to_owned())
            .filter(|item| !item.is_empty())
            .collect()
    }
}

/// What is shown of a variable that is not set and has no default.
const NONE: &str = "(none)";

/// The content of a file, or what is wrong with it.
fn read_secret(path: &Path) -> Result<SecretString, String> {
    let unreadable =
        |error: std::io::Error| format!("names a file that cannot be read: {}", error.kind());
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut content = Vec::new();
    file.take(LARGEST_SECRET + 1)
        .read_to_end(&mut content)
        .map_err(unreadable)?;
    if content.len() as u64 > LARGEST_SECRET {
        return Err(format!("names a file of more than {LARGEST_SECRET} bytes"));
    }
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let content = std::str::from_utf8(content)
        .map_err(|_| "names a file that is not UTF-8 text".to_owned())?;
    if content.trim().is_empty() {
        return Err("names an empty file".to_owned());
    }
    Ok(content.trim().into())
}

/// A secret as plain text, for a field that requires one.
pub(crate) fn reveal(secret: &SecretString) -> &str {
    secret.expose_secret()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(variables: [(&str, &str); 2], name: &str) -> String {
        let environment = Environment::from(variables);
        let mut reader = Reader::new(&environment);
        assert!(reader.secret(name).is_none());
        reader.finish(|| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_secret_in_two_places_or_in_an_unusable_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path.display().to_string()
        };
        let other = ("PORT", "1");
        let both = [("JWT_SECRET", "hunter2"), ("JWT_SECRET_FILE", "/hunter3")];
        let report = refused(both, "JWT_SECRET");
        assert!(
            report.contains("both set") && !report.contains("hunter"),
            "{report}"
        );
        for (file, what) in [
            ("/does/not/exist".to_owned(), "cannot be read"),
            (folder.path().display().to_string(), "cannot be read"),
            ("/dev/zero".to_owned(), "more than"),
            (path("empty", b" \n"), "empty"),
            (path("binary", b"\xff\xfe"), "UTF-8"),
        ] {
            let report = refused([other, ("JWT_SECRET_FILE", &file)], "JWT_SECRET");
            assert!(report.contains(what), "{file}: {report}");
        }
        let good = path("good", b"\xef\xbb\xbfsecret\r\n");
        let environment = Environment::from([("JWT_SECRET_FILE", good.as_str())]);
        let secret = Reader::new(&environment).secret("JWT_SECRET").unwrap();
        assert_eq!(reveal(&secret), "secret");
    }

    #[test]
    fn credentials_in_an_address_of_the_storage_are_refused_without_being_shown() {
        for (name, value) in [
            ("STORAGE_URL", "s3://key:hunter2@bucket"),
            ("STORAGE_URL", "ftp://hunter2"),
            ("STORAGE_URL", "s3:///hunter2"),
            ("S3_ENDPOINT", "https://key:hunter2@s3.example.com"),
            ("S3_ENDPOINT", "s3.example.com/hunter2"),
        ] {
            let environment = Environment::from([(name, value)]);
            let mut reader = Reader::new(&environment);
            reader.storage_url("file://data/uploads");
            reader.web_address("S3_ENDPOINT");
            let report = reader.finish(|| ()).unwrap_err().to_string();
            assert!(
                report.contains(name) && !report.contains("hunter2"),
                "{report}"
            );
        }
    }
}
