//! Backs up an installation into a folder, and restores it into an empty installation.
//!
//! A backup is of one moment: the database, and the files that its jobs refer to, as they are stored (encrypted, where the storage
//! is). The manifest is written last, so that a backup without one is known to be unfinished. Servers keep running during a backup.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use domain::Clock;
use futures_util::TryStreamExt;
use object_store::{ObjectStoreExt, buffered::BufWriter};
use repositories::{Backend, Database, DatabaseConfig, RepositoryError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::format_description::well_known::Rfc3339;
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncWriteExt},
};

use crate::{
    installation,
    storage::{ObjectStorage, StorageError, is_upload_key, workbook_of},
};

/// Increased when the folder's layout changes.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const SQLITE: &str = "database.sqlite";
const POSTGRES: &str = "database.dump";
const FILES: &str = "files";
/// Bytes of a file that are read at once.
const PIECE: usize = 256 * 1024;

/// The content of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the folder's layout.
    format: u32,
    /// The version of the program that wrote it.
    pub version: String,
    /// When it was begun, RFC 3339.
    pub created_at: String,
    /// `postgres` or `sqlite`: a backup is restored into the same engine.
    pub engine: String,
    database: Part,
    /// Of the jobs.
    pub files: Vec<Part>,
    /// Files that jobs referred to and that were deleted during the backup.
    pub missing: Vec<String>,
    /// The keys that the files may be encrypted with: reading them requires the same `STORAGE_KEYS`.
    pub storage_keys: Vec<String>,
}

/// A file of the backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// Below the folder.
    path: String,
    /// Bytes.
    pub size: u64,
    sha256: String,
}

/// A backup or a restoration did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The folder is not empty.
    #[error("the folder {0} is not empty")]
    FolderNotEmpty(PathBuf),
    /// A file cannot be written or read.
    #[error("could not read or write {0}")]
    File(PathBuf, #[source] io::Error),
    /// The manifest is missing or cannot be read.
    #[error("{0} is not a finished backup of a version that this program knows")]
    NoBackup(PathBuf),
    /// A file of the backup differs from the manifest.
    #[error("{0} was changed or cut off since the backup was made")]
    Damaged(PathBuf),
    /// The backup is one of the other database engine.
    #[error("the backup is of {0}, and the database to restore into is not")]
    OtherEngine(String),
    /// The installation has data.
    #[error("{0}; a backup is restored into an empty installation only")]
    NotEmpty(&'static str),
    /// A program of PostgreSQL is not installed.
    #[error("could not run {0}, which belongs to the client programs of PostgreSQL")]
    NoProgram(&'static str, #[source] io::Error),
    /// It failed, and has printed the reason.
    #[error("{0} ended with {1}")]
    Program(&'static str, ExitStatus),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] RepositoryError),
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[from] StorageError),
}

/// Writes a backup into a folder that is empty or not there yet.
///
/// # Errors
/// [`BackupError`]; what was written has no manifest then.
pub async fn back_up(
    config: &DatabaseConfig,
    storage: &ObjectStorage,
    folder: &Path,
    clock: &dyn Clock,
) -> Result<Manifest, BackupError> {
    make_empty(folder).await?;
    let begun = clock.now().as_offset_date_time();
    let database = Database::connect(config).await?;
    let (engine, name, files) = match database.backend() {
        Backend::Sqlite => {
            let files = database.copy_to(&folder.join(SQLITE)).await?;
            ("sqlite", SQLITE, files)
        }
        Backend::Postgres => {
            let snapshot = database.snapshot().await?;
            let dump = folder.join(POSTGRES);
            let mut command = client("pg_dump", config);
            command
                .args(["--format=custom", "--no-owner", "--no-privileges"])
                .arg(format!("--snapshot={}", snapshot.id))
                .arg(format!("--file={}", dump.display()));
            run("pg_dump", command).await?;
            ("postgres", POSTGRES, snapshot.files().await?)
        }
    };
    database.close().await;
    let mut manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: begun.format(&Rfc3339).unwrap_or_default(),
        engine: engine.to_owned(),
        database: part(folder, name).await?,
        files: Vec::new(),
        missing: Vec::new(),
        storage_keys: storage.key_ids(),
    };
    for key in files.into_iter().flat_map(with_workbook) {
        let path = format!("{FILES}/{key}");
        match storage.export(&key, &folder.join(&path)).await {
            Ok(()) => manifest.files.push(part(folder, &path).await?),
            Err(BackupError::Storage(StorageError::Missing)) => manifest.missing.push(key),
            Err(error) => return Err(error),
        }
    }
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| file(&path, error.into()))?;
    write_synced(&path, &text).await?;
    Ok(manifest)
}

