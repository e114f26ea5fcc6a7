//! Where variables come from: the process first, then the file `.env`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::dotenv;
use crate::names::{is_known, remark};

/// Everything that is wrong with the configuration, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    pub(crate) fn check(lines: Vec<String>) -> Result<(), Self> {
        if lines.is_empty() {
            Ok(())
        } else {
            Err(Self(lines))
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Mistakes {}

/// The file's name.
const FILE: &str = ".env";

/// Names and values. A variable of the process takes precedence over the file; an empty one counts as absent.
#[derive(Clone, Default)]
pub struct Environment {
    process: BTreeMap<String, String>,
    file: BTreeMap<String, Written>,
    /// The path of that file; `None` if there is none.
    path: Option<PathBuf>,
    /// The folder of `.env`, if it differs from the working directory: relative paths in the file, and those
    /// of the defaults, start there, so that a program finds the same database from every folder.
    folder: Option<PathBuf>,
}

/// A value of the file, and its line, from 1.
#[derive(Clone)]
struct Written {
    value: String,
    line: usize,
}

/// Where a value was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Process,
    File,
}

impl Environment {
    /// The variables of this process, and the `.env` of the working directory or of the nearest folder above it.
    ///
    /// # Errors
    /// [`Mistakes`] if `.env` cannot be read or has a broken line, or if a variable of ours is not text.
    pub fn of_process() -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut process = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => {
                    process.insert(name, value);
                }
                Err(_) if is_known(&name) => mistakes.push(format!("{name} is not UTF-8 text")),
                Err(_) => {}
            }
        }
        let mut environment = Self {
            process,
            ..Self::default()
        };
        if let Some(folder) = std::env::current_dir().ok().as_deref().and_then(nearest) {
            let path = folder.join(FILE);
            match read(&path) {
                Ok(file) => environment.file = file,
                Err(found) => mistakes.extend(found),
            }
            environment.path = Some(path);
            let is_here = std::env::current_dir().is_ok_and(|here| here == folder);
            environment.folder = (!is_here).then(|| folder.clone());
        }
        Mistakes::check(mistakes).map(|()| environment)
    }

    /// The value of a variable, without the space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(value, _)| value)
    }

    pub(crate) fn find(&self, name: &str) -> Option<(&str, Origin)> {
        debug_assert!(is_known(name), "{name} stands in the list of names");
        let present = |value: &'_ str| !value.trim().is_empty();
        let process = self.process.get(name).filter(|value| present(value));
        let file = self
            .file
            .get(name)
            .filter(|written| present(&written.value));
        match (process, file) {
            (Some(value), _) => Some((value.trim(), Origin::Process)),
            (None, Some(written)) => Some((written.value.trim(), Origin::File)),
            (None, None) => None,
        }
    }

    /// Where a variable that [`Self::find`] finds was set, for display.
    pub(crate) fn place(&self, name: &str, origin: Origin) -> String {
        match (origin, self.file.get(name), &self.path) {
            (Origin::File, Some(written), Some(path)) => {
                format!("{}, line {}", path.display(), written.line)
            }
            (Origin::File, ..) => FILE.to_owned(),
            (Origin::Process, ..) => "environment".to_owned(),
        }
    }

    /// The folder that relative paths of this origin start in, if not the working directory. The origin `None` stands for a default.
    pub(crate) fn folder_of(&self, origin: Option<Origin>) -> Option<&Path> {
        match origin {
            Some(Origin::Process) => None,
            Some(Origin::File) | None => self.folder.as_deref(),
        }
    }

    /// A warning for each name that no program reads but that resembles one that a program reads.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let names = self.process.keys().chain(self.file.keys());
        let mut remarks: Vec<String> = names.filter_map(|name| remark(name)).collect();
        remarks.sort_unstable();
        remarks.dedup();
        remarks
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    /// As if the process had these variables and no others.
    fn from(variables: [(&str, &str); N]) -> Self {
        Self {
            process: variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Self::default()
        }
    }
}

/// The nearest folder at or above `here` that has a `.env`. A dangling link counts too, because it was meant to be read.
fn nearest(here: &Path) -> Option<PathBuf> {
    here.ancestors()
        .find(|folder| folder.join(FILE).symlink_metadata().is_ok())
        .map(Path::to_owned)
}

fn read(path: &Path) -> Result<BTreeMap<String, Written>, Vec<String>> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        let kind = error.kind();
        vec![format!("{shown} cannot be read: {kind}")]
    })?;
    let entries = dotenv::parse(&bytes).map_err(|broken| {
        broken
            .into_iter()
            .map(|(line, error)| format!("{shown}, line {line}, {error}"))
            .collect::<Vec<_>>()
    })?;
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut twice = Vec::new();
    for entry in &entries {
        if let Some(first) = lines.insert(&entry.name, entry.line) {
            let (name, line) = (&entry.name, entry.line);
            twice.push(format!(
                "{shown}, line {line}, sets {name}, which line {first} has set"
            ));
        }
    }
    if !twice.is_empty() {
        return Err(twice);
    }
    Ok(entries
        .into_iter()
        .map(|entry| {
            let (value, line) = (entry.value, entry.line);
            (entry.name, Written { value, line })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_file_above_and_refuses_what_is_none() {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(root.path().join(FILE), "PORT=1").unwrap();
        assert_eq!(nearest(&below).as_deref(), Some(root.path()));
        std::fs::create_dir(root.path().join("a/.env")).unwrap();
        let folder = nearest(&below).unwrap();
        assert_eq!(folder, root.path().join("a"));
        let refused = read(&folder.join(FILE)).err().unwrap();
        assert!(refused[0].contains("cannot be read"), "{refused:?}");
    }

    #[test]
    fn refuses_a_name_that_stands_twice() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(FILE);
        std::fs::write(&path, "PORT=1\nHOST=h\nPORT=2\n").unwrap();
        let refused = read(&path).err().unwrap();
        assert!(
            refused[0].contains("line 3") && refused[0].contains("line 1"),
            "{refused:?}"
        );
    }

    #[test]
    fn the_process_wins_and_empty_is_absent() {
        let mut environment = Environment::from([("PORT", "1"), ("HOST", " ")]);
        environment.file = [("PORT", "2"), ("HOST", "h")]
            .map(|(name, value)| {
                let value = value.to_owned();
                (name.to_owned(), Written { value, line: 7 })
            })
            .into();
        assert_eq!(environment.get("PORT"), Some("1"));
        assert_eq!(environment.get("HOST"), Some("h"));
        assert_eq!(environment.get("APP_ENV"), None);
    }
}