/// Restores a backup into an installation whose database has no table and whose storage has no file. Checks every byte first.
///
/// # Errors
/// [`BackupError`]. What was restored until then stays: empty the database and the storage before trying again.
pub async fn restore(
    config: &DatabaseConfig,
    storage: &ObjectStorage,
    folder: &Path,
    clock: &dyn Clock,
) -> Result<Manifest, BackupError> {
    let manifest = check(folder).await?;
    if storage.list().try_next().await?.is_some() {
        return Err(BackupError::NotEmpty("the storage has files"));
    }
    let database = Database::connect(config).await?;
    let is_empty = database.is_empty().await?;
    let engine = match database.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    if !is_empty {
        return Err(BackupError::NotEmpty("the database has tables"));
    }
    if engine != manifest.engine {
        return Err(BackupError::OtherEngine(manifest.engine));
    }
    // The files come first: a server that is started too early would fail a job whose file is still missing.
    for stored in &manifest.files {
        let key = stored.path.strip_prefix("files/").unwrap_or(&stored.path);
        if !is_upload_key(key) {
            return Err(BackupError::Damaged(folder.join(&stored.path)));
        }
        storage.import(key, &folder.join(&stored.path)).await?;
    }
    let source = folder.join(&manifest.database.path);
    match database.backend() {
        Backend::Sqlite => database.fill_from(&source).await?,
        Backend::Postgres => {
            let mut command = client("pg_restore", config);
            command
                .args([
                    "--no-owner",
                    "--no-privileges",
                    "--exit-on-error",
                    "--single-transaction",
                ])
                .arg(&source);
            run("pg_restore", command).await?;
            database.close().await;
        }
    }
    let database = Database::connect(config).await?;
    installation::adopt(&database, storage, clock).await?;
    database.close().await;
    Ok(manifest)
}

/// Reads the manifest and every byte that it names.
async fn check(folder: &Path) -> Result<Manifest, BackupError> {
    let no_backup = || BackupError::NoBackup(folder.to_owned());
    let text = fs::read(folder.join(MANIFEST))
        .await
        .map_err(|_| no_backup())?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| no_backup())?;
    if manifest.format != FORMAT {
        return Err(no_backup());
    }
    for expected in manifest.files.iter().chain([&manifest.database]) {
        let found = part(folder, &expected.path).await?;
        if (found.size, &found.sha256) != (expected.size, &expected.sha256) {
            return Err(BackupError::Damaged(folder.join(&expected.path)));
        }
    }
    Ok(manifest)
}

impl ObjectStorage {
    fn key_ids(&self) -> Vec<String> {
        self.keys().ids().iter().map(ToString::to_string).collect()
    }

    /// Copies the stored bytes of an object into a file.
    async fn export(&self, key: &str, path: &Path) -> Result<(), BackupError> {
        let object = self
            .store()
            .get(&self.path(key))
            .await
            .map_err(StorageError::from)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .await
                .map_err(|error| file(parent, error))?;
        }
        let mut pieces = object.into_stream();
        let mut target = File::create(path)
            .await
            .map_err(|error| file(path, error))?;
        while let Some(piece) = pieces.try_next().await.map_err(StorageError::from)? {
            target
                .write_all(&piece)
                .await
                .map_err(|error| file(path, error))?;
        }
        target.sync_all().await.map_err(|error| file(path, error))
    }

    /// Stores the bytes of a file unchanged.
    async fn import(&self, key: &str, path: &Path) -> Result<(), BackupError> {
        let mut source = File::open(path).await.map_err(|error| file(path, error))?;
        let mut target = BufWriter::new(self.store(), self.path(key));
        let copied = tokio::io::copy(&mut source, &mut target).await;
        let finished = match copied {
            Ok(_) => target.shutdown().await,
            Err(error) => Err(error),
        };
        finished.map_err(|error| StorageError::Io(error).into())
    }
}

async fn make_empty(folder: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(folder)
        .await
        .map_err(|error| file(folder, error))?;
    // It contains personal data.
    #[cfg(unix)]
    {
        let only_us = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(folder, only_us)
            .await
            .map_err(|error| file(folder, error))?;
    }
    let mut entries = fs::read_dir(folder)
        .await
        .map_err(|error| file(folder, error))?;
    match entries.next_entry().await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(BackupError::FolderNotEmpty(folder.to_owned())),
        Err(error) => Err(file(folder, error)),
    }
}

/// Size and digest of a file of the backup.
async fn part(folder: &Path, name: &str) -> Result<Part, BackupError> {
    let path = folder.join(name);
    let failed = |error| file(&path, error);
    let mut source = File::open(&path).await.map_err(failed)?;
    let mut digest = Sha256::new();
    let mut size = 0;
    let mut piece = vec![0; PIECE];
    loop {
        let read = source.read(&mut piece).await.map_err(failed)?;
        if read == 0 {
            break;
        }
        digest.update(&piece[..read]);
        size += read as u64;
    }
    Ok(Part {
        path: name.to_owned(),
        size,
        sha256: hex::encode(digest.finalize()),
    })
}

async fn write_synced(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let failed = |error| file(path, error);
    let mut target = File::create(path).await.map_err(failed)?;
    target.write_all(content).await.map_err(failed)?;
    target.sync_all().await.map_err(failed)
}

/// A job's file, and the workbook that it is the table of.
fn with_workbook(key: String) -> impl Iterator<Item = String> {
    let workbook = workbook_of(&key).map(str::to_owned);
    [Some(key), workbook].into_iter().flatten()
}

fn file(path: &Path, error: io::Error) -> BackupError {
    BackupError::File(path.to_owned(), error)
}

/// A program of PostgreSQL on the owner's database. The password goes through the environment: arguments show in process lists.
fn client(program: &'static str, config: &DatabaseConfig) -> Command {
    let url = config.owner_url.as_ref().unwrap_or(&config.url);
    let (url, password) = without_password(url);
    // Where packages put several versions side by side, the tests name the right one.
    let program = match std::env::var_os("PG_BINDIR") {
        Some(folder) => Path::new(&folder).join(program),
        None => program.into(),
    };
    let mut command = Command::new(program);
    command.arg(format!("--dbname={url}"));
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

async fn run(program: &'static str, mut command: Command) -> Result<(), BackupError> {
    let run = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).status());
    let ended = match run.await {
        Ok(ended) => ended,
        Err(error) => Err(io::Error::other(error)),
    };
    let ended = ended.map_err(|error| BackupError::NoProgram(program, error))?;
    if ended.success() {
        Ok(())
    } else {
        Err(BackupError::Program(program, ended))
    }
}

/// Takes the password out of `postgres://user:password@host/database`, decoded.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), None);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else {
        return (url.to_owned(), None);
    };
    match user.split_once(':') {
        Some((user, password)) => (
            format!("{scheme}://{user}@{host}{path}"),
            Some(percent_decoded(password)),
        ),
        None => (url.to_owned(), None),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%');
        if let Some(decoded) = code.and_then(|code| hex::decode(code).ok()) {
            bytes.extend(decoded);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_reaches_no_process_list() {
        for (url, expected, password) in [
            (
                "postgres://a:p%40ss@h:5432/d?sslmode=require",
                "postgres://a@h:5432/d?sslmode=require",
                Some("p@ss"),
            ),
            ("postgres://a:x:y@h/d", "postgres://a@h/d", Some("x:y")),
            ("postgres://a@%2Frun/d", "postgres://a@%2Frun/d", None),
            ("postgres://h/d", "postgres://h/d", None),
            ("postgres://a:100%@h", "postgres://a@h", Some("100%")),
        ] {
            assert_eq!(
                without_password(url),
                (expected.to_owned(), password.map(str::to_owned))
            );
        }
    }
}
